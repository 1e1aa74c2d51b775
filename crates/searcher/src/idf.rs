//! Weights of query terms by how rare the terms are in the index.
//!
//! A model learns how much a term matters in the text that it was trained on. In a collection of
//! its own kind a word that is rare elsewhere may occur in every second document; the index's
//! document frequencies show that.

use spork_core::{TermId, idf};
use spork_index::Index;

use crate::Result;

/// Multiplies each weight by idf^`power`, the idf of its term among the documents of a field of
/// `index`, given by its place: [`idf`]. A term that no document has keeps its weight. 0 changes
/// nothing.
///
/// # Errors
/// A damaged index.
pub fn weight_by_idf<T: AsRef<str>>(
    index: &Index,
    field: usize,
    weights: &mut [(T, f32)],
    power: f32,
) -> Result<()> {
    if power == 0.0 {
        return Ok(());
    }
    let ids = index.manifest().term_ids(field);
    for (term, weight) in weights {
        if let Some(id) = index.lexicon().find(ids.clone(), term.as_ref())? {
            *weight *= term_idf(index, field, id)?.powf(f64::from(power)) as f32;
        }
    }
    Ok(())
}

/// The idf of a term among the documents of its field.
pub(crate) fn term_idf(index: &Index, field: usize, term: TermId) -> Result<f64> {
    let manifest = index.manifest();
    let documents = manifest.fields.get(field).map_or(manifest.documents, |field| field.documents);
    Ok(idf(u64::from(documents), index.lexicon().statistics(term)?.df))
}
