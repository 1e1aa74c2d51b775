//! `spork index`: vectors, text weighed with BM25, or both, to an index.

use std::time::Instant;

use anyhow::{Context, Result, bail};
use spork_bm25::{Analyzer, Bm25};
use spork_files::BeirFolder;
use spork_index::{Field, Manifest, WeightKind};
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
    let manifest = &report.manifest;
    for (field, left_out) in manifest.fields.iter().zip(&report.fields) {
        tell_losses(field, *left_out, manifest, pruning);
    }
    if manifest.empty_documents > 0 {
        tracing::warn!("{} documents have no terms and can't be found", manifest.empty_documents);
    }
    let weights = match manifest.fields.as_slice() {
        [field] => format!("{} terms, {} postings, {}", field.terms, field.postings, kind(field)),
        fields => format!("{} fields", fields.len()),
    };
    tracing::info!(
        "{}: {} documents, {weights}; {:.1} MB, {:.2} bytes a posting, {seconds:.1} s",
        args.output.display(),
        manifest.documents,
        manifest.bytes() as f64 / 1e6,
        spork_measure::bytes_per_posting(manifest),
    );
    if manifest.fields.len() > 1 {
        for field in &manifest.fields {
            tracing::info!(
                "field {}: {} documents, {} terms, {} postings, {}, calibration {}",
                field.name,
                field.documents,
                field.terms,
                field.postings,
                kind(field),
                field.calibration
            );
        }
    }
}

/// What a field's input held that the index does not, and documents that it lacks.
fn tell_losses(field: &Field, left_out: FieldReport, manifest: &Manifest, pruning: Pruning) {
    let of_field = match manifest.fields.len() {
        1 => String::new(),
        _ => format!("field {}: ", field.name),
    };
    let missing = manifest.documents - field.documents;
    if missing > 0 {
        tracing::warn!(
            "{of_field}{missing} of {} documents are not in its input and have none of its terms",
            manifest.documents
        );
    }
    let FieldReport { zeros, rounded_to_zero: rounded, pruned, .. } = left_out;
    if zeros > 0 {
        tracing::warn!("{of_field}{zeros} weights of zero left out");
    }
    if rounded > 0 {
        let share = 100.0 * rounded as f64 / (field.postings + rounded) as f64;
        tracing::warn!(
            "{of_field}{rounded} weights ({share:.2} %) under {} left out: they round to zero",
            field.scale / 2.0
        );
    }
    if !pruning.keeps_all() {
        let all = field.postings + rounded + pruned;
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
