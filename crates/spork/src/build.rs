//! Building an index.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use spork_bm25::{Analyzer, Bm25};
use spork_encoder::Model;
use spork_index::{Order, StoredSchema};
use spork_indexer::{
    EmptyField, Options, Progress, Pruning, Report, Scale, Silent, Source, index_fields,
    index_nothing, index_statistics,
};
use spork_model::{EncodeOptions, EncoderRecord};
use spork_postings::Codec;
use spork_vectors::{ReadOptions, Shard};

use crate::addition::{Addition, build_like};
use crate::document_files::{DocumentFiles, ENCODED_TOGETHER, paths};
use crate::provenance::{check_parts, common_encoder};
use crate::{Error, Result};

/// Starts an index in the folder `output`. What is there, if it is an index, is replaced when the
/// new one is complete.
pub fn build<'p>(output: impl Into<PathBuf>) -> Build<'p> {
    Build {
        output: output.into(),
        options: Options::default(),
        analyzer: Analyzer::english(),
        bm25: Bm25::default(),
        encoder: None,
        like: None,
        allow_mismatch: false,
        progress: &Silent,
    }
}

/// An index to be built; made by [`build`].
pub struct Build<'p> {
    output: PathBuf,
    options: Options,
    analyzer: Analyzer,
    bm25: Bm25,
    /// The encoder that made the vectors, for the record, where files do not say it.
    encoder: Option<EncoderRecord>,
    /// The index whose properties count.
    like: Option<PathBuf>,
    allow_mismatch: bool,
    progress: &'p dyn Progress,
}

impl<'p> Build<'p> {
    /// How text becomes terms in a BM25 index; [`Analyzer::english`] by default. Queries go through
    /// the same one.
    pub fn analyzer(self, analyzer: Analyzer) -> Self {
        Self { analyzer, ..self }
    }

    /// The parameters of BM25; k1 = 0.9 and b = 0.4 by default.
    pub fn bm25(self, bm25: Bm25) -> Self {
        Self { bm25, ..self }
    }

    /// The order of documents; [`Order::Bisection`] takes longer to build, and pays from some
    /// hundred thousand documents on.
    pub fn order(mut self, order: Order) -> Self {
        self.options.order = order;
        self
    }

    /// How posting lists are written; [`Codec::Compact`] is a third smaller and slower to search.
    pub fn codec(mut self, codec: Codec) -> Self {
        self.options.codec = codec;
        self
    }

    /// What is stored of documents beside their postings: columns, texts, forward vectors; nothing
    /// by default.
    pub fn stored(mut self, stored: StoredSchema) -> Self {
        self.options.stored = stored;
        self
    }

    /// Files with the columns and texts of documents, JSONL or `docno<TAB>text`; by default those
    /// of the texts.
    pub fn records(mut self, files: &[impl AsRef<Path>]) -> Self {
        self.options.records = paths(files);
        self
    }

    /// Bytes of memory that building may take; 4 GiB by default.
    pub fn memory(mut self, bytes: u64) -> Self {
        self.options.memory = bytes;
        self
    }

    /// Threads; by default one a core.
    pub fn threads(mut self, threads: usize) -> Self {
        self.options.threads = threads;
        self
    }

    /// The step between impacts of vectors; by default it follows from their weights.
    pub fn scale(mut self, scale: Scale) -> Self {
        self.options.scale = Some(scale);
        self
    }

    /// Which postings of vectors are dropped; by default none.
    pub fn pruning(mut self, pruning: Pruning) -> Self {
        self.options.pruning = pruning;
        self
    }

    /// An index whose properties the new one gets, in place of those that it would find out from
    /// its documents or that are chosen here: scales, calibrations, mean length, analyzer and
    /// parameters of BM25, order, codec, and what is stored. Indexes that are like one can be
    /// [opened together](crate::open_as_one).
    pub fn like(self, index: impl Into<PathBuf>) -> Self {
        Self { like: Some(index.into()), ..self }
    }

    /// The part of the documents that is indexed, by docno: those of the others are passed over.
    pub fn shard(mut self, shard: Shard) -> Self {
        self.options.shard = Some(shard);
        self
    }

    /// Whether vectors of one model may have been computed by different backends, precisions or
    /// instruction levels; the index then records the mixture.
    pub fn allow_mismatch(self, allow_mismatch: bool) -> Self {
        Self { allow_mismatch, ..self }
    }

