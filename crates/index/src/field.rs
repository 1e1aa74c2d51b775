//! Fields: the impact sources of an index's documents.

use std::collections::BTreeMap;

use bincode::{Decode, Encode};
use spork_core::Quantizer;

/// The kind of weights before they became impacts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub enum WeightKind {
    /// Integers, kept as they were: scale 1.
    #[default]
    Integer,
    /// Floats, rounded to multiples of the scale.
    Float,
}

impl WeightKind {
    /// The name in statistics.
    pub fn name(self) -> &'static str {
        match self {
            Self::Integer => "integer",
            Self::Float => "float",
        }
    }
}

/// Where a field's impacts come from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub enum FieldSource {
    /// Sparse vectors: impacts are the encoder's weights.
    #[default]
    Vectors,
    /// Text by BM25: impacts hold the part of the formula that depends on the document alone, and
    /// queries multiply their weights by idf.
    Bm25,
}

impl FieldSource {
    /// The name in statistics.
    pub fn name(self) -> &'static str {
        match self {
            Self::Vectors => "vectors",
            Self::Bm25 => "bm25",
        }
    }

    /// The name of a field of this source, unless another is chosen.
    pub fn field_name(self) -> &'static str {
        match self {
            Self::Vectors => "splade",
            Self::Bm25 => "bm25",
        }
    }
}

/// An impact source of the documents: a lexicon, a scale and a provenance of its own, in the same
/// windows as the other fields. What it says is fixed when the index is made, and holds for all
/// that is added later.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub struct Field {
    /// Its name, by which a query says how much it counts.
    pub name: String,
    /// Where its impacts come from.
    pub source: FieldSource,
    /// The weight of impact 1.
    pub scale: f32,
    /// The kind of weights that were indexed.
    pub weights: WeightKind,
    /// A typical score of the field. Where a query mixes fields, scores of each are divided by its
    /// own, so that equal shares count equally.
    pub calibration: f32,
    /// Encoder or analyzer, with what a query must share with it.
    pub properties: BTreeMap<String, String>,
}

impl Field {
    /// The map between its weights and impacts.
    pub fn quantizer(&self) -> Quantizer {
        Quantizer::new(self.scale).unwrap_or(Quantizer::INTEGER)
    }

    /// Whether it holds text by BM25.
    pub fn is_text(&self) -> bool {
        self.source == FieldSource::Bm25
    }
}

impl Default for Field {
    /// A field of integer vectors without a term.
    fn default() -> Self {
        let source = FieldSource::default();
        Self {
            name: source.field_name().to_owned(),
            source,
            scale: 1.0,
            weights: WeightKind::default(),
            calibration: 1.0,
            properties: BTreeMap::new(),
        }
    }
}
