//! The expected cost of queries in an index, without running them.

use std::collections::HashMap;
use std::ops::Range;

use spork_index::Index;
use spork_searcher::Query;

use crate::Result;

/// Expected FLOPS of a pair of one of the queries and one of the index's documents: the mean number
/// of terms that they share.
///
/// # Errors
/// The index's lexicon is damaged.
pub fn expected_flops(index: &Index, queries: &[Query]) -> Result<f64> {
    expected_flops_of(index, queries, 0..index.manifest().terms())
}

/// Those of each field of the index, in the fields' order.
///
/// # Errors
/// The index's lexicon is damaged.
pub fn field_flops(index: &Index, queries: &[Query]) -> Result<Vec<f64>> {
    let manifest = index.manifest();
    let ids = (0..manifest.fields.len()).map(|field| manifest.term_ids(field));
    ids.map(|ids| expected_flops_of(index, queries, ids)).collect()
}

fn expected_flops_of(index: &Index, queries: &[Query], ids: Range<u32>) -> Result<f64> {
    let mut frequencies: HashMap<u32, (u64, u64)> = HashMap::new();
    let terms = queries.iter().flat_map(Query::terms).filter(|(term, _)| ids.contains(&term.0));
    for &(term, _) in terms {
        let df = u64::from(index.lexicon().statistics(term)?.df);
        frequencies.entry(term.0).or_insert((df, 0)).1 += 1;
    }
    // In the order of terms, so that the sum is the same to the last digit each time.
    let mut frequencies: Vec<(u32, (u64, u64))> = frequencies.into_iter().collect();
    frequencies.sort_unstable();
    let pairs = frequencies.into_iter().map(|(_, pair)| pair);
    let documents = u64::from(index.manifest().documents);
    Ok(spork_eval::expected_flops(pairs, documents, queries.len() as u64))
}
