//! Finds the terms that can have a weight: the decoder in 8-bit integers, with a bound on the error
//! of rounding.
//!
//! Under max pooling a text keeps some hundred terms of thirty thousand, those whose largest logit
//! over its tokens is above zero. [`Screen`] computes all logits in integers, adds the most that
//! rounding can have taken away, and names the terms that are still above zero. The network then
//! computes those few in floats. So the outcome is that of the whole decoder, term for term; only
//! the time is another: one processor instruction makes 64 of the integer products, and no logit is
//! ever written to memory.
//!
//! With states x of a token and row w of a term, x̂ and ŵ as they are after rounding, Cauchy and
//! Schwarz give
//! |x·w − x̂·ŵ| ≤ ‖x − x̂‖·‖w‖ + ‖x̂‖·‖w − ŵ‖.
//!
//! [`pack`] rounds, `avx512` multiplies, `scalar` is its twin under the same tests.

#[cfg(target_arch = "x86_64")]
mod avx512;
mod pack;
mod scalar;

use pack::{Block, PackedText, TERMS};
use spork_core::{SimdCapError, SimdLevel};

/// A set of instructions that this processor has: a value exists only where it may be used.
#[derive(Clone, Copy, Debug)]
enum Kernel {
    Scalar,
    #[cfg(target_arch = "x86_64")]
    Avx512Vnni(avx512::Avx512Vnni),
}

impl Kernel {
    /// The best that [`SimdLevel::permitted`] lets this processor use. Without a cap that is VNNI
    /// on processors, too, that have it and lack other parts of [`SimdLevel::Avx512`].
    fn permitted() -> Result<Self, SimdCapError> {
        let level = SimdLevel::permitted()?;
        #[cfg(target_arch = "x86_64")]
        if (level == SimdLevel::Avx512 || !SimdLevel::is_capped())
            && let Some(token) = avx512::Avx512Vnni::detect()
        {
            return Ok(Self::Avx512Vnni(token));
        }
        Ok(Self::Scalar)
    }
}

/// A decoder, rounded to 8 bits a weight, and bounds on the error of rounding.
pub(crate) struct Screen {
    kernel: Kernel,
    blocks: Vec<Block>,
    terms: usize,
    width: usize,
}

impl Screen {
    /// Whether this processor has the instructions that make screening worth while, and may use
    /// them.
    ///
    /// # Errors
    /// `SPORK_MAX_SIMD` names no level, or one that the machine lacks.
    pub(crate) fn pays() -> Result<bool, SimdCapError> {
        Ok(!matches!(Kernel::permitted()?, Kernel::Scalar))
    }

    /// A screen of the decoder's rows [terms, width], one after the other, and the terms' biases;
    /// none if a weight is not finite, as no bound holds then.
    pub(crate) fn new(decoder: &[f32], bias: &[f32]) -> Option<Self> {
        let width = decoder.len() / bias.len().max(1);
        if width == 0
            || decoder.len() != width * bias.len()
            || !decoder.iter().all(|weight| weight.is_finite())
        {
            return None;
        }
        let rows = decoder.chunks(TERMS * width).zip(bias.chunks(TERMS));
        let blocks = rows.map(|(rows, bias)| Block::new(rows, bias, width)).collect();
        let kernel = Kernel::permitted().unwrap_or(Kernel::Scalar);
        Some(Self { kernel, blocks, terms: bias.len(), width })
    }

    /// For each text the terms, ascending, whose largest logit over the text's tokens may be above
    /// zero: all that are and few others. A text is what the decoder takes of it, [tokens, width].
    pub(crate) fn candidates(&self, texts: &[&[f32]]) -> Vec<Vec<i64>> {
        let texts: Vec<_> =
            texts.iter().map(|states| PackedText::new(states, self.width)).collect();
        let mut candidates = vec![Vec::new(); texts.len()];
        // A block of weights stays in the first-level cache while all texts pass by.
        for (number, block) in self.blocks.iter().enumerate() {
            let first = (number * TERMS) as i64;
            for (text, candidates) in texts.iter().zip(&mut candidates) {
                let Some(text) = text else { continue };
                let mut mask = block.above_zero(&maxima(self.kernel, block, text), text);
                while mask != 0 {
                    candidates.push(first + i64::from(mask.trailing_zeros()));
                    mask &= mask - 1;
                }
            }
        }
        for (text, candidates) in texts.iter().zip(&mut candidates) {
            if text.is_none() {
                *candidates = (0..self.terms as i64).collect();
            }
        }
        candidates
    }
}

