//! Fields of an index that starts without documents.

use std::collections::BTreeMap;

use spork_bm25::{Analyzer, Bm25};
use spork_core::Quantizer;
use spork_index::{Field, FieldSource};

use crate::Result;
use crate::field::MEAN_LENGTH;
use crate::scale::{Scale, TEXT_SCALE};

/// A field of an index without documents, with what an index that has some finds out by itself.
#[derive(Clone, Copy)]
pub enum EmptyField<'a> {
    /// Sparse vectors.
    Vectors {
        /// The step between impacts.
        scale: Scale,
        /// What scores are divided by where a query mixes fields; above 0.
        calibration: f32,
    },
    /// Text by BM25.
    Text {
        /// How text becomes terms.
        analyzer: &'a Analyzer,
        /// The parameters.
        bm25: Bm25,
        /// The mean number of terms of a document that BM25 takes; above 0.
        mean_length: f64,
        /// What scores are divided by where a query mixes fields; above 0.
        calibration: f32,
    },
}

impl EmptyField<'_> {
    /// The field as an index records it.
    ///
    /// # Errors
    /// The analyzer's tokenizer can't be written as JSON.
    pub fn field(self) -> Result<Field> {
        let (source, scale, calibration) = match self {
            Self::Vectors { scale, calibration } => (FieldSource::Vectors, scale, calibration),
            Self::Text { calibration, .. } => {
                let quantizer = Quantizer::new(TEXT_SCALE);
                (FieldSource::Bm25, quantizer.map_or(Scale::Integer, Scale::Step), calibration)
            }
        };
        Ok(Field {
            name: source.field_name().to_owned(),
            source,
            scale: scale.quantizer().scale(),
            weights: scale.kind(),
            calibration,
            properties: self.properties()?,
        })
    }

    fn properties(self) -> Result<BTreeMap<String, String>> {
        let Self::Text { analyzer, bm25, mean_length, .. } = self else {
            return Ok(BTreeMap::new());
        };
        let mut properties = bm25.properties(analyzer)?;
        properties.insert(MEAN_LENGTH.to_owned(), mean_length.to_string());
        Ok(properties)
    }
}
