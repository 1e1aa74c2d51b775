//! Functions of floats. Each is the same sequence of IEEE operations at every level, so that it
//! gives the same bits everywhere.

use spork_model::config::Activation;

use crate::simd::Simd;

/// 2ᵗ, relative error below 2e-7, for t from −126 to 126; beyond that as at the border.
#[inline(always)]
pub(crate) fn exp2<S: Simd>(simd: S, t: S::Lanes) -> S::Lanes {
    // Chebyshev interpolation of 2ᶠ for f from −½ to ½: the polynomial is off by 2e-9.
    const POWERS: [f32; 7] = [
        1.546_144_5e-4,
        1.340_042_8e-3,
        9.618_057e-3,
        5.550_327e-2,
        2.402_265e-1,
        6.931_472e-1,
        1.0,
    ];
    let t = simd.max(simd.splat(-126.0), simd.min(simd.splat(126.0), t));
    let whole = simd.round_to_words(t);
    let rest = simd.sub(t, simd.floats_of_words(whole));
    simd.mul(polynomial(simd, &POWERS, rest), simd.power_of_two(whole))
}

/// The error function, absolute error below 2e-7.
#[inline(always)]
fn erf<S: Simd>(simd: S, z: S::Lanes) -> S::Lanes {
    // erf(z) ≈ z·P(z²)/Q(z²), fitted by weighted least squares to an error of 1.6e-8 for |z| up to
    // 3.92, from where on erf is 1 to the precision of floats.
    const END: f32 = 3.92;
    const P: [f32; 6] = [
        2.034_694e-6,
        2.874_724_3e-4,
        3.868_229e-3,
        5.306_021_5e-2,
        1.927_624e-1,
        std::f32::consts::FRAC_2_SQRT_PI,
    ];
    const Q: [f32; 6] =
        [3.806_983_3e-5, 1.188_081_3e-3, 1.517_212_3e-2, 1.150_838_9e-1, 5.041_629e-1, 1.0];
    let z = simd.max(simd.splat(-END), simd.min(simd.splat(END), z));
    let square = simd.mul(z, z);
    let above = simd.mul(z, polynomial(simd, &P, square));
    simd.div(above, polynomial(simd, &Q, square))
}

/// A polynomial by Horner's rule, its highest power first.
#[inline(always)]
fn polynomial<S: Simd>(simd: S, coefficients: &[f32], x: S::Lanes) -> S::Lanes {
    let mut sum = simd.splat(coefficients[0]);
    for &coefficient in &coefficients[1..] {
        sum = simd.fma(sum, x, simd.splat(coefficient));
    }
    sum
}

/// The activation of each number.
#[inline(always)]
pub(crate) fn activate<S: Simd>(simd: S, activation: Activation, x: S::Lanes) -> S::Lanes {
    match activation {
        Activation::Gelu => gelu(simd, x),
        Activation::GeluTanh => gelu_tanh(simd, x),
        Activation::Relu => simd.max(simd.splat(0.0), x),
    }
}

/// x·Φ(x) = x/2·(1 + erf(x/√2)).
#[inline(always)]
fn gelu<S: Simd>(simd: S, x: S::Lanes) -> S::Lanes {
    let half = simd.mul(x, simd.splat(0.5));
    let erf = erf(simd, simd.mul(x, simd.splat(std::f32::consts::FRAC_1_SQRT_2)));
    simd.fma(half, erf, half)
}

