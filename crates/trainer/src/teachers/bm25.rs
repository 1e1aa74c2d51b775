//! BM25 as a teacher: its weights of all documents of a run, over their own statistics.

use std::collections::HashMap;

use rayon::prelude::*;
use rustc_hash::FxBuildHasher;
use spork_bm25::{Analyzer, Bm25, CollectionStatistics};
use spork_core::idf;

use super::rows::{Rows, SparseRows};
use crate::texts::{TextId, Texts};

/// Terms with their counts.
type Counts = Vec<(String, u32)>;

/// Queries as counts times idf, and documents as BM25's weights, with the English analyzer and the
/// default parameters.
pub(super) fn vectors(queries: &Texts, documents: &Texts) -> (Rows, Rows) {
    let (queries, documents) = (counts(queries), counts(documents));
    let length = |counts: &Counts| counts.iter().map(|&(_, count)| u64::from(count)).sum::<u64>();
    let collection = CollectionStatistics {
        documents: documents.len() as u64,
        length: documents.iter().map(length).sum(),
    };
    let mut numbers: HashMap<&str, (u32, u32), FxBuildHasher> = HashMap::default();
    for (term, _) in documents.iter().flatten() {
        let next = numbers.len() as u32;
        numbers.entry(term).or_insert((next, 0)).1 += 1;
    }
    let (bm25, mean) = (Bm25::default(), collection.mean_length());
    let mut rows = (SparseRows::default(), SparseRows::default());
    for counts in &queries {
        rows.0.push(counts.iter().filter_map(|(term, count)| {
            let &(number, df) = numbers.get(term.as_str())?;
            Some((number, *count as f32 * idf(collection.documents, df) as f32))
        }));
    }
    for counts in &documents {
        let length = length(counts) as f64;
        rows.1.push(counts.iter().filter_map(|(term, count)| {
            let number = numbers.get(term.as_str())?.0;
            Some((number, bm25.weight(mean, f64::from(*count), length)))
        }));
    }
    (Rows::Sparse(rows.0), Rows::Sparse(rows.1))
}

fn counts(texts: &Texts) -> Vec<Counts> {
    let analyzer = Analyzer::english();
    let count = |number| analyzer.count_terms(texts.get(TextId(number)));
    (0..texts.len() as u32).into_par_iter().map(count).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rare_words_and_short_documents_count_more() {
        let (mut queries, mut documents) = (Texts::default(), Texts::default());
        queries.push("cat whale");
        for text in ["a cat sat", "a cat and a cat", "whale", "a cat beside many other animals"] {
            documents.push(text);
        }
        let (queries, documents) = vectors(&queries, &documents);
        let ids: Vec<TextId> = (0..4).map(TextId).collect();
        let scores = queries.products(&[TextId(0)], &documents, &ids);
        assert!(scores[2] > scores[1] && scores[1] > scores[0] && scores[0] > scores[3]);
        // idf(4, 1) · 1 / (1 + k1 · (1 − b + b · length / mean)), without stop words.
        let terms = [2.0, 2.0, 1.0, 5.0];
        let mean = terms.iter().sum::<f64>() / 4.0;
        let expected = idf(4, 1) / (1.0 + 0.9 * (0.6 + 0.4 / mean));
        assert!((f64::from(scores[2]) - expected).abs() < 1e-5, "{scores:?}");
    }
}
