//! `spork search`: a batch of queries to a run file.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Result, bail};
use rayon::prelude::*;
use spork_eval::{write_msmarco, write_trec};
use spork_files::Output;
use spork_index::Index;
use spork_measure::PruningRecord;
use spork_searcher::{Query, Ranking, Searcher};

use crate::args::{FormatArg, SearchArgs};
use crate::inputs::on_threads;
use crate::program::Program;
use crate::progress_bars::bar;
use crate::query_batch::QueryBatch;
use crate::search_options::{limits, query_pruning};

mod statistics;

use statistics::StatisticsFile;

/// The most hits that are in memory at a time, as rankings and as lines.
const HITS: usize = 2 << 20;
/// The most queries between two updates of the progress bar.
const BATCH: usize = 256;
/// The first integer that 32-bit floats can't tell from its successor.
const INDISTINCT: u32 = 1 << 24;

pub(crate) fn run(args: &SearchArgs, program: Program<'_>) -> Result<()> {
    check_places(args)?;
    let index = Index::open(&args.index)?;
    let batch = QueryBatch::read(&args.queries, &[&index], true, program)?;
    let queries = batch.look_up(&index, query_pruning(args.query_pruning))?;
    warn_of_terms(&queries);
    if args.k == 0 {
        tracing::warn!("-k 0 asks for no documents: the run is empty");
    }
    let qids: Vec<&str> = batch.qids().collect();
    on_threads(args.threads, || search(args, &index, &qids, &queries))?
}

/// Checks that run and statistics do not both go to standard output.
fn check_places(args: &SearchArgs) -> Result<()> {
    let stdout = |path: &Option<PathBuf>| path.as_deref().is_none_or(|path| path == Path::new("-"));
    match &args.stats {
        Some(_) if stdout(&args.stats) && stdout(&args.output) => {
            bail!("--stats and the run can't both go to standard output")
        }
        _ => Ok(()),
    }
}

/// Warns of queries without a known term, and of terms that are pruned or rounded to zero.
fn warn_of_terms(queries: &[Query]) {
    let terms: usize = queries.iter().map(Query::given).sum();
    let unknown: usize = queries.iter().map(Query::unknown).sum();
    let rounded: usize = queries.iter().map(Query::rounded_to_zero).sum();
    let pruned: usize = queries.iter().map(Query::terms_pruned).sum();
    let empty = queries.iter().filter(|query| query.given() == 0).count();
    if empty > 0 {
        tracing::warn!("{empty} of {} queries have no term and find nothing", queries.len());
    }
    let without = queries.iter().filter(|query| query.terms().is_empty()).count() - empty;
    if without > 0 {
        tracing::warn!(
            "{without} of {} queries share no term with any document and find nothing ({unknown} \
             of {terms} query terms are unknown); did one model encode documents and queries?",
            queries.len()
        );
    } else if 2 * unknown > terms {
        tracing::warn!(
            "{unknown} of {terms} query terms are in no document; did one model encode documents \
             and queries?"
        );
    }
    if pruned > 0 {
        tracing::info!("{pruned} of {terms} query terms are pruned");
    }
    if rounded > 0 {
        tracing::warn!(
            "{rounded} of {terms} query weights round to zero: their query's largest weight sets \
             the scale"
        );
    }
}

