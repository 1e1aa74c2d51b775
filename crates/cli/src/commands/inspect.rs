//! `spork inspect`: an index, one of its documents, or what a model makes of a text.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use anyhow::{Context, Result};
use spork_files::Output;
use spork_index::{Field, FieldCounts, Index, WeightKind};
use spork_measure::{IndexBytes, IndexStatistics};
use spork_search::Document;

use crate::args::InspectArgs;
use crate::commands::get::vector;
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
    let (manifest, counts) = (index.manifest(), index.counts());
    let documents = f64::from(counts.documents.max(1));
    let terms = (0..manifest.fields.len())
        .map(|field| Ok(index.terms_of(field)?.len()))
        .collect::<Result<Vec<usize>>>()?;
    let mut output = Output::open(None)?;
    writeln!(output, "documents\t{}", counts.documents)?;
    writeln!(output, "  without terms\t{}", counts.empty_documents)?;
    writeln!(output, "  deleted, not dropped yet\t{}", index.docids() - counts.documents)?;
    writeln!(output, "generation\t{}", index.generation())?;
    writeln!(output, "segments\t{}", index.segments().len())?;
    for segment in index.segments() {
        let (living, all) = (segment.living_counts().documents, segment.documents());
        writeln!(
            output,
            "  {:06}\t{living} documents, {} deleted",
            segment.number(),
            all - living
        )?;
    }
    writeln!(output, "terms\t{}", terms.iter().sum::<usize>())?;
    writeln!(output, "postings\t{}", counts.postings())?;
    writeln!(output, "  a document\t{:.1}", counts.postings() as f64 / documents)?;
    writeln!(output, "order\t{}", manifest.order.name())?;
    writeln!(output, "codec\t{}", manifest.codec().name())?;
    let bytes = IndexBytes::of(&index);
    for (name, bytes) in
        [("postings", bytes.postings), ("lexicon", bytes.lexicon), ("docnos", bytes.docnos)]
    {
        writeln!(output, "bytes of {name}\t{bytes}")?;
    }
    writeln!(output, "written by\t{}", manifest.writer)?;
    write_properties(&mut output, "", &manifest.properties)?;
    for ((field, counts), terms) in manifest.fields.iter().zip(&counts.fields).zip(terms) {
        write_field(&mut output, field, counts, terms)?;
    }
    Ok(output.finish()?)
}

fn write_field(
    output: &mut Output,
    field: &Field,
    counts: &FieldCounts,
    terms: usize,
) -> Result<()> {
    writeln!(output, "field\t{}", field.name)?;
    writeln!(output, "  documents with terms\t{}", counts.documents)?;
    writeln!(output, "  terms\t{terms}")?;
    writeln!(output, "  postings\t{}", counts.postings)?;
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
    let found = Document::read(&index, docno)?;
    let document = found.with_context(|| format!("{}: no document {docno:?}", folder.display()))?;
    let mut output = Output::open(None)?;
    if as_vector {
        vector(&mut output, &index, &document)?;
        return Ok(output.finish()?);
    }
    let several = document.vectors.len() > 1;
    for vector in &document.vectors {
        let name = if several { format!("\t{}", vector.field) } else { String::new() };
        for (term, weight) in &vector.weights {
            // A term may be any string, also one that would break the line.
            let plain = !term.contains(char::is_control);
            let term = if plain { term.clone() } else { term.escape_debug().to_string() };
            writeln!(output, "{term}\t{weight}{name}")?;
        }
    }
    Ok(output.finish()?)
}
