use proptest::prelude::*;

use super::Screen;
use crate::simd::Level;

/// Numbers that look like a network's: mostly small, some large.
pub(super) fn numbers(count: usize) -> impl Strategy<Value = Vec<f32>> {
    let number = prop_oneof![8 => -1.0f32..1.0, 1 => -20.0f32..20.0, 1 => Just(0.0f32)];
    prop::collection::vec(number, count)
}

pub(super) fn largest_logits(
    decoder: &[f32],
    bias: &[f32],
    states: &[f32],
    width: usize,
) -> Vec<f64> {
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

#[derive(Debug)]
struct Case {
    width: usize,
    lengths: Vec<usize>,
    decoder: Vec<f32>,
    bias: Vec<f32>,
    states: Vec<f32>,
}

fn cases() -> impl Strategy<Value = Case> {
    (1usize..80, 1usize..150, prop::collection::vec(1usize..15, 1..5)).prop_flat_map(
        |(width, terms, lengths)| {
            let tokens: usize = lengths.iter().sum();
            (numbers(width * terms), numbers(terms), numbers(width * tokens)).prop_map(
                move |(decoder, bias, states)| Case {
                    width,
                    lengths: lengths.clone(),
                    decoder,
                    bias,
                    states,
                },
            )
        },
    )
}

proptest! {
    #[test]
    fn no_term_above_zero_is_lost(case in cases()) {
        let Case { width, lengths, decoder, bias, states } = case;
        for level in Level::permitted().unwrap() {
            let screen = Screen::at(level, &decoder, &bias).unwrap();
            let mut rest = states.as_slice();
            for (&length, candidates) in
                lengths.iter().zip(screen.candidates(&states, width, &lengths))
            {
                let (text, others) = rest.split_at(length * width);
                rest = others;
                let logits = largest_logits(&decoder, &bias, text, width);
                for (term, logit) in logits.into_iter().enumerate() {
                    prop_assert!(
                        logit <= 0.0 || candidates.binary_search(&(term as u32)).is_ok(),
                        "{level:?}: {term}: {logit}"
                    );
                }
                prop_assert!(candidates.is_sorted());
                prop_assert!(candidates.last().is_none_or(|&last| (last as usize) < bias.len()));
            }
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
    for level in Level::permitted().unwrap() {
        let screen = Screen::at(level, &decoder, &bias).unwrap();
        assert_eq!(screen.candidates(&states, width, &[3, 4]), [[42], [42]]);
    }
}

#[test]
fn near_terms_are_told_from_those_below_zero() {
    // Logits of ±1 beside bounds of some hundredths.
    let width = 64;
    let decoder: Vec<f32> = (0..100)
        .flat_map(|term| {
            let sign = if term % 3 == 0 { 1.0 } else { -1.0 };
            (0..width).map(move |place| sign * (1.0 + (place % 5) as f32) / 192.0)
        })
        .collect();
    let expected: Vec<u32> = (0..100).filter(|term| term % 3 == 0).collect();
    for level in Level::permitted().unwrap() {
        let screen = Screen::at(level, &decoder, &[0.0; 100]).unwrap();
        assert_eq!(
            screen.candidates(&vec![1.0; width * 9], width, &[9]),
            std::slice::from_ref(&expected)
        );
    }
}

#[test]
fn what_is_not_finite_is_left_to_floats() {
    for level in Level::permitted().unwrap() {
        assert!(Screen::at(level, &[1.0, f32::NAN], &[0.0, 0.0]).is_none());
        assert!(Screen::at(level, &[], &[]).is_none());
        let screen = Screen::at(level, &[1.0, 1.0], &[-9.0, -9.0]).unwrap();
        let empty: Vec<u32> = Vec::new();
        for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            let candidates = screen.candidates(&[bad, 1.0], 1, &[1, 1]);
            assert_eq!(candidates, [vec![0, 1], empty.clone()], "{bad}");
        }
    }
}
