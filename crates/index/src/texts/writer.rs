//! Writing texts: blocks are gathered until they make a chunk, which is compressed in parallel.

use std::io;
use std::path::Path;

use rayon::prelude::*;
use zstd::bulk::Compressor;
use zstd::dict::EncoderDictionary;

use super::{BLOCK, CHUNK, MAX_DICTIONARY, MAX_TEXT};
use crate::file_summary::FileSummary;
use crate::frame::{FrameWriter, Kind};
use crate::{Error, Result};

/// Levels above this one win less than a hundredth and take twice the time.
const LEVEL: i32 = 6;

/// A chunk shorter than this gains less from a dictionary than the dictionary takes.
const MIN_CHUNK_WITH_DICTIONARY: usize = 256 << 10;

/// A dictionary has at most this share of its chunk.
const DICTIONARY_SHARE: usize = 50;

/// A dictionary is trained on this many times its length.
const SAMPLES: usize = 25;

/// The most that a dictionary learns from one block.
const MAX_SAMPLE: usize = 64 << 10;

/// Writes `texts.bin`: each document's text in docid order.
pub struct TextsWriter {
    file: FrameWriter,
    texts: u32,
    text_bytes: u64,
    block: OpenBlock,
    chunk: OpenChunk,
    tables: Tables,
}

/// The block at hand.
#[derive(Default)]
struct OpenBlock {
    first: u32,
    lengths: Vec<u8>,
    bytes: Vec<u8>,
}

/// The blocks of the chunk at hand, end to end.
#[derive(Default)]
struct OpenChunk {
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

/// What stands behind the chunks.
#[derive(Default)]
struct Tables {
    starts: Vec<u64>,
    first_documents: Vec<u32>,
    /// The first block of each chunk, and the length of its dictionary.
    chunks: Vec<[u32; 2]>,
}

impl TextsWriter {
    /// Starts the file in a folder.
    ///
    /// # Errors
    /// The file exists, or can't be made.
    pub fn create(folder: &Path) -> Result<Self> {
        Ok(Self {
            file: FrameWriter::create(folder, Kind::Texts)?,
            texts: 0,
            text_bytes: 0,
            block: OpenBlock::default(),
            chunk: OpenChunk::default(),
            tables: Tables::default(),
        })
    }

    /// Appends the next document's text; `None` where it has none.
    ///
    /// # Errors
    /// The text has more than 1 GiB, or writing fails.
    pub fn push(&mut self, text: Option<&str>) -> Result<()> {
        let bytes = text.unwrap_or_default().as_bytes();
        if bytes.len() > MAX_TEXT {
            let what = format!("the text of document {} has {} bytes", self.texts, bytes.len());
            return Err(Error::TooLarge { what, limit: MAX_TEXT as u64 });
        }
        let mut length = [0; 10];
        let length = leb128(&mut length, text.map_or(0, |text| text.len() as u64 + 1));
        if self.block.len() > 0 && self.block.len() + length.len() + bytes.len() > BLOCK {
            self.close_block()?;
        }
        self.block.lengths.extend_from_slice(length);
        self.block.bytes.extend_from_slice(bytes);
        self.text_bytes += bytes.len() as u64;
        self.texts += 1;
        Ok(())
    }

    /// Writes the rest of the file, through to the disk.
    ///
    /// # Errors
    /// Writing fails.
    pub fn finish(mut self) -> Result<FileSummary> {
        if self.block.len() > 0 {
            self.close_block()?;
        }
        self.write_chunk()?;
        let Tables { mut starts, first_documents, chunks } = self.tables;
        starts.push(self.file.length());
        for start in starts {
            self.file.write(&start.to_le_bytes())?;
        }
        let counts = [self.texts, first_documents.len() as u32, chunks.len() as u32, 0];
        for number in first_documents.into_iter().chain(chunks.into_iter().flatten()).chain(counts)
        {
            self.file.write(&number.to_le_bytes())?;
        }
        self.file.write(&self.text_bytes.to_le_bytes())?;
        self.file.finish()
    }

    fn close_block(&mut self) -> Result<()> {
        if !self.chunk.ends.is_empty() && self.chunk.bytes.len() + self.block.len() > CHUNK {
            self.write_chunk()?;
        }
        self.tables.first_documents.push(self.block.first);
        self.chunk.bytes.append(&mut self.block.lengths);
        self.chunk.bytes.append(&mut self.block.bytes);
        self.chunk.ends.push(self.chunk.bytes.len());
        self.block.first = self.texts;
        Ok(())
    }

    fn write_chunk(&mut self) -> Result<()> {
        let blocks = self.chunk.blocks();
        if blocks.is_empty() {
            return Ok(());
        }
        let dictionary = dictionary(&blocks, self.chunk.bytes.len());
        let compressed = compress(&blocks, &dictionary).map_err(|error| self.file.fail(error))?;
        let first_block = self.tables.starts.len() as u32;
        self.tables.chunks.push([first_block, dictionary.len() as u32]);
        self.tables.starts.push(self.file.length());
        self.file.write(&dictionary)?;
        for (number, block) in compressed.iter().enumerate() {
            if number > 0 {
                self.tables.starts.push(self.file.length());
            }
            self.file.write(block)?;
        }
        self.chunk.bytes.clear();
        self.chunk.ends.clear();
        Ok(())
    }
}

impl OpenBlock {
    fn len(&self) -> usize {
        self.lengths.len() + self.bytes.len()
    }
}

impl OpenChunk {
    fn blocks(&self) -> Vec<&[u8]> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, &end)| &self.bytes[start..end]).collect()
    }
}

/// A dictionary for the blocks of a chunk of `length` bytes; empty where it would not pay.
fn dictionary(blocks: &[&[u8]], length: usize) -> Vec<u8> {
    if length < MIN_CHUNK_WITH_DICTIONARY {
        return Vec::new();
    }
    let size = MAX_DICTIONARY.min(length / DICTIONARY_SHARE);
    let step = (length / (SAMPLES * size)).max(1);
    let samples = blocks.iter().step_by(step).map(|block| &block[..block.len().min(MAX_SAMPLE)]);
    let sizes: Vec<usize> = samples.clone().map(<[u8]>::len).collect();
    let samples: Vec<u8> = samples.flatten().copied().collect();
    // What can't be trained on, such as too few blocks, is compressed without a dictionary.
    zstd::dict::from_continuous(&samples, &sizes, size).unwrap_or_default()
}

/// Compresses each block by itself.
fn compress(blocks: &[&[u8]], dictionary: &[u8]) -> io::Result<Vec<Vec<u8>>> {
    let prepared = EncoderDictionary::copy(dictionary, LEVEL);
    let compressor = || {
        let mut compressor = if dictionary.is_empty() {
            Compressor::new(LEVEL)?
        } else {
            Compressor::with_prepared_dictionary(&prepared)?
        };
        // A chunk has one dictionary, which its blocks need not name.
        compressor.include_dictid(false)?;
        Ok(compressor)
    };
    let one = |compressor: &mut io::Result<Compressor<'_>>, block: &&[u8]| match compressor {
        Ok(compressor) => compressor.compress(block),
        Err(error) => Err(io::Error::new(error.kind(), error.to_string())),
    };
    blocks.par_iter().map_init(compressor, one).collect()
}

/// A number in seven bits a byte, lowest first.
fn leb128(buffer: &mut [u8; 10], mut number: u64) -> &[u8] {
    let mut length = 0;
    loop {
        buffer[length] = number as u8 & 0x7f | u8::from(number > 0x7f) << 7;
        number >>= 7;
        length += 1;
        if number == 0 {
            return &buffer[..length];
        }
    }
}
