//! Why documents are found, and where two searches differ.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use spork_search::{DifferenceReport, Explanation, Query, SearchOptions, diff_with};
use utoipa::ToSchema;

use crate::api_error::ApiError;
use crate::app::Engine;
use crate::body::object;
use crate::search_request::{BatchQuery, Deadline, mix};
use crate::searching::postings;
use crate::weights::Weights;

/// Queries of a comparison at most.
const COMPARED: usize = 100;
/// Documents of a query that are compared at most.
const DEEPEST: usize = 1_000;

/// A score to be explained.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExplainRequest {
    /// The name or alias of the index; may be left out where there is one only
    pub(crate) index: Option<String>,
    /// The document
    pub(crate) id: String,
    /// The query as text
    pub(crate) query: Option<String>,
    /// The query as terms and weights
    #[schema(value_type = Option<std::collections::BTreeMap<String, f32>>)]
    pub(crate) vector: Option<Weights>,
    /// The query's terms by their ids in the model's vocabulary, with `values`
    pub(crate) indices: Option<Vec<u32>>,
    /// The weights of `indices`
    pub(crate) values: Option<Vec<f32>>,
    /// How much each field of a hybrid index counts
    pub(crate) mix: Option<String>,
    /// The document's text, in which terms are looked for where the index stores none
    pub(crate) text: Option<String>,
}

/// An explained score.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct ExplainResponse {
    /// The index, by its own name
    index: String,
    /// The generation
    generation: u64,
    /// How the document gets its score, as docs/explain.md describes it
    #[schema(value_type = Object)]
    explanation: Explanation,
}

/// Two searches to be compared.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DiffRequest {
    /// The first
    #[serde(deserialize_with = "object")]
    a: DiffSide,
    /// The second
    #[serde(deserialize_with = "object")]
    b: DiffSide,
    /// The queries, as text
    #[schema(min_items = 1, max_items = 100)]
    queries: Vec<String>,
    /// Documents of each query that are compared
    #[serde(default = "ten")]
    #[schema(minimum = 1, maximum = 1_000, default = 10)]
    k: usize,
}

/// One of two sides.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DiffSide {
    /// The name or alias of the index; may be left out where there is one only
    index: Option<String>,
    /// How much each field of a hybrid index counts
    mix: Option<String>,
}

fn ten() -> usize {
    10
}

impl Engine {
    /// Explains a score.
    ///
    /// # Errors
    /// The request is refused, there is no such document, or the server is busy.
    pub(crate) async fn explain(
        &self,
        request: ExplainRequest,
    ) -> Result<ExplainResponse, ApiError> {
        let ExplainRequest { index, id, query, vector, indices, values, mix: given, text } =
            request;
        let entry = self.catalog.find(index.as_deref())?;
        let options =
            SearchOptions { mix: mix(given.as_deref(), &self.limits)?, ..Default::default() };
        let (generation, live) = (entry.live.current(), entry.live.clone());
        let query = BatchQuery { id: None, query, vector, indices, values };
        let queries = vec![query.into_query(&generation.index, &self.limits)?];
        let none = Deadline::none();
        let prepared = self.prepare_for(entry, &generation, queries, &options, none).await?;
        let prepared = prepared.into_iter().next().ok_or_else(ApiError::internal)?;
        let permit =
            self.admit(live.costs.predict(prepared.query().terms().len() as u64, 1), none)?;
        let run = move |_| {
            let index = &generation.index;
            let explained = index.explain_prepared(&prepared, &id, text.as_deref(), &options);
            let explanation = explained.map_err(|error| live.error(&error))?;
            let (name, generation) = (live.name.clone(), index.generation());
            Ok(ExplainResponse { index: name, generation, explanation })
        };
        self.pool.run(permit, run).await?
    }

    /// Compares two searches.
    ///
    /// # Errors
    /// The request is refused, or the server is busy.
    pub(crate) async fn diff(&self, request: DiffRequest) -> Result<DifferenceReport, ApiError> {
        let DiffRequest { a, b, queries, k } = request;
        if queries.is_empty() || queries.len() > COMPARED {
            let message = format!("expected 1 to {COMPARED} queries, got {}", queries.len());
            return Err(ApiError::bad(message).at("queries"));
        }
        if !(1..=DEEPEST).contains(&k) {
            return Err(ApiError::bad(format!("expected 1 to {DEEPEST}, got {k}")).at("k"));
        }
        if let Some(long) = queries.iter().find(|query| query.len() > self.limits.text) {
            let error = ApiError::too_much("bytes of a query", long.len(), self.limits.text);
            return Err(error.at("queries"));
        }
        let names = [&a, &b].map(DiffSide::name);
        let (mut sides, mut cost) = (Vec::with_capacity(2), std::time::Duration::ZERO);
        for side in [&a, &b] {
            let entry = self.catalog.find(side.index.as_deref())?;
            let mix = mix(side.mix.as_deref(), &self.limits)?;
            let options = SearchOptions { mix, ..Default::default() };
            let (generation, live) = (entry.live.current(), entry.live.clone());
            let texts = queries.iter().cloned().map(Query::Text).collect();
            let none = Deadline::none();
            let prepared = self.prepare_for(entry, &generation, texts, &options, none).await?;
            cost += prepared.iter().map(|query| live.costs.predict(postings(query), k)).sum();
            sides.push((generation, live, options));
        }
        let permit = self.admit(cost, Deadline::none())?;
        let run = move |_| {
            let [one, two] = [&sides[0], &sides[1]];
            let searched = [one, two].map(|side| (&side.0.index, &side.2));
            let topics = (1..).map(|number: usize| number.to_string()).zip(queries.iter().cloned());
            let compared = diff_with(searched, topics, k).map_err(|error| {
                let error = one.1.error(&error);
                if Arc::ptr_eq(&one.1, &two.1) { error } else { error.at("a or b") }
            })?;
            let texts = queries.into_iter().map(Some);
            let (mut report, _) = DifferenceReport::new(names, compared, texts, false);
            report.sort();
            Ok(report)
        };
        self.pool.run(permit, run).await?
    }
}

impl DiffSide {
    fn name(&self) -> String {
        let index = self.index.as_deref().unwrap_or("index");
        match &self.mix {
            Some(mix) => format!("{index} ({mix})"),
            None => index.to_owned(),
        }
    }
}
