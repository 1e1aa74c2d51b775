//! The first stage: which terms may have a logit above zero at one of a tile's tokens.

use super::first_stage::{FirstStage, States};
use super::tiles::{Tile, by_height};
use crate::format::Bytes;
use crate::product::tile;
use crate::simd::{LANES, Simd, Task};

/// Where more than one term in so many is left, one stage takes less time.
const ONE_IN: usize = 10;
/// That is judged after one in so many panels, and then after each.
const FIRST_JUDGED: usize = 16;

/// Sifts the terms for each tile; none if too many are left.
pub(super) struct Sift<'s> {
    pub(super) stage: &'s FirstStage,
    pub(super) states: &'s States,
    pub(super) tiles: &'s [Tile],
}

/// The terms that are left.
pub(super) struct Survivors {
    /// Terms of a panel.
    wide: u32,
    panels: usize,
    /// A bit a term and a word a panel; the panels of a tile side by side.
    masks: Vec<u64>,
}

impl Survivors {
    /// Puts the terms of a tile, ascending, into `terms`.
    #[inline(always)]
    pub(super) fn of_tile(&self, tile: usize, terms: &mut Vec<u32>) {
        /// So many are written whether they are there or not: a branch would be foreseen badly.
        const FEW: usize = 4;
        terms.clear();
        let mut first = 0;
        for &mask in &self.masks[tile * self.panels..][..self.panels] {
            let (mut rest, end) = (mask, terms.len() + mask.count_ones() as usize);
            let mut few = [0; FEW];
            for term in &mut few {
                *term = first + rest.trailing_zeros();
                rest &= rest.wrapping_sub(1);
            }
            terms.extend_from_slice(&few);
            while rest != 0 {
                terms.push(first + rest.trailing_zeros());
                rest &= rest - 1;
            }
            terms.truncate(end);
            first += self.wide;
        }
    }
}

impl Task for Sift<'_> {
    type Output = Option<Survivors>;

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) -> Option<Survivors> {
        if S::NARROW { self.sift::<S, 1>(simd) } else { self.sift::<S, 4>(simd) }
    }
}

impl Sift<'_> {
    #[inline(always)]
    fn sift<S: Simd, const V: usize>(self, simd: S) -> Option<Survivors> {
        let Self { stage, states, tiles } = self;
        let (panels, depth) = (stage.rows.panels(), stage.depth());
        let reaches = stage.reaches_of(states);
        let mut masks = vec![0; panels * tiles.len()];
        let (mut left, mut seen) = (0, 0);
        for panel in 0..panels {
            let words = stage.rows.words(panel);
            let start = stage.rows.offsets::<S, V>(simd, panel);
            let (mut of_terms, mut floors) = (start, start);
            for v in 0..V {
                of_terms[v] = simd.load(&stage.reaches[panel * V + v]);
                floors[v] = simd.load(&stage.floors[panel * V + v]);
            }
            for (at, mask) in tiles.iter().zip(masks[panel..].iter_mut().step_by(panels)) {
                let rows = &states.rows[at.first * depth..];
                let scales = &states.scales[at.first..][..at.height];
                let of_tokens = &reaches[at.first..][..at.height];
                let mut largest = [simd.splat(f32::NEG_INFINITY); V];
                by_height!(at.height, HEIGHT => {
                    let sums = tile::<S, Bytes, HEIGHT, V>(simd, rows, depth, words, start);
                    for (r, sums) in sums.into_iter().enumerate() {
                        let (scale, reach) = (simd.splat(scales[r]), simd.splat(of_tokens[r]));
                        for v in 0..V {
                            let product = simd.mul(simd.floats_of_words(sums[v]), scale);
                            let most = simd.fma(reach, of_terms[v], product);
                            largest[v] = simd.max(largest[v], most);
                        }
                    }
                });
                for v in 0..V {
                    *mask |= u64::from(simd.above(largest[v], floors[v])) << (v * LANES);
                }
                left += mask.count_ones() as usize;
            }
            seen += V * LANES * tiles.len();
            if left * ONE_IN > seen && panel * FIRST_JUDGED >= panels {
                return None;
            }
        }
        Some(Survivors { wide: (V * LANES) as u32, panels, masks })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_are_read_as_terms() {
        let masks = vec![0, 1, 1 << 63 | 1, u64::MAX, 0b11111 << 7, 0];
        let survivors = Survivors { wide: 64, panels: 3, masks: masks.clone() };
        let mut terms = vec![7];
        for tile in 0..2 {
            survivors.of_tile(tile, &mut terms);
            let bits = (0..3 * 64).filter(|bit| masks[tile * 3 + bit / 64] >> (bit % 64) & 1 == 1);
            assert_eq!(terms, bits.map(|bit| bit as u32).collect::<Vec<_>>());
        }
    }
}
