//! Queries whose vectors are there, before an index knows them.

use anyhow::{Context, Result};
use spork_index::Index;
use spork_measure::QuerySource;
use spork_search::{FieldAnalyzers, FieldPlan, QueryParts};
use spork_searcher::{Mix, Query, QueryPruning, weight_by_idf};

/// Queries, and how they are weighed.
pub(crate) struct QueryBatch {
    pub(crate) queries: Vec<BatchQuery>,
    pub(crate) weighing: Weighing,
}

/// How queries are weighed.
#[derive(Clone)]
pub(crate) struct Weighing {
    pub(crate) parts: QueryParts,
    pub(crate) mix: Option<Mix>,
    /// The power of idf that weights of vectors are multiplied by.
    pub(crate) idf_power: f32,
}

#[derive(Clone)]
pub(crate) struct BatchQuery {
    pub(crate) qid: String,
    pub(crate) text: Option<String>,
    /// As it was given, or as the model made it; empty where no field takes it.
    pub(crate) vector: Vec<(String, f32)>,
}

impl Weighing {
    /// Which part of these queries goes to which field of `index`.
    pub(crate) fn plan<'a>(
        &self,
        index: &Index,
        analyzers: &'a FieldAnalyzers,
    ) -> spork_search::Result<FieldPlan<'a>> {
        FieldPlan::new(index, analyzers, self.mix.as_ref(), self.parts)
    }

    /// Logs how much each field of `index` counts, where there are several.
    pub(crate) fn tell_mix(&self, index: &Index, plan: &FieldPlan<'_>) {
        if index.manifest().fields.len() > 1 {
            let shares = plan.shares(index);
            let shares: Vec<String> =
                shares.iter().map(|(field, share)| format!("{field}={share}")).collect();
            tracing::info!("mix {}", shares.join(","));
        }
    }
}

impl QueryBatch {
    /// All queries as `index` knows them.
    pub(crate) fn look_up(&self, index: &Index, pruning: QueryPruning) -> Result<Vec<Query>> {
        let analyzers = FieldAnalyzers::of(index)?;
        let plan = self.weighing.plan(index, &analyzers)?;
        self.weighing.tell_mix(index, &plan);
        self.look_up_by(&plan, index, pruning)
    }

    /// All queries as `index` knows them, by a plan that is made already.
    pub(crate) fn look_up_by(
        &self,
        plan: &FieldPlan<'_>,
        index: &Index,
        pruning: QueryPruning,
    ) -> Result<Vec<Query>> {
        let mut parsed = Vec::with_capacity(self.queries.len());
        for query in &self.queries {
            let mut vector = query.vector.clone();
            if let Some(field) = plan.vector_field() {
                weight_by_idf(index, field, &mut vector, self.weighing.idf_power, None)?;
            }
            let found = plan.query(index, query.text.as_deref(), &vector, pruning);
            parsed.push(found.with_context(|| format!("query {}", query.qid))?);
        }
        Ok(parsed)
    }
}

impl QuerySource for QueryBatch {
    fn len(&self) -> usize {
        self.queries.len()
    }

    fn look_up(
        &self,
        index: &Index,
        pruning: QueryPruning,
    ) -> std::result::Result<Vec<Query>, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self::look_up(self, index, pruning)?)
    }
}
