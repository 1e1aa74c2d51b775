//! The precision of scores.

/// The precision that scores are rounded to before they are compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ScorePrecision {
    /// 32 bits: trec_eval up to 9.0.8, and with it pytrec_eval and ir-measures. Integers above 2²⁴
    /// lose order.
    #[default]
    Single,
    /// 64 bits: trec_eval 10.
    Double,
}

impl ScorePrecision {
    /// A score as evaluators hold it. Minus zero becomes zero, so that the two are equal under any
    /// order.
    pub(super) fn round(self, score: f64) -> f64 {
        0.0 + match self {
            Self::Single => f64::from(score as f32),
            Self::Double => score,
        }
    }
}
