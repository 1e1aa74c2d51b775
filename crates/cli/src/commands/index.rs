//! `spork index`: vectors, text weighed with BM25, or both, to an index.

use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, Result, bail};
use spork_bm25::{Analyzer, Bm25};
use spork_files::BeirFolder;
use spork_index::{Manifest, StoredSchema};
use spork_indexer::{
    EmptyField, Options, Pruning, Report, Source, index_fields, index_nothing, index_statistics,
};
use spork_search::{Build, build, check_parts, common_encoder};
use spork_vectors::{Scratch, Values, recorded_values};

use crate::args::{AnalyzerArg, FieldArg, IndexArgs, StoreArg};
use crate::indexing_log::{kind, tell_left_out};
use crate::progress_bars::IndexingBar;

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
        stored: StoredSchema {
            columns: args.columns.as_ref().map(|columns| columns.0.clone()).unwrap_or_default(),
            texts: args.store.contains(&StoreArg::Text),
            vectors: args.store.contains(&StoreArg::Vectors),
        },
        records: args.records.clone(),
        shard: args.shard,
        reading: args.reading.options(None, Scratch::default()),
    };
    if !args.empty.is_empty() {
        return empty(args, &options);
    }
    let corpora = match &args.beir {
        Some(root) => vec![BeirFolder::of_documents(root)?.corpus()?],
        None => args.bm25.clone(),
    };
    if let Some(like) = &args.like {
        return index_like(args, like, &corpora, &options, &bar);
    }
    let encoder = common_encoder(&args.input, args.allow_mismatch)?;
    if !args.records.is_empty() && !options.stored.needs_records() {
        bail!("--records holds columns and texts; say with --columns and --store which are stored");
    }
    let properties = encoder.map(|record| record.property()).into_iter().collect();
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
    if args.statistics_only {
        check_parts(&args.input)?;
        let manifest = index_statistics(&sources, &args.output, &options, &bar);
        bar.clear();
        tell_fixed(&args.output, &manifest?);
        return Ok(());
    }
    let report = index_fields(&sources, &args.output, &options, &bar);
    bar.clear();
    let report = report?;
    tell(args, options.pruning, &report, start.elapsed().as_secs_f64());
    Ok(())
}

/// An index that gets what another has fixed.
fn index_like(
    args: &IndexArgs,
    like: &Path,
    corpora: &[PathBuf],
    options: &Options,
    bar: &IndexingBar,
) -> Result<()> {
    let start = Instant::now();
    let build = build(&args.output).like(like).allow_mismatch(args.allow_mismatch);
    let build = build.memory(args.memory).threads(options.threads).progress(bar);
    let build = build.records(&args.records).reading(options.reading.clone());
    let build = args.shard.into_iter().fold(build, Build::shard);
    let report = build.hybrid_files(&args.input, corpora);
    bar.clear();
    tell(args, Pruning::default(), &report?, start.elapsed().as_secs_f64());
    Ok(())
}

/// What an index without documents has found out from some.
fn tell_fixed(output: &Path, manifest: &Manifest) {
    for field in &manifest.fields {
        tracing::info!(
            "{}: field {}: {}, calibration {}",
            output.display(),
            field.name,
            kind(field),
            field.calibration
        );
    }
}

/// An index without documents.
fn empty(args: &IndexArgs, options: &Options) -> Result<()> {
    let analyzer = analyzer(args)?;
    let bm25 = Bm25 { k1: args.k1, b: args.b };
    let mut fields = Vec::new();
    for kind in [FieldArg::Splade, FieldArg::Bm25] {
        if !args.empty.contains(&kind) {
            continue;
        }
        let given = args.calibration.iter().find(|&&(field, _)| field == kind);
        let calibration = match (given, args.empty.len()) {
            (Some(&(_, calibration)), _) => calibration,
            (None, 1) => 1.0,
            (None, _) => bail!(
                "--empty of two fields needs their typical scores: --calibration splade=X,bm25=Y, \
                 as `spork inspect` tells of an index of like documents"
            ),
        };
        let field = match kind {
            FieldArg::Splade => EmptyField::Vectors {
                scale: args.scale.context(
                    "--empty splade needs --scale, the step between impacts: the largest weight \
                     that is to be expected / 255, or integer",
                )?,
                calibration,
            },
            FieldArg::Bm25 => EmptyField::Text {
                analyzer: &analyzer,
                bm25,
                mean_length: args.mean_length.context(
                    "--empty bm25 needs --mean-length, the mean number of terms of a document",
                )?,
                calibration,
            },
        };
        fields.push(field.field()?);
    }
    let manifest = index_nothing(fields, &args.output, options)?;
    let names = manifest.field_names();
    tracing::info!("{}: no documents yet; fields {names}", args.output.display());
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
    tell_left_out(report, pruning);
    let (manifest, counts) = (&report.manifest, &report.summary.counts);
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
