//! A benchmark as JSON, written by `spork bench --json` and read by `spork bench report`.

use std::io::{self, Write};
use std::path::Path;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::ser::{Formatter, PrettyFormatter, Serializer};
use spork_index::{Field, FieldCounts, Index};
use spork_searcher::{Limits, Query, QueryPruning};

use super::measurement::Measurement;
use crate::error::{Error, Result};
use crate::flops::{expected_flops, field_flops};
use crate::index_statistics::bytes_per_posting;
use crate::machine::Machine;
use crate::pruning_record::PruningRecord;

/// All of a benchmark: machine, command line, indexes, and a row for each combination that was
/// measured. Optional fields are missing in results of older programs.
#[derive(Debug, Serialize, Deserialize)]
pub struct Benchmark {
    /// Name and version.
    pub(crate) program: String,
    /// The command line, without the program.
    pub(crate) command: Vec<String>,
    pub(crate) machine: Machine,
    /// The file of query vectors.
    pub(crate) vectors: String,
    pub(crate) queries: usize,
    pub(crate) repetitions: usize,
    #[serde(default)]
    pub(crate) limits: LimitRecord,
    /// The index whose exact answers recall is of; none for the one that is searched.
    #[serde(default)]
    pub(crate) reference: Option<String>,
    pub(crate) indexes: Vec<IndexRecord>,
    pub(crate) rows: Vec<Measurement>,
}

/// Where searches were allowed to fall short of the exact answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct LimitRecord {
    alpha: Option<f32>,
    max_postings: Option<u64>,
    max_time_ms: Option<f64>,
    query_mass: Option<f64>,
    query_terms: Option<usize>,
}

/// An index that was searched.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct IndexRecord {
    pub(crate) index: String,
    pub(crate) documents: u32,
    pub(crate) terms: u32,
    pub(crate) postings: u64,
    pub(crate) order: String,
    /// How posting lists are written; unknown in results of older programs.
    #[serde(default)]
    pub(crate) codec: Option<String>,
    /// Posting lists, lexicon and document names.
    pub(crate) bytes: u64,
    /// Bytes of posting lists and lexicon, a posting.
    #[serde(default)]
    pub(crate) bytes_per_posting: Option<f64>,
    /// How it was pruned: answers are exact with respect to what is left.
    #[serde(default)]
    pub(crate) pruned: Option<PruningRecord>,
    /// Expected terms in common of a query and a document.
    pub(crate) flops: f64,
    /// Its impact sources; none in results of older programs.
    #[serde(default)]
    pub(crate) fields: Vec<FieldRecord>,
}

/// A field of an index that was searched.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct FieldRecord {
    name: String,
    terms: u32,
    postings: u64,
    /// Expected terms of the field in common of a query and a document.
    flops: f64,
}

impl Benchmark {
    /// Reads the JSON that [`write_json`](Self::write_json) has written.
    ///
    /// # Errors
    /// The file can't be read, is no such JSON, or a row is about an index that it does not
    /// describe.
    pub fn read(path: &Path) -> Result<Self> {
        let text = std::fs::read(path).map_err(|error| Error::io(path, error))?;
        let benchmark: Self = serde_json::from_slice(&text)
            .map_err(|source| Error::NotABenchmark { path: path.to_owned(), source })?;
        match benchmark.rows.iter().find(|row| benchmark.index(row).is_none()) {
            Some(row) => {
                Err(Error::UnknownIndex { path: path.to_owned(), index: row.index.clone() })
            }
            None => Ok(benchmark),
        }
    }

    /// The index that a row measures.
    pub(crate) fn index(&self, row: &Measurement) -> Option<&IndexRecord> {
        self.indexes.iter().find(|index| index.index == row.index)
    }

    /// Writes it all as JSON.
    ///
    /// # Errors
    /// `output` can't be written.
    pub fn write_json(&self, output: &mut impl Write) -> io::Result<()> {
        let formatter = ObjectLines(PrettyFormatter::new());
        self.serialize(&mut Serializer::with_formatter(&mut *output, formatter))?;
        writeln!(output)
    }
}

impl LimitRecord {
    pub(super) fn new(limits: Limits, pruning: QueryPruning) -> Self {
        let none = QueryPruning::default();
        Self {
            alpha: (limits.alpha < 1.0).then_some(limits.alpha),
            max_postings: (limits.postings < u64::MAX).then_some(limits.postings),
            max_time_ms: (limits.time < Duration::MAX).then(|| limits.time.as_nanos() as f64 / 1e6),
            query_mass: (pruning.mass < none.mass).then_some(pruning.mass),
            query_terms: (pruning.terms < none.terms).then_some(pruning.terms),
        }
    }
}

#[cfg(feature = "plot")]
impl LimitRecord {
    /// Such as `α 0.9`, each after a comma; empty where there are none.
    pub(crate) fn label(self) -> String {
        let alpha = self.alpha.map(|alpha| format!(", α {alpha}"));
        let postings = self.max_postings.map(|postings| format!(", ≤ {postings} postings"));
        let time = self.max_time_ms.map(|ms| format!(", ≤ {ms} ms"));
        let mass = self.query_mass.map(|mass| format!(", query mass {mass}"));
        let terms = self.query_terms.map(|terms| format!(", ≤ {terms} query terms"));
        [alpha, postings, time, mass, terms].into_iter().flatten().collect()
    }

    pub(crate) fn is_exact(self) -> bool {
        self == Self::default()
    }
}

impl IndexRecord {
    pub(super) fn new(path: &Path, index: &Index, queries: &[Query]) -> Result<Self> {
        let (manifest, counts) = (index.manifest(), index.counts());
        let field = |((field, counts), flops): ((&Field, &FieldCounts), f64)| FieldRecord {
            name: field.name.clone(),
            terms: counts.terms,
            postings: counts.postings,
            flops,
        };
        let fields = manifest.fields.iter().zip(&counts.fields);
        let fields = fields.zip(field_flops(index, queries)).map(field).collect();
        Ok(Self {
            index: path.display().to_string(),
            documents: counts.documents,
            terms: counts.terms(),
            postings: counts.postings(),
            order: manifest.order.name().to_owned(),
            codec: Some(manifest.codec().name().to_owned()),
            bytes: index.bytes(),
            bytes_per_posting: Some(bytes_per_posting(index)),
            pruned: PruningRecord::of(manifest),
            flops: expected_flops(index, queries),
            fields,
        })
    }
}

/// A line for each field of an object, none for each element of an array: rows hold arrays with a
/// number a query.
struct ObjectLines(PrettyFormatter<'static>);

impl Formatter for ObjectLines {
    fn begin_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object(writer)
    }

    fn end_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object(writer)
    }

    fn begin_object_key<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        first: bool,
    ) -> io::Result<()> {
        self.0.begin_object_key(writer, first)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object_value(writer)
    }

    fn end_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object_value(writer)
    }
}
