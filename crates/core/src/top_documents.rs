//! The best k documents of an index, over its segments.

use crate::{DocId, DocnoOrder, DocnoRank, Hit};

/// Collects the best k documents, segment after segment: score descending, docno descending among
/// equals.
///
/// A buffer is filled and then cut back in linear time, so that a push costs a comparison and,
/// amortized, a constant. The rank of a document by docno lies where no other document's is read,
/// so it is looked up only where it decides: where a score equals the k-th best. Ranks of
/// different segments say nothing of each other. So documents with the k-th best score are kept as
/// far as those of their own segment don't leave them out, and [`Self::drain`] may return more
/// than k.
#[derive(Debug, Default)]
pub struct TopDocuments {
    k: usize,
    /// Score in the upper half, docid in the index in the lower.
    entries: Vec<u64>,
    /// Entries that the last cut has left.
    kept: usize,
    /// The k-th best score at the last cut, 0 if there were fewer: no lower score enters.
    floor: u32,
    /// Of the segment's documents with just that score, only those that rank higher enter; all of
    /// them if `None`.
    floor_rank: Option<DocnoRank>,
    /// The docid in the index of the segment's first document.
    first: u32,
    /// Memory for a cut: entries of the segment whose rank decides.
    ties: Vec<(DocnoRank, u64)>,
}

impl TopDocuments {
    /// Empties the collector for the best `k` of another query. A `k` beyond what is pushed costs
    /// no more than what is pushed.
    pub fn reset(&mut self, k: usize) {
        self.k = k;
        self.entries.clear();
        self.kept = 0;
        self.floor = if k == 0 { u32::MAX } else { 0 };
        self.floor_rank = None;
        self.first = 0;
    }

    /// What is pushed from now on is of the segment whose first document has the docid `first` in
    /// the index.
    #[inline]
    pub fn enter(&mut self, first: DocId) {
        if self.first != first.0 {
            self.first = first.0;
            self.floor_rank = None;
        }
    }

    /// The k-th best score so far, 0 while there are fewer: a document with a lower one can't
    /// enter. It lags behind by up to k pushes: see [`Self::tighten`].
    #[inline]
    pub fn threshold(&self) -> u32 {
        self.floor
    }

    /// Brings [`Self::threshold`] up to date. `order` is that of the segment entered last.
    pub fn tighten(&mut self, order: DocnoOrder<'_>) {
        if self.entries.len() >= self.k && self.entries.len() > self.kept {
            self.cut(order);
        }
    }

    /// Offers a document, by its docid in the segment whose `order` this is, with its score. A
    /// score of zero never enters, nor does a document that the segment hasn't got.
    #[inline]
    pub fn push(&mut self, docid: DocId, score: u32, order: DocnoOrder<'_>) {
        let enters = score > self.floor || (score == self.floor && self.wins_tie(docid, order));
        if enters && score > 0 && (docid.0 as usize) < order.0.len() {
            self.entries.push(entry(score, self.first.saturating_add(docid.0)));
            if self.entries.len() >= self.kept.max(self.k).saturating_add(self.k) {
                self.cut(order);
            }
        }
    }

    /// Whether a document with the k-th best score may be among the best k.
    #[inline]
    fn wins_tie(&self, docid: DocId, order: DocnoOrder<'_>) -> bool {
        self.floor_rank.is_none_or(|worst| order.rank(docid).is_some_and(|rank| rank > worst))
    }

    #[cold]
    fn cut(&mut self, order: DocnoOrder<'_>) {
        let Some(last) = self.k.checked_sub(1).filter(|&last| last < self.entries.len()) else {
            return self.entries.truncate(self.k);
        };
        let (_, &mut kth, _) = self.entries.select_nth_unstable_by(last, |a, b| b.cmp(a));
        self.floor = score_of(kth);
        self.floor_rank = None;
        self.drop_below_floor();
        self.cut_ties(order);
        self.kept = self.entries.len();
    }

    /// Drops entries with a score below the floor, all of which are behind the first k.
    fn drop_below_floor(&mut self) {
        let (mut kept, least) = (self.k, entry(self.floor, 0));
        for place in self.k..self.entries.len() {
            if self.entries[place] >= least {
                self.entries[kept] = self.entries[place];
                kept += 1;
            }
        }
        self.entries.truncate(kept);
    }

    /// Of the segment's documents with the floor's score, drops those that better ones of the same
    /// segment leave out.
    fn cut_ties(&mut self, order: DocnoOrder<'_>) {
        let (floor, first) = (self.floor, self.first);
        let better = self.entries.iter().filter(|&&entry| score_of(entry) > floor).count();
        let wanted = self.k - better;
        self.ties.clear();
        let tied = self.entries.iter().filter(|&&entry| score_of(entry) == floor);
        self.ties.extend(tied.filter_map(|&entry| {
            let docid = DocId(docid_of(entry).checked_sub(first)?);
            Some((order.rank(docid)?, entry))
        }));
        if self.ties.len() < wanted {
            return;
        }
        let (_, &mut worst, out) = self.ties.select_nth_unstable_by(wanted - 1, |a, b| b.cmp(a));
        self.floor_rank = Some(worst.0);
        if !out.is_empty() {
            self.entries.retain(|&entry| score_of(entry) > floor || !is_of(entry, first, order));
            self.entries.extend(self.ties[..wanted].iter().map(|&(_, entry)| entry));
        }
    }

