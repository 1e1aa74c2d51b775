//! Queries on their way to the searcher: texts are analyzed and encoded, terms looked up.

use rayon::prelude::*;
use spork_core::{SparseVector, Stopped, TermId};
use spork_encoder::Model;
use spork_index::Field;
use spork_model::{EncodeOptions, Kind};
use spork_searcher::{GlobalStatistics, weight_by_idf};

use crate::fields::FieldPlan;
use crate::index::Index;
use crate::prepared_query::{PreparedQuery, QueryInput};
use crate::query::Query;
use crate::search_options::SearchOptions;
use crate::{Error, Result};

impl Index {
    /// A query as the index knows it, for [`search_prepared`](Self::search_prepared) and
    /// [`explain_prepared`](Self::explain_prepared).
    ///
    /// # Errors
    /// A query as text where there is neither an analyzer nor a model; a weight that is none; a mix
    /// that does not go with the index; a request to stop.
    pub fn prepare_one(
        &self,
        query: impl Into<Query>,
        options: &SearchOptions,
    ) -> Result<PreparedQuery> {
        let mut input = QueryInput::from(query.into());
        let plan = self.plan(&input, options)?;
        self.weigh_given(&mut input, &plan, options)?;
        if let Some(text) = self.text_to_encode(&input, &plan) {
            input.vector = self.encode(&[text], options)?.pop();
        }
        self.look_up(input, &plan, options)
    }

    /// As [`prepare_one`](Self::prepare_one) of many queries: texts go through the model together,
    /// and terms are looked up on the threads of the current rayon pool.
    ///
    /// # Errors
    /// As [`prepare_one`](Self::prepare_one).
    pub fn prepare(
        &self,
        queries: Vec<Query>,
        options: &SearchOptions,
    ) -> Result<Vec<PreparedQuery>> {
        let mut inputs: Vec<QueryInput> = queries.into_iter().map(QueryInput::from).collect();
        let plans = inputs.iter().map(|input| self.plan(input, options));
        let plans = plans.collect::<Result<Vec<_>>>()?;
        for (input, plan) in inputs.iter_mut().zip(&plans) {
            self.weigh_given(input, plan, options)?;
        }
        let (mut places, mut texts) = (Vec::new(), Vec::new());
        for (place, (input, plan)) in inputs.iter().zip(&plans).enumerate() {
            if let Some(text) = self.text_to_encode(input, plan) {
                places.push(place);
                texts.push(text);
            }
        }
        let vectors = self.encode(&texts, options)?;
        for (place, vector) in places.into_iter().zip(vectors) {
            inputs[place].vector = Some(vector);
        }
        let planned = inputs.into_par_iter().zip(plans);
        planned.map(|(input, plan)| self.look_up(input, &plan, options)).collect()
    }

    /// Whether the model has to encode the text of a query before it can be searched for.
    ///
    /// # Errors
    /// The query does not bring what the fields need, or the mix does not go with the index.
    pub fn needs_encoding(&self, query: &Query, options: &SearchOptions) -> Result<bool> {
        let input = QueryInput::from(query.clone());
        let plan = self.plan(&input, options)?;
        Ok(self.text_to_encode(&input, &plan).is_some())
    }

    /// As [`prepare_one`](Self::prepare_one) of a text that the index's [`model`](Self::model) has
    /// encoded as a query: `vector` is what it made of the text, by its default options. A server
    /// has it encode the texts of several callers together.
    ///
    /// # Errors
    /// The index has no model; else as [`prepare_one`](Self::prepare_one).
    pub fn prepare_encoded(
        &self,
        text: impl Into<String>,
        vector: &SparseVector,
        options: &SearchOptions,
    ) -> Result<PreparedQuery> {
        let Some((model, _)) = &self.model else {
            let field = self.index.manifest().field_names();
            return Err(Error::NoModel { index: self.name(), field, model: None });
        };
        let mut input = QueryInput { text: Some(text.into()), vector: None };
        let plan = self.plan(&input, options)?;
        if plan.vector_field().is_some() {
            input.vector = Some(self.weighted(model, vector, options)?);
        }
        self.look_up(input, &plan, options)
    }

