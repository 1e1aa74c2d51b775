//! Why a document has its score: what each term of the query gives it.

use spork_core::{DocId, Impact};
use spork_index::Index;
use spork_postings::WINDOW;

use crate::{Query, QueryTerm, Result};

/// A document's score, term by term, in the integers that every search adds up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation<'q> {
    /// The score: the sum of all products.
    pub score: u32,
    /// The terms of the query that the document has: those that give most first, equals by field
    /// and term.
    pub matched: Vec<Contribution<'q>>,
    /// The other terms that a document of the index has: those with the largest weights first.
    pub missing: Vec<&'q QueryTerm>,
}

/// What one term gives a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Contribution<'q> {
    /// The term, with its field, its weight in the query and its document frequency.
    pub term: &'q QueryTerm,
    /// Its impact in the document.
    pub impact: Impact,
    /// Query weight × impact.
    pub product: u32,
}

impl<'q> Explanation<'q> {
    /// Explains the score that `query` gives a document of `index`: the one that searches find it
    /// with, and that [`Searcher::score`](crate::Searcher::score) gives. `None` if there is no such
    /// document, or if it is deleted.
    ///
    /// # Errors
    /// Damage met in the index.
    pub fn new(index: &Index, query: &'q Query, docid: DocId) -> Result<Option<Self>> {
        let Ok(place) = index.place(docid) else { return Ok(None) };
        let (segment, docid) = (place.segment, place.docid);
        if !segment.is_living(docid)? {
            return Ok(None);
        }
        let window = segment.window(docid.0 as usize / WINDOW)?;
        let within = (docid.0 as usize % WINDOW) as u16;
        let (mut matched, mut missing) = (Vec::new(), Vec::new());
        for term in query.terms() {
            let list = term.id_in(place.number).and_then(|id| window.find(id));
            let impact = list.map(|list| window.impact(list, within)).transpose();
            match impact.map_err(|damage| segment.damage(damage))?.flatten() {
                Some(impact) => {
                    let product = term.weight.wrapping_mul(u32::from(impact));
                    matched.push(Contribution { term, impact, product });
                }
                None => missing.push(term),
            }
        }
        // Terms are in the order of equals.
        matched.sort_by_key(|contribution| std::cmp::Reverse(contribution.product));
        missing.sort_by_key(|term| std::cmp::Reverse(term.weight));
        let score = matched.iter().fold(0u32, |sum, part| sum.wrapping_add(part.product));
        Ok(Some(Self { score, matched, missing }))
    }
}
