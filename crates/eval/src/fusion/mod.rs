//! Fusion: several rankings of a topic into one.
//!
//! A document's score is computed from the lists that have it; a list that lacks it gives 0, and a
//! run that lacks a topic gives nothing to any of its documents. Equal scores are in falling docno
//! order, as everywhere. Figures equal those of the Python package ranx, whose `wsum` and `wmnz`
//! are the weighted sum and the weighted CombMNZ here.

mod error;
mod normalization;

use std::collections::{BTreeSet, HashMap};

use crate::run::{Ranking, Run};

pub use error::FusionError;
pub use normalization::Normalization;

/// How the lists of a topic become one; Σ is over the lists that have the document.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum FusionMethod {
    /// Reciprocal rank fusion: Σ weight / (k + rank), of ranks from 1; scores do not count
    /// (Cormack, Clarke and Büttcher, SIGIR 2009, where k is 60).
    ReciprocalRank {
        /// What is added to ranks: the larger, the less the first ranks stand out.
        k: f64,
    },
    /// CombSUM: Σ weight · score (Fox and Shaw, TREC-2, 1994).
    Sum,
    /// CombMNZ: Σ weight · Σ score, which without weights is the number of lists times the sum of
    /// scores (Fox and Shaw, TREC-2, 1994; with weights, Wu and Crestani, CIKM 2002).
    Mnz,
}

/// A way to fuse a fixed number of runs.
#[derive(Clone, Debug, PartialEq)]
pub struct Fusion {
    method: FusionMethod,
    normalization: Normalization,
    weights: Vec<f64>,
}

/// A document's sums over the lists that have it.
#[derive(Clone, Copy, Default)]
struct Sums {
    weight: f64,
    score: f64,
    weighted: f64,
}

impl Fusion {
    /// A fusion of as many runs as there are weights; reciprocal ranks need no normalization.
    ///
    /// # Errors
    /// Fewer than two runs, a weight that is negative or not finite, weights that are all 0, or a
    /// `k` of reciprocal ranks that is negative or not finite.
    pub fn new(
        method: FusionMethod,
        normalization: Normalization,
        weights: Vec<f64>,
    ) -> Result<Self, FusionError> {
        let good = |number: f64| number.is_finite() && number >= 0.0;
        if weights.len() < 2 {
            return Err(FusionError::Runs(weights.len()));
        }
        if let Some(&weight) = weights.iter().find(|&&weight| !good(weight)) {
            return Err(FusionError::Weight(weight));
        }
        if weights.iter().all(|&weight| weight == 0.0) {
            return Err(FusionError::NoWeight);
        }
        match method {
            FusionMethod::ReciprocalRank { k } if !good(k) => Err(FusionError::RankConstant(k)),
            _ => Ok(Self { method, normalization, weights }),
        }
    }

    /// The fused ranking of one topic, best first, from the rankings of the runs in their order;
    /// `None` for a run that lacks the topic.
    ///
    /// # Errors
    /// Not as many rankings as weights, or an infinite score where scores count.
    pub fn fuse<'r>(
        &self,
        qid: &str,
        rankings: &[Option<&'r Ranking>],
    ) -> Result<Vec<(&'r str, f64)>, FusionError> {
        if rankings.len() != self.weights.len() {
            let (runs, weights) = (rankings.len(), self.weights.len());
            return Err(FusionError::Weights { runs, weights });
        }
        let mut sums: HashMap<&'r str, Sums> = HashMap::new();
        for (ranking, &weight) in rankings.iter().zip(&self.weights) {
            let Some(ranking) = ranking else { continue };
            let scores = self.scores(qid, ranking)?;
            for ((docno, _), score) in ranking.iter().zip(scores) {
                let sums = sums.entry(docno).or_default();
                sums.weight += weight;
                sums.score += score;
                sums.weighted += weight * score;
            }
        }
        let mnz = self.method == FusionMethod::Mnz;
        let score = |sums: Sums| if mnz { sums.score * sums.weight } else { sums.weighted };
        // Minus zero becomes zero: the two are equal, and have one order.
        let scored = sums.into_iter().map(|(docno, sums)| (docno, 0.0 + score(sums)));
        let mut fused: Vec<(&str, f64)> = scored.collect();
        fused.sort_unstable_by(|(docno_a, a), (docno_b, b)| {
            b.total_cmp(a).then_with(|| docno_b.cmp(docno_a))
        });
        Ok(fused)
    }

    /// What a list gives its documents before weights, in the order of its ranks.
    fn scores(&self, qid: &str, ranking: &Ranking) -> Result<Vec<f64>, FusionError> {
        if let FusionMethod::ReciprocalRank { k } = self.method {
            return Ok((1..=ranking.len()).map(|rank| 1.0 / (k + rank as f64)).collect());
        }
        if let Some((docno, _)) = ranking.iter().find(|(_, score)| score.is_infinite()) {
            return Err(FusionError::Infinite { qid: qid.to_owned(), docno: docno.to_owned() });
        }
        let mut scores: Vec<f64> = ranking.iter().map(|(_, score)| score).collect();
        self.normalization.apply(&mut scores);
        Ok(scores)
    }
}

/// The topics that any of the runs has, in qid order.
pub fn topics_of(runs: &[Run]) -> BTreeSet<&str> {
    runs.iter().flat_map(Run::topics).map(|(qid, _)| qid).collect()
}

#[cfg(test)]
mod tests;
