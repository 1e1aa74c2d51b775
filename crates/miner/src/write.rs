//! From pools to lines: guard, negatives, scores.

use std::io::Write;

use rayon::prelude::*;
use spork_files::{Output, PairLine};
use spork_indexer::Progress;

use crate::bm25::TextIndex;
use crate::draw::{Drawn, Ground};
use crate::error::Result;
use crate::guard::{Guard, Kept, keep};
use crate::pairs::Pair;
use crate::teacher::Embeddings;

/// Pairs whose lines are in memory together.
const BATCH: usize = 4096;

/// Whose scores the guard and the output take.
#[derive(Clone, Copy)]
pub enum Scoring<'s> {
    /// The retriever's, for the guard only.
    Retriever,
    /// The teacher's: dense embeddings, and BM25 of the corpus.
    Teacher(&'s Embeddings, &'s TextIndex),
}

/// What a run did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Pairs, each a line of the output.
    pub pairs: u64,
    /// Negatives of all.
    pub negatives: u64,
    /// Documents left out because they are positives of the query.
    pub positives: u64,
    /// Candidates that the guard judged, …
    pub judged: u64,
    /// … and those that scored too close to the positive.
    pub dropped: u64,
    /// Pairs without a negative.
    pub without: u64,
    /// Pairs with some negatives, but fewer than asked for.
    pub short: u64,
    /// Pairs that the guard could not judge: the positive's score is unknown.
    pub unguarded: u64,
}

impl Ground<'_> {
    /// Writes every pair with its negatives, in the order of the pairs. Lines are made on `threads`.
    ///
    /// # Errors
    /// Damage met in an index, or an output that can't be written.
    pub fn write(
        &self,
        drawn: &[Drawn],
        scoring: Scoring<'_>,
        output: &mut Output,
        threads: &rayon::ThreadPool,
        progress: &dyn Progress,
    ) -> Result<Report> {
        progress.phase("writing", Some(drawn.len() as u64));
        let mut report = Report::default();
        for (pairs, drawn) in self.pairs.list.chunks(BATCH).zip(drawn.chunks(BATCH)) {
            let lines = pairs.par_iter().zip(drawn).map(|(pair, drawn)| {
                let line = self.line(pair, drawn, scoring);
                line.map_err(|source| self.search_error(pair.line, source))
            });
            for (line, kept) in threads.install(|| lines.collect::<Result<Vec<_>>>())? {
                output.write_all(&line).map_err(|error| spork_files::Error::io(output.path(), error))?;
                report.add(&kept, self.settings.negatives);
            }
            for drawn in drawn {
                report.positives += drawn.positives;
                let guarded = self.settings.margin.is_some();
                let known = matches!(scoring, Scoring::Teacher(..)) || drawn.positive_score.is_some();
                report.judged += if guarded && known { drawn.pool.len() as u64 } else { 0 };
                report.unguarded += u64::from(guarded && !known);
            }
            progress.advance(pairs.len() as u64);
        }
        Ok(report)
    }

    fn line(
        &self,
        pair: &Pair,
        drawn: &Drawn,
        scoring: Scoring<'_>,
    ) -> spork_searcher::Result<(Vec<u8>, Kept)> {
        let (margin, most) = (self.settings.margin, self.settings.negatives);
        let (kept, positive) = match scoring {
            Scoring::Retriever => {
                let guard = Guard::share(margin, drawn.positive_score);
                (keep(&drawn.pool, |place| drawn.pool[place].score, guard, most), None)
            }
            Scoring::Teacher(embeddings, bm25) => {
                let scores = embeddings.scores(self, bm25, pair, drawn)?;
                let guard = Guard::distance(margin, scores[0]);
                (keep(&drawn.pool, |place| scores[place + 1], guard, most), Some(scores[0]))
            }
        };
        let negatives = kept.negatives.iter().map(|(candidate, _)| self.text(candidate.docid).into());
        let scores = positive.map(|positive| {
            let negatives = kept.negatives.iter().map(|&(_, score)| score);
            std::iter::once(positive).chain(negatives).map(rounded).collect()
        });
        let written = PairLine {
            query: self.pairs.queries[pair.query].as_str().into(),
            positive: self.pairs.positives[pair.positive].as_str().into(),
            negatives: negatives.collect(),
            scores,
        };
        let line = written.to_bytes();
        Ok((line, kept))
    }
}

/// To four digits: no teacher is surer than that, and sums of floats in another order differ beyond.
fn rounded(score: f64) -> f64 {
    (score * 1e4).round() / 1e4
}

impl Report {
    fn add(&mut self, kept: &Kept, wanted: usize) {
        let negatives = kept.negatives.len();
        self.pairs += 1;
        self.negatives += negatives as u64;
        self.dropped += kept.dropped;
        self.without += u64::from(negatives == 0);
        self.short += u64::from(negatives > 0 && negatives < wanted);
    }
}
