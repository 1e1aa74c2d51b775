//! What is added to an index, or built like it, against what the index has fixed.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use spork_bm25::{Analyzer, Bm25};
use spork_index::{Field, FieldSource, Index, IndexWriter};
use spork_indexer::{Options, Progress, Report, Source, add_with, index_like};
use spork_model::EncoderRecord;
use spork_vectors::{Values, recorded_values};

use crate::provenance::{check_parts, common_encoder, join_encoders};
use crate::{Error, Result};

/// Documents to be added, and how.
pub(crate) struct Addition<'a> {
    pub(crate) vectors: &'a [PathBuf],
    pub(crate) texts: &'a [PathBuf],
    /// The encoder of the vectors, where their files do not say it.
    pub(crate) encoder: Option<EncoderRecord>,
    pub(crate) update: bool,
    pub(crate) allow_mismatch: bool,
}

/// Adds documents to the index in `folder` as it has fixed them, once it is sure that they belong
/// there.
pub(crate) fn add(
    folder: &Path,
    addition: &Addition<'_>,
    options: &Options,
    progress: &dyn Progress,
) -> Result<Report> {
    let encoder = addition.encoder(options)?;
    // From here on nobody else changes what is compared with.
    let writer = IndexWriter::open(folder)?;
    let index = writer.current();
    let fitting = Fitting::of(index.as_deref(), encoder, addition, options)?;
    Ok(add_with(writer, &fitting.sources(addition)?, addition.update, options, progress)?)
}

/// Builds an index of documents as the index in `like` has fixed them.
pub(crate) fn build_like(
    like: &Path,
    output: &Path,
    addition: &Addition<'_>,
    options: &Options,
    progress: &dyn Progress,
) -> Result<Report> {
    let encoder = addition.encoder(options)?;
    let index = Index::open(like)?;
    check_complete(&index, addition, options)?;
    let fitting = Fitting::of(Some(&index), encoder, addition, options)?;
    Ok(index_like(&index, &fitting.sources(addition)?, output, options, progress)?)
}

/// That each field of an index that others are like has its input, and that records are of use.
fn check_complete(like: &Index, addition: &Addition<'_>, options: &Options) -> Result<()> {
    let counts = holds_counts(addition.vectors, options)?;
    for field in &like.manifest().fields {
        let there = match field.source {
            FieldSource::Vectors => !addition.vectors.is_empty() && !counts,
            FieldSource::Bm25 => !addition.texts.is_empty() || counts,
        };
        if !there {
            return Err(Error::NoInput { index: like.name(), field: field.name.clone() });
        }
    }
    if !options.records.is_empty() && !like.manifest().stored.needs_records() {
        return Err(Error::RecordsUnused { index: like.name() });
    }
    check_parts(addition.vectors)
}

impl Addition<'_> {
    /// The encoder of the vectors, as far as it is known.
    fn encoder(&self, options: &Options) -> Result<Option<EncoderRecord>> {
        match (&self.encoder, holds_counts(self.vectors, options)?) {
            (None, false) => common_encoder(self.vectors, self.allow_mismatch),
            (encoder, _) => Ok(encoder.clone()),
        }
    }
}

/// How an index takes documents.
struct Fitting {
    /// Whether vectors are term counts.
    counts: bool,
    /// What it records of the vectors' encoder from now on.
    properties: BTreeMap<String, String>,
    analyzer: Analyzer,
    bm25: Bm25,
}

impl Fitting {
    /// How `index` takes documents, once it is sure that they belong there.
    fn of(
        index: Option<&Index>,
        encoder: Option<EncoderRecord>,
        addition: &Addition<'_>,
        options: &Options,
    ) -> Result<Self> {
        let counts = holds_counts(addition.vectors, options)?;
        let fields = index.map_or(&[][..], |index| &index.manifest().fields);
        let field = |source| fields.iter().find(|field: &&Field| field.source == source);
        let mut properties = BTreeMap::new();
        if let (Some(index), Some(field), false) =
            (index, field(FieldSource::Vectors), addition.vectors.is_empty() || counts)
        {
            properties = encoder_property(index, field, encoder, addition)?;
        }
        let text = field(FieldSource::Bm25);
        let analyzer = text.map(|field| Analyzer::of_properties(&field.properties)).transpose()?;
        let name = || index.map(Index::name).unwrap_or_default();
        let bm25 = match text.map(|field| Bm25::of_properties(&field.properties)) {
            Some(None) => return Err(Error::NoParameters { index: name() }),
            Some(Some(bm25)) => bm25,
            // Text is refused later, with the names of the fields that there are.
            None => Bm25::default(),
        };
        let other = |has: String, given| Err(Error::OtherTerms { index: name(), has, given });
        let analyzer = match analyzer {
            Some(Some(analyzer)) if counts => {
                let (analyzer, _) = analyzer.describe()?;
                return other(format!("text by the analyzer {analyzer}"), "term counts");
            }
            Some(None) if !addition.texts.is_empty() => {
                return other("term counts".to_owned(), "text");
            }
            analyzer => analyzer.flatten().unwrap_or_else(Analyzer::english),
        };
        Ok(Self { counts, properties, analyzer, bm25 })
    }

    /// The input of each field.
    fn sources<'a>(&'a self, addition: &Addition<'a>) -> Result<Vec<Source<'a>>> {
        let Self { counts, properties, analyzer, bm25 } = self;
        let mut sources = Vec::new();
        if !addition.vectors.is_empty() {
            sources.push(match counts {
                true => Source::Counts { inputs: addition.vectors, bm25: *bm25 },
                false => Source::Vectors { inputs: addition.vectors, properties },
            });
        }
        if !addition.texts.is_empty() {
            if *counts {
                return Err(Error::TwoBm25);
            }
            sources.push(Source::Text { inputs: addition.texts, analyzer, bm25: *bm25 });
        }
        Ok(sources)
    }
}

/// Whether the vectors are term counts: as the options say, or else the first file itself.
fn holds_counts(vectors: &[PathBuf], options: &Options) -> Result<bool> {
    let said = match (options.reading.values, vectors.first()) {
        (None, Some(path)) if path.is_file() => recorded_values(path)?,
        (given, _) => given,
    };
    Ok(said == Some(Values::Counts) && !vectors.is_empty())
}

/// What the field of vectors records of its encoder when vectors of `encoder` are added: none where
/// that does not change.
fn encoder_property(
    index: &Index,
    field: &Field,
    encoder: Option<EncoderRecord>,
    addition: &Addition<'_>,
) -> Result<BTreeMap<String, String>> {
    let recorded = EncoderRecord::of_properties(&field.properties).map_err(Error::Record)?;
    let place = index.manifest().field_named(&field.name).unwrap_or_default();
    let (folder, first) = (index.name(), &addition.vectors[0]);
    let record = match (recorded, encoder) {
        (None, None) => None,
        (None, encoder) if index.field_documents(place) == 0 => encoder,
        (None, Some(encoder)) => {
            tracing::warn!(
                "{folder} does not record the encoder of its vectors; whether those of {} are of \
                 the same one can't be checked",
                encoder.name().unwrap_or("an encoder")
            );
            None
        }
        (Some(recorded), None) => {
            tracing::warn!(
                "{} does not record its encoder; that of {folder}, {}, is taken for it",
                first.display(),
                recorded.name().unwrap_or("without a name")
            );
            None
        }
        (Some(recorded), Some(encoder)) => {
            let names = [folder, first.display().to_string()];
            Some(join_encoders(&recorded, &encoder, names, addition.allow_mismatch)?)
        }
    };
    Ok(record.map(|record| record.property()).into_iter().collect())
}