    /// What the index has of the terms of a query. Where it is one shard of a collection, the sum
    /// over all shards is what [`SearchOptions::statistics`] takes.
    ///
    /// # Errors
    /// As [`prepare_one`](Self::prepare_one).
    ///
    /// # Examples
    /// ```
    /// use std::sync::Arc;
    /// use spork_search::{SearchOptions, build, open, open_as_one};
    ///
    /// # let folder = tempfile::tempdir()?;
    /// # let path = |name: &str| folder.path().join(name);
    /// # let fields = path("fields");
    /// # build(&fields).text([("d1", "a fork"), ("d2", "two forks"), ("d3", "a bowl")])?;
    /// build(path("one")).like(&fields).text([("d1", "a fork"), ("d3", "a bowl")])?;
    /// build(path("two")).like(&fields).text([("d2", "two forks")])?;
    /// let shards = [open(path("one"))?, open(path("two"))?];
    ///
    /// let plain = SearchOptions::default();
    /// let mut statistics = shards[0].statistics("forks", &plain)?;
    /// statistics.add(&shards[1].statistics("forks", &plain)?);
    /// let options = SearchOptions { statistics: Some(Arc::new(statistics)), ..plain };
    ///
    /// let whole = open_as_one(&[path("one"), path("two")])?.search("forks", 10)?;
    /// for shard in &shards {
    ///     let hits = shard.hits(&shard.search_with("forks", 10, &options)?)?;
    ///     assert!(hits.iter().all(|hit| whole.contains(hit)));
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn statistics(
        &self,
        query: impl Into<Query>,
        options: &SearchOptions,
    ) -> Result<GlobalStatistics> {
        let mut input = QueryInput::from(query.into());
        let plan = self.plan(&input, options)?;
        if let Some(text) = self.text_to_encode(&input, &plan) {
            // Weights do not count here, which without idf need no statistics.
            let options = SearchOptions { query_idf: Some(0.0), ..options.clone() };
            input.vector = self.encode(&[text], &options)?.pop();
        }
        input.statistics(&plan, &self.index)
    }

    /// The terms of the model that stand in a query's text itself; of its vector all others are
    /// expansion. None without a model.
    ///
    /// # Errors
    /// The text can't be tokenized.
    pub fn lexical_terms(&self, text: &str) -> Result<Vec<String>> {
        let Some(model) = self.model() else { return Ok(Vec::new()) };
        let terms = model.lexical_terms(Kind::Query, text, &EncodeOptions::default())?;
        let name = |term: &TermId| model.vocabulary().get(term.0 as usize).cloned();
        Ok(terms.iter().filter_map(name).collect())
    }

    /// Multiplies idf into the vector that a query brings, where the options say so and a field
    /// takes it.
    fn weigh_given(
        &self,
        input: &mut QueryInput,
        plan: &FieldPlan<'_>,
        options: &SearchOptions,
    ) -> Result<()> {
        match (&mut input.vector, options.query_idf, plan.vector_field()) {
            (Some(vector), Some(power), Some(_)) => self.weigh_by_idf(vector, power, options),
            _ => Ok(()),
        }
    }

    /// Multiplies the weights of a vector by idf^`power`; BM25 multiplies idf in by itself.
    fn weigh_by_idf(
        &self,
        vector: &mut [(String, f32)],
        power: f32,
        options: &SearchOptions,
    ) -> Result<()> {
        let statistics = options.statistics.as_deref();
        let field = self.index.manifest().fields.iter().position(|field: &Field| !field.is_text());
        match field {
            Some(field) => Ok(weight_by_idf(&self.index, field, vector, power, statistics)?),
            None => Ok(()),
        }
    }