    /// All documents that may be among the best k, with their docids in the index: score
    /// descending, those with equal scores in no order. The collector is empty afterwards and
    /// keeps its memory.
    pub fn drain(&mut self) -> Vec<Hit> {
        if let Some(last) = self.k.checked_sub(1).filter(|&last| last < self.entries.len()) {
            let (_, &mut kth, _) = self.entries.select_nth_unstable_by(last, |a, b| b.cmp(a));
            self.floor = score_of(kth);
            self.drop_below_floor();
        }
        self.entries.sort_unstable_by(|a, b| b.cmp(a));
        let hit = |entry| Hit { docid: DocId(docid_of(entry)), score: score_of(entry) };
        self.entries.drain(..).map(hit).collect()
    }
}

fn entry(score: u32, docid: u32) -> u64 {
    u64::from(score) << 32 | u64::from(docid)
}

fn score_of(entry: u64) -> u32 {
    (entry >> 32) as u32
}

fn docid_of(entry: u64) -> u32 {
    entry as u32
}

/// Whether an entry is a document of the segment that starts at `first` and has this order.
fn is_of(entry: u64, first: u32, order: DocnoOrder<'_>) -> bool {
    docid_of(entry).checked_sub(first).is_some_and(|docid| (docid as usize) < order.0.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Documents of all segments as (score, docno), and where each segment ends.
    fn documents() -> impl Strategy<Value = (Vec<(u32, u32)>, Vec<usize>)> {
        prop::collection::vec((0u32..8, any::<u32>()), 1..300).prop_flat_map(|documents| {
            let ends = prop::collection::vec(0..=documents.len(), 0..4);
            (Just(documents), ends)
        })
    }

    /// The ranks of a segment's documents, as an index holds them.
    fn ranks(documents: &[(u32, u32)]) -> Vec<[u8; 4]> {
        let rank = |i: usize| {
            let less = |&j: &usize| (documents[j].1, j) < (documents[i].1, i);
            (0..documents.len()).filter(less).count() as u32
        };
        (0..documents.len()).map(|i| rank(i).to_le_bytes()).collect()
    }

    proptest! {
        /// The best of all are there, whatever order segments are in, and however often entered.
        #[test]
        fn the_best_of_all_segments_are_kept(
            (documents, mut ends) in documents(), k in 0usize..30, rounds in 1usize..3,
        ) {
            ends.extend([0, documents.len()]);
            ends.sort_unstable();
            let mut top = TopDocuments::default();
            top.reset(k);
            for round in 0..rounds {
                for edges in ends.windows(2) {
                    let (start, end) = (edges[0], edges[1]);
                    let ranks = ranks(&documents[start..end]);
                    let order = DocnoOrder(&ranks);
                    top.enter(DocId(start as u32));
                    for docid in (round..end - start).step_by(rounds) {
                        let score = documents[start + docid].0;
                        if score >= top.threshold() {
                            top.push(DocId(docid as u32), score, order);
                        }
                    }
                    if end % 2 == 0 {
                        top.tighten(order);
                    }
                }
            }
            let order = |hit: &Hit| {
                let docid = hit.docid.0 as usize;
                std::cmp::Reverse((hit.score, documents[docid].1, docid))
            };
            let mut found = top.drain();
            prop_assert!(found.is_sorted_by_key(|hit| std::cmp::Reverse(hit.score)));
            let all = documents.iter().enumerate();
            let all = all.map(|(i, &(score, _))| Hit { docid: DocId(i as u32), score });
            let mut all: Vec<Hit> = all.filter(|hit| hit.score > 0).collect();
            for hits in [&mut found, &mut all] {
                hits.sort_by_key(order);
                hits.truncate(k);
            }
            prop_assert_eq!(found, all);
        }
    }

    #[test]
    fn documents_beyond_the_segment_and_zeros_never_enter() {
        let mut top = TopDocuments::default();
        top.reset(usize::MAX);
        top.push(DocId(1), 5, DocnoOrder(&[[0; 4]]));
        top.push(DocId(0), 0, DocnoOrder(&[[0; 4]]));
        top.push(DocId(0), u32::MAX, DocnoOrder(&[[0; 4]]));
        assert_eq!(top.drain(), [Hit { docid: DocId(0), score: u32::MAX }]);
        top.reset(0);
        top.push(DocId(0), u32::MAX, DocnoOrder(&[[0; 4]]));
        assert_eq!((top.threshold(), top.drain()), (u32::MAX, Vec::new()));
    }
}
