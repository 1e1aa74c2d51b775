//! Searches, from what is asked to what is answered. HTTP and the Model Context Protocol both come
//! here.

use std::sync::Arc;
use std::time::{Duration, Instant};

use rayon::prelude::*;
use spork_search::{Index, Kind, Limits, PreparedQuery, Query, SearchOptions};

use crate::api_error::ApiError;
use crate::app::Engine;
use crate::catalog::Entry;
use crate::live_index::{Generation, LiveIndex};
use crate::metrics::Stage;
use crate::search_request::{BatchQuery, Deadline, SearchRequest};
use crate::search_response::{SearchResponse, Shown, Took};

/// The least that a search may take when its deadline is past: an answer with a certificate is
/// better than none.
const LEAST: Duration = Duration::from_millis(1);

/// Queries that are looked up where they arrive.
const FEW: usize = 8;
/// What looking a query up takes, about.
const LOOK_UP: Duration = Duration::from_micros(50);

/// A search on its way to a thread.
struct Task {
    live: Arc<LiveIndex>,
    generation: Arc<Generation>,
    request: SearchRequest,
    options: SearchOptions,
    start: Instant,
    deadline: Deadline,
    prepared_in: Duration,
}

impl Engine {
    /// Searches, and makes of the answer what is sent, on a thread that searches, too.
    ///
    /// # Errors
    /// The request is refused, or the server is busy.
    pub(crate) async fn search<R: Send + 'static>(
        &self,
        mut request: SearchRequest,
        render: impl FnOnce(SearchResponse) -> R + Send + 'static,
    ) -> Result<R, ApiError> {
        let given = request.given();
        let (task, mut prepared) = self.prepare(request, vec![given]).await?;
        let prepared = prepared.pop().ok_or_else(ApiError::internal)?;
        let cost = task.cost(postings(&prepared));
        let permit = self.admit(cost, task.deadline)?;
        let metrics = self.metrics.clone();
        let run = move |waited| {
            metrics.stage(Stage::Queue, waited);
            let began = Instant::now();
            let response = task.answer(&prepared, waited, None)?;
            metrics.answer(&response.index, response.exact, response.took.postings);
            let exact = response.exact;
            let rendered = render(response);
            task.learn(&prepared, began.elapsed(), exact);
            metrics.stage(Stage::Search, began.elapsed());
            Ok(rendered)
        };
        self.pool.run(permit, run).await?
    }

    /// Searches for several queries, on all threads.
    ///
    /// # Errors
    /// One of them is refused, or the server is busy.
    pub(crate) async fn search_batch(
        &self,
        request: SearchRequest,
        queries: Vec<BatchQuery>,
    ) -> Result<Vec<SearchResponse>, ApiError> {
        if queries.len() > self.limits.batch {
            let error = ApiError::too_much("queries", queries.len(), self.limits.batch);
            return Err(error.at("queries"));
        }
        let hits = queries.len().saturating_mul(request.k);
        if hits > self.limits.k.saturating_mul(10) {
            let error = ApiError::too_much("hits of all queries", hits, self.limits.k * 10);
            return Err(error.at("k"));
        }
        let ids: Vec<Option<String>> = queries.iter().map(|query| query.id.clone()).collect();
        let (task, prepared) = self.prepare(request, queries).await?;
        let cost = prepared.iter().map(|query| task.cost(postings(query))).sum();
        let permit = self.admit(cost, task.deadline)?;
        let metrics = self.metrics.clone();
        let run = move |waited| {
            metrics.stage(Stage::Queue, waited);
            let answers = prepared.par_iter().zip(ids).map(|(prepared, id)| {
                let began = Instant::now();
                let response = task.answer(prepared, waited, id)?;
                task.learn(prepared, began.elapsed(), response.exact);
                metrics.answer(&response.index, response.exact, response.took.postings);
                Ok(response)
            });
            answers.collect::<Result<Vec<_>, ApiError>>()
        };
        self.pool.run(permit, run).await?
    }

    /// Checks a request and makes its queries ready for the index.
    async fn prepare(
        &self,
        request: SearchRequest,
        given: Vec<BatchQuery>,
    ) -> Result<(Task, Vec<PreparedQuery>), ApiError> {
        let start = Instant::now();
        request.check(&self.limits)?;
        let deadline = Deadline::after(start, request.deadline_ms)?;
        // What would be refused anyway is refused before it costs anything.
        let may_come = self.pool.check(deadline.left());
        may_come.inspect_err(|error| self.count_rejected(error, "search"))?;
        let entry = self.catalog.find(request.index.as_deref())?;
        let options = request.options(&self.limits)?;
        let generation = entry.live.current();
        check_columns(&generation.index, request.columns.as_deref().unwrap_or_default())?;
        let live = entry.live.clone();
        let queries =
            given.into_iter().map(|given| given.into_query(&generation.index, &self.limits));
        let queries = queries.collect::<Result<Vec<_>, _>>()?;
        let prepared = self.prepare_for(entry, &generation, queries, &options, deadline).await?;
        let prepared_in = start.elapsed();
        let task = Task { live, generation, request, options, start, deadline, prepared_in };
        Ok((task, prepared))
    }

    /// Queries as a generation of an index knows them. Texts wait for the model; what is left is to
    /// analyze them and to look terms up. For a few queries that takes less than a change of
    /// threads; more of them wait for a thread that searches.
    pub(crate) async fn prepare_for(
        &self,
        entry: &Entry,
        generation: &Arc<Generation>,
        queries: Vec<Query>,
        options: &SearchOptions,
        deadline: Deadline,
    ) -> Result<Vec<PreparedQuery>, ApiError> {
        let live = entry.live.clone();
        let mut texts = Vec::with_capacity(queries.len());
        for query in &queries {
            if self.log_queries {
                tracing::info!(target: "spork::queries", index = %live.name, query = ?query, "query");
            }
            let needed = generation.index.needs_encoding(query, options);
            let needed = needed.map_err(|error| live.error(&error))?;
            texts.push(match (needed, query) {
                (true, Query::Text(text)) => Some(text.clone()),
                _ => None,
            });
        }
        let vectors = self.encode_all(entry, &texts, deadline).await?;
        let count = queries.len();
        let (generation, options) = (generation.clone(), options.clone());
        let look_up = move || {
            let queries = queries.into_iter().zip(texts).zip(vectors);
            let made = queries.map(|((query, text), vector)| {
                let made = match text.zip(vector) {
                    Some((text, vector)) => {
                        generation.index.prepare_encoded(text, &vector, &options).map(Some)
                    }
                    None => {
                        generation.index.prepare(vec![query], &options).map(|mut made| made.pop())
                    }
                };
                made.map_err(|error| live.error(&error))?.ok_or_else(ApiError::internal)
            });
            made.collect::<Result<Vec<_>, _>>()
        };
        if count <= FEW {
            return look_up();
        }
        let cost = LOOK_UP * u32::try_from(count).unwrap_or(u32::MAX);
        let permit = self.admit(cost, deadline)?;
        self.pool.run(permit, move |_| look_up()).await?
    }

    /// The vectors of the texts that are to be encoded, in their places.
    async fn encode_all(
        &self,
        entry: &Entry,
        texts: &[Option<String>],
        deadline: Deadline,
    ) -> Result<Vec<Option<spork_search::SparseVector>>, ApiError> {
        let encoder = match &entry.encoder {
            Some(encoder) if texts.iter().any(Option::is_some) => encoder,
            _ => return Ok(vec![None; texts.len()]),
        };
        let start = Instant::now();
        let given: Vec<&str> = texts.iter().flatten().map(String::as_str).collect();
        let encoded = encoder.encode(Kind::Query, &given, deadline.left()).await;
        let mut encoded =
            encoded.inspect_err(|error| self.count_rejected(error, "encode"))?.into_iter();
        let vectors = texts.iter().map(|text| text.as_ref().and_then(|_| encoded.next())).collect();
        self.metrics.stage(Stage::Encode, start.elapsed());
        Ok(vectors)
    }

    /// Admits a search of a predicted cost.
    pub(crate) fn admit(
        &self,
        cost: Duration,
        deadline: Deadline,
    ) -> Result<crate::search_pool::Permit, ApiError> {
        let permit = self.pool.admit(cost, deadline.left());
        permit.inspect_err(|error| self.count_rejected(error, "search"))
    }

    fn count_rejected(&self, error: &ApiError, reason: &'static str) {
        if error.status() == axum::http::StatusCode::TOO_MANY_REQUESTS {
            self.metrics.rejected(reason);
        }
    }
}

