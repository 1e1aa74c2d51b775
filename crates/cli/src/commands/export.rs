//! `spork export`: a field of an index as a file of vectors, in the order of its documents.

use anyhow::{Context, Result, bail};
use spork_core::Quantizer;
use spork_index::{DocumentReader, Index, Segment, WeightKind};
use spork_model::EncoderRecord;
use spork_vectors::Values;
use spork_vectors::binary::Header;

use crate::args::ExportArgs;
use crate::format_sink::{FormatSink, SinkOptions, output_format};

pub(crate) fn run(args: &ExportArgs) -> Result<()> {
    let index = Index::open(&args.index)?;
    let place = field(args, &index)?;
    let field = &index.manifest().fields[place];
    if field.is_text() {
        tracing::warn!(
            "field {}: these are the document's parts of BM25; multiply query weights by idf",
            field.name
        );
    }
    let format = output_format(args.format, args.output.as_deref());
    let encoder = EncoderRecord::of_properties(&field.properties)
        .context("the encoder that the index records")?;
    let header = Header { encoder: encoder.map(EncoderRecord::into_json), ..Header::default() };
    // Impacts stay as they are in formats of integers, unless another factor is asked for.
    let impacts = format.is_of_integers() && args.writing.factor.is_none();
    let scale = if impacts { 1.0 } else { field.scale };
    let quantizer = Quantizer::new(scale).unwrap_or(Quantizer::INTEGER);
    if impacts && field.weights == WeightKind::Float {
        tracing::info!("{} holds integers: impacts, in steps of {}", format.name(), field.scale);
    }
    let options = SinkOptions {
        format,
        header,
        force: args.force,
        factor: args.writing.factor,
        tokens: args.tokens.clone(),
        values: Values::Impacts,
        scale: impacts.then_some(f64::from(field.scale)),
        memory: args.memory,
    };
    let mut sink = FormatSink::open(args.output.as_deref(), options)?;
    for segment in index.segments() {
        export(segment, place, quantizer, args.memory / 2, &mut sink)?;
    }
    sink.finish()
}

/// The living documents of a segment, and their terms of a field.
fn export(
    segment: &Segment,
    field: usize,
    quantizer: Quantizer,
    memory: u64,
    sink: &mut FormatSink,
) -> Result<()> {
    let terms = segment.summary().counts.term_ids(field);
    let mut reader = DocumentReader::new(segment, terms, memory);
    let living = segment.living()?;
    while let Some(documents) = reader.next_documents()? {
        for (docid, vector) in documents.iter() {
            if living.is_some_and(|living| !living.contains(docid)) {
                continue;
            }
            let mut weights = Vec::with_capacity(vector.len());
            for &(term, impact) in vector {
                weights.push((segment.lexicon().term(term)?, quantizer.dequantize(impact)));
            }
            sink.push(segment.docnos().get(docid)?, weights)?;
        }
    }
    Ok(())
}

/// The place of the field that is asked for, or of the only one.
fn field(args: &ExportArgs, index: &Index) -> Result<usize> {
    let manifest = index.manifest();
    let folder = args.index.display();
    match &args.field {
        Some(name) => manifest.field_named(name).with_context(|| {
            format!("{folder}: no field {name:?}; there are {}", manifest.field_names())
        }),
        None if manifest.fields.len() > 1 => bail!(
            "{folder} has the fields {}; say which with --field, a file of vectors holds one",
            manifest.field_names()
        ),
        None => Ok(0),
    }
}
