//! Term counts to BM25 weights, once document frequencies are known.

use std::path::Path;

use spork_bm25::{Bm25, CollectionStatistics};
use spork_core::idf;

use crate::Result;
use crate::collect::Collected;
use crate::forward::ForwardWriter;
use crate::progress::{Phase, Progress};
use crate::scale::WeightProfile;

/// Rewrites the forward file of `collected` with weights in place of counts, and says what they
/// were weighed by.
pub(crate) fn weigh(
    collected: &mut Collected,
    bm25: Bm25,
    folder: &Path,
    progress: &dyn Progress,
) -> Result<CollectionStatistics> {
    progress.phase(Phase::Weighing, Some(collected.forward.documents()));
    let mut length = 0.0;
    let mut record = Vec::new();
    let mut counts = collected.forward.all();
    while counts.next_into(&mut record)? {
        length += record.iter().map(|&(_, count)| f64::from(count)).sum::<f64>();
    }
    let statistics =
        CollectionStatistics { documents: collected.forward.documents(), length: length as u64 };
    let idf = |&df: &u32| idf(statistics.documents, df);
    let idf: Vec<f64> = collected.document_frequencies.iter().map(idf).collect();

    let mut profile = WeightProfile::default();
    let mut weights = ForwardWriter::create(folder)?;
    let mut counts = collected.forward.all();
    while counts.next_into(&mut record)? {
        let length = record.iter().map(|&(_, count)| f64::from(count)).sum();
        for (term, value) in &mut record {
            *value = bm25.weight(statistics, idf[*term as usize], f64::from(*value), length);
            profile.add(*value);
        }
        weights.push(&record)?;
        progress.advance(1);
    }
    collected.forward = weights.finish()?;
    collected.profile = profile;
    Ok(statistics)
}
