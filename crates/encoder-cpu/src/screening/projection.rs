//! Rows of floats times a matrix of floats.

use std::marker::PhantomData;

use crate::format::Float;
use crate::panels::{Dense, Parts};
use crate::product::{Finish, Product, ProductIn};
use crate::simd::{Level, Line};

/// A matrix in panels.
pub(super) struct Projection {
    level: Level,
    dense: Dense,
    inputs: Parts,
    outputs: Parts,
}

impl Projection {
    /// Of `weights` [outputs, inputs].
    pub(super) fn new(level: Level, weights: &[f32], inputs: Parts, outputs: Parts) -> Self {
        let bias = vec![0.0; outputs.width];
        let dense = Dense::new::<Float>(weights, &bias, inputs, outputs, level.is_narrow());
        Self { level, dense, inputs, outputs }
    }

    /// Where the numbers of an outcome lie.
    pub(super) fn outputs(&self) -> Parts {
        self.outputs
    }

    /// The outcomes of `rows` [count, inputs], padded.
    pub(super) fn of(&self, rows: &[f32]) -> Vec<Line> {
        let lines: Vec<Line> =
            rows.chunks(self.inputs.width).flat_map(|row| padded(row, self.inputs)).collect();
        let mut out = Vec::new();
        self.of_lines(&lines, &mut out);
        out
    }

    /// The outcomes of rows that are padded.
    pub(super) fn of_lines(&self, rows: &[Line], out: &mut Vec<Line>) {
        let stride = self.inputs.sixteens();
        let count = rows.len() / stride;
        let out_stride = self.outputs.sixteens();
        let product = Product {
            rows,
            stride,
            count,
            panels: self.dense.panels(),
            finish: Finish::default(),
            out: crate::simd::room(out, count * out_stride),
            out_stride,
        };
        self.level.run(ProductIn::<Float>(product, PhantomData));
    }
}

fn padded(row: &[f32], parts: Parts) -> impl Iterator<Item = Line> {
    let mut lines = vec![Line::ZERO; parts.sixteens()];
    for (line, numbers) in lines.iter_mut().zip(row.chunks(crate::simd::LANES)) {
        *line = Line::from_floats(numbers);
    }
    lines.into_iter()
}
