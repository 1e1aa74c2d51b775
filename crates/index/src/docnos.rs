//! Docnos: the external ids of documents, by docid and by name.
//!
//! ```text
//! 0     4·n     docids, ascending by the bytes of their docnos
//! 4·n   4·n     by docid, the position of the document in that order
//! …             string table of the docnos, in docid order
//! ```

use std::path::Path;

use spork_core::{DocId, DocnoOrder, DocnoRank};

use crate::Result;
use crate::file_summary::FileSummary;
use crate::frame::{Frame, FrameWriter, Kind};
use crate::strings::{StringArena, StringTable, search, write_strings};

/// A view on `docnos.bin`.
#[derive(Debug)]
pub struct Docnos {
    pub(crate) frame: Frame,
    documents: u32,
    strings: StringTable,
}

impl Docnos {
    pub(crate) fn open(folder: &Path, documents: u32) -> Result<Self> {
        let frame = Frame::open(folder, Kind::Docnos)?;
        let strings = StringTable::open(&frame, 8 * u64::from(documents), documents)?;
        Ok(Self { frame, documents, strings })
    }

    /// The docno of a document.
    ///
    /// # Errors
    /// There is no such document, or the file is damaged.
    pub fn get(&self, docid: DocId) -> Result<&str> {
        self.strings.get(&self.frame, docid.0)
    }

    /// The document of a docno; `None` if there is none.
    ///
    /// # Errors
    /// Damage met on the way.
    pub fn find(&self, docno: &str) -> Result<Option<DocId>> {
        let by_rank = |rank| self.by_rank(DocnoRank(rank));
        let at = search(0..self.documents, |rank| Ok(self.get(by_rank(rank)?)?.cmp(docno)))?;
        at.map(by_rank).transpose()
    }

    /// The document at a position in the order of docnos.
    ///
    /// # Errors
    /// There is no such position, or the file is damaged.
    pub fn by_rank(&self, rank: DocnoRank) -> Result<DocId> {
        self.at_rank(self.docids()?, rank)
    }

    /// The docids, in the order of docnos.
    fn docids(&self) -> Result<&[[u8; 4]]> {
        Ok(self.frame.slice(0, 4 * u64::from(self.documents))?.as_chunks().0)
    }

    fn at_rank(&self, docids: &[[u8; 4]], rank: DocnoRank) -> Result<DocId> {
        let docid = docids.get(rank.0 as usize).map(|&bytes| u32::from_le_bytes(bytes));
        match docid {
            Some(docid) if docid < self.documents => Ok(DocId(docid)),
            Some(docid) => {
                let expected = format!("a docid below {}", self.documents);
                Err(self.frame.corrupt(4 * u64::from(rank.0), expected, docid))
            }
            None => {
                let expected = format!("a position below {}", self.documents);
                Err(self.frame.corrupt(0, expected, rank.0))
            }
        }
    }

    /// The position of every document in the order of docnos.
    ///
    /// # Errors
    /// The file is too short.
    pub fn order(&self) -> Result<DocnoOrder<'_>> {
        let length = 4 * u64::from(self.documents);
        Ok(DocnoOrder(self.frame.slice(length, length)?.as_chunks().0))
    }

    /// Number of documents.
    pub fn len(&self) -> u32 {
        self.documents
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.documents == 0
    }
}

/// Writes docnos in docid order; `by_rank` lists the docids in the order of their docnos.
pub(crate) fn write(folder: &Path, docnos: &StringArena, by_rank: &[u32]) -> Result<FileSummary> {
    let mut file = FrameWriter::create(folder, Kind::Docnos)?;
    let mut ranks = vec![0u32; by_rank.len()];
    for (rank, &docid) in by_rank.iter().enumerate() {
        file.write(&docid.to_le_bytes())?;
        ranks[docid as usize] = rank as u32;
    }
    for rank in ranks {
        file.write(&rank.to_le_bytes())?;
    }
    write_strings(&mut file, (0..docnos.len()).map(|docid| docnos.get(docid)))?;
    file.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_documents_than_the_file_has_room_for_are_refused_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let mut docnos = StringArena::default();
        docnos.push("d1");
        docnos.push("d2");
        write(folder.path(), &docnos, &[0, 1]).unwrap();
        assert_eq!(Docnos::open(folder.path(), 2).unwrap().get(DocId(1)).unwrap(), "d2");
        let said = Docnos::open(folder.path(), u32::MAX).unwrap_err().to_string();
        assert!(said.contains("docnos.bin") && said.contains("payload"), "{said}");
    }
}
