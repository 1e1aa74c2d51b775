//! What runs are evaluated against: judgments, or ground truth.

use std::num::NonZeroU32;
use std::path::PathBuf;

use anyhow::{Context, Result};
use spork_eval::{
    Evaluation, GroundTruth, Metric, Options, Qrels, Run, evaluate, evaluate_neighbors,
};
use spork_files::Source;

use crate::args::EvalArgs;

const METRICS: &str = "nDCG@10 RR@10 R@100 R@1000 AP";

/// What runs are evaluated against.
pub(super) enum Judgments {
    Qrels(Qrels),
    Truth(GroundTruth),
}

/// One run and its figures.
pub(super) struct Evaluated {
    pub(super) path: PathBuf,
    pub(super) tag: Option<String>,
    /// Hits whose docno is the qid, which were left out.
    pub(super) excluded: usize,
}

impl Judgments {
    pub(super) fn read(args: &EvalArgs) -> Result<Self> {
        if let Some(path) = &args.truth {
            return Ok(Self::Truth(GroundTruth::read(Source::open(path)?)?));
        }
        let path = args.qrels.as_ref().context("--qrels, --beir or --truth is needed")?;
        Ok(Self::Qrels(Qrels::read(&mut Source::open(path)?)?))
    }

    /// Number of topics that could count.
    pub(super) fn topics(&self) -> usize {
        match self {
            Self::Qrels(qrels) => qrels.len(),
            Self::Truth(truth) => truth.queries(),
        }
    }

    /// The metrics asked for, or the usual ones.
    pub(super) fn metrics(&self, metrics: Option<&str>) -> Result<Vec<Metric>> {
        match (metrics, self) {
            (Some(metrics), _) => Ok(Metric::parse_list(metrics)?),
            (None, Self::Qrels(_)) => Ok(Metric::parse_list(METRICS)?),
            (None, Self::Truth(truth)) => {
                let depth = u32::try_from(truth.depth()).ok().and_then(NonZeroU32::new);
                Ok(vec![Metric::recall(depth.context("ground truth without neighbors")?)])
            }
        }
    }

    pub(super) fn evaluate(
        &self,
        run: &Run,
        metrics: &[Metric],
        args: &EvalArgs,
    ) -> Result<Evaluation> {
        let options = Options { level: args.level, depth: args.depth, complete: args.complete };
        match self {
            Self::Qrels(qrels) => Ok(evaluate(qrels, run, metrics, options)?),
            Self::Truth(truth) => Ok(evaluate_neighbors(truth, run, metrics)?),
        }
    }
}
