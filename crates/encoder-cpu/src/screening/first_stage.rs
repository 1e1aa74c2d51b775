//! The first stage: products over the first few of the [axes](super::axes), and a bound on all else.
//!
//! With states x′ and rows w′ by axes, x̂ and ŵ their first numbers after rounding, xᵣ and wᵣ the
//! others, E the residue of the axes, and errors eₓ and eᵥ of computing x′ and w′ in floats,
//! x·w ≤ x̂·ŵ + (‖x′ − x̂‖ + eₓ)·(‖w′‖ + eᵥ) + ‖x̂‖·(‖w′ − ŵ‖ + eᵥ) + (‖xᵣ‖ + eₓ)·(‖wᵣ‖ + eᵥ) +
//! ‖E‖·‖x‖·‖w‖, norms but for the last two of the first numbers. These four products are again a
//! product of two vectors, and Cauchy and Schwarz bound it by one number a token and one a term.

use super::axes::Axes;
use super::projection::Projection;
use super::rounding::{lines_of, round};
use super::rows::{RoundRows, RoundedRows};
use super::states::zero;
use super::{Screen, by_height};
use crate::format::Bytes;
use crate::panels::Parts;
use crate::product::{height, tile};
use crate::simd::{LANES, Level, Line, Simd, Task, floats};

/// Rows of a tile, at most.
pub(super) const ROWS: usize = 6;
/// Bounds are larger by this share than computed, far above what rounding takes away.
const SLACK: f32 = 1e-3;
/// Below this scale of a term, what is divided by it may not be finite.
const LEAST_SCALE: f32 = 1e-20;
/// Vectors that are projected at a time.
const BLOCK: usize = 112;
/// Of the products one in so many may be above zero: with more this stage does not pay.
const SHARE: usize = 10;

/// The four factors of a bound that a state, or a row, brings along.
type Factors = [f32; 4];

/// The decoder by axes.
pub(super) struct FirstStage {
    level: Level,
    width: usize,
    /// How many numbers are multiplied.
    kept: usize,
    project: Projection,
    /// ‖eₓ‖ / ‖x‖
    error: f32,
    /// What makes the factors of states and rows alike: for states.
    weights: Factors,
    rows: RoundedRows,
    /// By term: its part of the bound, by its scale.
    reaches: Vec<Line>,
    /// By term: what products have to be above, by its scale.
    floors: Vec<Line>,
}

/// Tokens of one text that are multiplied together.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tile {
    pub(super) first: usize,
    pub(super) height: usize,
    pub(super) text: usize,
}

/// The tiles of texts.
pub(super) fn tiles(lengths: &[usize]) -> Vec<Tile> {
    let (mut tiles, mut first) = (Vec::new(), 0);
    for (text, &length) in lengths.iter().enumerate() {
        let end = first + length;
        while first < end {
            let height = height(end - first, ROWS);
            tiles.push(Tile { first, height, text });
            first += height;
        }
    }
    tiles
}

/// The error of a product of `width` numbers in floats, by the product of the norms.
fn rounding(width: usize) -> f32 {
    (width + 1) as f32 * f32::EPSILON
}

fn norm(numbers: &[f32]) -> f32 {
    let (chunks, rest) = numbers.as_chunks::<LANES>();
    let mut sums = [0.0; LANES];
    for chunk in chunks {
        for (sum, number) in sums.iter_mut().zip(chunk) {
            *sum += number * number;
        }
    }
    let rest: f32 = rest.iter().map(|number| number * number).sum();
    (sums.iter().sum::<f32>() + rest).sqrt()
}

/// How many numbers are multiplied, of a width: whole lines of bytes, a third.
pub(super) fn kept_of(width: usize) -> Option<usize> {
    let lines = lines_of(width);
    let kept = lines.div_ceil(3);
    (kept < lines).then_some(kept * 4 * LANES)
}

