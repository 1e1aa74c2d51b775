//! What `--json` holds.

use std::io::{self, Write};
use std::path::Path;

use anyhow::Result;
use serde::{Deserialize, Serialize};
use serde_json::ser::{Formatter, PrettyFormatter, Serializer};
use spork_index::{Index, Order};

use super::machine::Machine;
use super::row::Row;
use crate::args::{BenchArgs, LimitArgs};

/// All of a benchmark.
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
    pub(super) indexes: Vec<IndexRecord>,
    pub(super) rows: Vec<Row>,
}

/// Where searches were allowed to stop short of the exact answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct LimitRecord {
    alpha: Option<f32>,
    max_postings: Option<u64>,
    max_time_ms: Option<f64>,
}

/// An index that was searched.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct IndexRecord {
    pub(super) index: String,
    pub(super) documents: u32,
    pub(super) terms: u32,
    pub(super) postings: u64,
    pub(super) order: String,
    pub(super) bytes: u64,
    /// Expected terms in common of a query and a document.
    pub(super) flops: f64,
}

impl Benchmark {
    pub(super) fn new(args: &BenchArgs, queries: usize) -> Self {
        Self {
            program: concat!("spork ", env!("CARGO_PKG_VERSION")).to_owned(),
            command: std::env::args().skip(1).collect(),
            machine: Machine::this(),
            vectors: args.vectors.display().to_string(),
            queries,
            repetitions: args.repetitions.get(),
            limits: LimitRecord::new(args.limits),
            indexes: Vec::new(),
            rows: Vec::new(),
        }
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
    fn new(args: LimitArgs) -> Self {
        Self {
            alpha: (args.alpha < 1.0).then_some(args.alpha),
            max_postings: args.max_postings,
            max_time_ms: args.max_time,
        }
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
            bytes: manifest.bytes(),
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
