//! Screening in two stages, once enough states have been seen to find axes for the first.

use std::sync::{Arc, Mutex, OnceLock};

use super::axes::Axes;
use super::first_stage::{FirstStage, kept_of};
use super::screen::Screen;
use super::second_stage::{Confirm, RoundToBytes, RowBytes};
use super::sift::Sift;
use super::states::RoundStates;
use super::tiles::tiles;
use crate::panels::Parts;
use crate::simd::{Level, Line, floats};

/// With fewer tokens two stages take no less time.
const LEAST_TOKENS: usize = 64;
/// Of the states that come one in so many goes into the sample,
const STATES_ONE_IN: usize = 8;
/// until it has so many.
const SAMPLE: usize = 4_096;
/// Of the decoder's rows one in so many is taken for finding axes.
const ROWS_ONE_IN: usize = 4;

/// A screen that gets a first stage after some ten thousand tokens, which takes a fifth of a second
/// to prepare for a vocabulary of BERT's. When it gets it may change the terms that it names beside
/// those above zero; these it always names, so that no weight depends on it.
pub(crate) struct StagedScreen {
    screen: Screen,
    /// [terms, width]
    decoder: Arc<Vec<f32>>,
    /// States, one after the other.
    sample: Mutex<Vec<f32>>,
    /// None where rows are short, or the axes spoilt.
    stages: OnceLock<Option<Stages>>,
}

struct Stages {
    first: FirstStage,
    bytes: RowBytes,
}

impl StagedScreen {
    /// As [`Screen::new`].
    pub(crate) fn new(level: Level, decoder: &Arc<Vec<f32>>, bias: &[f32]) -> Option<Self> {
        let screen = Screen::at(level, decoder, bias)?;
        let (sample, stages) = (Mutex::default(), OnceLock::new());
        Some(Self { screen, decoder: Arc::clone(decoder), sample, stages })
    }

    /// As [`Screen::candidates`], of padded states.
    pub(crate) fn candidates(&self, rows: &[Line], lengths: &[usize]) -> Vec<Vec<u32>> {
        let row = Parts::whole(self.screen.width);
        if rows.len() >= LEAST_TOKENS * row.sixteens() {
            match self.stages.get() {
                None => self.learn(rows),
                Some(None) => {}
                Some(Some(stages)) => {
                    if let Some(candidates) = stages.candidates(&self.screen, rows, lengths) {
                        return candidates;
                    }
                }
            }
        }
        self.screen.candidates(floats(rows), row.total(), lengths)
    }

    /// Adds states to the sample, and prepares the stages once there are enough.
    fn learn(&self, rows: &[Line]) {
        // While one thread is at it, others go on with one stage.
        let Ok(mut sample) = self.sample.try_lock() else { return };
        let width = self.screen.width;
        for row in floats(rows).chunks_exact(Parts::whole(width).total()).step_by(STATES_ONE_IN) {
            let state = &row[..width];
            if state.iter().all(|number| number.is_finite()) {
                sample.extend_from_slice(state);
            }
        }
        if sample.len() >= SAMPLE * width {
            let states = std::mem::take(&mut *sample);
            self.stages.get_or_init(|| Stages::new(&self.screen, &self.decoder, &states));
        }
    }
}

impl Stages {
    fn new(screen: &Screen, decoder: &[f32], states: &[f32]) -> Option<Self> {
        let (level, width) = (screen.level, screen.width);
        let kept = kept_of(width)?;
        let rows: Vec<&[f32]> = decoder.chunks_exact(width).step_by(ROWS_ONE_IN).collect();
        let states: Vec<&[f32]> = states.chunks_exact(width).collect();
        let axes = Axes::new(level, &states, &rows, width)?;
        let first = FirstStage::new(screen, decoder, &axes, &states, kept);
        let bytes = level.run(RoundToBytes { decoder, width });
        Some(Self { first, bytes })
    }

