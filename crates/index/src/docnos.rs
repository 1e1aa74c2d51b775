//! Docnos: the external ids of documents, by docid and by name.
//!
//! ```text
//! 0     4·n     docids, ascending by the bytes of their docnos
//! …             zeros up to a multiple of 8
//! …             string table of the docnos, in docid order
//! ```

use std::path::Path;

use spork_core::DocId;

use crate::Result;
use crate::file_summary::FileSummary;
use crate::frame::{Frame, FrameWriter, Kind};
use crate::strings::{StringArena, StringTable, read_u32, write_strings};

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
        let strings = StringTable::at((4 * u64::from(documents)).next_multiple_of(8), documents);
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
        let at = self.strings.search(|i| Ok(self.get(self.by_name(i)?)?.cmp(docno)))?;
        at.map(|i| self.by_name(i)).transpose()
    }

    /// The document at position `i` in the order of docnos.
    pub(crate) fn by_name(&self, i: u32) -> Result<DocId> {
        Ok(DocId(read_u32(self.frame.slice(4 * u64::from(i), 4)?, 0)))
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

/// Writes docnos in docid order; `by_name` lists the docids in the order of their docnos.
pub(crate) fn write(folder: &Path, docnos: &StringArena, by_name: &[u32]) -> Result<FileSummary> {
    let mut file = FrameWriter::create(folder, Kind::Docnos)?;
    for docid in by_name {
        file.write(&docid.to_le_bytes())?;
    }
    file.align(8)?;
    let in_order: Vec<u32> = (0..docnos.len() as u32).collect();
    write_strings(&mut file, docnos, &in_order)?;
    file.finish()
}