impl FirstStage {
    /// Of a decoder whose screen there is, and axes; `sample` are states.
    pub(super) fn new(
        screen: &Screen,
        decoder: &[f32],
        axes: &Axes,
        sample: &[f32],
        kept: usize,
    ) -> Self {
        let (level, width) = (screen.level, screen.width);
        let row = Parts::whole(width);
        let error = rounding(width) * norm(&axes.rows);
        let by = Projection::new(level, &axes.rows, row, row);
        let mut heads = Vec::with_capacity(screen.terms * kept);
        // ‖w‖ and ‖wᵣ‖
        let mut norms = Vec::with_capacity(screen.terms);
        for rows in decoder.chunks(BLOCK * width) {
            let projected = by.of(rows);
            for (row, projected) in
                rows.chunks_exact(width).zip(floats(&projected).chunks_exact(row.total()))
            {
                heads.extend_from_slice(&projected[..kept]);
                norms.push((norm(row), norm(&projected[kept..])));
            }
        }
        let bias = &floats(&screen.rows.bias)[..screen.terms];
        let rows = level.run(RoundRows { decoder: &heads, bias, width: kept });
        drop(heads);
        let mut stage = Self {
            level,
            width,
            kept,
            project: Projection::new(level, &axes.states, row, row),
            error: rounding(width) * norm(&axes.states),
            weights: [1.0; 4],
            reaches: vec![Line::ZERO; rows.bias.len()],
            floors: vec![Line::ZERO; rows.bias.len()],
            rows,
        };
        let mut factors: Vec<Factors> = Vec::with_capacity(screen.terms);
        for (term, (whole, rest)) in norms.into_iter().enumerate() {
            let (of, error) = (|lines: &[Line]| floats(lines)[term], error * whole);
            let (head, loss) = (of(&stage.rows.norms), of(&stage.rows.losses));
            factors.push([head + error, loss + error, rest + error, axes.residue * whole]);
        }
        let of_sample = stage.factors_of(sample);
        stage.weights = likening(&of_sample, &factors);
        stage.set_bounds(&factors);
        stage
    }

    fn set_bounds(&mut self, factors: &[Factors]) {
        for place in 0..self.rows.bias.len() * LANES {
            let (sixteen, lane) = (place / LANES, place % LANES);
            let number = |lines: &[Line]| f32::from_bits(lines[sixteen].0[lane]);
            let bias = number(&self.rows.bias);
            let (reach, floor) = match factors.get(place) {
                _ if bias == f32::NEG_INFINITY => (0.0, f32::INFINITY),
                None => (0.0, f32::INFINITY),
                Some(factors) => {
                    let weighted = std::array::from_fn(|i| factors[i] * self.weights[i]);
                    let bound = norm_of(weighted) * (1.0 + SLACK);
                    let scale = match number(&self.rows.scales) {
                        _ if factors[0] == 0.0 => 1.0,
                        scale => scale,
                    };
                    let (reach, floor) = (bound / scale, -(bias + SLACK * bias.abs()) / scale);
                    let bounded = scale >= LEAST_SCALE && reach.is_finite() && floor.is_finite();
                    if bounded { (reach, floor) } else { (0.0, f32::NEG_INFINITY) }
                }
            };
            self.reaches[sixteen].0[lane] = reach.to_bits();
            self.floors[sixteen].0[lane] = floor.to_bits();
        }
    }

    fn factors_of(&self, states: &[f32]) -> Vec<Factors> {
        let row = Parts::whole(self.width);
        let mut lines = vec![Line::ZERO; states.len() / self.width * row.sixteens()];
        for (state, lines) in
            states.chunks_exact(self.width).zip(lines.chunks_exact_mut(row.sixteens()))
        {
            for (line, numbers) in lines.iter_mut().zip(state.chunks(LANES)) {
                *line = Line::from_floats(numbers);
            }
        }
        self.states(&lines).factors
    }

    /// States by axes: `rows` are padded.
    pub(super) fn states(&self, rows: &[Line]) -> States {
        let row = Parts::whole(self.width).sixteens();
        let mut states = States::default();
        let mut projected = Vec::new();
        for rows in rows.chunks(BLOCK * row) {
            self.project.of_lines(rows, &mut projected);
            let projected = &projected[..rows.len()];
            self.level.run(RoundHeads { stage: self, rows, projected, states: &mut states });
        }
        states
    }

    /// For each tile the terms that may have a logit above zero, ascending; none if these are many.
    pub(super) fn survivors(&self, states: &States, tiles: &[Tile]) -> Option<Vec<Vec<u32>>> {
        self.level.run(Survivors { stage: self, states, tiles })
    }
}

fn norm_of(factors: Factors) -> f32 {
    factors.iter().map(|factor| factor * factor).sum::<f32>().sqrt()
}

/// Weights that make the means of states' factors times one by them, and rows' factors times them,
/// alike.
fn likening(states: &[Factors], rows: &[Factors]) -> Factors {
    let mean = |factors: &[Factors], i: usize| {
        factors.iter().map(|factors| f64::from(factors[i])).sum::<f64>() / factors.len() as f64
    };
    std::array::from_fn(|i| {
        let weight = (mean(states, i) / mean(rows, i)).sqrt() as f32;
        if weight.is_finite() && weight > 1e-6 && weight < 1e6 { weight } else { 1.0 }
    })
}

