//! Which part of a query goes to which field of an index.

use std::borrow::Cow;

use spork_bm25::Analyzer;
use spork_index::{Field, Index};
use spork_model::EncoderRecord;
use spork_searcher::{FieldQuery, GlobalStatistics, Mix, Query, QueryPruning};

use crate::{Error, Result};

/// What queries bring.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct QueryParts {
    /// Text.
    pub text: bool,
    /// Terms and weights, for a field of vectors.
    pub vector: bool,
    /// A model that makes a vector of the text where none is brought.
    pub model: bool,
}

/// The analyzers of an index's fields: none for vectors.
pub struct FieldAnalyzers(Vec<Option<Analyzer>>);

impl FieldAnalyzers {
    /// Makes them as the index records them.
    ///
    /// # Errors
    /// There is no such analyzer, or its tokenizer can't be read.
    pub fn of(index: &Index) -> Result<Self> {
        let fields = &index.manifest().fields;
        let analyzers = fields.iter().map(|field| Analyzer::of_properties(&field.properties));
        Ok(Self(analyzers.collect::<std::result::Result<_, _>>()?))
    }
}

/// A term that a query brings, or that is made of its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GivenTerm {
    /// The place of its field.
    pub field: usize,
    /// The term.
    pub term: String,
}

/// Where a field's part of a query comes from.
enum FieldInput<'a> {
    /// The text, by the field's own analyzer.
    Text(&'a Analyzer),
    /// The vector that the query brings or that the model makes.
    Vector,
}

/// For each field of an index that counts: its share, and where its part of a query comes from.
pub struct FieldPlan<'a> {
    fields: Vec<PlannedField<'a>>,
}

struct PlannedField<'a> {
    place: usize,
    share: f32,
    input: FieldInput<'a>,
}

impl<'a> FieldPlan<'a> {
    /// The plan for queries that bring `parts`. Without a mix all fields have equal shares.
    ///
    /// # Errors
    /// The mix does not fit the index; queries bring nothing for a field whose share is above zero,
    /// or something that no field of the index takes, whatever its share.
    pub fn new(
        index: &Index,
        analyzers: &'a FieldAnalyzers,
        mix: Option<&Mix>,
        parts: QueryParts,
    ) -> Result<Self> {
        let manifest = index.manifest();
        let shares = match mix {
            Some(mix) => mix.shares(manifest)?,
            None => vec![1.0; manifest.fields.len()],
        };
        let mut fields = Vec::new();
        for (place, (field, share)) in manifest.fields.iter().zip(shares).enumerate() {
            if share > 0.0 {
                let analyzer = analyzers.0.get(place).and_then(Option::as_ref);
                let input = input(index, field, analyzer, parts)?;
                fields.push(PlannedField { place, share, input });
            }
        }
        let plan = Self { fields };
        let any = |text: bool| manifest.fields.iter().any(|field| field.is_text() == text);
        if parts.vector && plan.vector_field().is_none() && !any(false) {
            return Err(Error::VectorUnused { index: name(index) });
        }
        if parts.vector && parts.text && !any(true) {
            return Err(Error::TextUnused { index: name(index) });
        }
        Ok(plan)
    }

