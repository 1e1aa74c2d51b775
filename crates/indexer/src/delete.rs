//! Documents deleted from an index.

use std::collections::BTreeSet;
use std::ops::Range;
use std::path::Path;

use spork_core::{DocId, kill_point};
use spork_index::{Index, IndexWriter, Survivors};

use crate::add::{current, documents_of, without};
use crate::merge::Merger;
use crate::options::Options;
use crate::pool::in_pool;
use crate::progress::Progress;
use crate::{Error, Result};

/// How documents are deleted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Deleting {
    /// Whether docnos that are not there are left out; they are an error otherwise.
    pub ignore_missing: bool,
    /// Whether the segments that hold them are written anew, so that no file holds their docnos and
    /// vectors any more.
    pub purge: bool,
}

/// The outcome of a deletion.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DeleteReport {
    /// Documents that were deleted.
    pub deleted: usize,
    /// Docnos that were not there.
    pub missing: usize,
    /// Living documents that are left.
    pub left: u32,
    /// Segments that were written anew.
    pub rewritten: usize,
}

/// Deletes the documents that `docnos` names from the index in `folder`; a docno that comes twice
/// counts once.
///
/// # Errors
/// There is no index, another process is writing it, it is damaged, the disk is full, or a docno is
/// missing that may not be. The index then is what it was.
pub fn delete_documents<D: AsRef<str> + Sync>(
    folder: &Path,
    docnos: &[D],
    deleting: Deleting,
    options: &Options,
    progress: &dyn Progress,
) -> Result<DeleteReport> {
    delete_with(IndexWriter::open(folder)?, docnos, deleting, options, progress)
}

/// As [`delete_documents`], by a writer that holds the lock already: what was looked up in the
/// index since then still holds.
///
/// # Errors
/// As [`delete_documents`].
pub fn delete_with<D: AsRef<str> + Sync>(
    writer: IndexWriter,
    docnos: &[D],
    deleting: Deleting,
    options: &Options,
    progress: &dyn Progress,
) -> Result<DeleteReport> {
    in_pool(options.threads, || {
        let index = current(&writer)?;
        let docnos: BTreeSet<&str> = docnos.iter().map(AsRef::as_ref).collect();
        let mut found = Found::default();
        for docno in docnos {
            found.look_up(&index, docno, deleting.purge)?;
        }
        if let (Some(docno), false) = (&found.first_missing, deleting.ignore_missing) {
            let (index, missing) = (index.folder().to_owned(), found.missing);
            return Err(Error::NoSuchDocno { index, docno: docno.clone(), missing });
        }
        let report = DeleteReport {
            deleted: found.docids.len(),
            missing: found.missing,
            left: index.documents().saturating_sub(found.docids.len() as u32),
            rewritten: found.segments.len(),
        };
        kill_point("indexer.deleting");
        if deleting.purge {
            purge(writer, &index, &found, options, progress)?;
        } else if !found.docids.is_empty() {
            let manifest = without(&writer, &index, &found.docids)?;
            writer.commit(&manifest)?;
        }
        Ok(report)
    })
}

/// The documents that are to be deleted.
#[derive(Default)]
struct Found {
    docids: Vec<DocId>,
    /// The places of the segments that hold one of the docnos, deleted before or not, where they
    /// are asked for.
    segments: BTreeSet<usize>,
    missing: usize,
    first_missing: Option<String>,
}

impl Found {
    fn look_up(&mut self, index: &Index, docno: &str, segments: bool) -> Result<()> {
        let docid = index.find(docno)?;
        self.docids.extend(docid);
        let mut somewhere = docid.is_some();
        if segments {
            for (number, segment) in index.segments().iter().enumerate() {
                if segment.docnos().find(docno)?.is_some() {
                    self.segments.insert(number);
                    somewhere = true;
                }
            }
        }
        if !somewhere {
            self.missing += 1;
            self.first_missing.get_or_insert_with(|| docno.to_owned());
        }
        Ok(())
    }
}

/// Deletes documents, and writes all segments anew that hold or held them.
fn purge(
    writer: IndexWriter,
    index: &Index,
    found: &Found,
    options: &Options,
    progress: &dyn Progress,
) -> Result<()> {
    let mut survivors: Vec<Survivors> = Vec::with_capacity(index.segments().len());
    for segment in index.segments() {
        survivors.push(segment.survivors(&documents_of(segment, &found.docids))?);
    }
    let ranges: Vec<Range<usize>> =
        found.segments.iter().map(|&number| number..number + 1).collect();
    Merger { index, survivors, options, progress }.run(writer, &ranges).map(drop)
}
