//! The order of docids. Documents that share terms should get docids near each other: bounds over
//! neighbors are tight then, and searches skip more.

mod bisection;
mod lists;
mod permute;

use std::path::Path;

use crate::Result;
use crate::forward::Forward;
use crate::impacts::Impacts;
use crate::memory::MemoryBound;
use crate::progress::{Phase, Progress};

use lists::TermLists;

pub(crate) use permute::permute;

/// Gives the documents of `forward` docids by recursive graph bisection. Returns their records in
/// the new order, and this order: the first number of the document at each docid. The order follows
/// from the documents' postings alone.
pub(crate) fn reorder(
    forward: &Forward,
    impacts: &Impacts<'_>,
    folder: &Path,
    memory: MemoryBound,
    lasting: u64,
    progress: &dyn Progress,
) -> Result<(Forward, Vec<u32>)> {
    let left = memory.left_beside(lasting, lists::memory(forward, impacts.term_ids.len()))?;
    let lists = TermLists::read(forward, impacts, progress)?;
    progress.phase(Phase::Ordering, Some(forward.documents()));
    let order = bisection::order(&lists, progress)?;
    drop(lists);
    Ok((permute(forward, &order, left, folder, progress)?, order))
}
