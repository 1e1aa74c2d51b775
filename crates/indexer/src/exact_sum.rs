//! Sums of floats that do not depend on their order.

/// Exponents of 64-bit floats.
const EXPONENTS: usize = 1 << 11;
/// Bits of a mantissa below its first.
const MANTISSA: u32 = 52;

/// The exact sum of up to 2³² finite numbers that are not negative: their mantissas are added up as
/// integers, by exponent.
pub(crate) struct ExactSum {
    mantissas: Vec<u128>,
}

impl Default for ExactSum {
    fn default() -> Self {
        Self { mantissas: vec![0; EXPONENTS] }
    }
}

impl ExactSum {
    pub(crate) fn add(&mut self, number: f64) {
        let bits = number.to_bits();
        let exponent = (bits >> MANTISSA) as usize % EXPONENTS;
        let fraction = bits & ((1 << MANTISSA) - 1);
        // Subnormal numbers have the unit of the smallest normal ones, and no leading bit.
        let (place, mantissa) = match exponent {
            0 => (1, fraction),
            _ => (exponent, fraction | 1 << MANTISSA),
        };
        self.mantissas[place] += u128::from(mantissa);
    }

    /// The sum, rounded once an exponent.
    pub(crate) fn total(&self) -> f64 {
        // The smallest come first, so that they count.
        self.mantissas.iter().enumerate().fold(0.0, |sum, (exponent, &mantissa)| match mantissa {
            0 => sum,
            _ => sum + mantissa as f64 * unit(exponent),
        })
    }
}

/// The value of the last bit of a mantissa.
fn unit(exponent: usize) -> f64 {
    2f64.powi(exponent as i32 - 1023) * 2f64.powi(-(MANTISSA as i32))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sum(numbers: impl IntoIterator<Item = f64>) -> f64 {
        let mut sum = ExactSum::default();
        numbers.into_iter().for_each(|number| sum.add(number));
        sum.total()
    }

    #[test]
    fn integers_and_halves_are_exact() {
        assert_eq!(sum([]), 0.0);
        assert_eq!(sum([0.0, 1.5, 2.25, 1e6]), 1_000_003.75);
        assert_eq!(sum((1..=1000).map(f64::from)), 500_500.0);
        assert_eq!(sum([f64::MIN_POSITIVE; 3]), 3.0 * f64::MIN_POSITIVE);
        assert_eq!(sum([f64::MIN_POSITIVE / 4.0; 8]), 2.0 * f64::MIN_POSITIVE);
    }

    proptest! {
        #[test]
        fn order_does_not_count(
            (numbers, shuffled) in prop::collection::vec(0.0..1e9f64, 0..200)
                .prop_flat_map(|numbers| (Just(numbers.clone()), Just(numbers).prop_shuffle())),
        ) {
            let plain: f64 = numbers.iter().sum();
            let total = sum(numbers);
            prop_assert_eq!(total.to_bits(), sum(shuffled).to_bits());
            prop_assert!((total - plain).abs() <= 1e-12 * plain);
        }
    }
}
