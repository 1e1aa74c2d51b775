//! The expected cost of queries in an index, without running them.

use std::collections::BTreeMap;

use spork_index::Index;
use spork_searcher::Query;

/// Expected FLOPS of a pair of one of the queries and one of the index's documents: the mean number
/// of terms that they share.
pub fn expected_flops(index: &Index, queries: &[Query]) -> f64 {
    expected_flops_of(index, queries, |_| true)
}

/// Those of each field of the index, in the fields' order.
pub fn field_flops(index: &Index, queries: &[Query]) -> Vec<f64> {
    let fields = 0..index.manifest().fields.len();
    fields.map(|field| expected_flops_of(index, queries, |of| of == field)).collect()
}

fn expected_flops_of(index: &Index, queries: &[Query], of_field: impl Fn(usize) -> bool) -> f64 {
    // In the order of terms, so that the sum is the same to the last digit each time.
    let mut frequencies: BTreeMap<(usize, &str), (u64, u64)> = BTreeMap::new();
    for term in queries.iter().flat_map(Query::terms).filter(|term| of_field(term.field)) {
        frequencies.entry((term.field, &term.term)).or_insert((term.df.into(), 0)).1 += 1;
    }
    let documents = u64::from(index.documents());
    spork_eval::expected_flops(frequencies.into_values(), documents, queries.len() as u64)
}
