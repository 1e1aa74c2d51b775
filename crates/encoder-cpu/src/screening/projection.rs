//! Rows of floats times a matrix of floats.

use std::marker::PhantomData;

use crate::format::Float;
use crate::panels::{Dense, Parts};
use crate::product::{Finish, Product, ProductIn};
use crate::simd::{LANES, Level, Line, room};

/// A matrix in panels.
pub(super) struct Projection {
    level: Level,
    dense: Dense,
    inputs: Parts,
    outputs: Parts,
}

impl Projection {
    /// By `weights` [outputs, inputs].
    pub(super) fn new(level: Level, weights: &[f32], inputs: usize, outputs: usize) -> Self {
        let (inputs, outputs) = (Parts::whole(inputs), Parts::whole(outputs));
        let bias = vec![0.0; outputs.width];
        let dense = Dense::new::<Float>(weights, &bias, inputs, outputs, level.is_narrow());
        Self { level, dense, inputs, outputs }
    }

    /// Numbers of a row that comes out, padding counted.
    pub(super) fn total(&self) -> usize {
        self.outputs.total()
    }

    /// Puts what becomes of padded rows into `out`, padded too.
    pub(super) fn of<'o>(&self, rows: &[Line], out: &'o mut Vec<Line>) -> &'o [Line] {
        let (stride, out_stride) = (self.inputs.sixteens(), self.outputs.sixteens());
        let count = rows.len() / stride;
        let out = room(out, count * out_stride);
        let product = Product {
            rows,
            stride,
            count,
            panels: self.dense.panels(),
            finish: Finish::default(),
            out: &mut *out,
            out_stride,
        };
        self.level.run(ProductIn::<Float>(product, PhantomData));
        out
    }
}

/// Rows of this width, padded.
pub(super) fn padded<'r>(rows: impl IntoIterator<Item = &'r [f32]>, width: usize) -> Vec<Line> {
    let sixteens = Parts::whole(width).sixteens();
    let mut lines = Vec::new();
    for row in rows {
        let end = lines.len() + sixteens;
        lines.extend(row.chunks(LANES).map(Line::from_floats));
        lines.resize(end, Line::ZERO);
    }
    lines
}
