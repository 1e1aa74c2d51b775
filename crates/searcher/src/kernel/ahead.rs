//! Asking for memory before it is used. A query's lists lie far apart, and a core that waits for each in turn waits most of the
//! time.

/// Bytes of a cache line.
const LINE: usize = 64;
/// Lists ahead whose heads are asked for.
const HEADS: usize = 8;
/// Lists ahead whose bodies are asked for.
const BODIES: usize = 4;

/// Bytes that are asked for in steps, between which the core does something else: a core has room for some tens of lines on
/// their way, and when that is full everything waits.
#[derive(Debug)]
#[must_use]
pub(crate) struct Ahead {
    line: *const u8,
    lines: usize,
    /// Lines of a step.
    each: usize,
}

impl Ahead {
    /// `bytes`, in so many steps.
    #[inline]
    fn new(bytes: &[u8], steps: usize) -> Self {
        let before = bytes.as_ptr().addr() % LINE;
        let lines = if bytes.is_empty() { 0 } else { (before + bytes.len()).div_ceil(LINE) };
        Self { line: bytes.as_ptr().wrapping_sub(before), lines, each: lines.div_ceil(steps.max(1)) }
    }

    /// Asks for the next part.
    #[inline]
    pub(crate) fn step(&mut self) {
        for _ in 0..self.each.min(self.lines) {
            prefetch_line(self.line);
            self.line = self.line.wrapping_add(LINE);
            self.lines -= 1;
        }
    }
}

/// Asks for `bytes`, which are read soon.
#[inline]
pub(crate) fn prefetch(bytes: &[u8]) {
    Ahead::new(bytes, 1).step();
}

/// Before list `i` of a row is read: asks for the heads of lists that come later, and returns the body of one, to be asked for in
/// `steps`. Before the first list, also asks for the heads and bodies of all up to there.
#[inline]
pub(crate) fn read_ahead<'l, L>(
    lists: &'l [L],
    i: usize,
    steps: usize,
    head: impl Fn(&'l L),
    body: impl Fn(&'l L) -> &'l [u8],
) -> Ahead {
    if i == 0 {
        lists.iter().take(HEADS).for_each(&head);
        lists.iter().take(BODIES).map(&body).for_each(prefetch);
    }
    lists.get(i + HEADS).into_iter().for_each(head);
    Ahead::new(lists.get(i + BODIES).map_or(&[], body), steps)
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
