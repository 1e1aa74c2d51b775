//! Changes of an index: documents added, replaced and deleted, segments merged.

use std::path::{Path, PathBuf};

use spork_encoder::Model;
use spork_filter::Filter;
use spork_index::IndexWriter;
use spork_indexer::{
    DeleteReport, Deleting, MergeReport, Merging, Options, Progress, Report, Silent,
    delete_documents, delete_with, merge_segments,
};
use spork_model::EncoderRecord;
use spork_vectors::{ReadOptions, Shard};

use crate::Result;
use crate::addition::{Addition, add};
use crate::build::encoded;
use crate::document_files::{DocumentFiles, paths};
use crate::filtering::docnos;

/// How often merging is tried in a row: what is merged may make more segments of a size.
const ROUNDS: usize = 16;

/// Starts a change of the index in `folder`. It is one writer's: while another process writes, it
/// is refused, and says who that is. Readers see all of the change or nothing of it, when they are
/// opened or [refreshed](crate::Index::refresh).
///
/// ```
/// use spork_search::{build, change, open};
///
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("index");
/// build(&path).text([("d1", "A fork and a bowl."), ("d2", "An index of forks.")])?;
/// let mut index = open(&path)?;
/// change(&path).text([("d3", "Forks for everyone.")])?;
/// change(&path).update(true).text([("d1", "A spoon and a bowl.")])?;
/// change(&path).delete(["d2"])?;
/// assert_eq!(index.search("fork", 10)?.len(), 2, "as it was when it was opened");
/// assert!(index.refresh()?);
/// assert_eq!(index.search("fork", 10)?[0].docno, "d3");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn change<'p>(folder: impl Into<PathBuf>) -> Change<'p> {
    Change {
        folder: folder.into(),
        options: Options::default(),
        update: false,
        allow_mismatch: false,
        deleting: Deleting::default(),
        merge: true,
        progress: &Silent,
    }
}

/// A change of an index, made by [`change`]. What the index has fixed at its birth (scales,
/// analyzer, BM25's parameters, order, codec) holds for what is added, too.
pub struct Change<'p> {
    folder: PathBuf,
    options: Options,
    update: bool,
    allow_mismatch: bool,
    deleting: Deleting,
    merge: bool,
    progress: &'p dyn Progress,
}

/// What became of a change.
#[derive(Clone, Debug)]
pub struct Changed<R> {
    /// The change itself.
    pub report: R,
    /// The segments that were merged thereafter, if any were due.
    pub merged: Option<MergeReport>,
}

impl<'p> Change<'p> {
    /// Whether documents whose docnos are there are replaced; otherwise they are an error. An
    /// update deletes the document and adds it: of a hybrid index it then has what is given now, in
    /// all fields.
    pub fn update(self, update: bool) -> Self {
        Self { update, ..self }
    }

    /// Whether vectors of the model that the index records may have been computed by another
    /// backend, precision or instruction level; the index then records the mixture.
    pub fn allow_mismatch(self, allow_mismatch: bool) -> Self {
        Self { allow_mismatch, ..self }
    }

    /// Whether docnos to be deleted that are not there are left out; otherwise they are an error.
    pub fn ignore_missing(mut self, ignore_missing: bool) -> Self {
        self.deleting.ignore_missing = ignore_missing;
        self
    }

    /// Whether segments that hold deleted documents are written anew, so that no file of the index
    /// holds them any more.
    pub fn purge(mut self, purge: bool) -> Self {
        self.deleting.purge = purge;
        self
    }

    /// Whether segments are merged afterwards where that is due; they are by default.
    pub fn merge_due(self, merge: bool) -> Self {
        Self { merge, ..self }
    }

    /// Bytes of memory that the change may take; 4 GiB by default.
    pub fn memory(mut self, bytes: u64) -> Self {
        self.options.memory = bytes;
        self
    }

    /// Threads; 0 for one a core, as by default.
    pub fn threads(mut self, threads: usize) -> Self {
        self.options.threads = threads;
        self
    }

    /// Files with the columns and texts of the documents that are added, where the index stores
    /// some; by default those of the texts.
    pub fn records(mut self, files: &[impl AsRef<Path>]) -> Self {
        self.options.records = paths(files);
        self
    }

