//! Statistics of an index, as data.

use std::collections::BTreeMap;

use serde::Serialize;
use spork_core::{ENCODER_PROPERTY, TermId};
use spork_index::{Field, Index, Manifest};

use crate::Result;
use crate::pruning_record::PruningRecord;

/// Counts, sizes and provenance of an index.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct IndexStatistics {
    /// Documents, those without terms included.
    pub documents: u32,
    /// Documents without a posting.
    pub empty_documents: u32,
    /// Terms of all fields.
    pub terms: u32,
    /// Postings.
    pub postings: u64,
    /// Postings of a document, on average.
    pub postings_per_document: f64,
    /// Its impact sources.
    pub fields: Vec<FieldStatistics>,
    /// The order of documents: `input` or `bisection`.
    pub order: &'static str,
    /// The codec of posting lists: `fast` or `compact`.
    pub codec: &'static str,
    /// Sizes of its files.
    pub bytes: IndexBytes,
    /// Bytes of posting lists and lexicon, a posting.
    pub bytes_per_posting: f64,
    /// The largest document frequency of a term.
    pub largest_df: u32,
    /// Σ (df / documents)² over all terms: the expected FLOPS of a pair of documents. That of a
    /// query and a document depends on the queries.
    pub document_flops: f64,
    /// How it was pruned; none if it was not.
    pub pruned: Option<PruningRecord>,
    /// The program that wrote the index.
    pub writer: String,
    /// What was done to all fields.
    pub properties: BTreeMap<String, String>,
}

/// A field of an index.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FieldStatistics {
    /// Its name.
    pub name: String,
    /// Where its impacts come from: `vectors` or `bm25`.
    pub source: &'static str,
    /// Documents that its input held.
    pub documents: u32,
    /// Terms of its lexicon.
    pub terms: u32,
    /// Postings.
    pub postings: u64,
    /// The kind of document weights before they became impacts: `integer` or `float`.
    pub weights: &'static str,
    /// The weight of impact 1.
    pub scale: f32,
    /// What its scores are divided by where a query mixes fields.
    pub calibration: f32,
    /// The identity of the encoder that made its vectors; none where it is not recorded.
    pub encoder: Option<serde_json::Value>,
    /// All other properties of its provenance.
    pub properties: BTreeMap<String, String>,
}

impl From<&Field> for FieldStatistics {
    fn from(field: &Field) -> Self {
        let mut properties = field.properties.clone();
        let encoder = properties.remove(ENCODER_PROPERTY);
        Self {
            name: field.name.clone(),
            source: field.source.name(),
            documents: field.documents,
            terms: field.terms,
            postings: field.postings,
            weights: field.weights.name(),
            scale: field.scale,
            calibration: field.calibration,
            encoder: encoder.map(|text| serde_json::from_str(&text).unwrap_or(text.into())),
            properties,
        }
    }
}

/// Sizes of an index's files, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct IndexBytes {
    /// Posting lists.
    pub postings: u64,
    /// Terms.
    pub lexicon: u64,
    /// Document names.
    pub docnos: u64,
    /// All three.
    pub total: u64,
}

impl IndexStatistics {
    /// The statistics of `index`; reads its whole lexicon.
    ///
    /// # Errors
    /// The lexicon is damaged.
    pub fn new(index: &Index) -> Result<Self> {
        let manifest = index.manifest();
        let (largest_df, document_flops) = document_frequencies(index)?;
        Ok(Self {
            documents: manifest.documents,
            empty_documents: manifest.empty_documents,
            terms: manifest.terms(),
            postings: manifest.postings(),
            postings_per_document: ratio(manifest.postings(), u64::from(manifest.documents)),
            fields: manifest.fields.iter().map(FieldStatistics::from).collect(),
            order: manifest.order.name(),
            codec: index.codec().name(),
            bytes: IndexBytes {
                postings: manifest.postings_file.length,
                lexicon: manifest.lexicon_file.length,
                docnos: manifest.docnos_file.length,
                total: manifest.bytes(),
            },
            bytes_per_posting: bytes_per_posting(manifest),
            largest_df,
            document_flops,
            pruned: PruningRecord::of(manifest),
            writer: manifest.writer.clone(),
            properties: manifest.properties.clone(),
        })
    }
}

/// Bytes of posting lists and lexicon, a posting: what search reads. Names of documents do not
/// count.
pub fn bytes_per_posting(manifest: &Manifest) -> f64 {
    ratio(manifest.postings_file.length + manifest.lexicon_file.length, manifest.postings())
}

/// The largest document frequency, and Σ (df / documents)² over all terms.
fn document_frequencies(index: &Index) -> Result<(u32, f64)> {
    let documents = f64::from(index.manifest().documents.max(1));
    let (mut largest, mut flops) = (0, 0.0);
    for term in 0..index.manifest().terms() {
        let df = index.lexicon().statistics(TermId(term))?.df;
        largest = largest.max(df);
        flops += (f64::from(df) / documents).powi(2);
    }
    Ok((largest, flops))
}

/// A quotient; 0 where there is nothing to divide by.
fn ratio(of: u64, by: u64) -> f64 {
    if by == 0 { 0.0 } else { of as f64 / by as f64 }
}
