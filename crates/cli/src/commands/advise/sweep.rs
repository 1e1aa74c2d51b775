//! All choices, one after the other.

use std::collections::HashSet;
use std::path::Path;

use anyhow::Result;
use spork_index::Index;
use spork_measure::IndexStatistics;

use super::estimate::Estimate;
use super::layout::{Layout, Sources};
use super::setting::Setting;
use super::trial::{Found, Judge, Trial, search};
use crate::progress_bars::bar;
use crate::query_batch::QueryBatch;

/// What is measured.
pub(super) struct Sweep<'a> {
    pub(super) index: &'a Index,
    pub(super) queries: &'a QueryBatch,
    pub(super) cutoffs: &'a [usize],
    /// None where nothing is built.
    pub(super) sources: Option<Sources>,
    pub(super) memory: u64,
    /// For indexes that are measured and gone.
    pub(super) folder: &'a Path,
}

/// An index as it is measured.
struct Place<'i> {
    index: &'i Index,
    /// The options that build it; none for the index as it is.
    flags: Option<String>,
    bytes: u64,
}

impl Sweep<'_> {
    /// The index as it is with each weighing of queries; then with the one that was asked for and
    /// the best of them, it and the indexes that could be built, each also with searches that stop
    /// short.
    pub(super) fn run(&self, judge: &Judge) -> Result<Vec<Trial>> {
        let asked = Setting::asked(&self.queries.weighing);
        let own = Place { index: self.index, flags: None, bytes: bytes(self.index)? };
        let mut trials = Vec::new();
        let mut weighings = vec![asked.clone()];
        if matches!(judge, Judge::Judgments { .. }) {
            weighings.extend(self.weighed_otherwise(&asked));
        }
        let layouts = match &self.sources {
            Some(_) => Layout::of(self.index).others(self.has_vectors()),
            None => Vec::new(),
        };
        let bar = bar("measuring", "indexes", Some(1 + layouts.len() as u64));
        for setting in &weighings {
            trials.extend(self.measure(judge, &own, setting, &asked)?);
        }
        let settings = self.worth_more(&trials, &weighings);
        for short in settings.iter().flat_map(Setting::stopping_short) {
            trials.extend(self.measure(judge, &own, &short, &asked)?);
        }
        bar.inc(1);
        for layout in layouts {
            trials.extend(self.built(judge, layout, &settings, &asked)?);
            bar.inc(1);
        }
        bar.finish_and_clear();
        Ok(trials)
    }

    /// What an exact search of the index as it is finds, by cutoff.
    pub(super) fn exact(&self) -> Result<Judge> {
        let asked = Setting::asked(&self.queries.weighing);
        let of = |&k: &usize| -> Result<(usize, Vec<HashSet<String>>)> {
            let found: Found = search(self.index, self.queries, &asked, k)?.0;
            let docnos = |hits: Vec<(String, f64)>| hits.into_iter().map(|(docno, _)| docno);
            Ok((k, found.into_iter().map(|hits| docnos(hits).collect()).collect()))
        };
        Ok(Judge::Recall(self.cutoffs.iter().map(of).collect::<Result<_>>()?))
    }

    fn has_vectors(&self) -> bool {
        self.index.manifest().fields.iter().any(|field| !field.is_text())
    }

    fn weighed_otherwise(&self, asked: &Setting) -> Vec<Setting> {
        let fields: Vec<String> =
            self.index.manifest().fields.iter().map(|field| field.name.clone()).collect();
        asked.weighed_otherwise(&fields, self.has_vectors())
    }

    /// The weighing that was asked for, the first, and the best one at the first cutoff.
    fn worth_more(&self, trials: &[Trial], weighings: &[Setting]) -> Vec<Setting> {
        let quality = |place: &usize| trials[place * self.cutoffs.len()].quality.mean;
        let best = (0..weighings.len())
            .reduce(|best, place| if quality(&place) > quality(&best) { place } else { best });
        let mut worth: Vec<Setting> = weighings.first().cloned().into_iter().collect();
        worth.extend(best.filter(|&place| place > 0).map(|place| weighings[place].clone()));
        worth
    }

    /// An index that is built, measured, and gone.
    fn built(
        &self,
        judge: &Judge,
        layout: Layout,
        settings: &[Setting],
        asked: &Setting,
    ) -> Result<Vec<Trial>> {
        let Some(sources) = &self.sources else { return Ok(Vec::new()) };
        let folder = self.folder.join("index");
        let index = layout.build(self.index, sources, &folder, self.memory)?;
        let place = Place { index: &index, flags: Some(layout.flags()), bytes: bytes(&index)? };
        let mut trials = Vec::new();
        for setting in settings {
            trials.extend(self.measure(judge, &place, setting, asked)?);
            for short in setting.stopping_short() {
                trials.extend(self.measure(judge, &place, &short, asked)?);
            }
        }
        Ok(trials)
    }

    /// One choice, at each cutoff.
    fn measure(
        &self,
        judge: &Judge,
        place: &Place<'_>,
        setting: &Setting,
        asked: &Setting,
    ) -> Result<Vec<Trial>> {
        let at = |&k: &usize| -> Result<Trial> {
            let (found, micros) = search(place.index, self.queries, setting, k)?;
            Ok(Trial {
                index: place.flags.clone(),
                search: setting.flags(asked),
                k,
                quality: Estimate::of(&judge.values(self.queries, &found, k)?),
                bytes: place.bytes,
                micros: Estimate::of(&micros),
            })
        };
        self.cutoffs.iter().map(at).collect()
    }
}

/// Bytes of posting lists and lexicon: what stored texts and columns take is the same however an
/// index is built.
fn bytes(index: &Index) -> Result<u64> {
    let sizes = IndexStatistics::new(index)?.bytes;
    Ok(sizes.postings + sizes.lexicon)
}
