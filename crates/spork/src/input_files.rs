//! Documents from memory, as the files that indexing reads.

use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use spork_encoder::Model;
use spork_model::{EncodeOptions, EncoderRecord, Kind};
use spork_vectors::write_vector_line;
use tempfile::NamedTempFile;

use crate::{Error, Result};

/// Texts that are encoded together.
const ENCODED_TOGETHER: usize = 1024;

/// Texts encoded with `model` as a file of vectors, and the record of their encoder.
pub(crate) fn encode_texts<D: AsRef<str>, T: AsRef<str>>(
    index: &Path,
    model: &Model,
    documents: impl IntoIterator<Item = (D, T)>,
) -> Result<(Temporary, EncoderRecord)> {
    let options = EncodeOptions::default();
    let identity = model.identity(Kind::Document, &options)?;
    let (docnos, texts): (Vec<D>, Vec<T>) = documents.into_iter().unzip();
    let texts: Vec<&str> = texts.iter().map(AsRef::as_ref).collect();
    let mut vectors = Vec::with_capacity(texts.len());
    for texts in texts.chunks(ENCODED_TOGETHER) {
        vectors.extend(model.encode(Kind::Document, texts, &options)?);
    }
    let record = EncoderRecord::try_from(&identity).map_err(Error::Record)?;
    let named = vectors.iter().map(|vector| model.named(vector));
    Ok((Temporary::vectors(index, docnos.into_iter().zip(named))?, record))
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

/// Files of documents that come from memory, in the folder that the index stands in.
pub(crate) struct Temporary {
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

    /// A file of texts.
    pub(crate) fn texts<D: AsRef<str>, T: AsRef<str>>(
        index: &Path,
        documents: impl IntoIterator<Item = (D, T)>,
    ) -> Result<Self> {
        Self::write(index, |file| {
            let mut documents = documents.into_iter();
            documents.try_for_each(|(docno, text)| write_text(file, docno.as_ref(), text.as_ref()))
        })
    }

    /// A file of sparse vectors.
    pub(crate) fn vectors<D: AsRef<str>, T: AsRef<str>, V: IntoIterator<Item = (T, f32)>>(
        index: &Path,
        documents: impl IntoIterator<Item = (D, V)>,
    ) -> Result<Self> {
        Self::write(index, |file| {
            let mut documents = documents.into_iter();
            documents.try_for_each(|(docno, vector)| write_vector(file, docno.as_ref(), vector))
        })
    }

    /// A file of vectors and one of texts.
    pub(crate) fn both<D, T, W, V>(
        index: &Path,
        documents: impl IntoIterator<Item = (D, T, V)>,
    ) -> Result<[Self; 2]>
    where
        D: AsRef<str>,
        T: AsRef<str>,
        W: AsRef<str>,
        V: IntoIterator<Item = (W, f32)>,
    {
        let (texts, vectors) = (Self::create(index)?, Self::create(index)?);
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
        Ok([vectors, texts])
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

    pub(crate) fn path(&self) -> &Path {
        self.file.path()
    }
}

pub(crate) fn paths(files: &[impl AsRef<Path>]) -> Vec<PathBuf> {
    files.iter().map(|file| file.as_ref().to_owned()).collect()
}
