//! Documents from memory, as the files that indexing reads.

use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use spork_core::Stopped;
use spork_encoder::{Model, Progress};
use spork_files::{Line, Source, TextFormat, TextLine};
use spork_model::{EncodeOptions, EncoderRecord, Kind};
use spork_vectors::{Format, write_vector_line};
use tempfile::NamedTempFile;

use crate::{Error, Result};

/// Texts that are encoded together.
pub(crate) const ENCODED_TOGETHER: usize = 4096;

/// Documents on their way from memory into an index, in temporary files beside it: there may be
/// more than memory holds. [`Build::documents`](crate::Build::documents) and
/// [`Change::documents`](crate::Change::documents) take them.
///
/// Each document may have a text, a sparse vector, or both, under one docno.
///
/// ```
/// use spork_search::{DocumentFiles, build, open};
///
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("index");
/// let mut documents = DocumentFiles::beside(&path)?;
/// for number in 0..1000 {
///     documents.push_text(&format!("d{number}"), "a fork and a bowl")?;
/// }
/// build(&path).documents(documents)?;
/// assert_eq!(open(&path)?.len(), 1000);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct DocumentFiles {
    folder: PathBuf,
    /// Documents as JSON objects, by whether they have a text.
    texts: Option<Part>,
    others: Option<Part>,
    vectors: Option<Part>,
    /// Files of the caller's, beside those.
    given: GivenFiles,
    encoder: Option<EncoderRecord>,
    /// Whether texts make a field of BM25; else they are stored at most.
    bm25: bool,
    /// Documents whose texts are still to be encoded.
    pending: Vec<(String, String)>,
}

/// Files that the caller has already.
#[derive(Default)]
struct GivenFiles {
    texts: Vec<PathBuf>,
    vectors: Vec<PathBuf>,
}

/// What a file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileOf {
    /// Documents as text.
    Texts,
    /// Sparse vectors.
    Vectors,
}

/// A temporary file that is being written.
struct Part(BufWriter<NamedTempFile>);

/// Documents as complete files.
pub(crate) struct CompleteFiles {
    vectors: Vec<NamedTempFile>,
    texts: Vec<NamedTempFile>,
    others: Vec<NamedTempFile>,
    given: GivenFiles,
    pub(crate) encoder: Option<EncoderRecord>,
    pub(crate) bm25: bool,
}

impl DocumentFiles {
    /// Files in the folder that the index stands in, or is to stand in.
    ///
    /// # Errors
    /// The folder can't be made.
    pub fn beside(index: &Path) -> Result<Self> {
        let folder = index.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = folder.unwrap_or(Path::new(".")).to_owned();
        std::fs::create_dir_all(&folder)
            .map_err(|source| Error::Temporary { folder: folder.clone(), source })?;
        Ok(Self {
            folder,
            texts: None,
            others: None,
            vectors: None,
            given: GivenFiles::default(),
            encoder: None,
            bm25: true,
            pending: Vec::new(),
        })
    }

    /// Whether texts are indexed by BM25, as by default. Otherwise they are encoded or stored only.
    pub fn with_bm25(self, bm25: bool) -> Self {
        Self { bm25, ..self }
    }

    /// Adds a text.
    ///
    /// # Errors
    /// The disk is full.
    pub fn push_text(&mut self, docno: &str, text: &str) -> Result<()> {
        let line = serde_json::json!({ "_id": docno, "text": text }).to_string();
        self.write(File::Texts, line.as_bytes())
    }

    /// Adds a document as a JSON object: `_id`, `title` and `text` as in BEIR's `corpus.jsonl`, and
    /// values of columns. With `text`, it is one that has a text.
    ///
    /// # Errors
    /// It is no such object, or the disk is full.
    pub fn push_json(&mut self, line: &str, text: bool) -> Result<()> {
        let bytes = Line { number: 0, bytes: line.as_bytes() };
        let checked = match text {
            true => TextLine::parse(TextFormat::Json, bytes).map(drop),
            false => TextLine::json_id(bytes).map(drop),
        };
        checked.map_err(|error| Error::Document { error, document: shortened(line) })?;
        self.write(if text { File::Texts } else { File::Others }, line.as_bytes())
    }

