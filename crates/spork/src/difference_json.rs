//! A difference as JSON: the form that `docs/explain.md` describes.

use serde::{Serialize, Serializer};

use crate::difference::TermDifference;
use crate::difference_report::{DifferenceReport, JudgedDifference, ReportedTopic};

#[derive(Serialize)]
struct ReportFile<'r> {
    sides: &'r [String; 2],
    k: usize,
    depth: Option<usize>,
    topics: usize,
    equal: usize,
    overlap: f64,
    rbo: f64,
    judged: Option<JudgedRecord>,
    per_topic: Vec<TopicRecord<'r>>,
}

#[derive(Serialize)]
struct JudgedRecord {
    metric: String,
    topics: usize,
    means: [f64; 2],
    difference: f64,
    /// Topics that the first side wins, the second side wins, neither.
    wins: [usize; 2],
    ties: usize,
    p_randomization: Option<f64>,
    p_t_test: Option<f64>,
}

#[derive(Serialize)]
struct TopicRecord<'r> {
    qid: &'r str,
    text: Option<&'r str>,
    overlap: f64,
    rbo: f64,
    values: Option<[f64; 2]>,
    moved: Vec<MovedRecord<'r>>,
}

#[derive(Serialize)]
struct MovedRecord<'r> {
    docno: &'r str,
    ranks: [Option<usize>; 2],
    grade: Option<i32>,
    terms: &'r [TermDifference],
}

impl Serialize for DifferenceReport {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let agreement = &self.agreement;
        let file = ReportFile {
            sides: &self.names,
            k: self.k,
            depth: self.depth,
            topics: agreement.topics.len(),
            equal: agreement.equal(),
            overlap: agreement.overlap(),
            rbo: agreement.rbo(),
            judged: self.judged.as_ref().map(judged),
            per_topic: self.topics.iter().map(|topic| record(self, topic)).collect(),
        };
        file.serialize(serializer)
    }
}

fn judged(judged: &JudgedDifference) -> JudgedRecord {
    let comparison = &judged.comparison;
    JudgedRecord {
        metric: judged.metric.to_string(),
        topics: judged.topics,
        means: judged.means,
        difference: comparison.difference,
        wins: [comparison.losses, comparison.wins],
        ties: judged.topics - comparison.losses - comparison.wins,
        p_randomization: comparison.randomization,
        p_t_test: comparison.t_test.as_ref().map(|test| test.p),
    }
}

fn record<'r>(report: &'r DifferenceReport, topic: &'r ReportedTopic) -> TopicRecord<'r> {
    let agreement = &topic.difference.agreement;
    let moved = agreement.moves.iter().zip(&topic.difference.terms);
    let moved = moved.map(|(moved, terms)| MovedRecord {
        docno: &moved.docno,
        ranks: moved.ranks,
        grade: report.grade(topic.qid(), &moved.docno),
        terms,
    });
    TopicRecord {
        qid: topic.qid(),
        text: topic.text.as_deref(),
        overlap: agreement.overlap,
        rbo: agreement.rbo,
        values: topic.values,
        moved: moved.collect(),
    }
}
