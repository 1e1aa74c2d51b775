//! The decoder, for some terms of a text, and pooling: from logits to one weight a term.
//!
//! Logits are sums of float products whatever the network's format.

use std::marker::PhantomData;
use std::sync::Arc;

use spork_core::TermId;
use spork_encoder::TermWeights;
use spork_model::{Pooling, PoolingStrategy, Saturation};

use crate::format::Float;
use crate::panels::{Panels, Parts, panel_lines, store_columns};
use crate::product::{Finish, Product, ProductIn};
use crate::simd::{LANES, Level, Line, Simd, Task};

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
}

impl Logits<'_> {
    /// The terms whose weight is not zero, in their order; NaN is unlike zero, too.
    pub(crate) fn weights(self, level: Level) -> TermWeights {
        let Self { decoder, terms, states, pooling, scratch } = self;
        let wide = if level.is_narrow() { 1 } else { 3 };
        let depth = decoder.row.sixteens();
        let count = states.len() / depth;
        let mut weights = TermWeights::with_capacity(terms.len());
        scratch.panel.resize(panel_lines(wide, wide, depth), Line::ZERO);
        scratch.logits.resize(count * wide, Line::ZERO);
        for terms in terms.chunks(wide * LANES) {
            level.run(Gather { decoder, terms, wide, panel: &mut scratch.panel });
            let sixteens = terms.len().div_ceil(LANES);
            let product = Product {
                rows: states,
                stride: depth,
                count,
                panels: Panels { lines: &scratch.panel, wide, depth, sixteens },
                finish: Finish::default(),
                out: &mut scratch.logits,
                out_stride: wide,
            };
            level.run(ProductIn::<Float>(product, PhantomData));
            for (sixteen, terms) in terms.chunks(LANES).enumerate() {
                let bias = Line::from_floats(&terms_of(terms, |term| decoder.bias[term]));
                let logits = scratch.logits.as_slice();
                let pooled = level.run(Pool { logits, wide, sixteen, bias, pooling });
                let named = terms.iter().map(|&term| TermId(term)).zip(pooled);
                weights.extend(named.filter(|&(_, weight)| weight != 0.0));
            }
        }
        weights
    }
}

/// A number of each term, at most sixteen.
fn terms_of(terms: &[u32], of: impl Fn(usize) -> f32) -> [f32; LANES] {
    let mut numbers = [0.0; LANES];
    for (number, &term) in numbers.iter_mut().zip(terms) {
        *number = of(term as usize);
    }
    numbers
}

/// Puts the rows of terms into a panel; columns without a term hold zeros.
struct Gather<'g> {
    decoder: &'g Decoder,
    terms: &'g [u32],
    /// Lines a word of the panel.
    wide: usize,
    panel: &'g mut [Line],
}

impl Task for Gather<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let Self { decoder, terms, wide, panel } = self;
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
                store_columns(simd, rows, &mut panel[line * LANES * wide + sixteen..], wide);
            }
        }
    }
}

/// From the logits of sixteen terms, a row a token, to their weights.
struct Pool<'p> {
    logits: &'p [Line],
    /// Lines from a row to the next.
    wide: usize,
    /// The line of a row that holds the terms.
    sixteen: usize,
    bias: Line,
    pooling: Pooling,
}

impl Task for Pool<'_> {
    type Output = [f32; LANES];

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) -> [f32; LANES] {
        let Self { logits, wide, sixteen, bias, pooling } = self;
        let bias = simd.load(&bias);
        match pooling.strategy {
            PoolingStrategy::Max => {
                let mut weights = largest(simd, logits, wide, sixteen, bias);
                for logit in &mut weights {
                    *logit = weight(pooling, *logit);
                }
                weights
            }
            PoolingStrategy::Sum => sums(simd, logits, wide, sixteen, bias, pooling),
        }
    }
}

/// Each lane's largest logit, bias added; NaN where one is NaN.
#[inline(always)]
fn largest<S: Simd>(
    simd: S,
    logits: &[Line],
    wide: usize,
    sixteen: usize,
    bias: S::Lanes,
) -> [f32; LANES] {
    let mut largest = simd.splat(f32::NEG_INFINITY);
    let mut poison = simd.splat(0.0);
    for row in logits.chunks_exact(wide) {
        let logits = simd.load(&row[sixteen]);
        largest = simd.max(largest, logits);
        poison = simd.fma(logits, simd.splat(0.0), poison);
    }
    simd.numbers(simd.add(simd.add(largest, poison), bias))
}

/// Each lane's sum of weights.
#[inline(always)]
fn sums<S: Simd>(
    simd: S,
    logits: &[Line],
    wide: usize,
    sixteen: usize,
    bias: S::Lanes,
    pooling: Pooling,
) -> [f32; LANES] {
    let mut sums = [0.0; LANES];
    for row in logits.chunks_exact(wide) {
        let logits = simd.add(simd.load(&row[sixteen]), bias);
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
