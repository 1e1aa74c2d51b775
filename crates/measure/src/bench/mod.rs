//! Benchmarks of search: how long queries take and what work they are, over indexes, strategies,
//! cutoffs and numbers of threads.
//!
//! Each combination is a [`Workload`] that is repeated; its [`Measurement`] holds the median
//! repetition of each figure. A [`Benchmark`] of them all is written as a table (`tsv`) and as
//! JSON.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use spork_index::Index;
use spork_searcher::{Limits, Query, QueryPruning, Scratch, Searcher, Strategy};

use crate::error::{Error, Result};
use crate::machine::Machine;
use crate::pruning_record::PruningRecord;

mod measurement;
mod recall;
mod record;
mod tsv;
mod workload;

use recall::Reference;
use workload::Workload;

#[cfg(feature = "plot")]
pub(crate) use measurement::Fit;
pub(crate) use measurement::Measurement;
pub use record::Benchmark;
pub(crate) use record::{IndexRecord, LimitRecord};
pub use workload::Arrivals;

/// Queries before they are looked up in an index.
pub trait QuerySource {
    /// Their number, at least one.
    fn len(&self) -> usize;

    /// Whether there is none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All queries as `index` knows them, with the terms that `pruning` keeps.
    ///
    /// # Errors
    /// A query that can't be one of this index.
    fn look_up(
        &self,
        index: &Index,
        pruning: QueryPruning,
    ) -> std::result::Result<Vec<Query>, Box<dyn std::error::Error + Send + Sync>>;
}

/// An experiment: all combinations of indexes, strategies, cutoffs and numbers of threads.
#[derive(Clone)]
pub struct Experiment<'a> {
    /// Name and version of the program, for the record.
    pub program: &'a str,
    /// Its command line, without the program, for the record.
    pub command: &'a [String],
    /// The file of the queries, for the record.
    pub query_file: &'a Path,
    /// The queries.
    pub queries: &'a dyn QuerySource,
    /// Index folders; all are searched by the same queries.
    pub indexes: &'a [PathBuf],
    /// How the best documents are found.
    pub strategies: &'a [Strategy],
    /// Documents a query.
    pub cutoffs: &'a [usize],
    /// Threads that answer queries, each one query at a time.
    pub threads: &'a [usize],
    /// When queries arrive.
    pub arrivals: Arrivals,
    /// Where searches may stop short of the exact answer.
    pub limits: Limits,
    /// Which terms of queries are searched for.
    pub query_pruning: QueryPruning,
    /// The index of whose exact answers recall is; none for the index that is searched.
    pub reference: Option<&'a Path>,
    /// Passes over all queries that count, after one that does not.
    pub repetitions: NonZeroUsize,
    /// Queries whose answers are compared with exhaustive scoring first, if no limit is set.
    pub checked_queries: usize,
}

