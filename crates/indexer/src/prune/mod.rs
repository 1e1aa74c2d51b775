//! Static pruning: postings that are dropped before the index is written. What is left is searched
//! exactly, but it is not what the encoder made.

mod quantiles;
mod record;

use std::path::Path;

use spork_core::mass_threshold;

use crate::Result;
use crate::collect::Collected;
use crate::forward::ForwardWriter;
use crate::memory::MemoryBound;
use crate::progress::{Phase, Progress};

pub use record::Pruned;

/// Which postings are dropped; none by default.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pruning {
    /// The share of a document's sum of weights that its kept terms must hold, above 0 to 1. The
    /// heaviest terms are kept, and terms as heavy as the lightest of these. Document-centric
    /// pruning, as by Lassance, Lupart, Déjean, Clinchant, Tonellotto: "A Static Pruning Study on
    /// Sparse Neural Retrievers", SIGIR 2023, with the α-mass of Seismic for a criterion.
    pub document_mass: f64,
    /// The quantile of a posting list below which its postings are dropped, from 0 to below 1: the
    /// weight at place ⌊quantile · df⌋ in ascending order, counted from 0. Term-centric pruning of
    /// the same study. Lists are taken as the pruning of documents leaves them.
    pub term_quantile: f64,
}

impl Default for Pruning {
    fn default() -> Self {
        Self { document_mass: 1.0, term_quantile: 0.0 }
    }
}

/// Rewrites the forward file of `collected` without the pruned postings, and returns their number.
/// The run stays within `memory`, of which `lasting` bytes stay allocated meanwhile.
pub(crate) fn prune(
    collected: &mut Collected,
    pruning: Pruning,
    folder: &Path,
    memory: MemoryBound,
    lasting: u64,
    progress: &dyn Progress,
) -> Result<u64> {
    let before = postings(collected);
    if pruning.document_mass < 1.0 {
        let mut weights = Vec::new();
        rewrite(collected, folder, progress, Phase::PruningDocuments, |record| {
            weights.clear();
            weights.extend(record.iter().map(|&(_, weight)| weight));
            let threshold = mass_threshold(&mut weights, pruning.document_mass);
            record.retain(|&(_, weight)| weight >= threshold);
        })?;
    }
    if pruning.term_quantile > 0.0 {
        let frequencies = &collected.document_frequencies;
        let room = memory.left_beside(lasting, quantiles::least_memory(frequencies))?;
        let thresholds = quantiles::find(
            &collected.records.forward,
            frequencies,
            pruning.term_quantile,
            room,
            progress,
        )?;
        rewrite(collected, folder, progress, Phase::PruningTerms, |record| {
            record.retain(|&(term, weight)| weight >= thresholds[term as usize]);
        })?;
    }
    Ok(before - postings(collected))
}

fn postings(collected: &Collected) -> u64 {
    collected.document_frequencies.iter().map(|&df| u64::from(df)).sum()
}

/// Puts every record of the forward file through `retain`, and finds document frequencies and
/// heaviest weights anew.
fn rewrite(
    collected: &mut Collected,
    folder: &Path,
    progress: &dyn Progress,
    phase: Phase,
    mut retain: impl FnMut(&mut Vec<(u32, f32)>),
) -> Result<()> {
    progress.phase(phase, Some(collected.records.forward.documents()));
    collected.document_frequencies.fill(0);
    collected.heaviest.fill(0.0);
    let mut pruned = ForwardWriter::create(folder)?;
    let (mut reader, mut record) = (collected.records.forward.all(), Vec::new());
    while reader.next_into(&mut record)? {
        retain(&mut record);
        for &(term, weight) in &record {
            collected.document_frequencies[term as usize] += 1;
            let heaviest = &mut collected.heaviest[term as usize];
            *heaviest = heaviest.max(weight);
        }
        pruned.push(&record)?;
        progress.advance(1)?;
    }
    collected.records.forward = pruned.finish()?;
    Ok(())
}
