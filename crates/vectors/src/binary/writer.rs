//! Vectors to bytes.

use std::collections::HashMap;
use std::io::{self, Write};

use spork_core::{SparseVector, TermId, kill_point};

use super::block::{Block, NumberedVector};
use super::digest::{TextDigest, TextHasher};
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
    texts: BlockTexts,
    vectors: u64,
}

/// What is known of the texts of the block that is being filled.
#[derive(Default)]
enum BlockTexts {
    #[default]
    Unknown,
    /// Those of all its vectors so far.
    Hashed(TextHasher),
    /// Its first vectors are a whole block of another file, of this digest and so many vectors.
    Copied(TextDigest, usize),
}

impl<W: Write> BinaryWriter<W> {
    /// Writes the header.
    ///
    /// # Errors
    /// `writer` can't be written.
    pub fn new(mut writer: W, header: &Header) -> io::Result<Self> {
        writer.write_all(&MAGIC)?;
        writer.write_all(&VERSION.to_le_bytes())?;
        frame::write(&mut writer, FrameKind::Header, &serde_json::to_vec(header)?, None)?;
        Ok(Self::after(writer, header.weights, HashMap::new(), 0))
    }

    /// A writer that continues after `vectors` vectors in whole blocks, over these terms.
    pub(super) fn after(
        writer: W,
        format: WeightFormat,
        terms: HashMap<String, u32>,
        vectors: u64,
    ) -> Self {
        let (block, texts) = (Block::default(), BlockTexts::default());
        Self { writer, format, terms, block, texts, vectors }
    }

    /// [`Self::push`] of the vector that was made of `text`: a block of such vectors has a digest
    /// of its texts.
    ///
    /// # Errors
    /// As those of [`Self::push`].
    pub fn push_encoded<'a>(
        &mut self,
        id: &str,
        text: &str,
        weights: impl IntoIterator<Item = (&'a str, f32)>,
    ) -> io::Result<()> {
        if self.block.vectors.is_empty() {
            self.texts = BlockTexts::Hashed(TextHasher::default());
        }
        if let BlockTexts::Hashed(hasher) = &mut self.texts {
            hasher.add(id, text);
        }
        self.add(id, weights)
    }

    /// Says that the next `vectors` vectors are a whole block of another file, made of texts of
    /// this digest.
    pub fn begin_copy(&mut self, texts: Option<TextDigest>, vectors: usize) {
        if self.block.vectors.is_empty() {
            self.texts =
                texts.map_or(BlockTexts::Unknown, |texts| BlockTexts::Copied(texts, vectors));
        }
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
        if let BlockTexts::Hashed(_) = self.texts {
            self.texts = BlockTexts::Unknown;
        }
        self.add(id, weights)
    }

    fn add<'a>(
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
        frame::write(&mut self.writer, FrameKind::End, &self.vectors.to_le_bytes(), None)?;
        Ok(self.writer)
    }

    /// What it writes to, without an end: for bytes that are copied.
    pub(super) fn into_inner(self) -> W {
        self.writer
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
        let block = std::mem::take(&mut self.block);
        let texts = match std::mem::take(&mut self.texts) {
            BlockTexts::Hashed(hasher) => Some(hasher.finish()),
            BlockTexts::Copied(texts, vectors) if vectors == block.vectors.len() => Some(texts),
            _ => None,
        };
        frame::write(&mut self.writer, FrameKind::Block, &block.encode(self.format), texts)?;
        self.writer.flush()?;
        kill_point("svec.block-written");
        Ok(())
    }
}
