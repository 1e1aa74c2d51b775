//! The documents of one topic.

/// The documents of one topic, best first: scores fall, and equal scores are in falling docno
/// order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ranking {
    /// All docnos, one after the other in the order in which they were read.
    pub(super) docnos: String,
    pub(super) hits: Vec<Hit>,
}

/// A document of a ranking; the ranking has the text of its docno.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Hit {
    /// The first byte of its docno.
    pub(super) start: usize,
    /// The byte after its docno.
    pub(super) end: usize,
    pub(super) score: f64,
}

impl Ranking {
    /// Number of documents.
    pub fn len(&self) -> usize {
        self.hits.len()
    }

    /// Whether no document was found.
    pub fn is_empty(&self) -> bool {
        self.hits.is_empty()
    }

    /// Docnos and scores, best first.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, f64)> {
        self.hits.iter().map(|hit| (&self.docnos[hit.start..hit.end], hit.score))
    }

    /// Removes a document, and says whether it was there.
    pub(super) fn remove(&mut self, docno: &str) -> bool {
        let place = self.iter().position(|(found, _)| found == docno);
        place.map(|place| self.hits.remove(place)).is_some()
    }
}
