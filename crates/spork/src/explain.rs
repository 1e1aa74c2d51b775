//! Why a document is found: what each term of the query gives it, and where the term stands.

use std::collections::BTreeSet;

use serde::Serialize;
use spork_core::DocId;
use spork_index::{Field, Index};
use spork_model::TextTokenizer;
use spork_searcher::{Contribution, Explanation as Points, Query, QueryTerm};

use crate::fields::GivenTerm;
use crate::{Error, Result};

/// A document's score, term by term. Serialized it is the JSON that `docs/explain.md` describes.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Explanation {
    /// The document.
    pub docno: String,
    /// The score that a search prints: points × unit.
    pub score: f64,
    /// The score in integers: the sum of the terms' products.
    pub points: u32,
    /// The value of one point in the unit of the weights.
    pub unit: f64,
    /// The terms that query and document share, those that give most first.
    pub terms: Vec<ExplainedTerm>,
    /// Terms of the query that other documents of the index have, the heaviest first.
    pub missing: Vec<MissingTerm>,
    /// Terms of the query that no document of the index has.
    pub unknown: Vec<UnknownTerm>,
    /// Number of terms of the query that count for nothing beside its heaviest one.
    pub rounded_to_zero: usize,
}

/// What one term gives a document.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ExplainedTerm {
    /// The field.
    pub field: String,
    /// The term.
    pub term: String,
    /// The number of documents that have it.
    pub df: u32,
    /// Its weight in the query, as an integer.
    pub query_weight: u32,
    /// Its weight in the document, as an integer.
    pub impact: u16,
    /// query_weight × impact: its points.
    pub product: u32,
    /// Its part of the score, from 0 to 1.
    pub share: f64,
    /// product × unit.
    pub value: f64,
    /// Its weight in the document in the unit of the field's weights: impact × scale.
    pub document_value: f64,
    /// Its weight in the query such that query_value × document_value is value: idf, and in a
    /// hybrid index share and calibration of the field, are in it.
    pub query_value: f64,
    /// Where the query has it from.
    pub in_query: Origin,
    /// Where the document has it from.
    pub in_document: Origin,
}

/// A term of the query that the document lacks.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MissingTerm {
    /// The field.
    pub field: String,
    /// The term.
    pub term: String,
    /// The number of documents that have it.
    pub df: u32,
    /// Its weight in the query, as an integer.
    pub query_weight: u32,
    /// See [`ExplainedTerm::query_value`].
    pub query_value: f64,
    /// Where the query has it from.
    pub in_query: Origin,
}

/// A term of the query that no document has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct UnknownTerm {
    /// The field.
    pub field: String,
    /// The term.
    pub term: String,
}

/// Where a vector has a term from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Origin {
    /// It stands in the text.
    Text,
    /// It does not: the encoder added it.
    Expansion,
    /// The text is not at hand, or no tokenizer to look for the term in it.
    Unknown,
}

/// Explains the hits of one query.
pub struct Explainer<'a> {
    index: &'a Index,
    query: &'a Query,
    tokenizer: Option<&'a TextTokenizer>,
    /// The terms that stand in the query's text.
    stand: Option<BTreeSet<&'a str>>,
    unknown: Vec<UnknownTerm>,
}

impl<'a> Explainer<'a> {
    /// Explains hits of `query`, which was made of the terms `given`. Terms of a field of text
    /// always stand in the text; those of a field of vectors are looked for in it by the
    /// `tokenizer` of the model, where there is one.
    ///
    /// # Errors
    /// A damaged index, or a text that can't be tokenized.
    pub fn new(
        index: &'a Index,
        query: &'a Query,
        given: &[GivenTerm],
        text: Option<&str>,
        tokenizer: Option<&'a TextTokenizer>,
    ) -> Result<Self> {
        let stand = terms_of(tokenizer, text)?;
        let mut unknown = Vec::new();
        for GivenTerm { field, term } in given {
            let searched =
                query.terms().iter().any(|known| known.field == *field && known.term == *term);
            if !searched && index.document_frequency(*field, term)? == 0 {
                unknown.push(UnknownTerm { field: field_name(index, *field), term: term.clone() });
            }
        }
        Ok(Self { index, query, tokenizer, stand, unknown })
    }