    /// The shard of the collection that the index is: documents of others are passed over, which
    /// are an error otherwise.
    pub fn shard(mut self, shard: Shard) -> Self {
        self.options.shard = Some(shard);
        self
    }

    /// How files of vectors are read, where they do not say it themselves.
    pub fn reading(mut self, reading: ReadOptions) -> Self {
        self.options.reading = reading;
        self
    }

    /// Whom to tell of steps.
    pub fn progress(self, progress: &'p dyn Progress) -> Self {
        Self { progress, ..self }
    }

    /// Adds texts, each with its docno, to an index with a field of BM25.
    ///
    /// # Errors
    /// A docno that is there and may not be replaced, that is empty, holds white space or comes
    /// twice; an index without such a field, or that another process is writing. The index then is
    /// what it was.
    pub fn text<D, T>(self, documents: impl IntoIterator<Item = (D, T)>) -> Result<Changed<Report>>
    where
        D: AsRef<str>,
        T: AsRef<str>,
    {
        let mut files = DocumentFiles::beside(&self.folder)?;
        for (docno, text) in documents {
            files.push_text(docno.as_ref(), text.as_ref())?;
        }
        self.documents(files)
    }

    /// Adds files of texts, of the formats that [`Build::text_files`](crate::Build::text_files)
    /// reads.
    ///
    /// # Errors
    /// A bad line, with its place; else as [`Change::text`].
    pub fn text_files(self, files: &[impl AsRef<Path>]) -> Result<Changed<Report>> {
        self.add(&[], &paths(files), None)
    }

    /// Adds sparse vectors: a docno, and terms with their weights.
    ///
    /// # Errors
    /// A weight that is NaN, infinite or negative, or that has a fraction where the index keeps
    /// integers; else as [`Change::text`].
    pub fn vectors<D, T, V>(
        self,
        documents: impl IntoIterator<Item = (D, V)>,
    ) -> Result<Changed<Report>>
    where
        D: AsRef<str>,
        T: AsRef<str>,
        V: IntoIterator<Item = (T, f32)>,
    {
        let mut files = DocumentFiles::beside(&self.folder)?;
        for (docno, vector) in documents {
            files.push_vector(docno.as_ref(), vector)?;
        }
        self.documents(files)
    }

    /// Adds files of sparse vectors, of any format that
    /// [`Build::vector_files`](crate::Build::vector_files) reads; term counts (CIFF) to an index
    /// that was made of such.
    ///
    /// # Errors
    /// Another encoder than the index's; else as [`Change::vectors`].
    pub fn vector_files(self, files: &[impl AsRef<Path>]) -> Result<Changed<Report>> {
        self.add(&paths(files), &[], None)
    }

    /// Adds documents with text and vector to a hybrid index.
    ///
    /// # Errors
    /// As [`Change::text`] and [`Change::vectors`].
    pub fn hybrid<D, T, W, V>(
        self,
        documents: impl IntoIterator<Item = (D, T, V)>,
    ) -> Result<Changed<Report>>
    where
        D: AsRef<str>,
        T: AsRef<str>,
        W: AsRef<str>,
        V: IntoIterator<Item = (W, f32)>,
    {
        let mut files = DocumentFiles::beside(&self.folder)?;
        for (docno, text, vector) in documents {
            files.push_text(docno.as_ref(), text.as_ref())?;
            files.push_vector(docno.as_ref(), vector)?;
        }
        self.documents(files)
    }

    /// Adds files of vectors and of texts, joined by docno. There may be none of either.
    ///
    /// # Errors
    /// As [`Change::vector_files`] and [`Change::text_files`].
    pub fn hybrid_files(
        self,
        vectors: &[impl AsRef<Path>],
        texts: &[impl AsRef<Path>],
    ) -> Result<Changed<Report>> {
        self.add(&paths(vectors), &paths(texts), None)
    }

    /// Encodes texts with `model` and adds their vectors.
    ///
    /// # Errors
    /// Another model than the index's; else as [`Change::vectors`].
    pub fn encoded<D, T>(
        self,
        model: &Model,
        documents: impl IntoIterator<Item = (D, T)>,
    ) -> Result<Changed<Report>>
    where
        D: AsRef<str>,
        T: AsRef<str>,
    {
        let files = encoded(&self.folder, model, documents)?;
        self.documents(files)
    }

