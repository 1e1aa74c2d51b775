//! `spork fuse`: several run files into one.

use std::path::Path;

use anyhow::{Context, Result};
use spork_eval::{
    Fusion, FusionMethod, Normalization, Run, ScorePrecision, topics_of, write_msmarco, write_trec,
};
use spork_files::{Output, Source};
use spork_search::fuse;

use crate::args::{FormatArg, FuseArgs, MethodArg, NormalizeArg};

/// The constant of reciprocal ranks in the paper that proposes them.
const RRF_K: f64 = 60.0;

pub(crate) fn run(args: &FuseArgs) -> Result<()> {
    let fusion = fusion(args)?;
    let mut runs = Vec::new();
    for path in &args.run {
        let run = Run::read_as(&mut Source::open(path)?, ScorePrecision::Double)?;
        warn_of_ranks(args.method, path, &run);
        runs.push(run);
    }
    let topics = topics_of(&runs);
    for (path, run) in args.run.iter().zip(&runs) {
        let missing = topics.len() - run.len();
        if missing > 0 {
            tracing::warn!(
                "{} lacks {missing} of {} topics, which the other runs alone make up",
                path.display(),
                topics.len()
            );
        }
    }
    let mut output = Output::open(args.output.as_deref())?;
    let mut hits = 0;
    for (qid, fused) in fuse(&runs, &fusion, args.k)?.topics() {
        hits += fused.len();
        let fused = fused.iter().map(|hit| (hit.docno.as_str(), hit.score));
        match args.format {
            FormatArg::Trec => write_trec(&mut output, qid, fused, &args.tag)?,
            FormatArg::Msmarco => write_msmarco(&mut output, qid, fused)?,
        }
    }
    output.finish()?;
    tracing::info!("{} topics, {hits} hits from {} runs", topics.len(), runs.len());
    Ok(())
}

fn fusion(args: &FuseArgs) -> Result<Fusion> {
    let by_rank = args.method == MethodArg::Rrf;
    if by_rank && args.normalize.is_some() {
        tracing::warn!("--method rrf takes ranks, not scores: --normalize changes nothing");
    }
    if !by_rank && args.rrf_k.is_some() {
        tracing::warn!("--rrf-k changes nothing without --method rrf");
    }
    let method = match args.method {
        MethodArg::Rrf => FusionMethod::ReciprocalRank { k: args.rrf_k.unwrap_or(RRF_K) },
        MethodArg::Sum => FusionMethod::Sum,
        MethodArg::Mnz => FusionMethod::Mnz,
    };
    let normalization = match args.normalize {
        None | Some(NormalizeArg::Minmax) => Normalization::MinMax,
        Some(NormalizeArg::Zscore) => Normalization::ZScore,
        Some(NormalizeArg::None) => Normalization::None,
    };
    let weights = args.weights.clone().unwrap_or_else(|| vec![1.0; args.run.len()]);
    let (given, runs) = (weights.len(), args.run.len());
    if given != runs {
        return Err(spork_eval::FusionError::Weights { runs, weights: given }).context("--weights");
    }
    Ok(Fusion::new(method, normalization, weights)?)
}

fn warn_of_ranks(method: MethodArg, path: &Path, run: &Run) {
    if method != MethodArg::Rrf && !run.is_empty() && !run.has_scores() {
        tracing::warn!(
            "{} has ranks and no scores: minus the rank is taken for the score; --method rrf is \
             made for ranks",
            path.display()
        );
    }
}
