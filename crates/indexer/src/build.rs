//! The whole run that builds an index.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use spork_bm25::{Analyzer, Bm25, CollectionStatistics};
use spork_core::{Quantizer, kill_point};
use spork_index::{CollectedDocnos, CollectedTerms, IndexWriter, Manifest, Order, WeightKind};
use spork_postings::Codec;

use crate::Result;
use crate::collect::{Collected, LineParser, TextParser, VectorParser, collect};
use crate::invert::{Inverted, Inverter, least_memory};
use crate::memory::MemoryBound;
use crate::order::reorder;
use crate::progress::Progress;
use crate::prune::{Pruning, prune};
use crate::weigh::weigh;

/// How to build.
#[derive(Clone, Debug)]
pub struct Options {
    /// Bytes of memory that the run may take.
    pub memory: u64,
    /// Threads; 0 for one a core.
    pub threads: usize,
    /// How docids are given out.
    pub order: Order,
    /// Which postings are dropped.
    pub pruning: Pruning,
    /// How posting lists are written.
    pub codec: Codec,
    /// Recorded in the index: where the weights come from.
    pub properties: BTreeMap<String, String>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            memory: 4 << 30,
            threads: 0,
            order: Order::default(),
            pruning: Pruning::default(),
            codec: Codec::default(),
            properties: BTreeMap::new(),
        }
    }
}

/// The result of a run: the new index's manifest, and what was left out of it.
#[derive(Clone, Debug)]
pub struct Report {
    /// The manifest of the new index.
    pub manifest: Manifest,
    /// Weights of zero in the input, which have no posting.
    pub zeros: u64,
    /// Weights under half the scale, which have no posting either.
    pub rounded_to_zero: u64,
    /// Weights that were pruned, which have no posting either.
    pub pruned: u64,
    /// The collection's statistics that BM25 used; none for an index of vectors.
    pub text: Option<CollectionStatistics>,
}

/// Builds an index in `output` from files of sparse vectors.
///
/// # Errors
/// A bad line with its place, a bound that is too low, or a file that can't be read or written. The
/// index that was in `output` is then still there.
pub fn index_vectors(
    inputs: &[PathBuf],
    output: &Path,
    options: &Options,
    progress: &dyn Progress,
) -> Result<Report> {
    in_pool(options, || run(inputs, &VectorParser, None, output, options, progress))
}

/// Builds a BM25 index in `output` from text collections.
///
/// # Errors
/// A bad line with its place, a bound that is too low, or a file that can't be read or written. The
/// index that was in `output` is then still there.
pub fn index_bm25(
    inputs: &[PathBuf],
    output: &Path,
    analyzer: &Analyzer,
    bm25: Bm25,
    options: &Options,
    progress: &dyn Progress,
) -> Result<Report> {
    let mut options = options.clone();
    options.properties.extend(bm25.properties(analyzer)?);
    in_pool(&options, || run(inputs, &TextParser(analyzer), Some(bm25), output, &options, progress))
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
    inputs: &[PathBuf],
    parser: &impl LineParser,
    bm25: Option<Bm25>,
    output: &Path,
    options: &Options,
    progress: &dyn Progress,
) -> Result<Report> {
    let memory = MemoryBound(options.memory);
    memory.left_beside(0, least_memory(0))?;
    let mut writer = IndexWriter::create(output, options.codec)?;
    let folder = writer.scratch_folder().to_owned();
    let mut collected = collect(inputs, parser, &folder, memory, progress)?;
    kill_point("indexer.collected");
    let mut text = None;
    if let Some(bm25) = bm25 {
        text = Some(weigh(&mut collected, bm25, &folder, progress)?);
        kill_point("indexer.weighed");
    } else if let (WeightKind::Integer, Some(error)) =
        (collected.profile.kind(), collected.too_large.take())
    {
        return Err(*error);
    }
    // The scale is that of all weights: a posting that stays has the impact that it has without
    // pruning.
    let quantizer = collected.profile.quantizer();
    let beside = lasting(&collected);
    let pruned = prune(&mut collected, options.pruning, &folder, memory, beside, progress)?;
    kill_point("indexer.pruned");
    if options.order == Order::Bisection {
        // Docnos are in memory twice while they change places.
        let lasting = lasting(&collected) + collected.docnos.memory() as u64;
        let order = reorder(&mut collected, &folder, memory, lasting, progress)?;
        collected.docnos.rearrange(&order);
        kill_point("indexer.ordered");
    }

    let term_order = collected.terms.order();
    let mut term_ids = vec![0; term_order.len()];
    for (id, &number) in term_order.iter().enumerate() {
        term_ids[number as usize] = id as u32;
    }
    let docno_order = collected.docnos.order();
    let inverter = Inverter {
        forward: &collected.forward,
        term_ids: &term_ids,
        quantizer,
        codec: options.codec,
        memory: memory.left_beside(lasting(&collected), least_memory(collected.terms.len()))?,
    };
    let inverted = inverter.run(&mut writer, progress)?;
    let mut manifest = manifest(&collected, &inverted, quantizer, options);
    manifest.properties.extend(options.pruning.properties(pruned));
    let manifest = writer.finish(
        manifest,
        CollectedTerms {
            strings: collected.terms.strings(),
            order: &term_order,
            statistics: &inverted.statistics,
        },
        CollectedDocnos { strings: collected.docnos.strings(), order: &docno_order },
    )?;
    Ok(Report {
        manifest,
        zeros: collected.zeros,
        rounded_to_zero: inverted.rounded_to_zero,
        pruned,
        text,
    })
}

/// Bytes that stay allocated while windows are inverted: strings, and per document and term their
/// order, renumbering, statistics and inverse document frequency.
fn lasting(collected: &Collected) -> u64 {
    let strings = collected.docnos.memory() + collected.terms.memory();
    (strings + 8 * collected.docnos.len() + 28 * collected.terms.len()) as u64
}

fn manifest(
    collected: &Collected,
    inverted: &Inverted,
    quantizer: Quantizer,
    options: &Options,
) -> Manifest {
    Manifest {
        documents: collected.docnos.len() as u32,
        empty_documents: inverted.empty_documents,
        terms: collected.terms.len() as u32,
        postings: inverted.postings,
        scale: quantizer.scale(),
        weights: collected.profile.kind(),
        order: options.order,
        writer: concat!("spork ", env!("CARGO_PKG_VERSION")).to_owned(),
        properties: options.properties.clone(),
        ..Manifest::default()
    }
}
