//! How alike two runs rank: overlap and rank-biased overlap, topic by topic.

use std::collections::HashMap;

use serde::Serialize;

use crate::fusion::topics_of;
use crate::measures::total;
use crate::run::{Ranking, Run};

/// How likely a reader of a ranking goes on to the next document. Nine of ten times gives the first
/// ten documents 86 % of the weight.
const PERSISTENCE: f64 = 0.9;

/// How alike two runs are.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RunAgreement {
    /// How many documents of a topic are compared.
    pub k: usize,
    /// The topics of either run, ascending by qid.
    pub topics: Vec<TopicAgreement>,
}

/// How alike the rankings of one topic are.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TopicAgreement {
    /// The topic.
    pub qid: String,
    /// See [`overlap`].
    pub overlap: f64,
    /// See [`rank_biased_overlap`], with p = 0.9.
    pub rbo: f64,
    /// The documents among the best k of either run that have another rank in the other one, those
    /// that moved furthest first: by the difference of their reciprocal ranks.
    pub moves: Vec<Move>,
}

/// A document that two runs rank differently.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Move {
    /// The document.
    pub docno: String,
    /// Its rank from 1 in each run; `None` if the run lacks it.
    pub ranks: [Option<usize>; 2],
}

impl RunAgreement {
    /// Compares the best `k` documents of each topic. A topic that one run lacks has no document
    /// there.
    pub fn new(runs: &[Run; 2], k: usize) -> Self {
        let none = Ranking::default();
        let topic = |qid: &str| {
            let [first, second] = runs.each_ref().map(|run| run.topic(qid).unwrap_or(&none));
            TopicAgreement::new(qid, [first, second], k)
        };
        Self { k, topics: topics_of(runs).into_iter().map(topic).collect() }
    }

    /// The mean overlap of all topics.
    pub fn overlap(&self) -> f64 {
        self.mean(|topic| topic.overlap)
    }

    /// The mean rank-biased overlap of all topics.
    pub fn rbo(&self) -> f64 {
        self.mean(|topic| topic.rbo)
    }

    /// Number of topics whose best k documents are the same, in the same order.
    pub fn equal(&self) -> usize {
        self.topics.iter().filter(|topic| topic.moves.is_empty()).count()
    }

    fn mean(&self, value: impl Fn(&TopicAgreement) -> f64) -> f64 {
        total(self.topics.iter().map(value)) / self.topics.len().max(1) as f64
    }
}

impl TopicAgreement {
    fn new(qid: &str, rankings: [&Ranking; 2], k: usize) -> Self {
        let docnos = rankings.map(docnos);
        let best = docnos.each_ref().map(|docnos| &docnos[..k.min(docnos.len())]);
        Self {
            qid: qid.to_owned(),
            overlap: overlap(best[0], best[1]),
            rbo: rank_biased_overlap(best[0], best[1], PERSISTENCE),
            moves: moves(&docnos, k),
        }
    }
}

fn docnos(ranking: &Ranking) -> Vec<&str> {
    ranking.iter().map(|(docno, _)| docno).collect()
}

/// The documents of the best `k` of either ranking that have two ranks, those that moved furthest
/// first.
fn moves(docnos: &[Vec<&str>; 2], k: usize) -> Vec<Move> {
    let mut ranks: HashMap<&str, [Option<usize>; 2]> = HashMap::new();
    for (side, docnos) in docnos.iter().enumerate() {
        for (place, docno) in docnos.iter().enumerate() {
            ranks.entry(docno).or_default()[side] = Some(place + 1);
        }
    }
    let compared = |ranks: &[Option<usize>; 2]| ranks.iter().flatten().any(|&rank| rank <= k);
    let moved = ranks.into_iter().filter(|(_, ranks)| compared(ranks) && ranks[0] != ranks[1]);
    let mut moves: Vec<Move> =
        moved.map(|(docno, ranks)| Move { docno: docno.to_owned(), ranks }).collect();
    moves.sort_by(|a, b| b.distance().total_cmp(&a.distance()).then(a.docno.cmp(&b.docno)));
    moves
}

