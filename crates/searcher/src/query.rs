//! Terms and weights as the index knows them.

use spork_core::{TermId, check_weight};
use spork_index::{Index, WeightKind};

use crate::{Error, QueryPruning, Result};

/// Integer weights are as fine as they can be with scores below this: evaluators hold scores in
/// 32-bit floats, which tell all integers up to here apart.
const DISTINCT_SCORES: f64 = 16_777_216.0;
/// The least integer weight of a query's heaviest term. Steps of a tenth of a percent are finer
/// than those of an 8-bit impact.
const LEAST_LEVELS: f64 = 1023.0;
/// The largest integer weight of a query's heaviest term.
const MOST_LEVELS: f64 = 65_535.0;

/// A query in integers, proven to fit the accumulators.
#[derive(Clone, Debug, PartialEq)]
pub struct Query {
    terms: Vec<(TermId, u32)>,
    unit: f64,
    exact: bool,
    unknown: usize,
    rounded_to_zero: usize,
    pruned: usize,
}

impl Query {
    /// Looks the terms up in `index`. Weights that are all integers are kept as they are; others
    /// are rounded to multiples of a step that is at most the largest weight / 1023. The weights of
    /// a repeated term are added up; terms that no document has are left out.
    ///
    /// # Errors
    /// A weight that is negative, infinite or NaN; a query whose scores could overflow; a damaged
    /// index.
    pub fn new<T: AsRef<str>>(index: &Index, weights: &[(T, f32)]) -> Result<Self> {
        Self::pruned(index, weights, QueryPruning::default())
    }

    /// As [`Query::new`], but with only the terms that `pruning` keeps.
    ///
    /// # Errors
    /// A weight that is negative, infinite or NaN; a query whose scores could overflow; a damaged
    /// index.
    pub fn pruned<T: AsRef<str>>(
        index: &Index,
        weights: &[(T, f32)],
        pruning: QueryPruning,
    ) -> Result<Self> {
        for (term, weight) in weights {
            check_weight(*weight)
                .map_err(|error| Error::Weight { term: term.as_ref().to_owned(), error })?;
        }
        let kept = pruning.kept(&weights.iter().map(|&(_, weight)| weight).collect::<Vec<f32>>());
        let mut known: Vec<(TermId, f64)> = Vec::with_capacity(kept.len());
        let mut unknown = 0;
        for (term, weight) in kept.iter().map(|&place| &weights[place]) {
            let term = term.as_ref();
            match index.lexicon().find(term)? {
                Some(id) => known.push((id, f64::from(*weight))),
                None => unknown += 1,
            }
        }
        let known = sum_repeated(known);
        let integers = known.iter().all(|&(_, weight)| weight.fract() == 0.0);
        let step = if integers { 1.0 } else { step(index, &known)? };
        let terms: Vec<(TermId, u128)> =
            known.iter().map(|&(id, weight)| (id, (weight / step).round() as u128)).collect();
        check_bound(index, &terms)?;
        let positive = known.iter().filter(|&&(_, weight)| weight > 0.0).count();
        let terms: Vec<(TermId, u32)> = terms
            .into_iter()
            .filter(|&(_, weight)| weight > 0)
            .map(|(id, weight)| (id, weight as u32))
            .collect();
        Ok(Self {
            unit: step * f64::from(index.manifest().scale),
            exact: integers && index.manifest().weights == WeightKind::Integer,
            unknown,
            rounded_to_zero: positive - terms.len(),
            pruned: positive_weights(weights.iter())
                - positive_weights(kept.iter().map(|&place| &weights[place])),
            terms,
        })
    }

    /// Terms and integer weights, ascending by term.
    pub fn terms(&self) -> &[(TermId, u32)] {
        &self.terms
    }

    /// Number of terms that no document has.
    pub fn unknown(&self) -> usize {
        self.unknown
    }

    /// Number of terms whose weights are so small beside the largest that they round to zero.
    pub fn rounded_to_zero(&self) -> usize {
        self.rounded_to_zero
    }

    /// Number of terms that were left out to save time.
    pub fn terms_pruned(&self) -> usize {
        self.pruned
    }

    /// The value of a score of 1 in the unit of the weights.
    pub fn unit(&self) -> f64 {
        self.unit
    }

    /// Whether scores are exactly Σ query weight × document weight, all integers.
    pub fn is_exact(&self) -> bool {
        self.exact
    }
}

fn positive_weights<'w, T: 'w>(weights: impl Iterator<Item = &'w (T, f32)>) -> usize {
    weights.filter(|&&(_, weight)| weight > 0.0).count()
}

/// The finest step between integer weights that keeps scores distinct for evaluators, within the
/// levels' limits.
fn step(index: &Index, known: &[(TermId, f64)]) -> Result<f64> {
    let largest = known.iter().fold(0.0, |largest: f64, &(_, weight)| largest.max(weight));
    let mut best_score = 0.0;
    for &(id, weight) in known {
        best_score += weight / largest * f64::from(index.lexicon().statistics(id)?.max_impact);
    }
    Ok(largest / (DISTINCT_SCORES / best_score).clamp(LEAST_LEVELS, MOST_LEVELS))
}

/// Sorts by term and adds the weights of each.
fn sum_repeated(mut known: Vec<(TermId, f64)>) -> Vec<(TermId, f64)> {
    known.sort_by_key(|&(id, _)| id);
    let runs = known.chunk_by(|a, b| a.0 == b.0);
    runs.map(|run| (run[0].0, run.iter().map(|&(_, weight)| weight).sum())).collect()
}

/// Proves that no document's score can exceed an accumulator.
fn check_bound(index: &Index, terms: &[(TermId, u128)]) -> Result<()> {
    let mut bound = 0u128;
    for &(id, weight) in terms {
        let max_impact = u128::from(index.lexicon().statistics(id)?.max_impact);
        bound = bound.saturating_add(weight.saturating_mul(max_impact.max(1)));
    }
    if bound > u128::from(u32::MAX) { Err(Error::ScoreOverflow { bound }) } else { Ok(()) }
}
