//! Which segments are merged by themselves.
//!
//! Small segments cost every query a little, and deleted documents cost memory and time. Segments
//! of similar size are merged when there are many of them, so that a document is copied about once
//! for each power of [`FAN_IN`] that the index grows by, and a segment that has lost many of its
//! documents is written anew. Segments that follow each other are merged only, which keeps the
//! order of documents.

use std::ops::Range;

/// So many segments of a level are merged.
const FAN_IN: usize = 8;
/// Segments with at most this many documents are of the lowest level.
const SMALLEST: u64 = 4096;
/// Segments with more documents are left alone, unless many of them are deleted.
const LARGEST: u64 = 10_000_000;
/// A segment is written anew when this share of its documents is deleted…
const MOST_DELETED: f64 = 0.2;
/// … and at least so many.
const LEAST_DELETED: u64 = 1000;

/// A segment in numbers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Size {
    /// Documents that are not deleted.
    pub(crate) living: u64,
    pub(crate) deleted: u64,
}

impl Size {
    /// How often [`FAN_IN`] times the smallest size fits.
    fn level(self) -> u32 {
        let times = self.living.div_ceil(SMALLEST).max(1);
        times.next_power_of_two().ilog2().div_ceil(FAN_IN.ilog2())
    }

    fn has_lost_many(self) -> bool {
        let all = (self.living + self.deleted) as f64;
        self.deleted >= LEAST_DELETED && self.deleted as f64 >= MOST_DELETED * all
    }
}

/// The ranges of segments to merge, each into one.
pub(crate) fn plan(segments: &[Size]) -> Vec<Range<usize>> {
    let mut ranges = Vec::new();
    let mut start = 0;
    while start < segments.len() {
        let range = similar_from(segments, start);
        if range.len() > 1 || segments[start].has_lost_many() {
            ranges.push(range.clone());
        }
        start = range.end;
    }
    ranges
}

/// The segments from `start` that belong together, this one alone if too few do.
fn similar_from(segments: &[Size], start: usize) -> Range<usize> {
    let highest = segments[start].level();
    let similar = |size: &&Size| size.level() <= highest && size.living <= LARGEST;
    let run = segments[start..].iter().take_while(similar).count();
    // Segments of lower levels wait for others of their own.
    let of_level = segments[start..][..run].iter().filter(|size| size.level() == highest).count();
    if of_level >= FAN_IN { start..start + run } else { start..start + 1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan_of(living: &[u64]) -> Vec<Range<usize>> {
        let sizes: Vec<Size> = living.iter().map(|&living| Size { living, deleted: 0 }).collect();
        plan(&sizes)
    }

    #[test]
    fn eight_of_a_size_become_one() {
        assert!(plan_of(&[]).is_empty());
        assert!(plan_of(&[10; 7]).is_empty());
        assert_eq!(plan_of(&[10; 8]), [0..8]);
        assert_eq!(plan_of(&[1_000_000, 10, 10, 10, 10, 10, 10, 10, 10]), [1..9]);
        assert!(plan_of(&[1_000_000, 30_000, 30_000, 10, 10, 10, 10, 10, 10, 10]).is_empty());
        assert!(plan_of(&[20_000_000; 9]).is_empty());
    }

    #[test]
    fn segments_that_have_lost_many_documents_are_written_anew() {
        let lost = |living, deleted| plan(&[Size { living, deleted }]) == [0..1];
        assert!(lost(4000, 1000) && lost(30_000_000, 10_000_000));
        assert!(!lost(100, 900) && !lost(10_000, 1000));
    }

    /// What one document costs in copies, and how many segments there are at most.
    #[test]
    fn work_and_segments_stay_bounded() {
        let (mut segments, mut copied, mut most): (Vec<u64>, u64, usize) = (Vec::new(), 0, 0);
        for _ in 0..5000 {
            segments.push(100);
            loop {
                let Some(range) = plan_of(&segments).pop() else { break };
                let merged: u64 = segments[range.clone()].iter().sum();
                copied += merged;
                segments.splice(range, [merged]);
            }
            most = most.max(segments.len());
        }
        assert!(copied < 6 * 500_000, "{copied} copies");
        assert!(most <= 40, "{most} segments");
    }
}
