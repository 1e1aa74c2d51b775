//! The second pass: windows of the forward file to posting lists.

use std::ops::Range;

use rayon::prelude::*;
use spork_core::{Impact, TermId};
use spork_index::{Counts, FieldCounts, SegmentWriter, TermStatistics};
use spork_postings::{Codec, WindowPiece};

use crate::forward::Forward;
use crate::impacts::Impacts;
use crate::progress::{Phase, Progress};
use crate::{Error, Result};

/// Bytes of memory a posting takes while its window is inverted: docid and impact, and then both
/// encoded.
const BYTES_A_POSTING: u64 = 10;

/// Bytes a term takes while a window is inverted: two counters, its entry in a piece and in the
/// window's directory, in vectors that have grown by doubling.
const BYTES_A_TERM: u64 = 80;

/// With room for fewer postings than these at a time, a window would be read far too often.
const LEAST_ROOM: u64 = 1 << 20;

/// Bytes a window takes whatever it holds: those of the terms, and a read buffer.
fn fixed_cost(terms: usize) -> u64 {
    terms as u64 * BYTES_A_TERM + (2 << 20)
}

/// The least memory that inverting may be given.
pub(crate) fn least_memory(terms: usize) -> u64 {
    fixed_cost(terms) + LEAST_ROOM * BYTES_A_POSTING
}

/// The input of the second pass.
pub(crate) struct Inverter<'a> {
    pub(crate) forward: &'a Forward,
    pub(crate) impacts: Impacts<'a>,
    /// Number of term ids, field by field.
    pub(crate) terms: &'a [usize],
    /// How posting lists are written.
    pub(crate) codec: Codec,
    /// Bytes that all windows in work may take together.
    pub(crate) memory: u64,
}

/// The counts of the second pass.
pub(crate) struct Inverted {
    /// By term id.
    pub(crate) statistics: Vec<TermStatistics>,
    pub(crate) counts: Counts,
    /// By field: weights that were rounded to zero and left out.
    pub(crate) rounded_to_zero: Vec<u64>,
    /// By field: weights beyond the largest impact, which they got.
    pub(crate) clipped: Vec<u64>,
}

