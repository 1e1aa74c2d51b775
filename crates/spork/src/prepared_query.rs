//! A query with all that the fields of an index need.

use spork_searcher::GlobalStatistics;

use crate::Result;
use crate::fields::{FieldPlan, GivenTerm, QueryParts};
use crate::query::Query;
use crate::search_options::SearchOptions;

/// A query as an index knows it: texts are analyzed and encoded, terms looked up. Made by
/// [`Index::prepare`](crate::Index::prepare), it belongs to the generation that was open then.
#[derive(Clone, Debug)]
pub struct PreparedQuery {
    pub(crate) input: QueryInput,
    pub(crate) query: spork_searcher::Query,
    pub(crate) fields: Vec<(String, f32)>,
    pub(crate) generation: u64,
}

/// A query taken apart.
#[derive(Clone, Debug)]
pub(crate) struct QueryInput {
    pub(crate) text: Option<String>,
    pub(crate) vector: Option<Vec<(String, f32)>>,
}

impl PreparedQuery {
    /// The terms and weights for the field of vectors, as they were given or as the model made
    /// them of the text; empty where no field takes them.
    pub fn vector(&self) -> &[(String, f32)] {
        self.input.vector.as_deref().unwrap_or_default()
    }

    /// The text, if there is one.
    pub fn text(&self) -> Option<&str> {
        self.input.text.as_deref()
    }

    /// The fields that count, with their weights in the mix.
    pub fn fields(&self) -> &[(String, f32)] {
        &self.fields
    }

    /// Terms and weights in integers, as the searcher has them.
    pub fn query(&self) -> &spork_searcher::Query {
        &self.query
    }
}

impl QueryInput {
    pub(crate) fn parts(&self, model: bool) -> QueryParts {
        QueryParts { text: self.text.is_some(), vector: self.vector.is_some(), model }
    }

    pub(crate) fn statistics(
        &self,
        plan: &FieldPlan<'_>,
        index: &spork_index::Index,
    ) -> Result<GlobalStatistics> {
        Ok(plan.statistics(index, self.text.as_deref(), self.weights())?)
    }

    fn weights(&self) -> &[(String, f32)] {
        self.vector.as_deref().unwrap_or_default()
    }

    pub(crate) fn look_up(
        &self,
        plan: &FieldPlan<'_>,
        index: &spork_index::Index,
        options: &SearchOptions,
    ) -> Result<spork_searcher::Query> {
        let (text, statistics) = (self.text.as_deref(), options.statistics.as_deref());
        let weights = self.weights();
        Ok(plan.query_in_shard(index, text, weights, options.pruning, statistics)?)
    }

    pub(crate) fn given(&self, plan: &FieldPlan<'_>) -> Vec<GivenTerm> {
        plan.given(self.text.as_deref(), self.weights())
    }
}

impl From<Query> for QueryInput {
    fn from(query: Query) -> Self {
        match query {
            Query::Text(text) => Self { text: Some(text), vector: None },
            Query::Vector(vector) => Self { text: None, vector: Some(vector) },
            Query::Both(text, vector) => Self { text: Some(text), vector: Some(vector) },
        }
    }
}
