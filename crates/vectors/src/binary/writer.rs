//! Vectors to bytes.

use std::collections::HashMap;
use std::io::{self, Write};

use spork_core::{SparseVector, TermId, kill_point};

use super::block::{Block, NumberedVector};
use super::format::{BLOCK, MAGIC, VERSION};
use super::frame::{self, FrameKind};
use super::header::{Header, WeightFormat};

/// Writes vectors as blocks. A block is written when it is full; [`finish`](Self::finish) writes
/// the last one and the end mark.
pub struct BinaryWriter<W: Write> {
    writer: W,
    format: WeightFormat,
    terms: HashMap<String, u32>,
    block: Block,
    vectors: u64,
}

impl<W: Write> BinaryWriter<W> {
    /// Writes the header.
    ///
    /// # Errors
    /// `writer` can't be written.
    pub fn new(mut writer: W, header: &Header) -> io::Result<Self> {
        writer.write_all(&MAGIC)?;
        writer.write_all(&VERSION.to_le_bytes())?;
        frame::write(&mut writer, FrameKind::Header, &serde_json::to_vec(header)?)?;
        Ok(Self::after(writer, header.weights, HashMap::new(), 0))
    }

    /// A writer that continues after `vectors` vectors in whole blocks, over these terms.
    pub(super) fn after(
        writer: W,
        format: WeightFormat,
        terms: HashMap<String, u32>,
        vectors: u64,
    ) -> Self {
        Self { writer, format, terms, block: Block::default(), vectors }
    }

    /// Adds a vector. Zero weights are left out.
    ///
    /// # Errors
    /// The writer can't be written, or a weight is NaN, infinite or negative.
    pub fn push<'a>(
        &mut self,
        id: &str,
        weights: impl IntoIterator<Item = (&'a str, f32)>,
    ) -> io::Result<()> {
        // The format has no weight of zero, and a term that has no other is not numbered.
        let weights = weights.into_iter().filter(|&(_, weight)| weight != 0.0);
        let entries = weights.map(|(term, weight)| (self.number(term), weight)).collect();
        let vector = SparseVector::new(entries).map_err(|(_, error)| {
            io::Error::new(
                io::ErrorKind::InvalidInput,
                format!("a weight of the vector {id:?} {error}"),
            )
        })?;
        self.block.vectors.push(NumberedVector { id: id.to_owned(), vector });
        self.vectors += 1;
        if self.block.vectors.len() == BLOCK { self.write_block() } else { Ok(()) }
    }

    /// Writes the last block and the end mark.
    ///
    /// # Errors
    /// The writer can't be written.
    pub fn finish(mut self) -> io::Result<W> {
        if !self.block.vectors.is_empty() {
            self.write_block()?;
        }
        frame::write(&mut self.writer, FrameKind::End, &self.vectors.to_le_bytes())?;
        Ok(self.writer)
    }

    fn number(&mut self, term: &str) -> TermId {
        if let Some(&number) = self.terms.get(term) {
            return TermId(number);
        }
        let number = self.terms.len() as u32;
        self.terms.insert(term.to_owned(), number);
        self.block.new_terms.push(term.to_owned());
        TermId(number)
    }

    fn write_block(&mut self) -> io::Result<()> {
        let content = std::mem::take(&mut self.block).encode(self.format);
        frame::write(&mut self.writer, FrameKind::Block, &content)?;
        self.writer.flush()?;
        kill_point("svec.block-written");
        Ok(())
    }
}
