//! What the first stage of screening multiplies, and a bound on what it leaves out.
//!
//! With states x′ and rows w′ along [axes](super::axes), x̂ and ŵ their first numbers after
//! rounding to integers, xₛ and wₛ these before, xᵣ and wᵣ the rest, E the residue of the axes, and
//! errors of at most e and f of computing x′ and w′ in floats, x·w − x̂·ŵ is at most
//! (‖xₛ − x̂‖ + e)·(‖wₛ‖ + f) + ‖x̂‖·(‖wₛ − ŵ‖ + f) + (‖xᵣ‖ + e)·(‖wᵣ‖ + f) + ‖x‖·‖w‖·‖E‖.

use super::axes::Axes;
use super::bound::{Factors, Likening};
use super::projection::{Projection, padded};
use super::rounding::{lines_of, round};
use super::rows::{RoundRows, RoundedRows};
use super::screen::Screen;
use super::states::zero;
use crate::panels::Parts;
use crate::simd::{LANES, Level, Line, Simd, Task, floats};

/// Vectors that are projected at a time.
const BLOCK: usize = 112;
/// What integers lose when they become floats, by their size: more than that.
const OF_INTEGERS: f32 = 1e-5;
/// What biases lose, by their size: more than that.
const OF_BIAS: f32 = 1e-3;
/// What is divided by a smaller scale than this may not be finite.
const LEAST_SCALE: f32 = 1e-20;

/// A decoder along axes, of which it multiplies the first.
pub(super) struct FirstStage {
    level: Level,
    width: usize,
    /// How many numbers are multiplied.
    kept: usize,
    project: Projection,
    /// e / ‖x‖
    error: f32,
    likening: Likening,
    pub(super) rows: RoundedRows,
    /// By term, and by its scale: its part of the bound.
    pub(super) reaches: Vec<Line>,
    /// By term, and by its scale: a product and its bound have to be above this.
    pub(super) floors: Vec<Line>,
}

/// States along axes.
#[derive(Default)]
pub(super) struct States {
    /// The first numbers as bytes, a row a token.
    pub(super) rows: Vec<Line>,
    /// By token.
    pub(super) scales: Vec<f32>,
    factors: Vec<Factors>,
}

/// How many numbers the first stage multiplies, of so many: a third, in whole lines of bytes. None
/// where that are all.
pub(super) fn kept_of(width: usize) -> Option<usize> {
    let lines = lines_of(width);
    let kept = lines.div_ceil(3);
    (kept < lines).then_some(kept * 4 * LANES)
}

/// The error of summing so many products in floats, at most, by the sum of their sizes.
fn rounding(count: usize) -> f32 {
    (count + 1) as f32 * f32::EPSILON
}

#[inline(always)]
fn norm(numbers: &[f32]) -> f32 {
    let (sixteens, rest) = numbers.as_chunks::<LANES>();
    let mut sums = [0.0; LANES];
    for sixteen in sixteens {
        for (sum, number) in sums.iter_mut().zip(sixteen) {
            *sum += number * number;
        }
    }
    let rest: f32 = rest.iter().map(|number| number * number).sum();
    (sums.iter().sum::<f32>() + rest).sqrt()
}

impl FirstStage {
    /// Of the decoder that `screen` is of, [terms, width], along `axes`, with `kept` numbers a
    /// row. Some `states` show how large parts of the bound are.
    pub(super) fn new(
        screen: &Screen,
        decoder: &[f32],
        axes: &Axes,
        states: &[&[f32]],
        kept: usize,
    ) -> Self {
        let (level, width) = (screen.level, screen.width);
        let (firsts, norms) = along_axes(level, decoder, &axes.rows, width, kept);
        let bias = &floats(&screen.rows.bias)[..screen.terms];
        let rows = level.run(RoundRows { decoder: &firsts, bias, width: kept });
        let error = rounding(width) * norm(&axes.rows);
        let factors = norms.into_iter().enumerate().map(|(term, (whole, rest))| {
            let of = |lines: &[Line]| floats(lines)[term];
            let error = error * whole;
            let (first, loss) = (of(&rows.norms), of(&rows.losses));
            [first + error, loss + error, rest + error, axes.residue * whole]
        });
        let factors: Vec<Factors> = factors.collect();
        let mut stage = Self {
            level,
            width,
            kept,
            project: Projection::new(level, &axes.states, width, width),
            error: rounding(width) * norm(&axes.states),
            likening: Likening::new(&[], &[]),
            reaches: vec![Line::ZERO; rows.bias.len()],
            floors: vec![Line::ZERO; rows.bias.len()],
            rows,
        };
        let of_states = stage.states(&padded(states.iter().copied(), width)).factors;
        stage.likening = Likening::new(&of_states, &factors);
        stage.set_limits(&factors);
        stage
    }

