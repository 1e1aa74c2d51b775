//! What became of the terms of all queries.

use spork_searcher::Query;

/// Counts over the queries so far.
#[derive(Default)]
pub(super) struct TermCounts {
    queries: usize,
    terms: usize,
    unknown: usize,
    rounded: usize,
    pruned: usize,
    /// Queries without a term.
    empty: usize,
    /// Queries that share no term with a document, the empty ones counted.
    without: usize,
}

impl TermCounts {
    pub(super) fn add(&mut self, queries: &[Query]) {
        self.queries += queries.len();
        for query in queries {
            self.terms += query.given();
            self.unknown += query.unknown();
            self.rounded += query.rounded_to_zero();
            self.pruned += query.terms_pruned();
            self.empty += usize::from(query.given() == 0);
            self.without += usize::from(query.terms().is_empty());
        }
    }

    /// Warns of queries without a known term, and of terms that are pruned or rounded to zero.
    pub(super) fn warn(&self) {
        let Self { queries, terms, unknown, rounded, pruned, empty, .. } = *self;
        if empty > 0 {
            tracing::warn!("{empty} of {queries} queries have no term and find nothing");
        }
        let without = self.without - empty;
        if without > 0 {
            tracing::warn!(
                "{without} of {queries} queries share no term with any document and find nothing \
                 ({unknown} of {terms} query terms are unknown); did one model encode documents \
                 and queries?"
            );
        } else if 2 * unknown > terms {
            tracing::warn!(
                "{unknown} of {terms} query terms are in no document; did one model encode \
                 documents and queries?"
            );
        }
        if pruned > 0 {
            tracing::info!("{pruned} of {terms} query terms are pruned");
        }
        if rounded > 0 {
            tracing::warn!(
                "{rounded} of {terms} query weights round to zero: their query's largest weight \
                 sets the scale"
            );
        }
    }
}
