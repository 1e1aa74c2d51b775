//! The second pass: windows of the forward file to posting lists.

use std::ops::Range;

use rayon::prelude::*;
use spork_core::{Impact, Quantizer, TermId};
use spork_index::{IndexWriter, TermStatistics};
use spork_postings::{Codec, WindowPiece};

use crate::forward::Forward;
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
    /// Term id by term number.
    pub(crate) term_ids: &'a [u32],
    /// The quantizer of each field, with the first term id after the field's.
    pub(crate) quantizers: &'a [(u32, Quantizer)],
    /// How posting lists are written.
    pub(crate) codec: Codec,
    /// Bytes that all windows in work may take together.
    pub(crate) memory: u64,
}

/// The counts of the second pass.
pub(crate) struct Inverted {
    /// By term id.
    pub(crate) statistics: Vec<TermStatistics>,
    /// By field: weights that were rounded to zero and left out.
    pub(crate) rounded_to_zero: Vec<u64>,
    pub(crate) empty_documents: u32,
}

impl Inverter<'_> {
    /// Inverts all windows, in order, as many at once as memory and threads allow.
    pub(crate) fn run(
        &self,
        writer: &mut IndexWriter,
        progress: &dyn Progress,
    ) -> Result<Inverted> {
        progress.phase(Phase::Inverting, Some(self.forward.windows() as u64));
        let mut inverted = Inverted {
            statistics: vec![TermStatistics::default(); self.term_ids.len()],
            rounded_to_zero: vec![0; self.quantizers.len()],
            empty_documents: 0,
        };
        let mut next = 0;
        while next < self.forward.windows() {
            let group = self.group_from(next);
            let counted: Vec<WindowCounts> = group
                .clone()
                .into_par_iter()
                .map(|window| self.count(window))
                .collect::<Result<_>>()?;
            for counts in &counted {
                for (sum, rounded) in
                    inverted.rounded_to_zero.iter_mut().zip(&counts.rounded_to_zero)
                {
                    *sum += rounded;
                }
                inverted.empty_documents += counts.empty_documents;
            }
            if group.len() == 1 {
                self.write_in_ranges(group.start, &counted[0], writer, &mut inverted)?;
            } else {
                self.write_whole(group.clone(), &counted, writer, &mut inverted)?;
            }
            progress.advance(group.len() as u64);
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

    fn fixed_cost(&self) -> u64 {
        fixed_cost(self.term_ids.len())
    }

    fn write_whole(
        &self,
        group: Range<usize>,
        counted: &[WindowCounts],
        writer: &mut IndexWriter,
        inverted: &mut Inverted,
    ) -> Result<()> {
        let all = 0..self.term_ids.len();
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
        writer: &mut IndexWriter,
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
        let mut counts = WindowCounts {
            by_term: vec![0; self.term_ids.len()],
            rounded_to_zero: vec![0; self.quantizers.len()],
            empty_documents: 0,
        };
        let mut reader = self.forward.window(window);
        let mut record = Vec::new();
        while reader.next_into(&mut record)? {
            let mut kept = 0;
            for &(term, weight) in &record {
                let term = self.term_ids[term as usize];
                let field = self.field(term);
                if self.impact(field, weight) > 0 {
                    counts.by_term[term as usize] += 1;
                    kept += 1;
                } else {
                    counts.rounded_to_zero[field] += 1;
                }
            }
            counts.empty_documents += u32::from(kept == 0);
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
                let term = self.term_ids[term as usize];
                let impact = self.impact(self.field(term), weight);
                let term = term as usize;
                if terms.contains(&term) && impact > 0 {
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

    /// The place of the field that a term id belongs to.
    fn field(&self, term: u32) -> usize {
        self.quantizers.iter().take_while(|&&(end, _)| end <= term).count()
    }

    fn impact(&self, field: usize, weight: f32) -> Impact {
        // The scale was chosen so that the largest weight has an impact.
        self.quantizers[field].1.quantize(weight).unwrap_or(Impact::MAX)
    }
}

impl Inverted {
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
    /// By field.
    rounded_to_zero: Vec<u64>,
    empty_documents: u32,
}

impl WindowCounts {
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
    use spork_index::{CollectedDocnos, Manifest, StringArena};

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
        let mut writer = IndexWriter::create(&output, codec).unwrap();
        let term_ids: Vec<u32> = (0..40).rev().collect();
        let forward = forward.finish().unwrap();
        let inverter = Inverter {
            forward: &forward,
            term_ids: &term_ids,
            quantizers: &[(40, Quantizer::INTEGER)],
            codec,
            memory,
        };
        let inverted = inverter.run(&mut writer, &crate::Silent).unwrap();
        let none = StringArena::default();
        let docnos = CollectedDocnos { strings: &none, order: &[] };
        writer.finish(Manifest::default(), &[], &inverted.statistics, docnos).unwrap();
        std::fs::read(output.join("generation-000001/postings.bin")).unwrap()
    }

    #[test]
    fn pieces_give_the_bytes_of_the_whole() {
        for codec in Codec::ALL {
            assert!(postings(codec, 0) == postings(codec, u64::MAX));
        }
    }

    #[test]
    fn ranges_cover_all_terms_within_the_room() {
        let counts = WindowCounts {
            by_term: vec![3, 0, 5, 9, 1, 1],
            rounded_to_zero: vec![],
            empty_documents: 0,
        };
        assert_eq!(counts.ranges(8), [0..3, 3..4, 4..6]);
        assert_eq!(counts.ranges(1), [0..1, 1..3, 3..4, 4..5, 5..6]);
        assert_eq!(counts.ranges(u64::MAX), vec![0..6]);
        let none = WindowCounts { by_term: vec![], rounded_to_zero: vec![], empty_documents: 0 };
        assert_eq!(none.ranges(1), vec![0..0]);
    }
}
