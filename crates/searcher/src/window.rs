//! Scoring blocks of a window, term at a time.
//!
//! Postings that name their documents are added to the window's scores one by one, term after term; then, a
//! group of blocks after the other, bitmap lists are added while a block's scores are in registers, and what is high
//! enough goes to the top k.

use spork_core::{DocId, TopK};
use spork_index::{BLOCK, GROUP_BLOCKS, UNIT, WINDOW};

use crate::SearchStatistics;
use crate::kernel::{Cursor, Simd, score_group};
use crate::lists::WindowLists;
use crate::scatter::{BlockScores, UNIT_BLOCKS, add_slots, add_sparse, add_unit};

/// Blocks of a window.
pub(crate) const BLOCKS: usize = WINDOW / BLOCK;
/// Groups of a window.
pub(crate) const GROUPS: usize = BLOCKS / GROUP_BLOCKS;
/// Units of a group.
const GROUP_UNITS: usize = GROUP_BLOCKS / UNIT_BLOCKS;

/// Blocks of a window, a bit each.
pub(crate) type BlockSet = [u16; GROUPS];

/// From this many groups of a window on, lists that name their documents are added to all of it: going through a list
/// costs less than finding many of its units.
const MANY: u32 = 16;

/// The scores of a window. All zero between queries.
#[derive(Debug)]
pub(crate) struct WindowScores {
    blocks: Vec<BlockScores>,
    /// Memory for cursors.
    cursors: Vec<Cursor<'static>>,
}

impl Default for WindowScores {
    fn default() -> Self {
        Self { blocks: vec![[0; BLOCK]; BLOCKS], cursors: Vec::new() }
    }
}

impl WindowScores {
    /// Scores the `wanted` blocks and offers their documents to the top k.
    pub(crate) fn score(
        &mut self,
        lists: WindowLists<'_, '_>,
        wanted: &BlockSet,
        simd: Simd,
        top: &mut TopK,
        statistics: &mut SearchStatistics,
    ) {
        let groups: u32 = wanted.iter().map(|&blocks| u32::from(blocks > 0)).sum();
        if groups == 0 {
            return;
        }
        let whole = groups >= MANY;
        if whole {
            self.add_all(lists, statistics);
        }
        for (group, &blocks) in wanted.iter().enumerate().filter(|(_, blocks)| **blocks > 0) {
            if !whole {
                self.add_units(lists, group, blocks, statistics);
            }
            self.add_group(lists, group, blocks, simd, top, statistics);
            statistics.blocks += u64::from(blocks.count_ones());
            if !whole {
                // Units were filled whole.
                self.blocks[group * GROUP_BLOCKS..][..GROUP_BLOCKS].fill([0; BLOCK]);
            }
        }
        if whole {
            self.blocks.fill([0; BLOCK]);
        }
    }

    /// Adds the lists that name their documents.
    fn add_all(&mut self, lists: WindowLists<'_, '_>, statistics: &mut SearchStatistics) {
        let blocks = &mut self.blocks[..lists.documents.div_ceil(BLOCK)];
        for list in lists.sparse {
            add_sparse(blocks, list.list, list.weight);
            statistics.postings += list.postings as u64;
            statistics.bytes += list.list.bytes() as u64;
        }
        if let Ok(scores) = <&mut [u32; WINDOW]>::try_from(self.blocks.as_flattened_mut()) {
            for list in lists.pairs {
                let slots = list.list.slots();
                add_slots(scores, slots, list.weight);
                statistics.postings += list.postings as u64;
                statistics.bytes += slots.bytes() as u64;
            }
        }
    }

    /// Adds the lists that name their documents, in the units that hold `wanted` blocks of a group.
    fn add_units(
        &mut self,
        lists: WindowLists<'_, '_>,
        group: usize,
        wanted: u16,
        statistics: &mut SearchStatistics,
    ) {
        for i in 0..GROUP_UNITS {
            if wanted >> (i * UNIT_BLOCKS) & 0xf == 0 {
                continue;
            }
            let unit = group * GROUP_UNITS + i;
            for list in lists.sparse {
                let part = list.list.range(unit * UNIT..(unit + 1) * UNIT);
                add_sparse(&mut self.blocks, part, list.weight);
                statistics.postings += part.docids.len() as u64;
                statistics.bytes += part.bytes() as u64;
            }
            let scores = self.blocks[unit * UNIT_BLOCKS..][..UNIT_BLOCKS].as_flattened_mut();
            let Ok(scores) = <&mut [u32; UNIT]>::try_from(scores) else { continue };
            for list in lists.pairs {
                if let Some((first, slots)) = list.list.unit(unit) {
                    statistics.postings += add_unit(scores, first, slots, list.weight) as u64;
                    statistics.bytes += slots.bytes() as u64;
                }
            }
        }
    }

    /// Adds the bitmap lists to the `wanted` blocks of a group and picks the best documents.
    fn add_group(
        &mut self,
        lists: WindowLists<'_, '_>,
        group: usize,
        wanted: u16,
        simd: Simd,
        top: &mut TopK,
        statistics: &mut SearchStatistics,
    ) {
        let mut cursors: Vec<Cursor<'_>> = std::mem::take(&mut self.cursors);
        // A damaged list loses its group.
        let groups = lists.bitmaps.iter().filter_map(|list| Some((list.list.group(group)?, list.weight)));
        cursors.extend(groups.map(|(group, weight)| Cursor::new(group, weight)));
        let Some(scores) = self.blocks[group * GROUP_BLOCKS..].first_chunk_mut() else { return };
        let start = group * GROUP_BLOCKS * BLOCK;
        let threshold = top.threshold().max(1);
        let mut offer = |block: usize, mut high: u64, scores: &BlockScores| {
            while high != 0 {
                let i = high.trailing_zeros() as usize;
                high &= high - 1;
                let docid = start + block * BLOCK + i;
                // A damaged list may name documents that are not there.
                if docid < lists.documents {
                    top.push(DocId(lists.first.0 + docid as u32), scores[i]);
                }
            }
        };
        let postings = score_group(simd, &mut cursors, wanted, scores, threshold, &mut offer);
        statistics.postings += postings;
        statistics.bytes += postings + 8 * u64::from(wanted.count_ones()) * cursors.len() as u64;
        cursors.clear();
        self.cursors = cursors.into_iter().filter_map(|_| None).collect();
    }
}
