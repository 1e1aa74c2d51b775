//! The order of docids. Documents that share terms should get docids near each other: bounds over
//! neighbors are tight then, and searches skip more.

mod bisection;
mod lists;
mod permute;

use std::path::Path;

use crate::Result;
use crate::collect::Collected;
use crate::memory::MemoryBound;
use crate::progress::{Phase, Progress};

use lists::TermLists;

/// Gives `collected`'s documents docids by recursive graph bisection. Returns the new order: the
/// first number of the document at each docid.
pub(crate) fn reorder(
    collected: &mut Collected,
    folder: &Path,
    memory: MemoryBound,
    lasting: u64,
    progress: &dyn Progress,
) -> Result<Vec<u32>> {
    let left =
        memory.left_beside(lasting, lists::memory(&collected.forward, collected.terms.len()))?;
    let lists = TermLists::read(collected, progress)?;
    progress.phase(Phase::Ordering, Some(collected.forward.documents()));
    let order = bisection::order(&lists, progress);
    drop(lists);
    collected.forward = permute::permute(&collected.forward, &order, left, folder, progress)?;
    Ok(order)
}