    /// How files of vectors are read, where they do not say it themselves.
    pub fn reading(mut self, reading: ReadOptions) -> Self {
        self.options.reading = reading;
        self
    }

    /// Whom to tell of steps, and who may end the run.
    pub fn progress(self, progress: &'p dyn Progress) -> Self {
        Self { progress, ..self }
    }

    /// Indexes texts, each with its docno, by BM25.
    ///
    /// # Errors
    /// A docno that is empty, holds white space or comes twice; a folder or a disk that can't be
    /// written.
    pub fn text<D, T>(self, documents: impl IntoIterator<Item = (D, T)>) -> Result<Report>
    where
        D: AsRef<str>,
        T: AsRef<str>,
    {
        let mut files = DocumentFiles::beside(&self.output)?;
        for (docno, text) in documents {
            files.push_text(docno.as_ref(), text.as_ref())?;
        }
        self.documents(files)
    }

    /// Indexes files of texts by BM25: BEIR's `corpus.jsonl` or `docno<TAB>text`, plain, gzip or
    /// zstd.
    ///
    /// # Errors
    /// A bad line, with its place; a folder or a disk that can't be written.
    pub fn text_files(self, files: &[impl AsRef<Path>]) -> Result<Report> {
        self.fields(&[], &paths(files))
    }

    /// Indexes sparse vectors: a docno, and terms with their weights.
    ///
    /// # Errors
    /// A weight that is NaN, infinite or negative; else as [`Build::text`].
    pub fn vectors<D, T, V>(self, documents: impl IntoIterator<Item = (D, V)>) -> Result<Report>
    where
        D: AsRef<str>,
        T: AsRef<str>,
        V: IntoIterator<Item = (T, f32)>,
    {
        let mut files = DocumentFiles::beside(&self.output)?;
        for (docno, vector) in documents {
            files.push_vector(docno.as_ref(), vector)?;
        }
        self.documents(files)
    }

    /// Indexes files of sparse vectors: JSONL `{"id": …, "vector": {"term": weight}}`, `.svec`, or
    /// one of the formats of other engines that docs/formats.md lists. The index records the
    /// encoder that they name.
    ///
    /// # Errors
    /// A bad line, with its place; files of several encoders; a folder or a disk that can't be
    /// written.
    pub fn vector_files(self, files: &[impl AsRef<Path>]) -> Result<Report> {
        self.fields(&paths(files), &[])
    }

    /// A hybrid index of documents: each with its docno, its text and its sparse vector.
    ///
    /// # Errors
    /// As [`Build::text`] and [`Build::vectors`].
    pub fn hybrid<D, T, W, V>(
        self,
        documents: impl IntoIterator<Item = (D, T, V)>,
    ) -> Result<Report>
    where
        D: AsRef<str>,
        T: AsRef<str>,
        W: AsRef<str>,
        V: IntoIterator<Item = (W, f32)>,
    {
        let mut files = DocumentFiles::beside(&self.output)?;
        for (docno, text, vector) in documents {
            files.push_text(docno.as_ref(), text.as_ref())?;
            files.push_vector(docno.as_ref(), vector)?;
        }
        self.documents(files)
    }

    /// A hybrid index of files of sparse vectors and of texts: two fields, joined by docno. A
    /// document may be in either alone.
    ///
    /// # Errors
    /// As [`Build::vector_files`] and [`Build::text_files`].
    pub fn hybrid_files(
        self,
        vectors: &[impl AsRef<Path>],
        texts: &[impl AsRef<Path>],
    ) -> Result<Report> {
        self.fields(&paths(vectors), &paths(texts))
    }

    /// Indexes documents that were gathered from memory: their vectors, and by BM25 their texts
    /// unless [that is not wanted](DocumentFiles::with_bm25).
    ///
    /// # Errors
    /// There is no document; texts that wait to be encoded; else as [`Build::text`] and
    /// [`Build::vectors`].
    pub fn documents(mut self, documents: DocumentFiles) -> Result<Report> {
        let files = documents.complete()?;
        if self.options.records.is_empty() && self.options.stored != StoredSchema::default() {
            self.options.records = files.records();
        }
        self.encoder = files.encoder.clone();
        self.fields(&files.vectors(), &files.bm25_texts())
    }

