//! The tables behind the blocks: where each starts, which documents it has, whose dictionary it
//! takes.

use std::ops::Range;

use spork_core::DocId;

use super::MAX_DICTIONARY;
use crate::Result;
use crate::frame::Frame;
use crate::strings::{read_u32, read_u64};

const FOOTER: u64 = 24;

/// Where the tables are in the payload, and how many entries they have.
#[derive(Debug)]
pub(super) struct Tables {
    pub(super) documents: u32,
    pub(super) blocks: u32,
    pub(super) chunks: u32,
    pub(super) text_bytes: u64,
    starts_at: u64,
    first_documents_at: u64,
    chunks_at: u64,
    footer_at: u64,
}

impl Tables {
    pub(super) fn open(frame: &Frame, documents: u32) -> Result<Self> {
        let length = frame.payload().len() as u64;
        let Some(footer_at) = length.checked_sub(FOOTER) else {
            return Err(frame.corrupt(0, format!("{FOOTER} bytes or more"), length));
        };
        let footer = frame.slice(footer_at, FOOTER)?;
        let [got, blocks, chunks] = [0, 4, 8].map(|at| read_u32(footer, at));
        if got != documents {
            return Err(frame.corrupt(footer_at, format!("{documents} texts"), got));
        }
        if [blocks, chunks].iter().any(|&count| (count == 0) != (documents == 0)) {
            let got = format!("{blocks} blocks and {chunks} chunks");
            return Err(frame.corrupt(footer_at, format!("blocks of {documents} texts"), got));
        }
        let chunks_at = footer_at.checked_sub(8 * u64::from(chunks));
        let first_documents_at = chunks_at.and_then(|at| at.checked_sub(4 * u64::from(blocks)));
        let starts_at = first_documents_at.and_then(|at| at.checked_sub(8 * u64::from(blocks) + 8));
        let (Some(chunks_at), Some(first_documents_at), Some(starts_at)) =
            (chunks_at, first_documents_at, starts_at)
        else {
            let expected = format!("tables of {blocks} blocks and {chunks} chunks");
            return Err(frame.corrupt(footer_at, expected, format!("{footer_at} bytes")));
        };
        let text_bytes = read_u64(footer, 16);
        Ok(Self {
            documents,
            blocks,
            chunks,
            text_bytes,
            starts_at,
            first_documents_at,
            chunks_at,
            footer_at,
        })
    }

    /// The block that has a document.
    pub(super) fn block_of(&self, frame: &Frame, docid: DocId) -> Result<u32> {
        if docid.0 >= self.documents {
            let expected = format!("a docid below {}", self.documents);
            return Err(frame.corrupt(0, expected, docid.0));
        }
        let firsts = frame.slice(self.first_documents_at, 4 * u64::from(self.blocks))?;
        let firsts = firsts.as_chunks().0;
        let after = firsts.partition_point(|&first| u32::from_le_bytes(first) <= docid.0);
        after.checked_sub(1).map(|block| block as u32).ok_or_else(|| {
            frame.corrupt(self.first_documents_at, "a block of document 0", "a later one")
        })
    }

    /// The documents of a block, one at least.
    pub(super) fn documents_of(&self, frame: &Frame, block: u32) -> Result<Range<u32>> {
        let start = self.first_document(frame, block)?;
        let last = block + 1 == self.blocks;
        let end = if last { self.documents } else { self.first_document(frame, block + 1)? };
        if start < end {
            return Ok(start..end);
        }
        let at = self.first_documents_at + 4 * u64::from(block);
        Err(frame.corrupt(at, format!("a document below {end}"), start))
    }

    fn first_document(&self, frame: &Frame, block: u32) -> Result<u32> {
        Ok(read_u32(frame.slice(self.first_documents_at + 4 * u64::from(block), 4)?, 0))
    }

