//! Memory as vectors of sixteen lanes read it.

/// Lanes of a vector.
pub(crate) const LANES: usize = 16;

/// Sixteen words of 32 bits: floats, pairs of bfloat16, groups of four bytes. Aligned, so that no
/// vector lies in two lines of the cache.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C, align(64))]
pub(crate) struct Line(pub(crate) [u32; LANES]);

impl Line {
    /// All bits zero.
    pub(crate) const ZERO: Self = Self([0; LANES]);

    /// The numbers from the first lane on; zero in lanes for which there is none.
    #[inline(always)]
    pub(crate) fn from_floats(numbers: &[f32]) -> Self {
        if let Some(numbers) = numbers.first_chunk::<LANES>() {
            return Self(numbers.map(f32::to_bits));
        }
        let mut line = Self::ZERO;
        for (lane, number) in line.0.iter_mut().zip(numbers) {
            *lane = number.to_bits();
        }
        line
    }

    /// The lanes as floats.
    #[inline(always)]
    pub(crate) fn floats(&self) -> [f32; LANES] {
        let mut numbers = [0.0; LANES];
        for (number, &word) in numbers.iter_mut().zip(&self.0) {
            *number = f32::from_bits(word);
        }
        numbers
    }
}

/// Lines as the floats that they hold.
#[allow(unsafe_code, reason = "the same memory under another type")]
pub(crate) fn floats(lines: &[Line]) -> &[f32] {
    // SAFETY: a line is sixteen words without padding, so there are that many floats; a float has
    // the size of a word and no stricter alignment than a line, and any bits make one. The lifetime
    // is that of `lines`.
    unsafe { std::slice::from_raw_parts(lines.as_ptr().cast(), lines.len() * LANES) }
}

/// So many lines of memory that is used again, which grows where they are too few; what they hold
/// does not matter.
pub(crate) fn room(lines: &mut Vec<Line>, count: usize) -> &mut [Line] {
    if lines.len() < count {
        lines.resize(count, Line::ZERO);
    }
    &mut lines[..count]
}