    /// Makes an index without documents that has fixed what one of these files would, of vectors,
    /// of texts, or both: scales, calibrations, mean length. Shards of the collection are built
    /// [like](Build::like) it.
    ///
    /// # Errors
    /// As [`Build::hybrid_files`].
    pub fn statistics(
        self,
        vectors: &[impl AsRef<Path>],
        texts: &[impl AsRef<Path>],
    ) -> Result<()> {
        let (vectors, texts) = (paths(vectors), paths(texts));
        check_parts(&vectors)?;
        let properties = self.properties(&vectors)?;
        let sources = self.sources(&vectors, &texts, &properties)?;
        index_statistics(&sources, &self.output, &self.options, self.progress)?;
        Ok(())
    }

    /// An index with a field of vectors, of text, or both.
    fn fields(self, vectors: &[PathBuf], texts: &[PathBuf]) -> Result<Report> {
        if let Some(like) = &self.like {
            let Self { encoder, allow_mismatch, .. } = &self;
            let (encoder, allow_mismatch) = (encoder.clone(), *allow_mismatch);
            let addition = Addition { vectors, texts, encoder, update: false, allow_mismatch };
            return build_like(like, &self.output, &addition, &self.options, self.progress);
        }
        let properties = self.properties(vectors)?;
        let sources = self.sources(vectors, texts, &properties)?;
        Ok(index_fields(&sources, &self.output, &self.options, self.progress)?)
    }

    fn sources<'s>(
        &'s self,
        vectors: &'s [PathBuf],
        texts: &'s [PathBuf],
        properties: &'s BTreeMap<String, String>,
    ) -> Result<Vec<Source<'s>>> {
        let mut sources = Vec::new();
        if !vectors.is_empty() {
            sources.push(Source::Vectors { inputs: vectors, properties });
        }
        if !texts.is_empty() {
            let (analyzer, bm25) = (&self.analyzer, self.bm25);
            sources.push(Source::Text { inputs: texts, analyzer, bm25 });
        }
        match sources.is_empty() {
            true => Err(Error::NoDocuments { index: self.output.display().to_string() }),
            false => Ok(sources),
        }
    }

    /// Encodes texts with `model` and indexes their vectors. The index records the model, so that a
    /// search with another one is refused.
    ///
    /// # Errors
    /// The model needs a network and was opened without a backend; else as [`Build::text`].
    pub fn encoded<D, T>(
        self,
        model: &Model,
        documents: impl IntoIterator<Item = (D, T)>,
    ) -> Result<Report>
    where
        D: AsRef<str>,
        T: AsRef<str>,
    {
        let files = encoded(&self.output, model, documents)?;
        self.documents(files)
    }

    /// An index without documents, to which [`change`](crate::change) adds some. Each of `fields`
    /// says what an index that has documents finds out by itself.
    ///
    /// # Errors
    /// A folder or a disk that can't be written.
    pub fn empty(self, fields: &[EmptyField<'_>]) -> Result<()> {
        let fields = fields.iter().map(|field| field.field());
        let fields = fields.collect::<spork_indexer::Result<Vec<_>>>()?;
        index_nothing(fields, &self.output, &self.options)?;
        Ok(())
    }

    /// What the index records of the encoder of these vectors.
    fn properties(&self, vectors: &[impl AsRef<Path>]) -> Result<BTreeMap<String, String>> {
        let record = match &self.encoder {
            Some(record) => Some(record.clone()),
            None => common_encoder(&paths(vectors), self.allow_mismatch)?,
        };
        Ok(record.map(|record| record.property()).into_iter().collect())
    }
}

/// The vectors of texts.
pub(crate) fn encoded<D: AsRef<str>, T: AsRef<str>>(
    index: &Path,
    model: &Model,
    documents: impl IntoIterator<Item = (D, T)>,
) -> Result<DocumentFiles> {
    let mut files = DocumentFiles::beside(index)?;
    let options = EncodeOptions::default();
    for (docno, text) in documents {
        files.queue(docno.as_ref(), text.as_ref());
        if files.queued() == ENCODED_TOGETHER {
            files.encode(model, &options, &mut |_| Ok(()))?;
        }
    }
    files.encode(model, &options, &mut |_| Ok(()))?;
    Ok(files)
}
