//! What `--json` holds, written by `spork bench` and read by `spork bench report`.

use std::io::{self, Write};
use std::num::NonZeroUsize;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use serde_json::ser::{Formatter, PrettyFormatter, Serializer};
use spork_index::{Index, Order};

use super::machine::Machine;
use super::row::Row;
use crate::args::MeasureArgs;
use crate::commands::provenance::PruningRecord;

/// All of a benchmark. What is optional is missing in results of older programs.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Benchmark {
    /// Name and version.
    pub(super) program: String,
    /// The command line, without the program.
    pub(super) command: Vec<String>,
    pub(super) machine: Machine,
    /// The file of query vectors.
    pub(super) vectors: String,
    pub(super) queries: usize,
    pub(super) repetitions: usize,
    #[serde(default)]
    pub(super) limits: LimitRecord,
    /// The index whose exact answers recall is of; none for the one that is searched.
    #[serde(default)]
    pub(super) reference: Option<String>,
    pub(super) indexes: Vec<IndexRecord>,
    pub(super) rows: Vec<Row>,
}

/// Where searches were allowed to fall short of the exact answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct LimitRecord {
    alpha: Option<f32>,
    max_postings: Option<u64>,
    max_time_ms: Option<f64>,
    query_mass: Option<f64>,
    query_terms: Option<usize>,
}

/// An index that was searched.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct IndexRecord {
    pub(super) index: String,
    pub(super) documents: u32,
    pub(super) terms: u32,
    pub(super) postings: u64,
    pub(super) order: String,
    /// How posting lists are written; unknown in results of older programs.
    #[serde(default)]
    pub(super) codec: Option<String>,
    pub(super) bytes: u64,
    /// How it was pruned: what is exact is so about what is left.
    #[serde(default)]
    pub(super) pruned: Option<PruningRecord>,
    /// Expected terms in common of a query and a document.
    pub(super) flops: f64,
}

impl Benchmark {
    pub(super) fn new(args: &MeasureArgs, queries: usize) -> Self {
        Self {
            program: concat!("spork ", env!("CARGO_PKG_VERSION")).to_owned(),
            command: std::env::args().skip(1).collect(),
            machine: Machine::this(),
            vectors: args.vectors.display().to_string(),
            queries,
            repetitions: args.repetitions.get(),
            limits: LimitRecord::new(args),
            reference: args.reference.as_ref().map(|path| path.display().to_string()),
            indexes: Vec::new(),
            rows: Vec::new(),
        }
    }

    /// # Errors
    /// The file can't be read, is no such JSON, or a row is about an index that it does not describe.
    pub(super) fn read(path: &Path) -> Result<Self> {
        let text = std::fs::read(path).with_context(|| path.display().to_string())?;
        let benchmark: Self = serde_json::from_slice(&text)
            .with_context(|| format!("{}: not a result of `spork bench --json`", path.display()))?;
        if let Some(row) = benchmark.rows.iter().find(|row| benchmark.index(row).is_none()) {
            bail!("{}: a row is about the index {}, which \"indexes\" lacks", path.display(), row.index);
        }
        Ok(benchmark)
    }

    pub(super) fn index(&self, row: &Row) -> Option<&IndexRecord> {
        self.indexes.iter().find(|index| index.index == row.index)
    }

    pub(super) fn write(&self, output: &mut impl Write) -> Result<()> {
        let formatter = ObjectLines(PrettyFormatter::new());
        self.serialize(&mut Serializer::with_formatter(&mut *output, formatter))?;
        Ok(writeln!(output)?)
    }
}

impl LimitRecord {
    fn new(args: &MeasureArgs) -> Self {
        let MeasureArgs { limits, query_pruning, .. } = args;
        Self {
            alpha: (limits.alpha < 1.0).then_some(limits.alpha),
            max_postings: limits.max_postings,
            max_time_ms: limits.max_time,
            query_mass: query_pruning.query_mass,
            query_terms: query_pruning.query_terms.map(NonZeroUsize::get),
        }
    }

    /// Such as `α 0.9`, each after a comma; empty where there are none.
    pub(super) fn label(self) -> String {
        let alpha = self.alpha.map(|alpha| format!(", α {alpha}"));
        let postings = self.max_postings.map(|postings| format!(", ≤ {postings} postings"));
        let time = self.max_time_ms.map(|ms| format!(", ≤ {ms} ms"));
        let mass = self.query_mass.map(|mass| format!(", query mass {mass}"));
        let terms = self.query_terms.map(|terms| format!(", ≤ {terms} query terms"));
        [alpha, postings, time, mass, terms].into_iter().flatten().collect()
    }

    pub(super) fn is_exact(self) -> bool {
        self == Self::default()
    }
}

impl IndexRecord {
    pub(super) fn new(path: &Path, index: &Index, flops: f64) -> Self {
        let manifest = index.manifest();
        Self {
            index: path.display().to_string(),
            documents: manifest.documents,
            terms: manifest.terms,
            postings: manifest.postings,
            order: match manifest.order {
                Order::Input => "input",
                Order::Bisection => "bisection",
            }
            .to_owned(),
            codec: Some(index.codec().name().to_owned()),
            bytes: manifest.bytes(),
            pruned: PruningRecord::of(manifest),
            flops,
        }
    }
}

/// A line for each field of an object, none for each element of an array: rows hold arrays with a number a query.
struct ObjectLines(PrettyFormatter<'static>);

impl Formatter for ObjectLines {
    fn begin_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object(writer)
    }

    fn end_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object(writer)
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_object_key(writer, first)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object_value(writer)
    }

    fn end_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object_value(writer)
    }
}
