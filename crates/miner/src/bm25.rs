//! A BM25 index of the corpus in a temporary folder, and the BM25 score of any text by the same
//! counts.

use std::path::PathBuf;

use spork_bm25::{Analyzer, Bm25, CollectionStatistics};
use spork_core::{Quantizer, SparseVector};
use spork_index::{Field, Index};
use spork_indexer::{Options, Progress, index_bm25};
use spork_searcher::Query;
use tempfile::TempDir;

use crate::error::{Error, Result};

/// A BM25 index that is gone when this is dropped.
#[derive(Debug)]
pub struct TextIndex {
    index: Index,
    mean_length: f64,
    bm25: Bm25,
    quantizer: Quantizer,
    _folder: TempDir,
}

impl TextIndex {
    /// Indexes `corpora`, with the English analyzer and the default parameters of `spork index
    /// --bm25`.
    ///
    /// # Errors
    /// A line of the corpora is wrong, or the temporary folder can't be written.
    pub fn build(corpora: &[PathBuf], threads: usize, progress: &dyn Progress) -> Result<Self> {
        let folder =
            tempfile::Builder::new().prefix("spork-mine-").tempdir().map_err(Error::Temporary)?;
        let place = folder.path().join("bm25.index");
        let bm25 = Bm25::default();
        let options = Options { threads, ..Options::default() };
        let report = index_bm25(corpora, &place, &Analyzer::english(), bm25, &options, progress)?;
        let index = Index::open(&place)?;
        let text = report.fields.first().and_then(|field| field.text);
        let mean_length = text.map_or(1.0, CollectionStatistics::mean_length);
        let quantizer =
            index.manifest().fields.first().map_or(Quantizer::INTEGER, Field::quantizer);
        Ok(Self { index, mean_length, bm25, quantizer, _folder: folder })
    }

    /// The index.
    pub fn index(&self) -> &Index {
        &self.index
    }

    /// A text as a query: its terms, each weighted by its count.
    ///
    /// # Errors
    /// A query so long that its scores overflow, or damage.
    pub fn query(&self, text: &str) -> spork_searcher::Result<Query> {
        let counts = SparseVector::from_counts(Analyzer::english().count_terms(text));
        Query::new(&self.index, counts.entries())
    }

    /// The score of any text, as if it were in the index: equal to the index's where it is.
    pub(crate) fn score(&self, query: &Query, text: &str) -> f64 {
        let counts = Analyzer::english().count_terms(text);
        let length = counts.iter().map(|(_, count)| f64::from(*count)).sum();
        let mut score = 0.0;
        for (term, count) in counts {
            let Ok(at) = query.terms().binary_search_by_key(&&*term, |of| &of.term) else {
                continue;
            };
            let weight = self.bm25.weight(self.mean_length, f64::from(count), length);
            // A term more frequent than in any document has no impact beyond the largest.
            let impact = self.quantizer.quantize(weight).unwrap_or(u16::MAX);
            score += f64::from(query.terms()[at].weight) * f64::from(impact);
        }
        score * query.unit()
    }
}

#[cfg(test)]
mod tests {
    use spork_indexer::Silent;
    use spork_searcher::{Scratch, Searcher, Strategy};

    use super::*;

    #[test]
    fn a_text_scores_as_its_document() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("corpus.tsv");
        let texts = [
            "cats chase mice and cats",
            "a dog chases cats",
            "fish swim",
            "mice eat cheese all day",
        ];
        let lines: Vec<String> =
            texts.iter().enumerate().map(|(i, text)| format!("d{i}\t{text}\n")).collect();
        std::fs::write(&path, lines.concat()).unwrap();
        let text_index = TextIndex::build(&[path], 1, &Silent).unwrap();
        let query = text_index.query("do cats eat mice").unwrap();
        let ranking = Searcher::new(text_index.index())
            .search(&query, 10, Strategy::Auto, &mut Scratch::default())
            .unwrap();
        assert_eq!(ranking.hits.len(), 3);
        for hit in &ranking.hits {
            let score = text_index.score(&query, texts[hit.docid.0 as usize]);
            assert!((score - f64::from(hit.score) * query.unit()).abs() < 1e-9, "{hit:?}: {score}");
        }
        assert_eq!(text_index.score(&query, "fish"), 0.0);
        assert!(text_index.score(&query, "cats eat mice") > 0.0);
    }
}
