//! Self-attention of one text: softmax(query · keyᵀ / √width) · value, by heads.

use std::marker::PhantomData;

use crate::format::Format;
use crate::math::exp2;
use crate::panels::{Panels, panel_lines, store_columns};
use crate::product::{Finish, Product, ProductIn, Target};
use crate::simd::{LANES, Level, Line, Simd, Task, room};

/// Rows whose scores are in memory at a time.
const BLOCK: usize = 48;

/// How states are divided among heads.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Heads {
    pub(crate) count: usize,
    /// Numbers of a head.
    pub(crate) width: usize,
    /// Lines of a head's numbers as floats, padding counted.
    pub(crate) sixteens: usize,
}

/// Memory that heads share.
#[derive(Default)]
pub(crate) struct AttentionScratch {
    keys: Vec<Line>,
    values: Vec<Line>,
    scores: Vec<Line>,
    shares: Vec<Line>,
    factors: Vec<f32>,
}

/// The attention of a text's tokens to each other.
pub(crate) struct Attention<'a, F> {
    pub(crate) heads: Heads,
    pub(crate) tokens: usize,
    /// A row a token, in the format: all heads' queries, then keys, then values.
    pub(crate) projected: &'a [Line],
    /// A row a token, in the format: what each head makes of the values.
    pub(crate) out: &'a mut [Line],
    pub(crate) scratch: &'a mut AttentionScratch,
    pub(crate) format: PhantomData<F>,
}

impl<F: Format> Attention<'_, F> {
    /// Computes it.
    pub(crate) fn run(self, level: Level) {
        let Self { heads, tokens, projected, out, scratch, .. } = self;
        let head_lines = F::lines(heads.sixteens);
        let out_stride = heads.count * head_lines;
        let stride = 3 * out_stride;
        let wide = if level.is_narrow() { 1 } else { 2 };
        // Sixteens of tokens: whole lines in the format, too.
        let sixteens = tokens.div_ceil(LANES).next_multiple_of(F::PER_WORD);
        let depth = F::lines(sixteens);
        let keys = room(&mut scratch.keys, panel_lines(sixteens, wide, head_lines));
        let values = room(&mut scratch.values, panel_lines(heads.sixteens, wide, depth));
        let scores = room(&mut scratch.scores, BLOCK * sixteens);
        let shares = room(&mut scratch.shares, BLOCK * depth);
        scratch.factors.resize(BLOCK, 0.0);
        let scale = 1.0 / (heads.width as f32).sqrt() * std::f32::consts::LOG2_E;
        for head in 0..heads.count {
            let place = head * head_lines;
            let part = |part: usize| &projected[part * out_stride + place..];
            let pack = |part, depth| Pack { rows: part, stride, tokens, depth, wide };
            level.run(PackKeys { pack: pack(part(1), head_lines), panels: keys });
            let values_of = PackValues::<F> {
                pack: pack(part(2), depth),
                sixteens: heads.sixteens,
                panels: values,
                format: PhantomData,
            };
            level.run(values_of);
            let keys = Panels { lines: keys, wide, depth: head_lines, sixteens };
            let values = Panels { lines: values, wide, depth, sixteens: heads.sixteens };
            let mut first = 0;
            while first < tokens {
                let count = BLOCK.min(tokens - first);
                let scores_of = Product {
                    rows: &part(0)[first * stride..],
                    stride,
                    count,
                    panels: keys,
                    finish: Finish::default(),
                    out: scores,
                    out_stride: sixteens,
                };
                level.run(ProductIn::<F>(scores_of, PhantomData));
                level.run(Softmax::<F> {
                    scores: &mut scores[..count * sixteens],
                    sixteens,
                    tokens,
                    scale,
                    shares,
                    factors: &mut scratch.factors,
                    format: PhantomData,
                });
                let context = Product {
                    rows: shares,
                    stride: depth,
                    count,
                    panels: values,
                    finish: Finish {
                        factors: Some(&scratch.factors),
                        target: Target::Format,
                        ..Finish::default()
                    },
                    out: &mut out[first * out_stride + place..],
                    out_stride,
                };
                level.run(ProductIn::<F>(context, PhantomData));
                first += count;
            }
        }
    }
}

