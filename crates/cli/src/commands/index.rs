//! `spork index`: vectors, or text weighed with BM25, to an index.

use std::time::Instant;

use anyhow::{Context, Result, bail};
use spork_bm25::{Analyzer, Bm25};
use spork_index::{Order, WeightKind};
use spork_indexer::{Options, Pruning, Report, index_bm25, index_vectors};
use spork_postings::Codec;

use crate::args::{AnalyzerArg, CodecArg, IndexArgs, OrderArg};
use crate::commands::provenance;
use crate::progress_bars::IndexingBar;

pub(crate) fn run(args: &IndexArgs) -> Result<()> {
    let bar = IndexingBar::default();
    let start = Instant::now();
    let mut options =
        Options { memory: args.memory, threads: args.threads.unwrap_or(0), ..Options::default() };
    options.order = match args.order {
        OrderArg::Input => Order::Input,
        OrderArg::Bisection => Order::Bisection,
    };
    let none = Pruning::default();
    options.pruning = Pruning {
        document_mass: args.prune_documents.unwrap_or(none.document_mass),
        term_quantile: args.prune_terms.unwrap_or(none.term_quantile),
    };
    options.codec = match args.codec {
        CodecArg::Fast => Codec::Fast,
        CodecArg::Compact => Codec::Compact,
    };
    let report = if args.bm25.is_empty() {
        options.properties = provenance::properties(&args.input)?;
        index_vectors(&args.input, &args.output, &options, &bar)
    } else {
        let bm25 = Bm25 { k1: args.k1, b: args.b };
        index_bm25(&args.bm25, &args.output, &analyzer(args)?, bm25, &options, &bar)
    };
    bar.clear();
    let report = report?;
    tell(args, options.pruning, &report, start.elapsed().as_secs_f64());
    Ok(())
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
    if report.zeros > 0 {
        tracing::warn!("{} weights of zero left out", report.zeros);
    }
    if report.rounded_to_zero > 0 {
        let all = manifest.postings + report.rounded_to_zero;
        let share = 100.0 * report.rounded_to_zero as f64 / all as f64;
        let half = manifest.scale / 2.0;
        tracing::warn!(
            "{} weights ({share:.2} %) under {half} left out: they round to zero",
            report.rounded_to_zero
        );
    }
    if !pruning.keeps_all() {
        let all = manifest.postings + report.rounded_to_zero + report.pruned;
        let share = 100.0 * report.pruned as f64 / all.max(1) as f64;
        tracing::warn!(
            "pruned ({pruning}): {} of {all} postings ({share:.1} %) dropped; answers will be \
             exact with respect to the pruned index",
            report.pruned
        );
    }
    if manifest.empty_documents > 0 {
        tracing::warn!("{} documents have no terms and can't be found", manifest.empty_documents);
    }
    let weights = match manifest.weights {
        WeightKind::Integer => "integer weights kept".to_owned(),
        WeightKind::Float => format!("float weights in steps of {}", manifest.scale),
    };
    tracing::info!(
        "{}: {} documents, {} terms, {} postings, {weights}; {:.1} MB, {:.2} bytes a posting, \
         {seconds:.1} s",
        args.output.display(),
        manifest.documents,
        manifest.terms,
        manifest.postings,
        manifest.bytes() as f64 / 1e6,
        spork_measure::bytes_per_posting(manifest),
    );
}
