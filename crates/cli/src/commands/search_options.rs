//! What searches and benchmarks of them take from the command line.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use spork_index::Index;
use spork_searcher::{Limits, Query, QueryPruning, Strategy};

use crate::args::{LimitArgs, QueryPruningArgs, StrategyArg};
use crate::inputs::WeightedQuery;

/// A query's terms, as the index knows them.
pub(crate) fn parse(index: &Index, query: &WeightedQuery, pruning: QueryPruning) -> Result<Query> {
    Query::pruned(index, &query.weights, pruning).with_context(|| format!("query {}", query.qid))
}

pub(crate) fn strategy(strategy: StrategyArg) -> Strategy {
    match strategy {
        StrategyArg::Auto => Strategy::Auto,
        StrategyArg::Exhaustive => Strategy::Exhaustive,
        StrategyArg::Taat => Strategy::Taat,
        StrategyArg::BlockMax => Strategy::BlockMax,
    }
}

/// Which terms of queries stay.
pub(crate) fn query_pruning(args: QueryPruningArgs) -> QueryPruning {
    let none = QueryPruning::default();
    QueryPruning {
        mass: args.query_mass.unwrap_or(none.mass),
        terms: args.query_terms.map_or(none.terms, std::num::NonZeroUsize::get),
    }
}

/// The limits, and that no strategy is asked for to which they mean nothing.
pub(crate) fn limits(args: LimitArgs, strategies: &[StrategyArg]) -> Result<Limits> {
    let limits = Limits {
        alpha: args.alpha,
        postings: args.max_postings.unwrap_or(u64::MAX),
        time: args.max_time.map_or(Duration::MAX, |ms| Duration::from_secs_f64(ms / 1e3)),
    };
    let without =
        |strategy: &&StrategyArg| matches!(strategy, StrategyArg::Exhaustive | StrategyArg::Taat);
    match strategies.iter().find(without) {
        Some(&without) if !limits.is_exact() => bail!(
            "--alpha, --max-postings and --max-time are limits of --strategy block-max; {} scores \
             everything",
            strategy(without).name()
        ),
        _ => Ok(limits),
    }
}