    /// Adds documents that were gathered from memory. They need what the index has: a vector where
    /// it has a field of vectors, a text where it has one of BM25.
    ///
    /// # Errors
    /// There is no document; else as [`Change::text`] and [`Change::vectors`].
    pub fn documents(mut self, documents: DocumentFiles) -> Result<Changed<Report>> {
        let files = documents.complete()?;
        if self.options.records.is_empty() {
            self.options.records = files.records();
        }
        self.add(&files.vectors(), &files.bm25_texts(), files.encoder.clone())
    }

    fn add(
        self,
        vectors: &[PathBuf],
        texts: &[PathBuf],
        encoder: Option<EncoderRecord>,
    ) -> Result<Changed<Report>> {
        let addition = Addition {
            vectors,
            texts,
            encoder,
            update: self.update,
            allow_mismatch: self.allow_mismatch,
        };
        let report = add(&self.folder, &addition, &self.options, self.progress)?;
        Ok(Changed { report, merged: self.merge_what_is_due() })
    }

    /// Deletes documents by their docnos. A docno that comes twice counts once.
    ///
    /// # Errors
    /// A docno that is not there, unless that is [ignored](Change::ignore_missing); an index that
    /// another process is writing. The index then is what it was.
    pub fn delete<D: AsRef<str>>(
        self,
        docnos: impl IntoIterator<Item = D>,
    ) -> Result<Changed<DeleteReport>> {
        let docnos: Vec<D> = docnos.into_iter().collect();
        let docnos: Vec<&str> = docnos.iter().map(AsRef::as_ref).collect();
        let report =
            delete_documents(&self.folder, &docnos, self.deleting, &self.options, self.progress)?;
        Ok(Changed { report, merged: self.merge_what_is_due() })
    }

    /// Deletes the documents that a filter keeps, such as `year < 2000`.
    ///
    /// # Errors
    /// A filter that can't be read or does not go with the columns, with the character; else as
    /// [`Change::delete`].
    pub fn delete_where(self, filter: &str) -> Result<Changed<DeleteReport>> {
        let filter: Filter = filter.parse()?;
        let writer = IndexWriter::open(&self.folder)?;
        let docnos = writer.current().map_or(Ok(Vec::new()), |index| docnos(&index, &filter))?;
        let report = delete_with(writer, &docnos, self.deleting, &self.options, self.progress)?;
        Ok(Changed { report, merged: self.merge_what_is_due() })
    }

    /// Merges all segments into one, without the deleted documents. Answers stay the same.
    ///
    /// # Errors
    /// An index that another process is writing, or a full disk: it takes as much space again until
    /// it is done. The index then is what it was.
    pub fn merge(self) -> Result<MergeReport> {
        Ok(merge_segments(&self.folder, Merging::All, &self.options, self.progress)?)
    }

    /// Merges the segments that are due to be merged, if any are: what a change does afterwards
    /// unless it is told [not to](Change::merge_due).
    pub fn merge_where_due(self) -> Option<MergeReport> {
        self.merge_what_is_due()
    }

    /// Merges what is due. The change before it stands, whatever becomes of this.
    fn merge_what_is_due(&self) -> Option<MergeReport> {
        let mut all: Option<MergeReport> = None;
        for _ in 0..if self.merge { ROUNDS } else { 0 } {
            match merge_segments(&self.folder, Merging::Due, &self.options, self.progress) {
                Ok(MergeReport { documents: 0, dropped: 0, .. }) => break,
                Ok(merged) => {
                    let before = all.map_or(merged.before, |all| all.before);
                    let earlier = all.unwrap_or_default();
                    all = Some(MergeReport {
                        before,
                        after: merged.after,
                        documents: earlier.documents + merged.documents,
                        dropped: earlier.dropped + merged.dropped,
                    });
                }
                Err(error) => {
                    tracing::warn!("the change is made; merging what is due failed: {error}");
                    break;
                }
            }
        }
        all
    }
}
