//! `spork diff`: where two sides rank differently.

use std::path::Path;

use anyhow::{Context, Result, bail};
use spork_eval::{
    Comparison, ComparisonTable, Metric, Options, Qrels, Resampling, Run, RunAgreement, evaluate,
};
use spork_files::{Output, Source};
use spork_search::TopicDifference;

use crate::args::DiffArgs;
use crate::beir;
use crate::program::Program;

mod json;
mod searches;
mod table;

/// Everything that is told.
struct Report {
    names: [String; 2],
    k: usize,
    /// How deep ranks were looked for, where the sides were searched.
    depth: Option<usize>,
    /// Whether they have no field in common.
    apart: bool,
    agreement: RunAgreement,
    topics: Vec<Topic>,
    judged: Option<Judged>,
}

/// One topic of a report.
struct Topic {
    difference: TopicDifference,
    text: Option<String>,
    /// The metric on both sides, where the topic is judged.
    values: Option<[f64; 2]>,
}

/// Who wins.
struct Judged {
    metric: Metric,
    qrels: Qrels,
    topics: usize,
    means: [f64; 2],
    comparison: Comparison,
}

pub(crate) fn run(args: &DiffArgs, program: Program<'_>) -> Result<()> {
    let (mut report, runs) =
        if args.run.is_empty() { searches::report(args, program)? } else { of_runs(args)? };
    if let Some(qrels) = qrels(args)? {
        report.judge(qrels, &runs, &args.metric)?;
    }
    report.sort();
    match &args.json {
        Some(path) => {
            let mut output = Output::open(Some(path))?;
            json::write(&mut output, &report)?;
            output.finish()?;
            if path == Path::new("-") {
                return Ok(());
            }
        }
        None => {}
    }
    let mut output = Output::open(None)?;
    table::write(&mut output, &report, args.show)?;
    Ok(output.finish()?)
}

/// The report on two run files.
fn of_runs(args: &DiffArgs) -> Result<(Report, [Run; 2])> {
    let [first, second] = args.run.as_slice() else { bail!("--run takes two files") };
    let read = |path: &Path| anyhow::Ok(Run::read(&mut Source::open(path)?)?);
    let runs = [read(first)?, read(second)?];
    let agreement = RunAgreement::new(&runs, args.k);
    let topic = |agreement: &spork_eval::TopicAgreement| {
        let terms = vec![Vec::new(); agreement.moves.len()];
        let difference = TopicDifference { agreement: agreement.clone(), terms };
        Topic { difference, text: None, values: None }
    };
    for (run, path) in runs.iter().zip([first, second]) {
        let missing = agreement.topics.len() - run.len();
        if missing > 0 {
            tracing::warn!(
                "{} lacks {missing} of {} topics: there it agrees with nothing",
                path.display(),
                agreement.topics.len()
            );
        }
    }
    let topics = agreement.topics.iter().map(topic).collect();
    let names = [first, second].map(|path| path.display().to_string());
    let (k, depth, apart) = (args.k, None, false);
    Ok((Report { names, k, depth, apart, agreement, topics, judged: None }, runs))
}

fn qrels(args: &DiffArgs) -> Result<Option<Qrels>> {
    let path = match (&args.qrels, beir::folder(&args.beir)?) {
        (Some(path), _) => path.clone(),
        (None, Some(folder)) => folder.qrels()?,
        (None, None) => return Ok(None),
    };
    Ok(Some(Qrels::read(&mut Source::open(&path)?)?))
}

impl Report {
    /// Evaluates both runs over the topics of the report that are judged. A side that finds nothing
    /// for a topic gets 0.
    fn judge(&mut self, qrels: Qrels, runs: &[Run; 2], metric: &str) -> Result<()> {
        let metrics = Metric::parse_list(metric)?;
        let [metric] = metrics.as_slice() else { bail!("--metric takes one measure") };
        let mut judgments = Vec::new();
        for topic in &self.topics {
            let qid = topic.qid();
            let judged = qrels.topic(qid).into_iter().flat_map(|judged| judged.iter());
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
            let value = |evaluation: &spork_eval::Evaluation| {
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
    fn sort(&mut self) {
        let gap =
            |topic: &Topic| topic.values.map_or(0.0, |[first, second]| (first - second).abs());
        self.topics.sort_by(|a, b| {
            let rbo = |topic: &Topic| topic.difference.agreement.rbo;
            gap(b).total_cmp(&gap(a)).then(rbo(a).total_cmp(&rbo(b)))
        });
    }
}

impl Topic {
    fn qid(&self) -> &str {
        &self.difference.agreement.qid
    }
}
