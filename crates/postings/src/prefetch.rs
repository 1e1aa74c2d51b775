//! Prefetching: cache lines are loaded before they are used. A query's lists lie far apart, and a
//! core that waits for each in turn waits most of the time.

/// Bytes of a cache line.
const LINE: usize = 64;
/// How many lists ahead heads are prefetched.
const HEADS: usize = 8;
/// How many lists ahead bodies are prefetched.
const BODIES: usize = 4;

/// Bytes that are prefetched in several slots of time, between which the core does other work: only
/// some tens of cache misses can be in flight (line-fill buffers), and beyond that the core stalls.
#[derive(Debug)]
#[must_use]
pub(crate) struct Prefetch {
    line: *const u8,
    lines: usize,
    /// Lines of a slot.
    lines_a_slot: usize,
}

impl Prefetch {
    /// `bytes`, in so many slots.
    #[inline]
    fn new(bytes: &[u8], slots: usize) -> Self {
        let before = bytes.as_ptr().addr() % LINE;
        let lines = if bytes.is_empty() { 0 } else { (before + bytes.len()).div_ceil(LINE) };
        Self {
            line: bytes.as_ptr().wrapping_sub(before),
            lines,
            lines_a_slot: lines.div_ceil(slots.max(1)),
        }
    }

    /// Nothing to prefetch.
    #[inline]
    pub(crate) fn none() -> Self {
        Self::new(&[], 0)
    }

    /// Prefetches the next slot's lines.
    #[inline]
    pub(crate) fn next_slot(&mut self) {
        for _ in 0..self.lines_a_slot.min(self.lines) {
            prefetch_line(self.line);
            self.line = self.line.wrapping_add(LINE);
            self.lines -= 1;
        }
    }
}

/// Prefetches `bytes`.
#[inline]
pub(crate) fn prefetch(bytes: &[u8]) {
    Prefetch::new(bytes, 1).next_slot();
}

/// To be called before list `i` of a row is read: prefetches the heads of lists that come later,
/// and returns the body of one, to be prefetched in `slots`. Before the first list, also prefetches
/// the heads and bodies of all up to there.
#[inline]
pub(crate) fn prefetch_later<'l, L>(
    lists: &'l [L],
    i: usize,
    slots: usize,
    head: impl Fn(&'l L),
    body: impl Fn(&'l L) -> &'l [u8],
) -> Prefetch {
    if i == 0 {
        lists.iter().take(HEADS).for_each(&head);
        lists.iter().take(BODIES).map(&body).for_each(prefetch);
    }
    lists.get(i + HEADS).into_iter().for_each(head);
    Prefetch::new(lists.get(i + BODIES).map_or(&[], body), slots)
}

/// As [`prefetch_later`], where bodies lie apart: `body` prefetches one.
#[inline]
pub(crate) fn prefetch_apart<'l, L>(
    lists: &'l [L],
    i: usize,
    head: impl Fn(&'l L),
    body: impl Fn(&'l L),
) {
    if i == 0 {
        lists.iter().take(HEADS).for_each(&head);
        lists.iter().take(BODIES).for_each(&body);
    }
    lists.get(i + HEADS).into_iter().for_each(head);
    lists.get(i + BODIES).into_iter().for_each(body);
}

#[inline]
fn prefetch_line(line: *const u8) {
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        // SAFETY: a hint, which may name any address.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(line.cast()) };
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = line;
}