/// Rows to be put into panels.
#[derive(Clone, Copy)]
struct Pack<'p> {
    /// A row a token, in the format.
    rows: &'p [Line],
    /// Lines from a row to the next.
    stride: usize,
    tokens: usize,
    /// Depth of the panels in lines.
    depth: usize,
    /// Lines a word of a panel.
    wide: usize,
}

/// Puts keys into panels with a column a token.
struct PackKeys<'p> {
    pack: Pack<'p>,
    panels: &'p mut [Line],
}

impl Task for PackKeys<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let Pack { rows: keys, stride, tokens, depth, wide } = self.pack;
        let words = depth * LANES;
        for sixteen in 0..self.panels.len() / words {
            let first = sixteen / wide * words * wide + sixteen % wide;
            for line in 0..depth {
                let mut rows = [simd.splat(0.0); LANES];
                for (i, row) in rows.iter_mut().enumerate() {
                    let token = sixteen * LANES + i;
                    if token < tokens {
                        *row = simd.load(&keys[token * stride + line]);
                    }
                }
                store_columns(simd, rows, &mut self.panels[first + line * LANES * wide..], wide);
            }
        }
    }
}

/// Puts values into panels with a column a number.
struct PackValues<'p, F> {
    pack: Pack<'p>,
    sixteens: usize,
    panels: &'p mut [Line],
    format: PhantomData<F>,
}

impl<F: Format> Task for PackValues<'_, F> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, _: S) {
        let Pack { rows: values, stride, tokens, depth, wide } = self.pack;
        let words = depth * LANES;
        for sixteen in 0..self.sixteens {
            let first = sixteen / wide * words * wide + sixteen % wide;
            for word in 0..words {
                let row = |token: usize| (token < tokens).then(|| &values[token * stride..]);
                let rows = [row(word * F::PER_WORD), row(word * F::PER_WORD + 1)];
                self.panels[first + word * wide] = F::interleave(rows, sixteen);
            }
        }
    }
}

/// 2 to the power of (score − the row's largest) · `scale`, in the format; 1 by a row's sum goes
/// into `factors`.
struct Softmax<'s, F> {
    scores: &'s mut [Line],
    /// Lines a row of scores.
    sixteens: usize,
    tokens: usize,
    scale: f32,
    shares: &'s mut [Line],
    factors: &'s mut [f32],
    format: PhantomData<F>,
}

impl<F: Format> Task for Softmax<'_, F> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let rows = self.scores.chunks_exact_mut(self.sixteens);
        let shares = self.shares.chunks_exact_mut(F::lines(self.sixteens));
        for ((scores, shares), factor) in rows.zip(shares).zip(self.factors) {
            *factor = softmax_row::<S, F>(simd, scores, self.tokens, self.scale, shares);
        }
    }
}

