//! Documents as their vectors, in the order of docids, from the lists of a window at a time.

use std::ops::Range;

use spork_core::{DocId, Impact, TermId};
use spork_postings::Window;

use crate::Result;
use crate::segment::Segment;

/// Bytes of an entry in memory.
const ENTRY: u64 = 8;

/// Reads the vectors that all documents have of a range of terms, such as those of a field. A
/// window's lists are read once for the numbers of terms, and once for every stretch of documents
/// that fits in memory.
#[derive(Debug)]
pub struct DocumentReader<'i> {
    segment: &'i Segment,
    terms: Range<u32>,
    /// Entries that fit in memory.
    budget: usize,
    window: usize,
    /// Where each of the window's documents would start if all were in memory, and the end.
    starts: Vec<usize>,
    /// The first of them that is not read yet.
    next: usize,
}

/// The vectors of consecutive documents.
#[derive(Debug)]
pub struct DocumentVectors {
    first: DocId,
    starts: Vec<usize>,
    entries: Vec<(TermId, Impact)>,
}

impl DocumentVectors {
    /// Documents and their vectors, ascending by docid, each ascending by term.
    pub fn iter(&self) -> impl Iterator<Item = (DocId, &[(TermId, Impact)])> {
        let docids = (self.first.0..).map(DocId);
        docids.zip(self.starts.windows(2).map(|ends| &self.entries[ends[0]..ends[1]]))
    }
}

impl<'i> DocumentReader<'i> {
    /// Reads the documents of `segment`, deleted ones included, and those of their terms whose ids
    /// are in `terms`, in about `memory` bytes.
    pub fn new(segment: &'i Segment, terms: Range<u32>, memory: u64) -> Self {
        let budget = usize::try_from(memory / ENTRY).unwrap_or(usize::MAX);
        Self { segment, terms, budget, window: 0, starts: Vec::new(), next: 0 }
    }

    /// The next documents; none after the last.
    ///
    /// # Errors
    /// The index is damaged.
    pub fn next_documents(&mut self) -> Result<Option<DocumentVectors>> {
        if self.next + 1 >= self.starts.len() {
            if !self.starts.is_empty() {
                self.window += 1;
            }
            if self.window >= self.segment.windows() {
                return Ok(None);
            }
            self.count()?;
        }
        let first = self.next;
        let full = self.starts[first].saturating_add(self.budget);
        let fits = self.starts[first + 1..].iter().take_while(|&&end| end <= full).count();
        self.next = first + fits.max(1);
        self.gather(first..self.next).map(Some)
    }

    fn for_each(&self, mut each: impl FnMut(usize, TermId, Impact)) -> Result<Window<'i>> {
        let window = self.segment.window(self.window)?;
        for list in window.summaries().filter(|list| self.terms.contains(&list.term.0)) {
            let postings = window.postings(list).map_err(|damage| self.segment.damage(damage))?;
            for (docid, impact) in postings {
                each(usize::from(docid), list.term, impact);
            }
        }
        Ok(window)
    }

    fn count(&mut self) -> Result<()> {
        let documents = self.segment.window(self.window)?.documents();
        let mut ends = vec![0; documents + 1];
        self.for_each(|docid, _, _| {
            // A damaged list may name documents that do not exist.
            if let Some(count) = ends.get_mut(docid + 1) {
                *count += 1;
            }
        })?;
        for docid in 0..documents {
            ends[docid + 1] += ends[docid];
        }
        (self.starts, self.next) = (ends, 0);
        Ok(())
    }

    fn gather(&self, documents: Range<usize>) -> Result<DocumentVectors> {
        let base = self.starts[documents.start];
        let starts: Vec<usize> =
            self.starts[documents.start..=documents.end].iter().map(|start| start - base).collect();
        let mut places = starts.clone();
        let mut entries = vec![(TermId(0), 0); self.starts[documents.end] - base];
        let window = self.for_each(|docid, term, impact| {
            if documents.contains(&docid) {
                let place = &mut places[docid - documents.start];
                entries[*place] = (term, impact);
                *place += 1;
            }
        })?;
        let first = DocId(window.first_docid().0 + documents.start as u32);
        Ok(DocumentVectors { first, starts, entries })
    }
}
