//! What is told of two sides that rank differently.

use spork_eval::{
    Comparison, ComparisonTable, Evaluation, Judgments, Metric, Options, Qrels, Resampling, Run,
    RunAgreement, evaluate,
};

use crate::difference::{Difference, RANK_DEPTH, TopicDifference};
use crate::{Error, Result};

/// Everything that is told of two sides. Serialized it is the JSON that `docs/explain.md`
/// describes.
#[derive(Clone, Debug)]
pub struct DifferenceReport {
    /// What tells the sides apart.
    pub names: [String; 2],
    /// How many documents of a topic are compared.
    pub k: usize,
    /// How deep ranks were looked for, where the sides were searched.
    pub depth: Option<usize>,
    /// Whether they have no field in common.
    pub apart: bool,
    /// How alike the sides are.
    pub agreement: RunAgreement,
    /// The topics.
    pub topics: Vec<ReportedTopic>,
    /// Who wins, where that was judged.
    pub judged: Option<JudgedDifference>,
}

/// One topic of a report.
#[derive(Clone, Debug)]
pub struct ReportedTopic {
    /// How the rankings differ.
    pub difference: TopicDifference,
    /// Its text, where it is known.
    pub text: Option<String>,
    /// The metric on both sides, where the topic is judged.
    pub values: Option<[f64; 2]>,
}

/// Who wins.
#[derive(Clone, Debug)]
pub struct JudgedDifference {
    /// The measure.
    pub metric: Metric,
    /// The judgments.
    pub qrels: Qrels,
    /// Number of topics that are judged.
    pub topics: usize,
    /// The means of both sides.
    pub means: [f64; 2],
    /// The second side against the first.
    pub comparison: Comparison,
}

impl DifferenceReport {
    /// The report on two indexes, or ways to search one, called by `names`. The topics' texts are
    /// given in their order, where they are known.
    pub fn new(
        names: [String; 2],
        difference: Difference,
        texts: impl IntoIterator<Item = Option<String>>,
        apart: bool,
    ) -> (Self, [Run; 2]) {
        let (agreement, k) = (difference.agreement(), difference.k);
        let topics = difference.topics.into_iter().zip(texts);
        let topics = topics
            .map(|(difference, text)| ReportedTopic { difference, text, values: None })
            .collect();
        let depth = Some(k.saturating_mul(RANK_DEPTH));
        let report = Self { names, k, depth, apart, agreement, topics, judged: None };
        (report, difference.runs)
    }

    /// The grade of a document, where it is judged.
    pub fn grade(&self, qid: &str, docno: &str) -> Option<i32> {
        self.judged.as_ref()?.qrels.topic(qid)?.grade(docno)
    }

    /// Evaluates both runs over the topics of the report that are judged. A side that finds nothing
    /// for a topic gets 0.
    ///
    /// # Errors
    /// `metric` is no metric, several, or a count; or no topic is judged.
    pub fn judge(&mut self, qrels: Qrels, runs: &[Run; 2], metric: &str) -> Result<()> {
        let metrics = Metric::parse_list(metric)?;
        let [measure] = metrics.as_slice() else {
            return Err(Error::SeveralMetrics(metric.to_owned()));
        };
        let mut judgments = Vec::new();
        for topic in &self.topics {
            let qid = topic.qid();
            let judged = qrels.topic(qid).into_iter().flat_map(Judgments::iter);
            judgments.extend(judged.map(|(docno, grade)| (qid, docno, grade)));
        }
        let searched = Qrels::from_judgments(judgments)?;
        let complete = Options { complete: true, ..Options::default() };
        let evaluate = |run: &Run| evaluate(&searched, run, &metrics, complete);
        let evaluations = [evaluate(&runs[0])?, evaluate(&runs[1])?];
        let unjudged = self.topics.len() - searched.len();
        if unjudged > 0 {
            tracing::warn!("{unjudged} of {} topics are not judged", self.topics.len());
        }
        for topic in &mut self.topics {
            let value = |evaluation: &Evaluation| {
                let found = evaluation.topics().find(|(qid, _)| *qid == topic.qid());
                found.and_then(|(_, values)| values.first().copied())
            };
            let [first, second] = evaluations.each_ref().map(value);
            topic.values = first.zip(second).map(|(first, second)| [first, second]);
        }
        let [first, second] = evaluations;
        let named = [(self.names[0].clone(), first), (self.names[1].clone(), second)];
        let table = ComparisonTable::new(&named, Resampling::default())?;
        let mean = |side: usize| table.runs[side].summaries.first().copied().unwrap_or_default();
        let comparison = table.runs[1].comparisons.first().copied().flatten();
        self.judged = Some(JudgedDifference {
            metric: *measure,
            topics: table.topics,
            means: [mean(0), mean(1)],
            comparison: comparison.ok_or_else(|| Error::NoWinner(metric.to_owned()))?,
            qrels,
        });
        Ok(())
    }

    /// Puts the topics that differ most first: by the metric, then by rank-biased overlap.
    pub fn sort(&mut self) {
        let gap = |topic: &ReportedTopic| {
            topic.values.map_or(0.0, |[first, second]| (first - second).abs())
        };
        self.topics.sort_by(|a, b| {
            let rbo = |topic: &ReportedTopic| topic.difference.agreement.rbo;
            gap(b).total_cmp(&gap(a)).then(rbo(a).total_cmp(&rbo(b)))
        });
    }
}

impl ReportedTopic {
    /// The topic's id.
    pub fn qid(&self) -> &str {
        &self.difference.agreement.qid
    }
}
