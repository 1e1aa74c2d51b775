//! Term counts to BM25 weights, once the mean length is known.

use std::path::Path;

use crate::Result;
use crate::collect::Collected;
use crate::forward::ForwardWriter;
use crate::progress::{Phase, Progress};
use crate::scale::WeightProfile;
use spork_bm25::{Bm25, CollectionStatistics};

/// Rewrites the forward file of `collected` with weights in place of counts, and says what the
/// documents' lengths are. They are weighed by `mean_length`, by their own mean if there is none.
pub(crate) fn weigh(
    collected: &mut Collected,
    bm25: Bm25,
    mean_length: Option<f64>,
    folder: &Path,
    progress: &dyn Progress,
) -> Result<CollectionStatistics> {
    progress.phase(Phase::Weighing, Some(collected.records.forward.documents()));
    let statistics = statistics(collected)?;
    let mean_length = mean_length.unwrap_or(statistics.mean_length());
    let mut profile = WeightProfile::default();
    let mut weights = ForwardWriter::create(folder)?;
    collected.heaviest.fill(0.0);
    let (mut counts, mut record) = (collected.records.forward.all(), Vec::new());
    for number in 0.. {
        if !counts.next_into(&mut record)? {
            break;
        }
        let length = length(&collected.lengths, number, &record);
        for (term, value) in &mut record {
            *value = bm25.weight(mean_length, f64::from(*value), length);
            profile.add(*value);
            let heaviest = &mut collected.heaviest[*term as usize];
            *heaviest = heaviest.max(*value);
        }
        weights.push(&record)?;
        progress.advance(1)?;
    }
    collected.records.forward = weights.finish()?;
    collected.profile = profile;
    collected.lengths = Vec::new();
    Ok(statistics)
}

/// The number of documents, and the sum of their lengths.
fn statistics(collected: &Collected) -> Result<CollectionStatistics> {
    let mut total = 0.0;
    let (mut counts, mut record) = (collected.records.forward.all(), Vec::new());
    for number in 0.. {
        if !counts.next_into(&mut record)? {
            break;
        }
        total += length(&collected.lengths, number, &record);
    }
    let documents = collected.records.forward.documents();
    Ok(CollectionStatistics { documents, length: total as u64 })
}

/// The length of a document: as the input gives it, or else the sum of its counts.
fn length(given: &[u32], number: usize, counts: &[(u32, f32)]) -> f64 {
    match given.get(number) {
        Some(&length) => f64::from(length),
        None => counts.iter().map(|&(_, count)| f64::from(count)).sum(),
    }
}
