//! `spork index`: vectors, text weighed with BM25, or both, to an index.

use std::time::Instant;

use anyhow::{Context, Result, bail};
use spork_bm25::{Analyzer, Bm25};
use spork_files::BeirFolder;
use spork_index::{Field, WeightKind};
use spork_indexer::{FieldReport, Options, Pruning, Report, Source, index_fields};
use spork_vectors::{Scratch, Values, recorded_values};

use crate::args::{AnalyzerArg, IndexArgs};
use crate::progress_bars::IndexingBar;
use crate::provenance;

pub(crate) fn run(args: &IndexArgs) -> Result<()> {
    let bar = IndexingBar::default();
    let start = Instant::now();
    let none = Pruning::default();
    let options = Options {
        memory: args.memory,
        threads: args.threads.unwrap_or(0),
        order: args.order,
        pruning: Pruning {
            document_mass: args.prune_documents.unwrap_or(none.document_mass),
            term_quantile: args.prune_terms.unwrap_or(none.term_quantile),
        },
        codec: args.codec,
        scale: args.scale,
        reading: args.reading.options(None, Scratch::default()),
    };
    let corpora = match &args.beir {
        Some(root) => vec![BeirFolder::of_documents(root)?.corpus()?],
        None => args.bm25.clone(),
    };
    let properties = provenance::properties(&args.input, args.allow_mismatch)?;
    let analyzer = analyzer(args)?;
    let bm25 = Bm25 { k1: args.k1, b: args.b };
    let mut sources = Vec::new();
    if !args.input.is_empty() {
        sources.push(match holds_counts(args)? {
            true => Source::Counts { inputs: &args.input, bm25 },
            false => Source::Vectors { inputs: &args.input, properties: &properties },
        });
    }
    if !corpora.is_empty() {
        sources.push(Source::Text { inputs: &corpora, analyzer: &analyzer, bm25 });
    }
    let report = index_fields(&sources, &args.output, &options, &bar);
    bar.clear();
    let report = report?;
    tell(args, options.pruning, &report, start.elapsed().as_secs_f64());
    Ok(())
}

/// Whether the vectors are term counts: as --values says, or else the first file itself.
fn holds_counts(args: &IndexArgs) -> Result<bool> {
    let said = match (args.reading.values, args.input.first()) {
        (None, Some(path)) if path.is_file() => recorded_values(path)?,
        (given, _) => given,
    };
    let counts = said == Some(Values::Counts);
    if counts && !(args.bm25.is_empty() && args.beir.is_none()) {
        bail!("two BM25 fields, of term counts and of text; index them apart");
    }
    Ok(counts)
}

fn analyzer(args: &IndexArgs) -> Result<Analyzer> {
    match args.analyzer {
        AnalyzerArg::English if args.vocabulary.is_some() => {
            bail!("--vocabulary needs --analyzer wordpiece")
        }
        AnalyzerArg::English => Ok(Analyzer::english()),
        AnalyzerArg::Wordpiece => {
            let vocabulary = args.vocabulary.as_ref();
            let path = vocabulary
                .context("--analyzer wordpiece needs --vocabulary tokenizer.json or vocab.txt")?;
            Ok(Analyzer::wordpiece(path)?)
        }
    }
}

fn tell(args: &IndexArgs, pruning: Pruning, report: &Report, seconds: f64) {
    let (manifest, counts) = (&report.manifest, &report.summary.counts);
    for ((field, field_counts), left_out) in
        manifest.fields.iter().zip(&counts.fields).zip(&report.fields)
    {
        let of_field = match manifest.fields.len() {
            1 => String::new(),
            _ => format!("field {}: ", field.name),
        };
        let missing = u64::from(counts.documents).saturating_sub(left_out.documents);
        if missing > 0 {
            tracing::warn!(
                "{of_field}{missing} of {} documents are not in its input and have none of its \
                 terms",
                counts.documents
            );
        }
        tell_losses(&of_field, field, field_counts.postings, *left_out, pruning);
    }
    if counts.empty_documents > 0 {
        tracing::warn!("{} documents have no terms and can't be found", counts.empty_documents);
    }
    let weights = match (manifest.fields.as_slice(), counts.fields.as_slice()) {
        ([field], [counts]) => {
            format!("{} terms, {} postings, {}", counts.terms, counts.postings, kind(field))
        }
        (fields, _) => format!("{} fields", fields.len()),
    };
    let bytes = report.summary.lexicon_file.length + report.summary.postings_file.length;
    tracing::info!(
        "{}: {} documents, {weights}; {:.1} MB, {:.2} bytes a posting, {seconds:.1} s",
        args.output.display(),
        counts.documents,
        report.summary.bytes() as f64 / 1e6,
        bytes as f64 / counts.postings().max(1) as f64,
    );
    if manifest.fields.len() > 1 {
        for (field, counts) in manifest.fields.iter().zip(&counts.fields) {
            tracing::info!(
                "field {}: {} documents with terms, {} terms, {} postings, {}, calibration {}",
                field.name,
                counts.documents,
                counts.terms,
                counts.postings,
                kind(field),
                field.calibration
            );
        }
    }
}

/// What a field's input held that the index does not.
fn tell_losses(
    of_field: &str,
    field: &Field,
    postings: u64,
    left_out: FieldReport,
    pruning: Pruning,
) {
    let FieldReport { zeros, rounded_to_zero: rounded, clipped, pruned, .. } = left_out;
    if zeros > 0 {
        tracing::warn!("{of_field}{zeros} weights of zero left out");
    }
    if rounded > 0 {
        let share = 100.0 * rounded as f64 / (postings + rounded) as f64;
        tracing::warn!(
            "{of_field}{rounded} weights ({share:.2} %) under {} left out: they round to zero",
            field.scale / 2.0
        );
    }
    if clipped > 0 {
        tracing::warn!(
            "{of_field}{clipped} of {postings} weights clipped: they are beyond {}, 65,535 times \
             the scale",
            65_535.0 * field.scale
        );
    }
    if !pruning.keeps_all() {
        let all = postings + rounded + pruned;
        let share = 100.0 * pruned as f64 / all.max(1) as f64;
        tracing::warn!(
            "{of_field}pruned ({pruning}): {pruned} of {all} postings ({share:.1} %) dropped; \
             answers will be exact with respect to the pruned index"
        );
    }
}

fn kind(field: &Field) -> String {
    match field.weights {
        WeightKind::Integer => "integer weights kept".to_owned(),
        WeightKind::Float => format!("float weights in steps of {}", field.scale),
    }
}
