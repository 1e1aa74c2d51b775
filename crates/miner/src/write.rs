//! From pools to lines: margin, negatives, scores.

use std::io::Write;

use rayon::prelude::*;
use spork_files::{Output, PairLine};
use spork_indexer::{Phase, Progress};

use crate::bm25::TextIndex;
use crate::candidates::{CandidatePool, Miner};
use crate::error::Result;
use crate::margin::{Kept, ScoreLimit, keep};
use crate::pairs::Pair;
use crate::teacher::Embeddings;

/// Pairs whose lines are in memory together.
const BATCH: usize = 4096;

/// The scores that the margin is applied to.
#[derive(Clone, Copy)]
pub enum Scoring<'s> {
    /// The retriever's, which are not written.
    Retriever,
    /// The teacher's, from dense embeddings and BM25 of the corpus, which are written.
    Teacher(&'s Embeddings, &'s TextIndex),
}

/// Counts of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MiningReport {
    /// Pairs, each a line of the output.
    pub pairs: u64,
    /// Negatives of all.
    pub negatives: u64,
    /// Documents left out because they are positives of the query.
    pub positives: u64,
    /// Candidates that the margin was applied to.
    pub judged: u64,
    /// Candidates that scored too close to the positive.
    pub dropped: u64,
    /// Pairs without a negative.
    pub without: u64,
    /// Pairs with some negatives, but fewer than `Settings::negatives`.
    pub short: u64,
    /// Pairs that the margin could not be applied to: the positive's score is unknown.
    pub without_margin: u64,
}

impl Miner<'_> {
    /// Writes every pair with its negatives, in the order of the pairs. Lines are made on
    /// `threads`.
    ///
    /// # Errors
    /// Damage met in an index, or an output that can't be written.
    pub fn write(
        &self,
        pools: &[CandidatePool],
        scoring: Scoring<'_>,
        output: &mut Output,
        threads: &rayon::ThreadPool,
        progress: &dyn Progress,
    ) -> Result<MiningReport> {
        progress.phase(Phase::Writing, Some(pools.len() as u64));
        let mut report = MiningReport::default();
        for (pairs, pools) in self.pairs.list.chunks(BATCH).zip(pools.chunks(BATCH)) {
            let lines = pairs.par_iter().zip(pools).map(|(pair, pool)| {
                let line = self.line(pair, pool, scoring);
                line.map_err(|source| self.search_error(pair.line, source))
            });
            for (line, kept) in threads.install(|| lines.collect::<Result<Vec<_>>>())? {
                output
                    .write_all(&line)
                    .map_err(|error| spork_files::Error::io(output.path(), error))?;
                report.add(&kept, self.settings.negatives);
            }
            for pool in pools {
                report.positives += pool.positives;
                let limited = self.settings.margin.is_some();
                let known =
                    matches!(scoring, Scoring::Teacher(..)) || pool.positive_score.is_some();
                report.judged += if limited && known { pool.candidates.len() as u64 } else { 0 };
                report.without_margin += u64::from(limited && !known);
            }
            progress.advance(pairs.len() as u64)?;
        }
        Ok(report)
    }

    fn line(
        &self,
        pair: &Pair,
        pool: &CandidatePool,
        scoring: Scoring<'_>,
    ) -> spork_searcher::Result<(Vec<u8>, Kept)> {
        let (margin, most) = (self.settings.margin, self.settings.negatives);
        let (kept, positive) = match scoring {
            Scoring::Retriever => {
                let limit = ScoreLimit::share(margin, pool.positive_score);
                (keep(&pool.candidates, |place| pool.candidates[place].score, limit, most), None)
            }
            Scoring::Teacher(embeddings, bm25) => {
                let scores = embeddings.scores(self, bm25, pair, pool)?;
                let limit = ScoreLimit::distance(margin, scores[0]);
                (keep(&pool.candidates, |place| scores[place + 1], limit, most), Some(scores[0]))
            }
        };
        let negatives =
            kept.negatives.iter().map(|(candidate, _)| self.text(candidate.docid).into());
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

/// To four digits: no teacher is surer than that, and sums of floats in another order differ
/// beyond.
fn rounded(score: f64) -> f64 {
    (score * 1e4).round() / 1e4
}

impl MiningReport {
    fn add(&mut self, kept: &Kept, wanted: usize) {
        let negatives = kept.negatives.len();
        self.pairs += 1;
        self.negatives += negatives as u64;
        self.dropped += kept.dropped;
        self.without += u64::from(negatives == 0);
        self.short += u64::from(negatives > 0 && negatives < wanted);
    }
}
