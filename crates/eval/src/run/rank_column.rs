//! What the ranks of a file say of its scores.
//!
//! Three columns are qid, docno and rank for some, and qid, docno and score for others; nothing in
//! the file says which. They are read as ranks where they can hardly be anything else: those of
//! each topic are 1 to n, each once, and no topic lists them from n down to 1, as one that is
//! sorted by scores would.

use super::read_hit::{Fault, ReadHit};
use crate::error::RecordError;

/// Checks that the third of three columns holds the ranks of a topic's hits, which are ordered by
/// it.
pub(super) fn check_ranks(qid: &str, hits: &[ReadHit]) -> Result<(), Fault> {
    let ranks = || hits.iter().map(|hit| hit.rank.unwrap_or_default());
    let counts_from = |first: u32| ranks().zip(first..).all(|(rank, n)| rank == f64::from(n));
    let fault = |line, error| Err(Fault { line, error });
    let qid = qid.to_owned();
    if counts_from(1) {
        // Ranks rise; where lines fall all the way, the file lists the last one first.
        let falls = hits.len() > 1 && hits.windows(2).all(|pair| pair[0].line > pair[1].line);
        return match hits.first() {
            Some(best) if falls => fault(best.line, RecordError::FallingRanks(qid)),
            _ => Ok(()),
        };
    }
    let wrong = hits.iter().zip(1_u32..).find(|(hit, n)| hit.rank != Some(f64::from(*n)));
    match wrong.map(|(hit, _)| hit) {
        Some(hit) if counts_from(0) => fault(hit.line, RecordError::RanksFromZero(qid)),
        Some(hit) => {
            let value = hit.rank.unwrap_or_default() as u32;
            fault(hit.line, RecordError::NotRanks { qid, documents: hits.len(), value })
        }
        None => Ok(()),
    }
}

/// How ranks and scores of a file in TREC's format go together. Scores count and ranks do not, but
/// where they contradict each other everywhere, the scores are not what they should be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Order {
    /// Topics of which something can be said.
    pub(super) topics: usize,
    /// Topics whose best score has the last rank, and so on to the worst.
    pub(super) reversed: usize,
    /// Topics whose scores are the numbers from 1 to n, and whose ranks are not.
    pub(super) swapped: usize,
}

impl Order {
    pub(super) fn with(self, other: Self) -> Self {
        Self {
            topics: self.topics + other.topics,
            reversed: self.reversed + other.reversed,
            swapped: self.swapped + other.swapped,
        }
    }

    /// What is wrong with all topics, if it is all.
    pub(super) fn contradiction(self) -> Option<&'static str> {
        match self {
            Self { topics: 0, .. } => None,
            Self { topics, swapped, .. } if swapped == topics => Some(
                "scores count 1, 2, 3, … and ranks do not: are the two columns swapped? The higher \
                 score is read as the better",
            ),
            Self { topics, reversed, .. } if reversed == topics => Some(
                "the better the rank, the lower the score: are they distances? The higher score is \
                 read as the better",
            ),
            _ => None,
        }
    }
}

/// The order of one topic, whose hits are ordered by score, falling.
pub(super) fn order_of(hits: &[ReadHit]) -> Order {
    let mut steps = hits.windows(2).filter(|pair| pair[0].score() != pair[1].score()).peekable();
    if steps.peek().is_none() {
        return Order::default();
    }
    let reversed = steps.all(|pair| pair[0].rank > pair[1].rank);
    let count = (1..=hits.len()).rev();
    let scores_count = hits.iter().zip(count).all(|(hit, n)| hit.score() == n as f64);
    let mut ranks: Vec<f64> = hits.iter().filter_map(|hit| hit.rank).collect();
    ranks.sort_by(f64::total_cmp);
    let ranks_count = ranks.windows(2).all(|pair| pair[1] - pair[0] == 1.0);
    let ranks_differ = ranks.first() != ranks.last();
    let swapped = scores_count && !ranks_count && ranks_differ;
    Order { topics: 1, reversed: usize::from(reversed), swapped: usize::from(swapped) }
}
