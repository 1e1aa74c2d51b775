//! Where two indexes, or two ways to search one, rank differently, and by which terms.

use std::collections::BTreeMap;

use serde::Serialize;
use spork_eval::{Move, Run, RunAgreement, TopicAgreement};
use spork_searcher::{Explanation, Query, Ranking};

use crate::Result;

/// How deep ranks are looked for, in multiples of the number of documents that are compared.
pub const RANK_DEPTH: usize = 10;

/// One of two sides: an index, and its answers to queries.
#[derive(Clone, Copy)]
pub struct Side<'a> {
    /// The index.
    pub index: &'a spork_index::Index,
    /// The queries as it knows them.
    pub queries: &'a [Query],
    /// Its answer to each, [`RANK_DEPTH`] times as deep as is compared.
    pub rankings: &'a [Ranking],
}

/// How two sides differ.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// What each side found. Scores are minus the ranks: the two sides' own are not comparable.
    pub runs: [Run; 2],
    /// How many documents of a topic are compared.
    pub k: usize,
    /// In the order of the queries.
    pub topics: Vec<TopicDifference>,
}

/// How the rankings of one topic differ.
#[derive(Clone, Debug, PartialEq)]
pub struct TopicDifference {
    /// How alike they are, and which documents moved.
    pub agreement: TopicAgreement,
    /// By document that moved, in the same order, the terms that moved it: those whose shares
    /// differ most first.
    pub terms: Vec<Vec<TermDifference>>,
}

/// What a term gives a document on both sides.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TermDifference {
    /// The field.
    pub field: String,
    /// The term.
    pub term: String,
    /// What it adds to the document's score, as a part of the best score of the topic on that side:
    /// so that sides of different units can be compared.
    pub parts: [f64; 2],
}

impl TermDifference {
    /// By how much the second side gives more.
    pub fn change(&self) -> f64 {
        self.parts[1] - self.parts[0]
    }
}

impl Difference {
    /// Compares the best `k` documents of each query.
    ///
    /// # Errors
    /// A damaged index, or a qid that comes twice.
    pub fn new(qids: &[&str], sides: [Side<'_>; 2], k: usize) -> Result<Self> {
        let [first, second] = sides.map(|side| run(qids, side));
        let runs = [first?, second?];
        let mut by_qid: BTreeMap<String, TopicAgreement> = RunAgreement::new(&runs, k)
            .topics
            .into_iter()
            .map(|topic| (topic.qid.clone(), topic))
            .collect();
        let mut topics = Vec::with_capacity(qids.len());
        for (place, qid) in qids.iter().enumerate() {
            // Both found nothing, if it is not there.
            let agreement = by_qid.remove(*qid).unwrap_or_else(|| TopicAgreement {
                qid: (*qid).to_owned(),
                overlap: 1.0,
                rbo: 1.0,
                moves: Vec::new(),
            });
            let terms = agreement.moves.iter().map(|moved| terms(place, sides, moved));
            let terms = terms.collect::<Result<_>>()?;
            topics.push(TopicDifference { agreement, terms });
        }
        Ok(Self { runs, k, topics })
    }

    /// The topics' agreement, as one.
    pub fn agreement(&self) -> RunAgreement {
        let topics = self.topics.iter().map(|topic| topic.agreement.clone()).collect();
        RunAgreement { k: self.k, topics }
    }
}

fn run(qids: &[&str], side: Side<'_>) -> Result<Run> {
    let mut hits = Vec::new();
    for (qid, ranking) in qids.iter().zip(side.rankings) {
        for (place, hit) in ranking.hits.iter().enumerate() {
            hits.push((*qid, side.index.docno(hit.docid)?, -(place as f64)));
        }
    }
    Ok(Run::from_hits(hits)?)
}

/// The terms that give a document of query `place` different parts.
fn terms(place: usize, sides: [Side<'_>; 2], moved: &Move) -> Result<Vec<TermDifference>> {
    let mut parts: BTreeMap<(String, String), [f64; 2]> = BTreeMap::new();
    for (number, side) in sides.into_iter().enumerate() {
        let (Some(query), Some(ranking)) = (side.queries.get(place), side.rankings.get(place))
        else {
            continue;
        };
        let best = ranking.hits.first().map_or(1, |hit| hit.score).max(1);
        let Some(docid) = side.index.find(&moved.docno)? else { continue };
        let Some(explanation) = Explanation::new(side.index, query, docid)? else { continue };
        for part in &explanation.matched {
            let field = side.index.manifest().fields.get(part.term.field);
            let field = field.map_or_else(String::new, |field| field.name.clone());
            let of_term = parts.entry((field, part.term.term.clone())).or_default();
            of_term[number] = f64::from(part.product) / f64::from(best);
        }
    }
    let differences = parts.into_iter().filter(|(_, parts)| parts[0] != parts[1]);
    let mut differences: Vec<TermDifference> =
        differences.map(|((field, term), parts)| TermDifference { field, term, parts }).collect();
    differences.sort_by(|a, b| b.change().abs().total_cmp(&a.change().abs()));
    Ok(differences)
}