/// 2 to the power of (score − largest) · `scale`, in the format; returns 1 by their sum.
#[inline(always)]
fn softmax_row<S: Simd, F: Format>(
    simd: S,
    scores: &mut [Line],
    tokens: usize,
    scale: f32,
    shares: &mut [Line],
) -> f32 {
    for (sixteen, line) in scores.iter_mut().enumerate().skip(tokens / LANES) {
        for (lane, word) in line.0.iter_mut().enumerate() {
            if sixteen * LANES + lane >= tokens {
                *word = f32::NEG_INFINITY.to_bits();
            }
        }
    }
    let mut largest = [simd.splat(f32::NEG_INFINITY); 2];
    for (sixteen, line) in scores.iter().enumerate() {
        largest[sixteen % 2] = simd.max(largest[sixteen % 2], simd.load(line));
    }
    let largest = simd.largest(simd.max(largest[0], largest[1]));
    let (factor, largest) = (simd.splat(scale), simd.splat(largest));
    let mut sums = [simd.splat(0.0); 2];
    for (sixteen, line) in scores.iter().enumerate() {
        // What no token has comes to 2⁻¹²⁶, beside the largest, which comes to 1.
        let share = exp2(simd, simd.mul(simd.sub(simd.load(line), largest), factor));
        sums[sixteen % 2] = simd.add(sums[sixteen % 2], share);
        F::store(simd, share, shares, sixteen);
    }
    1.0 / simd.sum(simd.add(sums[0], sums[1]))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::format::{BFloat, Float};
    use crate::panels::Parts;
    use crate::simd::floats;

    /// Attention by its definition, in 64-bit floats. `projected` are rows of queries, keys and
    /// values.
    fn expected(heads: Heads, projected: &[Vec<f32>]) -> Vec<Vec<f64>> {
        let Heads { count, width, .. } = heads;
        let part = |token: usize, part: usize, head: usize| {
            let first = (part * count + head) * width;
            projected[token][first..first + width].iter().map(|&x| f64::from(x))
        };
        let of_token = |query: usize| {
            let of_head = |head: usize| {
                let score = |key: usize| {
                    let products = part(query, 0, head).zip(part(key, 1, head)).map(|(a, b)| a * b);
                    products.sum::<f64>() / (width as f64).sqrt()
                };
                let scores: Vec<f64> = (0..projected.len()).map(score).collect();
                let largest = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                let shares: Vec<f64> = scores.iter().map(|s| (s - largest).exp()).collect();
                let sum: f64 = shares.iter().sum();
                let mut context = vec![0.0; width];
                for (token, share) in shares.iter().enumerate() {
                    for (number, value) in context.iter_mut().zip(part(token, 2, head)) {
                        *number += share / sum * value;
                    }
                }
                context
            };
            (0..count).flat_map(of_head).collect()
        };
        (0..projected.len()).map(of_token).collect()
    }

    /// The attention's rows at a level, with their padding.
    fn at<F: Format>(level: Level, heads: Heads, projected: &[Vec<f32>]) -> Vec<Line> {
        let row = Parts::new(3 * heads.count, heads.width);
        let mut lines = Vec::new();
        for numbers in projected {
            let mut padded = vec![0.0; row.total()];
            row.spread(numbers, &mut padded);
            for words in padded.chunks(LANES * F::PER_WORD) {
                let mut line = Line::ZERO;
                for (word, numbers) in line.0.iter_mut().zip(words.chunks(F::PER_WORD)) {
                    *word = F::word(numbers);
                }
                lines.push(line);
            }
        }
        let out_row = heads.count * F::lines(heads.sixteens);
        let mut out = vec![Line::ZERO; projected.len() * out_row];
        let attention = Attention::<F> {
            heads,
            tokens: projected.len(),
            projected: &lines,
            out: &mut out,
            scratch: &mut AttentionScratch::default(),
            format: PhantomData,
        };
        attention.run(level);
        out
    }

    fn cases() -> impl Strategy<Value = (Heads, Vec<Vec<f32>>)> {
        (1usize..4, prop_oneof![Just(32usize), Just(64), 1usize..40], 1usize..120).prop_flat_map(
            |(count, width, tokens)| {
                let sixteens = Parts::whole(width).sixteens();
                let rows = prop::collection::vec(-2.0f32..2.0, 3 * count * width);
                (Just(Heads { count, width, sixteens }), prop::collection::vec(rows, tokens))
            },
        )
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]

        #[test]
        fn attention_is_its_definition_and_the_same_at_every_level((heads, projected) in cases()) {
            let expected = expected(heads, &projected);
            let padded = heads.sixteens * LANES;
            let mut same = None;
            for level in Level::permitted().unwrap() {
                let out = at::<Float>(level, heads, &projected);
                for (got, expected) in floats(&out).chunks(heads.count * padded).zip(&expected) {
                    for (got, expected) in got.chunks(padded).zip(expected.chunks(heads.width)) {
                        for (got, expected) in got.iter().zip(expected) {
                            prop_assert!((f64::from(*got) - expected).abs() < 1e-5);
                        }
                    }
                }
                prop_assert_eq!(same.get_or_insert_with(|| out.clone()), &out, "{:?}", level);

                let out = at::<BFloat>(level, heads, &projected);
                let number = |place: usize| {
                    let word = out[place / 32].0[place % 32 / 2];
                    f32::from_bits(word >> (16 * (place % 2)) << 16)
                };
                for (token, expected) in expected.iter().enumerate() {
                    for (place, expected) in expected.iter().enumerate() {
                        let (head, place) = (place / heads.width, place % heads.width);
                        let got = number((token * heads.count + head) * padded + place);
                        prop_assert!((f64::from(got) - expected).abs() < 0.06, "{got} {expected}");
                    }
                }
            }
        }
    }
}