fn search(args: &SearchArgs, index: &Index, qids: &[&str], queries: &[Query]) -> Result<()> {
    let mut output = Output::open(args.output.as_deref())?;
    // Opened before the work, so that a bad place shows at once.
    let statistics = args.stats.as_deref().map(|path| Output::open(Some(path))).transpose()?;

    let limits = limits(args.limits, &[args.strategy])?;
    let searcher = Searcher::new(index).with_limits(limits);
    // One more than is wanted, where one may be left out.
    let most = args.k.saturating_add(usize::from(args.exclude_same_id));
    let k = most.min(index.manifest().documents as usize);
    let batch = (HITS / k.max(1)).clamp(1, BATCH);
    let pruned = PruningRecord::of(index.manifest());
    let mut file = StatisticsFile::new(args.k, rayon::current_num_threads(), pruned);
    let bar = bar("searching", "queries", Some(queries.len() as u64));
    let (start, mut hits, mut best, mut exact, mut excluded) = (Instant::now(), 0, 0, 0, 0);
    for (qids, queries) in qids.chunks(batch).zip(queries.chunks(batch)) {
        let mut rankings = searcher.search_batch(queries, k, args.strategy)?;
        if args.exclude_same_id {
            excluded += exclude_same_ids(index, qids, &mut rankings, args.k)?;
        }
        let lines = rankings.par_iter().zip(queries).zip(qids).map(|((ranking, query), qid)| {
            let mut lines = Vec::new();
            write_ranking(&mut lines, args, index, qid, query, ranking).map(|()| lines)
        });
        for lines in lines.collect::<Result<Vec<Vec<u8>>>>()? {
            output
                .write_all(&lines)
                .map_err(|error| spork_files::Error::io(output.path(), error))?;
        }
        for ((qid, query), ranking) in qids.iter().zip(queries).zip(&rankings) {
            file.add(index, qid, query, ranking)?;
            hits += ranking.hits.len();
            exact += usize::from(ranking.is_exact(query));
            best = best.max(ranking.hits.first().map_or(0, |hit| hit.score));
        }
        bar.inc(queries.len() as u64);
    }
    bar.finish_and_clear();
    output.finish()?;
    let latency = file.latency();
    if let Some(mut output) = statistics {
        file.write(&mut output)?;
        output.finish()?;
    }
    if best >= INDISTINCT {
        tracing::warn!(
            "scores reach {best}: evaluators that read 32-bit floats tie some above {INDISTINCT}"
        );
    }
    if args.exclude_same_id {
        tracing::info!("{excluded} hits whose docno is the qid are left out");
    }
    if !limits.is_exact() || exact < queries.len() {
        tracing::info!("{exact} of {} answers are certified exact", queries.len());
    }
    if let Some(pruned) = pruned {
        tracing::info!(
            "the index was pruned ({}): exact means with respect to the pruned index",
            pruned.label()
        );
    }
    tracing::info!(
        "{} queries, {hits} hits in {:.2} s; {:.2} ms a query (p99 {:.2}) on {} threads",
        queries.len(),
        start.elapsed().as_secs_f64(),
        latency.mean_us / 1e3,
        latency.p99_us / 1e3,
        rayon::current_num_threads()
    );
    Ok(())
}

/// Leaves each query's own document out, and says how many were.
fn exclude_same_ids(
    index: &Index,
    qids: &[&str],
    rankings: &mut [Ranking],
    k: usize,
) -> Result<usize> {
    let mut excluded = 0;
    for (qid, ranking) in qids.iter().zip(rankings) {
        excluded += usize::from(ranking.exclude(index.docnos().find(qid)?, k));
    }
    Ok(excluded)
}

/// Scores are printed in the weights' own unit: as integers where all weights are, else as the
/// float nearest to score × unit. Up to 2²³ different scores print as different 32-bit floats,
/// which is what evaluators read.
fn write_ranking(
    output: &mut Vec<u8>,
    args: &SearchArgs,
    index: &Index,
    qid: &str,
    query: &Query,
    ranking: &Ranking,
) -> Result<()> {
    const DISTINCT: u32 = 1 << 23;
    let hits = ranking.hits.iter().map(|hit| Ok((index.docnos().get(hit.docid)?, hit.score)));
    let hits: Vec<(&str, u32)> = hits.collect::<spork_index::Result<_>>()?;
    let value = |score: u32| f64::from(score) * query.unit();
    match args.format {
        FormatArg::Msmarco => write_msmarco(output, qid, hits)?,
        FormatArg::Trec if query.is_exact() => write_trec(output, qid, hits, &args.tag)?,
        FormatArg::Trec if hits.first().is_none_or(|&(_, best)| best < DISTINCT) => {
            let hits = hits.iter().map(|&(docno, score)| (docno, value(score) as f32));
            write_trec(output, qid, hits, &args.tag)?;
        }
        FormatArg::Trec => {
            let hits = hits.iter().map(|&(docno, score)| (docno, value(score)));
            write_trec(output, qid, hits, &args.tag)?;
        }
    }
    Ok(())
}
