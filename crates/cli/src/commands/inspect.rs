//! `spork inspect`: an index, one of its documents, or what a model makes of a text.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use anyhow::{Context, Result, bail};
use spork_core::Quantizer;
use spork_files::Output;
use spork_index::{Field, Index, WeightKind};
use spork_measure::IndexStatistics;
use spork_vectors::write_vector_line;

use crate::args::InspectArgs;
use crate::program::Program;
use crate::text_encoder::ModelSpec;

pub(crate) fn run(args: &InspectArgs, program: Program<'_>) -> Result<()> {
    match (&args.index, &args.docno, &args.model) {
        (Some(folder), None, _) if args.json => statistics(folder),
        (Some(folder), None, _) => index(folder),
        (Some(folder), Some(docno), _) => document(folder, docno, args.json),
        (None, _, Some(name)) => model(args, name, program),
        (None, _, None) => Ok(()),
    }
}

/// The bag of words that the model makes of a text: the text's own terms, and the expansion.
fn model(args: &InspectArgs, name: &str, program: Program<'_>) -> Result<()> {
    let text = args.text.as_deref().context("a text to encode is needed after --model DIR")?;
    let model = ModelSpec::find_on_device(name, args.kind, &args.encoder)?;
    let networks = program.networks_for(&model, &args.encoder)?;
    let mut words = model.open(networks)?.words(text)?;
    words.sort_by(|a, b| b.weight.total_cmp(&a.weight).then_with(|| a.term.cmp(&b.term)));
    let lexical = words.iter().filter(|word| word.lexical).count();
    let mut output = Output::open(None)?;
    writeln!(
        output,
        "{} terms: {lexical} of the text, {} expansion",
        words.len(),
        words.len() - lexical
    )?;
    for word in &words {
        let origin = if word.lexical { "text" } else { "expansion" };
        writeln!(output, "{:.3}\t{}\t{origin}", word.weight, word.term)?;
    }
    Ok(output.finish()?)
}

fn index(folder: &Path) -> Result<()> {
    let index = Index::open(folder)?;
    let manifest = index.manifest();
    let documents = f64::from(manifest.documents.max(1));
    let mut output = Output::open(None)?;
    writeln!(output, "documents\t{}", manifest.documents)?;
    writeln!(output, "  without terms\t{}", manifest.empty_documents)?;
    writeln!(output, "terms\t{}", manifest.terms())?;
    writeln!(output, "postings\t{}", manifest.postings())?;
    writeln!(output, "  a document\t{:.1}", manifest.postings() as f64 / documents)?;
    writeln!(output, "order\t{}", manifest.order.name())?;
    writeln!(output, "codec\t{}", index.codec().name())?;
    for (name, file) in [
        ("postings", manifest.postings_file),
        ("lexicon", manifest.lexicon_file),
        ("docnos", manifest.docnos_file),
    ] {
        writeln!(output, "bytes of {name}\t{}", file.length)?;
    }
    writeln!(output, "written by\t{}", manifest.writer)?;
    write_properties(&mut output, "", &manifest.properties)?;
    for field in &manifest.fields {
        write_field(&mut output, field)?;
    }
    Ok(output.finish()?)
}

fn write_field(output: &mut Output, field: &Field) -> Result<()> {
    writeln!(output, "field\t{}", field.name)?;
    writeln!(output, "  documents\t{}", field.documents)?;
    writeln!(output, "  terms\t{}", field.terms)?;
    writeln!(output, "  postings\t{}", field.postings)?;
    match field.weights {
        WeightKind::Integer => writeln!(output, "  weights\tintegers, exact")?,
        WeightKind::Float => writeln!(output, "  weights\tfloats in steps of {}", field.scale)?,
    }
    writeln!(output, "  calibration\t{}", field.calibration)?;
    write_properties(output, "  ", &field.properties)
}

fn write_properties(
    output: &mut Output,
    indent: &str,
    properties: &BTreeMap<String, String>,
) -> Result<()> {
    for (key, value) in properties {
        let short: String = value.chars().take(300).collect();
        let more = if short.len() < value.len() { " …" } else { "" };
        writeln!(output, "{indent}{key}\t{short}{more}")?;
    }
    Ok(())
}

/// The index's statistics as JSON.
fn statistics(folder: &Path) -> Result<()> {
    let statistics = IndexStatistics::new(&Index::open(folder)?)?;
    let mut output = Output::open(None)?;
    serde_json::to_writer_pretty(&mut output, &statistics)?;
    writeln!(output)?;
    Ok(output.finish()?)
}

/// A document's terms, heaviest first.
fn document(folder: &Path, docno: &str, as_vector: bool) -> Result<()> {
    let index = Index::open(folder)?;
    let found = index.docnos().find(docno)?;
    let docid = found.with_context(|| format!("{}: no document {docno:?}", folder.display()))?;
    let manifest = index.manifest();
    if as_vector && manifest.fields.len() > 1 {
        bail!(
            "{} has the fields {}, which no vectors file holds together; leave --json out",
            folder.display(),
            manifest.field_names()
        );
    }
    let mut weights = Vec::new();
    for (term, impact) in index.vector(docid)? {
        let Some(field) = manifest.field_of(term) else { continue };
        let quantizer = Quantizer::new(field.scale).unwrap_or(Quantizer::INTEGER);
        weights.push((index.lexicon().term(term)?, quantizer.dequantize(impact), field));
    }
    weights.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(b.0)));
    let mut output = Output::open(None)?;
    if as_vector {
        let weights = weights.iter().map(|&(term, weight, _)| (term, weight));
        write_vector_line(&mut output, docno, weights)?;
        return Ok(output.finish()?);
    }
    for field in &manifest.fields {
        for (term, weight, _) in weights.iter().filter(|(_, _, of)| of.name == field.name) {
            // A term may be any string, also one that would break the line.
            let plain = !term.contains(char::is_control);
            let term = if plain { (*term).to_owned() } else { term.escape_debug().to_string() };
            let name =
                if manifest.fields.len() > 1 { format!("\t{}", field.name) } else { String::new() };
            writeln!(output, "{term}\t{weight}{name}")?;
        }
    }
    Ok(output.finish()?)
}
