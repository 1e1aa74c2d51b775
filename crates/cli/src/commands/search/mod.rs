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
use spork_search::{
    Explanation, FieldAnalyzers, FieldPlan, select_documents, warn_of_missing_shards,
};
use spork_searcher::{Query, Ranking, Searcher, SelectedDocuments};

use crate::args::SearchArgs;
use crate::inputs::start_threads;
use crate::program::Program;
use crate::progress_bars::{Bar, bar};
use crate::queries::Queries;
use crate::query_batch::{BatchQuery, QueryBatch};
use crate::search_options::{limits, query_pruning};

mod answers;
mod explaining;
mod like;
mod passages;
mod statistics;
mod term_counts;

use explaining::Explaining;
use passages::PassageLines;
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
    let index = Index::open_as_one(&args.folders())?;
    warn_of_missing_shards(&index);
    if let Some(docno) = &args.like {
        return similar(args, &index, docno);
    }
    let only = args.only_query();
    let mut queries = Queries::open(&args.queries, only.as_deref(), &[&index], true, program)?;
    if args.depth() == 0 {
        tracing::warn!("-k 0 asks for no documents: the run is empty");
    }
    let analyzers = FieldAnalyzers::of(&index)?;
    let plan = queries.weighing().plan(&index, &analyzers)?;
    queries.weighing().tell_mix(&index, &plan);
    let threads = start_threads(args.threads)?;
    let selected = selected(args, &index)?;
    let mut search = Search::new(args, &index, (queries.is_live(), queries.len()), &threads)?;
    search.filter(selected.as_ref());
    while let Some(batch) = queries.next_batch()? {
        search.answer(&batch, &plan)?;
    }
    search.finish()
}

/// Searches with the vector of a document, whose docno is the qid.
fn similar(args: &SearchArgs, index: &Index, docno: &str) -> Result<()> {
    let mix = args.queries.mix.as_ref();
    let query = like::query(index, docno, mix)?;
    let analyzers = FieldAnalyzers::of(index)?;
    let plan = FieldPlan::new(index, &analyzers, mix, like::parts(index))?;
    let threads = start_threads(args.threads)?;
    let selected = selected(args, index)?;
    let mut search = Search::new(args, index, (false, Some(1)), &threads)?;
    search.filter(selected.as_ref());
    let given = BatchQuery { qid: docno.to_owned(), text: None, vector: Vec::new() };
    let start = Instant::now();
    search.answer_some(&[given], &[query], &plan)?;
    search.counts.time = start.elapsed();
    search.finish()
}

/// The documents that the filter keeps, if there is one.
fn selected(args: &SearchArgs, index: &Index) -> Result<Option<SelectedDocuments>> {
    let Some(filter) = &args.filter else { return Ok(None) };
    Ok(Some(select_documents(index, &filter.parse()?)?))
}

