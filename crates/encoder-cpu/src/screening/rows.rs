//! A decoder's rows as bytes, in panels.

use super::rounding::{lines_of, round};
use super::states::{Bounds, zero};
use crate::panels::{panel_lines, store_columns};
use crate::simd::{LANES, Line, Simd, Task};

/// Float sums round too: this share of a bound is added to it, far above what 32-bit sums of some
/// thousand can lose.
const SLACK: f32 = 1e-3;
/// The largest rounded weight.
pub(super) const LARGEST_WEIGHT: i32 = 127;

/// Rounds a decoder.
pub(super) struct RoundRows<'r> {
    /// [terms, width]
    pub(super) decoder: &'r [f32],
    pub(super) bias: &'r [f32],
    pub(super) width: usize,
}

/// A decoder, rounded. Lines are by sixteen terms; where a line has no term its weights are zero
/// and its bias −∞.
pub(super) struct RoundedRows {
    panels: Vec<Line>,
    /// Lines of a panel.
    panel: usize,
    /// What the states' zero adds to the integer products, negative: integers.
    pub(super) offsets: Vec<Line>,
    pub(super) scales: Vec<Line>,
    pub(super) bias: Vec<Line>,
    /// ‖w‖
    pub(super) norms: Vec<Line>,
    /// ‖w − ŵ‖
    pub(super) losses: Vec<Line>,
}

/// Lines a word of a panel, by level.
const fn wide<S: Simd>() -> usize {
    if S::NARROW { 1 } else { 4 }
}

impl Task for RoundRows<'_> {
    type Output = RoundedRows;

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) -> RoundedRows {
        let (wide, depth) = (wide::<S>(), lines_of(self.width));
        let sixteens = self.bias.len().div_ceil(LANES).next_multiple_of(wide);
        let lines = |fill: f32| vec![Line([fill.to_bits(); LANES]); sixteens];
        let mut rows = RoundedRows {
            panels: vec![Line::ZERO; panel_lines(sixteens, wide, depth)],
            panel: panel_lines(wide, wide, depth),
            offsets: lines(0.0),
            scales: lines(0.0),
            bias: lines(f32::NEG_INFINITY),
            norms: lines(0.0),
            losses: lines(0.0),
        };
        let mut words = vec![Line::ZERO; LANES * depth];
        let terms = self.decoder.chunks(LANES * self.width).zip(self.bias.chunks(LANES));
        for (sixteen, (decoder, bias)) in terms.enumerate() {
            words.fill(Line::ZERO);
            for (lane, (row, &bias)) in decoder.chunks(self.width).zip(bias).enumerate() {
                let words = &mut words[lane * depth..][..depth];
                let rounded = round(simd, row, LARGEST_WEIGHT, 0, words);
                rows.offsets[sixteen].0[lane] = (-zero::<S>() * rounded.sum) as u32;
                rows.scales[sixteen].0[lane] = rounded.scale.to_bits();
                rows.bias[sixteen].0[lane] = bias.to_bits();
                rows.norms[sixteen].0[lane] = rounded.norm.to_bits();
                rows.losses[sixteen].0[lane] = rounded.loss.to_bits();
            }
            let first = sixteen / wide * rows.panel + sixteen % wide;
            for line in 0..depth {
                let mut lanes = [simd.splat(0.0); LANES];
                for (lane, row) in lanes.iter_mut().enumerate() {
                    *row = simd.load(&words[lane * depth + line]);
                }
                store_columns(simd, lanes, &mut rows.panels[first + line * LANES * wide..], wide);
            }
        }
        rows
    }
}

impl RoundedRows {
    /// How many panels there are.
    #[inline(always)]
    pub(super) fn panels(&self) -> usize {
        self.panels.len() / self.panel
    }

    /// The words of a panel.
    #[inline(always)]
    pub(super) fn words(&self, panel: usize) -> &[Line] {
        &self.panels[panel * self.panel..][..self.panel]
    }

    /// What sums of integer products start from.
    #[inline(always)]
    pub(super) fn offsets<S: Simd, const V: usize>(&self, simd: S, panel: usize) -> [S::Lanes; V] {
        let mut start = [simd.splat(0.0); V];
        for (v, start) in start.iter_mut().enumerate() {
            *start = simd.load(&self.offsets[panel * V + v]);
        }
        start
    }

    /// A bit for each of sixteen terms whose largest logit may be above zero, from the largest
    /// products over the text's tokens. `of` takes the terms' numbers from those of all. What can't
    /// be compared counts as above.
    #[inline(always)]
    pub(super) fn above_zero<S: Simd>(
        &self,
        simd: S,
        of: impl Fn(&[Line]) -> S::Lanes,
        maxima: S::Lanes,
        text: &Bounds,
    ) -> u16 {
        let bias = of(&self.bias);
        let logit = simd.mul(maxima, of(&self.scales));
        let of_weights = simd.mul(simd.splat(text.norm), of(&self.losses));
        let bound = simd.fma(simd.splat(text.loss), of(&self.norms), of_weights);
        let size = simd.add(bound, simd.add(simd.abs(logit), simd.abs(bias)));
        let most = simd.add(simd.add(logit, bias), bound);
        let above = simd.above(simd.fma(simd.splat(SLACK), size, most), simd.splat(0.0));
        // A bias of −∞, of a term or of none, makes NaN of the slack.
        let lowest = simd.splat(f32::NEG_INFINITY);
        above & simd.above(bias, lowest)
    }
}