impl Move {
    /// Whether the second run ranks it higher.
    pub fn is_up(&self) -> bool {
        let [first, second] = self.ranks.map(|rank| rank.unwrap_or(usize::MAX));
        second < first
    }

    fn distance(&self) -> f64 {
        let [first, second] = self.ranks.map(|rank| rank.map_or(0.0, |rank| 1.0 / rank as f64));
        (first - second).abs()
    }
}

/// The documents that two rankings share, as a part of the longer one; 1 if both are empty.
/// Rankings hold no document twice.
pub fn overlap(first: &[&str], second: &[&str]) -> f64 {
    let shared = second.iter().filter(|docno| first.contains(docno)).count();
    let longer = first.len().max(second.len());
    if longer == 0 { 1.0 } else { shared as f64 / longer as f64 }
}

/// Rank-biased overlap, extrapolated: the expected overlap of the documents that a reader has seen
/// who goes on to the next rank with probability `p`, if the overlap at the end remains what it is.
/// 1 if the rankings are equal, 0 if they share no document.
///
/// It is RBO_EXT of Webber, Moffat and Zobel, A similarity measure for indefinite rankings (ACM
/// TOIS 28:4, 2010), for rankings of s ≤ l documents that share X_d among their first d:
///
/// (1−p)/p · (Σ_{d=1..l} X_d/d · p^d + Σ_{d=s+1..l} X_s·(d−s)/(s·d) · p^d)
/// + ((X_l − X_s)/l + X_s/s) · p^l
///
/// Two empty rankings are equal. `p` is above 0 and below 1; rankings hold no document twice.
pub fn rank_biased_overlap(first: &[&str], second: &[&str], p: f64) -> f64 {
    let (short, long) = if first.len() <= second.len() { (first, second) } else { (second, first) };
    let (s, l) = (short.len(), long.len());
    if s == 0 {
        return if l == 0 { 1.0 } else { 0.0 };
    }
    let shared = shared(short, long);
    let at_s = shared[s - 1] as f64 / s as f64;
    let (mut sum, mut power) = (0.0, 1.0);
    for (d, &shared) in (1..).zip(&shared) {
        power *= p;
        let beyond = d.max(s) - s;
        sum += power * (shared as f64 + at_s * beyond as f64) / d as f64;
    }
    let end = (shared[l - 1] - shared[s - 1]) as f64 / l as f64 + at_s;
    (1.0 - p) / p * sum + end * power
}

