//! What a search is asked for.

use std::time::{Duration, Instant};

use serde::Deserialize;
use serde_json::value::RawValue;
use spork_search::{Filter, Index, Limits, Mix, Query, SearchOptions};
use utoipa::ToSchema;

use crate::api_error::ApiError;
use crate::settings::RequestLimits;
use crate::weights::Weights;

/// Hits with an explanation at most.
const EXPLAINED: usize = 100;
/// Characters of a passage at most.
const LONGEST_SNIPPET: usize = 2_000;

/// A search. Give the query as `query` (text), as `vector` (terms and weights), as `indices` and
/// `values`, or for a hybrid index as a text and a vector.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SearchRequest {
    /// The name or alias of the index; may be left out where there is one only
    pub(crate) index: Option<String>,
    /// The query as text
    #[schema(example = "how long does jet lag last")]
    pub(crate) query: Option<String>,
    /// The query as terms and weights
    #[schema(value_type = Option<std::collections::BTreeMap<String, f32>>)]
    pub(crate) vector: Option<Weights>,
    /// The query's terms by their ids in the model's vocabulary, with `values`
    pub(crate) indices: Option<Vec<u32>>,
    /// The weights of `indices`
    pub(crate) values: Option<Vec<f32>>,
    /// How the search goes
    #[serde(default = "ten")]
    #[schema(minimum = 1, maximum = 10_000, default = 10)]
    pub(crate) k: usize,
    /// Find none but the documents that this filter keeps: a text such as `year >= 2020`, or the
    /// same as JSON
    #[schema(value_type = Option<FilterForm>)]
    pub(crate) filter: Option<Box<RawValue>>,
    /// How much each field of a hybrid index counts, such as `splade=1,bm25=0.5`
    #[schema(example = "splade=1,bm25=1")]
    pub(crate) mix: Option<String>,
    /// The columns whose values are shown of each hit
    pub(crate) columns: Option<Vec<String>>,
    /// Whether stored texts are shown
    #[serde(default)]
    pub(crate) text: bool,
    /// Show the passage of each hit's stored text that answers best, in so many characters
    #[schema(minimum = 1, maximum = 2_000)]
    pub(crate) snippet: Option<usize>,
    /// Whether it is explained how each hit gets its score, and which terms the query has; for at
    /// most 100 hits
    #[serde(default)]
    pub(crate) explain: bool,
    /// Skip blocks of documents whose bounds times this can't reach the best k; 1 is exact
    #[schema(minimum = 0.0, maximum = 1.0, default = 1.0)]
    pub(crate) alpha: Option<f64>,
    /// Answer within so many milliseconds: with what was found by then, if need be, and what a
    /// document that was not looked at has at most
    #[schema(minimum = 1, maximum = 60_000)]
    pub(crate) deadline_ms: Option<u64>,
}

/// A filter in the language of docs/filters.md, or as JSON.
#[derive(ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "the derived description is all that is used")]
pub(crate) enum FilterForm {
    Text(String),
    #[schema(value_type = Object)]
    Json(serde_json::Map<String, serde_json::Value>),
}

/// The query part of a request.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct BatchQuery {
    /// Given back with the answer
    pub(crate) id: Option<String>,
    /// The query as text
    pub(crate) query: Option<String>,
    /// The query as terms and weights
    #[schema(value_type = Option<std::collections::BTreeMap<String, f32>>)]
    pub(crate) vector: Option<Weights>,
    /// The query's terms by their ids in the model's vocabulary, with `values`
    pub(crate) indices: Option<Vec<u32>>,
    /// The weights of `indices`
    pub(crate) values: Option<Vec<f32>>,
}

fn ten() -> usize {
    10
}

/// When an answer is due.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deadline(Option<Instant>);

impl Deadline {
    /// So many milliseconds after `start`; none without.
    pub(crate) fn after(start: Instant, milliseconds: Option<u64>) -> Result<Self, ApiError> {
        match milliseconds {
            Some(given) if !(1..=60_000).contains(&given) => {
                let message = format!("expected 1 to 60000 milliseconds, got {given}");
                Err(ApiError::bad(message).at("deadline_ms"))
            }
            given => Ok(Self(given.map(|given| start + Duration::from_millis(given)))),
        }
    }

    /// No deadline.
    pub(crate) fn none() -> Self {
        Self(None)
    }

    /// What is left of the time, if there is a deadline.
    pub(crate) fn left(self) -> Option<Duration> {
        self.0.map(|due| due.saturating_duration_since(Instant::now()))
    }
}

impl SearchRequest {
    /// Checks everything that needs no index.
    ///
    /// # Errors
    /// More than the server does, with the limit.
    pub(crate) fn check(&self, limits: &RequestLimits) -> Result<(), ApiError> {
        if self.k == 0 {
            return Err(ApiError::bad("expected 1 or more, got 0").at("k"));
        }
        if self.k > limits.k {
            return Err(ApiError::too_much("hits", self.k, limits.k).at("k"));
        }
        if self.explain && self.k > EXPLAINED {
            return Err(ApiError::too_much("explained hits", self.k, EXPLAINED).at("k"));
        }
        if let Some(characters) = self.snippet
            && !(1..=LONGEST_SNIPPET).contains(&characters)
        {
            let message = format!("expected 1 to {LONGEST_SNIPPET} characters, got {characters}");
            return Err(ApiError::bad(message).at("snippet"));
        }
        if self.columns.as_ref().is_some_and(|columns| columns.len() > limits.terms) {
            return Err(ApiError::bad("too many columns").at("columns"));
        }
        Ok(())
    }

