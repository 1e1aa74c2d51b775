//! Errors of an indexing run.

use std::path::PathBuf;

/// An error of building an index.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The input can't be read, or a line of it is wrong.
    #[error(transparent)]
    Input(#[from] spork_files::Error),
    /// A binary vectors file that can't be read.
    #[error(transparent)]
    Vectors(#[from] spork_vectors::Error),
    /// The index can't be written.
    #[error(transparent)]
    Index(#[from] spork_index::Error),
    /// The run was asked to stop.
    #[error(transparent)]
    Stopped(#[from] spork_core::Stopped),
    /// The analyzer can't be used.
    #[error(transparent)]
    Analyzer(#[from] spork_bm25::AnalyzerError),
    /// A document id that appears twice.
    #[error(
        "{path}:{line}: docno {docno:?} is already that of document {earlier} of {earlier_path}; \
         remove one of the two, docnos are unique",
        path = path.display(),
        earlier_path = earlier_path.display()
    )]
    DuplicateDocno {
        /// The file of the second occurrence.
        path: PathBuf,
        /// Its line.
        line: u64,
        /// The id.
        docno: String,
        /// The file that had it first.
        earlier_path: PathBuf,
        /// Which document of that file, from 1.
        earlier: u32,
    },
    /// A document that the index has already.
    #[error(
        "{path}:{line}: the index has a document {docno:?} already; --update replaces it",
        path = path.display()
    )]
    DocnoExists {
        /// The file.
        path: PathBuf,
        /// Its line.
        line: u64,
        /// The id.
        docno: String,
    },
    /// Term counts among weights.
    #[error(
        "{path}: its numbers are term counts, and other input holds weights; index them apart, or \
         say --values impacts if they are weights",
        path = path.display()
    )]
    Counts {
        /// The CIFF file.
        path: PathBuf,
    },
    /// Weights in place of term counts.
    #[error(
        "{path} holds weights, not term counts for BM25; only CIFF files hold term counts (say \
         --values counts if its numbers are)",
        path = path.display()
    )]
    NoCounts {
        /// The file.
        path: PathBuf,
    },
    /// A second record of a document.
    #[error(
        "{path}:{line}: {docno:?} already has a record, in line {earlier_line} of {earlier_path}; \
         remove one of the two",
        path = path.display(),
        earlier_path = earlier_path.display()
    )]
    DuplicateRecord {
        /// The file of the second record.
        path: PathBuf,
        /// Its line.
        line: u64,
        /// The document.
        docno: String,
        /// The file of the first.
        earlier_path: PathBuf,
        /// Its line.
        earlier_line: u64,
    },
    /// Records of other documents.
    #[error(
        "no record belongs to a document of the index: the first is {docno:?} ({path}:{line}); give \
         the records of the collection that was indexed",
        path = path.display()
    )]
    NoRecordFits {
        /// The file of the first record.
        path: PathBuf,
        /// Its line.
        line: u64,
        /// Its docno.
        docno: String,
    },
    /// Columns asked of a file that has none.
    #[error(
        "{path}: columns are read from JSON, one object a line, and this is id<TAB>text; convert \
         it, or leave out --columns",
        path = path.display()
    )]
    NoColumns {
        /// The file.
        path: PathBuf,
    },
    /// An integer weight beyond what a posting holds.
    #[error(
        "{path}:{line}: the weight {weight} of term {term:?} of {docno:?} is beyond 65535, the \
         largest integer impact; scale all weights down, or write them as fractions to have them \
         quantized",
        path = path.display()
    )]
    WeightTooLarge {
        /// The file.
        path: PathBuf,
        /// The line.
        line: u64,
        /// The document.
        docno: String,
        /// The term.
        term: String,
        /// Its weight.
        weight: f32,
    },
    /// A weight with a fraction for an index of integers.
    #[error(
        "{path}:{line}: the weight {weight} of term {term:?} of {docno:?} has a fraction, and the \
         index keeps integers as they are; add integers, or build the index again with --scale",
        path = path.display()
    )]
    Fraction {
        /// The file.
        path: PathBuf,
        /// The line.
        line: u64,
        /// The document.
        docno: String,
        /// The term.
        term: String,
        /// Its weight.
        weight: f32,
    },
    /// Documents for a field that the index lacks.
    #[error("{index}: the index has no field for {what}; it has {fields}", index = index.display())]
    NoField {
        /// The index.
        index: PathBuf,
        /// The kind of input.
        what: &'static str,
        /// The names of its fields.
        fields: String,
    },
    /// Documents for an index whose postings were pruned.
    #[error(
        "{index}: the index was pruned, which depends on all of its documents; build it again with \
         the new ones, or without pruning",
        index = index.display()
    )]
    Pruned {
        /// The index.
        index: PathBuf,
    },
    /// A document of another shard of the collection.
    #[error(
        "{path}:{line}: {docno:?} belongs to another shard than {shard}, which the index is; \
         --shard {shard} adds those of the input that are its own",
        path = path.display()
    )]
    OtherShard {
        /// The file.
        path: PathBuf,
        /// The line.
        line: u64,
        /// The document.
        docno: String,
        /// The index's own.
        shard: spork_vectors::Shard,
    },
    /// Another shard than an index is.
    #[error(
        "{index}: the index is shard {has} of its collection, not {given}",
        index = index.display(),
        has = if has.is_empty() { "no" } else { has }
    )]
    NotThatShard {
        /// The index.
        index: PathBuf,
        /// The shard that it records; empty if it is none.
        has: String,
        /// The one that was given.
        given: spork_vectors::Shard,
    },
    /// Documents to be deleted that are not there.
    #[error(
        "{index}: no document {docno:?}{more}; --ignore-missing deletes those that are there",
        index = index.display(),
        more = if *missing > 1 { format!(" and {} others", missing - 1) } else { String::new() }
    )]
    NoSuchDocno {
        /// The index.
        index: PathBuf,
        /// The first of them.
        docno: String,
        /// How many there are.
        missing: usize,
    },
    /// Columns or texts to be stored, and nothing that holds them.
    #[error(
        "the index stores columns or texts, and no input has them; name the documents' records with \
         --records"
    )]
    NoRecords,
    /// Nothing to index.
    #[error("no document in {0}; expected one per line")]
    NoDocuments(String),
    /// More documents or terms than ids.
    #[error("more than 4,294,967,295 {0}; split the collection into several indexes")]
    TooMany(&'static str),
    /// The memory bound is too low for this collection.
    #[error(
        "--memory is {bound}M; what has been read of this collection needs at least {needed}M; \
         raise it"
    )]
    Memory {
        /// The bound in units of 2²⁰ bytes.
        bound: u64,
        /// The bound that would suffice, in the same units.
        needed: u64,
    },
    /// The temporary forward file.
    #[error("temporary file in {folder}: {source}", folder = folder.display())]
    Temporary {
        /// The folder.
        folder: PathBuf,
        /// The system's error; a full disk shows here.
        source: std::io::Error,
    },
}

/// Result with this crate's error.
pub type Result<T> = std::result::Result<T, Error>;
