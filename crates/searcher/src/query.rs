//! Terms and weights as the index knows them.

use spork_core::{TermId, check_weight};
use spork_index::{Index, WeightKind};

use crate::{Error, Result};

/// The heaviest term of a query with fractional weights gets this integer weight: a tenth of a percent is finer
/// than an 8-bit impact, and scores still fit a 32-bit float's 24 bits of integer, which is what evaluators read.
const LEVELS: f64 = 1023.0;

/// A query in integers, proven to fit the accumulators.
#[derive(Clone, Debug, PartialEq)]
pub struct Query {
    terms: Vec<(TermId, u32)>,
    unit: f64,
    unknown: usize,
}

impl Query {
    /// Looks the terms up in `index`. Weights that are all integers are kept as they are; others are rounded to
    /// multiples of largest weight / 1023. A term that stands several times has the sum of its weights; terms that
    /// no document has are left out.
    ///
    /// # Errors
    /// A weight that is none, a query whose scores could overflow, or a damaged index.
    pub fn new<T: AsRef<str>>(index: &Index, weights: &[(T, f32)]) -> Result<Self> {
        let mut exact: Vec<(TermId, f64)> = Vec::with_capacity(weights.len());
        let mut unknown = 0;
        let (mut integers, mut largest) = (true, 0f64);
        for (term, weight) in weights {
            let term = term.as_ref();
            check_weight(*weight).map_err(|error| Error::Weight { term: term.to_owned(), error })?;
            integers &= weight.fract() == 0.0;
            largest = largest.max(f64::from(*weight));
            match index.lexicon().find(term)? {
                Some(id) => exact.push((id, f64::from(*weight))),
                None => unknown += 1,
            }
        }
        let scale = if integers || largest == 0.0 { 1.0 } else { largest / LEVELS };
        let terms = to_integers(exact, scale);
        check_bound(index, &terms)?;
        Ok(Self {
            terms: terms.into_iter().map(|(id, w)| (id, w as u32)).collect(),
            unit: scale * f64::from(index.manifest().scale),
            unknown,
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

    /// What a score of 1 is worth in the weights' own unit.
    pub fn unit(&self) -> f64 {
        self.unit
    }

    /// Whether scores are exactly Σ query weight × document weight, all integers.
    pub fn is_exact(&self, index: &Index) -> bool {
        self.unit == 1.0 && index.manifest().weights == WeightKind::Integer
    }
}

fn to_integers(mut exact: Vec<(TermId, f64)>, scale: f64) -> Vec<(TermId, u128)> {
    exact.sort_by_key(|&(id, _)| id);
    let runs = exact.chunk_by(|a, b| a.0 == b.0);
    let sums = runs.map(|run| (run[0].0, run.iter().map(|&(_, weight)| weight).sum::<f64>()));
    let rounded = sums.map(|(id, weight)| (id, (weight / scale).round() as u128));
    rounded.filter(|&(_, weight)| weight > 0).collect()
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
