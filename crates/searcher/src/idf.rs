//! Weights of query terms by how rare the terms are in the index.
//!
//! A model learns how much a term matters in the text that it was trained on. In a collection of
//! its own kind a word that is rare elsewhere may occur in every second document; the index's
//! document frequencies show that.

use spork_core::idf;
use spork_index::Index;

use crate::{GlobalStatistics, Result};

/// Multiplies each weight by idf^`power`, the idf of its term among the living documents of a field
/// of `index`, given by its place: [`idf`]. A term that no document has keeps its weight. 0 changes
/// nothing. Where `index` is a shard of a collection, `statistics` are those of the whole.
///
/// # Errors
/// A damaged index, or statistics that lack a term.
pub fn weight_by_idf<T: AsRef<str>>(
    index: &Index,
    field: usize,
    weights: &mut [(T, f32)],
    power: f32,
    statistics: Option<&GlobalStatistics>,
) -> Result<()> {
    if power == 0.0 {
        return Ok(());
    }
    for (term, weight) in weights {
        let df = match statistics {
            Some(statistics) => statistics.totals(field, term.as_ref())?.df,
            None => index.document_frequency(field, term.as_ref())?,
        };
        if df > 0 {
            *weight *= term_idf(index, statistics, field, df).powf(f64::from(power)) as f32;
        }
    }
    Ok(())
}

/// The idf of a term that `df` of the living documents of a field have.
pub(crate) fn term_idf(
    index: &Index,
    statistics: Option<&GlobalStatistics>,
    field: usize,
    df: u32,
) -> f64 {
    let own = || u64::from(index.field_documents(field));
    idf(statistics.map_or_else(own, |statistics| statistics.field_documents(field)), df)
}
