//! Bytes to documents.

use std::io::BufRead;
use std::path::{Path, PathBuf};

use spork_core::{SparseVector, TermId};
use spork_files::Source;

use super::description::{Description, Values};
use super::documents::Documents;
use super::header::CiffHeader;
use super::message::Stream;
use super::postings::{ListError, Remarks, memory, read_list, repeated_term};
use crate::binary::{BLOCK, Block, NumberedVector};
use crate::error::{Error, Result};
use crate::scratch::{Columns, RowWriter, Scratch};

/// Postings of a block, so that a few long documents do not fill the memory.
const BLOCK_POSTINGS: usize = 1 << 20;
/// The least memory for the blocks themselves.
const RESERVE: u64 = 1 << 20;

/// Reads a file document by document, in the order of docids. Opening it reads it whole: lists are
/// turned into documents over a temporary file.
pub struct CiffReader {
    path: PathBuf,
    header: CiffHeader,
    description: Option<Description>,
    /// All terms, until the first block takes them.
    terms: Vec<String>,
    documents: Documents,
    columns: Columns,
}

/// Documents with the lengths that the file gives them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CiffBlock {
    /// The documents. Weights are the file's numbers: term counts or impacts.
    pub block: Block,
    /// The length of each, by which BM25 normalizes term counts.
    pub lengths: Vec<u32>,
}

impl CiffReader {
    /// Reads a file, plain, gzip or zstd. Postings of zero and numbers that a 32-bit float can't
    /// hold are told as warnings.
    ///
    /// # Errors
    /// The file can't be read or is not as the format says, `scratch.memory` is too low for its
    /// documents and terms, or the temporary file can't be written.
    pub fn open(source: Source, scratch: &Scratch) -> Result<Self> {
        let (path, reader) = source.into_parts();
        let mut stream = Stream::new(reader);
        let header =
            CiffHeader::read(&mut stream).map_err(|error| error.at(&path, "the header"))?;
        let documents = header.documents as u32;
        // Before anything is allocated: a damaged header may say anything.
        let least = Documents::least_memory(header.documents) + 4 * header.documents;
        scratch.left_beside(&path, least, RESERVE)?;

        let (terms, rows) = read_lists(&path, &mut stream, &header, scratch)?;
        let position = stream.position();
        let place = |at: u64| format!("the document records from byte {position} on, at byte {at}");
        let documents = match Documents::read(&mut stream, documents) {
            Ok(documents) => documents,
            Err(error) => return Err(error.at(&path, place(stream.position()))),
        };
        let at_end = stream.is_at_end();
        if !at_end.map_err(|error| error.at(&path, place(stream.position())))? {
            let more = format!(
                "more bytes after the {} documents of the header; the file is damaged",
                header.documents
            );
            return Err(Error::fault(&path, place(stream.position()), more));
        }
        let lasting = documents.memory() + memory(&terms) + RESERVE;
        let columns = Columns::ascending(rows.finish()?, header.documents as u32, lasting, &path)?;
        let description = Description::parse(&header.description);
        Ok(Self { path, header, description, terms, documents, columns })
    }

    /// The name of the file in errors.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What the file says of itself.
    pub fn header(&self) -> &CiffHeader {
        &self.header
    }

    /// The description of a file of ours.
    pub fn description(&self) -> Option<&Description> {
        self.description.as_ref()
    }

    /// What the file's numbers are: as `given` says, or else as the file does.
    ///
    /// # Errors
    /// Neither says it.
    pub fn values(&self, given: Option<Values>) -> Result<Values> {
        let said = self.description.as_ref().map(|description| description.values);
        if let (Some(given), Some(said)) = (given, said)
            && given != said
        {
            tracing::warn!(
                "{}: its description says {said}, taken as {given}",
                self.path.display()
            );
        }
        given.or(said).ok_or_else(|| {
            let description: String = self.header.description.chars().take(200).collect();
            let unsaid = format!(
                "neither the file nor --values says what its numbers are; give --values counts \
                 (term counts, to be weighed by BM25) or --values impacts (weights as they are). \
                 Its description: {description:?}"
            );
            Error::Format { path: self.path.clone(), fault: unsaid }
        })
    }

    /// The next documents; none after the last. The first block brings all terms.
    ///
    /// # Errors
    /// The temporary file can't be read.
    pub fn next_block(&mut self) -> Result<Option<CiffBlock>> {
        let mut block = CiffBlock::default();
        block.block.new_terms = std::mem::take(&mut self.terms);
        let mut postings = 0;
        while block.lengths.len() < BLOCK && postings < BLOCK_POSTINGS {
            let Some((docid, entries)) = self.columns.next()? else { break };
            let (id, length) = self.documents.get(docid);
            postings += entries.len();
            let entries = entries.iter().map(|&(term, number)| (TermId(term), number as f32));
            // Lists are read in their order, and numbers are above zero.
            let vector = SparseVector::from_ascending(entries.collect()).unwrap_or_default();
            block.block.vectors.push(NumberedVector { id, vector });
            block.lengths.push(length);
        }
        Ok((!block.lengths.is_empty()).then_some(block))
    }
}

fn read_lists<R: BufRead>(
    path: &Path,
    stream: &mut Stream<R>,
    header: &CiffHeader,
    scratch: &Scratch,
) -> Result<(Vec<String>, RowWriter)> {
    let mut rows = RowWriter::create(scratch)?;
    let (mut terms, mut bytes, mut remarks) = (Vec::new(), 0, Remarks::default());
    for number in 0..header.postings_lists {
        let position = stream.position();
        let term = read_list(stream, header.documents as u32, &mut rows, &mut remarks);
        let term = term.map_err(|error| match error {
            ListError::Other(error) => error,
            ListError::Unreadable(error) => {
                let place = format!("list {} of the file, from byte {position} on", number + 1);
                error.at(path, place)
            }
        })?;
        bytes += term.as_ref().map_or(0, |term| memory(std::slice::from_ref(term)));
        scratch.left_beside(path, bytes, RESERVE)?;
        terms.extend(term);
    }
    if let Some(term) = repeated_term(&terms) {
        return Err(Error::fault(
            path,
            "the posting lists",
            format!("term {term:?} has two lists; merge them"),
        ));
    }
    remarks.tell(path);
    Ok((terms, rows))
}

impl Remarks {
    fn tell(self, path: &Path) {
        let path = path.display();
        if self.zeros > 0 {
            tracing::warn!("{path}: {} postings of zero left out", self.zeros);
        }
        if self.rounded > 0 {
            tracing::warn!(
                "{path}: {} numbers above 16777216 rounded to 32-bit floats",
                self.rounded
            );
        }
        if self.other_cf > 0 {
            tracing::warn!(
                "{path}: {} lists have another cf than the sum of their postings; taken as the \
                 postings say",
                self.other_cf
            );
        }
    }
}