    fn set_limits(&mut self, factors: &[Factors]) {
        for sixteen in 0..self.rows.bias.len() {
            for lane in 0..LANES {
                let number = |lines: &[Line]| f32::from_bits(lines[sixteen].0[lane]);
                let (reach, floor) = match factors.get(sixteen * LANES + lane) {
                    Some(factors) => {
                        let bound = self.likening.of_row(factors);
                        // A row of zeros has no scale.
                        let scale = if bound == 0.0 { 1.0 } else { number(&self.rows.scales) };
                        limits(bound, number(&self.rows.bias), scale)
                    }
                    None => (0.0, f32::INFINITY),
                };
                self.reaches[sixteen].0[lane] = reach.to_bits();
                self.floors[sixteen].0[lane] = floor.to_bits();
            }
        }
    }

    /// Lines of a row of bytes.
    pub(super) fn depth(&self) -> usize {
        lines_of(self.kept)
    }

    /// States of tokens, padded, along the axes.
    pub(super) fn states(&self, rows: &[Line]) -> States {
        let row = Parts::whole(self.width).sixteens();
        let (mut states, mut projected) = (States::default(), Vec::new());
        for rows in rows.chunks(BLOCK * row) {
            let projected = self.project.of(rows, &mut projected);
            self.level.run(RoundFirst { stage: self, rows, projected, states: &mut states });
        }
        states
    }

    /// By token: its part of the bound.
    pub(super) fn reaches_of(&self, states: &States) -> Vec<f32> {
        states.factors.iter().map(|factors| self.likening.of_state(factors)).collect()
    }
}

/// Of each row of the decoder its first numbers along the axes, one row after the other, and the
/// norms of all numbers and of the others along the axes.
fn along_axes(
    level: Level,
    decoder: &[f32],
    axes: &[f32],
    width: usize,
    kept: usize,
) -> (Vec<f32>, Vec<(f32, f32)>) {
    let by = Projection::new(level, axes, width, width);
    let terms = decoder.len() / width;
    let (mut firsts, mut norms) = (Vec::with_capacity(terms * kept), Vec::with_capacity(terms));
    let mut projected = Vec::new();
    for rows in decoder.chunks(BLOCK * width) {
        let rows = rows.chunks_exact(width);
        let projected = by.of(&padded(rows.clone(), width), &mut projected);
        for (row, projected) in rows.zip(floats(projected).chunks_exact(by.total())) {
            let (first, rest) = projected.split_at(kept);
            firsts.extend_from_slice(first);
            norms.push((norm(row), norm(rest)));
        }
    }
    (firsts, norms)
}

/// A term's part of the bound and what products have to be above, both by its scale.
fn limits(bound: f32, bias: f32, scale: f32) -> (f32, f32) {
    if bias == f32::NEG_INFINITY {
        return (0.0, f32::INFINITY);
    }
    let (reach, floor) = (bound / scale, -(bias + OF_BIAS * bias.abs()) / scale);
    // What can't be compared counts as above.
    let comparable = scale >= LEAST_SCALE && reach.is_finite() && floor.is_finite();
    if comparable { (reach, floor) } else { (0.0, f32::NEG_INFINITY) }
}

/// Rounds the first numbers of states.
struct RoundFirst<'r> {
    stage: &'r FirstStage,
    /// States, padded,
    rows: &'r [Line],
    /// and along the axes.
    projected: &'r [Line],
    states: &'r mut States,
}

impl Task for RoundFirst<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let Self { stage, rows, projected, states } = self;
        let total = Parts::whole(stage.width).total();
        let rows = floats(rows).chunks_exact(total).zip(floats(projected).chunks_exact(total));
        for (row, projected) in rows {
            let place = states.rows.len();
            states.rows.resize(place + stage.depth(), Line::ZERO);
            let (first, rest) = projected.split_at(stage.kept);
            let words = &mut states.rows[place..];
            let rounded = round(simd, first, S::LARGEST_STATE, zero::<S>(), words);
            let whole = norm(row);
            let error = stage.error * whole;
            let loss = rounded.loss + error + OF_INTEGERS * rounded.rounded_norm;
            states.scales.push(rounded.scale);
            states.factors.push([loss, rounded.rounded_norm, norm(rest) + error, whole]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_third_is_multiplied_in_whole_lines() {
        let kept = [1, 64, 65, 128, 192, 193, 256, 384, 768, 1024].map(kept_of);
        let lines = [0, 0, 1, 1, 1, 2, 2, 2, 4, 6].map(|lines| (lines > 0).then_some(lines * 64));
        assert_eq!(kept, lines);
    }

    #[test]
    fn what_can_not_be_compared_is_above_and_a_bias_of_minus_infinity_below() {
        let never = (0.0, f32::INFINITY);
        let always = (0.0, f32::NEG_INFINITY);
        assert_eq!(limits(1.0, f32::NEG_INFINITY, 1.0), never);
        for bias in [f32::NAN, f32::INFINITY, f32::MAX] {
            assert_eq!(limits(1.0, bias, 1e-3), always, "{bias}");
        }
        assert_eq!(limits(1.0, -1.0, f32::MIN_POSITIVE), always);
        assert_eq!(limits(f32::NAN, -1.0, 1.0), always);
        let (reach, floor) = limits(3.0, -6.0, 0.5);
        assert!(reach == 6.0 && floor < 12.0 && floor > 11.9, "{reach} {floor}");
    }
}
