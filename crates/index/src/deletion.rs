//! What is left of a segment when documents are deleted.

use spork_core::{DocId, TermId};
use spork_postings::{BLOCK, WINDOW, Window};

use crate::Result;
use crate::counts::Counts;
use crate::living::{Survivors, all_living};
use crate::segment::Segment;

/// From this many documents of a window on, its lists are read through; below, each document is
/// looked up in each list.
const MANY: usize = 24;

impl Segment {
    /// What survives when the documents `deleted` are, given by their docids in the segment,
    /// ascending. Those that are deleted already count once.
    ///
    /// # Errors
    /// A document is not there, or the segment is damaged.
    pub fn survivors(&self, deleted: &[DocId]) -> Result<Survivors> {
        let mut deletion = Deletion::new(self)?;
        for window in deleted.chunk_by(|a, b| a.0 as usize / WINDOW == b.0 as usize / WINDOW) {
            deletion.window(window)?;
        }
        Ok(deletion.survivors)
    }
}

/// A deletion at work.
struct Deletion<'s> {
    segment: &'s Segment,
    survivors: Survivors,
}

impl<'s> Deletion<'s> {
    /// What lives now.
    fn new(segment: &'s Segment) -> Result<Self> {
        let mut deleted_postings = vec![0; segment.lexicon().len() as usize];
        let words = match segment.living()? {
            Some(living) => living.words().collect(),
            None => all_living(segment.documents()),
        };
        if let Some(living) = segment.living_file() {
            for entry in living.all_deleted_postings() {
                let (term, postings) = entry?;
                if let Some(of_term) = deleted_postings.get_mut(term as usize) {
                    *of_term = postings;
                }
            }
        }
        let counts: Counts = segment.living_counts().clone();
        Ok(Self { segment, survivors: Survivors { words, deleted_postings, counts } })
    }

    /// Deletes some documents of one window.
    fn window(&mut self, deleted: &[DocId]) -> Result<()> {
        let mut fresh = Vec::with_capacity(deleted.len());
        for &docid in deleted {
            // Refuses documents that are not there.
            self.segment.docnos().get(docid)?;
            let word = &mut self.survivors.words[docid.0 as usize / BLOCK];
            let bit = 1 << (docid.0 as usize % BLOCK);
            if *word & bit != 0 {
                *word &= !bit;
                fresh.push((docid.0 as usize % WINDOW) as u16);
            }
        }
        let Some(first) = deleted.first().filter(|_| !fresh.is_empty()) else { return Ok(()) };
        let window = self.segment.window(first.0 as usize / WINDOW)?;
        let fields = self.segment.summary().counts.fields.len();
        let mut has_posting = vec![false; fresh.len() * fields];
        self.take_postings(&window, &fresh, &mut has_posting)?;
        let counts = &mut self.survivors.counts;
        for has_posting in has_posting.chunks(fields.max(1)) {
            // Those of a damaged index may be anything.
            counts.documents = counts.documents.saturating_sub(1);
            let empty = !has_posting.contains(&true);
            counts.empty_documents = counts.empty_documents.saturating_sub(u32::from(empty));
            for (field, &has_posting) in counts.fields.iter_mut().zip(has_posting) {
                field.documents = field.documents.saturating_sub(u32::from(has_posting));
            }
        }
        Ok(())
    }

    /// Takes the postings of some documents away, and notes which have any, by document and field.
    fn take_postings(
        &mut self,
        window: &Window<'_>,
        documents: &[u16],
        has_posting: &mut [bool],
    ) -> Result<()> {
        let mut places = vec![u32::MAX; if documents.len() < MANY { 0 } else { WINDOW }];
        if !places.is_empty() {
            (0..).zip(documents).for_each(|(place, &document)| {
                places[usize::from(document)] = place;
            });
        }
        let mut of: Vec<usize> = Vec::new();
        for list in window.summaries() {
            let found = |damage| self.segment.damage(damage);
            of.clear();
            if places.is_empty() {
                for (place, &document) in documents.iter().enumerate() {
                    if window.impact(list, document).map_err(found)?.is_some() {
                        of.push(place);
                    }
                }
            } else {
                let postings = window.postings(list).map_err(found)?;
                let places = postings.map(|(document, _)| places[usize::from(document)]);
                of.extend(places.filter(|&place| place != u32::MAX).map(|place| place as usize));
            }
            self.count(list.term, &of, has_posting);
        }
        Ok(())
    }

    /// Counts the postings of a term in deleted documents, given by their places.
    fn count(&mut self, term: TermId, of: &[usize], has_posting: &mut [bool]) {
        let Survivors { deleted_postings, counts, .. } = &mut self.survivors;
        let field = self.segment.summary().counts.field_of(term);
        let (Some(field), Some(deleted)) = (field, deleted_postings.get_mut(term.0 as usize))
        else {
            return;
        };
        *deleted = deleted.saturating_add(of.len() as u32);
        let postings = &mut counts.fields[field].postings;
        *postings = postings.saturating_sub(of.len() as u64);
        let fields = counts.fields.len();
        for &place in of {
            has_posting[place * fields + field] = true;
        }
    }
}