    /// Adds a sparse vector.
    ///
    /// # Errors
    /// The disk is full. What is wrong with a weight is told when the index is made.
    pub fn push_vector<T: AsRef<str>>(
        &mut self,
        docno: &str,
        vector: impl IntoIterator<Item = (T, f32)>,
    ) -> Result<()> {
        let vector: Vec<(T, f32)> = vector.into_iter().collect();
        let weights = vector.iter().map(|(term, weight)| (term.as_ref(), *weight));
        let folder = &self.folder;
        let failed = |source| Error::Temporary { folder: folder.clone(), source };
        let part = part(&mut self.vectors, folder)?;
        write_vector_line(&mut part.0, docno, weights).map_err(failed)
    }

    /// Adds a file of texts or of vectors, of any format that indexing reads, and says which of
    /// both it is.
    ///
    /// # Errors
    /// The file can't be read.
    pub fn push_file(&mut self, path: &Path) -> Result<FileOf> {
        let holds = file_of(path)?;
        match holds {
            FileOf::Texts => self.given.texts.push(path.to_owned()),
            FileOf::Vectors => self.given.vectors.push(path.to_owned()),
        }
        Ok(holds)
    }

    /// Encodes the texts of a file, and adds their vectors; as [`encode`](Self::encode).
    ///
    /// # Errors
    /// A bad line, with its place; else as [`encode`](Self::encode).
    pub fn encode_file(
        &mut self,
        path: &Path,
        model: &Model,
        options: &EncodeOptions,
        progress: &mut dyn FnMut(Progress) -> std::result::Result<(), Stopped>,
    ) -> Result<()> {
        let mut source = Source::open(path)?;
        let format = TextFormat::detect(&mut source)?;
        let mut buffer = Vec::new();
        while let Some(line) = source.next_line(&mut buffer)? {
            let number = line.number;
            let text = TextLine::parse(format, line);
            let text =
                text.map_err(|error| spork_files::Error::line(source.path(), number, error))?;
            self.queue(text.id, text.text);
            if self.queued() == ENCODED_TOGETHER {
                self.encode(model, options, progress)?;
            }
        }
        self.encode(model, options, progress)
    }

    /// Adds a text to those that [`encode`](Self::encode) will encode, in the form in which
    /// [`push_json`](Self::push_json) takes it.
    ///
    /// # Errors
    /// It is no such object.
    pub fn queue_json(&mut self, line: &str) -> Result<()> {
        let text = TextLine::parse(TextFormat::Json, Line { number: 0, bytes: line.as_bytes() });
        let text = text.map_err(|error| Error::Document { error, document: shortened(line) })?;
        self.pending.push((text.id.into_owned(), text.text.into_owned()));
        Ok(())
    }

    /// Adds a text to those that [`encode`](Self::encode) will encode.
    pub fn queue(&mut self, docno: impl Into<String>, text: impl Into<String>) {
        self.pending.push((docno.into(), text.into()));
    }

    /// Whether any document has a text.
    pub fn has_text(&self) -> bool {
        self.texts.is_some() || !self.given.texts.is_empty()
    }

    /// Number of texts that wait to be encoded: some thousands are encoded faster together.
    pub fn queued(&self) -> usize {
        self.pending.len()
    }

    /// Encodes the texts that wait, and adds their vectors. `progress` is told of each batch, and
    /// may end the work.
    ///
    /// # Errors
    /// A model of another identity than before; a text that can't be encoded; a full disk; a
    /// request to stop.
    pub fn encode(
        &mut self,
        model: &Model,
        options: &EncodeOptions,
        progress: &mut dyn FnMut(Progress) -> std::result::Result<(), Stopped>,
    ) -> Result<()> {
        let identity = model.identity(Kind::Document, options)?;
        let record = EncoderRecord::try_from(&identity).map_err(Error::Record)?;
        self.encoder = Some(record);
        // Even without a text there is a field of vectors.
        part(&mut self.vectors, &self.folder)?;
        let pending = std::mem::take(&mut self.pending);
        let texts: Vec<&str> = pending.iter().map(|(_, text)| text.as_str()).collect();
        let vectors = model.encode_with_progress(Kind::Document, &texts, options, progress)?;
        for ((docno, _), vector) in pending.iter().zip(&vectors) {
            self.push_vector(docno, model.named(vector))?;
        }
        Ok(())
    }

