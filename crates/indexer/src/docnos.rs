//! The docnos of the documents that are read, and those that an index has already.

use std::path::Path;

use spork_core::DocId;
use spork_index::Index;

use crate::interner::Interner;
use crate::{Error, Result};

/// Docnos in the order of their first occurrence.
#[derive(Default)]
pub(crate) struct Docnos<'i> {
    pub(crate) read: Interner,
    existing: Option<Existing<'i>>,
}

/// An index that documents are added to.
struct Existing<'i> {
    index: &'i Index,
    /// Whether documents that are there may be replaced.
    update: bool,
    replaced: Vec<DocId>,
}

impl<'i> Docnos<'i> {
    /// Docnos of documents that are added to `index`; one that is there is an error, unless
    /// `update` says that it is to be replaced.
    pub(crate) fn beside(index: &'i Index, update: bool) -> Self {
        let existing = Some(Existing { index, update, replaced: Vec::new() });
        Self { existing, ..Self::default() }
    }

    /// Looks a docno that has not been read before up in the index.
    pub(crate) fn check_new(&mut self, path: &Path, line: u64, docno: &str) -> Result<()> {
        let Some(existing) = &mut self.existing else { return Ok(()) };
        match existing.index.find(docno)? {
            Some(docid) if existing.update => existing.replaced.push(docid),
            Some(_) => {
                let (path, docno) = (path.to_owned(), docno.to_owned());
                return Err(Error::DocnoExists { path, line, docno });
            }
            None => {}
        }
        Ok(())
    }

    /// The docnos themselves, and the documents of the index that they replace.
    pub(crate) fn finish(self) -> (Interner, Vec<DocId>) {
        let mut read = self.read;
        read.forget_table();
        (read, self.existing.map(|existing| existing.replaced).unwrap_or_default())
    }
}