    /// Explains the score of a document; `None` if there is no such document, or if it is deleted.
    /// Its text is the one that is given, or else the one that the index stores, if it does.
    ///
    /// # Errors
    /// A damaged index, or a text that can't be tokenized.
    pub fn explain(&self, docid: DocId, text: Option<&str>) -> Result<Option<Explanation>> {
        let Some(points) = Points::new(self.index, self.query, docid)? else { return Ok(None) };
        let stored = if text.is_none() { self.stored_text(docid)? } else { None };
        let stand = terms_of(self.tokenizer, text.or(stored.as_deref()))?;
        let unit = self.query.unit();
        let term = |part: &Contribution<'_>| self.explained(part, points.score, stand.as_ref());
        Ok(Some(Explanation {
            docno: self.index.docno(docid)?.to_owned(),
            score: f64::from(points.score) * unit,
            points: points.score,
            unit,
            terms: points.matched.iter().map(term).collect(),
            missing: points.missing.iter().map(|term| self.missing(term)).collect(),
            unknown: self.unknown.clone(),
            rounded_to_zero: self.query.rounded_to_zero(),
        }))
    }

    /// [`explain`](Self::explain) by docno.
    ///
    /// # Errors
    /// There is no such document, or as [`explain`](Self::explain).
    pub fn explain_docno(&self, docno: &str, text: Option<&str>) -> Result<Explanation> {
        let found = self.index.find(docno)?.map(|docid| self.explain(docid, text)).transpose()?;
        found
            .flatten()
            .ok_or_else(|| Error::NoDocument { index: self.index.name(), docno: docno.to_owned() })
    }

    /// The text of a document, where it is stored and needed.
    fn stored_text(&self, docid: DocId) -> Result<Option<String>> {
        let place = self.index.place(docid)?;
        match (self.tokenizer, place.segment.texts()) {
            (Some(_), Some(texts)) => Ok(texts.get(place.docid)?),
            _ => Ok(None),
        }
    }

    fn explained(
        &self,
        part: &Contribution<'_>,
        score: u32,
        stand: Option<&BTreeSet<&str>>,
    ) -> ExplainedTerm {
        let Contribution { term, impact, product } = *part;
        let scale = self.scale(term);
        ExplainedTerm {
            field: field_name(self.index, term.field),
            term: term.term.clone(),
            df: term.df,
            query_weight: term.weight,
            impact,
            product,
            share: f64::from(product) / f64::from(score.max(1)),
            value: f64::from(product) * self.query.unit(),
            document_value: f64::from(impact) * scale,
            query_value: f64::from(term.weight) * self.query.unit() / scale,
            in_query: self.origin(term, self.stand.as_ref()),
            in_document: self.origin(term, stand),
        }
    }

    fn missing(&self, term: &QueryTerm) -> MissingTerm {
        MissingTerm {
            field: field_name(self.index, term.field),
            term: term.term.clone(),
            df: term.df,
            query_weight: term.weight,
            query_value: f64::from(term.weight) * self.query.unit() / self.scale(term),
            in_query: self.origin(term, self.stand.as_ref()),
        }
    }

    /// The weight of impact 1 in the field of a term.
    fn scale(&self, term: &QueryTerm) -> f64 {
        let field = self.index.manifest().fields.get(term.field);
        field.map_or(1.0, |field| f64::from(field.scale))
    }

    /// Whether a term is among those that stand in a text.
    fn origin(&self, term: &QueryTerm, stand: Option<&BTreeSet<&str>>) -> Origin {
        let text = self.index.manifest().fields.get(term.field).is_some_and(Field::is_text);
        match stand {
            _ if text => Origin::Text,
            None => Origin::Unknown,
            Some(stand) if stand.contains(term.term.as_str()) => Origin::Text,
            Some(_) => Origin::Expansion,
        }
    }
}

/// The terms that stand in a text, where it and a tokenizer are at hand.
fn terms_of<'t>(
    tokenizer: Option<&'t TextTokenizer>,
    text: Option<&str>,
) -> Result<Option<BTreeSet<&'t str>>> {
    let (Some(tokenizer), Some(text)) = (tokenizer, text) else { return Ok(None) };
    Ok(Some(tokenizer.terms(text).map_err(spork_encoder::EncodeError::from)?))
}

fn field_name(index: &Index, field: usize) -> String {
    index.manifest().fields.get(field).map_or_else(String::new, |field| field.name.clone())
}
