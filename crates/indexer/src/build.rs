//! New indexes.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use spork_bm25::{Analyzer, Bm25};
use spork_index::{Field, IndexWriter, Manifest};

use crate::Result;
use crate::gather::Gathering;
use crate::options::Options;
use crate::pool::in_pool;
use crate::progress::Progress;
use crate::report::Report;
use crate::source::Source;

/// The program that writes indexes, as they record it.
pub(crate) const WRITER: &str = concat!("spork ", env!("CARGO_PKG_VERSION"));

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
/// joined by docno; those that only later sources have follow those of the first.
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
        let gathering = Gathering { options, given: None, progress };
        let gathered = gathering.run(sources, segment)?;
        let fields = gathered.fields.iter().map(|field| field.field.clone()).collect();
        let mut manifest = Manifest::new(options.order, options.codec, WRITER, fields);
        let pruned = gathered.fields.iter().map(|field| field.pruned).sum();
        manifest.properties = options.pruning.properties(pruned).into_iter().collect();
        manifest.stored = options.stored.clone();
        manifest.segments.push(gathered.assembled.entry.clone());
        writer.commit(&manifest)?;
        Ok(gathered.report(manifest))
    })
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
