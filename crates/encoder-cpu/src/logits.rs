//! The decoder, for some terms of a text, and pooling: from logits to one weight a term.
//!
//! Logits are sums of float products whatever the network's format.

use std::sync::Arc;

use spork_model::{Pooling, PoolingStrategy, Saturation};

use crate::format::Float;
use crate::panels::{Panels, Parts, panel_lines};
use crate::product::{Finish, Product, product};
use crate::simd::{LANES, Line, Simd, Task};

/// A row and a bias a term.
pub(crate) struct Decoder {
    /// [vocabulary, width]
    pub(crate) weights: Arc<Vec<f32>>,
    pub(crate) bias: Vec<f32>,
    pub(crate) row: Parts,
}

/// Memory that texts share.
#[derive(Default)]
pub(crate) struct LogitScratch {
    panel: Vec<Line>,
    logits: Vec<Line>,
}

/// The weights of some terms in a text.
pub(crate) struct Logits<'l> {
    pub(crate) decoder: &'l Decoder,
    /// Ascending.
    pub(crate) terms: &'l [u32],
    /// What the decoder takes of the text, a row a token.
    pub(crate) states: &'l [Line],
    pub(crate) pooling: Pooling,
    pub(crate) scratch: &'l mut LogitScratch,
    /// Gets the terms whose weight is not zero, in their order; NaN is unlike zero, too.
    pub(crate) take: &'l mut dyn FnMut(u32, f32),
}

impl Task for Logits<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let Self { decoder, terms, states, pooling, scratch, take } = self;
        let (wide, depth) = (if S::NARROW { 1 } else { 3 }, decoder.row.sixteens());
        let tokens = states.len() / depth;
        scratch.panel.resize(panel_lines(wide, wide, depth), Line::ZERO);
        scratch.logits.resize(tokens * wide, Line::ZERO);
        for terms in terms.chunks(wide * LANES) {
            gather(simd, decoder, terms, wide, &mut scratch.panel);
            let sixteens = terms.len().div_ceil(LANES);
            product::<S, Float>(
                simd,
                Product {
                    rows: states,
                    stride: depth,
                    count: tokens,
                    panels: Panels { lines: &scratch.panel, wide, depth, sixteens },
                    finish: Finish::default(),
                    out: &mut scratch.logits,
                    out_stride: wide,
                },
            );
            for (sixteen, terms) in terms.chunks(LANES).enumerate() {
                let bias = Line::from_floats(&terms_of(terms, |term| decoder.bias[term]));
                let column = scratch.logits.chunks_exact(wide).map(|row| &row[sixteen]);
                let weights = match pooling.strategy {
                    PoolingStrategy::Max => {
                        largest(simd, column, &bias).map(|logit| weight(pooling, logit))
                    }
                    PoolingStrategy::Sum => sums(simd, column, &bias, pooling),
                };
                for (&term, weight) in terms.iter().zip(weights) {
                    if weight != 0.0 {
                        take(term, weight);
                    }
                }
            }
        }
    }
}

/// A number of each term, at most sixteen.
#[inline(always)]
fn terms_of(terms: &[u32], of: impl Fn(usize) -> f32) -> [f32; LANES] {
    let mut numbers = [0.0; LANES];
    for (number, &term) in numbers.iter_mut().zip(terms) {
        *number = of(term as usize);
    }
    numbers
}

/// Puts the rows of terms into a panel; columns without a term hold zeros.
#[inline(always)]
fn gather<S: Simd>(simd: S, decoder: &Decoder, terms: &[u32], wide: usize, panel: &mut [Line]) {
    let width = decoder.row.width;
    for sixteen in 0..wide {
        let terms = terms.get(sixteen * LANES..).unwrap_or_default();
        for line in 0..decoder.row.sixteens() {
            let numbers = (line * LANES).min(width)..width.min((line + 1) * LANES);
            let mut rows = [simd.splat(0.0); LANES];
            for (row, &term) in rows.iter_mut().zip(terms) {
                let weights = &decoder.weights[term as usize * width..][numbers.clone()];
                *row = simd.load(&Line::from_floats(weights));
            }
            for (i, column) in simd.transpose(rows).into_iter().enumerate() {
                simd.store(column, &mut panel[(line * LANES + i) * wide + sixteen]);
            }
        }
    }
}

/// Each lane's largest logit, bias added; NaN where one is NaN.
#[inline(always)]
fn largest<'l, S: Simd>(
    simd: S,
    column: impl Iterator<Item = &'l Line>,
    bias: &Line,
) -> [f32; LANES] {
    let mut largest = simd.splat(f32::NEG_INFINITY);
    let mut poison = simd.splat(0.0);
    for line in column {
        let logits = simd.load(line);
        largest = simd.max(largest, logits);
        poison = simd.fma(logits, simd.splat(0.0), poison);
    }
    simd.numbers(simd.add(simd.add(largest, poison), simd.load(bias)))
}

/// Each lane's sum of weights.
#[inline(always)]
fn sums<'l, S: Simd>(
    simd: S,
    column: impl Iterator<Item = &'l Line>,
    bias: &Line,
    pooling: Pooling,
) -> [f32; LANES] {
    let bias = simd.load(bias);
    let mut sums = [0.0; LANES];
    for line in column {
        let logits = simd.add(simd.load(line), bias);
        let mut mask = simd.above(logits, simd.splat(0.0));
        let numbers = simd.numbers(logits);
        while mask != 0 {
            let lane = mask.trailing_zeros() as usize;
            sums[lane] += weight(pooling, numbers[lane]);
            mask &= mask - 1;
        }
    }
    sums
}

/// log(1 + relu(logit)), and perhaps the logarithm again.
fn weight(pooling: Pooling, logit: f32) -> f32 {
    if logit <= 0.0 {
        return 0.0;
    }
    // Not the system's, whose last bit differs between systems.
    let once = libm::log1pf(logit);
    match pooling.saturation {
        Saturation::Log => once,
        Saturation::LogLog => libm::log1pf(once),
    }
}
