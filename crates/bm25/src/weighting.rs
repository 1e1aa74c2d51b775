//! The BM25 formula.

/// BM25's two parameters.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bm25 {
    /// How soon further occurrences of a term stop to count.
    pub k1: f32,
    /// How much long documents are held back: 0 not at all, 1 in proportion to their length.
    pub b: f32,
}

impl Default for Bm25 {
    /// k1 = 0.9, b = 0.4: Anserini's values for MS MARCO and BEIR.
    fn default() -> Self {
        Self { k1: 0.9, b: 0.4 }
    }
}

/// The statistics of a collection that BM25 needs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CollectionStatistics {
    /// Number of documents, empty ones included.
    pub documents: u64,
    /// Sum of their lengths in terms.
    pub length: u64,
}

impl CollectionStatistics {
    /// The mean length of a document in terms; 1 where none has a term.
    pub fn mean_length(self) -> f64 {
        if self.length == 0 { 1.0 } else { self.length as f64 / self.documents as f64 }
    }
}

impl Bm25 {
    /// The part of a term's weight that depends on the document alone, where the term occurs
    /// `count` times among the document's `length` terms: count / (count + k1 · (1 − b + b ·
    /// length / mean_length)), below 1. Times the term's inverse document frequency it is the
    /// weight (Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond",
    /// 2009).
    ///
    /// The factor k1 + 1 of the original formula is left out: it changes no ranking.
    pub fn weight(self, mean_length: f64, count: f64, length: f64) -> f32 {
        let (k1, b) = (f64::from(self.k1), f64::from(self.b));
        (count / (count + k1 * (1.0 - b + b * length / mean_length))) as f32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_values() {
        let collection = CollectionStatistics { documents: 4, length: 40 };
        let mean = collection.mean_length();
        let weight = Bm25 { k1: 1.0, b: 0.5 }.weight(mean, 2.0, 20.0);
        assert!((f64::from(weight) - 2.0 / (2.0 + 1.5)).abs() < 1e-6);
    }
}
