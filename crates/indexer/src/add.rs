//! Documents added to an index.

use std::path::Path;

use spork_core::{DocId, kill_point};
use spork_index::{Index, IndexWriter, Manifest, SegmentEntry};

use crate::build::WRITER;
use crate::gather::Gathering;
use crate::options::Options;
use crate::pool::in_pool;
use crate::progress::Progress;
use crate::prune::Pruned;
use crate::report::Report;
use crate::source::Source;
use crate::{Error, Result};

/// Adds the documents of `sources` to the index in `folder`: a new segment, with the scales, the
/// mean length, the order and the codec that the index has fixed. A document whose docno is there
/// is an error, or with `update` replaces the one that is there in all fields: it is deleted and
/// added.
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
    in_pool(options.threads, || {
        let mut writer = IndexWriter::open(folder)?;
        // What the writer holds can't be borrowed while it writes.
        let index = Index::open(folder)?;
        check_sources(sources, &index)?;
        let segment = writer.segment(index.manifest().codec())?;
        let gathering = Gathering { options, given: Some((&index, update)), progress };
        let gathered = gathering.run(sources, segment)?;
        kill_point("indexer.added");
        let mut manifest = without(&writer, &index, &gathered.replaced)?;
        manifest.segments.push(gathered.assembled.entry.clone());
        writer.commit(&manifest)?;
        Ok(gathered.report(manifest))
    })
}

/// Refuses input that no field of the index takes.
fn check_sources(sources: &[Source<'_>], index: &Index) -> Result<()> {
    let manifest = index.manifest();
    if Pruned::read(&manifest.properties).is_some() {
        return Err(Error::Pruned { index: index.folder().to_owned() });
    }
    let fits =
        |source: &&Source<'_>| manifest.fields.iter().any(|field| field.source == source.kind());
    match sources.iter().find(|source| !fits(source)) {
        Some(source) => Err(Error::NoField {
            index: index.folder().to_owned(),
            what: source.kind().name(),
            fields: manifest.field_names(),
        }),
        None => Ok(()),
    }
}

/// The manifest of the index when some of its documents are deleted. Files that say so are written;
/// a segment none of whose documents is left is left out.
pub(crate) fn without(writer: &IndexWriter, index: &Index, deleted: &[DocId]) -> Result<Manifest> {
    let mut deleted = deleted.to_vec();
    deleted.sort_unstable();
    let mut entries: Vec<SegmentEntry> = Vec::with_capacity(index.segments().len());
    for (segment, entry) in index.segments().iter().zip(&index.manifest().segments) {
        let (first, documents) = (segment.first_docid(), segment.documents());
        let own: Vec<DocId> = deleted
            .iter()
            .filter(|docid| docid.0 >= first && docid.0 - first < documents)
            .map(|docid| DocId(docid.0 - first))
            .collect();
        if own.is_empty() {
            entries.push(entry.clone());
        } else {
            entries.extend(writer.survivors(segment, &segment.survivors(&own)?)?);
        }
    }
    Ok(index.manifest().with_segments(entries, WRITER))
}
