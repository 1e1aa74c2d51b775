//! An unfinished file, `NAME.partial`, which is renamed when it is complete and kept when a run is
//! interrupted.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufReader, BufWriter, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use spork_core::kill_point;
use spork_files::PartialFile;

use super::block::Block;
use super::damage::Damage;
use super::digest::TextDigest;
use super::format::BLOCK;
use super::header::Header;
use super::reader::BinaryReader;
use super::writer::BinaryWriter;
use crate::error::{Error, Result};

/// Writes vectors to a file that a later run can resume.
pub struct BinaryFile {
    path: PathBuf,
    writer: BinaryWriter<BufWriter<PartialFile>>,
}

/// The vectors of an earlier run, to be found again in the input of this one.
#[derive(Debug, Default)]
pub struct Resumed {
    /// The ids of the vectors that are kept: those of whole blocks.
    pub ids: Vec<String>,
    /// The digest of the texts of each block.
    pub texts: Vec<TextDigest>,
    /// The damage that ended them, if it was not the end of the file.
    pub damage: Option<Damage>,
}

impl Resumed {
    /// Adds the ids and the digest of a block of `path`.
    fn add(&mut self, path: &Path, block: Block) -> Result<()> {
        let unknown = || Error::TextsUnknown { path: path.to_owned() };
        self.texts.push(block.texts.ok_or_else(unknown)?);
        self.ids.extend(block.vectors.into_iter().map(|vector| vector.id));
        Ok(())
    }
}

impl BinaryFile {
    /// Begins a file.
    ///
    /// # Errors
    /// The file can't be made there, another process is writing it, or an earlier run left a part
    /// of it.
    pub fn create(path: &Path, header: &Header) -> Result<Self> {
        let partial = open(path)?;
        let length =
            partial.file().metadata().map_err(|error| Error::io(partial.path(), error))?.len();
        if length > 0 {
            return Err(Error::Unfinished { path: partial.path().to_owned() });
        }
        Self::begin(path, partial, header)
    }

    /// Begins a file in place of whatever an earlier run left or finished.
    ///
    /// # Errors
    /// The file can't be made there, or another process is writing it.
    pub fn replace(path: &Path, header: &Header) -> Result<Self> {
        Self::begin(path, open(path)?, header)
    }

    /// The vectors of a finished file, which is read to its end.
    ///
    /// # Errors
    /// The file can't be read, is damaged, was made with other settings, or does not say which
    /// texts it was made of.
    pub fn finished(path: &Path, header: &Header) -> Result<Resumed> {
        let mut reader = BinaryReader::open(path)?;
        check_header(path, reader.header(), header)?;
        let mut resumed = Resumed::default();
        while let Some(block) = reader.next_block()? {
            resumed.add(path, block)?;
        }
        Ok(resumed)
    }

