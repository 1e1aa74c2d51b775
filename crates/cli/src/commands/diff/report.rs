//! What is told of two sides.

use anyhow::{Context, Result, bail};
use spork_eval::{
    Comparison, ComparisonTable, Evaluation, Judgments, Metric, Options, Qrels, Resampling, Run,
    RunAgreement, evaluate,
};
use spork_search::TopicDifference;

/// Everything that is told.
pub(super) struct Report {
    pub(super) names: [String; 2],
    pub(super) k: usize,
    /// How deep ranks were looked for, where the sides were searched.
    pub(super) depth: Option<usize>,
    /// Whether they have no field in common.
    pub(super) apart: bool,
    pub(super) agreement: RunAgreement,
    pub(super) topics: Vec<Topic>,
    pub(super) judged: Option<Judged>,
}

/// One topic of a report.
pub(super) struct Topic {
    pub(super) difference: TopicDifference,
    pub(super) text: Option<String>,
    /// The metric on both sides, where the topic is judged.
    pub(super) values: Option<[f64; 2]>,
}

/// Who wins.
pub(super) struct Judged {
    pub(super) metric: Metric,
    pub(super) qrels: Qrels,
    pub(super) topics: usize,
    pub(super) means: [f64; 2],
    pub(super) comparison: Comparison,
}

impl Report {
    /// The grade of a document, where it is judged.
    pub(super) fn grade(&self, qid: &str, docno: &str) -> Option<i32> {
        self.judged.as_ref()?.qrels.topic(qid)?.grade(docno)
    }

    /// Evaluates both runs over the topics of the report that are judged. A side that finds nothing
    /// for a topic gets 0.
    pub(super) fn judge(&mut self, qrels: Qrels, runs: &[Run; 2], metric: &str) -> Result<()> {
        let metrics = Metric::parse_list(metric)?;
        let [metric] = metrics.as_slice() else { bail!("--metric takes one measure") };
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
        self.judged = Some(Judged {
            metric: *metric,
            topics: table.topics,
            means: [mean(0), mean(1)],
            comparison: comparison
                .with_context(|| format!("{metric} is a count, by which no side wins"))?,
            qrels,
        });
        Ok(())
    }

    /// Puts the topics that differ most first: by the metric, then by rank-biased overlap.
    pub(super) fn sort(&mut self) {
        let gap =
            |topic: &Topic| topic.values.map_or(0.0, |[first, second]| (first - second).abs());
        self.topics.sort_by(|a, b| {
            let rbo = |topic: &Topic| topic.difference.agreement.rbo;
            gap(b).total_cmp(&gap(a)).then(rbo(a).total_cmp(&rbo(b)))
        });
    }
}

impl Topic {
    pub(super) fn qid(&self) -> &str {
        &self.difference.agreement.qid
    }
}