impl Inverter<'_> {
    /// Inverts all windows, in order, as many at once as memory and threads allow.
    pub(crate) fn run(
        &self,
        writer: &mut SegmentWriter,
        progress: &dyn Progress,
    ) -> Result<Inverted> {
        progress.phase(Phase::Inverting, Some(self.forward.windows() as u64));
        let mut inverted = Inverted::new(self.terms);
        let mut next = 0;
        while next < self.forward.windows() {
            let group = self.group_from(next);
            let counted: Vec<WindowCounts> = group
                .clone()
                .into_par_iter()
                .map(|window| self.count(window))
                .collect::<Result<_>>()?;
            counted.iter().for_each(|counts| inverted.add(counts));
            if group.len() == 1 {
                self.write_in_ranges(group.start, &counted[0], writer, &mut inverted)?;
            } else {
                self.write_whole(group.clone(), &counted, writer, &mut inverted)?;
            }
            progress.advance(group.len() as u64)?;
            next = group.end;
        }
        Ok(inverted)
    }

    /// The windows from `first` that fit in memory together, at least one.
    fn group_from(&self, first: usize) -> Range<usize> {
        let threads = rayon::current_num_threads();
        let last = (first + threads).min(self.forward.windows());
        let mut left = self.memory;
        let mut end = first;
        while end < last {
            let cost = self.fixed_cost() + self.forward.postings_at_most(end) * BYTES_A_POSTING;
            match left.checked_sub(cost) {
                Some(rest) => left = rest,
                None => break,
            }
            end += 1;
        }
        first..end.max(first + 1)
    }

    /// Number of term ids.
    fn terms(&self) -> usize {
        self.terms.iter().sum()
    }

    fn fixed_cost(&self) -> u64 {
        fixed_cost(self.terms())
    }

    fn write_whole(
        &self,
        group: Range<usize>,
        counted: &[WindowCounts],
        writer: &mut SegmentWriter,
        inverted: &mut Inverted,
    ) -> Result<()> {
        let all = 0..self.terms();
        let pieces: Vec<WindowPiece> = group
            .into_par_iter()
            .zip(counted)
            .map(|(window, counts)| self.piece(window, counts, all.clone()))
            .collect::<Result<_>>()?;
        for piece in pieces {
            inverted.count(&piece);
            writer.window::<Error>([Ok(piece)])?;
        }
        Ok(())
    }

    fn write_in_ranges(
        &self,
        window: usize,
        counts: &WindowCounts,
        writer: &mut SegmentWriter,
        inverted: &mut Inverted,
    ) -> Result<()> {
        let room = self.memory.saturating_sub(self.fixed_cost()) / BYTES_A_POSTING;
        let pieces = counts.ranges(room).into_iter().map(|range| {
            let piece = self.piece(window, counts, range)?;
            inverted.count(&piece);
            Ok(piece)
        });
        writer.window(pieces)
    }

    /// Counts the postings of each term of a window.
    fn count(&self, window: usize) -> Result<WindowCounts> {
        let fields = self.terms.len();
        let mut counts = WindowCounts::new(self.terms(), fields);
        let (mut reader, mut record) = (self.forward.window(window), Vec::new());
        let mut has_posting = vec![false; fields];
        while reader.next_into(&mut record)? {
            has_posting.fill(false);
            for &(term, weight) in &record {
                let field = self.impacts.field(term);
                match self.impacts.posting(term, weight) {
                    Some((id, impact)) => {
                        counts.by_term[id as usize] += 1;
                        has_posting[field] = true;
                        let clipped =
                            impact == Impact::MAX && self.impacts.is_clipped(term, weight);
                        counts.clipped[field] += u64::from(clipped);
                    }
                    None => counts.rounded_to_zero[field] += 1,
                }
            }
            counts.documents += 1;
            counts.empty_documents += u32::from(!has_posting.contains(&true));
            for (documents, &has_posting) in counts.by_field.iter_mut().zip(&has_posting) {
                *documents += u32::from(has_posting);
            }
        }
        Ok(counts)
    }

    /// Inverts the part of a window whose terms are in `terms`.
    fn piece(
        &self,
        window: usize,
        counts: &WindowCounts,
        terms: Range<usize>,
    ) -> Result<WindowPiece> {
        let mut next = Vec::with_capacity(terms.len() + 1);
        let mut total = 0usize;
        for &count in &counts.by_term[terms.clone()] {
            next.push(total);
            total += count as usize;
        }
        let (mut docids, mut impacts) = (vec![0u16; total], vec![0 as Impact; total]);
        let mut reader = self.forward.window(window);
        let mut record = Vec::new();
        let mut docid = 0u16;
        while reader.next_into(&mut record)? {
            for &(term, weight) in &record {
                let Some((term, impact)) = self.impacts.posting(term, weight) else { continue };
                let term = term as usize;
                if terms.contains(&term) {
                    let place = &mut next[term - terms.start];
                    docids[*place] = docid;
                    impacts[*place] = impact;
                    *place += 1;
                }
            }
            docid = docid.wrapping_add(1);
        }
        let mut piece = WindowPiece::new(self.codec, self.forward.documents_of(window));
        piece.reserve(total * 6);
        let mut start = 0;
        for (term, end) in terms.zip(next) {
            piece.push(TermId(term as u32), &docids[start..end], &impacts[start..end]);
            start = end;
        }
        Ok(piece)
    }
}

impl Inverted {
    /// Nothing yet, of fields that have so many term ids each.
    fn new(terms: &[usize]) -> Self {
        let field = |&terms: &usize| FieldCounts { terms: terms as u32, ..FieldCounts::default() };
        Self {
            statistics: vec![TermStatistics::default(); terms.iter().sum()],
            counts: Counts { fields: terms.iter().map(field).collect(), ..Counts::default() },
            rounded_to_zero: vec![0; terms.len()],
            clipped: vec![0; terms.len()],
        }
    }

    /// Adds the counts of a window.
    fn add(&mut self, window: &WindowCounts) {
        self.counts.documents += window.documents;
        self.counts.empty_documents += window.empty_documents;
        let mut by_term = window.by_term.as_slice();
        for (place, field) in self.counts.fields.iter_mut().enumerate() {
            let (own, rest) = by_term.split_at(field.terms as usize);
            by_term = rest;
            field.documents += window.by_field[place];
            field.postings += own.iter().map(|&postings| u64::from(postings)).sum::<u64>();
            self.rounded_to_zero[place] += window.rounded_to_zero[place];
            self.clipped[place] += window.clipped[place];
        }
    }