    /// The bytes of a block, where they are, and its chunk.
    pub(super) fn compressed<'f>(
        &self,
        frame: &'f Frame,
        block: u32,
    ) -> Result<(&'f [u8], u64, usize)> {
        let chunks = frame.slice(self.chunks_at, 8 * u64::from(self.chunks))?.as_chunks::<8>().0;
        let after = chunks.partition_point(|entry| read_u32(entry, 0) <= block);
        let Some(chunk) = after.checked_sub(1) else {
            return Err(frame.corrupt(self.chunks_at, "a chunk of block 0", "a later one"));
        };
        let (first, dictionary) = self.chunk(frame, chunk)?;
        let at = self.starts_at + 8 * u64::from(block);
        let ends = frame.slice(at, 16)?;
        let (start, end) = (read_u64(ends, 0), read_u64(ends, 8));
        let skipped = if first == block { u64::from(dictionary) } else { 0 };
        let start = start.saturating_add(skipped);
        match end.checked_sub(start) {
            Some(length) if end <= self.starts_at => {
                Ok((frame.slice(start, length)?, start, chunk))
            }
            _ => Err(frame.corrupt(at, "ascending starts of blocks", end)),
        }
    }

    /// The dictionary of a chunk, empty where it has none, and where it is.
    pub(super) fn dictionary<'f>(&self, frame: &'f Frame, chunk: usize) -> Result<(&'f [u8], u64)> {
        let (first, length) = self.chunk(frame, chunk)?;
        if length as usize > MAX_DICTIONARY {
            let expected = format!("a dictionary of at most {MAX_DICTIONARY} bytes");
            return Err(frame.corrupt(self.chunks_at + 8 * chunk as u64 + 4, expected, length));
        }
        let start = read_u64(frame.slice(self.starts_at + 8 * u64::from(first), 8)?, 0);
        Ok((frame.slice(start, u64::from(length))?, start))
    }

    /// The first block of a chunk, and the length of its dictionary.
    fn chunk(&self, frame: &Frame, chunk: usize) -> Result<(u32, u32)> {
        let entry = frame.slice(self.chunks_at + 8 * chunk as u64, 8)?;
        Ok((read_u32(entry, 0), read_u32(entry, 4)))
    }

    /// Checks that chunks, and the first and last block, are where they should be; reading all
    /// blocks checks what is between.
    pub(super) fn verify(&self, frame: &Frame) -> Result<()> {
        let mut next = 0;
        for chunk in 0..self.chunks as usize {
            let (first, _) = self.chunk(frame, chunk)?;
            if first < next || first >= self.blocks || (chunk == 0) != (first == 0) {
                let at = self.chunks_at + 8 * chunk as u64;
                return Err(frame.corrupt(at, "chunks from block 0 on, ascending", first));
            }
            next = first + 1;
        }
        if self.blocks > 0 {
            self.verify_first_document(frame)?;
        }
        let starts = frame.slice(self.starts_at, 8 * u64::from(self.blocks) + 8)?;
        for (block, expected) in [(0, 0), (u64::from(self.blocks), self.starts_at)] {
            let got = read_u64(starts, 8 * block as usize);
            if got != expected {
                return Err(frame.corrupt(self.starts_at + 8 * block, expected, got));
            }
        }
        let zeros = read_u32(frame.slice(self.footer_at, FOOTER)?, 12);
        if zeros != 0 {
            return Err(frame.corrupt(self.footer_at + 12, "zeros", zeros));
        }
        Ok(())
    }

    fn verify_first_document(&self, frame: &Frame) -> Result<()> {
        match self.first_document(frame, 0)? {
            0 => Ok(()),
            later => Err(frame.corrupt(self.first_documents_at, "a block of document 0", later)),
        }
    }

    /// Checks the number of bytes that all texts are said to have.
    pub(super) fn verify_text_bytes(&self, frame: &Frame, got: u64) -> Result<()> {
        if got == self.text_bytes {
            return Ok(());
        }
        let expected = format!("{got} bytes of text");
        Err(frame.corrupt(self.footer_at + 16, expected, self.text_bytes))
    }
}
