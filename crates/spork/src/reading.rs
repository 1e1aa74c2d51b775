//! Documents of an open index.

use std::io::Write;

use spork_core::DocId;

use crate::answer::Answer;
use crate::document::{Columns, Document};
use crate::index::Index;
use crate::results::Hit;
use crate::{Error, Result};

impl Index {
    /// The documents and scores of an answer.
    ///
    /// # Errors
    /// The index is damaged, or the answer is another index's.
    pub fn hits(&self, answer: &Answer) -> Result<Vec<Hit>> {
        let hit = |(docid, score)| Ok(Hit { docno: self.docno(docid)?.to_owned(), score });
        answer.docids().zip(answer.scores()).map(hit).collect()
    }

    /// Writes an answer as the lines of a TREC run: the bytes that `spork search` writes.
    ///
    /// # Errors
    /// An id or a tag that a run file can't carry, the writer's own, or a damaged index.
    pub fn write_trec(
        &self,
        answer: &Answer,
        output: &mut impl Write,
        qid: &str,
        tag: &str,
    ) -> Result<()> {
        let hits = answer.ranking.hits.iter().map(|hit| Ok((self.docno(hit.docid)?, hit.score)));
        let hits = hits.collect::<Result<Vec<_>>>()?;
        Ok(answer.scores.write_trec(output, qid, hits, tag)?)
    }

    /// A document, as the index has it.
    ///
    /// # Errors
    /// There is no such document, it is deleted, or the index is damaged.
    pub fn document(&self, docno: &str) -> Result<Document> {
        Document::read(&self.index, docno)?
            .ok_or_else(|| Error::NoDocument { index: self.name(), docno: docno.to_owned() })
    }

    /// The values of a document in the columns that the index stores, where it has one.
    ///
    /// # Errors
    /// The index is damaged, or has no such document.
    pub fn columns(&self, docid: DocId) -> Result<Columns> {
        Columns::read(&self.index.place(docid)?)
    }

    /// Whether there is a living document of this docno.
    ///
    /// # Errors
    /// The index is damaged.
    pub fn contains(&self, docno: &str) -> Result<bool> {
        Ok(self.index.find(docno)?.is_some())
    }

    /// The text of a document; none where the index stores none of it.
    ///
    /// # Errors
    /// The index is damaged, or has no such document.
    pub fn text(&self, docid: DocId) -> Result<Option<String>> {
        let place = self.index.place(docid)?;
        let texts = place.segment.texts();
        Ok(texts.map(|texts| texts.get(place.docid)).transpose()?.flatten())
    }

    /// The docnos of all documents, in the order of the index.
    ///
    /// # Errors
    /// The index is damaged.
    pub fn docnos(&self) -> Result<Vec<String>> {
        let living = self.index.living()?;
        living.iter().map(|&docid| Ok(self.docno(docid)?.to_owned())).collect()
    }

    /// Reads and checks all files.
    ///
    /// # Errors
    /// The first damage, with its place.
    pub fn verify(&self) -> Result<()> {
        Ok(spork_index::verify(&self.index)?)
    }

    /// The docno of a document.
    ///
    /// # Errors
    /// The index is damaged, or has no such document.
    pub fn docno(&self, docid: DocId) -> Result<&str> {
        Ok(self.index.docno(docid)?)
    }
}
