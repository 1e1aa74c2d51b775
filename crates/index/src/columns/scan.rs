//! Which codes of a column are in some ranges: a pass over plain numbers, 64 at a time, written so
//! that the compiler turns it into vector instructions.

use super::range::CodeRange;

/// Documents of a block: one word of the result.
pub(super) const BLOCK: usize = 64;

/// Up to this many ranges, a pass for each is faster than looking codes up.
const FEW: usize = 8;

/// Codes up to this one are looked up in a bitmap of at most 8 MiB.
const SMALL: u64 = 1 << 26;

/// A column's codes in whole blocks, as they are on disk.
#[derive(Clone, Copy, Debug)]
pub(super) struct Codes<'a> {
    /// Bits of a code: 0, 1, 8, 16, 32, 64 or 128.
    pub(super) bits: u32,
    pub(super) bytes: &'a [u8],
}

/// A code of `W` bytes.
trait Code<const W: usize>: Copy {
    fn read(bytes: [u8; W]) -> Self;
    /// The code, or the largest there can be if it is beyond.
    fn at_most(code: u128) -> Self;
    fn within(self, first: Self, span: Self) -> bool;
    fn span(first: Self, last: Self) -> Self;
    fn wide(self) -> u128;
    /// Its lower 64 bits.
    fn low(self) -> u64 {
        self.wide() as u64
    }
    /// The code, or the largest of 64 bits if it is beyond.
    fn at_most_64(self) -> u64 {
        u64::try_from(self.wide()).unwrap_or(u64::MAX)
    }
}

macro_rules! codes {
    ($($number:ty, $bytes:literal;)*) => { $(
        impl Code<$bytes> for $number {
            fn read(bytes: [u8; $bytes]) -> Self {
                Self::from_le_bytes(bytes)
            }
            fn at_most(code: u128) -> Self {
                Self::try_from(code).unwrap_or(Self::MAX)
            }
            fn within(self, first: Self, span: Self) -> bool {
                self.wrapping_sub(first) <= span
            }
            fn span(first: Self, last: Self) -> Self {
                last.wrapping_sub(first)
            }
            fn wide(self) -> u128 {
                u128::from(self)
            }
        }
    )* };
}

codes! { u8, 1; u16, 2; u32, 4; u64, 8; u128, 16; }

impl Codes<'_> {
    /// Code `i`; none beyond the end.
    pub(super) fn get(self, i: usize) -> Option<u128> {
        let Self { bits, bytes } = self;
        match bits {
            0 => Some(0),
            1 => bytes.get(i / 8).map(|byte| u128::from(byte >> (i % 8) & 1)),
            _ => {
                let width = bits as usize / 8;
                let mut code = [0; 16];
                code[..width].copy_from_slice(bytes.get(width * i..width * (i + 1))?);
                Some(u128::from_le_bytes(code))
            }
        }
    }

    /// Sets the bits of documents whose code is in one of the ranges, which ascend and do not
    /// touch.
    pub(super) fn matches(self, ranges: &[CodeRange], words: &mut [u64]) {
        match self.bits {
            0 => {
                if contains(ranges, 0) {
                    words.fill(u64::MAX);
                }
            }
            1 => self.bit_matches(contains(ranges, 0), contains(ranges, 1), words),
            8 => self.wide_matches::<u8, 1>(ranges, words),
            16 => self.wide_matches::<u16, 2>(ranges, words),
            32 => self.wide_matches::<u32, 4>(ranges, words),
            64 => self.wide_matches::<u64, 8>(ranges, words),
            _ => self.wide_matches::<u128, 16>(ranges, words),
        }
    }

    fn bit_matches(self, zeros: bool, ones: bool, words: &mut [u64]) {
        for (word, bits) in words.iter_mut().zip(self.bytes.as_chunks().0) {
            let bits = u64::from_le_bytes(*bits);
            *word |= if zeros { !bits } else { 0 } | if ones { bits } else { 0 };
        }
    }

    fn wide_matches<T: Code<W>, const W: usize>(self, ranges: &[CodeRange], words: &mut [u64]) {
        if ranges.len() > FEW {
            return self.looked_up::<T, W>(&CodeSet::new(ranges), words);
        }
        for range in ranges {
            // Ranges beyond the width have no code.
            let first = T::at_most(range.first);
            if first.wide() == range.first {
                let span = T::span(first, T::at_most(range.last));
                self.scan::<T, W>(|code| code.within(first, span), words);
            }
        }
    }

    fn looked_up<T: Code<W>, const W: usize>(self, set: &CodeSet<'_>, words: &mut [u64]) {
        let Some(shift) = set.shift else {
            return self.scan::<T, W>(|code| set.has(code.at_most_64()), words);
        };
        let mut maybe = vec![0; words.len()];
        self.scan::<T, W>(|code| set.has(hash(code.low(), shift)), &mut maybe);
        for (place, (word, mut bits)) in words.iter_mut().zip(maybe).enumerate() {
            while bits != 0 {
                let bit = bits.trailing_zeros();
                bits &= bits - 1;
                let code = self.get(BLOCK * place + bit as usize);
                *word |= u64::from(code.is_some_and(|code| contains(set.ranges, code))) << bit;
            }
        }
    }

    fn scan<T: Code<W>, const W: usize>(self, test: impl Fn(T) -> bool, words: &mut [u64]) {
        let (blocks, _) = self.bytes.as_chunks::<W>().0.as_chunks::<BLOCK>();
        for (word, block) in words.iter_mut().zip(blocks) {
            let mut hits = [0; BLOCK];
            for (hit, &code) in hits.iter_mut().zip(block) {
                *hit = u8::from(test(T::read(code)));
            }
            *word |= packed(&hits);
        }
    }
}

