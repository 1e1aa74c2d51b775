//! Building an index.

use std::collections::BTreeMap;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use spork_bm25::{Analyzer, Bm25};
use spork_encoder::Model;
use spork_index::Order;
use spork_indexer::{Options, Report, Silent, Source, index_bm25, index_fields};
use spork_model::{EncodeOptions, EncoderRecord, Kind};
use spork_postings::Codec;
use spork_vectors::write_vector_line;
use tempfile::NamedTempFile;

use crate::{Error, Result};

/// Texts that are encoded together.
const ENCODED_TOGETHER: usize = 1024;

/// Starts an index in the folder `output`. What is there, if it is an index, is replaced when the
/// new one is complete.
pub fn build(output: impl Into<PathBuf>) -> Build {
    Build {
        output: output.into(),
        options: Options::default(),
        analyzer: Analyzer::english(),
        bm25: Bm25::default(),
        encoder: BTreeMap::new(),
    }
}

/// An index to be built; made by [`build`].
pub struct Build {
    output: PathBuf,
    options: Options,
    analyzer: Analyzer,
    bm25: Bm25,
    /// The encoder that made the vectors, for the record.
    encoder: BTreeMap<String, String>,
}

impl Build {
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
        let file = Temporary::write(&self.output, |file| {
            let mut documents = documents.into_iter();
            documents.try_for_each(|(docno, text)| write_text(file, docno.as_ref(), text.as_ref()))
        })?;
        self.text_files(&[file.path()])
    }

    /// Indexes files of texts by BM25: BEIR's `corpus.jsonl` or `docno<TAB>text`, plain, gzip or
    /// zstd.
    ///
    /// # Errors
    /// A bad line, with its place; a folder or a disk that can't be written.
    pub fn text_files(self, files: &[impl AsRef<Path>]) -> Result<Report> {
        let report = index_bm25(
            &paths(files),
            &self.output,
            &self.analyzer,
            self.bm25,
            &self.options,
            &Silent,
        );
        Ok(report?)
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
        let file = Temporary::write(&self.output, |file| {
            let mut documents = documents.into_iter();
            documents.try_for_each(|(docno, vector)| write_vector(file, docno.as_ref(), vector))
        })?;
        self.vector_files(&[file.path()])
    }

    /// Indexes files of sparse vectors: JSONL `{"id": …, "vector": {"term": weight}}`, `.svec`, or
    /// one of the formats of other engines that docs/formats.md lists.
    ///
    /// # Errors
    /// A bad line, with its place; a folder or a disk that can't be written.
    pub fn vector_files(self, files: &[impl AsRef<Path>]) -> Result<Report> {
        let source = Source::Vectors { inputs: &paths(files), properties: &self.encoder };
        Ok(index_fields(&[source], &self.output, &self.options, &Silent)?)
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
        let (texts, vectors) = (Temporary::create(&self.output)?, Temporary::create(&self.output)?);
        vectors
            .fill(|vectors| {
                texts.fill(|texts| {
                    documents.into_iter().try_for_each(|(docno, text, vector)| {
                        write_text(texts, docno.as_ref(), text.as_ref())?;
                        write_vector(vectors, docno.as_ref(), vector)
                    })
                })
            })
            .map_err(|source| Error::Temporary { folder: texts.folder.clone(), source })?;
        self.hybrid_files(&[vectors.path()], &[texts.path()])
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
        let (vectors, texts) = (paths(vectors), paths(texts));
        let sources = [
            Source::Vectors { inputs: &vectors, properties: &self.encoder },
            Source::Text { inputs: &texts, analyzer: &self.analyzer, bm25: self.bm25 },
        ];
        Ok(index_fields(&sources, &self.output, &self.options, &Silent)?)
    }

    /// Encodes texts with `model` and indexes their vectors. The index records the model, so that a
    /// search with another one is refused.
    ///
    /// # Errors
    /// The model needs a network and was opened without a backend; else as [`Build::text`].
    pub fn encoded<D, T>(
        mut self,
        model: &Model,
        documents: impl IntoIterator<Item = (D, T)>,
    ) -> Result<Report>
    where
        D: AsRef<str>,
        T: AsRef<str>,
    {
        let options = EncodeOptions::default();
        let identity = model.identity(Kind::Document, &options)?;
        let (docnos, texts): (Vec<D>, Vec<T>) = documents.into_iter().unzip();
        let texts: Vec<&str> = texts.iter().map(AsRef::as_ref).collect();
        let mut vectors = Vec::with_capacity(texts.len());
        for texts in texts.chunks(ENCODED_TOGETHER) {
            vectors.extend(model.encode(Kind::Document, texts, &options)?);
        }
        let record = EncoderRecord::try_from(&identity).map_err(Error::Record)?;
        self.encoder.extend([record.property()]);
        let named = vectors.iter().map(|vector| model.named(vector));
        self.vectors(docnos.into_iter().zip(named))
    }
}

fn write_text(file: &mut impl Write, docno: &str, text: &str) -> std::io::Result<()> {
    serde_json::to_writer(&mut *file, &serde_json::json!({ "_id": docno, "text": text }))?;
    file.write_all(b"\n")
}

fn write_vector<T: AsRef<str>>(
    file: &mut impl Write,
    docno: &str,
    vector: impl IntoIterator<Item = (T, f32)>,
) -> std::io::Result<()> {
    let vector: Vec<(T, f32)> = vector.into_iter().collect();
    let weights = vector.iter().map(|(term, weight)| (term.as_ref(), *weight));
    write_vector_line(file, docno, weights)
}

/// A file in the folder that the index will stand in, for documents that come from memory.
struct Temporary {
    file: NamedTempFile,
    folder: PathBuf,
}

impl Temporary {
    fn create(output: &Path) -> Result<Self> {
        let folder = output.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = folder.unwrap_or(Path::new(".")).to_owned();
        let fail = |source| Error::Temporary { folder: folder.clone(), source };
        std::fs::create_dir_all(&folder).map_err(fail)?;
        let file = tempfile::Builder::new().suffix(".jsonl").tempfile_in(&folder);
        Ok(Self { file: file.map_err(fail)?, folder })
    }

    /// A file with what `write` writes.
    fn write(
        output: &Path,
        write: impl FnOnce(&mut BufWriter<&NamedTempFile>) -> std::io::Result<()>,
    ) -> Result<Self> {
        let file = Self::create(output)?;
        let written = file.fill(write);
        written.map_err(|source| Error::Temporary { folder: file.folder.clone(), source })?;
        Ok(file)
    }

    fn fill(
        &self,
        write: impl FnOnce(&mut BufWriter<&NamedTempFile>) -> std::io::Result<()>,
    ) -> std::io::Result<()> {
        let mut writer = BufWriter::new(&self.file);
        write(&mut writer).and_then(|()| writer.flush())
    }

    fn path(&self) -> &Path {
        self.file.path()
    }
}

fn paths(files: &[impl AsRef<Path>]) -> Vec<PathBuf> {
    files.iter().map(|file| file.as_ref().to_owned()).collect()
}
