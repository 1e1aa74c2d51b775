//! `spork search`, and the limits that `spork bench` shares.

use std::path::{Path, PathBuf};

use clap::{ArgGroup, ValueEnum};
use spork_searcher::Strategy;

use super::QueryArgs;
use crate::inputs::{parse_mass, parse_milliseconds, parse_share, parse_threads};

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub enum FormatArg {
    /// qid Q0 docno rank score tag
    #[default]
    Trec,
    /// `qid<TAB>docno<TAB>rank`
    Msmarco,
}

/// Limits that trade exactness for time. Each answer says whether it is exact nevertheless.
#[derive(Clone, Copy, Debug, clap::Args)]
pub struct LimitArgs {
    /// Approximate: skip blocks of documents whose bound times A can't reach the best k; 1 is exact
    #[arg(long, value_name = "A", default_value = "1", value_parser = parse_share)]
    pub alpha: f32,
    /// Approximate: blocks with the highest bounds first, and no more after N postings of a query;
    /// 32 blocks, or a quarter of --k if that is more, are scored in any case
    #[arg(long, value_name = "N")]
    pub max_postings: Option<u64>,
    /// Approximate: stop after MS milliseconds of a query; blocks with the highest bounds first
    #[arg(long, value_name = "MS", value_parser = parse_milliseconds)]
    pub max_time: Option<f64>,
}

/// Query pruning, for every strategy.
#[derive(Clone, Copy, Debug, Default, clap::Args)]
pub struct QueryPruningArgs {
    /// Approximate: use only the heaviest terms of a query, which hold a share A of the sum of its
    /// weights [default: all]
    #[arg(long, value_name = "A", value_parser = parse_mass)]
    pub query_mass: Option<f64>,
    /// Approximate: use only the N heaviest terms of a query [default: all]
    #[arg(long, value_name = "N")]
    pub query_terms: Option<std::num::NonZeroUsize>,
}

/// Documents of a run, and of a table for a person.
const RUN: usize = 1000;
const TABLE: usize = 10;

#[derive(Debug, clap::Args)]
#[command(override_usage = "spork search [OPTIONS] --index <DIR> <QUERY>...\n       \
                      spork search [OPTIONS] --index <DIR> --topics <FILE>\n       \
                      spork search [OPTIONS] --index <DIR> --like <DOCNO>")]
#[command(group = ArgGroup::new("queries").required(true).multiple(true).args(["words", "query", "topics", "beir", "vectors", "like"]))]
pub struct SearchArgs {
    /// The index folder; of several, such as the shards of a collection, the answer is that of one
    /// index of all their documents
    #[arg(long, value_name = "DIR", required = true)]
    pub index: Vec<PathBuf>,
    /// A query; the best documents are shown as a table. Where queries are given otherwise: more
    /// index folders
    #[arg(value_name = "QUERY")]
    pub words: Vec<String>,
    /// A query for scripts; the run's qid is 1
    #[arg(long, value_name = "TEXT", conflicts_with_all = ["topics", "beir", "vectors"])]
    pub query: Option<String>,
    /// A document of the index in place of a query: those that are most like it are shown as a
    /// table, or with --output written as a run
    #[arg(
        long,
        value_name = "DOCNO",
        conflicts_with_all = ["query", "topics", "beir", "vectors", "model"],
        conflicts_with_all = ["query_model", "query_idf", "query_mass", "query_terms"]
    )]
    pub like: Option<String>,
    #[command(flatten)]
    pub queries: QueryArgs,
    /// Documents per query [default: 1000; 10 in a table]
    #[arg(long, short)]
    pub k: Option<usize>,
    /// Find none but the documents that a filter on columns keeps, such as 'year >= 2020 and lang =
    /// "en"', also as JSON (docs/filters.md)
    #[arg(long)]
    pub filter: Option<String>,
    /// Leave out the document whose docno is the qid: for topics that are documents themselves,
    /// as in ArguAna and Quora. K documents remain where there are as many
    #[arg(long)]
    pub exclude_same_id: bool,
    /// The run file [default: standard output]
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Format of the run file [default: trec]
    #[arg(long, value_enum)]
    pub format: Option<FormatArg>,
    /// The run's name in a TREC run file [default: spork]
    #[arg(long)]
    pub tag: Option<String>,
    /// Search strategy; all give the same answer unless a limit is set
    #[arg(long, value_enum, default_value_t)]
    pub strategy: Strategy,
    /// Threads; to time single queries, use `spork bench` [default: one per core]
    #[arg(long, value_name = "N", value_parser = parse_threads)]
    pub threads: Option<usize>,
    /// Write the times and counters of every query as JSON
    #[arg(long, value_name = "FILE.json")]
    pub stats: Option<PathBuf>,
    /// Show below each document of the table which terms give it its score
    #[arg(long)]
    pub explain: bool,
    /// Write why each document is found as JSON lines: what each term gives it (docs/explain.md)
    #[arg(long, value_name = "FILE.jsonl")]
    pub explanations: Option<PathBuf>,
    #[command(flatten)]
    pub limits: LimitArgs,
    #[command(flatten)]
    pub query_pruning: QueryPruningArgs,
}

impl SearchArgs {
    /// The one query that is given by its text.
    pub fn only_query(&self) -> Option<String> {
        if self.asked().is_empty() { self.query.clone() } else { Some(self.words.join(" ")) }
    }

    /// The words of a query, if that is what they are.
    fn asked(&self) -> &[String] {
        let otherwise = self.query.is_some() || self.like.is_some() || !self.queries.is_empty();
        if otherwise { &[] } else { &self.words }
    }

    /// The folders of all indexes that are searched as one.
    pub fn folders(&self) -> Vec<PathBuf> {
        let more = if self.asked().is_empty() { self.words.as_slice() } else { &[] };
        self.index.iter().cloned().chain(more.iter().map(PathBuf::from)).collect()
    }

    /// Whether the answer is a table and no run.
    pub fn is_for_a_person(&self) -> bool {
        !self.asked().is_empty() || (self.like.is_some() && self.output.is_none())
    }

    /// What is wrong with words, if anything is: they are a query, which is answered by a table, or
    /// more index folders.
    pub fn fault(&self) -> Option<String> {
        if self.asked().is_empty() {
            let word = self.words.iter().find(|word| !Path::new(word).is_dir())?;
            return Some(format!(
                "{word:?} is no folder: beside a query that is given otherwise, words name more \
                 indexes; a query of words stands alone"
            ));
        }
        let index = |word: &&String| Path::new(word).join("CURRENT").is_file();
        if let Some(word) = self.words.iter().find(index) {
            return Some(format!(
                "{word:?} among the words of a query is an index; put --index before each, or give \
                 the query with --query"
            ));
        }
        let of_runs = [
            ("--output", self.output.is_some()),
            ("--format", self.format.is_some()),
            ("--tag", self.tag.is_some()),
            ("--exclude-same-id", self.exclude_same_id),
        ];
        let (option, _) = of_runs.into_iter().find(|&(_, given)| given)?;
        Some(format!("{option} is for a run, and words get a table; give the query with --query"))
    }

    /// Whether a document whose docno is the qid is left out.
    pub fn excludes_same_id(&self) -> bool {
        self.exclude_same_id || self.like.is_some()
    }

    /// Documents per query.
    pub fn depth(&self) -> usize {
        self.k.unwrap_or(if self.is_for_a_person() { TABLE } else { RUN })
    }
}
