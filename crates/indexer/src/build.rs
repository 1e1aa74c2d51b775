//! The whole run that builds an index.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use spork_bm25::{Analyzer, Bm25};
use spork_core::kill_point;
use spork_index::{CollectedDocnos, FieldTerms, IndexWriter, Manifest, Order};

use crate::Result;
use crate::field::{CollectedField, collect_field};
use crate::interner::Interner;
use crate::invert::{Inverted, Inverter, least_memory};
use crate::join::join;
use crate::memory::MemoryBound;
use crate::options::Options;
use crate::order::reorder;
use crate::progress::Progress;
use crate::report::{FieldReport, Report};
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
    in_pool(options, || run(sources, output, options, progress))
}

/// Runs `work` on a pool of its own. A system that gives no threads leaves the current ones.
fn in_pool<R: Send>(options: &Options, work: impl FnOnce() -> R + Send) -> R {
    match rayon::ThreadPoolBuilder::new().num_threads(options.threads).build() {
        Ok(pool) => pool.install(work),
        Err(error) => {
            tracing::warn!("no thread pool of its own: {error}");
            work()
        }
    }
}

fn run(
    sources: &[Source<'_>],
    output: &Path,
    options: &Options,
    progress: &dyn Progress,
) -> Result<Report> {
    let memory = MemoryBound(options.memory);
    memory.left_beside(0, least_memory(0))?;
    let mut writer = IndexWriter::create(output, options.codec)?;
    let folder = writer.scratch_folder().to_owned();
    let mut docnos = Interner::default();
    let (mut fields, mut records) = (Vec::with_capacity(sources.len()), Vec::new());
    for source in sources {
        let room = (memory, lasting(&docnos, &fields));
        let several = sources.len() > 1;
        let (field, documents) =
            collect_field(source, options, several, &mut docnos, &folder, room, progress)?;
        fields.push(field);
        records.push(documents);
    }
    docnos.forget_table();

    let left = memory.left_beside(lasting(&docnos, &fields), 0)?;
    let starts = first_terms(&fields);
    let mut forward = join(records, &starts, docnos.len(), &folder, left, progress)?;
    kill_point("indexer.joined");
    if options.order == Order::Bisection {
        // Docnos are in memory twice while they change places.
        let lasting = lasting(&docnos, &fields) + docnos.memory() as u64;
        let frequencies: Vec<u32> =
            fields.iter().flat_map(|field| &field.document_frequencies).copied().collect();
        let (moved, order) = reorder(&forward, &frequencies, &folder, memory, lasting, progress)?;
        forward = moved;
        docnos.rearrange(&order);
        kill_point("indexer.ordered");
    }

    let orders: Vec<Vec<u32>> = fields.iter().map(|field| field.terms.order()).collect();
    let term_ids = term_ids(&orders, &starts);
    let quantizers = quantizers(&fields);
    let docno_order = docnos.order();
    let inverter = Inverter {
        forward: &forward,
        term_ids: &term_ids,
        quantizers: &quantizers,
        codec: options.codec,
        memory: memory.left_beside(lasting(&docnos, &fields), least_memory(term_ids.len()))?,
    };
    let inverted = inverter.run(&mut writer, progress)?;
    let manifest = manifest(docnos.len(), &fields, &inverted, options);
    let terms: Vec<FieldTerms<'_>> = fields
        .iter()
        .zip(&orders)
        .map(|(field, order)| FieldTerms { strings: field.terms.strings(), order })
        .collect();
    let manifest = writer.finish(
        manifest,
        &terms,
        &inverted.statistics,
        CollectedDocnos { strings: docnos.strings(), order: &docno_order },
    )?;
    let report = |(field, &rounded_to_zero): (&CollectedField, &u64)| FieldReport {
        zeros: field.zeros,
        rounded_to_zero,
        pruned: field.pruned,
        text: field.text,
    };
    let fields = fields.iter().zip(&inverted.rounded_to_zero).map(report).collect();
    Ok(Report { manifest, fields })
}

/// Bytes that stay allocated while windows are inverted: strings, and per document and term their
/// order, renumbering, statistics and inverse document frequency.
fn lasting(docnos: &Interner, fields: &[CollectedField]) -> u64 {
    let of_field = |field: &CollectedField| field.memory() + 28 * field.terms.len() as u64;
    let of_docnos = (docnos.memory() + 12 * docnos.len()) as u64;
    of_docnos + fields.iter().map(of_field).sum::<u64>()
}

/// The number of terms of the fields before each.
fn first_terms(fields: &[CollectedField]) -> Vec<u32> {
    let first = |sum: &mut u32, field: &CollectedField| {
        let first = *sum;
        *sum += field.terms.len() as u32;
        Some(first)
    };
    fields.iter().scan(0, first).collect()
}

/// Term ids by term number, from the orders of each field's terms.
fn term_ids(orders: &[Vec<u32>], starts: &[u32]) -> Vec<u32> {
    let mut ids = vec![0; orders.iter().map(Vec::len).sum()];
    for (order, &start) in orders.iter().zip(starts) {
        for (id, &number) in order.iter().enumerate() {
            ids[(start + number) as usize] = start + id as u32;
        }
    }
    ids
}

/// The quantizer of each field, with the first term id after the field's.
fn quantizers(fields: &[CollectedField]) -> Vec<(u32, spork_core::Quantizer)> {
    let starts = first_terms(fields);
    let ends = fields.iter().zip(starts).map(|(field, start)| start + field.terms.len() as u32);
    ends.zip(fields).map(|(end, field)| (end, field.quantizer)).collect()
}

fn manifest(
    documents: usize,
    fields: &[CollectedField],
    inverted: &Inverted,
    options: &Options,
) -> Manifest {
    let mut statistics = inverted.statistics.as_slice();
    let mut described = Vec::with_capacity(fields.len());
    for field in fields {
        let (own, rest) = statistics.split_at(field.terms.len());
        statistics = rest;
        let postings = own.iter().map(|term| u64::from(term.df)).sum();
        described.push(field.describe(postings));
    }
    let pruned = fields.iter().map(|field| field.pruned).sum();
    Manifest {
        documents: documents as u32,
        empty_documents: inverted.empty_documents,
        order: options.order,
        writer: concat!("spork ", env!("CARGO_PKG_VERSION")).to_owned(),
        properties: options.pruning.properties(pruned).into_iter().collect(),
        fields: described,
        ..Manifest::default()
    }
}
