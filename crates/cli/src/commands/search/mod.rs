//! `spork search`: queries to a run file, or one query to a table.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use rayon::ThreadPool;
use rayon::prelude::*;
use spork_files::Output;
use spork_index::Index;
use spork_measure::PruningRecord;
use spork_search::{FieldAnalyzers, FieldPlan};
use spork_searcher::{Query, Ranking, Searcher};

use crate::args::SearchArgs;
use crate::inputs::start_threads;
use crate::program::Program;
use crate::progress_bars::{Bar, bar};
use crate::queries::Queries;
use crate::query_batch::QueryBatch;
use crate::search_options::{limits, query_pruning};

mod answers;
mod statistics;
mod term_counts;

use statistics::StatisticsFile;
use term_counts::TermCounts;

/// The most hits that are in memory at a time, as rankings and as lines.
const HITS: usize = 2 << 20;
/// The most queries between two updates of the progress bar.
const BATCH: usize = 256;
/// The first integer that 32-bit floats can't tell from its successor.
const INDISTINCT: u32 = 1 << 24;

pub(crate) fn run(args: &SearchArgs, program: Program<'_>) -> Result<()> {
    check_places(args)?;
    let index = Index::open(&args.index)?;
    let only = args.only_query();
    let mut queries = Queries::open(&args.queries, only.as_deref(), &[&index], true, program)?;
    if args.depth() == 0 {
        tracing::warn!("-k 0 asks for no documents: the run is empty");
    }
    let analyzers = FieldAnalyzers::of(&index)?;
    let plan = queries.weighing().plan(&index, &analyzers)?;
    queries.weighing().tell_mix(&index, &plan);
    let threads = start_threads(args.threads)?;
    let mut search = Search::new(args, &index, &queries, &threads)?;
    while let Some(batch) = queries.next_batch()? {
        search.answer(&batch, &plan)?;
    }
    search.finish()
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

/// A search on its way through the queries.
struct Search<'s> {
    args: &'s SearchArgs,
    index: &'s Index,
    searcher: Searcher<'s>,
    threads: &'s ThreadPool,
    /// Hits that are searched for: one more than is wanted, where one may be left out.
    k: usize,
    output: Output,
    /// Whether answers are waited for while queries may still come.
    live: bool,
    statistics: Option<Output>,
    file: StatisticsFile,
    terms: TermCounts,
    bar: Bar,
    counts: Counts,
}

/// What is told at the end.
#[derive(Default)]
struct Counts {
    queries: usize,
    hits: usize,
    exact: usize,
    excluded: usize,
    /// The best score of all.
    best: u32,
    time: Duration,
}

impl<'s> Search<'s> {
    fn new(
        args: &'s SearchArgs,
        index: &'s Index,
        queries: &Queries,
        threads: &'s ThreadPool,
    ) -> Result<Self> {
        let output = Output::open(args.output.as_deref())?;
        // Opened before the work, so that a bad place shows at once.
        let statistics = args.stats.as_deref().map(|path| Output::open(Some(path))).transpose()?;
        let limits = limits(args.limits, &[args.strategy])?;
        let most = args.depth().saturating_add(usize::from(args.exclude_same_id));
        let pruned = PruningRecord::of(index.manifest());
        Ok(Self {
            args,
            index,
            searcher: Searcher::new(index).with_limits(limits),
            threads,
            k: most.min(index.documents() as usize),
            output,
            live: queries.is_live(),
            statistics,
            file: StatisticsFile::new(args.depth(), threads.current_num_threads(), pruned),
            terms: TermCounts::default(),
            bar: bar("searching", "queries", queries.len().map(|count| count as u64)),
            counts: Counts::default(),
        })
    }

