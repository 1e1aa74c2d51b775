//! Screening in two stages, once enough states have been seen to know where they lie.

use std::sync::{Arc, Mutex, OnceLock};

use super::Screen;
use super::axes::Axes;
use super::first_stage::{FirstStage, kept_of, tiles};
use super::second_stage::{Confirm, RoundToBytes, RowBytes};
use super::states::RoundStates;
use crate::panels::Parts;
use crate::simd::{Level, Line, floats};

/// With fewer tokens than this one stage takes less time.
const LEAST_TOKENS: usize = 64;
/// Of the states that come one in so many is kept,
const ONE_IN: usize = 8;
/// until there are so many.
const SAMPLE: usize = 2_048;
/// Of the decoder's rows the axes are found from one in so many.
const ROWS_ONE_IN: usize = 4;

/// A screen, and after some thousand tokens one with a first stage. What it finds may depend on
/// when that was, and no weight does.
pub(crate) struct StagedScreen {
    screen: Screen,
    /// [terms, width]
    decoder: Arc<Vec<f32>>,
    /// States so far.
    sample: Mutex<Vec<f32>>,
    /// None where it would not pay.
    stages: OnceLock<Option<Stages>>,
}

struct Stages {
    first: FirstStage,
    bytes: RowBytes,
}

impl StagedScreen {
    pub(crate) fn new(level: Level, decoder: &Arc<Vec<f32>>, bias: &[f32]) -> Option<Self> {
        let screen = Screen::at(level, decoder, bias)?;
        let stages = OnceLock::new();
        Some(Self { screen, decoder: Arc::clone(decoder), sample: Mutex::default(), stages })
    }

    /// [`Screen::candidates`] of the padded `rows`.
    pub(crate) fn candidates(&self, rows: &[Line], lengths: &[usize]) -> Vec<Vec<u32>> {
        let row = Parts::whole(self.screen.width);
        if rows.len() >= LEAST_TOKENS * row.sixteens() {
            match self.stages.get() {
                Some(None) => {}
                Some(Some(stages)) => {
                    if let Some(candidates) = stages.candidates(&self.screen, rows, lengths) {
                        return candidates;
                    }
                }
                None => self.learn(rows),
            }
        }
        self.screen.candidates(floats(rows), row.total(), lengths)
    }

    /// Adds to the sample; with enough of them, prepares the first stage.
    fn learn(&self, rows: &[Line]) {
        // While one thread is at it, others need not wait.
        let Ok(mut sample) = self.sample.try_lock() else { return };
        let width = self.screen.width;
        for row in floats(rows).chunks_exact(Parts::whole(width).total()).step_by(ONE_IN) {
            let state = &row[..width];
            if state.iter().all(|number| number.is_finite()) {
                sample.extend_from_slice(state);
            }
        }
        if sample.len() >= SAMPLE * width && self.stages.get().is_none() {
            let sample = std::mem::take(&mut *sample);
            let t = std::time::Instant::now();
            _ = self.stages.set(Stages::new(&self.screen, &self.decoder, &sample));
            if std::env::var_os("SPORKT").is_some() {
                eprintln!("stages {:?}", t.elapsed());
            }
        }
    }
}

impl Stages {
    fn new(screen: &Screen, decoder: &[f32], sample: &[f32]) -> Option<Self> {
        let (level, width) = (screen.level, screen.width);
        let kept = kept_of(width)?;
        let some = decoder.chunks_exact(width).step_by(ROWS_ONE_IN).flatten();
        let some: Vec<f32> = some.copied().collect();
        let axes = Axes::new(level, sample, &some, width)?;
        let first = FirstStage::new(screen, decoder, &axes, sample, kept);
        let bytes = level.run(RoundToBytes { decoder, width });
        Some(Self { first, bytes })
    }

    /// None where one stage takes less time, or a state is not finite.
    fn candidates(
        &self,
        screen: &Screen,
        rows: &[Line],
        lengths: &[usize],
    ) -> Option<Vec<Vec<u32>>> {
        let (width, stride) = (screen.width, Parts::whole(screen.width).total());
        let whole = screen.level.run(RoundStates { states: floats(rows), stride, width, lengths });
        if whole.texts.iter().any(Option::is_none) {
            return None;
        }
        let tiles = tiles(lengths);
        let survivors = self.first.survivors(&self.first.states(rows), &tiles)?;
        if std::env::var_os("SPORKT").is_some() {
            eprintln!(
                "surv {}",
                survivors.iter().map(Vec::len).sum::<usize>() as f32 / tiles.len() as f32
            );
        }
        Some(screen.level.run(Confirm {
            screen,
            bytes: &self.bytes,
            states: &whole,
            tiles: &tiles,
            survivors: &survivors,
        }))
    }
}