/// 64 bytes that are 0 or 1 as bits: a product moves those of eight bytes into its top byte.
fn packed(hits: &[u8; BLOCK]) -> u64 {
    let mut word = [0; 8];
    for (byte, hits) in word.iter_mut().zip(hits.as_chunks::<8>().0) {
        *byte = (u64::from_le_bytes(*hits).wrapping_mul(0x0102_0408_1020_4080) >> 56) as u8;
    }
    u64::from_le_bytes(word)
}

/// Whether a code is in one of the ranges.
pub(super) fn contains(ranges: &[CodeRange], code: u128) -> bool {
    let after = ranges.partition_point(|range| range.first <= code);
    after.checked_sub(1).is_some_and(|at| code <= ranges[at].last)
}

/// Fibonacci hashing: the golden ratio spreads consecutive codes.
fn hash(code: u64, shift: u32) -> u64 {
    code.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> shift
}

/// Many ranges, made for looking codes up.
struct CodeSet<'r> {
    ranges: &'r [CodeRange],
    /// A bit for each code; or for each hash, which other codes share.
    bits: Vec<u64>,
    /// By how much a code's product is shifted to give its hash; none where bits are codes.
    shift: Option<u32>,
}

impl<'r> CodeSet<'r> {
    fn new(ranges: &'r [CodeRange]) -> Self {
        let last = ranges.last().map_or(0, |range| range.last);
        if last < u128::from(SMALL) {
            let mut set = Self { ranges, bits: vec![0; last as usize / 64 + 1], shift: None };
            for range in ranges {
                (range.first..=range.last).for_each(|code| set.insert(code as u64));
            }
            return set;
        }
        let size = |range: &CodeRange| (range.last - range.first).saturating_add(1);
        let codes = ranges.iter().map(size).fold(0, u128::saturating_add);
        if codes > u128::from(SMALL) / 32 {
            // Hashes would tell nothing of so many.
            return Self { ranges, bits: vec![u64::MAX], shift: Some(u64::BITS - 6) };
        }
        // Of the codes that are not in the set, one in 32 or fewer shares a hash with one that is.
        let bits = (32 * codes as usize).next_power_of_two();
        let shift = u64::BITS - bits.trailing_zeros();
        let mut set = Self { ranges, bits: vec![0; bits / 64], shift: Some(shift) };
        for range in ranges {
            (range.first..=range.last).for_each(|code| set.insert(hash(code as u64, shift)));
        }
        set
    }

    fn insert(&mut self, place: u64) {
        self.bits[place as usize / 64] |= 1 << (place % 64);
    }

    fn has(&self, place: u64) -> bool {
        self.bits.get((place / 64) as usize).is_some_and(|bits| bits >> (place % 64) & 1 == 1)
    }
}

#[cfg(test)]
mod tests {
    use super::super::range::merged;
    use super::*;
    use proptest::prelude::*;

    const WIDTHS: [u32; 7] = [0, 1, 8, 16, 32, 64, 128];

    /// Codes of a width as on disk.
    fn written(codes: &[u128], bits: u32) -> Vec<u8> {
        let width = bits as usize / 8;
        if bits == 1 {
            let byte =
                |codes: &[u128]| codes.iter().rev().fold(0, |byte, &code| byte << 1 | code as u8);
            return codes.chunks(8).map(byte).collect();
        }
        codes.iter().flat_map(|code| code.to_le_bytes()[..width].to_vec()).collect()
    }

    fn codes(bits: u32) -> impl proptest::strategy::Strategy<Value = u128> {
        let most = if bits == 0 { 0 } else { u128::MAX >> (128 - bits) };
        prop_oneof![
            (0..=40u128).prop_map(move |code| code.min(most)),
            any::<u128>().prop_map(move |code| code & most),
            (0..=3u128).prop_map(move |code| most - code.min(most)),
        ]
    }

    proptest! {
        #[test]
        fn every_code_is_tested_alike(
            (bits, codes, others) in prop::sample::select(&WIDTHS[..]).prop_flat_map(|bits| (
                Just(bits),
                prop::collection::vec(codes(bits), 3 * BLOCK),
                prop::collection::vec((codes(128), 0..30u128), 0..12),
            )),
            points in 0..40usize,
            spans in any::<bool>(),
        ) {
            let mut ranges: Vec<CodeRange> = others
                .into_iter()
                .map(|(first, span)| {
                    CodeRange { first, last: first.saturating_add(if spans { span } else { 0 }) }
                })
                .collect();
            ranges.extend(codes.iter().take(points).map(|&first| CodeRange { first, last: first }));
            let ranges = merged(ranges);
            let bytes = written(&codes, bits);
            let (mut words, column) = ([0; 3], Codes { bits, bytes: &bytes });
            column.matches(&ranges, &mut words);
            for (i, &code) in codes.iter().enumerate() {
                prop_assert_eq!(column.get(i), Some(code));
                let expected = ranges.iter().any(|range| (range.first..=range.last).contains(&code));
                prop_assert_eq!(words[i / 64] >> (i % 64) & 1 == 1, expected, "{} of {:?}", code, &ranges);
            }
        }
    }
}
