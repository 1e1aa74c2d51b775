//! Candidates of each pair: what the retriever ranks high, without what is known to be right, drawn at random.

use rayon::prelude::*;
use spork_core::DocId;
use spork_index::Index;
use spork_indexer::Progress;
use spork_searcher::{Query, Scratch, Searcher, Strategy};

use crate::bm25::TextIndex;
use crate::corpus::{Corpus, Place, TitleUse};
use crate::error::{Error, Result};
use crate::pairs::{Pair, Pairs};
use crate::random::stream_of_line;

/// What is mined.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// The best rank that is a candidate, from 1.
    pub first: usize,
    /// The last rank that is one.
    pub last: usize,
    /// Negatives a pair at most.
    pub negatives: usize,
    /// Candidates a pair that a teacher scores, at least as many as `negatives`; none where there is no teacher.
    pub pool: Option<usize>,
    /// How close to the positive's score a negative may come.
    pub margin: Option<f64>,
    /// Of what is drawn at random.
    pub seed: u64,
}

/// A document that may become a negative.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Candidate {
    pub(crate) docid: DocId,
    pub(crate) rank: usize,
    /// The retriever's.
    pub(crate) score: f64,
}

/// What was drawn for a pair.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Drawn {
    /// In random order; the first that the guard lets through become negatives.
    pub(crate) pool: Vec<Candidate>,
    /// The retriever's score of the positive, if it can be known.
    pub(crate) positive_score: Option<f64>,
    /// Documents within the ranks that are positives of the query.
    pub(crate) positives: u64,
}

/// All that is drawn from.
pub struct Ground<'g> {
    pub(crate) index: &'g Index,
    /// BM25 of the same corpus: the retriever or a part of the teacher.
    pub(crate) text_index: Option<&'g TextIndex>,
    pub(crate) corpus: &'g Corpus,
    pub(crate) pairs: &'g Pairs,
    /// By query of the pairs.
    queries: &'g [Query],
    pub(crate) settings: Settings,
    /// By positive of the pairs: where it stands in the corpus.
    places: Vec<Option<Place>>,
    titles: TitleUse,
}

impl<'g> Ground<'g> {
    /// `queries` are those of `pairs`, as `index` knows them.
    pub fn new(
        (index, queries): (&'g Index, &'g [Query]),
        text_index: Option<&'g TextIndex>,
        corpus: &'g Corpus,
        pairs: &'g Pairs,
        settings: Settings,
    ) -> Self {
        let places = corpus.places(&pairs.positives);
        let count = |titles| places.iter().flatten().filter(|place| place.titles == titles).count();
        let more_without = count(TitleUse::Leave) > count(TitleUse::Keep);
        let titles = if more_without { TitleUse::Leave } else { TitleUse::Keep };
        Self { index, text_index, corpus, pairs, queries, settings, places, titles }
    }

    /// Whether negatives have their titles: as most positives do. Were the two told apart by their titles, a model
    /// would learn that and nothing else.
    pub fn titles(&self) -> TitleUse {
        self.titles
    }

    /// How many of the different positives stand in the corpus.
    pub fn positives_found(&self) -> usize {
        self.places.iter().flatten().count()
    }

    /// The text of a document as it is written out.
    pub(crate) fn text(&self, docid: DocId) -> &'g str {
        self.corpus.text(docid, self.titles)
    }

    /// Searches the queries of all pairs on the current threads.
    ///
    /// # Errors
    /// Damage met in the index.
    pub fn draw(&self, progress: &dyn Progress) -> Result<Vec<Drawn>> {
        progress.phase("drawing", Some(self.pairs.list.len() as u64));
        let drawn = self.pairs.list.par_iter().map_init(Scratch::default, |scratch, pair| {
            let drawn = self.draw_pair(pair, scratch);
            progress.advance(1);
            drawn.map_err(|source| self.search_error(pair.line, source))
        });
        drawn.collect()
    }

    pub(crate) fn search_error(&self, line: u64, source: spork_searcher::Error) -> Error {
        Error::Search { path: self.pairs.path.clone(), line, source: Box::new(source) }
    }

    fn draw_pair(&self, pair: &Pair, scratch: &mut Scratch) -> spork_searcher::Result<Drawn> {
        let query = &self.queries[pair.query];
        let hits = Searcher::new(self.index).search(query, self.settings.last, Strategy::Auto, scratch)?.hits;
        let ranked = hits.iter().enumerate().skip(self.settings.first - 1);
        let mut positives = 0;
        let mut pool = Vec::new();
        for (position, hit) in ranked {
            if self.corpus.is_positive(hit.docid, pair.query, self.pairs) {
                positives += 1;
            } else if !self.text(hit.docid).is_empty() {
                let score = f64::from(hit.score) * query.unit();
                pool.push(Candidate { docid: hit.docid, rank: position + 1, score });
            }
        }
        let positive_score = match (self.settings.margin, self.settings.pool) {
            (Some(_), None) => self.positive_score(pair)?,
            _ => None,
        };
        let most = self.settings.pool.unwrap_or(usize::MAX);
        stream_of_line(self.settings.seed, pair.line).sample(&mut pool, most);
        Ok(Drawn { pool, positive_score, positives })
    }

    /// The retriever's score of a pair's positive, whatever its rank: from the index's weights where it is a document,
    /// from its own words otherwise, which only BM25 can weigh.
    fn positive_score(&self, pair: &Pair) -> spork_searcher::Result<Option<f64>> {
        let query = &self.queries[pair.query];
        if let Some(place) = &self.places[pair.positive] {
            let score = Searcher::new(self.index).score(query, place.docid)?;
            return Ok(Some(f64::from(score) * query.unit()));
        }
        let bm25 = self.text_index.filter(|text_index| std::ptr::eq(text_index.index(), self.index));
        bm25.map(|bm25| bm25.score(query, &self.pairs.positives[pair.positive])).transpose()
    }
}
