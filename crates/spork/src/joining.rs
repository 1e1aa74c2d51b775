//! The answers of a collection's shards that are searched by themselves, joined to that of one
//! index.

use std::cmp::Reverse;
use std::collections::HashSet;
use std::io::Write;

use spork_searcher::Certificate;

use crate::answer::Answer;
use crate::index::Index;
use crate::results::Hit;
use crate::trec_scores::TrecScores;
use crate::{Error, Result};

/// What a shard answers to a query that is weighed by the collection's
/// [statistics](crate::SearchOptions::statistics): docnos in place of docids, scores in integers.
#[derive(Clone, Debug, PartialEq)]
pub struct ShardAnswer {
    /// Docnos and integer scores, the best first.
    pub hits: Vec<(String, u32)>,
    /// The value of a score of 1 in the unit of the weights.
    pub unit: f64,
    /// Whether all weights are integers, so that scores are.
    pub integers: bool,
    /// Whether every term of the query counted.
    pub whole: bool,
    /// What a document that the search did not score has at most, if that matters.
    pub unseen_at_most: Option<u32>,
    /// Documents that a filter keeps.
    pub matched: Option<u64>,
    /// Postings that were scored.
    pub postings: u64,
}

/// The answer of all shards: that of one index of all documents.
#[derive(Clone, Debug)]
pub struct JoinedAnswer {
    hits: Vec<(String, u32)>,
    scores: TrecScores,
    exact: bool,
    unseen_at_most: Option<f64>,
    matched: Option<u64>,
    postings: u64,
}

impl Index {
    /// An answer as [`join`] takes it.
    ///
    /// # Errors
    /// The index is damaged, or the answer is another index's.
    pub fn shard_answer(&self, answer: &Answer) -> Result<ShardAnswer> {
        let hits = answer.ranking.hits.iter();
        let hits = hits.map(|hit| Ok((self.docno(hit.docid)?.to_owned(), hit.score)));
        Ok(ShardAnswer {
            hits: hits.collect::<Result<_>>()?,
            unit: answer.scores.unit(),
            integers: answer.integers,
            whole: answer.whole,
            unseen_at_most: match answer.ranking.certificate {
                Certificate::Exact => None,
                Certificate::AtMost(score) => Some(score),
            },
            matched: answer.matched,
            postings: answer.statistics().postings,
        })
    }
}

/// Joins what shards answer to the same query for the same `k`: the best `k` documents of all.
///
/// # Errors
/// The shards weighed the query in different ways, or have a document in common.
pub fn join(answers: Vec<ShardAnswer>, k: usize) -> Result<JoinedAnswer> {
    let first = answers.first();
    let (unit, integers) = first.map_or((1.0, true), |first| (first.unit, first.integers));
    let mut joined = ShardAnswer {
        hits: Vec::with_capacity(answers.iter().map(|answer| answer.hits.len()).sum()),
        unit,
        integers,
        whole: true,
        unseen_at_most: None,
        matched: first.and_then(|first| first.matched).map(|_| 0),
        postings: 0,
    };
    for answer in answers {
        if answer.unit.to_bits() != unit.to_bits() || answer.integers != integers {
            return Err(Error::WeighedApart { one: unit, other: answer.unit });
        }
        joined.hits.extend(answer.hits);
        joined.whole &= answer.whole;
        joined.unseen_at_most = joined.unseen_at_most.max(answer.unseen_at_most);
        joined.matched = joined.matched.zip(answer.matched).map(|(sum, matched)| sum + matched);
        joined.postings += answer.postings;
    }
    joined.hits.sort_unstable_by(|a, b| (Reverse(a.1), &b.0).cmp(&(Reverse(b.1), &a.0)));
    joined.hits.truncate(k);
    let mut seen = HashSet::with_capacity(joined.hits.len());
    if let Some((docno, _)) = joined.hits.iter().find(|(docno, _)| !seen.insert(docno)) {
        return Err(Error::InTwoShards { docno: docno.clone() });
    }
    Ok(JoinedAnswer::new(joined, k))
}

