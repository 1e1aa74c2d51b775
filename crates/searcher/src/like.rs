//! A document as a query: similar documents share its heavy terms.

use std::collections::BTreeMap;

use spork_core::{DocId, Impact};
use spork_index::Index;

use crate::{Error, FieldQuery, Query, QueryPruning, Result};

/// Halvings after which the largest impact is 0.
const HALVINGS: i32 = 16;

impl Query {
    /// A document's own vector as a query, with a share for each field of the index as a
    /// [`Mix`](crate::Mix) has them: similar documents are those whose product with it is largest.
    /// In a field of text idf is multiplied in as in other queries. Of one field the query is exact
    /// in integers: its weights are the impacts, halved as often as scores would pass 32 bits.
    /// `None` if there is no such document, or if it is deleted.
    ///
    /// The document itself is found, mostly first:
    /// [`Ranking::exclude`](crate::Ranking::exclude) leaves it out.
    ///
    /// # Errors
    /// A damaged index, or a mix of fields whose scores could pass 32 bits.
    pub fn of_document(index: &Index, docid: DocId, shares: &[f32]) -> Result<Option<Self>> {
        let Ok(place) = index.place(docid) else { return Ok(None) };
        let segment = place.segment;
        if !segment.is_living(place.docid)? {
            return Ok(None);
        }
        let mut fields: BTreeMap<usize, Vec<(&str, Impact)>> = BTreeMap::new();
        for (term, impact) in segment.vector(place.docid)? {
            let Some(field) = segment.summary().counts.field_of(term) else { continue };
            if shares.get(field).is_some_and(|&share| share > 0.0) {
                fields.entry(field).or_default().push((segment.lexicon().term(term)?, impact));
            }
        }
        let several = shares.iter().filter(|&&share| share > 0.0).count() > 1;
        let mut halvings = 0;
        loop {
            match Self::weighted(index, &fields, shares, several, halvings) {
                Err(Error::ScoreOverflow { .. }) if !several && halvings < HALVINGS => {
                    halvings += 1;
                }
                query => return query.map(Some),
            }
        }
    }

    fn weighted(
        index: &Index,
        fields: &BTreeMap<usize, Vec<(&str, Impact)>>,
        shares: &[f32],
        several: bool,
        halvings: i32,
    ) -> Result<Self> {
        let scale = |field: usize| index.manifest().fields.get(field).map_or(1.0, |of| of.scale);
        // Fields are comparable in the unit of their weights alone.
        let weight = |field, impact: Impact| {
            if several {
                f32::from(impact) * scale(field)
            } else {
                (f32::from(impact) * 0.5f32.powi(halvings)).round()
            }
        };
        let weights: Vec<(usize, Vec<(&str, f32)>)> = fields
            .iter()
            .map(|(&field, terms)| {
                (field, terms.iter().map(|&(term, impact)| (term, weight(field, impact))).collect())
            })
            .collect();
        let inputs: Vec<FieldQuery<'_, &str>> = weights
            .iter()
            .map(|(field, weights)| FieldQuery { field: *field, weights, share: shares[*field] })
            .collect();
        let query = Self::mixed(index, &inputs, QueryPruning::default())?;
        match weights.first() {
            Some(&(field, _)) if !several => {
                Ok(query.in_unit(f64::from(scale(field)) * 2f64.powi(halvings)))
            }
            _ => Ok(query),
        }
    }
}
