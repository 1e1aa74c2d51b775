//! The first message of a file.

use std::io::BufRead;

use spork_files::Source;

use super::message::{Message, Stream, Unreadable, Value};
use crate::error::Result;

const VERSION: u64 = 1;
/// A description holds a few lines; ours an encoder's record.
const LONGEST_DESCRIPTION: u64 = 16 << 20;

/// What a file says of itself.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CiffHeader {
    /// Posting lists in the file.
    pub postings_lists: u64,
    /// Documents in the file.
    pub documents: u64,
    /// Posting lists in the collection that the file was made of.
    pub total_postings_lists: u64,
    /// Documents in that collection.
    pub total_documents: u64,
    /// The sum of all documents' lengths in that collection.
    pub total_terms: u64,
    /// The mean length of a document, by which BM25 normalizes.
    pub average_length: f64,
    /// Where the file comes from, in free words.
    pub description: String,
}

impl CiffHeader {
    /// Reads the header of a file, and no more of it.
    ///
    /// # Errors
    /// The file can't be read, or does not begin with a header.
    pub fn from_source(source: Source) -> Result<Self> {
        let (path, reader) = source.into_parts();
        let header = Self::read(&mut Stream::new(reader));
        header.map_err(|error| error.at(&path, "the header"))
    }

    pub(super) fn read<R: BufRead>(
        stream: &mut Stream<R>,
    ) -> std::result::Result<Self, Unreadable> {
        let end = stream.message()?;
        let (mut header, mut version) = (Self::default(), 0);
        while let Some((field, value)) = stream.field(end)? {
            match (field, value) {
                (1, Value::Varint(number)) => version = number,
                (2, Value::Varint(number)) => header.postings_lists = number,
                (3, Value::Varint(number)) => header.documents = number,
                (4, Value::Varint(number)) => header.total_postings_lists = number,
                (5, Value::Varint(number)) => header.total_documents = number,
                (6, Value::Varint(number)) => header.total_terms = number,
                (7, Value::Fixed64(bits)) => header.average_length = f64::from_bits(bits),
                (8, Value::Bytes(length)) => {
                    header.description = stream.text(length, LONGEST_DESCRIPTION)?;
                }
                _ => stream.ignore(8, field, value)?,
            }
        }
        header.check(version)?;
        Ok(header)
    }

    fn check(&self, version: u64) -> std::result::Result<(), Unreadable> {
        let fault = |fault: String| Err(Unreadable::Content(fault));
        if version != VERSION {
            return fault(format!("version {version}, expected CIFF of version {VERSION}"));
        }
        // Negative numbers of 32 bits are large ones of 64.
        if self.documents > i32::MAX as u64 || self.postings_lists > i32::MAX as u64 {
            return fault(format!(
                "{} posting lists and {} documents, expected 0 to {} of each; the file is damaged",
                self.postings_lists,
                self.documents,
                i32::MAX
            ));
        }
        Ok(())
    }

    pub(super) fn message(&self) -> Message {
        let mut message = Message::default();
        message
            .number(1, VERSION)
            .number(2, self.postings_lists)
            .number(3, self.documents)
            .number(4, self.total_postings_lists)
            .number(5, self.total_documents)
            .number(6, self.total_terms)
            .double(7, self.average_length)
            .text(8, &self.description);
        message
    }
}

/// The tags of the header's fields after its version.
const TAGS: [u8; 7] = [0x10, 0x18, 0x20, 0x28, 0x30, 0x39, 0x42];

/// Whether a file that begins so is CIFF: the length of a header, its version, and another field.
pub(crate) fn is_ciff(head: &[u8]) -> bool {
    let Some(length) = head.iter().take(4).position(|&byte| byte < 0x80) else { return false };
    match head[length + 1..] {
        [0x08, version, ref next @ ..] => {
            u64::from(version) == VERSION && next.first().is_none_or(|tag| TAGS.contains(tag))
        }
        _ => false,
    }
}
