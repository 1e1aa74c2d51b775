//! New indexes.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use spork_bm25::{Analyzer, Bm25};
use spork_index::{Field, Index, IndexWriter, Manifest, SHARD};

use crate::Result;
use crate::fitting::{WRITER, check_sources, record_encoders};
use crate::gather::{Gathered, Gathering};
use crate::line_parser::Part;
use crate::options::Options;
use crate::pool::in_pool;
use crate::progress::Progress;
use crate::report::Report;
use crate::source::Source;

/// Builds an index of vectors alone in `output`; see [`index_fields`].
///
/// # Errors
/// As [`index_fields`].
pub fn index_vectors(
    inputs: &[PathBuf],
    output: &Path,
    options: &Options,
    progress: &dyn Progress,
) -> Result<Report> {
    let source = Source::Vectors { inputs, properties: &BTreeMap::new() };
    index_fields(&[source], output, options, progress)
}

/// Builds an index of text alone in `output`; see [`index_fields`].
///
/// # Errors
/// As [`index_fields`].
pub fn index_bm25(
    inputs: &[PathBuf],
    output: &Path,
    analyzer: &Analyzer,
    bm25: Bm25,
    options: &Options,
    progress: &dyn Progress,
) -> Result<Report> {
    index_fields(&[Source::Text { inputs, analyzer, bm25 }], output, options, progress)
}

/// Builds an index in `output` with a field for each source. Documents of several sources are
/// joined by docno; those that only later sources have follow those of the first. With a shard, the
/// index has what that has of the sources, and records which it is.
///
/// # Errors
/// A bad line with its place, a bound that is too low, or a file that can't be read or written. The
/// index that was in `output` is then still there.
pub fn index_fields(
    sources: &[Source<'_>],
    output: &Path,
    options: &Options,
    progress: &dyn Progress,
) -> Result<Report> {
    in_pool(options.threads, || {
        let mut writer = IndexWriter::create(output)?;
        let segment = writer.segment(options.codec)?;
        let gathered = gathering(options, None, progress).run(sources, segment)?;
        let fields = gathered.fields.iter().map(|field| field.field.clone()).collect();
        let mut manifest = Manifest::new(options.order, options.codec, WRITER, fields);
        let pruned = gathered.fields.iter().map(|field| field.pruned).sum();
        manifest.properties = options.pruning.properties(pruned).into_iter().collect();
        manifest.stored = options.stored.clone();
        commit(writer, manifest, options, gathered)
    })
}

/// As [`index_fields`], but what an index finds out from its documents is not found out from these:
/// it is what another index has fixed, with its order and codec and what it stores. Shards of a
/// collection are built so, each like one index of it.
///
/// # Errors
/// As [`index_fields`], or as [`add_documents`](crate::add_documents) to that index.
pub fn index_like(
    like: &Index,
    sources: &[Source<'_>],
    output: &Path,
    options: &Options,
    progress: &dyn Progress,
) -> Result<Report> {
    in_pool(options.threads, || {
        check_sources(sources, like)?;
        let given = like.manifest();
        let mut writer = IndexWriter::create(output)?;
        let segment = writer.segment(given.codec())?;
        let gathered = gathering(options, Some(given), progress).run(sources, segment)?;
        let mut manifest = given.with_segments(Vec::new(), WRITER);
        manifest.properties.remove(SHARD);
        record_encoders(sources, &mut manifest);
        commit(writer, manifest, options, gathered)
    })
}

/// Makes an index without documents in `output` that has fixed what one of all documents of the
/// sources would: scales, calibrations, the mean length of text. Others can be built
/// [like](index_like) it.
///
/// # Errors
/// As [`index_fields`].
pub fn index_statistics(
    sources: &[Source<'_>],
    output: &Path,
    options: &Options,
    progress: &dyn Progress,
) -> Result<Manifest> {
    in_pool(options.threads, || {
        let writer = IndexWriter::create(output)?;
        let fields = gathering(options, None, progress).fields(sources, writer.folder())?;
        let mut manifest = Manifest::new(options.order, options.codec, WRITER, fields);
        manifest.stored = options.stored.clone();
        writer.commit(&manifest)?;
        Ok(manifest)
    })
}

fn gathering<'a>(
    options: &'a Options,
    given: Option<&'a Manifest>,
    progress: &'a dyn Progress,
) -> Gathering<'a> {
    let part = Part { shard: options.shard, strict: false };
    Gathering { options, given, beside: None, part, progress }
}

/// Makes the new segment the index that readers see.
fn commit(
    writer: IndexWriter,
    mut manifest: Manifest,
    options: &Options,
    gathered: Gathered,
) -> Result<Report> {
    if let Some(shard) = options.shard {
        manifest.properties.insert(SHARD.to_owned(), shard.to_string());
    }
    manifest.segments.extend(gathered.entry());
    writer.commit(&manifest)?;
    Ok(gathered.report(manifest))
}

/// Makes an index without documents in `output`, to which some can be added. Its `fields` say what
/// an index with documents finds out by itself: scales, calibrations, and of text the mean length.
///
/// # Errors
/// A file that can't be written.
pub fn index_nothing(fields: Vec<Field>, output: &Path, options: &Options) -> Result<Manifest> {
    let writer = IndexWriter::create(output)?;
    let mut manifest = Manifest::new(options.order, options.codec, WRITER, fields);
    manifest.stored = options.stored.clone();
    writer.commit(&manifest)?;
    Ok(manifest)
}
