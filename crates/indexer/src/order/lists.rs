//! Every document's terms in memory, as the ordering needs them.

use crate::Result;
use crate::forward::Forward;
use crate::impacts::Impacts;
use crate::progress::{Phase, Progress};

/// Terms in fewer documents bring no two neighbors together worth the work.
const FEWEST_DOCUMENTS: u32 = 4;

/// Bytes of a document beside its terms: an offset, its place, and its gain while halves are
/// improved.
const BYTES_A_DOCUMENT: u64 = 8 + 4 + 8;

/// Bytes of a term: its new number, and degrees and gains for each thread.
fn bytes_of_terms(terms: usize) -> u64 {
    terms as u64 * (4 + 24 * (rayon::current_num_threads() as u64 + 1))
}

/// Bytes that ordering takes.
pub(crate) fn memory(forward: &Forward, terms: usize) -> u64 {
    forward.documents() * BYTES_A_DOCUMENT + forward.bytes() / 8 * 4 + bytes_of_terms(terms)
}

/// The document frequency of each term id.
fn document_frequencies(
    forward: &Forward,
    impacts: &Impacts<'_>,
    progress: &dyn Progress,
) -> Result<Vec<u32>> {
    let mut frequencies = vec![0; impacts.term_ids.len()];
    let (mut reader, mut record) = (forward.all(), Vec::new());
    while reader.next_into(&mut record)? {
        for (id, _) in record.iter().filter_map(|&(term, weight)| impacts.posting(term, weight)) {
            frequencies[id as usize] += 1;
        }
        progress.advance(1)?;
    }
    Ok(frequencies)
}

/// Term lists by document; terms are renumbered, densely.
pub(crate) struct TermLists {
    offsets: Vec<u64>,
    terms: Vec<u32>,
    vocabulary: usize,
}

impl TermLists {
    /// Reads the lists. Terms are numbered in the order of their ids.
    pub(crate) fn read(
        forward: &Forward,
        impacts: &Impacts<'_>,
        progress: &dyn Progress,
    ) -> Result<Self> {
        let documents = forward.documents();
        progress.phase(Phase::ReadingForOrder, Some(2 * documents));
        let mut vocabulary = 0;
        let numbers: Vec<Option<u32>> = document_frequencies(forward, impacts, progress)?
            .into_iter()
            .map(|df| {
                (df >= FEWEST_DOCUMENTS).then(|| {
                    vocabulary += 1;
                    vocabulary - 1
                })
            })
            .collect();
        let mut lists = Self {
            offsets: Vec::with_capacity(documents as usize + 1),
            terms: Vec::with_capacity((forward.bytes() / 8) as usize),
            vocabulary: vocabulary as usize,
        };
        lists.offsets.push(0);
        let (mut reader, mut record) = (forward.all(), Vec::new());
        while reader.next_into(&mut record)? {
            let start = lists.terms.len();
            let ids = record.iter().filter_map(|&(term, weight)| impacts.posting(term, weight));
            lists.terms.extend(ids.filter_map(|(id, _)| numbers[id as usize]));
            lists.terms[start..].sort_unstable();
            lists.offsets.push(lists.terms.len() as u64);
            progress.advance(1)?;
        }
        Ok(lists)
    }

    /// Number of documents.
    pub(crate) fn documents(&self) -> usize {
        self.offsets.len() - 1
    }

    /// Number of terms.
    pub(crate) fn vocabulary(&self) -> usize {
        self.vocabulary
    }

    /// The terms of a document, ascending, each once.
    pub(crate) fn of(&self, document: u32) -> &[u32] {
        let document = document as usize;
        &self.terms[self.offsets[document] as usize..self.offsets[document + 1] as usize]
    }

    #[cfg(test)]
    pub(crate) fn from_documents(documents: &[Vec<u32>], vocabulary: usize) -> Self {
        let mut lists = Self { offsets: vec![0], terms: Vec::new(), vocabulary };
        for document in documents {
            lists.terms.extend(document);
            lists.offsets.push(lists.terms.len() as u64);
        }
        lists
    }
}
