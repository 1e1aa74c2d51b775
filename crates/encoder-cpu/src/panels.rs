//! Weights in the order in which the kernel reads them.
//!
//! A matrix [columns, depth] lies in panels of 16 to 48 columns, as suits the level's registers. A
//! panel goes through the depth word by word; each word is a line for each
//! sixteen columns, with a column's numbers in its lane.

use crate::format::Format;
use crate::simd::{LANES, Line, Simd};

/// A matrix in panels.
#[derive(Clone, Copy)]
pub(crate) struct Panels<'p> {
    pub(crate) lines: &'p [Line],
    /// Lines a word of a panel.
    pub(crate) wide: usize,
    /// Lines of a row that the matrix multiplies: a sixteenth of its words.
    pub(crate) depth: usize,
    /// Sixteens of columns.
    pub(crate) sixteens: usize,
}

impl<'p> Panels<'p> {
    /// How many panels there are.
    #[inline(always)]
    pub(crate) fn count(&self) -> usize {
        self.sixteens.div_ceil(self.wide)
    }

    /// The lines of a panel.
    #[inline(always)]
    pub(crate) fn panel(&self, number: usize) -> &'p [Line] {
        let length = self.depth * LANES * self.wide;
        &self.lines[number * length..][..length]
    }
}

/// Lines that panels take.
pub(crate) fn panel_lines(sixteens: usize, wide: usize, depth: usize) -> usize {
    sixteens.div_ceil(wide) * wide * depth * LANES
}

/// Stores sixteen rows as the columns of a panel that begin at its first line: a word of the rows
/// after the other, `wide` lines apart.
#[inline(always)]
pub(crate) fn store_columns<S: Simd>(
    simd: S,
    rows: [S::Lanes; LANES],
    panel: &mut [Line],
    wide: usize,
) {
    for (word, column) in simd.transpose(rows).into_iter().enumerate() {
        simd.store(column, &mut panel[word * wide]);
    }
}

/// Lines a word of a panel at most.
pub(crate) const WIDEST: usize = 3;

/// Lines a word of a panel that suit so many sixteens of columns.
fn width_of(sixteens: usize, narrow: bool) -> usize {
    match (narrow, sixteens.is_multiple_of(3)) {
        (true, _) => 1,
        (false, true) => WIDEST,
        (false, false) => 2,
    }
}

/// Weights and biases of x·Wᵀ + b.
pub(crate) struct Dense {
    lines: Vec<Line>,
    wide: usize,
    depth: usize,
    sixteens: usize,
    bias: Vec<Line>,
}

/// Where the numbers of a row lie: in parts of `width` numbers, each padded to `padded`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Parts {
    pub(crate) count: usize,
    pub(crate) width: usize,
    pub(crate) padded: usize,
}

/// Rows and their parts are padded to so many numbers: a line of bfloat16.
const PADDING: usize = 2 * LANES;

impl Parts {
    /// One part.
    pub(crate) fn whole(width: usize) -> Self {
        Self::new(1, width)
    }

    /// Parts of this width.
    pub(crate) fn new(count: usize, width: usize) -> Self {
        Self { count, width, padded: width.next_multiple_of(PADDING) }
    }

    /// Numbers of a row, padding counted.
    pub(crate) fn total(&self) -> usize {
        self.count * self.padded
    }

    /// Sixteens of a row.
    pub(crate) fn sixteens(&self) -> usize {
        self.total() / LANES
    }

    /// Copies a row to where its numbers lie in a padded one of zeros.
    pub(crate) fn spread(&self, row: &[f32], padded: &mut [f32]) {
        for (part, padded) in row.chunks(self.width).zip(padded.chunks_mut(self.padded)) {
            padded[..part.len()].copy_from_slice(part);
        }
    }
}

impl Dense {
    /// Packs `weights` [outputs, inputs] and `bias` [outputs] for levels that are
    /// [narrow](crate::simd::Simd::NARROW) or not.
    pub(crate) fn new<F: Format>(
        weights: &[f32],
        bias: &[f32],
        inputs: Parts,
        outputs: Parts,
        narrow: bool,
    ) -> Self {
        let sixteens = outputs.sixteens();
        let wide = width_of(sixteens, narrow);
        let depth = inputs.total() / F::PER_WORD / LANES;
        let mut lines = vec![Line::ZERO; panel_lines(sixteens, wide, depth)];
        let mut row = vec![0.0; inputs.total()];
        for (output, weights) in weights.chunks(inputs.count * inputs.width).enumerate() {
            inputs.spread(weights, &mut row);
            let column = output / outputs.width * outputs.padded + output % outputs.width;
            let (sixteen, lane) = (column / LANES, column % LANES);
            let first = sixteen / wide * (depth * LANES * wide) + sixteen % wide;
            for (word, numbers) in row.chunks(F::PER_WORD).enumerate() {
                lines[first + word * wide].0[lane] = F::word(numbers);
            }
        }
        let mut padded = vec![0.0; outputs.total()];
        outputs.spread(bias, &mut padded);
        let bias = padded.chunks(LANES).map(Line::from_floats).collect();
        Self { lines, wide, depth, sixteens, bias }
    }

    /// The weights.
    pub(crate) fn panels(&self) -> Panels<'_> {
        let Self { wide, depth, sixteens, .. } = *self;
        Panels { lines: &self.lines, wide, depth, sixteens }
    }

    /// The biases, one float a column.
    pub(crate) fn bias(&self) -> &[Line] {
        &self.bias
    }
}