    /// The query part.
    pub(crate) fn given(&mut self) -> BatchQuery {
        BatchQuery {
            id: None,
            query: self.query.take(),
            vector: self.vector.take(),
            indices: self.indices.take(),
            values: self.values.take(),
        }
    }

    /// How the search goes.
    ///
    /// # Errors
    /// A mix, a filter or a bound that is none.
    pub(crate) fn options(&self, limits: &RequestLimits) -> Result<SearchOptions, ApiError> {
        let alpha = self.alpha.unwrap_or(1.0);
        if !(0.0..=1.0).contains(&alpha) {
            return Err(ApiError::bad(format!("expected 0 to 1, got {alpha}")).at("alpha"));
        }
        Ok(SearchOptions {
            mix: mix(self.mix.as_deref(), limits)?,
            filter: self.filter.as_ref().map(|filter| read_filter(filter, limits)).transpose()?,
            limits: Limits { alpha: alpha as f32, ..Limits::default() },
            ..SearchOptions::default()
        })
    }
}

/// A mix as text.
pub(crate) fn mix(text: Option<&str>, limits: &RequestLimits) -> Result<Option<Mix>, ApiError> {
    let Some(text) = text else { return Ok(None) };
    if text.len() > limits.text {
        return Err(ApiError::too_much("bytes of a mix", text.len(), limits.text).at("mix"));
    }
    text.parse()
        .map(Some)
        .map_err(|error: spork_search::MixError| ApiError::bad(error.to_string()).at("mix"))
}

/// A filter as text or as JSON.
pub(crate) fn read_filter(given: &RawValue, limits: &RequestLimits) -> Result<Filter, ApiError> {
    let json = given.get();
    let text = match json.bytes().next() {
        Some(b'"') => serde_json::from_str::<String>(json).ok(),
        // As it was written: a number read and printed again may be another.
        Some(b'{') => Some(json.to_owned()),
        _ => None,
    };
    let Some(text) = text else {
        return Err(ApiError::bad("expected a filter as text or as an object").at("filter"));
    };
    if text.len() > limits.text {
        return Err(ApiError::too_much("bytes of a filter", text.len(), limits.text).at("filter"));
    }
    text.parse().map_err(|error: spork_search::FilterError| {
        let place = format!("filter, character {}", error.character);
        ApiError::bad(error.to_string()).at(place)
    })
}

impl BatchQuery {
    /// The query for an index.
    ///
    /// # Errors
    /// Nothing is given, or too much, or ids that the vocabulary does not have.
    pub(crate) fn into_query(
        self,
        index: &Index,
        limits: &RequestLimits,
    ) -> Result<Query, ApiError> {
        let vector = match (self.vector, self.indices, self.values) {
            (None, None, None) => None,
            (Some(Weights(vector)), None, None) => Some(vector),
            (None, Some(indices), Some(values)) => Some(named(index, &indices, &values)?),
            (Some(_), _, _) => {
                return Err(ApiError::bad("give a vector, or indices and values").at("vector"));
            }
            _ => return Err(ApiError::bad("indices and values go together").at("indices")),
        };
        if let Some(vector) = &vector
            && vector.len() > limits.terms
        {
            let error = ApiError::too_much("terms of a vector", vector.len(), limits.terms);
            return Err(error.at("vector"));
        }
        if let Some(text) = &self.query
            && text.len() > limits.text
        {
            let error = ApiError::too_much("bytes of a query", text.len(), limits.text);
            return Err(error.at("query"));
        }
        match (self.query, vector) {
            (Some(text), Some(vector)) => Ok(Query::Both(text, vector)),
            (Some(text), None) => Ok(Query::Text(text)),
            (None, Some(vector)) => Ok(Query::Vector(vector)),
            (None, None) => Err(ApiError::bad("there is no query")
                .remedy("give query (text), vector (terms and weights), or indices and values")),
        }
    }
}

/// The terms of these ids in the vocabulary of the index's model.
fn named(index: &Index, indices: &[u32], values: &[f32]) -> Result<Vec<(String, f32)>, ApiError> {
    let Some(model) = index.model() else {
        let error = ApiError::bad("no model is loaded whose vocabulary has these ids");
        return Err(error.at("indices").remedy("give the query as vector, by its terms"));
    };
    if indices.len() != values.len() {
        let message = format!("{} ids and {} weights", indices.len(), values.len());
        return Err(ApiError::bad(message).at("values").remedy("give as many of both"));
    }
    let vocabulary = model.vocabulary();
    let term = |(place, (&id, &value)): (usize, (&u32, &f32))| {
        let term = vocabulary.get(id as usize).ok_or_else(|| {
            let message = format!("the vocabulary has {} terms, got id {id}", vocabulary.len());
            ApiError::bad(message).at(format!("indices[{place}]"))
        })?;
        Ok((term.clone(), value))
    };
    indices.iter().zip(values).enumerate().map(term).collect()
}