/// x/2·(1 + tanh(u)) = x/(1 + e⁻²ᵘ), with u = √(2/π)·(x + 0.044715·x³).
#[inline(always)]
fn gelu_tanh<S: Simd>(simd: S, x: S::Lanes) -> S::Lanes {
    // −2·√(2/π)·log₂(e)
    const FACTOR: f32 = -2.302_208_2;
    let cubed = simd.mul(simd.mul(x, x), simd.mul(x, simd.splat(0.044_715)));
    let power = exp2(simd, simd.mul(simd.add(x, cubed), simd.splat(FACTOR)));
    simd.div(x, simd.add(simd.splat(1.0), power))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simd::{LANES, Level, Line, Task};

    #[derive(Clone, Copy, Debug)]
    enum Kind {
        Exp2,
        Activation(Activation),
    }

    /// A function of numbers.
    impl Task for (Kind, &[f32]) {
        type Output = Vec<f32>;

        #[inline(always)]
        fn run<S: Simd>(self, simd: S) -> Vec<f32> {
            let mut values = Vec::new();
            for numbers in self.1.chunks(LANES) {
                let x = simd.load(&Line::from_floats(numbers));
                let y = match self.0 {
                    Kind::Exp2 => exp2(simd, x),
                    Kind::Activation(activation) => activate(simd, activation, x),
                };
                values.extend_from_slice(&simd.numbers(y)[..numbers.len()]);
            }
            values
        }
    }

    fn erf_of(z: f64) -> f64 {
        // The series of Maclaurin, and beyond that the continued fraction of erfc.
        if z.abs() < 3.0 {
            let (mut term, mut sum) = (z, z);
            for n in 1..200 {
                term *= -z * z / f64::from(n);
                sum += term / f64::from(2 * n + 1);
            }
            return sum * std::f64::consts::FRAC_2_SQRT_PI;
        }
        let fraction = (1..60).rev().fold(0.0, |below, n| f64::from(n) / 2.0 / (z.abs() + below));
        let erfc = (-z * z).exp() / (z.abs() + fraction) * std::f64::consts::FRAC_2_SQRT_PI / 2.0;
        (1.0 - erfc).copysign(z)
    }

    fn expected(kind: Kind, x: f64) -> f64 {
        match kind {
            Kind::Exp2 => x.exp2(),
            Kind::Activation(Activation::Gelu) => {
                x / 2.0 * (1.0 + erf_of(x * std::f64::consts::FRAC_1_SQRT_2))
            }
            Kind::Activation(Activation::GeluTanh) => {
                let u = (2.0 / std::f64::consts::PI).sqrt() * (x + 0.044_715 * x * x * x);
                x / 2.0 * (1.0 + u.tanh())
            }
            Kind::Activation(Activation::Relu) => x.max(0.0),
        }
    }

    const KINDS: [Kind; 4] = [
        Kind::Exp2,
        Kind::Activation(Activation::Gelu),
        Kind::Activation(Activation::GeluTanh),
        Kind::Activation(Activation::Relu),
    ];

    fn bits(values: &[f32]) -> Vec<u32> {
        values.iter().map(|value| value.to_bits()).collect()
    }

    #[test]
    fn every_level_gives_the_same_bits_close_to_the_function() {
        let numbers: Vec<f32> = (-40_000..40_000).map(|step| step as f32 / 3_217.0).collect();
        for kind in KINDS {
            let mut same = None;
            for level in Level::permitted().unwrap() {
                let values = level.run((kind, numbers.as_slice()));
                for (&x, &value) in numbers.iter().zip(&values) {
                    let expected = expected(kind, f64::from(x));
                    let off = (f64::from(value) - expected).abs();
                    let allowed = match kind {
                        Kind::Exp2 => 3e-7 * expected,
                        Kind::Activation(_) => 3e-7 * f64::from(x.abs()).max(0.1),
                    };
                    assert!(off <= allowed, "{kind:?} of {x}: {value}, not {expected}");
                }
                let bits = bits(&values);
                assert_eq!(same.get_or_insert_with(|| bits.clone()), &bits, "{level:?}");
            }
        }
    }

    #[test]
    fn what_is_not_finite_is_not_hidden() {
        for level in Level::permitted().unwrap() {
            for kind in KINDS {
                assert!(level.run((kind, [f32::NAN].as_slice()))[0].is_nan(), "{kind:?}");
            }
            let power = level.run((Kind::Exp2, [f32::NEG_INFINITY].as_slice()))[0];
            assert_eq!(power, f32::MIN_POSITIVE);
        }
    }
}