/// Checks that run and statistics do not both go to standard output.
fn check_places(args: &SearchArgs) -> Result<()> {
    if args.explain && !args.is_for_a_person() {
        bail!(
            "a run has no place for explanations; give the query as words, without --query, for a \
             table, or --explanations FILE.jsonl in place of --explain"
        );
    }
    let stdout = |path: &Option<PathBuf>| path.as_deref().is_none_or(|path| path == Path::new("-"));
    match &args.stats {
        Some(_) if stdout(&args.stats) && stdout(&args.output) => {
            bail!("--stats and the run can't both go to standard output")
        }
        _ if args.explanations.is_some() && stdout(&args.explanations) && stdout(&args.output) => {
            bail!("--explanations and the run can't both go to standard output")
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
    explaining: Option<Explaining>,
    explanations: Option<Output>,
    passages: PassageLines,
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
        (live, count): (bool, Option<usize>),
        threads: &'s ThreadPool,
    ) -> Result<Self> {
        let output = Output::open(args.output.as_deref())?;
        // Opened before the work, so that a bad place shows at once.
        let statistics = args.stats.as_deref().map(|path| Output::open(Some(path))).transpose()?;
        let limits = limits(args.limits, &[args.strategy])?;
        let most = args.depth().saturating_add(usize::from(args.excludes_same_id()));
        let pruned = PruningRecord::of(index.manifest());
        Ok(Self {
            args,
            index,
            searcher: Searcher::new(index).with_limits(limits),
            threads,
            k: most.min(index.documents() as usize),
            output,
            live,
            statistics,
            explaining: Explaining::of(args, index)?,
            explanations: args
                .explanations
                .as_deref()
                .map(|path| Output::open(Some(path)))
                .transpose()?,
            passages: PassageLines::of(index, args.is_for_a_person())?,
            file: StatisticsFile::new(args.depth(), threads.current_num_threads(), pruned),
            terms: TermCounts::default(),
            bar: bar("searching", "queries", count.map(|count| count as u64)),
            counts: Counts::default(),
        })
    }

    /// Finds none but some documents from now on.
    fn filter(&mut self, selected: Option<&'s SelectedDocuments>) {
        let Some(selected) = selected else { return };
        self.searcher = self.searcher.with_selected(selected);
        self.file.set_matched(selected.documents());
        let (matched, documents) = (selected.documents(), self.index.documents());
        tracing::info!("the filter keeps {matched} of {documents} documents");
    }

    /// Searches and writes the answers.
    fn answer(&mut self, batch: &QueryBatch, plan: &FieldPlan<'_>) -> Result<()> {
        let start = Instant::now();
        let pruning = query_pruning(self.args.query_pruning);
        let queries = batch.look_up_by(plan, self.index, pruning)?;
        self.terms.add(&queries);
        let at_once = (HITS / self.k.max(1)).clamp(1, BATCH);
        for (given, queries) in batch.queries.chunks(at_once).zip(queries.chunks(at_once)) {
            self.answer_some(given, queries, plan)?;
        }
        if self.live {
            let flushed = self.output.flush_now();
            flushed.map_err(|error| spork_files::Error::io(self.output.path(), error))?;
        }
        self.counts.time += start.elapsed();
        Ok(())
    }

    fn answer_some(
        &mut self,
        given: &[BatchQuery],
        queries: &[Query],
        plan: &FieldPlan<'_>,
    ) -> Result<()> {
        let qids: Vec<&str> = given.iter().map(|query| query.qid.as_str()).collect();
        let (explaining, passages) = (self.explaining.as_ref(), &self.passages);
        let Self { args, index, k, threads, .. } = *self;
        let (searcher, excluded) = (&self.searcher, &mut self.counts.excluded);
        let (rankings, lines) = threads.install(|| {
            let mut rankings = searcher.search_batch(queries, k, args.strategy)?;
            if args.excludes_same_id() {
                *excluded += exclude_same_ids(index, &qids, &mut rankings, args.depth())?;
            }
            let lines =
                rankings.par_iter().zip(queries).zip(given).map(|((ranking, query), given)| {
                    let explanations = match explaining {
                        Some(explaining) => {
                            explaining.explain(index, plan, given, query, ranking)?
                        }
                        None => Vec::new(),
                    };
                    let mut lines = Vec::new();
                    let qid = &given.qid;
                    let beside = (explanations.as_slice(), passages);
                    answers::write(&mut lines, args, index, qid, query, ranking, beside)?;
                    Ok((lines, explanations))
                });
            let lines = lines.collect::<Result<Vec<(Vec<u8>, Vec<Explanation>)>>>()?;
            anyhow::Ok((rankings, lines))
        })?;
        for ((lines, explanations), qid) in lines.into_iter().zip(&qids) {
            if let Some(output) = &mut self.explanations {
                explaining::write(output, qid, &explanations)?;
            }
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
        self.explanations.map(Output::finish).transpose()?;
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
