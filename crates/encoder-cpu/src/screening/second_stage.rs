//! The second stage: all numbers, for the tokens of a tile and the terms that the first stage left.

use super::rounding::{lines_of, round};
use super::rows::LARGEST_WEIGHT;
use super::screen::Screen;
use super::sift::Survivors;
use super::states::RoundedStates;
use super::tiles::{Tile, by_height};
use crate::format::Bytes;
use crate::panels::{panel_lines, store_columns};
use crate::product::tile;
use crate::simd::{LANES, Line, Simd, Task, floats};

/// The decoder's rows as bytes, one after the other.
pub(super) struct RowBytes {
    lines: Vec<Line>,
    depth: usize,
}

/// Rounds rows.
pub(super) struct RoundToBytes<'r> {
    /// [terms, width]
    pub(super) decoder: &'r [f32],
    pub(super) width: usize,
}

impl Task for RoundToBytes<'_> {
    type Output = RowBytes;

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) -> RowBytes {
        let depth = lines_of(self.width);
        let rows = self.decoder.chunks_exact(self.width);
        let mut lines = vec![Line::ZERO; rows.len() * depth];
        for (row, words) in rows.zip(lines.chunks_exact_mut(depth)) {
            round(simd, row, LARGEST_WEIGHT, 0, words);
        }
        RowBytes { lines, depth }
    }
}

/// The terms of each text, ascending, that may have a logit above zero at one of its tokens.
pub(super) struct Confirm<'c> {
    pub(super) screen: &'c Screen,
    pub(super) bytes: &'c RowBytes,
    pub(super) states: &'c RoundedStates,
    pub(super) tiles: &'c [Tile],
    pub(super) survivors: &'c Survivors,
}

impl Task for Confirm<'_> {
    type Output = Vec<Vec<u32>>;

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) -> Vec<Vec<u32>> {
        if S::NARROW { self.confirm::<S, 1>(simd) } else { self.confirm::<S, 4>(simd) }
    }
}

impl Confirm<'_> {
    #[inline(always)]
    fn confirm<S: Simd, const V: usize>(self, simd: S) -> Vec<Vec<u32>> {
        let Self { screen, bytes, states, tiles, survivors } = self;
        let depth = states.depth;
        let mut panel = vec![Line::ZERO; panel_lines(V, V, depth)];
        let mut candidates = vec![Vec::new(); states.texts.len()];
        let mut terms = Vec::new();
        for (number, at) in tiles.iter().enumerate() {
            survivors.of_tile(number, &mut terms);
            let Some(bounds) = &states.texts[at.text] else { continue };
            let candidates = &mut candidates[at.text];
            let rows = &states.rows[at.first * depth..];
            let scales = &states.scales[at.first..][..at.height];
            for terms in terms.chunks(V * LANES) {
                gather::<S, V>(simd, bytes, terms, &mut panel);
                let mut start = [simd.splat(0.0); V];
                for (start, terms) in start.iter_mut().zip(terms.chunks(LANES)) {
                    *start = of_terms(simd, &screen.rows.offsets, terms);
                }
                let mut largest = [simd.splat(f32::NEG_INFINITY); V];
                by_height!(at.height, HEIGHT => {
                    let sums = tile::<S, Bytes, HEIGHT, V>(simd, rows, depth, &panel, start);
                    for (sums, &scale) in sums.into_iter().zip(scales) {
                        let scale = simd.splat(scale);
                        for v in 0..V {
                            let product = simd.mul(simd.floats_of_words(sums[v]), scale);
                            largest[v] = simd.max(largest[v], product);
                        }
                    }
                });
                for (terms, largest) in terms.chunks(LANES).zip(largest) {
                    let of = |lines: &[Line]| of_terms(simd, lines, terms);
                    let mut mask = screen.rows.above_zero(simd, of, largest, bounds);
                    mask &= (1u32 << terms.len()).wrapping_sub(1) as u16;
                    while mask != 0 {
                        candidates.push(terms[mask.trailing_zeros() as usize]);
                        mask &= mask - 1;
                    }
                }
            }
        }
        for candidates in &mut candidates {
            candidates.sort_unstable();
            candidates.dedup();
        }
        candidates
    }
}

/// A number of each term, at most sixteen.
#[inline(always)]
fn of_terms<S: Simd>(simd: S, lines: &[Line], terms: &[u32]) -> S::Lanes {
    let numbers = floats(lines);
    let mut line = Line::ZERO;
    for (lane, &term) in line.0.iter_mut().zip(terms) {
        *lane = numbers[term as usize].to_bits();
    }
    simd.load(&line)
}

/// Puts the rows of terms into a panel; what other columns hold does not matter.
#[inline(always)]
fn gather<S: Simd, const V: usize>(simd: S, bytes: &RowBytes, terms: &[u32], panel: &mut [Line]) {
    let depth = bytes.depth;
    for (v, terms) in terms.chunks(LANES).enumerate() {
        for line in 0..depth {
            let mut rows = [simd.splat(0.0); LANES];
            for (row, &term) in rows.iter_mut().zip(terms) {
                *row = simd.load(&bytes.lines[term as usize * depth + line]);
            }
            store_columns(simd, rows, &mut panel[line * LANES * V + v..], V);
        }
    }
}
