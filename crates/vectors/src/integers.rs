//! From weights to integers, for formats that hold nothing else.

use crate::error::Result;
use crate::scratch::Rows;

/// How weights become integers: times a factor, rounded.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Integers {
    pub(crate) factor: f64,
    /// Larger ones become this one.
    pub(crate) largest: u32,
}

impl Integers {
    /// The integer of a weight; 0 if it is under half a step.
    pub(crate) fn of(self, weight: f32) -> u32 {
        let scaled = (f64::from(weight) * self.factor).round();
        if scaled >= f64::from(self.largest) { self.largest } else { scaled as u32 }
    }

    /// Whether the integer of a weight is not the nearest one.
    fn clips(self, weight: f32) -> bool {
        (f64::from(weight) * self.factor).round() > f64::from(self.largest)
    }
}

/// What becomes of all weights of a collection.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tally {
    /// Weights that round to zero.
    pub(crate) zeroed: u64,
    /// Weights that are too large.
    pub(crate) clipped: u64,
    /// The sum of all integers.
    pub(crate) sum: u64,
    /// The largest sum of a vector.
    pub(crate) longest: u64,
    /// Whether a term has an integer above zero, by its number.
    pub(crate) has_term: Vec<bool>,
}

impl Tally {
    pub(crate) fn new(rows: &mut Rows, integers: Integers) -> Result<Self> {
        let mut tally = Self { has_term: vec![false; rows.counts().len()], ..Self::default() };
        let mut reader = rows.read()?;
        while !reader.is_at_end() {
            let mut sum = 0;
            while let Some((term, weight)) = reader.entry()? {
                let weight = unpack(weight);
                let integer = integers.of(weight);
                tally.zeroed += u64::from(integer == 0);
                tally.clipped += u64::from(integers.clips(weight));
                tally.has_term[term as usize] |= integer > 0;
                sum += u64::from(integer);
            }
            tally.sum += sum;
            tally.longest = tally.longest.max(sum);
        }
        Ok(tally)
    }
}

/// A weight as the value of a row: its bits, in an order in which those of round numbers are few.
pub(crate) fn pack(weight: f32) -> u32 {
    weight.to_bits().swap_bytes()
}

/// The weight of a row's value.
pub(crate) fn unpack(value: u32) -> f32 {
    f32::from_bits(value.swap_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_become_the_nearest_integer_that_fits() {
        let hundred = Integers { factor: 100.0, largest: 255 };
        for (weight, integer, clips) in [
            (0.004, 0, false),
            (0.006, 1, false),
            (1.234, 123, false),
            (2.554, 255, false),
            (2.556, 255, true),
            (f32::MAX, 255, true),
        ] {
            assert_eq!((hundred.of(weight), hundred.clips(weight)), (integer, clips), "{weight}");
        }
        let whole = Integers { factor: 1.0, largest: i32::MAX as u32 };
        assert_eq!(whole.of(16_777_216.0), 16_777_216);
        assert_eq!(whole.of(4e9), i32::MAX as u32);
    }
}
