//! What an index stores of documents beside their postings: columns, texts, forward vectors.

use std::path::Path;

use bincode::{Decode, Encode};

use crate::Result;
use crate::columns::{ColumnSpec, Columns};
use crate::counts::Counts;
use crate::file_summary::FileSummary;
use crate::forward_vectors::ForwardVectors;
use crate::frame::Frame;
use crate::texts::Texts;

/// What is stored, chosen when an index is made.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub struct StoredSchema {
    /// The columns that filters test.
    pub columns: Vec<ColumnSpec>,
    /// Whether texts are stored.
    pub texts: bool,
    /// Whether forward vectors are stored.
    pub vectors: bool,
}

impl StoredSchema {
    /// Whether records of documents are needed: columns or texts.
    pub fn needs_records(&self) -> bool {
        self.texts || !self.columns.is_empty()
    }
}

/// The files of what a segment stores.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub struct StoredSummary {
    /// `columns.bin`.
    pub columns: Option<FileSummary>,
    /// `texts.bin`.
    pub texts: Option<FileSummary>,
    /// `vectors.bin`.
    pub vectors: Option<FileSummary>,
}

impl StoredSummary {
    /// Bytes of all payloads.
    pub fn bytes(&self) -> u64 {
        [self.columns, self.texts, self.vectors].iter().flatten().map(|file| file.length).sum()
    }
}

/// What a segment stores.
#[derive(Debug, Default)]
pub(crate) struct Stored {
    pub(crate) columns: Option<Columns>,
    pub(crate) texts: Option<Texts>,
    pub(crate) vectors: Option<ForwardVectors>,
}

impl Stored {
    /// Opens the files that `schema` says there are, which have to be those of `summary`.
    pub(crate) fn open(
        folder: &Path,
        schema: &StoredSchema,
        summary: &StoredSummary,
        counts: &Counts,
        segment: &Frame,
    ) -> Result<Self> {
        let files = [
            (!schema.columns.is_empty(), summary.columns, "columns.bin"),
            (schema.texts, summary.texts, "texts.bin"),
            (schema.vectors, summary.vectors, "vectors.bin"),
        ];
        if let Some((expected, _, name)) =
            files.iter().find(|(expected, file, _)| *expected != file.is_some())
        {
            let (expected, got) = if *expected { ("a", "no") } else { ("no", "a") };
            return Err(segment.corrupt(0, format!("{expected} {name}"), format!("{got} {name}")));
        }
        let mut stored = Self::default();
        if let Some(file) = summary.columns {
            let columns = Columns::open(folder, counts.documents, &schema.columns)?;
            columns.frame().check_is(file)?;
            stored.columns = Some(columns);
        }
        if let Some(file) = summary.texts {
            let texts = Texts::open(folder, counts.documents)?;
            texts.frame.check_is(file)?;
            stored.texts = Some(texts);
        }
        if let Some(file) = summary.vectors {
            let terms: Vec<u32> = counts.fields.iter().map(|field| field.terms).collect();
            let vectors = ForwardVectors::open(folder, counts.documents, &terms)?;
            vectors.frame.check_is(file)?;
            stored.vectors = Some(vectors);
        }
        Ok(stored)
    }
}
