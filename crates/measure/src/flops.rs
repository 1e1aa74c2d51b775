//! The expected cost of queries in an index, without running them.

use std::collections::HashMap;

use spork_index::Index;
use spork_searcher::Query;

use crate::Result;

/// Expected FLOPS of a pair of one of the queries and one of the index's documents: the mean number
/// of terms that they share.
///
/// # Errors
/// The index's lexicon is damaged.
pub fn expected_flops(index: &Index, queries: &[Query]) -> Result<f64> {
    let mut frequencies: HashMap<u32, (u64, u64)> = HashMap::new();
    for &(term, _) in queries.iter().flat_map(Query::terms) {
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
