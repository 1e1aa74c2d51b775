//! A field's typical score, so that scores of several fields can be added up.

use crate::Result;
use crate::exact_sum::ExactSum;
use crate::forward::Forward;
use crate::progress::{Phase, Progress};

/// Terms of a document that stand for a query.
const QUERY_TERMS: usize = 8;

/// The mean, over the documents that have a term, of the score that a document gives to its own
/// [`QUERY_TERMS`] heaviest terms as a query. `score` is what a term adds, given its number and
/// weight. 1 if no document has a term. docs/hybrid.md compares this calibration with others.
pub(crate) fn calibrate(
    forward: &Forward,
    score: impl Fn(u32, f32) -> f64,
    progress: &dyn Progress,
) -> Result<f32> {
    progress.phase(Phase::Calibrating, Some(forward.documents()));
    // Files in another order, or shards of them, give the same typical score.
    let (mut sum, mut documents) = (ExactSum::default(), 0u64);
    let (mut reader, mut record, mut scores) = (forward.all(), Vec::new(), Vec::new());
    while reader.next_into(&mut record)? {
        scores.clear();
        scores.extend(record.iter().map(|&(term, weight)| score(term, weight)));
        if scores.len() > QUERY_TERMS {
            scores.select_nth_unstable_by(QUERY_TERMS, |a, b| b.total_cmp(a));
            scores.truncate(QUERY_TERMS);
            // The sum must not depend on the order that the selection leaves.
            scores.sort_unstable_by(f64::total_cmp);
        }
        sum.add(scores.iter().sum());
        documents += u64::from(!scores.is_empty());
        progress.advance(1)?;
    }
    let mean = (sum.total() / documents.max(1) as f64) as f32;
    Ok(if mean.is_normal() { mean } else { 1.0 })
}
