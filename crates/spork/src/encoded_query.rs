//! Queries whose vectors the caller has a model make: a server gathers the texts of several callers.

use spork_core::{SparseVector, TermId};
use spork_encoder::Model;
use spork_index::Field;
use spork_model::{EncodeOptions, Kind};
use spork_searcher::weight_by_idf;

use crate::fields::FieldPlan;
use crate::index::Index;
use crate::prepared_query::{PreparedQuery, QueryInput};
use crate::query::Query;
use crate::search_options::SearchOptions;
use crate::{Error, Result};

impl Index {
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

    /// Whether the model has to encode the text of a query before it can be searched for.
    ///
    /// # Errors
    /// The query does not bring what the fields need, or the mix does not go with the index.
    pub fn needs_encoding(&self, query: &Query, options: &SearchOptions) -> Result<bool> {
        let input = QueryInput::from(query.clone());
        let parts = input.parts(self.model.is_some());
        let plan = FieldPlan::new(&self.index, &self.analyzers, options.mix.as_ref(), parts)?;
        Ok(plan.needs_model(parts))
    }

    /// As [`prepare`](Self::prepare) of a text that the index's [`model`](Self::model) has encoded
    /// as a query: `vector` is what it made of the text, by its default options.
    ///
    /// # Errors
    /// The index has no model; else as [`prepare`](Self::prepare).
    pub fn prepare_encoded(
        &self,
        text: impl Into<String>,
        vector: &SparseVector,
        options: &SearchOptions,
    ) -> Result<PreparedQuery> {
        let text = text.into();
        let mut input = QueryInput { text: Some(text), vector: None };
        let parts = input.parts(self.model.is_some());
        let plan = FieldPlan::new(&self.index, &self.analyzers, options.mix.as_ref(), parts)?;
        let Some((model, _)) = &self.model else {
            let field = self.index.manifest().field_names();
            let index = self.index.folder().display().to_string();
            return Err(Error::NoModel { index, field, model: None });
        };
        input.vector = Some(self.weighted(model, vector)?);
        Ok(PreparedQuery {
            query: input.look_up(&plan, &self.index, options.pruning)?,
            fields: plan.shares(&self.index),
            generation: self.generation(),
            input,
        })
    }

    /// Terms and weights of a vector, with idf where the model says so.
    pub(crate) fn weighted(
        &self,
        model: &Model,
        vector: &SparseVector,
    ) -> Result<Vec<(String, f32)>> {
        let field = self.index.manifest().fields.iter().position(|field: &Field| !field.is_text());
        let mut weights: Vec<(String, f32)> =
            model.named(vector).map(|(term, weight)| (term.to_owned(), weight)).collect();
        weight_by_idf(&self.index, field.unwrap_or_default(), &mut weights, model.query_idf())?;
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
}
