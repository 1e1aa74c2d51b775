//! The regularized incomplete beta function, which Student's distribution is made of.

use std::f64::consts::TAU;

/// Iₓ(a, b) for 0 ≤ x ≤ 1 and positive a, b: x^a (1−x)^b / (a B(a, b)) times a continued fraction
/// (NIST Digital Library of Mathematical Functions, 8.17.22), on the side of the mean where the
/// fraction converges fast.
pub(super) fn regularized_beta(x: f64, a: f64, b: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    if x >= 1.0 {
        return 1.0;
    }
    if x > (a + 1.0) / (a + b + 2.0) {
        return 1.0 - regularized_beta(1.0 - x, b, a);
    }
    let ln_front = a * x.ln() + b * (-x).ln_1p() + ln_gamma(a + b) - ln_gamma(a) - ln_gamma(b);
    (ln_front.exp() / a * fraction(x, a, b)).clamp(0.0, 1.0)
}

/// 1/(1 + d₁/(1 + d₂/(1 + …))), evaluated from the front by keeping the ratios of successive
/// numerators and denominators (Lentz's method).
fn fraction(x: f64, a: f64, b: f64) -> f64 {
    const TINY: f64 = 1e-300;
    let away_from_zero = |value: f64| if value.abs() < TINY { TINY } else { value };
    let (mut value, mut numerators, mut denominators) = (1.0, 1.0, 0.0);
    for step in 1_u32..100_000 {
        let m = f64::from(step / 2);
        let d = if step % 2 == 0 {
            m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m))
        } else {
            -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0))
        };
        numerators = away_from_zero(1.0 + d / numerators);
        denominators = 1.0 / away_from_zero(1.0 + d * denominators);
        let change = numerators * denominators;
        value *= change;
        if (change - 1.0).abs() < f64::EPSILON {
            break;
        }
    }
    1.0 / value
}

/// ln Γ(x) for x > 0: Stirling's series (DLMF 5.11.1) where it is exact to the last digits, reached
/// from below by Γ(x) = Γ(x + 1) / x.
fn ln_gamma(x: f64) -> f64 {
    const SERIES: [f64; 6] =
        [1.0 / 12.0, -1.0 / 360.0, 1.0 / 1260.0, -1.0 / 1680.0, 1.0 / 1188.0, -691.0 / 360_360.0];
    let (mut x, mut product) = (x, 1.0);
    while x < 15.0 {
        product *= x;
        x += 1.0;
    }
    let square = (x * x).recip();
    let series = SERIES.iter().rev().fold(0.0, |sum, term| sum * square + term) / x;
    (x - 0.5) * x.ln() - x + 0.5 * TAU.ln() + series - f64::ln(product)
}

#[cfg(test)]
mod tests {
    use std::f64::consts::PI;

    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn close(got: f64, expected: f64, tolerance: f64) {
        assert!(
            (got - expected).abs() <= tolerance * expected.abs().max(1e-300),
            "got {got:e}, expected {expected:e}"
        );
    }

    #[test]
    fn ln_gamma_is_the_factorials() {
        let mut ln_factorial = 0.0;
        for n in 1..300_u32 {
            assert!(
                (ln_gamma(f64::from(n)) - ln_factorial).abs() <= 1e-14 * ln_factorial.max(1.0),
                "{n}"
            );
            ln_factorial += f64::from(n).ln();
        }
        close(ln_gamma(0.5), PI.sqrt().ln(), 1e-14);
        close(ln_gamma(1e-3), 6.907_178_885_383_854, 1e-14);
    }

    #[test]
    fn closed_forms() {
        for i in 1..100 {
            let x = f64::from(i) / 100.0;
            for b in [0.5, 1.0, 2.0, 7.5, 300.0] {
                close(regularized_beta(x, b, 1.0), x.powf(b), 1e-12);
                assert!((regularized_beta(x, 1.0, b) - (1.0 - (1.0 - x).powf(b))).abs() < 1e-13);
            }
            close(regularized_beta(x, 0.5, 0.5), 2.0 / PI * x.sqrt().asin(), 1e-13);
            close(regularized_beta(x, 2.0, 2.0), x * x * (3.0 - 2.0 * x), 1e-13);
        }
        assert_eq!((regularized_beta(0.0, 2.0, 3.0), regularized_beta(1.0, 2.0, 3.0)), (0.0, 1.0));
    }

    proptest! {
        #[test]
        fn is_symmetric_and_rises(a in 0.1..4000.0_f64, b in 0.1..4000.0_f64, x in 0.0..1.0_f64, y in 0.0..1.0_f64) {
            let (low, high) = (x.min(y), x.max(y));
            prop_assert!(regularized_beta(low, a, b) <= regularized_beta(high, a, b) + 1e-10);
            prop_assert!((regularized_beta(x, a, b) + regularized_beta(1.0 - x, b, a) - 1.0).abs() < 1e-10);
        }
    }
}