/// The postings of a query's terms: no search scores more.
pub(crate) fn postings(prepared: &PreparedQuery) -> u64 {
    prepared.query().terms().iter().map(|term| u64::from(term.df)).sum()
}

impl Task {
    /// The predicted time of a search for so many postings. A filter looks at each document once.
    fn cost(&self, postings: u64) -> Duration {
        let filtered = if self.request.filter.is_some() { self.generation.index.len() } else { 0 };
        self.live.costs.predict(postings + filtered as u64, self.request.k)
    }

    /// Takes into account what a search took, and what was shown of its hits.
    fn learn(&self, prepared: &PreparedQuery, took: Duration, exact: bool) {
        let cut_short = self.deadline.left().is_some() && !exact;
        self.live.costs.learn(postings(prepared), self.request.k, took, cut_short);
    }

    /// Searches on this thread, and reads what is shown of the hits.
    fn answer(
        &self,
        prepared: &PreparedQuery,
        waited: Duration,
        id: Option<String>,
    ) -> Result<SearchResponse, ApiError> {
        let began = Instant::now();
        let left = self.deadline.left().map(|left| left.max(LEAST));
        let time = left.unwrap_or(Duration::MAX);
        let limits = Limits { time, ..self.options.limits };
        let options = SearchOptions { limits, ..self.options.clone() };
        let (index, k) = (&self.generation.index, self.request.k);
        let answered = index.search_prepared(prepared, k, &options);
        let answer = answered.map_err(|error| self.live.error(&error))?;
        let shown = Shown {
            generation: &self.generation,
            request: &self.request,
            prepared,
            options: &options,
        };
        let hits = shown.hits(&answer).map_err(|error| self.live.error(&error))?;
        let micros = |time: Duration| u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        Ok(SearchResponse {
            id,
            index: self.live.name.clone(),
            generation: index.generation(),
            exact: answer.is_exact(),
            unseen_at_most: answer.unseen_at_most(),
            matched: answer.matched(),
            query: shown.query().map_err(|error| self.live.error(&error))?,
            hits,
            took: Took {
                prepare_us: micros(self.prepared_in),
                queue_us: micros(waited),
                search_us: micros(began.elapsed()),
                total_us: micros(self.start.elapsed()),
                postings: answer.statistics().postings,
            },
        })
    }
}

/// Refuses columns that the index does not store.
fn check_columns(index: &Index, wanted: &[String]) -> Result<(), ApiError> {
    let known = &index.inner().manifest().stored.columns;
    for (place, name) in wanted.iter().enumerate() {
        if !known.iter().any(|column| column.name == *name) {
            let names: Vec<&str> = known.iter().map(|column| column.name.as_str()).collect();
            let has = match names.is_empty() {
                true => "the index stores none".to_owned(),
                false => format!("the index has {}", names.join(", ")),
            };
            let error = ApiError::bad(format!("there is no column {name:?}; {has}"));
            return Err(error.at(format!("columns[{place}]")));
        }
    }
    Ok(())
}
