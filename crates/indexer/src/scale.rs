//! The distribution of a collection's weights, and the scale that follows from it.

use std::str::FromStr;

use spork_core::Quantizer;
use spork_index::WeightKind;

/// Impacts that fit one byte.
const BYTE: f32 = 255.0;
/// Impacts that a posting can hold at all.
const LARGEST: f32 = 65_535.0;
/// The share of weights whose impacts must fit a byte.
const QUANTILE: f64 = 0.9999;
/// How many times as large as that quantile the largest weight may be and still set the scale.
const HEADROOM: f32 = 2.0;

/// The step between the impacts of texts whose weights are not known yet: BM25's part of a document
/// is below 1.
pub(crate) const TEXT_SCALE: f32 = 1.0 / BYTE;

/// The step between the impacts of a field of vectors.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Scale {
    /// Weights are integers, and kept as they are.
    Integer,
    /// Weights become multiples of this.
    Step(Quantizer),
}

impl Scale {
    /// The map between weights and impacts.
    pub fn quantizer(self) -> Quantizer {
        match self {
            Self::Integer => Quantizer::INTEGER,
            Self::Step(quantizer) => quantizer,
        }
    }

    /// The kind of weights that it is for.
    pub fn kind(self) -> WeightKind {
        match self {
            Self::Integer => WeightKind::Integer,
            Self::Step(_) => WeightKind::Float,
        }
    }
}

/// The fault of a scale as text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{got:?}: expected a number above 0, or integer")]
pub struct ScaleError {
    /// What was given.
    got: String,
}

impl FromStr for Scale {
    type Err = ScaleError;

    /// Reads `integer`, or the step.
    fn from_str(text: &str) -> Result<Self, ScaleError> {
        let step = || text.parse().ok().and_then(Quantizer::new).map(Self::Step);
        let scale = if text == "integer" { Some(Self::Integer) } else { step() };
        scale.ok_or_else(|| ScaleError { got: text.to_owned() })
    }
}

/// A histogram of weights with a resolution of 1/128, and whether all are integers.
pub(crate) struct WeightProfile {
    /// By the upper half of the float's bits: positive floats are ordered like their bits.
    bins: Vec<u64>,
    weights: u64,
    max: f32,
    fractions: bool,
}

impl Default for WeightProfile {
    fn default() -> Self {
        Self { bins: vec![0; 1 << 15], weights: 0, max: 0.0, fractions: false }
    }
}

impl WeightProfile {
    /// Counts a weight, which must be finite and above zero.
    pub(crate) fn add(&mut self, weight: f32) {
        self.bins[(weight.to_bits() >> 16) as usize & 0x7fff] += 1;
        self.weights += 1;
        self.max = self.max.max(weight);
        self.fractions |= weight.fract() != 0.0;
    }

    /// Whether there is no weight.
    pub(crate) fn is_empty(&self) -> bool {
        self.weights == 0
    }

    pub(crate) fn kind(&self) -> WeightKind {
        if self.fractions { WeightKind::Float } else { WeightKind::Integer }
    }

    /// Scale 1 for integers, which stay as they are. For floats, the largest weight gets impact
    /// 255, unless it is an outlier (more than twice the 99.99 % quantile): then the quantile gets
    /// 255, and the few lists with larger weights take 16-bit impacts, so that one stray weight
    /// does not coarsen all others.
    pub(crate) fn quantizer(&self) -> Quantizer {
        if self.kind() == WeightKind::Integer {
            return Quantizer::INTEGER;
        }
        let quantile = self.quantile();
        let anchor = if self.max <= quantile * HEADROOM { self.max } else { quantile };
        let scale = (anchor / BYTE).max(self.max / LARGEST).max(f32::MIN_POSITIVE);
        Quantizer::new(scale).unwrap_or(Quantizer::INTEGER)
    }

    /// The upper edge of the bin that holds the quantile.
    fn quantile(&self) -> f32 {
        let rank = (self.weights as f64 * QUANTILE).ceil() as u64;
        let mut seen = 0;
        let bin = self.bins.iter().position(|&count| {
            seen += count;
            seen >= rank
        });
        bin.map_or(self.max, |bin| f32::from_bits((bin as u32 + 1) << 16))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn profile(weights: impl IntoIterator<Item = f32>) -> WeightProfile {
        let mut profile = WeightProfile::default();
        weights.into_iter().for_each(|weight| profile.add(weight));
        profile
    }

    #[test]
    fn integers_stay() {
        let p = profile([1.0, 300.0, 65_535.0]);
        assert_eq!((p.kind(), p.quantizer()), (WeightKind::Integer, Quantizer::INTEGER));
        assert_eq!(profile([]).quantizer(), Quantizer::INTEGER);
    }

    #[test]
    fn the_largest_float_gets_255() {
        let p = profile((1..=3000).map(|i| i as f32 / 1000.0));
        assert_eq!(p.kind(), WeightKind::Float);
        assert_eq!(p.quantizer().quantize(3.0), Some(255));
    }

    #[test]
    fn an_outlier_does_not_coarsen_the_rest() {
        let p = profile((0..100_000).map(|i| 1.0 + (i % 1000) as f32 / 1000.0).chain([500.0]));
        let q = p.quantizer();
        assert!((100..=255).contains(&q.quantize(2.0).unwrap()), "{q:?}");
        assert!(q.quantize(500.0).unwrap() > 255);
        let p = profile((0..100_000).map(|i| 1.0 + (i % 1000) as f32 / 1000.0).chain([f32::MAX]));
        assert!(p.quantizer().quantize(f32::MAX).is_some());
    }

    #[test]
    fn the_smallest_floats_have_a_scale() {
        let p = profile([f32::from_bits(1), f32::from_bits(3)]);
        assert!(p.quantizer().scale() > 0.0);
    }
}
