//! Weights of query terms by how rare the terms are in the index.
//!
//! A model learns how much a term matters in the text that it was trained on. In a collection of
//! its own kind a word that is rare elsewhere may occur in every second document; the index's
//! document frequencies show that.

use spork_core::idf;
use spork_index::Index;

use crate::Result;

/// Multiplies each weight by idf^`power`, the idf of its term among the documents of `index`:
/// [`idf`]. A term that no document has keeps its weight. 0 changes nothing.
///
/// # Errors
/// A damaged index.
pub fn weight_by_idf<T: AsRef<str>>(
    index: &Index,
    weights: &mut [(T, f32)],
    power: f32,
) -> Result<()> {
    if power == 0.0 {
        return Ok(());
    }
    let documents = u64::from(index.manifest().documents);
    for (term, weight) in weights {
        if let Some(id) = index.lexicon().find(term.as_ref())? {
            let idf = idf(documents, index.lexicon().statistics(id)?.df);
            *weight *= idf.powf(f64::from(power)) as f32;
        }
    }
    Ok(())
}
