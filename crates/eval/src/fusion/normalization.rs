//! Scores of different systems on one scale.

/// The least divisor: lists of almost equal scores are not blown up without limit.
const LEAST: f64 = 1e-9;

/// How the scores of one list are made comparable with those of others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Normalization {
    /// (score − least) / (greatest − least): from 0 to 1. A list of equal scores becomes zeros.
    #[default]
    MinMax,
    /// (score − mean) / standard deviation, that of the list itself (its squares are divided by n).
    /// A list of equal scores becomes zeros; so does, in effect, a document that a list lacks.
    ZScore,
    /// As they are.
    None,
}

impl Normalization {
    /// Normalizes the scores of one list.
    pub(super) fn apply(self, scores: &mut [f64]) {
        let (least, greatest) = (bound(scores, f64::min), bound(scores, f64::max));
        match self {
            Self::None => {}
            _ if least == greatest => scores.fill(0.0),
            Self::MinMax => shift_and_scale(scores, least, greatest - least),
            Self::ZScore => {
                let mean = scores.iter().sum::<f64>() / scores.len() as f64;
                let squares = scores.iter().map(|score| (score - mean).powi(2));
                let deviation = (squares.sum::<f64>() / scores.len() as f64).sqrt();
                shift_and_scale(scores, mean, deviation);
            }
        }
    }
}

fn bound(scores: &[f64], choose: fn(f64, f64) -> f64) -> f64 {
    scores.iter().copied().fold(f64::NAN, choose)
}

fn shift_and_scale(scores: &mut [f64], shift: f64, scale: f64) {
    for score in scores {
        *score = (*score - shift) / scale.max(LEAST);
    }
}