    /// The fields that count, with their shares.
    pub fn shares(&self, index: &Index) -> Vec<(String, f32)> {
        let fields = &index.manifest().fields;
        let named = |planned: &PlannedField<'_>| {
            Some((fields.get(planned.place)?.name.clone(), planned.share))
        };
        self.fields.iter().filter_map(named).collect()
    }

    /// The place of the field that takes a vector, if one does.
    pub fn vector_field(&self) -> Option<usize> {
        let vector = |field: &&PlannedField<'_>| matches!(field.input, FieldInput::Vector);
        self.fields.iter().find(vector).map(|field| field.place)
    }

    /// Whether a model has to make the vectors of queries that bring `parts`.
    pub fn needs_model(&self, parts: QueryParts) -> bool {
        self.vector_field().is_some() && !parts.vector
    }

    /// The query of a text and of the vector that came with it or was made of it.
    ///
    /// # Errors
    /// As [`Query::mixed`].
    pub fn query(
        &self,
        index: &Index,
        text: Option<&str>,
        vector: &[(String, f32)],
        pruning: QueryPruning,
    ) -> spork_searcher::Result<Query> {
        self.query_in_shard(index, text, vector, pruning, None)
    }

    /// As [`query`](Self::query) where the index may be a shard of a collection with `statistics`.
    ///
    /// # Errors
    /// As [`Query::in_shard`].
    pub fn query_in_shard(
        &self,
        index: &Index,
        text: Option<&str>,
        vector: &[(String, f32)],
        pruning: QueryPruning,
        statistics: Option<&GlobalStatistics>,
    ) -> spork_searcher::Result<Query> {
        let weights = self.weights(text, vector);
        Query::in_shard(index, &self.inputs(&weights), pruning, statistics)
    }

    /// What the index has of the terms of a text and a vector.
    ///
    /// # Errors
    /// As [`GlobalStatistics::of`].
    pub fn statistics(
        &self,
        index: &Index,
        text: Option<&str>,
        vector: &[(String, f32)],
    ) -> spork_searcher::Result<GlobalStatistics> {
        let weights = self.weights(text, vector);
        GlobalStatistics::of(index, &self.inputs(&weights))
    }

    /// The fields with their terms and weights.
    fn inputs<'w>(&self, weights: &'w [Cow<'_, [(String, f32)]>]) -> Vec<FieldQuery<'w, String>> {
        let input = |(field, weights): (&PlannedField<'_>, &'w Cow<'_, [(String, f32)]>)| {
            FieldQuery { field: field.place, weights: weights.as_ref(), share: field.share }
        };
        self.fields.iter().zip(weights).map(input).collect()
    }

    /// The terms, of weights above zero, that each field is given of a text and a vector, in their
    /// order.
    pub fn given(&self, text: Option<&str>, vector: &[(String, f32)]) -> Vec<GivenTerm> {
        let mut given: Vec<GivenTerm> = Vec::new();
        for (field, weights) in self.fields.iter().zip(self.weights(text, vector)) {
            for (term, _) in weights.iter().filter(|&&(_, weight)| weight > 0.0) {
                let term = GivenTerm { field: field.place, term: term.clone() };
                if !given.contains(&term) {
                    given.push(term);
                }
            }
        }
        given
    }

    /// The terms and weights of each field.
    fn weights<'w>(
        &self,
        text: Option<&str>,
        vector: &'w [(String, f32)],
    ) -> Vec<Cow<'w, [(String, f32)]>> {
        let weights = |field: &PlannedField<'_>| match &field.input {
            FieldInput::Text(analyzer) => Cow::Owned(analyzer.query(text.unwrap_or_default())),
            FieldInput::Vector => Cow::Borrowed(vector),
        };
        self.fields.iter().map(weights).collect()
    }
}

/// Where a field's part of a query comes from.
fn input<'a>(
    index: &Index,
    field: &Field,
    analyzer: Option<&'a Analyzer>,
    parts: QueryParts,
) -> Result<FieldInput<'a>> {
    match analyzer {
        Some(analyzer) if parts.text => Ok(FieldInput::Text(analyzer)),
        // Counts of terms, where text is all that the index has.
        Some(_) if parts.vector && index.manifest().fields.len() == 1 => Ok(FieldInput::Vector),
        Some(_) => Err(Error::NoText { index: name(index), field: field.name.clone() }),
        None if parts.vector || (parts.text && parts.model) => Ok(FieldInput::Vector),
        None if parts.text => Err(Error::NoModel {
            index: name(index),
            field: field.name.clone(),
            model: encoder_name(field),
        }),
        None => Err(Error::NoVector { index: name(index), field: field.name.clone() }),
    }
}

/// The name of the encoder that a field records.
fn encoder_name(field: &Field) -> Option<String> {
    let record = EncoderRecord::of_properties(&field.properties).ok().flatten()?;
    record.name().map(str::to_owned)
}

fn name(index: &Index) -> String {
    index.name()
}
