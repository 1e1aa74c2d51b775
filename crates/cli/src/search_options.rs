//! Options that `spork search` and `spork bench` share.

use std::time::Duration;

use anyhow::{Result, bail};
use spork_searcher::{Limits, QueryPruning, Strategy};

use crate::args::{LimitArgs, QueryPruningArgs};

/// The pruning of query terms that the options set.
pub(crate) fn query_pruning(args: QueryPruningArgs) -> QueryPruning {
    let none = QueryPruning::default();
    QueryPruning {
        mass: args.query_mass.unwrap_or(none.mass),
        terms: args.query_terms.map_or(none.terms, std::num::NonZeroUsize::get),
    }
}

/// The limits of a search.
///
/// # Errors
/// Limits are set, and one of `strategies` would ignore them.
pub(crate) fn limits(args: LimitArgs, strategies: &[Strategy]) -> Result<Limits> {
    let limits = Limits {
        alpha: args.alpha,
        postings: args.max_postings.unwrap_or(u64::MAX),
        time: args.max_time.map_or(Duration::MAX, |ms| Duration::from_secs_f64(ms / 1e3)),
    };
    let without = |strategy: &&Strategy| matches!(strategy, Strategy::Exhaustive | Strategy::Taat);
    match strategies.iter().find(without) {
        Some(strategy) if !limits.is_exact() => bail!(
            "--alpha, --max-postings and --max-time are limits of --strategy block-max; {} scores \
             everything",
            strategy.name()
        ),
        _ => Ok(limits),
    }
}