/// For each term of `block` the largest integer product with a token of `text`, times the token's
/// scale.
fn maxima(kernel: Kernel, block: &Block, text: &PackedText) -> [f32; TERMS] {
    match kernel {
        Kernel::Scalar => scalar::maxima(block, text),
        #[cfg(target_arch = "x86_64")]
        Kernel::Avx512Vnni(token) => token.maxima(block, text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Numbers that look like a network's: mostly small, some large.
    fn numbers(count: usize) -> impl proptest::strategy::Strategy<Value = Vec<f32>> {
        let number = prop_oneof![8 => -1.0f32..1.0, 1 => -20.0f32..20.0, 1 => Just(0.0f32)];
        prop::collection::vec(number, count)
    }

    fn largest_logits(decoder: &[f32], bias: &[f32], states: &[f32], width: usize) -> Vec<f64> {
        let dot = |a: &[f32], b: &[f32]| -> f64 {
            a.iter().zip(b).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum()
        };
        let rows = decoder.chunks(width).zip(bias);
        rows.map(|(row, &bias)| {
            let logits = states.chunks(width).map(|state| dot(state, row) + f64::from(bias));
            logits.fold(f64::NEG_INFINITY, f64::max)
        })
        .collect()
    }

    /// [`maxima`] by its definition.
    fn largest_products(decoder: &[f32], states: &[f32], width: usize) -> Vec<f32> {
        let rounded = |numbers: &[f32]| -> Vec<i32> {
            let scale = pack::scale(numbers);
            numbers.iter().map(|&number| pack::rounded(number, scale)).collect()
        };
        let product = |row: &[i32], state: &[f32]| {
            let sum: i32 =
                row.iter().zip(rounded(state)).map(|(&weight, state)| weight * state).sum();
            sum as f32 * pack::scale(state)
        };
        let rows = decoder.chunks(width).map(rounded);
        rows.map(|row| {
            states.chunks(width).map(|state| product(&row, state)).fold(f32::NEG_INFINITY, f32::max)
        })
        .collect()
    }

    proptest! {
        #[test]
        fn no_term_above_zero_is_lost(
            (width, terms, lengths, decoder, bias, states) in (1usize..40, 1usize..150, prop::collection::vec(1usize..15, 1..4))
                .prop_flat_map(|(width, terms, lengths)| {
                    let tokens: usize = lengths.iter().sum();
                    (Just(width), Just(terms), Just(lengths), numbers(width * terms), numbers(terms), numbers(width * tokens))
                }),
        ) {
            let screen = Screen::new(&decoder, &bias).unwrap();
            let mut rest = states.as_slice();
            let texts: Vec<&[f32]> = lengths
                .iter()
                .map(|length| {
                    let (text, others) = rest.split_at(length * width);
                    rest = others;
                    text
                })
                .collect();
            for (text, candidates) in texts.iter().zip(screen.candidates(&texts)) {
                for (term, logit) in largest_logits(&decoder, &bias, text, width).into_iter().enumerate() {
                    prop_assert!(logit <= 0.0 || candidates.binary_search(&(term as i64)).is_ok(), "{term}: {logit}");
                }
                prop_assert!(candidates.is_sorted() && candidates.last().is_none_or(|&last| last < terms as i64));
            }
        }

        #[test]
        fn every_kernel_gives_the_largest_products(
            (width, decoder, states) in (1usize..40, 1usize..30)
                .prop_flat_map(|(width, tokens)| (Just(width), numbers(width * TERMS), numbers(width * tokens))),
        ) {
            let block = Block::new(&decoder, &[0.0; TERMS], width);
            let text = PackedText::new(&states, width).unwrap();
            let expected = largest_products(&decoder, &states, width);
            for kernel in [Kernel::Scalar, Kernel::permitted().unwrap()] {
                prop_assert_eq!(maxima(kernel, &block, &text).to_vec(), expected.clone(), "{:?}", kernel);
            }
        }
    }

    #[test]
    fn far_terms_are_screened_out() {
        let width = 32;
        let decoder: Vec<f32> =
            (0..width * 100).map(|place| ((place * 7 % 13) as f32 - 6.0) / 6.0).collect();
        let mut bias = vec![-1000.0; 100];
        bias[42] = 1000.0;
        let states = vec![0.5; width * 7];
        let screen = Screen::new(&decoder, &bias).unwrap();
        assert_eq!(screen.candidates(&[&states[..3 * width], &states[3 * width..]]), [[42], [42]]);
    }

    #[test]
    fn what_is_not_finite_is_left_to_floats() {
        assert!(Screen::new(&[1.0, f32::NAN], &[0.0, 0.0]).is_none());
        assert!(Screen::new(&[], &[]).is_none());
        let screen = Screen::new(&[1.0, 1.0], &[-9.0, -9.0]).unwrap();
        let empty: Vec<i64> = Vec::new();
        assert_eq!(screen.candidates(&[&[f32::NAN], &[1.0]]), [vec![0, 1], empty]);
    }
}