    /// The header of the file that an earlier run left unfinished, or else finished; none where
    /// there is neither, or where the run was cut off before it.
    ///
    /// # Errors
    /// The file can't be read, or is no binary vectors file.
    pub fn earlier_header(path: &Path) -> Result<Option<Header>> {
        if !Self::is_begun(path) {
            let finished = path.is_file().then(|| BinaryReader::open(path)).transpose()?;
            return Ok(finished.map(|reader| reader.header().clone()));
        }
        let fail = |error| Error::io(path, error);
        let begun = PartialFile::of(path).map_err(fail)?;
        let file = File::open(&begun).map_err(|error| Error::io(&begun, error))?;
        match BinaryReader::new(&begun, BufReader::new(file)) {
            Ok(reader) => Ok(Some(reader.header().clone())),
            Err(Error::Damaged { damage: Damage::CutShort | Damage::Header { .. }, .. }) => {
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// Gives an unfinished file another header, over the same blocks.
    ///
    /// # Errors
    /// The file can't be read or written, another process is writing it, or it is no binary vectors
    /// file.
    pub fn change_header(path: &Path, header: &Header) -> Result<()> {
        let partial = open(path)?;
        let name = partial.path().to_owned();
        let io = |error| Error::io(&name, error);
        let blocks = BinaryReader::new(&name, BufReader::new(partial.file()))?.position();
        // The new file is renamed over the one that is locked here, so that either is whole.
        let changed = PartialFile::create(&name).map_err(io)?;
        let writer = BinaryWriter::new(BufWriter::new(changed), header).map_err(io)?;
        let mut writer = writer.into_inner();
        let mut file = partial.file();
        file.seek(SeekFrom::Start(blocks)).map_err(io)?;
        std::io::copy(&mut file, &mut writer).map_err(io)?;
        let changed = writer.into_inner().map_err(|error| io(error.into_error()))?;
        changed.persist().map_err(io)
    }

    /// Whether an earlier run left an unfinished part of this file.
    pub fn is_begun(path: &Path) -> bool {
        PartialFile::of(path)
            .is_ok_and(|partial| partial.metadata().is_ok_and(|file| file.len() > 0))
    }

    /// Resumes after the last whole block of an unfinished file, or begins one where there is none.
    ///
    /// # Errors
    /// The file can't be made there, another process is writing it, or an earlier run had other
    /// settings, or did not say which texts it encoded.
    pub fn resume(path: &Path, header: &Header) -> Result<(Self, Resumed)> {
        let partial = open(path)?;
        let name = partial.path().to_owned();
        let io = |error| Error::io(&name, error);
        let mut reader = match BinaryReader::new(&name, BufReader::new(partial.file())) {
            Ok(reader) => reader,
            // Not even a header: cut off at once.
            Err(Error::Damaged { damage: Damage::CutShort | Damage::Header { .. }, .. }) => {
                return Ok((Self::begin(path, partial, header)?, Resumed::default()));
            }
            Err(error) => return Err(error),
        };
        check_header(&name, reader.header(), header)?;
        let mut resumed = Resumed::default();
        let mut terms = HashMap::new();
        let mut end = reader.position();
        loop {
            match reader.next_block() {
                Ok(Some(mut block)) if block.vectors.len() == BLOCK => {
                    for term in std::mem::take(&mut block.new_terms) {
                        let number = terms.len() as u32;
                        terms.insert(term, number);
                    }
                    resumed.add(&name, block)?;
                    end = reader.position();
                }
                // A block that is not full is the last one: it is made again.
                Ok(_) | Err(Error::Damaged { damage: Damage::CutShort, .. }) => break,
                Err(Error::Damaged { damage, .. }) => {
                    resumed.damage = Some(damage);
                    break;
                }
                Err(error) => return Err(error),
            }
        }
        let mut file = partial.file();
        file.set_len(end).map_err(io)?;
        kill_point("svec.tail-cut");
        file.seek(SeekFrom::Start(end)).map_err(io)?;
        let vectors = resumed.ids.len() as u64;
        let writer = BinaryWriter::after(BufWriter::new(partial), header.weights, terms, vectors);
        Ok((Self { path: path.to_owned(), writer }, resumed))
    }

    fn begin(path: &Path, partial: PartialFile, header: &Header) -> Result<Self> {
        let fail = |error| Error::io(path, error);
        let mut file = partial.file();
        file.set_len(0).map_err(fail)?;
        file.seek(SeekFrom::Start(0)).map_err(fail)?;
        let writer = BinaryWriter::new(BufWriter::new(partial), header).map_err(fail)?;
        Ok(Self { path: path.to_owned(), writer })
    }

    /// Adds a vector; see [`BinaryWriter::push`].
    ///
    /// # Errors
    /// A weight that is NaN, infinite or negative, or a file that can't be written, for example
    /// because the disk is full.
    pub fn push<'a>(
        &mut self,
        id: &str,
        weights: impl IntoIterator<Item = (&'a str, f32)>,
    ) -> Result<()> {
        self.writer.push(id, weights).map_err(|error| Error::io(&self.path, error))
    }

    /// Adds the vector that was made of `text`; see [`BinaryWriter::push_encoded`].
    ///
    /// # Errors
    /// As those of [`Self::push`].
    pub fn push_encoded<'a>(
        &mut self,
        id: &str,
        text: &str,
        weights: impl IntoIterator<Item = (&'a str, f32)>,
    ) -> Result<()> {
        let pushed = self.writer.push_encoded(id, text, weights);
        pushed.map_err(|error| Error::io(&self.path, error))
    }

    /// See [`BinaryWriter::begin_copy`].
    pub fn begin_copy(&mut self, texts: Option<TextDigest>, vectors: usize) {
        self.writer.begin_copy(texts, vectors);
    }

    /// Writes the end; the file is synced and takes its name.
    ///
    /// # Errors
    /// The file can't be written, synced or renamed.
    pub fn finish(self) -> Result<()> {
        let fail = |error| Error::io(&self.path, error);
        let buffered = self.writer.finish().map_err(fail)?;
        let partial = buffered.into_inner().map_err(|error| fail(error.into_error()))?;
        partial.persist().map_err(fail)
    }
}

fn open(path: &Path) -> Result<PartialFile> {
    PartialFile::open(path).map_err(|error| Error::io(path, error))
}

fn check_header(path: &Path, got: &Header, expected: &Header) -> Result<()> {
    if got == expected {
        return Ok(());
    }
    let differences = got.differences(expected).join(", ");
    Err(Error::OtherRun { path: path.to_owned(), differences })
}
