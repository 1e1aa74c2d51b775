//! Candidates of each pair: documents that the retriever ranks high, without the known positives,
//! sampled at random.

use rayon::prelude::*;
use spork_core::DocId;
use spork_index::Index;
use spork_indexer::{Phase, Progress};
use spork_searcher::{Query, Scratch, Searcher, Strategy};

use crate::bm25::TextIndex;
use crate::corpus::{Corpus, PositiveDocument, TitleUse};
use crate::error::{Error, Result};
use crate::pairs::{Pair, Pairs};
use crate::random::stream_of_line;

/// The settings of a mining run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// The best rank that is a candidate, from 1.
    pub first: usize,
    /// The last rank that is one.
    pub last: usize,
    /// Negatives a pair at most.
    pub negatives: usize,
    /// Candidates a pair that a teacher scores, at least as many as `negatives`; none where there
    /// is no teacher.
    pub pool: Option<usize>,
    /// How close to the positive's score a negative may come.
    pub margin: Option<f64>,
    /// The seed of all samples.
    pub seed: u64,
}

/// A document that may become a negative.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Candidate {
    pub(crate) docid: DocId,
    pub(crate) rank: usize,
    /// The retriever's score.
    pub(crate) score: f64,
}

/// The candidates of a pair.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CandidatePool {
    /// In random order; the first that the margin lets through become negatives.
    pub(crate) candidates: Vec<Candidate>,
    /// The retriever's score of the positive, if it can be known.
    pub(crate) positive_score: Option<f64>,
    /// Documents within the ranks that are positives of the query.
    pub(crate) positives: u64,
}

/// Whatever ranks documents for the queries of the pairs.
#[derive(Clone, Copy)]
pub struct Retriever<'m> {
    /// The index that is searched.
    pub index: &'m Index,
    /// The queries of the pairs, in their order, as the index knows them.
    pub queries: &'m [Query],
}

/// A mining run: its data and settings.
pub struct Miner<'m> {
    pub(crate) retriever: Retriever<'m>,
    /// BM25 of the same corpus: the retriever or a part of the teacher.
    pub(crate) text_index: Option<&'m TextIndex>,
    pub(crate) corpus: &'m Corpus,
    pub(crate) pairs: &'m Pairs,
    pub(crate) settings: Settings,
    /// By positive of the pairs: the document that it is.
    positive_documents: Vec<Option<PositiveDocument>>,
    titles: TitleUse,
}

impl<'m> Miner<'m> {
    /// A run over `pairs`, whose queries `retriever` searches in an index of `corpus`.
    pub fn new(
        retriever: Retriever<'m>,
        text_index: Option<&'m TextIndex>,
        corpus: &'m Corpus,
        pairs: &'m Pairs,
        settings: Settings,
    ) -> Self {
        let positive_documents = corpus.positive_documents(&pairs.positives);
        let found = || positive_documents.iter().flatten();
        let count = |titles| found().filter(|document| document.titles == titles).count();
        let more_without = count(TitleUse::Leave) > count(TitleUse::Keep);
        let titles = if more_without { TitleUse::Leave } else { TitleUse::Keep };
        Self { retriever, text_index, corpus, pairs, settings, positive_documents, titles }
    }

    /// Whether negatives have their titles: as most positives do. Were the two told apart by their
    /// titles, a model would learn that and nothing else.
    pub fn titles(&self) -> TitleUse {
        self.titles
    }

    /// The number of different positives that are documents of the corpus.
    pub fn positives_found(&self) -> usize {
        self.positive_documents.iter().flatten().count()
    }

    /// The text of a document as it is written out.
    pub(crate) fn text(&self, docid: DocId) -> &'m str {
        self.corpus.text(docid, self.titles)
    }

    /// Searches the queries of all pairs on the current threads, and samples a pool of candidates
    /// for each.
    ///
    /// # Errors
    /// Damage met in the index.
    pub fn candidates(&self, progress: &dyn Progress) -> Result<Vec<CandidatePool>> {
        progress.phase(Phase::Drawing, Some(self.pairs.list.len() as u64));
        let pools = self.pairs.list.par_iter().map_init(Scratch::default, |scratch, pair| {
            let pool = self.candidates_of(pair, scratch);
            progress.advance(1)?;
            pool.map_err(|source| self.search_error(pair.line, source))
        });
        pools.collect()
    }

    pub(crate) fn search_error(&self, line: u64, source: spork_searcher::Error) -> Error {
        Error::Search { path: self.pairs.path.clone(), line, source: Box::new(source) }
    }

    fn candidates_of(
        &self,
        pair: &Pair,
        scratch: &mut Scratch,
    ) -> spork_searcher::Result<CandidatePool> {
        let Retriever { index, queries } = self.retriever;
        let query = &queries[pair.query];
        let hits =
            Searcher::new(index).search(query, self.settings.last, Strategy::Auto, scratch)?.hits;
        let ranked = hits.iter().enumerate().skip(self.settings.first.saturating_sub(1));
        let mut positives = 0;
        let mut candidates = Vec::new();
        for (position, hit) in ranked {
            if self.corpus.is_positive(hit.docid, pair.query, self.pairs) {
                positives += 1;
            } else if !self.text(hit.docid).is_empty() {
                let score = f64::from(hit.score) * query.unit();
                candidates.push(Candidate { docid: hit.docid, rank: position + 1, score });
            }
        }
        let positive_score = match (self.settings.margin, self.settings.pool) {
            (Some(_), None) => self.positive_score(pair)?,
            _ => None,
        };
        let most = self.settings.pool.unwrap_or(usize::MAX);
        stream_of_line(self.settings.seed, pair.line).sample(&mut candidates, most);
        Ok(CandidatePool { candidates, positive_score, positives })
    }

    /// The retriever's score of a pair's positive, whatever its rank: from the index's weights
    /// where it is a document, from its own words otherwise, which only BM25 can weigh.
    fn positive_score(&self, pair: &Pair) -> spork_searcher::Result<Option<f64>> {
        let Retriever { index, queries } = self.retriever;
        let query = &queries[pair.query];
        if let Some(document) = &self.positive_documents[pair.positive] {
            let score = Searcher::new(index).score(query, document.docid)?;
            return Ok(Some(f64::from(score) * query.unit()));
        }
        let bm25 = self.text_index.filter(|text_index| std::ptr::eq(text_index.index(), index));
        Ok(bm25.map(|bm25| bm25.score(query, &self.pairs.positives[pair.positive])))
    }
}
