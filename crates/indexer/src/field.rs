//! One field from its input to records of weights, before fields are joined.

use std::collections::BTreeMap;
use std::path::Path;

use spork_bm25::CollectionStatistics;
use spork_core::{Quantizer, idf, kill_point};
use spork_index::{Field, WeightKind};
use spork_vectors::Values;

use crate::Result;
use crate::calibrate::calibrate;
use crate::collect::{Collected, Records, collect};
use crate::docnos::Docnos;
use crate::field_terms::FieldTerms;
use crate::forward::ForwardWriter;
use crate::interner::Interner;
use crate::line_parser::{Part, TextParser, VectorParser};
use crate::memory::MemoryBound;
use crate::options::Options;
use crate::progress::Progress;
use crate::prune::prune;
use crate::scale::TEXT_SCALE;
use crate::source::Source;
use crate::weigh::weigh;

/// The property of a field of text that holds the mean length of its documents.
pub(crate) const MEAN_LENGTH: &str = "mean_length";

/// What is known of a field when all of its documents have been read.
pub(crate) struct CollectedField {
    pub(crate) field: Field,
    pub(crate) terms: FieldTerms,
    pub(crate) zeros: u64,
    pub(crate) pruned: u64,
    /// Documents in the input.
    pub(crate) documents: u64,
    pub(crate) text: Option<CollectionStatistics>,
}

/// How a field is read.
pub(crate) struct Reading<'a> {
    pub(crate) options: &'a Options,
    /// The documents that are read.
    pub(crate) part: Part,
    /// What the index has fixed; none for a new one.
    pub(crate) given: Option<&'a Field>,
    /// Whether it is one of several, and needs a calibration.
    pub(crate) several: bool,
    pub(crate) folder: &'a Path,
    pub(crate) progress: &'a dyn Progress,
}

/// Reads a field's input, weighs and prunes it; `docnos` are those of the fields before, and gets
/// the new ones. The run stays within a memory bound, of which some bytes stay allocated meanwhile.
pub(crate) fn collect_field(
    source: &Source<'_>,
    reading: &Reading<'_>,
    docnos: &mut Docnos<'_>,
    (memory, lasting): (MemoryBound, u64),
) -> Result<(CollectedField, Records)> {
    let &Reading { options, given, folder, progress, .. } = reading;
    let mut collected = reading.collect(source, docnos, (memory, lasting))?;
    kill_point("indexer.collected");
    let documents = collected.records.forward.documents();
    let text = match source.bm25() {
        Some(bm25) => {
            let mean_length = given.and_then(mean_length);
            Some(weigh(&mut collected, bm25, mean_length, folder, progress)?)
        }
        None => None,
    };
    if text.is_some() {
        kill_point("indexer.weighed");
    }
    // The scale is that of all weights: a posting that stays has the impact that it has without
    // pruning.
    let (quantizer, weights) = reading.scale(&mut collected, text.is_some())?;
    let beside = lasting + docnos.read.memory() as u64 + 28 * collected.terms.len() as u64;
    let beside = beside + collected.memory();
    let pruned = prune(&mut collected, options.pruning, folder, memory, beside, progress)?;
    kill_point("indexer.pruned");
    let field = match given {
        Some(given) => given.clone(),
        None => Field {
            name: source.kind().field_name().to_owned(),
            source: source.kind(),
            scale: quantizer.scale(),
            weights,
            calibration: match reading.several {
                true => typical_score(&collected, text.is_some(), progress)?,
                false => 1.0,
            },
            properties: properties(source, text)?,
        },
    };
    let Collected { records, terms, heaviest, zeros, .. } = collected;
    let terms = FieldTerms { terms, heaviest, quantizer };
    Ok((CollectedField { field, terms, zeros, pruned, documents, text }, records))
}

impl Reading<'_> {
    fn collect(
        &self,
        source: &Source<'_>,
        docnos: &mut Docnos<'_>,
        room: (MemoryBound, u64),
    ) -> Result<Collected> {
        let part = self.part;
        let parser = |values| VectorParser { options: &self.options.reading, values };
        match source {
            Source::Vectors { inputs, .. } => {
                let parser = parser(Values::Impacts);
                collect((inputs, part), &parser, docnos, self.folder, room, self.progress)
            }
            Source::Counts { inputs, .. } => {
                let parser = parser(Values::Counts);
                collect((inputs, part), &parser, docnos, self.folder, room, self.progress)
            }
            Source::Text { inputs, analyzer, .. } => {
                let parser = TextParser(analyzer);
                collect((inputs, part), &parser, docnos, self.folder, room, self.progress)
            }
        }
    }

    /// The quantizer of the field, and the kind of its weights: as the index has fixed them, as the
    /// options say, or as the weights suggest.
    fn scale(&self, collected: &mut Collected, text: bool) -> Result<(Quantizer, WeightKind)> {
        let (quantizer, kind) = match (self.given, self.options.scale) {
            (Some(field), _) => (field.quantizer(), field.weights),
            (None, Some(scale)) if !text => (scale.quantizer(), scale.kind()),
            (None, _) if text && collected.profile.is_empty() => {
                let quantizer = Quantizer::new(TEXT_SCALE).unwrap_or(Quantizer::INTEGER);
                (quantizer, WeightKind::Float)
            }
            (None, _) => (collected.profile.quantizer(), collected.profile.kind()),
        };
        if kind == WeightKind::Integer && !text {
            let fault = collected.too_large.take().or(collected.fraction.take());
            // Floats are told by a fraction; among integers there is none.
            if let Some(error) = fault {
                return Err(*error);
            }
        }
        Ok((quantizer, kind))
    }
}

/// What a new index records of a field's provenance.
fn properties(
    source: &Source<'_>,
    text: Option<CollectionStatistics>,
) -> Result<BTreeMap<String, String>> {
    let mut properties = source.properties()?;
    if let Some(text) = text {
        properties.insert(MEAN_LENGTH.to_owned(), text.mean_length().to_string());
    }
    Ok(properties)
}

/// The mean length that a field of text records.
fn mean_length(field: &Field) -> Option<f64> {
    field.properties.get(MEAN_LENGTH)?.parse().ok().filter(|mean: &f64| mean.is_normal())
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
    /// A field of an index that gets no documents.
    pub(crate) fn without_documents(field: &Field, folder: &Path) -> Result<(Self, Records)> {
        let quantizer = field.quantizer();
        let terms = FieldTerms { terms: Interner::default(), heaviest: Vec::new(), quantizer };
        let none =
            Self { field: field.clone(), terms, zeros: 0, pruned: 0, documents: 0, text: None };
        let forward = ForwardWriter::create(folder)?.finish()?;
        Ok((none, Records { forward, docids: Some(Vec::new()) }))
    }
}