    fn count(&mut self, piece: &WindowPiece) {
        for (term, postings, max_impact) in piece.lists() {
            let statistics = &mut self.statistics[term.0 as usize];
            statistics.df += postings as u32;
            statistics.max_impact = statistics.max_impact.max(max_impact);
        }
    }
}

/// How many postings each term has in a window.
struct WindowCounts {
    by_term: Vec<u32>,
    documents: u32,
    empty_documents: u32,
    /// By field: documents with a posting of it.
    by_field: Vec<u32>,
    rounded_to_zero: Vec<u64>,
    clipped: Vec<u64>,
}

impl WindowCounts {
    fn new(terms: usize, fields: usize) -> Self {
        Self {
            by_term: vec![0; terms],
            documents: 0,
            empty_documents: 0,
            by_field: vec![0; fields],
            rounded_to_zero: vec![0; fields],
            clipped: vec![0; fields],
        }
    }

    /// Splits the terms into ranges of at most `room` postings; a term with more has a range of its
    /// own.
    fn ranges(&self, room: u64) -> Vec<Range<usize>> {
        let mut ranges = Vec::new();
        let (mut start, mut postings) = (0, 0);
        for (term, &count) in self.by_term.iter().enumerate() {
            if postings > 0 && postings + u64::from(count) > room {
                ranges.push(start..term);
                (start, postings) = (term, 0);
            }
            postings += u64::from(count);
        }
        ranges.push(start..self.by_term.len());
        ranges
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forward::ForwardWriter;
    use spork_core::Quantizer;
    use spork_index::{CollectedDocnos, IndexWriter, StoredSummary, StringArena};

    /// The bytes of `postings.bin` for the same small window under a memory bound.
    fn postings(codec: Codec, memory: u64) -> Vec<u8> {
        let folder = tempfile::tempdir().unwrap();
        let mut forward = ForwardWriter::create(folder.path()).unwrap();
        for docid in 0..500u32 {
            let vector: Vec<(u32, f32)> = (0..docid % 7)
                .map(|i| ((docid * 13 + i * 5) % 40, (1 + docid % 300) as f32))
                .collect();
            forward.push(&vector).unwrap();
        }
        let output = folder.path().join("index");
        let mut writer = IndexWriter::create(&output).unwrap();
        let mut segment = writer.segment(codec).unwrap();
        let term_ids: Vec<u32> = (0..40).rev().collect();
        let forward = forward.finish().unwrap();
        let quantizers = [(40, Quantizer::INTEGER)];
        let inverter = Inverter {
            forward: &forward,
            impacts: Impacts { term_ids: &term_ids, quantizers: &quantizers },
            terms: &[40],
            codec,
            memory,
        };
        let inverted = inverter.run(&mut segment, &crate::Silent).unwrap();
        let none = StringArena::default();
        let docnos = CollectedDocnos { strings: &none, order: &[] };
        let stored = StoredSummary::default();
        segment.finish(inverted.counts, &[], &inverted.statistics, docnos, stored).unwrap();
        std::fs::read(output.join("segment-000001/postings.bin")).unwrap()
    }

    #[test]
    fn pieces_give_the_bytes_of_the_whole() {
        for codec in Codec::ALL {
            assert!(postings(codec, 0) == postings(codec, u64::MAX));
        }
    }

    #[test]
    fn ranges_cover_all_terms_within_the_room() {
        let counts = WindowCounts { by_term: vec![3, 0, 5, 9, 1, 1], ..WindowCounts::new(0, 0) };
        assert_eq!(counts.ranges(8), [0..3, 3..4, 4..6]);
        assert_eq!(counts.ranges(1), [0..1, 1..3, 3..4, 4..5, 5..6]);
        assert_eq!(counts.ranges(u64::MAX), vec![0..6]);
        let none = WindowCounts::new(0, 0);
        assert_eq!(none.ranges(1), vec![0..0]);
    }
}