    /// None where a state is not finite, or one stage takes less time.
    fn candidates(
        &self,
        screen: &Screen,
        rows: &[Line],
        lengths: &[usize],
    ) -> Option<Vec<Vec<u32>>> {
        let Self { first, bytes } = self;
        let (width, stride) = (screen.width, Parts::whole(screen.width).total());
        let states = floats(rows);
        let whole = screen.level.run(RoundStates { states, stride, width, lengths });
        if whole.texts.iter().any(Option::is_none) {
            return None;
        }
        let (tiles, states) = (tiles(lengths), first.states(rows));
        let survivors = screen.level.run(Sift { stage: first, states: &states, tiles: &tiles })?;
        let confirm =
            Confirm { screen, bytes, states: &whole, tiles: &tiles, survivors: &survivors };
        Some(screen.level.run(confirm))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::projection::padded;
    use super::super::tests::{largest_logits, numbers};
    use super::*;

    /// A decoder and texts.
    #[derive(Debug)]
    struct Case {
        width: usize,
        decoder: Arc<Vec<f32>>,
        bias: Vec<f32>,
        states: Vec<f32>,
        lengths: Vec<usize>,
    }

    impl Case {
        fn rows(&self) -> Vec<Line> {
            padded(self.states.chunks(self.width), self.width)
        }

        /// Panics unless `candidates` are ascending terms with all that have a logit above zero.
        fn check(&self, candidates: &[Vec<u32>]) {
            let mut rest = self.states.as_slice();
            for (&length, candidates) in self.lengths.iter().zip(candidates) {
                let (text, others) = rest.split_at(length * self.width);
                rest = others;
                let logits = largest_logits(&self.decoder, &self.bias, text, self.width);
                for (term, logit) in logits.into_iter().enumerate() {
                    let named = candidates.binary_search(&(term as u32)).is_ok();
                    assert!(logit <= 0.0 || named, "{term}: {logit}");
                }
                assert!(candidates.is_sorted_by(|a, b| a < b));
                assert!(candidates.last().is_none_or(|&last| (last as usize) < self.bias.len()));
            }
        }
    }

    /// Of each thirty terms one has a logit just above zero, and no other has one. Beside it the
    /// states to find axes from: the same, which leaves but rounding to the bound, or others, along
    /// whose axes the first numbers hold part of the products only.
    fn cases() -> impl Strategy<Value = (Case, Vec<f32>)> {
        let lengths = prop::collection::vec(1usize..15, 1..5);
        (65usize..200, 30usize..300, lengths).prop_flat_map(|(width, terms, lengths)| {
            let tokens: usize = lengths.iter().sum();
            let vectors = [terms, tokens, 20].map(|count| numbers(width * count));
            (vectors, any::<bool>()).prop_map(move |([mut decoder, states, others], same)| {
                let seen = if same { states.clone() } else { others };
                // A row of zeros, and one that is nearly.
                decoder[7 * width..8 * width].fill(0.0);
                decoder[9 * width..10 * width].fill(1e-38);
                let largest = largest_logits(&decoder, &vec![0.0; terms], &states, width);
                let bias = largest.iter().enumerate().map(|(term, largest)| {
                    let near = (1e-5 * largest.abs() + 1e-6 - largest) as f32;
                    if term % 30 == 7 { near } else { -1e6 }
                });
                let (bias, lengths) = (bias.collect(), lengths.clone());
                (Case { width, decoder: Arc::new(decoder), bias, states, lengths }, seen)
            })
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]

        #[test]
        fn two_stages_lose_no_term_above_zero_and_add_none((case, seen) in cases()) {
            let rows = case.rows();
            let mut found = 0;
            for level in Level::permitted().unwrap() {
                let screen = Screen::at(level, &case.decoder, &case.bias).unwrap();
                let stages = Stages::new(&screen, &case.decoder, &seen).unwrap();
                let candidates = stages.candidates(&screen, &rows, &case.lengths).unwrap();
                case.check(&candidates);
                found += candidates.iter().map(Vec::len).sum::<usize>();
                let stride = Parts::whole(case.width).total();
                let by_one = screen.candidates(floats(&rows), stride, &case.lengths);
                for (candidates, by_one) in candidates.iter().zip(&by_one) {
                    for term in candidates {
                        prop_assert!(by_one.binary_search(term).is_ok(), "{level:?}: {term}");
                    }
                }
            }
            prop_assert!(found > 0, "nothing compared");
        }
    }

    /// States and rows near a few directions, as those of networks are: logits of a few units, of
    /// which few are above the bias.
    fn near_directions(tokens: usize) -> Case {
        const WIDTH: usize = 192;
        const DIRECTIONS: usize = 20;
        let mut seed = 1u32;
        let mut number = move || {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (seed >> 8) as f32 / (1 << 23) as f32 - 1.0
        };
        let mut numbers = |count: usize| -> Vec<f32> { (0..count).map(|_| number()).collect() };
        let directions = numbers(WIDTH * DIRECTIONS);
        let mut vectors = |count: usize, size: f32| -> Vec<f32> {
            let vector = |_| {
                let mut vector = numbers(WIDTH);
                let shares = numbers(DIRECTIONS);
                for (place, number) in vector.iter_mut().enumerate() {
                    let shares = shares.iter().enumerate();
                    let sum: f32 = shares.map(|(i, x)| x * directions[i * WIDTH + place]).sum();
                    *number = size * (0.03 * *number + sum);
                }
                vector
            };
            (0..count).flat_map(vector).collect()
        };
        let decoder = Arc::new(vectors(700, 0.05));
        let states = vectors(tokens, 0.3);
        Case { width: WIDTH, decoder, bias: vec![-7.0; 700], states, lengths: vec![tokens / 4; 4] }
    }

    #[test]
    fn the_first_stage_leaves_few_terms() {
        let case = near_directions(100);
        for level in Level::permitted().unwrap() {
            let screen = Screen::at(level, &case.decoder, &case.bias).unwrap();
            let stages = Stages::new(&screen, &case.decoder, &case.states).unwrap();
            let tiles = tiles(&case.lengths);
            let states = stages.first.states(&case.rows());
            let sift = Sift { stage: &stages.first, states: &states, tiles: &tiles };
            let (survivors, mut terms) = (level.run(sift).unwrap(), Vec::new());
            let count = |tile| {
                survivors.of_tile(tile, &mut terms);
                terms.len()
            };
            let left: usize = (0..tiles.len()).map(count).sum();
            let share = left as f64 / (tiles.len() * case.bias.len()) as f64;
            assert!(share > 0.0 && share < 0.05, "{level:?}: {share}");
        }
    }

    #[test]
    fn stages_are_prepared_after_enough_tokens_and_name_the_same_terms() {
        let case = near_directions(SAMPLE);
        let rows = case.rows();
        for level in Level::permitted().unwrap() {
            let screen = StagedScreen::new(level, &case.decoder, &case.bias).unwrap();
            let mut before = None;
            for _ in 0..STATES_ONE_IN {
                assert!(screen.stages.get().is_none());
                before = Some(screen.candidates(&rows, &case.lengths));
            }
            let stages = screen.stages.get().unwrap().as_ref().unwrap();
            let after = stages.candidates(&screen.screen, &rows, &case.lengths).unwrap();
            assert_eq!(screen.candidates(&rows, &case.lengths), after);
            case.check(&before.unwrap());
            case.check(&after);
            assert!(after.iter().all(|terms| terms.len() > 1), "nothing compared: {after:?}");
        }
    }

    #[test]
    fn where_two_stages_do_not_pay_there_is_one() {
        let mut case = near_directions(100);
        for level in Level::permitted().unwrap() {
            let screen = Screen::at(level, &case.decoder, &[9.0; 700]).unwrap();
            let stages = Stages::new(&screen, &case.decoder, &case.states).unwrap();
            assert!(stages.candidates(&screen, &case.rows(), &case.lengths).is_none());
        }
        let of_states = case.states.clone();
        case.states[0] = f32::NAN;
        for level in Level::permitted().unwrap() {
            let screen = Screen::at(level, &case.decoder, &case.bias).unwrap();
            let stages = Stages::new(&screen, &case.decoder, &of_states).unwrap();
            assert!(stages.candidates(&screen, &case.rows(), &case.lengths).is_none());
            let short = Screen::at(level, &[1.0; 64], &[0.0]).unwrap();
            assert!(Stages::new(&short, &[1.0; 64], &[1.0; 64]).is_none());
        }
    }
}
