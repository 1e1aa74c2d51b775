//! Numbers in as many bits as they need: written one after the other, read several at a time.

/// Bits that `number` needs.
#[inline]
pub(crate) const fn width_of(number: u32) -> u32 {
    u32::BITS - number.leading_zeros()
}

/// Appends numbers bit by bit, the least significant first.
pub(crate) struct BitWriter<'d> {
    data: &'d mut Vec<u8>,
    /// The bits that do not yet make a byte, and their number.
    rest: u32,
    bits: u32,
}

impl<'d> BitWriter<'d> {
    pub(crate) fn new(data: &'d mut Vec<u8>) -> Self {
        Self { data, rest: 0, bits: 0 }
    }

    /// Appends the lower `width` bits of `number`, up to 16, which are all it has.
    pub(crate) fn push(&mut self, number: u16, width: u32) {
        self.rest |= u32::from(number) << self.bits;
        self.bits += width;
        while self.bits >= 8 {
            self.data.push(self.rest as u8);
            self.rest >>= 8;
            self.bits -= 8;
        }
    }

    /// Fills the last byte up with zeros.
    pub(crate) fn align(&mut self) {
        self.push(0, self.bits.wrapping_neg() % 8);
    }
}

/// The first eight numbers of `width` bits, up to 8, a byte each, the first in the lowest.
#[inline]
pub(crate) fn spread_to_bytes(bits: u64, width: u32) -> u64 {
    let width = width.min(8);
    let fours = halves(bits, 4 * width, 32, 1);
    let twos = halves(fours, 2 * width, 16, 0x1_0000_0001);
    halves(twos, width, 8, 0x1_0001_0001_0001)
}

/// The first four numbers of `width` bits, up to 16, 16 bits each, the first in the lowest.
#[inline]
pub(crate) fn spread_to_words(bits: u64, width: u32) -> u64 {
    let width = width.min(16);
    let twos = halves(bits, 2 * width, 32, 1);
    halves(twos, width, 16, 0x1_0000_0001)
}

/// Moves the second `width` bits of each part to its `half`. `parts` has a one where each part
/// starts.
#[inline]
fn halves(bits: u64, width: u32, half: u32, parts: u64) -> u64 {
    let mask = ((1 << width) - 1) * parts;
    bits & mask | (bits >> width & mask) << half
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn numbers_come_back(width in 0u32..=16, numbers in prop::collection::vec(any::<u16>(), 8)) {
            let numbers: Vec<u16> = numbers.into_iter().map(|n| (u32::from(n) & ((1 << width) - 1)) as u16).collect();
            let mut data = Vec::new();
            let mut writer = BitWriter::new(&mut data);
            numbers.iter().for_each(|&number| writer.push(number, width));
            prop_assert_eq!(data.len(), width as usize);
            data.resize(16, 0);
            let bits = u128::from_le_bytes(data.try_into().unwrap());
            let words = [spread_to_words(bits as u64, width), spread_to_words((bits >> (4 * width)) as u64, width)];
            let words: Vec<u16> = (0..8).map(|i| (words[i / 4] >> (16 * (i % 4))) as u16).collect();
            prop_assert_eq!(&words, &numbers);
            if width <= 8 {
                let bytes = spread_to_bytes(bits as u64, width).to_le_bytes();
                prop_assert!(bytes.into_iter().map(u16::from).eq(numbers));
            }
        }
    }

    #[test]
    fn numbers_need_as_many_bits_as_they_have() {
        assert_eq!([0, 1, 2, 3, 255, 256].map(width_of), [0, 1, 2, 2, 8, 9]);
    }

    #[test]
    fn alignment_fills_up_with_zeros() {
        let mut data = Vec::new();
        let mut writer = BitWriter::new(&mut data);
        writer.align();
        writer.push(5, 3);
        writer.align();
        writer.push(1, 1);
        writer.align();
        assert_eq!(data, [5, 1]);
    }
}