    /// Which part of a query goes to which field.
    fn plan(&self, input: &QueryInput, options: &SearchOptions) -> Result<FieldPlan<'_>> {
        let parts = input.parts(self.model.is_some());
        FieldPlan::new(&self.index, &self.analyzers, options.mix.as_ref(), parts)
    }

    /// The text of a query, if the model has to encode it.
    fn text_to_encode<'q>(&self, input: &'q QueryInput, plan: &FieldPlan<'_>) -> Option<&'q str> {
        let needed = plan.needs_model(input.parts(self.model.is_some()));
        input.text.as_deref().filter(|_| needed)
    }

    fn look_up(
        &self,
        input: QueryInput,
        plan: &FieldPlan<'_>,
        options: &SearchOptions,
    ) -> Result<PreparedQuery> {
        Ok(PreparedQuery {
            query: input.look_up(plan, &self.index, options)?,
            fields: plan.shares(&self.index),
            generation: self.generation(),
            input,
        })
    }

    /// The vectors of texts by the model, with idf where it says so.
    fn encode(&self, texts: &[&str], options: &SearchOptions) -> Result<Vec<Vec<(String, f32)>>> {
        let (Some((model, _)), false) = (&self.model, texts.is_empty()) else {
            return Ok(Vec::new());
        };
        let going_on = &mut |_| -> std::result::Result<(), Stopped> { options.stop.check() };
        let encoding = EncodeOptions::default();
        let vectors = model.encode_with_progress(Kind::Query, texts, &encoding, going_on)?;
        vectors.iter().map(|vector| self.weighted(model, vector, options)).collect()
    }

    /// Terms and weights of a vector by the model, with idf where the options or the model say so.
    fn weighted(
        &self,
        model: &Model,
        vector: &SparseVector,
        options: &SearchOptions,
    ) -> Result<Vec<(String, f32)>> {
        let mut weights: Vec<(String, f32)> =
            model.named(vector).map(|(term, weight)| (term.to_owned(), weight)).collect();
        let power = options.query_idf.unwrap_or_else(|| model.query_idf());
        self.weigh_by_idf(&mut weights, power, options)?;
        Ok(weights)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Stop, build, open};

    #[test]
    fn an_index_of_text_needs_no_encoding_and_has_no_model() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("index");
        build(&path).text([("d1", "a fork")]).unwrap();
        let index = open(&path).unwrap();
        let options = SearchOptions { stop: Stop::default(), ..Default::default() };
        assert!(!index.needs_encoding(&"forks".into(), &options).unwrap());
        let refused = index.prepare_encoded("forks", &SparseVector::default(), &options);
        assert!(matches!(refused, Err(Error::NoModel { .. })));
    }

    #[test]
    fn vectors_have_idf_where_it_is_asked_for() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("index");
        let vector = |terms: &[(&str, f32)]| -> Vec<(String, f32)> {
            terms.iter().map(|&(term, weight)| (term.to_owned(), weight)).collect()
        };
        let documents = [("d1", &[("fork", 1.0)][..]), ("d2", &[("fork", 1.0), ("bowl", 1.0)])];
        build(&path).vectors(documents.map(|(docno, terms)| (docno, vector(terms)))).unwrap();
        let index = open(&path).unwrap();
        let weights = |query_idf| {
            let options = SearchOptions { query_idf, ..Default::default() };
            let query = vector(&[("fork", 2.0), ("bowl", 2.0), ("spoon", 2.0)]);
            let prepared = index.prepare_one(query.clone(), &options).unwrap();
            let many = index.prepare(vec![query.into()], &options).unwrap();
            assert_eq!(many[0].input.vector, prepared.input.vector);
            prepared.input.vector.unwrap().into_iter().map(|(_, weight)| weight).collect::<Vec<_>>()
        };
        assert_eq!(weights(None), [2.0, 2.0, 2.0]);
        assert_eq!(weights(Some(0.0)), [2.0, 2.0, 2.0]);
        // idf = ln(1 + (N − df + ½) / (df + ½)), and none of a term that no document has.
        let idf = [(1.0_f64 + 0.5 / 2.5).ln(), (1.0_f64 + 1.5 / 1.5).ln()];
        assert_eq!(weights(Some(1.0)), [2.0 * idf[0] as f32, 2.0 * idf[1] as f32, 2.0]);
    }
}