    fn write(&mut self, file: File, line: &[u8]) -> Result<()> {
        let folder = &self.folder;
        let failed = |source| Error::Temporary { folder: folder.clone(), source };
        let file = match file {
            File::Texts => &mut self.texts,
            File::Others => &mut self.others,
        };
        let part = part(file, folder)?;
        part.0.write_all(line).and_then(|()| part.0.write_all(b"\n")).map_err(failed)
    }

    /// The files, each written to its end.
    pub(crate) fn complete(self) -> Result<CompleteFiles> {
        let complete = |part: Option<Part>| -> Result<Vec<NamedTempFile>> {
            let Some(Part(writer)) = part else { return Ok(Vec::new()) };
            let file = writer.into_inner().map_err(|error| Error::Temporary {
                folder: self.folder.clone(),
                source: error.into_error(),
            })?;
            Ok(vec![file])
        };
        Ok(CompleteFiles {
            vectors: complete(self.vectors)?,
            texts: complete(self.texts)?,
            others: complete(self.others)?,
            given: self.given,
            encoder: self.encoder,
            bm25: self.bm25,
        })
    }
}

impl CompleteFiles {
    /// The files of vectors.
    pub(crate) fn vectors(&self) -> Vec<PathBuf> {
        self.given.vectors.iter().cloned().chain(paths(&self.vectors)).collect()
    }

    /// The files with a field of BM25, if texts make one.
    pub(crate) fn bm25_texts(&self) -> Vec<PathBuf> {
        if self.bm25 { self.texts() } else { Vec::new() }
    }

    /// All files with values of columns and texts to be stored.
    pub(crate) fn records(&self) -> Vec<PathBuf> {
        self.texts().into_iter().chain(paths(&self.others)).collect()
    }

    fn texts(&self) -> Vec<PathBuf> {
        self.given.texts.iter().cloned().chain(paths(&self.texts)).collect()
    }
}

/// What a file holds: JSON objects say it themselves, other formats of vectors by their names.
fn file_of(path: &Path) -> Result<FileOf> {
    let mut source = Source::open(path)?;
    let vectors = if source.peek()? == Some(b'{') {
        let mut buffer = Vec::new();
        let first = source.next_line(&mut buffer)?.map(|line| line.bytes).unwrap_or_default();
        // What is no JSON is told by whoever reads the file.
        let first: serde_json::Value = serde_json::from_slice(first).unwrap_or_default();
        first.get("vector").is_some()
    } else {
        Format::of_name(path).is_some_and(|format| format != Format::AnseriniTopics)
    };
    Ok(if vectors { FileOf::Vectors } else { FileOf::Texts })
}

/// A file of JSON objects.
enum File {
    Texts,
    Others,
}

/// The file, which is made now if it is not there yet.
fn part<'f>(file: &'f mut Option<Part>, folder: &Path) -> Result<&'f mut Part> {
    if file.is_none() {
        let made = tempfile::Builder::new().suffix(".jsonl").tempfile_in(folder);
        let made = made.map_err(|source| Error::Temporary { folder: folder.to_owned(), source })?;
        *file = Some(Part(BufWriter::new(made)));
    }
    // It is there now.
    file.as_mut().ok_or_else(|| Error::Temporary {
        folder: folder.to_owned(),
        source: std::io::ErrorKind::NotFound.into(),
    })
}

/// The beginning of a document, for a message.
fn shortened(line: &str) -> String {
    line.chars().take(80).collect()
}

pub(crate) fn paths(files: &[impl AsRef<Path>]) -> Vec<PathBuf> {
    files.iter().map(|file| file.as_ref().to_owned()).collect()
}
