//! Rounding to 8 bits: a decoder's rows as blocks of 64 terms, a text's states as bytes.

/// Float sums round too: this share of a bound is added to it, far above what 32-bit sums of some
/// thousand can lose.
const SLACK: f32 = 1e-3;
/// Terms a block: four vectors of 16.
pub(super) const TERMS: usize = VECTORS * LANES;
/// Vectors a block.
pub(super) const VECTORS: usize = 4;
/// Terms a vector.
pub(super) const LANES: usize = 16;
/// Products that one instruction adds up.
pub(super) const GROUP: usize = 4;
/// States are bytes without sign: the rounded state plus this.
const ZERO: i32 = 128;

/// 16 terms' weights of four neighboring dimensions, as one vector takes them.
#[derive(Clone, Copy)]
#[repr(C, align(64))]
pub(super) struct Line(pub(super) [i8; LANES * GROUP]);

/// 64 rows of a decoder. Places beyond the last row have weights of zero and a bias of −∞.
pub(super) struct Block {
    /// [groups of four dimensions, four vectors of 16 terms]
    pub(super) lines: Vec<Line>,
    /// By term: what [`ZERO`] adds to the integer product, negative.
    pub(super) offsets: [i32; TERMS],
    scales: [f32; TERMS],
    bias: [f32; TERMS],
    /// ‖w‖
    norms: [f32; TERMS],
    /// ‖w − ŵ‖
    losses: [f32; TERMS],
}

impl Block {
    /// `rows` [terms, width] and their biases; at most [`TERMS`] of them.
    pub(super) fn new(rows: &[f32], bias: &[f32], width: usize) -> Self {
        let mut block = Self {
            lines: vec![Line([0; _]); width.div_ceil(GROUP) * VECTORS],
            offsets: [0; TERMS],
            scales: [0.0; TERMS],
            bias: [f32::NEG_INFINITY; TERMS],
            norms: [0.0; TERMS],
            losses: [0.0; TERMS],
        };
        for (term, (row, &bias)) in rows.chunks(width).zip(bias).enumerate() {
            let scale = scale(row);
            let mut sum = 0;
            for (place, rounded) in row.iter().map(|&weight| rounded(weight, scale)).enumerate() {
                let line = place / GROUP * VECTORS + term / LANES;
                block.lines[line].0[term % LANES * GROUP + place % GROUP] = rounded as i8;
                sum += rounded;
            }
            block.offsets[term] = -ZERO * sum;
            block.scales[term] = scale;
            block.bias[term] = bias;
            block.norms[term] = norm(row.iter().copied());
            block.losses[term] = norm(losses(row, scale));
        }
        block
    }

    /// A bit for each term whose largest logit may be above zero, from the largest products over
    /// the text's tokens. What can't be compared counts as above.
    pub(super) fn above_zero(&self, maxima: &[f32; TERMS], text: &PackedText) -> u64 {
        let mut mask = 0;
        for (term, product) in maxima.iter().enumerate() {
            let bound = text.loss * self.norms[term] + text.norm * self.losses[term];
            let logit = product * self.scales[term];
            let most = logit
                + self.bias[term]
                + bound
                + SLACK * (bound + logit.abs() + self.bias[term].abs());
            let below = most <= 0.0 || self.bias[term] == f32::NEG_INFINITY;
            mask |= u64::from(!below) << term;
        }
        mask
    }
}

/// The states of a text's tokens.
pub(super) struct PackedText {
    /// [tokens, groups of four dimensions]: four bytes each.
    pub(super) groups: Vec<i32>,
    /// By token.
    pub(super) scales: Vec<f32>,
    /// The largest ‖x̂‖.
    norm: f32,
    /// The largest ‖x − x̂‖.
    loss: f32,
}

impl PackedText {
    /// `states` [tokens, width]; none if one is not finite.
    pub(super) fn new(states: &[f32], width: usize) -> Option<Self> {
        if !states.iter().all(|state| state.is_finite()) {
            return None;
        }
        let tokens = states.len() / width;
        let mut text = Self {
            groups: Vec::with_capacity(tokens * width.div_ceil(GROUP)),
            scales: Vec::with_capacity(tokens),
            norm: 0.0,
            loss: 0.0,
        };
        for state in states.chunks(width) {
            let scale = scale(state);
            text.scales.push(scale);
            text.norm =
                text.norm.max(norm(state.iter().map(|&x| rounded(x, scale) as f32 * scale)));
            text.loss = text.loss.max(norm(losses(state, scale)));
            for group in state.chunks(GROUP) {
                let mut bytes = [ZERO as u8; GROUP];
                for (byte, &x) in bytes.iter_mut().zip(group) {
                    *byte = (rounded(x, scale) + ZERO) as u8;
                }
                text.groups.push(i32::from_le_bytes(bytes));
            }
        }
        Some(text)
    }

    /// Groups of four dimensions a token.
    pub(super) fn depth(&self) -> usize {
        self.groups.len() / self.scales.len().max(1)
    }
}

/// The largest of `numbers` is 127 of these; above zero.
pub(super) fn scale(numbers: &[f32]) -> f32 {
    let largest = numbers.iter().fold(0.0f32, |largest, number| largest.max(number.abs()));
    (largest / 127.0).max(f32::MIN_POSITIVE)
}

/// From −127 to 127, halves to even.
pub(super) fn rounded(number: f32, scale: f32) -> i32 {
    // Beside a number of 1.5 · 2²³ a float has no place for a fraction. Without SSE 4.1, which
    // can't be taken for granted here, rounding is a call that took most of a model's start.
    const WHOLE: f32 = 12_582_912.0;
    ((number / scale + WHOLE) - WHOLE) as i32
}

fn losses(numbers: &[f32], scale: f32) -> impl Iterator<Item = f32> {
    numbers.iter().map(move |&number| number - rounded(number, scale) as f32 * scale)
}

fn norm(numbers: impl Iterator<Item = f32>) -> f32 {
    numbers.map(|number| number * number).sum::<f32>().sqrt()
}

#[cfg(test)]
mod tests {
    use super::rounded;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn rounding_is_to_the_nearest(number in -127.0f32..=127.0, half in -127i16..127) {
            prop_assert_eq!(rounded(number, 1.0), number.round_ties_even() as i32);
            let half = f32::from(half) + 0.5;
            prop_assert_eq!(rounded(half, 1.0), half.round_ties_even() as i32);
        }
    }
}
