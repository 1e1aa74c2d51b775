//! Answers by brute force, from the documents themselves and what the index has fixed.

use spork_bm25::Bm25;
use spork_index::{Field, Index};
use spork_searcher::Query;

use super::documents::Document;

/// The impact of a term in a document.
fn impact(field: &Field, document: &Document, term: &str) -> u32 {
    let weight = if field.is_text() {
        let Some(words) = &document.words else { return 0 };
        let count = words.iter().filter(|&&word| word == term).count();
        let mean: f64 = field.properties["mean_length"].parse().unwrap();
        Bm25::default().weight(mean, count as f64, words.len() as f64)
    } else {
        let weight = document.vector.as_ref().and_then(|vector| vector.get(term));
        weight.copied().unwrap_or(0.0)
    };
    u32::from(field.quantizer().quantize(weight).unwrap_or(u16::MAX))
}

/// The `k` best of the documents for which `selected` is true: docnos and scores.
pub(super) fn best(
    index: &Index,
    query: &Query,
    documents: &[Document],
    k: usize,
    selected: impl Fn(&Document) -> bool,
) -> Vec<(String, u32)> {
    let fields = &index.manifest().fields;
    let score = |document: &Document| -> u32 {
        let product = |term: &spork_searcher::QueryTerm| {
            term.weight * impact(&fields[term.field], document, &term.term)
        };
        query.terms().iter().map(product).sum()
    };
    let scored = documents.iter().filter(|document| selected(document));
    let scored = scored.map(|document| (score(document), document.docno.as_str()));
    let mut scored: Vec<(u32, &str)> = scored.filter(|&(score, _)| score > 0).collect();
    scored.sort_unstable_by(|a, b| b.cmp(a));
    scored.truncate(k);
    scored.into_iter().map(|(score, docno)| (docno.to_owned(), score)).collect()
}