impl Experiment<'_> {
    /// The number of combinations.
    pub fn combinations(&self) -> usize {
        self.indexes.len() * self.strategies.len() * self.cutoffs.len() * self.threads.len()
    }

    /// Measures them all; calls `measured` after each combination.
    ///
    /// # Errors
    /// An index can't be opened or is damaged, a query can't be answered, the reference lacks a
    /// document, or a strategy's ranking is not that of exhaustive scoring.
    pub fn run(&self, mut measured: impl FnMut()) -> Result<Benchmark> {
        let reference = self.reference.map(|path| self.open(path)).transpose()?;
        let mut benchmark = self.empty_benchmark()?;
        for path in self.indexes {
            let searched = self.open(path)?;
            let reference = reference.as_ref().map_or(
                Reference {
                    path,
                    index: &searched.index,
                    queries: &searched.queries,
                    is_searched: self.query_pruning.keeps_all(),
                },
                |SearchedIndex { path, index, queries }| Reference {
                    path,
                    index,
                    queries,
                    is_searched: false,
                },
            );
            self.measure_index(path, &searched.index, reference, &mut benchmark, &mut measured)?;
        }
        Ok(benchmark)
    }

    fn measure_index(
        &self,
        path: &Path,
        index: &Index,
        reference: Reference<'_>,
        benchmark: &mut Benchmark,
        measured: &mut impl FnMut(),
    ) -> Result<()> {
        let queries = self.look_up(index, self.query_pruning)?;
        self.warn_of_pruning(path, index);
        if self.limits.is_exact() {
            self.check(path, index, &queries)?;
        }
        benchmark.indexes.push(IndexRecord::new(path, index, &queries)?);
        for &strategy in self.strategies {
            for &k in self.cutoffs {
                for &threads in self.threads {
                    let workload = Workload {
                        index,
                        queries: &queries,
                        k,
                        strategy,
                        limits: self.limits,
                        threads,
                        arrivals: self.arrivals,
                    };
                    benchmark.rows.push(self.measure(path, &workload, reference)?);
                    measured();
                }
            }
        }
        Ok(())
    }

    /// One pass that warms up, then the repetitions.
    fn measure(
        &self,
        path: &Path,
        workload: &Workload<'_>,
        reference: Reference<'_>,
    ) -> Result<Measurement> {
        workload.run()?;
        let passes =
            (0..self.repetitions.get()).map(|_| workload.run()).collect::<Result<Vec<_>>>()?;
        let is_complete = workload.limits.is_exact() && reference.is_searched;
        let recall = if is_complete { 1.0 } else { reference.recall(workload)? };
        Ok(Measurement::new(path, workload, &passes, recall))
    }

    fn empty_benchmark(&self) -> Result<Benchmark> {
        Ok(Benchmark {
            program: self.program.to_owned(),
            command: self.command.to_vec(),
            machine: Machine::current()?,
            vectors: self.query_file.display().to_string(),
            queries: self.queries.len(),
            repetitions: self.repetitions.get(),
            limits: LimitRecord::new(self.limits, self.query_pruning),
            reference: self.reference.map(|path| path.display().to_string()),
            indexes: Vec::new(),
            rows: Vec::new(),
        })
    }

    /// An index, and all queries, whole, as it knows them.
    fn open<'p>(&self, path: &'p Path) -> Result<SearchedIndex<'p>> {
        let index = Index::open(path)?;
        let queries = self.look_up(&index, QueryPruning::default())?;
        Ok(SearchedIndex { path, index, queries })
    }

    fn look_up(&self, index: &Index, pruning: QueryPruning) -> Result<Vec<Query>> {
        self.queries.look_up(index, pruning).map_err(Error::Queries)
    }

    fn warn_of_pruning(&self, path: &Path, index: &Index) {
        if let (Some(pruned), None) = (PruningRecord::of(index.manifest()), self.reference) {
            tracing::warn!(
                "{} was pruned ({}): recall and exact are with respect to the pruned index; \
                 --reference INDEX compares with an index that was not",
                path.display(),
                pruned.label()
            );
        }
    }

    /// Compares the first queries' answers with exhaustive scoring.
    fn check(&self, path: &Path, index: &Index, queries: &[Query]) -> Result<()> {
        let searcher = Searcher::new(index);
        let mut scratch = Scratch::default();
        for (query, number) in queries.iter().take(self.checked_queries).zip(1..) {
            for &k in self.cutoffs {
                let expected = searcher.search(query, k, Strategy::Exhaustive, &mut scratch)?.hits;
                for &strategy in self.strategies {
                    if searcher.search(query, k, strategy, &mut scratch)?.hits != expected {
                        let (index, strategy) = (path.to_owned(), strategy.name());
                        return Err(Error::NotExact { index, number, k, strategy });
                    }
                }
            }
        }
        Ok(())
    }
}

/// An index, and all queries as it knows them.
struct SearchedIndex<'a> {
    path: &'a Path,
    index: Index,
    queries: Vec<Query>,
}
