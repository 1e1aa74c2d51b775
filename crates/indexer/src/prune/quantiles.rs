//! A quantile of each posting list: the weights of a range of terms are gathered from the forward
//! file, as many terms at a time as memory holds.

use crate::Result;
use crate::forward::Forward;
use crate::progress::{Phase, Progress};

/// Bytes of a weight while its list is gathered.
const BYTES_A_WEIGHT: u64 = 4;

/// Bytes of a term: its threshold, and where its list ends.
const BYTES_A_TERM: u64 = 4 + 8;

/// Bytes that buffers take.
const FIXED: u64 = 2 << 20;

fn fixed_cost(terms: usize) -> u64 {
    FIXED + terms as u64 * BYTES_A_TERM
}

/// The least memory that this may be given: the longest list must fit.
pub(crate) fn least_memory(document_frequencies: &[u32]) -> u64 {
    let longest = document_frequencies.iter().max().copied().unwrap_or(0);
    fixed_cost(document_frequencies.len()) + u64::from(longest) * BYTES_A_WEIGHT
}

/// The weight from which on postings stay, by term number, in `memory` bytes.
pub(crate) fn find(
    forward: &Forward,
    frequencies: &[u32],
    quantile: f64,
    memory: u64,
    progress: &dyn Progress,
) -> Result<Vec<f32>> {
    let room = memory.saturating_sub(fixed_cost(frequencies.len())) / BYTES_A_WEIGHT;
    let mut thresholds = vec![0.0; frequencies.len()];
    let mut start = 0;
    while start < frequencies.len() {
        let range = start..end_of_range(frequencies, start, room);
        progress.phase(Phase::FindingQuantiles, Some(forward.documents()));
        let (mut weights, ends) = gather(forward, &frequencies[range.clone()], start, progress)?;
        let mut list_start = 0;
        for (threshold, end) in thresholds[range.clone()].iter_mut().zip(ends) {
            *threshold = quantile_of(&mut weights[list_start..end], quantile);
            list_start = end;
        }
        start = range.end;
    }
    Ok(thresholds)
}

/// The end of the range of terms from `start` on whose lists fit the room together; one term at
/// least.
fn end_of_range(frequencies: &[u32], start: usize, room: u64) -> usize {
    let mut total = 0;
    let fits = |&&df: &&u32| {
        total += u64::from(df);
        total <= room
    };
    start + frequencies[start..].iter().take_while(fits).count().max(1)
}

/// The weights of the terms from `first` on that have these document frequencies, list after list,
/// and where each list ends.
fn gather(
    forward: &Forward,
    frequencies: &[u32],
    first: usize,
    progress: &dyn Progress,
) -> Result<(Vec<f32>, Vec<usize>)> {
    let mut next = Vec::with_capacity(frequencies.len());
    let mut total = 0;
    for &df in frequencies {
        next.push(total);
        total += df as usize;
    }
    let mut weights = vec![0.0; total];
    let (mut reader, mut record) = (forward.all(), Vec::new());
    while reader.next_into(&mut record)? {
        for &(term, weight) in &record {
            let place = (term as usize).checked_sub(first).and_then(|number| next.get_mut(number));
            if let Some(place) = place {
                weights[*place] = weight;
                *place += 1;
            }
        }
        progress.advance(1)?;
    }
    Ok((weights, next))
}

/// The weight at place ⌊quantile · n⌋ in ascending order; 0 for an empty list.
fn quantile_of(weights: &mut [f32], quantile: f64) -> f32 {
    if weights.is_empty() {
        return 0.0;
    }
    let place = ((quantile * weights.len() as f64) as usize).min(weights.len() - 1);
    *weights.select_nth_unstable_by(place, f32::total_cmp).1
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forward::ForwardWriter;

    #[test]
    fn quantiles_of_a_small_list() {
        let at = |quantile| quantile_of(&mut [5.0, 1.0, 4.0, 2.0, 3.0], quantile);
        assert_eq!([0.0, 0.19, 0.2, 0.5, 0.99].map(at), [1.0, 1.0, 2.0, 3.0, 5.0]);
        assert_eq!(quantile_of(&mut [7.0], 0.9), 7.0);
        assert_eq!(quantile_of(&mut [], 0.9), 0.0);
    }

    /// The same thresholds whether all lists are gathered at once or one at a time.
    #[test]
    fn memory_changes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let mut forward = ForwardWriter::create(folder.path()).unwrap();
        let mut frequencies = vec![0; 40];
        for document in 0..500u32 {
            let record: Vec<(u32, f32)> = (0..document % 7)
                .map(|i| ((document * 13 + i * 5) % 40, (1 + document * 7 % 300) as f32))
                .collect();
            record.iter().for_each(|&(term, _)| frequencies[term as usize] += 1);
            forward.push(&record).unwrap();
        }
        let forward = forward.finish().unwrap();
        let at = |memory| find(&forward, &frequencies, 0.4, memory, &crate::Silent).unwrap();
        assert_eq!(at(0), at(u64::MAX));
        assert!(at(0).iter().all(|&threshold| threshold > 0.0));
    }

    #[test]
    fn ranges_go_on_to_the_end() {
        let frequencies = [3, 0, 5, 9, 1, 1];
        let ends = |room| {
            let mut ends = vec![end_of_range(&frequencies, 0, room)];
            while let Some(&end) = ends.last().filter(|&&end| end < frequencies.len()) {
                ends.push(end_of_range(&frequencies, end, room));
            }
            ends
        };
        assert_eq!(ends(8), [3, 4, 6]);
        assert_eq!(ends(0), [1, 2, 3, 4, 5, 6]);
        assert_eq!(ends(u64::MAX), [6]);
    }
}
