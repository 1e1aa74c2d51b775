//! Documents added to an index.

use std::path::Path;
use std::sync::Arc;

use spork_core::{DocId, kill_point};
use spork_index::{Index, IndexWriter, Manifest, SHARD, Segment, SegmentEntry};

use crate::fitting::{WRITER, check_sources, record_encoders};
use crate::gather::Gathering;
use crate::line_parser::Part;
use crate::options::Options;
use crate::pool::in_pool;
use crate::progress::Progress;
use crate::report::Report;
use crate::source::Source;
use crate::{Error, Result};

/// Adds the documents of `sources` to the index in `folder`: a new segment, with the scales, the
/// mean length, the order and the codec that the index has fixed. A document whose docno is there
/// is an error, or with `update` replaces the one that is there in all fields: it is deleted and
/// added. Of text the index has to have the analyzer and parameters that the source has. What a
/// source of vectors records takes the place of what the index records under the same name.
///
/// # Errors
/// A source of a kind that no field of the index is of; an index that was pruned; else as
/// [`index_fields`](crate::index_fields). The index then is what it was.
pub fn add_documents(
    sources: &[Source<'_>],
    folder: &Path,
    update: bool,
    options: &Options,
    progress: &dyn Progress,
) -> Result<Report> {
    add_with(IndexWriter::open(folder)?, sources, update, options, progress)
}

/// As [`add_documents`], by a writer that holds the lock already: what was looked up in the index
/// since then still holds.
///
/// # Errors
/// As [`add_documents`].
pub fn add_with(
    mut writer: IndexWriter,
    sources: &[Source<'_>],
    update: bool,
    options: &Options,
    progress: &dyn Progress,
) -> Result<Report> {
    in_pool(options.threads, || {
        let index = current(&writer)?;
        check_sources(sources, &index)?;
        let segment = writer.segment(index.manifest().codec())?;
        let (given, beside) = (Some(index.manifest()), Some((&*index, update)));
        let part = part(&index, options)?;
        let gathering = Gathering { options, given, beside, part, progress };
        let gathered = gathering.run(sources, segment)?;
        kill_point("indexer.added");
        let mut manifest = without(&writer, &index, &gathered.replaced)?;
        manifest.segments.extend(gathered.entry());
        record_encoders(sources, &mut manifest);
        writer.commit(&manifest)?;
        Ok(gathered.report(manifest))
    })
}

/// The documents that an index takes: where it is a shard of a collection, its own. Others are left
/// out if the options name the shard, and an error otherwise.
fn part(index: &Index, options: &Options) -> Result<Part> {
    let recorded = index.manifest().properties.get(SHARD);
    let own = recorded.and_then(|shard| shard.parse().ok());
    match (own, options.shard) {
        (own, None) => Ok(Part { shard: own, strict: true }),
        (Some(own), Some(given)) if own == given => Ok(Part { shard: own.into(), strict: false }),
        (_, Some(given)) => {
            let has = recorded.cloned().unwrap_or_default();
            Err(Error::NotThatShard { index: index.folder().to_owned(), has, given })
        }
    }
}

/// The index that a writer changes.
pub(crate) fn current(writer: &IndexWriter) -> Result<Arc<Index>> {
    match writer.current() {
        Some(index) => Ok(index),
        // A new index has no generation yet; this says so.
        None => Ok(Arc::new(Index::open(writer.folder())?)),
    }
}

/// The manifest of the index when some of its documents are deleted. Files that say so are written;
/// a segment none of whose documents is left is left out.
pub(crate) fn without(writer: &IndexWriter, index: &Index, deleted: &[DocId]) -> Result<Manifest> {
    let mut entries: Vec<SegmentEntry> = Vec::with_capacity(index.segments().len());
    for (segment, entry) in index.segments().iter().zip(&index.manifest().segments) {
        let own = documents_of(segment, deleted);
        if own.is_empty() {
            entries.push(entry.clone());
        } else {
            entries.extend(writer.survivors(segment, &segment.survivors(&own)?)?);
        }
    }
    Ok(index.manifest().with_segments(entries, WRITER))
}

/// Those of some documents of an index that are in a segment, by their docids there, ascending.
pub(crate) fn documents_of(segment: &Segment, docids: &[DocId]) -> Vec<DocId> {
    let own = docids.iter().filter_map(|docid| docid.0.checked_sub(segment.first_docid()));
    let mut own: Vec<DocId> = own.filter(|&docid| docid < segment.documents()).map(DocId).collect();
    own.sort_unstable();
    own
}
