//! From joined documents to a segment: order, invert, write.

use std::path::Path;

use spork_core::kill_point;
use spork_index::{CollectedDocnos, FieldTerms as LexiconTerms, Order, SegmentWriter};
use spork_index::{SegmentEntry, SegmentSummary, StoredSchema};

use crate::Result;
use crate::field::FieldTerms;
use crate::forward::Forward;
use crate::impacts::{Impacts, orders, quantizers, term_ids};
use crate::interner::Interner;
use crate::invert::{Inverted, Inverter, least_memory};
use crate::memory::MemoryBound;
use crate::order::reorder;
use crate::progress::Progress;
use crate::store::{Documents, RecordSource, store};

/// The documents of a segment that is to be written.
pub(crate) struct Assembly<'a> {
    pub(crate) docnos: Interner,
    /// By field.
    pub(crate) terms: &'a [FieldTerms],
    /// A record a document; the term numbers of a field follow those of the fields before.
    pub(crate) forward: Forward,
    /// What is stored beside.
    pub(crate) stored: &'a StoredSchema,
    /// The documents' records, where some are stored.
    pub(crate) records: Option<&'a mut dyn RecordSource>,
}

/// A segment that has been written.
pub(crate) struct Assembled {
    pub(crate) entry: SegmentEntry,
    pub(crate) summary: SegmentSummary,
    pub(crate) inverted: Inverted,
}

impl Assembly<'_> {
    /// Writes the segment within a memory bound.
    pub(crate) fn write(
        mut self,
        mut writer: SegmentWriter,
        order: Order,
        memory: MemoryBound,
        progress: &dyn Progress,
    ) -> Result<Assembled> {
        let orders = orders(self.terms);
        let (term_ids, quantizers) = (term_ids(self.terms, &orders), quantizers(self.terms));
        let impacts = Impacts { term_ids: &term_ids, quantizers: &quantizers };
        let folder = writer.folder().to_owned();
        let order = match order {
            Order::Bisection => Some(self.reorder(&impacts, &folder, memory, progress)?),
            Order::Input => None,
        };
        let docno_order = self.docnos.order();
        let terms: Vec<usize> = orders.iter().map(Vec::len).collect();
        let lasting = lasting(&self.docnos, self.terms);
        let inverter = Inverter {
            forward: &self.forward,
            impacts,
            terms: &terms,
            codec: writer.codec(),
            memory: memory.left_beside(lasting, least_memory(term_ids.len()))?,
        };
        let inverted = inverter.run(&mut writer, progress)?;
        let lexicon: Vec<LexiconTerms<'_>> = self
            .terms
            .iter()
            .zip(&orders)
            .map(|(field, order)| LexiconTerms { strings: field.terms.strings(), order })
            .collect();
        let documents =
            Documents { forward: &self.forward, impacts, terms: &terms, order: order.as_deref() };
        let stored = store(self.stored, &documents, self.records, &folder, progress)?;
        let docnos = CollectedDocnos { strings: self.docnos.strings(), order: &docno_order };
        let counts = inverted.counts.clone();
        let (entry, summary) =
            writer.finish(counts, &lexicon, &inverted.statistics, docnos, stored)?;
        Ok(Assembled { entry, summary, inverted })
    }

    /// Puts the documents in the order of graph bisection, and returns their numbers in it.
    fn reorder(
        &mut self,
        impacts: &Impacts<'_>,
        folder: &Path,
        memory: MemoryBound,
        progress: &dyn Progress,
    ) -> Result<Vec<u32>> {
        // Docnos are in memory twice while they change places.
        let lasting = lasting(&self.docnos, self.terms) + self.docnos.memory() as u64;
        let (moved, order) = reorder(&self.forward, impacts, folder, memory, lasting, progress)?;
        self.forward = moved;
        self.docnos.rearrange(&order);
        kill_point("indexer.ordered");
        Ok(order)
    }
}

/// Bytes that stay allocated while a segment is built: strings, and per document and term their
/// order, renumbering and statistics.
pub(crate) fn lasting(docnos: &Interner, fields: &[FieldTerms]) -> u64 {
    let of_docnos = (docnos.memory() + 12 * docnos.len()) as u64;
    of_docnos + fields.iter().map(FieldTerms::memory).sum::<u64>()
}
