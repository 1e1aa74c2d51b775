//! `spork advise`: an index and its searches as they could be, measured beside what is.

mod advice;
mod estimate;
mod front;
mod kept;
mod layout;
mod setting;
mod shell;
mod sweep;
mod trial;

use std::io::Write;
use std::path::Path;

use anyhow::{Result, bail};
use serde_json::json;
use spork_core::Random;
use spork_eval::Qrels;
use spork_files::Output;
use spork_index::{Field, Index};
use spork_measure::Machine;
use spork_search::read_qrels;
use spork_vectors::Format;

use crate::args::{AdviseArgs, ExportArgs, WritingArgs};
use crate::commands::export;
use crate::program::Program;
use crate::queries::Queries;
use crate::query_batch::QueryBatch;
use advice::Advice;
use kept::kept;
use layout::Sources;
use sweep::Sweep;
use trial::{Judge, Trial};

const SEED: u64 = 1;

pub(crate) fn run(args: &AdviseArgs, program: Program<'_>) -> Result<()> {
    let index = Index::open(&args.index)?;
    // Opened before the work, so that a bad place shows at once.
    let json = args.json.as_deref().map(|path| Output::open(Some(path))).transpose()?;
    let mut queries = Queries::open(&args.queries, None, &[&index], true, program)?.all()?;
    let qrels = args.qrels.as_deref().map(read_qrels).transpose()?;
    choose(&mut queries, qrels.as_ref(), args)?;
    let kept = kept(index.manifest(), !args.bm25.is_empty())?;
    let folder = tempfile::Builder::new().prefix("spork-advise-").tempdir()?;
    let sweep = Sweep {
        index: &index,
        queries: &queries,
        cutoffs: &args.k,
        sources: sources(args, &index, folder.path())?,
        memory: args.memory,
        folder: folder.path(),
    };
    let (name, judge) = match &qrels {
        Some(qrels) => {
            let qrels = judgments_of(&queries, qrels)?;
            (args.metric.to_string(), Judge::Judgments { qrels, metric: args.metric })
        }
        None => ("recall".to_owned(), sweep.exact()?),
    };
    let trials = sweep.run(&judge)?;
    let mut output = Output::open(None)?;
    Advice { args, quality: &name, kept: &kept }.write(&mut output, &trials)?;
    output.finish()?;
    draw(args, &name, &trials)?;
    if let Some(mut json) = json {
        let record = json!({
            "program": concat!("spork ", env!("CARGO_PKG_VERSION")),
            "machine": Machine::current()?,
            "quality": name,
            "queries": queries.queries.len(),
            "trials": trials,
        });
        serde_json::to_writer_pretty(&mut json, &record)?;
        writeln!(json)?;
        json.finish()?;
    }
    Ok(())
}

/// Keeps the queries that are measured.
fn choose(queries: &mut QueryBatch, qrels: Option<&Qrels>, args: &AdviseArgs) -> Result<()> {
    let all = queries.queries.len();
    if let Some(qrels) = qrels {
        queries.queries.retain(|query| qrels.topic(&query.qid).is_some());
    }
    if queries.queries.is_empty() {
        bail!("none of {all} queries is judged; are --qrels of the same topics?");
    }
    Random::new(SEED).sample(&mut queries.queries, args.sample.get());
    tracing::info!("{} of {all} queries", queries.queries.len());
    Ok(())
}

/// The judgments of these queries alone: those of others would count as topics without an answer.
fn judgments_of(queries: &QueryBatch, qrels: &Qrels) -> Result<Qrels> {
    let topics = queries
        .queries
        .iter()
        .filter_map(|query| Some((query.qid.as_str(), qrels.topic(&query.qid)?)));
    let judgments =
        topics.flat_map(|(qid, topic)| topic.iter().map(move |(docno, grade)| (qid, docno, grade)));
    Ok(Qrels::from_judgments(judgments)?)
}

/// What the index can be built from again; none if nothing is to be built.
fn sources(args: &AdviseArgs, index: &Index, folder: &Path) -> Result<Option<Sources>> {
    if args.search_only {
        return Ok(None);
    }
    let fields = &index.manifest().fields;
    let vectors = fields.iter().any(|field| !field.is_text());
    let text = fields.iter().any(Field::is_text);
    if !args.input.is_empty() || !args.bm25.is_empty() {
        if vectors == args.input.is_empty() || text == args.bm25.is_empty() {
            bail!(
                "{}: its fields are {}; give --input for vectors and --bm25 for text, and no other",
                index.name(),
                index.manifest().field_names()
            );
        }
        let (vectors, texts) = (args.input.clone(), args.bm25.clone());
        return Ok(Some(Sources { vectors, texts }));
    }
    if text {
        tracing::info!(
            "only searches are varied: to build it otherwise, say with --input and --bm25 what the \
             index was built from"
        );
        return Ok(None);
    }
    let exported = folder.join("vectors.svec");
    export::run(&ExportArgs {
        index: args.index.clone(),
        output: Some(exported.clone()),
        format: Some(Format::Svec),
        field: None,
        writing: WritingArgs::default(),
        tokens: None,
        memory: args.memory,
        force: true,
    })?;
    Ok(Some(Sources { vectors: vec![exported], texts: Vec::new() }))
}

/// The picture: quality against time, a panel a cutoff.
#[cfg(feature = "plot")]
fn draw(args: &AdviseArgs, quality: &str, trials: &[Trial]) -> Result<()> {
    use spork_measure::plot::{Panel, Series, draw_panels};

    let Some(path) = &args.plot else { return Ok(()) };
    let panel = |&k: &usize| {
        let at_k: Vec<Trial> = trials.iter().filter(|trial| trial.k == k).cloned().collect();
        let points = |chosen: &dyn Fn(usize) -> bool| {
            let chosen = (0..at_k.len()).filter(|&place| chosen(place));
            chosen.map(|place| (at_k[place].micros.mean, at_k[place].quality.mean)).collect()
        };
        let best = front::front(&at_k);
        let series = [
            ("beaten by none", points(&|place| best.contains(&place))),
            ("others", points(&|place| place > 0 && !best.contains(&place))),
            ("now", points(&|place| place == 0)),
        ];
        let series = series.map(|(name, points)| Series { name: name.to_owned(), points });
        Panel::points(format!("{quality}, k = {k}"), series.into())
    };
    let panels: Vec<Panel> = args.k.iter().map(panel).collect();
    Ok(draw_panels(path, "microseconds a query", &panels)?)
}

#[cfg(not(feature = "plot"))]
fn draw(args: &AdviseArgs, _: &str, _: &[Trial]) -> Result<()> {
    if args.plot.is_some() {
        bail!(crate::commands::plot::WITHOUT_PLOT)
    }
    Ok(())
}
