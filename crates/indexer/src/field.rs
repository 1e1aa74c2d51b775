//! One field from its input to records of weights, before fields are joined.

use std::collections::BTreeMap;
use std::path::Path;

use spork_bm25::CollectionStatistics;
use spork_core::{Quantizer, idf, kill_point};
use spork_index::{Field, FieldSource, WeightKind};
use spork_vectors::Values;

use crate::Result;
use crate::calibrate::calibrate;
use crate::collect::{Collected, Records, TextParser, VectorParser, collect};
use crate::interner::Interner;
use crate::memory::MemoryBound;
use crate::options::Options;
use crate::progress::Progress;
use crate::prune::prune;
use crate::source::Source;
use crate::weigh::weigh;

/// What is known of a field when all of its documents have been read.
pub(crate) struct CollectedField {
    pub(crate) terms: Interner,
    /// By term number.
    pub(crate) document_frequencies: Vec<u32>,
    pub(crate) quantizer: Quantizer,
    pub(crate) zeros: u64,
    pub(crate) pruned: u64,
    pub(crate) text: Option<CollectionStatistics>,
    source: FieldSource,
    weights: WeightKind,
    documents: u32,
    calibration: f32,
    properties: BTreeMap<String, String>,
}

/// Reads a field's input, weighs and prunes it; `docnos` are those of the fields before, and gets
/// the new ones. The run stays within a memory bound, of which some bytes stay allocated meanwhile.
/// A field is calibrated if it is one of several.
pub(crate) fn collect_field(
    source: &Source<'_>,
    options: &Options,
    several: bool,
    docnos: &mut Interner,
    folder: &Path,
    (memory, lasting): (MemoryBound, u64),
    progress: &dyn Progress,
) -> Result<(CollectedField, Records)> {
    let properties = source.properties()?;
    let room = (memory, lasting);
    let mut collected = match source {
        Source::Vectors { inputs, .. } => {
            let parser = VectorParser { options: &options.reading, values: Values::Impacts };
            collect(inputs, &parser, docnos, folder, room, progress)?
        }
        Source::Counts { inputs, .. } => {
            let parser = VectorParser { options: &options.reading, values: Values::Counts };
            collect(inputs, &parser, docnos, folder, room, progress)?
        }
        Source::Text { inputs, analyzer, .. } => {
            collect(inputs, &TextParser(analyzer), docnos, folder, room, progress)?
        }
    };
    kill_point("indexer.collected");
    let documents = collected.records.forward.documents();
    let text = match source.bm25() {
        Some(bm25) => Some(weigh(&mut collected, bm25, folder, progress)?),
        None => None,
    };
    if text.is_some() {
        kill_point("indexer.weighed");
    }
    // The scale is that of all weights: a posting that stays has the impact that it has without
    // pruning.
    let (quantizer, weights) = (collected.profile.quantizer(), collected.profile.kind());
    if let (WeightKind::Integer, None, Some(error)) = (weights, text, collected.too_large.take()) {
        return Err(*error);
    }
    let beside = lasting + docnos.memory() as u64 + 28 * collected.terms.len() as u64;
    let beside = beside + collected.memory();
    let pruned = prune(&mut collected, options.pruning, folder, memory, beside, progress)?;
    kill_point("indexer.pruned");
    let calibration =
        if several { typical_score(&collected, text.is_some(), progress)? } else { 1.0 };
    let Collected { records, terms, document_frequencies, zeros, .. } = collected;
    let field = CollectedField {
        terms,
        document_frequencies,
        quantizer,
        zeros,
        pruned,
        text,
        source: source.kind(),
        weights,
        documents: documents as u32,
        calibration,
        properties,
    };
    Ok((field, records))
}

/// The field's calibration. The query's weight of a term is taken to be its idf for text, as if the
/// query had each word once, and for vectors the document's own weight times idf^½: of a document's
/// heavy terms, the rare ones are those that queries ask for.
fn typical_score(collected: &Collected, text: bool, progress: &dyn Progress) -> Result<f32> {
    let forward = &collected.records.forward;
    let idf = |&df: &u32| idf(forward.documents(), df);
    let idf: Vec<f64> = collected.document_frequencies.iter().map(idf).collect();
    calibrate(
        forward,
        |term, weight| {
            let (idf, weight) = (idf[term as usize], f64::from(weight));
            if text { idf * weight } else { idf.sqrt() * weight * weight }
        },
        progress,
    )
}

impl CollectedField {
    /// Bytes that stay allocated until the index is written.
    pub(crate) fn memory(&self) -> u64 {
        self.terms.memory() as u64
    }

    /// The field in the manifest.
    pub(crate) fn describe(&self, postings: u64) -> Field {
        let mut properties = self.properties.clone();
        if let Some(text) = self.text {
            let mean = text.length as f64 / text.documents as f64;
            properties.insert("mean_length".to_owned(), mean.to_string());
        }
        Field {
            name: self.source.field_name().to_owned(),
            source: self.source,
            documents: self.documents,
            terms: self.terms.len() as u32,
            postings,
            scale: self.quantizer.scale(),
            weights: self.weights,
            calibration: self.calibration,
            properties,
        }
    }
}
