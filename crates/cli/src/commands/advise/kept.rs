//! What all layouts of an index have in common.

use anyhow::Result;
use spork_bm25::{Analyzer, Bm25};
use spork_index::{Field, Manifest, StoredSchema, WeightKind};

use super::shell::quoted;

/// The options of `spork index` that a new index needs for the weights of this one, and to store
/// what it stores: each after a blank. An index does not know the files of its vocabulary and its
/// records; those are written as `VOCABULARY` and `RECORDS`, without `texts`, whose records are the
/// default.
///
/// # Errors
/// The analyzer that the index records can't be read.
pub(super) fn kept(manifest: &Manifest, texts: bool) -> Result<String> {
    let mut flags = String::new();
    for field in &manifest.fields {
        flags += &if field.is_text() { text(field)? } else { vectors(field) };
    }
    Ok(flags + &stored(&manifest.stored, texts))
}

fn vectors(field: &Field) -> String {
    match field.weights {
        WeightKind::Integer => " --scale integer".to_owned(),
        WeightKind::Float => format!(" --scale {}", field.scale),
    }
}

fn text(field: &Field) -> Result<String> {
    let mut flags = String::new();
    if let Some(analyzer) = Analyzer::of_properties(&field.properties)?
        && let (name, Some(_)) = analyzer.describe()?
    {
        flags += &format!(" --analyzer {name} --vocabulary VOCABULARY");
    }
    let (none, own) = (Bm25::default(), Bm25::of_properties(&field.properties).unwrap_or_default());
    for (flag, own, none) in [("--k1", own.k1, none.k1), ("--b", own.b, none.b)] {
        if own != none {
            flags += &format!(" {flag} {own}");
        }
    }
    Ok(flags)
}

fn stored(stored: &StoredSchema, texts: bool) -> String {
    let mut flags = String::new();
    if !stored.columns.is_empty() {
        let columns: Vec<String> = stored.columns.iter().map(ToString::to_string).collect();
        flags += &format!(" --columns {}", quoted(&columns.join(",")));
    }
    match (stored.texts, stored.vectors) {
        (true, true) => flags += " --store text,vectors",
        (true, false) => flags += " --store text",
        (false, true) => flags += " --store vectors",
        (false, false) => (),
    }
    if stored.needs_records() && !texts {
        flags += " --records RECORDS";
    }
    flags
}
