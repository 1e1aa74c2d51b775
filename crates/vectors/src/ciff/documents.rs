//! The records of documents: their names and lengths, by docid.

use std::io::BufRead;

use spork_files::check_id;

use super::message::{Stream, Unreadable, Value};

/// No name is longer.
const LONGEST_NAME: u64 = 1 << 16;
/// Where a name would be of a document that has none yet.
const NONE: u64 = u64::MAX;

/// Names and lengths of documents.
pub(super) struct Documents {
    names: Vec<u8>,
    /// Where each name ends in `names` and how long it is, in the upper and lower 48 and 16 bits.
    places: Vec<u64>,
    lengths: Vec<u32>,
}

impl Documents {
    /// Bytes that `documents` documents take at least.
    pub(super) fn least_memory(documents: u64) -> u64 {
        12 * documents
    }

    pub(super) fn memory(&self) -> u64 {
        Self::least_memory(self.places.len() as u64) + self.names.capacity() as u64
    }

    /// Reads one record for each of `documents` documents.
    pub(super) fn read<R: BufRead>(
        stream: &mut Stream<R>,
        documents: u32,
    ) -> Result<Self, Unreadable> {
        let mut all = Self {
            names: Vec::new(),
            places: vec![NONE; documents as usize],
            lengths: vec![0; documents as usize],
        };
        for _ in 0..documents {
            all.read_record(stream)?;
        }
        Ok(all)
    }

    fn read_record<R: BufRead>(&mut self, stream: &mut Stream<R>) -> Result<(), Unreadable> {
        let end = stream.message()?;
        let (mut docid, mut length, mut name) = (0, 0, String::new());
        while let Some((field, value)) = stream.field(end)? {
            match (field, value) {
                (1, Value::Varint(number)) => docid = number,
                (2, Value::Bytes(bytes)) => name = stream.text(bytes, LONGEST_NAME - 1)?,
                (3, Value::Varint(number)) => length = number,
                _ => stream.ignore(3, field, value)?,
            }
        }
        let fault = |fault: String| Err(Unreadable::Content(fault));
        let documents = self.places.len();
        let Some(place) = usize::try_from(docid).ok().and_then(|docid| self.places.get_mut(docid))
        else {
            return fault(format!("a record of document {docid}; the header says {documents}"));
        };
        if *place != NONE {
            return fault(format!("a second record of document {docid}, {name:?}"));
        }
        if let Err(error) = check_id(&name) {
            return fault(format!("document {docid}: {error}"));
        }
        // The length is of 31 bits, and nothing is weighed by it where it is damaged.
        let Ok(length) = u32::try_from(length) else {
            return fault(format!("document {docid} has the length {}", length as i64));
        };
        *place = (self.names.len() as u64) << 16 | name.len() as u64;
        self.names.extend(name.as_bytes());
        self.lengths[docid as usize] = length;
        Ok(())
    }

    /// The name and the length of a document.
    pub(super) fn get(&self, docid: u32) -> (String, u32) {
        let place = self.places[docid as usize];
        let (start, length) = ((place >> 16) as usize, place as usize & 0xffff);
        // Every document has a record: as many as documents were read, and none twice.
        let name = self.names.get(start..start + length).unwrap_or_default();
        (String::from_utf8_lossy(name).into_owned(), self.lengths[docid as usize])
    }
}