/// States by axes.
#[derive(Default)]
pub(super) struct States {
    /// The first numbers as bytes, a row a token.
    rows: Vec<Line>,
    scales: Vec<f32>,
    /// By token: its part of the bound.
    reaches: Vec<f32>,
    factors: Vec<Factors>,
}

/// Rounds the first numbers of states.
struct RoundHeads<'r> {
    stage: &'r FirstStage,
    rows: &'r [Line],
    projected: &'r [Line],
    states: &'r mut States,
}

impl Task for RoundHeads<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let Self { stage, rows, projected, states } = self;
        let (total, depth) = (Parts::whole(stage.width).total(), lines_of(stage.kept));
        let rows = floats(rows).chunks_exact(total).zip(floats(projected).chunks_exact(total));
        for (row, projected) in rows {
            let first = states.rows.len();
            states.rows.resize(first + depth, Line::ZERO);
            let (head, rest) = projected.split_at(stage.kept);
            let words = &mut states.rows[first..];
            let rounded = round(simd, head, S::LARGEST_STATE, zero::<S>(), words);
            let whole = norm(row);
            let error = stage.error * whole;
            // Products of integers are exact; as floats they are not quite.
            let factors = [
                rounded.loss + error + 1e-5 * rounded.rounded_norm,
                rounded.rounded_norm,
                norm(rest) + error,
                whole,
            ];
            let weighted = std::array::from_fn(|i| factors[i] / stage.weights[i]);
            states.scales.push(rounded.scale);
            states.reaches.push(norm_of(weighted) * (1.0 + SLACK));
            states.factors.push(factors);
        }
    }
}

/// [`FirstStage::survivors`]
struct Survivors<'s> {
    stage: &'s FirstStage,
    states: &'s States,
    tiles: &'s [Tile],
}

impl Task for Survivors<'_> {
    type Output = Option<Vec<Vec<u32>>>;

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) -> Option<Vec<Vec<u32>>> {
        if S::NARROW { self.sift::<S, 1>(simd) } else { self.sift::<S, 4>(simd) }
    }
}

impl Survivors<'_> {
    #[inline(always)]
    fn sift<S: Simd, const V: usize>(self, simd: S) -> Option<Vec<Vec<u32>>> {
        let Self { stage, states, tiles } = self;
        let depth = lines_of(stage.kept);
        let mut survivors = vec![Vec::new(); tiles.len()];
        let panels = stage.rows.panels();
        let mut count = 0;
        for panel in 0..panels {
            let start = stage.rows.offsets::<S, V>(simd, panel);
            let words = stage.rows.words(panel);
            let (mut reaches, mut floors) = (start, start);
            for v in 0..V {
                reaches[v] = simd.load(&stage.reaches[panel * V + v]);
                floors[v] = simd.load(&stage.floors[panel * V + v]);
            }
            for (at, survivors) in tiles.iter().zip(&mut survivors) {
                let rows = &states.rows[at.first * depth..];
                let scales = &states.scales[at.first..][..at.height];
                let of_tokens = &states.reaches[at.first..][..at.height];
                let mut largest = [simd.splat(f32::NEG_INFINITY); V];
                by_height!(at.height, HEIGHT => {
                    let sums = tile::<S, Bytes, HEIGHT, V>(simd, rows, depth, words, start);
                    for (r, sums) in sums.into_iter().enumerate() {
                        let (scale, reach) = (simd.splat(scales[r]), simd.splat(of_tokens[r]));
                        for v in 0..V {
                            let product = simd.mul(simd.floats_of_words(sums[v]), scale);
                            let most = simd.fma(reach, reaches[v], product);
                            largest[v] = simd.max(largest[v], most);
                        }
                    }
                });
                for v in 0..V {
                    let mut mask = simd.above(largest[v], floors[v]);
                    count += mask.count_ones() as usize;
                    while mask != 0 {
                        let lane = mask.trailing_zeros();
                        survivors.push(((panel * V + v) * LANES) as u32 + lane);
                        mask &= mask - 1;
                    }
                }
            }
            // Not before some panels have been seen.
            let seen = (panel + 1) * V * LANES * tiles.len();
            if count * SHARE > seen && (panel + 1) * 16 > panels {
                return None;
            }
        }
        Some(survivors)
    }
}
