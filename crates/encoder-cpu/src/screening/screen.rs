//! Screening in one stage: all products in integers.

use spork_core::SimdCapError;

use super::rows::{RoundRows, RoundedRows};
use super::states::{RoundStates, RoundedStates};
use super::tiles::{ROWS, by_height};
use crate::format::Bytes;
use crate::product::{height, tile};
use crate::simd::{LANES, Level, Line, Simd, Task};

/// A decoder, rounded to 8 bits a weight, and bounds on the error of rounding.
pub struct Screen {
    pub(super) level: Level,
    pub(super) rows: RoundedRows,
    pub(super) terms: usize,
    pub(super) width: usize,
}

impl Screen {
    /// Whether this processor has the instructions that make screening faster than a decoder in
    /// floats with vector instructions, and may use them.
    ///
    /// # Errors
    /// `SPORK_MAX_SIMD` names no level, or one that the machine lacks.
    pub fn pays() -> Result<bool, SimdCapError> {
        Ok(Level::best()?.has_vectors())
    }

    /// A screen of the decoder's rows [terms, width], one after the other, and the terms' biases;
    /// none if a weight is not finite, as no bound holds then, or if there is none.
    ///
    /// # Errors
    /// As [`Self::pays`].
    pub fn new(decoder: &[f32], bias: &[f32]) -> Result<Option<Self>, SimdCapError> {
        Ok(Self::at(Level::best()?, decoder, bias))
    }

    pub(crate) fn at(level: Level, decoder: &[f32], bias: &[f32]) -> Option<Self> {
        let width = decoder.len() / bias.len().max(1);
        if width == 0
            || decoder.len() != width * bias.len()
            || !decoder.iter().all(|weight| weight.is_finite())
        {
            return None;
        }
        let rows = level.run(RoundRows { decoder, bias, width });
        Some(Self { level, rows, terms: bias.len(), width })
    }

    /// For each text the terms, ascending, that may have a logit above zero at one of its tokens:
    /// all that have and few others. `states` are what the decoder takes of the texts, a row of
    /// `stride` floats a token, of which the first are its state; `lengths` are the texts' tokens.
    pub fn candidates(&self, states: &[f32], stride: usize, lengths: &[usize]) -> Vec<Vec<u32>> {
        self.level.run(Candidates { screen: self, states, stride, lengths })
    }
}

struct Candidates<'c> {
    screen: &'c Screen,
    states: &'c [f32],
    stride: usize,
    lengths: &'c [usize],
}

impl Task for Candidates<'_> {
    type Output = Vec<Vec<u32>>;

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) -> Vec<Vec<u32>> {
        let Self { screen, states, stride, lengths } = self;
        let width = screen.width;
        let states = RoundStates { states, stride, width, lengths }.run(simd);
        let mut candidates = vec![Vec::new(); lengths.len()];
        if S::NARROW {
            screen_all::<S, 1>(simd, screen, &states, &mut candidates);
        } else {
            screen_all::<S, 4>(simd, screen, &states, &mut candidates);
        }
        for (text, candidates) in states.texts.iter().zip(&mut candidates) {
            if text.is_none() {
                *candidates = (0..screen.terms as u32).collect();
            }
        }
        candidates
    }
}

/// Screens panels of `V` lines by tiles of at most [`ROWS`] rows. Tiles go on from a text to the
/// next.
#[inline(always)]
fn screen_all<S: Simd, const V: usize>(
    simd: S,
    screen: &Screen,
    states: &RoundedStates,
    candidates: &mut [Vec<u32>],
) {
    let mut maxima = vec![[Line::ZERO; V]; states.texts.len()];
    for panel in 0..screen.rows.panels() {
        let sixteens = panel * V..(panel + 1) * V;
        let mut largest = Largest::<S, V>::new(simd, &mut maxima);
        let words = screen.rows.words(panel);
        let start = screen.rows.offsets::<S, V>(simd, panel);
        let mut row = 0;
        while row < states.scales.len() {
            let height = height(states.scales.len() - row, ROWS);
            let rows = &states.rows[row * states.depth..];
            by_height!(height, HEIGHT => {
                let sums = tile::<S, Bytes, HEIGHT, V>(simd, rows, states.depth, words, start);
                for (r, sums) in sums.into_iter().enumerate() {
                    largest.add(simd, states, row + r, sums);
                }
            });
            row += height;
        }
        for (text, (maxima, candidates)) in maxima.iter().zip(&mut *candidates).enumerate() {
            let Some(bounds) = &states.texts[text] else { continue };
            for (maxima, sixteen) in maxima.iter().zip(sixteens.clone()) {
                let of = |lines: &[Line]| simd.load(&lines[sixteen]);
                let maxima = simd.load(maxima);
                let mut mask = screen.rows.above_zero(simd, of, maxima, bounds);
                while mask != 0 {
                    candidates.push((sixteen * LANES) as u32 + mask.trailing_zeros());
                    mask &= mask - 1;
                }
            }
        }
    }
}

/// The largest products of a panel's terms with the tokens of a text, times the tokens' scales.
struct Largest<'m, S: Simd, const V: usize> {
    so_far: [S::Lanes; V],
    text: usize,
    maxima: &'m mut [[Line; V]],
}

impl<'m, S: Simd, const V: usize> Largest<'m, S, V> {
    #[inline(always)]
    fn new(simd: S, maxima: &'m mut [[Line; V]]) -> Self {
        Self { so_far: [simd.splat(f32::NEG_INFINITY); V], text: 0, maxima }
    }

    /// Adds a token's products; with the text's last token, its maxima are complete.
    #[inline(always)]
    fn add(&mut self, simd: S, states: &RoundedStates, row: usize, sums: [S::Lanes; V]) {
        let scale = simd.splat(states.scales[row]);
        for (largest, sum) in self.so_far.iter_mut().zip(sums) {
            *largest = simd.max(*largest, simd.mul(simd.floats_of_words(sum), scale));
        }
        if row + 1 == states.ends[self.text] {
            for v in 0..V {
                simd.store(self.so_far[v], &mut self.maxima[self.text][v]);
            }
            self.so_far = [simd.splat(f32::NEG_INFINITY); V];
            self.text += 1;
        }
    }
}
