//! The expected cost of scoring one document for one query.

use crate::measures::total;

/// Expected number of multiplications per query and document, Σ_t p_q(t) · p_d(t), where p(t) is
/// the share of queries or documents in which term t has a weight (Formal, Piwowarski and
/// Clinchant, "SPLADE: Sparse Lexical and Expansion Model for First Stage Ranking", SIGIR 2021,
/// section 4). Times the number of documents it is the mean number of postings that exhaustive
/// search reads per query.
///
/// `frequencies` holds, for each term, the number of documents and the number of queries with that
/// term; terms that one side lacks may be left out. Without documents or queries the figure is 0.
pub fn expected_flops(
    frequencies: impl IntoIterator<Item = (u64, u64)>,
    documents: u64,
    queries: u64,
) -> f64 {
    let pairs = total(frequencies.into_iter().map(|(df, qf)| df as f64 * qf as f64));
    if documents == 0 || queries == 0 { 0.0 } else { pairs / documents as f64 / queries as f64 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_term_everywhere_costs_one_each() {
        assert_eq!(expected_flops([(4, 2), (4, 2), (4, 2)], 4, 2), 3.0);
    }

    #[test]
    fn is_the_mean_overlap_of_pairs() {
        // Documents {a, b}, {a}, {c}; queries {a, c}, {b}: overlaps 1 + 1 + 1 + 1 + 0 + 0 of six
        // pairs.
        assert!((expected_flops([(2, 1), (1, 1), (1, 1)], 3, 2) - 4.0 / 6.0).abs() < 1e-15);
    }

    #[test]
    fn nothing_costs_nothing() {
        assert_eq!(expected_flops([], 5, 5).to_string(), "0");
        assert_eq!(expected_flops([(0, 0)], 0, 0), 0.0);
        assert!(expected_flops([(u64::MAX, u64::MAX)], u64::MAX, u64::MAX) <= 1.0);
    }
}
