//! Bytes to vectors.

use std::collections::HashMap;
use std::io::{BufRead, Read};
use std::path::{Path, PathBuf};

use spork_files::Source;

use super::block::Block;
use super::damage::Damage;
use super::format::{MAGIC, VERSION};
use super::frame::{self, FrameKind};
use super::header::Header;
use crate::error::{Error, Result};

/// Whether what follows in `source` is a file of this format, compressed once more or not; consumes
/// nothing.
///
/// # Errors
/// The source can't be read.
pub fn is_binary(source: &mut Source) -> spork_files::Result<bool> {
    source.starts_with(&MAGIC)
}

/// Reads a file from its start, block by block.
pub struct BinaryReader<R> {
    path: PathBuf,
    reader: R,
    header: Header,
    terms: HashMap<String, u32>,
    vectors: u64,
    /// Bytes up to the end of the last block.
    position: u64,
    ended: bool,
}

impl BinaryReader<Box<dyn BufRead + Send>> {
    /// Opens a file that may be compressed once more, or standard input for `-`.
    ///
    /// # Errors
    /// The file can't be read, or is no binary vectors file.
    pub fn open(path: &Path) -> Result<Self> {
        Self::from_source(Source::open(path)?)
    }

    /// Reads from a source whose start is not consumed.
    ///
    /// # Errors
    /// The source can't be read, or is no binary vectors file.
    pub fn from_source(source: Source) -> Result<Self> {
        let (path, reader) = source.into_parts();
        Self::new(&path, reader)
    }
}

impl<R: Read> BinaryReader<R> {
    /// Reads the header. `path` is the file's name in errors.
    ///
    /// # Errors
    /// `reader` can't be read, or does not start with a header of this format.
    pub fn new(path: &Path, mut reader: R) -> Result<Self> {
        let io = |error| Error::io(path, error);
        let damaged = |damage| Error::Damaged { path: path.to_owned(), position: 0, damage };
        let mut start = Vec::new();
        (&mut reader).take(MAGIC.len() as u64 + 2).read_to_end(&mut start).map_err(io)?;
        let expected = [MAGIC.as_slice(), &VERSION.to_le_bytes()].concat();
        if start != expected {
            return Err(damaged(Damage::Header { got: start.escape_ascii().to_string() }));
        }
        let frame = frame::read(&mut reader).map_err(io)?.map_err(damaged)?;
        if frame.kind != FrameKind::Header {
            return Err(damaged(Damage::Content("is no header, which comes first".to_owned())));
        }
        let header = serde_json::from_slice(&frame.content)
            .map_err(|error| damaged(Damage::Content(format!("is no header: {error}"))))?;
        let position = expected.len() as u64 + frame.length;
        Ok(Self {
            path: path.to_owned(),
            reader,
            header,
            terms: HashMap::new(),
            vectors: 0,
            position,
            ended: false,
        })
    }

    /// The name of the file in errors.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The header of the file.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// Bytes up to the end of the block read last.
    pub(super) fn position(&self) -> u64 {
        self.position
    }

    /// The next block; none after the end mark.
    ///
    /// # Errors
    /// The file can't be read, or the block is damaged.
    pub fn next_block(&mut self) -> Result<Option<Block>> {
        if self.ended {
            return Ok(None);
        }
        let frame = frame::read(&mut self.reader).map_err(|error| Error::io(&self.path, error))?;
        let read = frame.and_then(|frame| {
            let block = self.block(frame.kind, &frame.content)?;
            self.position += frame.length;
            Ok(block.map(|block| Block { texts: frame.texts, ..block }))
        });
        read.map_err(|damage| Error::Damaged {
            path: self.path.clone(),
            position: self.position,
            damage,
        })
    }

    fn block(
        &mut self,
        kind: FrameKind,
        content: &[u8],
    ) -> std::result::Result<Option<Block>, Damage> {
        match kind {
            FrameKind::Header => Err(Damage::Content("is a second header".to_owned())),
            FrameKind::End if content != self.vectors.to_le_bytes() => {
                Err(Damage::Content(format!("is an end mark, but not of {} vectors", self.vectors)))
            }
            FrameKind::End => {
                self.ended = true;
                Ok(None)
            }
            FrameKind::Block => {
                let block = Block::decode(content, self.header.weights, self.terms.len() as u32)?;
                for term in &block.new_terms {
                    let number = self.terms.len() as u32;
                    if self.terms.insert(term.clone(), number).is_some() {
                        return Err(Damage::Content(format!(
                            "adds the term {term:?}, which is known already"
                        )));
                    }
                }
                self.vectors += block.vectors.len() as u64;
                Ok(Some(block))
            }
        }
    }
}
