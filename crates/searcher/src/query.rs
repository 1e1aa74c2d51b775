//! Terms and weights as the index knows them.

use spork_core::{TermId, check_weight};
use spork_index::{Field, Index, WeightKind};

use crate::idf::term_idf;
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

/// What a query gives one field of an index.
#[derive(Clone, Copy, Debug)]
pub struct FieldQuery<'q, T> {
    /// The field's place among those of the manifest.
    pub field: usize,
    /// Terms and weights; for text by BM25 the number of times that the query has the term.
    pub weights: &'q [(T, f32)],
    /// How much the field counts beside the others: see [`Mix`](crate::Mix).
    pub share: f32,
}

/// A query's terms that an index knows, and what became of the others.
#[derive(Default)]
struct KnownTerms {
    /// Each term with its weight times its field's factor.
    weights: Vec<(TermId, f64)>,
    unknown: usize,
    pruned: usize,
}

impl Query {
    /// Looks the terms up in the only field of `index`. Weights that are all integers are kept as
    /// they are; others are rounded to multiples of a step that is at most the largest weight /
    /// 1023. Where the field is text by BM25, idf is multiplied in. The weights of a repeated term
    /// are added up; terms that no document has are left out.
    ///
    /// # Errors
    /// A weight that is negative, infinite or NaN; a query whose scores could overflow; an index of
    /// several fields; a damaged index.
    pub fn new<T: AsRef<str>>(index: &Index, weights: &[(T, f32)]) -> Result<Self> {
        Self::pruned(index, weights, QueryPruning::default())
    }

    /// As [`Query::new`], but with only the terms that `pruning` keeps.
    ///
    /// # Errors
    /// As [`Query::new`].
    pub fn pruned<T: AsRef<str>>(
        index: &Index,
        weights: &[(T, f32)],
        pruning: QueryPruning,
    ) -> Result<Self> {
        if index.manifest().fields.len() > 1 {
            return Err(Error::SeveralFields { fields: index.manifest().field_names() });
        }
        Self::mixed(index, &[FieldQuery { field: 0, weights, share: 1.0 }], pruning)
    }

    /// A query for several fields: a document's score is the sum over the fields of its score there
    /// times share / calibration. `pruning` applies to each field by itself. If one field alone has
    /// a share above zero, the query is that of an index of this field, whatever the share.
    ///
    /// # Errors
    /// As [`Query::new`].
    pub fn mixed<T: AsRef<str>>(
        index: &Index,
        inputs: &[FieldQuery<'_, T>],
        pruning: QueryPruning,
    ) -> Result<Self> {
        let used: Vec<&FieldQuery<'_, T>> =
            inputs.iter().filter(|input| input.share > 0.0).collect();
        let several = used.len() > 1;
        let mut known = KnownTerms::default();
        let (mut unit, mut integers) = (1.0, !several);
        for input in used {
            let Some(field) = index.manifest().fields.get(input.field) else { continue };
            let (scale, share) = (f64::from(field.scale), f64::from(input.share));
            let factor = if several { share * scale / f64::from(field.calibration) } else { 1.0 };
            if !several {
                unit = scale;
            }
            known.add(index, input, pruning, factor)?;
            integers &= field.weights == WeightKind::Integer;
        }
        let KnownTerms { weights, unknown, pruned } = known;
        Self::in_integers(index, weights, unit).map(|query| Self {
            unknown,
            pruned,
            exact: query.exact && integers,
            ..query
        })
    }

    /// The query of terms with these weights, where a score of 1 has the value `unit`.
    fn in_integers(index: &Index, weights: Vec<(TermId, f64)>, unit: f64) -> Result<Self> {
        let weights = sum_repeated(weights);
        let integers = weights.iter().all(|&(_, weight)| weight.fract() == 0.0);
        let step = if integers { 1.0 } else { step(index, &weights)? };
        let rounded: Vec<(TermId, u128)> =
            weights.iter().map(|&(id, weight)| (id, (weight / step).round() as u128)).collect();
        check_bound(index, &rounded)?;
        let positive = weights.iter().filter(|&&(_, weight)| weight > 0.0).count();
        let terms: Vec<(TermId, u32)> = rounded
            .into_iter()
            .filter(|&(_, weight)| weight > 0)
            .map(|(id, weight)| (id, weight as u32))
            .collect();
        let rounded_to_zero = positive - terms.len();
        let unit = step * unit;
        Ok(Self { terms, unit, exact: integers, unknown: 0, rounded_to_zero, pruned: 0 })
    }

    /// Terms and integer weights, ascending by term.
    pub fn terms(&self) -> &[(TermId, u32)] {
        &self.terms
    }

    /// Number of terms that the query was given, those of weight zero aside.
    pub fn given(&self) -> usize {
        self.terms.len() + self.unknown + self.rounded_to_zero + self.pruned
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

impl KnownTerms {
    /// Adds the terms of one field, weights times `factor`.
    fn add<T: AsRef<str>>(
        &mut self,
        index: &Index,
        input: &FieldQuery<'_, T>,
        pruning: QueryPruning,
        factor: f64,
    ) -> Result<()> {
        let ids = index.manifest().term_ids(input.field);
        let text = index.manifest().fields.get(input.field).is_some_and(Field::is_text);
        let mut terms = Vec::with_capacity(input.weights.len());
        for (term, weight) in input.weights {
            let term = term.as_ref();
            check_weight(*weight)
                .map_err(|error| Error::Weight { term: term.to_owned(), error })?;
            let id = index.lexicon().find(ids.clone(), term)?;
            let idf = match id {
                Some(id) if text => term_idf(index, input.field, id)?,
                _ => 1.0,
            };
            terms.push((id, f64::from(*weight) * idf));
        }
        let weights: Vec<f32> = terms.iter().map(|&(_, weight)| weight as f32).collect();
        let positive =
            |weights: &mut dyn Iterator<Item = f32>| weights.filter(|&w| w > 0.0).count();
        let kept = pruning.kept(&weights);
        self.pruned += positive(&mut weights.iter().copied());
        self.pruned -= positive(&mut kept.iter().map(|&place| weights[place]));
        for (id, weight) in kept.into_iter().map(|place| terms[place]) {
            match id {
                Some(id) => self.weights.push((id, weight * factor)),
                None => self.unknown += 1,
            }
        }
        Ok(())
    }
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