    /// Searches and writes the answers.
    fn answer(&mut self, batch: &QueryBatch, plan: &FieldPlan<'_>) -> Result<()> {
        let start = Instant::now();
        let pruning = query_pruning(self.args.query_pruning);
        let queries = batch.look_up_by(plan, self.index, pruning)?;
        self.terms.add(&queries);
        let qids: Vec<&str> = batch.queries.iter().map(|query| query.qid.as_str()).collect();
        let at_once = (HITS / self.k.max(1)).clamp(1, BATCH);
        for (qids, queries) in qids.chunks(at_once).zip(queries.chunks(at_once)) {
            self.answer_some(qids, queries)?;
        }
        if self.live {
            let flushed = self.output.flush_now();
            flushed.map_err(|error| spork_files::Error::io(self.output.path(), error))?;
        }
        self.counts.time += start.elapsed();
        Ok(())
    }

    fn answer_some(&mut self, qids: &[&str], queries: &[Query]) -> Result<()> {
        let Self { args, index, k, threads, .. } = *self;
        let (searcher, excluded) = (&self.searcher, &mut self.counts.excluded);
        let (rankings, lines) = threads.install(|| {
            let mut rankings = searcher.search_batch(queries, k, args.strategy)?;
            if args.exclude_same_id {
                *excluded += exclude_same_ids(index, qids, &mut rankings, args.depth())?;
            }
            let lines =
                rankings.par_iter().zip(queries).zip(qids).map(|((ranking, query), qid)| {
                    let mut lines = Vec::new();
                    answers::write(&mut lines, args, index, qid, query, ranking).map(|()| lines)
                });
            let lines = lines.collect::<Result<Vec<Vec<u8>>>>()?;
            anyhow::Ok((rankings, lines))
        })?;
        for lines in lines {
            let written = self.output.write_all(&lines);
            written.map_err(|error| spork_files::Error::io(self.output.path(), error))?;
        }
        let counts = &mut self.counts;
        for ((qid, query), ranking) in qids.iter().zip(queries).zip(&rankings) {
            self.file.add(index, qid, query, ranking)?;
            counts.hits += ranking.hits.len();
            counts.exact += usize::from(ranking.is_exact(query));
            counts.best = counts.best.max(ranking.hits.first().map_or(0, |hit| hit.score));
        }
        counts.queries += queries.len();
        self.bar.inc(queries.len() as u64);
        Ok(())
    }

    /// Completes the outputs, and tells what there is to tell.
    fn finish(self) -> Result<()> {
        self.bar.finish_and_clear();
        self.output.finish()?;
        self.terms.warn();
        let (latency, threads) = (self.file.latency(), self.threads.current_num_threads());
        if let Some(mut output) = self.statistics {
            self.file.write(&mut output)?;
            output.finish()?;
        }
        let Counts { queries, hits, exact, excluded, best, time } = self.counts;
        if best >= INDISTINCT {
            tracing::warn!(
                "scores reach {best}: evaluators that read 32-bit floats tie some above \
                 {INDISTINCT}"
            );
        }
        if self.args.exclude_same_id {
            tracing::info!("{excluded} hits whose docno is the qid are left out");
        }
        if !limits(self.args.limits, &[self.args.strategy])?.is_exact() || exact < queries {
            tracing::info!("{exact} of {queries} answers are certified exact");
        }
        if let Some(pruned) = PruningRecord::of(self.index.manifest()) {
            tracing::info!(
                "the index was pruned ({}): exact means with respect to the pruned index",
                pruned.label()
            );
        }
        if self.args.is_for_a_person() {
            tracing::info!("{hits} documents in {:.1} ms", 1e3 * time.as_secs_f64());
            return Ok(());
        }
        tracing::info!(
            "{queries} queries, {hits} hits in {:.2} s; {:.2} ms a query (p99 {:.2}) on {threads} \
             threads",
            time.as_secs_f64(),
            latency.mean_us / 1e3,
            latency.p99_us / 1e3,
        );
        Ok(())
    }
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
        excluded += usize::from(ranking.exclude(index.find(qid)?, k));
    }
    Ok(excluded)
}
