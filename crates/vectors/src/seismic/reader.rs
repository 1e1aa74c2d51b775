//! `.bin` to vectors.

use std::io::{self, BufRead, Read};
use std::path::{Path, PathBuf};

use spork_core::{SparseVector, TermId, check_weight};
use spork_files::Source;

use crate::binary::{BLOCK, Block, NumberedVector};
use crate::error::{Error, Result};
use crate::tokens::{Ids, NumberedTerms};

/// Terms of a block, so that a few long vectors do not fill the memory.
const BLOCK_TERMS: usize = 1 << 20;
/// No vector has more terms: the largest vocabularies have a few millions.
const MOST_TERMS: u32 = 1 << 26;

/// Reads a file vector by vector.
pub(crate) struct BinReader {
    path: PathBuf,
    reader: Box<dyn BufRead + Send>,
    terms: NumberedTerms,
    ids: Ids,
    vectors: u32,
    read: u32,
    zeros: u64,
}

impl BinReader {
    /// Begins to read. Terms are those of the token table `tokens`, or of the one beside the file.
    pub(crate) fn open(source: Source, tokens: Option<&Path>) -> Result<Self> {
        let (path, mut reader) = source.into_parts();
        let terms = NumberedTerms::of(&path, tokens)?;
        let ids = Ids::of(&path)?;
        let vectors = number(&mut reader).map_err(|error| unreadable(&path, 0, error))?;
        if terms.are_digits() {
            tracing::warn!(
                "{}: no token table; terms are their numbers (give the table with --tokens)",
                path.display()
            );
        }
        Ok(Self { path, reader, terms, ids, vectors, read: 0, zeros: 0 })
    }

    pub(crate) fn next_block(&mut self) -> Result<Option<Block>> {
        let mut block = Block::default();
        let mut terms = 0;
        while self.read < self.vectors && block.vectors.len() < BLOCK && terms < BLOCK_TERMS {
            let vector = self.vector()?;
            terms += vector.len();
            block.vectors.push(NumberedVector { id: self.ids.next()?, vector });
        }
        block.new_terms = self.terms.take_new();
        if block.vectors.is_empty() { self.end().map(|()| None) } else { Ok(Some(block)) }
    }

    fn vector(&mut self) -> Result<SparseVector> {
        let place = self.read;
        self.read += 1;
        let entries = self.entries().map_err(|error| unreadable(&self.path, place, error))?;
        let fault = |fault| Error::fault(&self.path, format!("vector {place} (from 0)"), fault);
        let entries = entries.map_err(fault)?;
        // Checked already: no term is there twice, and weights are above zero.
        Ok(SparseVector::new(entries).unwrap_or_default())
    }

    /// The next vector's entries; the inner error is a fault of the file.
    fn entries(&mut self) -> io::Result<std::result::Result<Vec<(TermId, f32)>, String>> {
        let count = number(&mut self.reader)?;
        if count > MOST_TERMS {
            return Ok(Err(format!(
                "{count} terms, expected {MOST_TERMS} at most; this is not Seismic's .bin, or it \
                 is damaged"
            )));
        }
        let (mut terms, mut weights) = (Vec::new(), Vec::new());
        (&mut self.reader).take(4 * u64::from(count)).read_to_end(&mut terms)?;
        (&mut self.reader).take(4 * u64::from(count)).read_to_end(&mut weights)?;
        if weights.len() < 4 * count as usize {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let pairs = terms.as_chunks::<4>().0.iter().zip(weights.as_chunks::<4>().0);
        let mut entries = Vec::with_capacity(count as usize);
        let mut before = None;
        for (&term, &weight) in pairs {
            let (term, weight) = (u32::from_le_bytes(term), f32::from_le_bytes(weight));
            if let Some(before) = before.filter(|&before| before >= term) {
                return Ok(Err(format!("term {term} after {before}; expected terms ascending")));
            }
            before = Some(term);
            if let Err(error) = check_weight(weight) {
                return Ok(Err(format!("the weight of term {term} {error}")));
            }
            if weight == 0.0 {
                self.zeros += 1;
                continue;
            }
            match self.terms.number(term) {
                Ok(term) => entries.push((term, weight)),
                Err(fault) => return Ok(Err(fault)),
            }
        }
        Ok(Ok(entries))
    }

    /// Checks that nothing is left, and tells of zeros.
    fn end(&mut self) -> Result<()> {
        let rest = self.reader.fill_buf().map_err(|error| Error::io(&self.path, error))?;
        if !rest.is_empty() {
            let more = "more bytes than its vectors have; this is not Seismic's .bin, or it is \
                        damaged";
            return Err(Error::fault(&self.path, format!("after {} vectors", self.read), more));
        }
        self.ids.end()?;
        if self.zeros > 0 {
            tracing::warn!("{}: {} weights of zero left out", self.path.display(), self.zeros);
            self.zeros = 0;
        }
        Ok(())
    }
}

fn number(reader: &mut impl Read) -> io::Result<u32> {
    let mut bytes = [0; 4];
    reader.read_exact(&mut bytes)?;
    Ok(u32::from_le_bytes(bytes))
}

fn unreadable(path: &Path, vector: u32, error: io::Error) -> Error {
    if error.kind() != io::ErrorKind::UnexpectedEof {
        return Error::io(path, error);
    }
    let place = format!("vector {vector} (from 0)");
    Error::fault(path, place, "the file ends here; it was cut short, copy it again")
}

/// Whether a file may begin so: a number of vectors, and a first one with ascending terms.
pub(crate) fn may_be_bin(head: &[u8]) -> bool {
    let mut words = head.as_chunks::<4>().0.iter().map(|&bytes| u32::from_le_bytes(bytes));
    let (Some(vectors), Some(terms)) = (words.next(), words.next()) else {
        return head == [0; 4];
    };
    let first: Vec<u32> = words.take(terms as usize).collect();
    vectors > 0 && terms <= MOST_TERMS && first.is_sorted_by(|a, b| a < b)
}
