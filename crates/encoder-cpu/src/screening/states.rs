//! The states of texts' tokens as bytes.

use super::rounding::{lines_of, round};
use crate::simd::{Line, Simd, Task};

/// Rounds the states of texts.
pub(super) struct RoundStates<'s> {
    pub(super) states: &'s [f32],
    /// Floats from a token's state to the next.
    pub(super) stride: usize,
    pub(super) width: usize,
    /// Tokens a text.
    pub(super) lengths: &'s [usize],
}

/// States, rounded.
pub(super) struct RoundedStates {
    /// A row a token; each byte is the rounded number plus [`zero`].
    pub(super) rows: Vec<Line>,
    /// Lines a row.
    pub(super) depth: usize,
    /// By token.
    pub(super) scales: Vec<f32>,
    /// By text: its last token, plus one.
    pub(super) ends: Vec<usize>,
    /// By text; none where a state is not finite.
    pub(super) texts: Vec<Option<Bounds>>,
}

/// Bounds over the tokens of a text.
pub(super) struct Bounds {
    /// The largest ‖x̂‖.
    pub(super) norm: f32,
    /// The largest ‖x − x̂‖.
    pub(super) loss: f32,
}

/// What is added to a rounded state, so that its byte has no sign.
pub(super) fn zero<S: Simd>() -> i32 {
    S::LARGEST_STATE + 1
}

impl Task for RoundStates<'_> {
    type Output = RoundedStates;

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) -> RoundedStates {
        let Self { states, stride, width, lengths } = self;
        let tokens: usize = lengths.iter().sum();
        let depth = lines_of(width);
        let mut rows = vec![Line::ZERO; tokens * depth];
        let mut scales = Vec::with_capacity(tokens);
        let (mut ends, mut texts) = (Vec::new(), Vec::new());
        let mut sources = states.chunks(stride).zip(rows.chunks_exact_mut(depth));
        for &length in lengths {
            let mut bounds = Some(Bounds { norm: 0.0, loss: 0.0 });
            for (state, words) in sources.by_ref().take(length) {
                let state = &state[..width];
                let rounded = round(simd, state, S::LARGEST_STATE, zero::<S>(), words);
                scales.push(rounded.scale);
                // What is lost of a number that is not finite is not, either.
                if !(rounded.rounded_norm + rounded.loss).is_finite() {
                    bounds = None;
                }
                if let Some(bounds) = &mut bounds {
                    bounds.norm = bounds.norm.max(rounded.rounded_norm);
                    bounds.loss = bounds.loss.max(rounded.loss);
                }
            }
            ends.push(scales.len());
            texts.push(bounds);
        }
        RoundedStates { rows, depth, scales, ends, texts }
    }
}
