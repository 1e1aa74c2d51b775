//! Statistics of an index, as data.

use std::collections::BTreeMap;

use serde::Serialize;
use spork_core::ENCODER_PROPERTY;
use spork_index::{Field, FieldCounts, Index, SegmentSummary};

use crate::Result;
use crate::pruning_record::PruningRecord;

/// Counts, sizes and provenance of an index.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct IndexStatistics {
    /// Documents, those without terms included.
    pub documents: u32,
    /// Documents without a posting.
    pub empty_documents: u32,
    /// Its segments.
    pub segments: usize,
    /// Deleted documents that no merge has dropped yet.
    pub deleted_documents: u32,
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
    /// Documents with a posting of it.
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

impl FieldStatistics {
    fn new(field: &Field, counts: FieldCounts, terms: u32) -> Self {
        let mut properties = field.properties.clone();
        let encoder = properties.remove(ENCODER_PROPERTY);
        Self {
            name: field.name.clone(),
            source: field.source.name(),
            documents: counts.documents,
            terms,
            postings: counts.postings,
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
    /// The statistics of the living documents of `index`; reads its whole lexicons.
    ///
    /// # Errors
    /// A lexicon is damaged.
    pub fn new(index: &Index) -> Result<Self> {
        let (manifest, counts) = (index.manifest(), index.counts());
        let documents = counts.documents;
        let mut fields = Vec::with_capacity(manifest.fields.len());
        let (mut largest_df, mut document_flops, mut terms) = (0, 0.0, 0);
        for (place, (field, &counts)) in manifest.fields.iter().zip(&counts.fields).enumerate() {
            let of_field = index.terms_of(place)?;
            for &(_, df) in &of_field {
                largest_df = largest_df.max(df);
                document_flops += (f64::from(df) / f64::from(documents)).powi(2);
            }
            terms += of_field.len() as u32;
            fields.push(FieldStatistics::new(field, counts, of_field.len() as u32));
        }
        Ok(Self {
            documents,
            empty_documents: counts.empty_documents,
            segments: index.segments().len(),
            deleted_documents: index.docids() - documents,
            terms,
            postings: counts.postings(),
            postings_per_document: ratio(counts.postings(), u64::from(documents)),
            fields,
            order: manifest.order.name(),
            codec: manifest.codec().name(),
            bytes: IndexBytes::of(index),
            bytes_per_posting: bytes_per_posting(index),
            largest_df,
            document_flops,
            pruned: PruningRecord::of(manifest),
            writer: manifest.writer.clone(),
            properties: manifest.properties.clone(),
        })
    }
}

impl IndexBytes {
    /// The sizes of the files of all segments.
    pub fn of(index: &Index) -> Self {
        let sum = |length: fn(&SegmentSummary) -> u64| {
            index.segments().iter().map(|segment| length(segment.summary())).sum()
        };
        Self {
            postings: sum(|summary| summary.postings_file.length),
            lexicon: sum(|summary| summary.lexicon_file.length),
            docnos: sum(|summary| summary.docnos_file.length),
            total: index.bytes(),
        }
    }
}

/// Bytes of posting lists and lexicon, a posting: what search reads. Names of documents do not
/// count.
pub fn bytes_per_posting(index: &Index) -> f64 {
    let bytes = IndexBytes::of(index);
    let postings = index.segments().iter().map(|segment| segment.summary().counts.postings()).sum();
    ratio(bytes.postings + bytes.lexicon, postings)
}

/// A quotient; 0 where there is nothing to divide by.
fn ratio(of: u64, by: u64) -> f64 {
    if by == 0 { 0.0 } else { of as f64 / by as f64 }
}
