//! The margin below the positive: a candidate that scores like the positive may be as relevant, and
//! is no negative.

use crate::candidates::Candidate;

/// The highest score that a negative may have.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct ScoreLimit(Option<f64>);

impl ScoreLimit {
    /// Scores from zero up, as retrievers give them: a share of the positive's.
    pub(crate) fn share(margin: Option<f64>, positive: Option<f64>) -> Self {
        Self(margin.zip(positive).map(|(margin, positive)| margin * positive))
    }

    /// Scores around zero, as teachers give them: a distance from the positive's.
    pub(crate) fn distance(margin: Option<f64>, positive: f64) -> Self {
        Self(margin.map(|margin| positive - margin))
    }

    fn lets_through(self, score: f64) -> bool {
        self.0.is_none_or(|highest| score <= highest)
    }
}

/// The negatives of a pool.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Kept {
    /// By rank, with the scores that the margin was applied to.
    pub(crate) negatives: Vec<(Candidate, f64)>,
    /// Candidates that scored too high.
    pub(crate) dropped: u64,
}

/// The first `most` of the pool that `limit` lets through, by rank. `score` takes a candidate's
/// place in the pool.
pub(crate) fn keep(
    pool: &[Candidate],
    score: impl Fn(usize) -> f64,
    limit: ScoreLimit,
    most: usize,
) -> Kept {
    let scored = pool.iter().enumerate().map(|(place, &candidate)| (candidate, score(place)));
    let mut negatives: Vec<(Candidate, f64)> =
        scored.filter(|&(_, score)| limit.lets_through(score)).collect();
    let dropped = (pool.len() - negatives.len()) as u64;
    negatives.truncate(most);
    negatives.sort_by_key(|(candidate, _)| candidate.rank);
    Kept { negatives, dropped }
}

#[cfg(test)]
mod tests {
    use spork_core::DocId;

    use super::*;

    fn pool(ranks: &[usize]) -> Vec<Candidate> {
        let candidate = |&rank: &usize| Candidate {
            docid: DocId(rank as u32),
            rank,
            score: 10.0 / rank as f64,
        };
        ranks.iter().map(candidate).collect()
    }

    fn ranks(kept: &Kept) -> Vec<usize> {
        kept.negatives.iter().map(|(candidate, _)| candidate.rank).collect()
    }

    #[test]
    fn the_first_that_pass_listed_by_rank() {
        let pool = pool(&[5, 1, 4, 2, 3]);
        let score = |place: usize| pool[place].score;
        let kept = keep(&pool, score, ScoreLimit::share(None, Some(1.0)), 3);
        assert_eq!((ranks(&kept), kept.dropped), (vec![1, 4, 5], 0));
        // Above 0.5 × 8 lie ranks 1 and 2.
        let kept = keep(&pool, score, ScoreLimit::share(Some(0.5), Some(8.0)), 9);
        assert_eq!((ranks(&kept), kept.dropped), (vec![3, 4, 5], 2));
        // Without a score of the positive there is no limit.
        let kept = keep(&pool, score, ScoreLimit::share(Some(0.5), None), 9);
        assert_eq!(kept.dropped, 0);
    }

    #[test]
    fn a_distance_works_below_zero() {
        let pool = pool(&[1, 2, 3]);
        let scores = [-0.5, -1.0, -2.0];
        let kept = keep(&pool, |place| scores[place], ScoreLimit::distance(Some(0.5), -0.5), 3);
        assert_eq!((ranks(&kept), kept.dropped), (vec![2, 3], 1));
    }
}
