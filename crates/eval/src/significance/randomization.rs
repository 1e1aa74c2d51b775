//! Fisher's randomization test on paired differences.

use spork_core::Random;

use crate::resampling::Resampling;

/// From this many non-zero differences on, signs are sampled instead of enumerated.
const EXACT: usize = 20;

/// How probable a mean at least as far from 0 as that of `differences` is, if each difference could
/// as well have had the other sign (two-sided). All signs of up to 20 non-zero differences are
/// tried, which makes p exact; beyond that, signs are sampled, and p = (1 + extreme samples) / (1 +
/// samples) (Phipson and Smyth, 2010). `None` without differences, or where one is not finite.
pub fn randomization_test(differences: &[f64], resampling: Resampling) -> Option<f64> {
    if differences.is_empty() || differences.iter().any(|difference| !difference.is_finite()) {
        return None;
    }
    let nonzero: Vec<f64> =
        differences.iter().copied().filter(|&difference| difference != 0.0).collect();
    let extreme = Extreme::new(&nonzero);
    Some(if nonzero.len() <= EXACT {
        enumerate(&nonzero, extreme)
    } else {
        sample(&nonzero, extreme, resampling)
    })
}

/// The bound from which on a sum is as extreme as the observed one.
#[derive(Clone, Copy)]
struct Extreme(f64);

impl Extreme {
    /// The bound leaves room for rounding: sums that are equal on paper must not differ by the
    /// order of adding.
    fn new(differences: &[f64]) -> Self {
        let observed: f64 = differences.iter().sum();
        let size: f64 = differences.iter().map(|difference| difference.abs()).sum();
        Self(observed.abs() - 1e-12 * size)
    }

    fn holds(self, sum: f64) -> bool {
        sum.abs() >= self.0
    }
}

/// The share of all sign patterns that are extreme: every sum of one half's signs meets every sum
/// of the other's.
fn enumerate(differences: &[f64], extreme: Extreme) -> f64 {
    let (left, right) = differences.split_at(differences.len() / 2);
    let (left, right) = (signed_sums(left), signed_sums(right));
    let extremes = |a: &f64| right.iter().filter(|&b| extreme.holds(a + b)).count();
    let count: usize = left.iter().map(extremes).sum();
    count as f64 / (left.len() * right.len()) as f64
}

/// The share of drawn sign patterns that are extreme. One random byte chooses the signs of eight
/// differences, by looking up their sum.
fn sample(differences: &[f64], extreme: Extreme, resampling: Resampling) -> f64 {
    let tables: Vec<f64> = differences.chunks(8).flat_map(padded_sums).collect();
    let mut random = Random::new(resampling.seed);
    let mut count = 1_u64;
    for _ in 0..resampling.samples {
        let mut sum = 0.0;
        for group in tables.chunks(8 * 256) {
            let bytes = random.next_u64().to_le_bytes();
            sum += group
                .chunks_exact(256)
                .zip(bytes)
                .map(|(table, byte)| table[usize::from(byte)])
                .sum::<f64>();
        }
        count += u64::from(extreme.holds(sum));
    }
    count as f64 / (1.0 + f64::from(resampling.samples))
}

/// The 256 signed sums of up to eight differences.
fn padded_sums(differences: &[f64]) -> Vec<f64> {
    let mut eight = [0.0; 8];
    for (place, &difference) in eight.iter_mut().zip(differences) {
        *place = difference;
    }
    signed_sums(&eight)
}

/// The sums of `values` under all patterns of signs.
fn signed_sums(values: &[f64]) -> Vec<f64> {
    let mut sums = vec![0.0];
    for value in values {
        sums = sums.iter().flat_map(|sum| [sum + value, sum - value]).collect();
    }
    sums
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn exact(differences: &[f64]) -> f64 {
        randomization_test(differences, Resampling { samples: 0, seed: 0 }).unwrap()
    }

    #[test]
    fn small_cases_by_hand() {
        // ±(1 + 2 + 3), two of the 8 assignments of signs, are as extreme as 6.
        assert_eq!(exact(&[1.0, 2.0, 3.0]), 2.0 / 8.0);
        // Sums ±6, ±4, ±2, 0, 0: six are at least 2 away from 0.
        assert_eq!(exact(&[1.0, -2.0, 3.0]), 6.0 / 8.0);
        // Zeros change nothing, equal sums count whatever their rounding.
        assert_eq!(exact(&[0.1, 0.0, 0.2, -0.3, 0.0]), 1.0);
        assert_eq!(exact(&[0.0, 0.0]), 1.0);
        assert_eq!(exact(&[-0.7]), 1.0);
        assert_eq!(exact(&[1.0; 20]), 2.0 / f64::from(1 << 20));
        // As SciPy 1.17's permutation_test with paired samples says.
        assert_eq!(exact(&[0.1, -0.2, 0.35, 0.05, 0.0, 0.4, -0.15, 0.22]), 0.265_625);
        assert_eq!(randomization_test(&[], Resampling::default()), None);
        assert_eq!(randomization_test(&[1.0, f64::NAN], Resampling::default()), None);
    }

    #[test]
    fn samples_come_near_what_enumeration_says() {
        let differences: Vec<f64> = (0..18).map(|i| f64::from(i * 37 % 19) / 19.0 - 0.3).collect();
        let extreme = Extreme::new(&differences);
        let exact = enumerate(&differences, extreme);
        let sampled = sample(&differences, extreme, Resampling::default());
        assert!(
            (exact - sampled).abs() < 4.0 * (exact * (1.0 - exact) / 1e5).sqrt(),
            "{exact} {sampled}"
        );
        assert_eq!(sampled, sample(&differences, extreme, Resampling::default()));
        assert_ne!(
            sampled,
            sample(&differences, extreme, Resampling { seed: 1, ..Resampling::default() })
        );
    }

    #[test]
    fn many_differences_are_drawn() {
        let strong = vec![0.1; 1000];
        assert_eq!(
            randomization_test(&strong, Resampling { samples: 999, seed: 7 }),
            Some(1.0 / 1000.0)
        );
        let none: Vec<f64> = (0..1000).map(|i| if i % 2 == 0 { 0.5 } else { -0.5 }).collect();
        assert_eq!(randomization_test(&none, Resampling { samples: 999, seed: 7 }), Some(1.0));
        assert_eq!(randomization_test(&none, Resampling { samples: 0, seed: 7 }), Some(1.0));
    }

    proptest! {
        #[test]
        fn enumeration_is_what_brute_force_says(differences in prop::collection::vec(-1.0..1.0_f64, 1..10)) {
            let bound = differences.iter().sum::<f64>().abs() - 1e-11;
            let patterns = 1_u32 << differences.len();
            let sum = |signs: u32| -> f64 {
                differences.iter().enumerate().map(|(i, d)| if signs >> i & 1 == 0 { *d } else { -d }).sum()
            };
            let count = (0..patterns).filter(|&signs| sum(signs).abs() >= bound).count();
            prop_assert_eq!(exact(&differences), count as f64 / f64::from(patterns));
        }

        #[test]
        fn p_is_a_probability(differences in prop::collection::vec(-1.0..1.0_f64, 1..60)) {
            let p = randomization_test(&differences, Resampling { samples: 100, seed: 3 }).unwrap();
            prop_assert!(p > 0.0 && p <= 1.0);
        }
    }
}
