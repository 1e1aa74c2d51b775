//! The map between float weights and the small integers in postings.

/// A quantized weight as a posting holds it. No posting holds 0.
pub type Impact = u16;

/// Linear quantization: impact = round(weight / scale), and scale maps back.
///
/// A weight of at most `scale × 65535` comes back within `scale / 2`. A weight under `scale / 2`
/// has impact 0: it is not stored, and whoever drops it counts it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quantizer {
    scale: f32,
}

impl Quantizer {
    /// The quantizer that keeps integers as they are.
    pub const INTEGER: Self = Self { scale: 1.0 };

    /// A quantizer with the given step between impacts; `None` unless `scale` is finite and above
    /// zero.
    pub fn new(scale: f32) -> Option<Self> {
        (scale.is_finite() && scale > 0.0).then_some(Self { scale })
    }

    /// The weight of impact 1.
    pub fn scale(self) -> f32 {
        self.scale
    }

    /// The impact nearest to `weight`; `None` where that is beyond 65,535.
    pub fn quantize(self, weight: f32) -> Option<Impact> {
        let impact = (f64::from(weight) / f64::from(self.scale)).round();
        (impact <= f64::from(Impact::MAX)).then_some(impact as Impact)
    }

    /// The weight of `impact`.
    pub fn dequantize(self, impact: Impact) -> f32 {
        f32::from(impact) * self.scale
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn error_is_within_half_a_step(scale in 1e-6f32..1e3, position in 0f32..65_535.0) {
            let q = Quantizer::new(scale).unwrap();
            let weight = position * scale;
            let back = q.dequantize(q.quantize(weight).unwrap());
            prop_assert!((weight - back).abs() <= scale * 0.5 + weight * 1e-6);
        }
    }

    #[test]
    fn integers_are_exact_and_the_range_has_an_end() {
        for i in 0..=u16::MAX {
            assert_eq!(Quantizer::INTEGER.quantize(f32::from(i)), Some(i));
        }
        assert_eq!(Quantizer::INTEGER.quantize(65_536.0), None);
        assert_eq!(Quantizer::new(0.0), None);
        assert_eq!(Quantizer::new(f32::NAN), None);
        assert_eq!(Quantizer::new(f32::INFINITY), None);
    }
}
