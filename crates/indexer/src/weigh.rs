//! Term counts to BM25 weights, once the mean length is known.

use std::path::Path;

use crate::Result;
use crate::collect::Collected;
use crate::forward::ForwardWriter;
use crate::progress::{Phase, Progress};
use crate::scale::WeightProfile;
use spork_bm25::{Bm25, CollectionStatistics};

/// Rewrites the forward file of `collected` with weights in place of counts, and says what they
/// were weighed by.
pub(crate) fn weigh(
    collected: &mut Collected,
    bm25: Bm25,
    folder: &Path,
    progress: &dyn Progress,
) -> Result<CollectionStatistics> {
    progress.phase(Phase::Weighing, Some(collected.records.forward.documents()));
    let mut total = 0.0;
    let mut record = Vec::new();
    let mut counts = collected.records.forward.all();
    for number in 0.. {
        if !counts.next_into(&mut record)? {
            break;
        }
        total += length(&collected.lengths, number, &record);
    }
    let statistics = CollectionStatistics {
        documents: collected.records.forward.documents(),
        length: total as u64,
    };
    let mut profile = WeightProfile::default();
    let mut weights = ForwardWriter::create(folder)?;
    let mut counts = collected.records.forward.all();
    for number in 0.. {
        if !counts.next_into(&mut record)? {
            break;
        }
        let length = length(&collected.lengths, number, &record);
        for (_, value) in &mut record {
            *value = bm25.weight(statistics, f64::from(*value), length);
            profile.add(*value);
        }
        weights.push(&record)?;
        progress.advance(1);
    }
    collected.records.forward = weights.finish()?;
    collected.profile = profile;
    collected.lengths = Vec::new();
    Ok(statistics)
}

/// The length of a document: as the input gives it, or else the sum of its counts.
fn length(given: &[u32], number: usize, counts: &[(u32, f32)]) -> f64 {
    match given.get(number) {
        Some(&length) => f64::from(length),
        None => counts.iter().map(|&(_, count)| f64::from(count)).sum(),
    }
}