/// How many documents the first 1, 2, … of both rankings have in common, up to the length of the
/// longer one.
fn shared(short: &[&str], long: &[&str]) -> Vec<usize> {
    let places: HashMap<&str, usize> =
        short.iter().enumerate().map(|(place, docno)| (*docno, place)).collect();
    let mut seen = vec![0; long.len()];
    for (place, docno) in long.iter().enumerate() {
        if let Some(&other) = places.get(*docno) {
            seen[place.max(other)] += 1;
        }
    }
    let mut sum = 0;
    for count in &mut seen {
        sum += *count;
        *count = sum;
    }
    seen
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Of rankings whose docnos are letters.
    fn rbo(first: &str, second: &str, p: f64) -> f64 {
        let split =
            |text| -> Vec<&str> { str::split(text, "").filter(|c| !c.is_empty()).collect() };
        rank_biased_overlap(&split(first), &split(second), p)
    }

    fn borrowed(ranking: &[String]) -> Vec<&str> {
        ranking.iter().map(String::as_str).collect()
    }

    #[test]
    fn rankings_by_hand() {
        for (first, second, p, expected) in [
            ("abc", "abc", 0.9, 1.0),
            ("abc", "xyz", 0.9, 0.0),
            ("", "", 0.9, 1.0),
            ("", "a", 0.9, 0.0),
            // X = 0, 2: (1 - p) / p · p² + p².
            ("ab", "ba", 0.5, 0.5),
            // X = 1, 1: (1 - p) / p · (p + p² / 2) + p² / 2.
            ("ab", "ac", 0.5, 0.5 + 0.125 + 0.125),
            // s = 1, l = 2, X = 1, 1: (1 - p) / p · (p + p² / 2 + p² / 2) + p².
            ("a", "ab", 0.5, 0.5 + 0.25 + 0.25),
            // s = 1, l = 2, X = 0, 1: (1 - p) / p · p² / 2 + p² / 2.
            ("a", "ba", 0.5, 0.125 + 0.125),
        ] {
            let got = rbo(first, second, p);
            assert!((got - expected).abs() < 1e-12, "{first} {second}: {got} for {expected}");
            assert!((rbo(second, first, p) - got).abs() < 1e-12, "{first} {second}");
        }
    }

    #[test]
    fn runs_are_compared_topic_by_topic() {
        let first = [("1", "a", 3.0), ("1", "b", 2.0), ("1", "c", 1.0), ("2", "a", 1.0)];
        let second = [("1", "c", 3.0), ("1", "b", 2.0), ("1", "d", 1.0), ("3", "a", 1.0)];
        let runs =
            [first.as_slice(), &second].map(|hits| Run::from_hits(hits.iter().copied()).unwrap());
        let agreement = RunAgreement::new(&runs, 2);
        let [one, two, three] = &agreement.topics[..] else { panic!("{agreement:?}") };
        assert_eq!((one.qid.as_str(), one.overlap), ("1", 0.5));
        let moved =
            |docno: &str, first, second| Move { docno: docno.to_owned(), ranks: [first, second] };
        let [up, down] = [moved("c", Some(3), Some(1)), moved("a", Some(1), None)];
        assert!(up.is_up() && !down.is_up());
        // 1 - 0 is further than 1 - 1/3; d is below the best two of both.
        assert_eq!(one.moves, [down, up]);
        assert_eq!((two.overlap, three.rbo), (0.0, 0.0));
        assert_eq!((agreement.equal(), agreement.overlap()), (0, 0.5 / 3.0));
        let same = RunAgreement::new(&[runs[0].clone(), runs[0].clone()], 10);
        assert_eq!((same.equal(), same.overlap(), same.rbo()), (2, 1.0, 1.0));
    }

    fn rankings() -> impl Strategy<Value = Vec<String>> {
        Just(('a'..='j').map(String::from).collect::<Vec<String>>())
            .prop_shuffle()
            .prop_flat_map(|all| (0..=all.len()).prop_map(move |length| all[..length].to_vec()))
    }

    proptest! {
        /// The sum to a depth at which nothing is left, over rankings that go on as the
        /// extrapolation assumes: each rank after the end brings the overlap at the end.
        #[test]
        fn equals_the_definition(first in rankings(), p in 0.1..0.95f64) {
            let reversed: Vec<String> = first.iter().rev().cloned().collect();
            let (a, b) = (borrowed(&first), borrowed(&reversed));
            let agreement = |d: usize| {
                let (a, b) = (&a[..d.min(a.len())], &b[..d.min(b.len())]);
                a.iter().filter(|docno| b.contains(docno)).count() as f64 / a.len().max(1) as f64
            };
            let sum: f64 =
                (1..2000).map(|d| (1.0 - p) * p.powi(d as i32 - 1) * agreement(d)).sum();
            let expected = if a.is_empty() { 1.0 } else { sum };
            prop_assert!((rank_biased_overlap(&a, &b, p) - expected).abs() < 1e-9);
        }

        #[test]
        fn lies_between_zero_and_one(first in rankings(), second in rankings()) {
            let (a, b) = (borrowed(&first), borrowed(&second));
            let (ab, ba) = (rank_biased_overlap(&a, &b, 0.9), rank_biased_overlap(&b, &a, 0.9));
            prop_assert!((ab - ba).abs() < 1e-12 && (-1e-12..=1.0 + 1e-12).contains(&ab));
            prop_assert!(overlap(&a, &b) <= 1.0);
        }
    }
}
