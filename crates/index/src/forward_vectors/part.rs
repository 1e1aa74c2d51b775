//! The postings of a document in one field, as bytes.

use spork_core::{Impact, TermId};

use super::PADDING;

/// Bit of a part's first byte: impacts have 16 bits.
const WIDE: u8 = 0x80;

const LOW_BITS: u8 = 0x1f;

/// Appends the postings of a field whose first term is `first_term`, ascending by term.
pub(super) fn encode(out: &mut Vec<u8>, first_term: u32, postings: &[(TermId, Impact)]) {
    leb128(out, postings.len());
    let Some(&(last, _)) = postings.last() else { return };
    let (low, high_bytes) = split(postings.len(), last.0 - first_term);
    let wide = postings.iter().any(|&(_, impact)| impact > 255);
    out.push(low | if wide { WIDE } else { 0 });
    for &(_, impact) in postings {
        out.push(impact as u8);
        if wide {
            out.push((impact >> 8) as u8);
        }
    }
    let lows = out.len();
    let highs = lows + (postings.len() * usize::from(low)).div_ceil(8);
    out.resize(highs + high_bytes, 0);
    for (i, &(term, _)) in postings.iter().enumerate() {
        let term = u64::from(term.0 - first_term);
        let at = i * usize::from(low);
        let mut bits = (term & mask(low)) << (at % 8);
        let mut byte = lows + at / 8;
        while bits > 0 {
            out[byte] |= bits as u8;
            bits >>= 8;
            byte += 1;
        }
        let at = (term >> low) as usize + i;
        out[highs + at / 8] |= 1 << (at % 8);
    }
}

/// The number of low bits that makes a part shortest, and the bytes that the rest takes.
fn split(postings: usize, last: u32) -> (u8, usize) {
    let high_bytes = |low: u8| (postings + (last >> low) as usize).div_ceil(8);
    let bytes = |low: u8| (postings * usize::from(low)).div_ceil(8) + high_bytes(low);
    let low = (0..=LOW_BITS).min_by_key(|&low| bytes(low)).unwrap_or_default();
    (low, high_bytes(low))
}

fn mask(low: u8) -> u64 {
    (1 << low) - 1
}

fn leb128(out: &mut Vec<u8>, mut number: usize) {
    while number > 0x7f {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

/// Bytes from the start of a part on: the document's, and `PADDING` more.
#[derive(Clone, Copy)]
pub(super) struct Part<'b> {
    bytes: &'b [u8],
    /// Number of postings.
    len: usize,
    low: u8,
    wide: bool,
    /// Where impacts start.
    at: usize,
}

impl<'b> Part<'b> {
    /// Reads the head of a part; `None` if it can't be one.
    pub(super) fn open(bytes: &'b [u8]) -> Option<Self> {
        let end = bytes.len().checked_sub(PADDING)?;
        let (mut len, mut at) = (0, 0);
        loop {
            let byte = *bytes[..end].get(at)?;
            len |= usize::from(byte & 0x7f) << (7 * at);
            at += 1;
            if byte < 0x80 {
                break;
            }
            if at == 4 {
                return None;
            }
        }
        if len == 0 {
            return Some(Self { bytes, len, low: 0, wide: false, at });
        }
        let head = *bytes[..end].get(at)?;
        // An impact takes a byte at least, so that a length that is too large ends here.
        let part = Self { bytes, len, low: head & LOW_BITS, wide: head & WIDE > 0, at: at + 1 };
        (head & !LOW_BITS & !WIDE == 0 && part.highs() <= end).then_some(part)
    }

    fn lows(&self) -> usize {
        self.at + self.len * if self.wide { 2 } else { 1 }
    }

    fn highs(&self) -> usize {
        self.lows() + (self.len * usize::from(self.low)).div_ceil(8)
    }

    /// Appends the postings, and returns the bytes of the next part; `None` if terms are not below
    /// `terms` or do not end with the document.
    pub(super) fn decode(
        &self,
        first_term: u32,
        terms: u32,
        out: &mut Vec<(TermId, Impact)>,
    ) -> Option<&'b [u8]> {
        if self.len == 0 {
            return self.bytes.get(self.at..);
        }
        let start = out.len();
        out.resize(start + self.len, (TermId(0), 0));
        let postings = &mut out[start..];
        let next = self.decode_highs(postings)?;
        let largest = self.add_lows(postings, first_term)?;
        self.add_impacts(postings)?;
        (largest < u64::from(terms)).then_some(next)
    }

    /// Sets terms to their high bits, and returns what follows the part.
    fn decode_highs(&self, postings: &mut [(TermId, Impact)]) -> Option<&'b [u8]> {
        let highs = self.bytes.get(self.highs()..)?;
        let mut done = 0;
        // A longer part would have more low bits.
        for word_at in (0..1 << 28).step_by(8) {
            let mut word = u64::from_le_bytes(*highs.get(word_at..)?.first_chunk()?);
            // Where the next 1 is, less the ones before it.
            let base = (8 * word_at) as u32;
            while word != 0 {
                let bit = base + word.trailing_zeros();
                postings[done].0 = TermId(bit - done as u32);
                done += 1;
                if done == postings.len() {
                    let next = highs.get(bit as usize / 8 + 1..)?;
                    return (next.len() >= PADDING).then_some(next);
                }
                word &= word - 1;
            }
        }
        None
    }

    /// Adds low bits and the field's first term; returns the largest term before that.
    fn add_lows(&self, postings: &mut [(TermId, Impact)], first_term: u32) -> Option<u64> {
        let lows = self.bytes.get(self.lows()..)?;
        let (low, mask) = (usize::from(self.low), mask(self.low));
        let mut largest = 0;
        for (i, (term, _)) in postings.iter_mut().enumerate() {
            let at = i * low;
            let word = u64::from_le_bytes(*lows.get(at / 8..)?.first_chunk()?);
            let whole = u64::from(term.0) << low | word >> (at % 8) & mask;
            largest = largest.max(whole);
            *term = TermId((whole as u32).wrapping_add(first_term));
        }
        Some(largest)
    }

    fn add_impacts(&self, postings: &mut [(TermId, Impact)]) -> Option<()> {
        let bytes = self.bytes.get(self.at..self.lows())?;
        if self.wide {
            for ((_, to), &from) in postings.iter_mut().zip(bytes.as_chunks().0) {
                *to = u16::from_le_bytes(from);
            }
        } else {
            for ((_, to), &from) in postings.iter_mut().zip(bytes) {
                *to = u16::from(from);
            }
        }
        Some(())
    }
}
