//! Terms and weights as the index knows them.

use spork_core::{TermId, check_weight};
use spork_index::{Field, Index, WeightKind};

use crate::global_statistics::GlobalStatistics;
use crate::idf::term_idf;
use crate::query_term::{FieldQuery, QueryTerm, TermTotals};
use crate::{Error, QueryPruning, Result};

/// Integer weights of a query of floats are as fine as they can be while they sum up to this. Then
/// no score passes the accumulators' 32 bits, whatever the impacts; and with impacts of 8 bits none
/// passes 2²⁴, up to where the 32-bit floats of evaluators tell all integers apart. The step
/// depends on the query alone: segments and shards must agree on it.
const SUM_OF_LEVELS: f64 = 65_000.0;
/// The least integer weight of a query's heaviest term. Steps of a tenth of a percent are finer
/// than those of an 8-bit impact.
const LEAST_LEVELS: f64 = 1023.0;

/// A query in integers, proven to fit the accumulators. It belongs to the generation of the index
/// that it was made for.
#[derive(Clone, Debug, PartialEq)]
pub struct Query {
    terms: Vec<QueryTerm>,
    /// By segment, ascending by term id.
    segments: Vec<Vec<(TermId, u32)>>,
    unit: f64,
    exact: bool,
    unknown: usize,
    rounded_to_zero: usize,
    pruned: usize,
}

