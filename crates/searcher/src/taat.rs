//! Term at a time within windows: the accumulators of 65,536 documents stay in the second-level cache while one
//! posting list after the other is added to them; then the window's best go to the top k and the accumulators
//! are cleared on the way.

use spork_core::{DocId, Hit, TopK};
use spork_index::{Impacts, Index, PostingList, WINDOW};

use crate::{Query, Result, SearchStatistics};

/// Documents looked at together when a window's best are picked.
const CHUNK: usize = 32;

/// Accumulators and the top k, reused from query to query.
#[derive(Debug)]
pub(crate) struct TaatScratch {
    /// All zero between queries.
    accumulators: Box<[u32; WINDOW]>,
    top: TopK,
}

impl Default for TaatScratch {
    fn default() -> Self {
        let accumulators = vec![0; WINDOW].into_boxed_slice();
        // A boxed slice of WINDOW elements is a boxed array of WINDOW elements.
        let accumulators = accumulators.try_into().unwrap_or_else(|_| Box::new([0; WINDOW]));
        Self { accumulators, top: TopK::new(0) }
    }
}

pub(crate) fn search(
    index: &Index,
    query: &Query,
    k: usize,
    scratch: &mut TaatScratch,
    statistics: &mut SearchStatistics,
) -> Result<Vec<Hit>> {
    scratch.top.reset(k);
    for number in 0..index.postings().windows() {
        let window = index.postings().window(number)?;
        let mut lists = 0;
        for &(term, weight) in query.terms() {
            let Some(summary) = window.find(term) else { continue };
            let list = match window.list(summary) {
                Ok(list) => list,
                Err(error) => {
                    scratch.accumulators.fill(0);
                    return Err(error.into());
                }
            };
            accumulate(&mut scratch.accumulators, list, weight);
            lists += 1;
            statistics.postings += list.docids.len() as u64;
            statistics.bytes += list.bytes() as u64;
        }
        statistics.lists += lists;
        if lists == 0 {
            statistics.windows_skipped += 1;
            continue;
        }
        statistics.windows += 1;
        let docids = index.window_docids(number);
        let documents = (docids.end.0 - docids.start.0) as usize;
        pick_and_clear(&mut scratch.accumulators, docids.start, documents, &mut scratch.top);
    }
    Ok(scratch.top.drain_ranked())
}

/// Adds weight × impact of every posting. The bound on the query rules overflow out; the sums wrap so that a
/// damaged index can't stop the program.
fn accumulate(accumulators: &mut [u32; WINDOW], list: PostingList<'_>, weight: u32) {
    match list.impacts {
        Impacts::Bytes(impacts) => {
            for (docid, &impact) in list.docids.iter().zip(impacts) {
                let accumulator = &mut accumulators[usize::from(u16::from_le_bytes(*docid))];
                *accumulator = accumulator.wrapping_add(weight.wrapping_mul(u32::from(impact)));
            }
        }
        Impacts::Words(impacts) => {
            for (docid, &impact) in list.docids.iter().zip(impacts) {
                let impact = u32::from(u16::from_le_bytes(impact));
                let accumulator = &mut accumulators[usize::from(u16::from_le_bytes(*docid))];
                *accumulator = accumulator.wrapping_add(weight.wrapping_mul(impact));
            }
        }
    }
}

/// Offers the window's scores to the top k and sets all accumulators to zero.
fn pick_and_clear(accumulators: &mut [u32; WINDOW], first: DocId, documents: usize, top: &mut TopK) {
    let (chunks, _) = accumulators.as_chunks_mut::<CHUNK>();
    for (number, chunk) in chunks.iter_mut().enumerate() {
        let best = chunk.iter().fold(0, |best, &score| best.max(score));
        if best > top.threshold() {
            let start = number * CHUNK;
            let there = documents.saturating_sub(start).min(CHUNK);
            for (i, &score) in chunk[..there].iter().enumerate() {
                if score > top.threshold() {
                    top.push(DocId(first.0 + (start + i) as u32), score);
                }
            }
        }
        chunk.fill(0);
    }
}