impl JoinedAnswer {
    fn new(joined: ShardAnswer, k: usize) -> Self {
        let ShardAnswer { hits, unit, integers, whole, unseen_at_most, matched, postings } = joined;
        let scores = TrecScores::of_unit(unit, integers, hits.first().map_or(0, |best| best.1));
        let threshold = k.checked_sub(1).and_then(|last| hits.get(last)).map_or(0, |hit| hit.1);
        let certificate = Certificate::new(unseen_at_most.unwrap_or_default(), threshold);
        let unseen_at_most = match certificate {
            Certificate::Exact => None,
            Certificate::AtMost(score) => Some(scores.value(score)),
        };
        let exact = whole && certificate == Certificate::Exact;
        Self { hits, scores, exact, unseen_at_most, matched, postings }
    }

    /// Documents and scores, the best first: the numbers that a run file has.
    pub fn hits(&self) -> impl ExactSizeIterator<Item = Hit> {
        let hit = |(docno, score): &(String, u32)| Hit {
            docno: docno.clone(),
            score: self.scores.value(*score),
        };
        self.hits.iter().map(hit)
    }

    /// Whether these are certified to be the best documents for the whole query.
    pub fn is_exact(&self) -> bool {
        self.exact
    }

    /// What a document that no search scored has at most, where that may be enough to be among the
    /// best k.
    pub fn unseen_at_most(&self) -> Option<f64> {
        self.unseen_at_most
    }

    /// The number of documents that the filter keeps, if there is one.
    pub fn matched(&self) -> Option<u64> {
        self.matched
    }

    /// Postings that were scored.
    pub fn postings(&self) -> u64 {
        self.postings
    }

    /// Writes the answer as the lines of a TREC run: the bytes that `spork search` writes.
    ///
    /// # Errors
    /// An id or a tag that a run file can't carry, or the writer's own.
    pub fn write_trec(&self, output: &mut impl Write, qid: &str, tag: &str) -> Result<()> {
        let hits = self.hits.iter().map(|(docno, score)| (docno, *score));
        Ok(self.scores.write_trec(output, qid, hits, tag)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(hits: &[(&str, u32)], unseen_at_most: Option<u32>) -> ShardAnswer {
        ShardAnswer {
            hits: hits.iter().map(|&(docno, score)| (docno.to_owned(), score)).collect(),
            unit: 0.5,
            integers: false,
            whole: true,
            unseen_at_most,
            matched: Some(2),
            postings: 3,
        }
    }

    #[test]
    fn the_best_of_all_by_score_and_docno() {
        let shards = vec![answer(&[("a", 7), ("c", 4)], None), answer(&[("b", 4), ("z", 1)], None)];
        let joined = join(shards, 3).unwrap();
        let docnos: Vec<String> = joined.hits().map(|hit| hit.docno).collect();
        assert_eq!(docnos, ["a", "c", "b"]);
        assert_eq!(joined.hits().next().unwrap().score, 3.5);
        assert!(joined.is_exact());
        assert_eq!((joined.matched(), joined.postings()), (Some(4), 6));
    }

    #[test]
    fn a_bound_counts_where_it_reaches_the_last_hit_of_all() {
        let shards = |unseen| vec![answer(&[("a", 7), ("c", 4)], None), answer(&[], Some(unseen))];
        assert!(join(shards(3), 2).unwrap().is_exact());
        let reached = join(shards(4), 2).unwrap();
        assert_eq!((reached.is_exact(), reached.unseen_at_most()), (false, Some(2.0)));
    }

    #[test]
    fn answers_that_do_not_belong_together_are_refused() {
        let (one, other) = (answer(&[("a", 7)], None), answer(&[("a", 5)], None));
        let other_unit = ShardAnswer { unit: 0.25, ..answer(&[], None) };
        assert!(matches!(join(vec![one.clone(), other], 9), Err(Error::InTwoShards { .. })));
        assert!(matches!(join(vec![one, other_unit], 9), Err(Error::WeighedApart { .. })));
        assert!(join(Vec::new(), 9).unwrap().is_exact());
    }
}