/// A query's terms that an index knows, and what became of the others.
#[derive(Default)]
struct KnownTerms {
    /// Each term with its weight times its field's factor; the integer weight is not known yet.
    weights: Vec<(QueryTerm, f64)>,
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
        Self::in_shard(index, inputs, pruning, None)
    }

    /// As [`Query::mixed`] where `index` is one shard of a collection: weights are those of the
    /// whole collection, by its statistics.
    ///
    /// # Errors
    /// As [`Query::mixed`], or statistics that lack a term.
    pub fn in_shard<T: AsRef<str>>(
        index: &Index,
        inputs: &[FieldQuery<'_, T>],
        pruning: QueryPruning,
        statistics: Option<&GlobalStatistics>,
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
            known.add((index, statistics), input, pruning, factor)?;
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
    fn in_integers(index: &Index, weights: Vec<(QueryTerm, f64)>, unit: f64) -> Result<Self> {
        let weights = sum_repeated(weights);
        let integers = weights.iter().all(|(_, weight)| weight.fract() == 0.0);
        let step = if integers { 1.0 } else { step(&weights) };
        let positive = weights.iter().filter(|&&(_, weight)| weight > 0.0).count();
        let levels = weights.into_iter().map(|(term, weight)| (term, (weight / step).round()));
        let levels: Vec<(QueryTerm, f64)> = levels.filter(|&(_, level)| level > 0.0).collect();
        check_bound(&levels)?;
        let weighed = |(term, level): (QueryTerm, f64)| term.weighing(level as u32);
        let terms: Vec<QueryTerm> = levels.into_iter().map(weighed).collect();
        let segments = (0..index.segments().len()).map(|number| lists_of(&terms, number)).collect();
        let rounded_to_zero = positive - terms.len();
        let unit = step * unit;
        Ok(Self { terms, segments, unit, exact: integers, unknown: 0, rounded_to_zero, pruned: 0 })
    }

    /// Terms and integer weights, field after field, ascending by the terms' bytes.
    pub fn terms(&self) -> &[QueryTerm] {
        &self.terms
    }

    /// The terms that a segment knows, given by its place, with their weights, ascending.
    pub fn in_segment(&self, number: usize) -> &[(TermId, u32)] {
        self.segments.get(number).map_or(&[], Vec::as_slice)
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

    /// The same query, whose weights are multiples of `weight`.
    pub(crate) fn in_unit(self, weight: f64) -> Self {
        Self { unit: self.unit * weight, exact: self.exact && weight == 1.0, ..self }
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
        (index, statistics): (&Index, Option<&GlobalStatistics>),
        input: &FieldQuery<'_, T>,
        pruning: QueryPruning,
        factor: f64,
    ) -> Result<()> {
        let text = index.manifest().fields.get(input.field).is_some_and(Field::is_text);
        let mut terms = Vec::with_capacity(input.weights.len());
        for (term, weight) in input.weights {
            let term = term.as_ref();
            check_weight(*weight)
                .map_err(|error| Error::Weight { term: term.to_owned(), error })?;
            let known = look_up(index, input.field, term, statistics)?;
            let idf = match &known {
                Some(known) if text => term_idf(index, statistics, input.field, known.df),
                _ => 1.0,
            };
            terms.push((known, f64::from(*weight) * idf));
        }
        let weights: Vec<f32> = terms.iter().map(|&(_, weight)| weight as f32).collect();
        let positive =
            |weights: &mut dyn Iterator<Item = f32>| weights.filter(|&w| w > 0.0).count();
        let kept = pruning.kept(&weights);
        self.pruned += positive(&mut weights.iter().copied());
        self.pruned -= positive(&mut kept.iter().map(|&place| weights[place]));
        for place in kept {
            let (known, weight) = std::mem::take(&mut terms[place]);
            match known {
                Some(known) => self.weights.push((known, weight * factor)),
                None => self.unknown += 1,
            }
        }
        Ok(())
    }
}

/// The term as the index knows it; `None` if no living document has it. Of a shard's term the
/// statistics of the collection say that.
fn look_up(
    index: &Index,
    field: usize,
    term: &str,
    statistics: Option<&GlobalStatistics>,
) -> Result<Option<QueryTerm>> {
    let mut found = QueryTerm::find(index, field, term)?;
    if let Some(statistics) = statistics {
        let TermTotals { df, max_impact } = statistics.totals(field, term)?;
        (found.df, found.max_impact) = (df, max_impact);
    }
    Ok(Some(found).filter(|found| found.df > 0))
}

/// The terms that segment `number` knows, ascending by id.
fn lists_of(terms: &[QueryTerm], number: usize) -> Vec<(TermId, u32)> {
    let id = |term: &QueryTerm| Some((term.id_in(number)?, term.weight));
    // Ids ascend as terms do, unless the lexicon is damaged.
    let mut lists: Vec<(TermId, u32)> = terms.iter().filter_map(id).collect();
    lists.sort_unstable();
    lists
}

/// The finest step between integer weights, within the levels' limits.
fn step(known: &[(QueryTerm, f64)]) -> f64 {
    let largest = known.iter().fold(0.0, |largest: f64, &(_, weight)| largest.max(weight));
    let sum: f64 = known.iter().map(|(_, weight)| weight / largest).sum();
    largest / (SUM_OF_LEVELS / sum).max(LEAST_LEVELS)
}

/// Sorts by field and term, and adds the weights of each.
fn sum_repeated(mut known: Vec<(QueryTerm, f64)>) -> Vec<(QueryTerm, f64)> {
    known.sort_by(|(a, _), (b, _)| (a.field, &a.term).cmp(&(b.field, &b.term)));
    let mut summed: Vec<(QueryTerm, f64)> = Vec::with_capacity(known.len());
    for (term, weight) in known {
        match summed.last_mut() {
            Some((last, sum)) if *last == term => *sum += weight,
            _ => summed.push((term, weight)),
        }
    }
    summed
}

/// Proves that no document's score can exceed an accumulator, deleted documents included.
fn check_bound(terms: &[(QueryTerm, f64)]) -> Result<()> {
    let mut bound = 0u128;
    for (term, level) in terms {
        let most = (*level as u128).saturating_mul(u128::from(term.max_impact.max(1)));
        bound = bound.saturating_add(most);
    }
    if bound > u128::from(u32::MAX) { Err(Error::ScoreOverflow { bound }) } else { Ok(()) }
}
