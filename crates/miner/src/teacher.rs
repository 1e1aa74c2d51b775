//! A teacher's scores of a pair: z(cosine of dense embeddings) + z(BM25), over the pair's pool and
//! its positive.

use rayon::prelude::*;
use spork_core::DocId;

use crate::bm25::TextIndex;
use crate::candidates::{CandidatePool, Miner};
use crate::error::{Error, Result, TeacherError};
use crate::pairs::Pair;

/// A dense encoder.
pub trait Teacher {
    /// One vector of length 1 a text. `progress` is told how many texts are done.
    ///
    /// # Errors
    /// The texts can't be embedded; the run ends with the error.
    fn embed(
        &self,
        texts: &[&str],
        progress: &mut dyn FnMut(usize),
    ) -> std::result::Result<Vec<Vec<f32>>, TeacherError>;
}

/// The embeddings of what the pools need, in memory.
#[derive(Debug)]
pub struct Embeddings {
    queries: Vec<Vec<f32>>,
    positives: Vec<Vec<f32>>,
    /// The documents of all pools, ascending.
    docids: Vec<DocId>,
    /// By place in `docids`.
    documents: Vec<Vec<f32>>,
}

impl Embeddings {
    /// Embeds queries and positives, and the documents of all pools, each once.
    ///
    /// # Errors
    /// The teacher fails, or gives not one vector a text.
    pub fn compute(
        miner: &Miner<'_>,
        pools: &[CandidatePool],
        teacher: &dyn Teacher,
        progress: &mut dyn FnMut(usize),
    ) -> Result<Self> {
        let docids = pooled(pools);
        let texts = texts(miner, &docids);
        let mut vectors = teacher.embed(&texts, progress).map_err(Error::Teacher)?;
        if vectors.len() != texts.len() {
            let said = format!("{} vectors for {} texts", vectors.len(), texts.len());
            return Err(Error::Teacher(said.into()));
        }
        let positives = vectors.split_off(miner.pairs.queries.len());
        let (queries, mut positives) = (vectors, positives);
        let documents = positives.split_off(miner.pairs.positives.len());
        Ok(Self { queries, positives, docids, documents })
    }

    /// How many texts [`Self::compute`] embeds.
    pub fn count(miner: &Miner<'_>, pools: &[CandidatePool]) -> usize {
        miner.pairs.queries.len() + miner.pairs.positives.len() + pooled(pools).len()
    }

    fn document(&self, docid: DocId) -> &[f32] {
        self.docids.binary_search(&docid).map_or(&[], |at| self.documents[at].as_slice())
    }

    /// The scores of a pair's positive and its pool, in the order of the pool.
    pub(crate) fn scores(
        &self,
        miner: &Miner<'_>,
        bm25: &TextIndex,
        pair: &Pair,
        pool: &CandidatePool,
    ) -> spork_searcher::Result<Vec<f64>> {
        let query = &self.queries[pair.query];
        let mut dense = vec![dot(query, &self.positives[pair.positive])];
        dense.extend(
            pool.candidates.iter().map(|candidate| dot(query, self.document(candidate.docid))),
        );

        let terms = bm25.query(&miner.pairs.queries[pair.query])?;
        let mut lexical = vec![bm25.score(&terms, &miner.pairs.positives[pair.positive])];
        for candidate in &pool.candidates {
            lexical.push(bm25.score(&terms, miner.text(candidate.docid)));
        }
        Ok(z_scores(&dense).iter().zip(z_scores(&lexical)).map(|(a, b)| a + b).collect())
    }
}

fn pooled(pools: &[CandidatePool]) -> Vec<DocId> {
    let mut docids: Vec<DocId> = pools
        .iter()
        .flat_map(|pool| pool.candidates.iter().map(|candidate| candidate.docid))
        .collect();
    docids.par_sort_unstable();
    docids.dedup();
    docids
}

fn texts<'m>(miner: &Miner<'m>, docids: &[DocId]) -> Vec<&'m str> {
    let pairs = miner.pairs;
    let own = pairs.queries.iter().chain(&pairs.positives).map(String::as_str);
    own.chain(docids.iter().map(|&docid| miner.text(docid))).collect()
}

fn dot(a: &[f32], b: &[f32]) -> f64 {
    a.iter().zip(b).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum()
}

/// How many standard deviations each value lies above the mean; zeros where all are equal.
fn z_scores(values: &[f64]) -> Vec<f64> {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let deviation = (values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / n).sqrt();
    // Equal values differ from their mean by rounding only.
    if deviation <= 1e-9 * mean.abs().max(1e-9) {
        return vec![0.0; values.len()];
    }
    values.iter().map(|value| (value - mean) / deviation).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn z_scores_have_mean_0_and_deviation_1() {
        assert_eq!(z_scores(&[1.0, 3.0]), [-1.0, 1.0]);
        let z = z_scores(&[2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0]);
        assert_eq!((z[0], z[7]), (-1.5, 2.0));
        assert_eq!(z_scores(&[0.1 + 0.2, 0.3, 0.3]), [0.0; 3]);
        assert_eq!(z_scores(&[5.0]), [0.0]);
        assert_eq!(z_scores(&[0.0, 0.0]), [0.0; 2]);
    }
}
