//! What a segment stores of its documents beside their postings.

use std::path::Path;

use spork_core::{TermId, kill_point};
use spork_index::{ColumnsWriter, ForwardVectorsWriter, StoredSchema, StoredSummary, TextsWriter};

use crate::Result;
use crate::forward::Forward;
use crate::impacts::Impacts;
use crate::progress::{Phase, Progress};
use crate::records::{Record, RecordFileReader};

/// The records of the documents that a segment is made of.
pub(crate) trait RecordSource {
    /// The record of a document, by its number before the documents are ordered.
    fn record(&mut self, number: u32) -> Result<Record>;
}

impl RecordSource for RecordFileReader<'_> {
    fn record(&mut self, number: u32) -> Result<Record> {
        self.read(number)
    }
}

/// The documents of a segment in their final order.
pub(crate) struct Documents<'a> {
    pub(crate) forward: &'a Forward,
    pub(crate) impacts: Impacts<'a>,
    /// Number of term ids, by field.
    pub(crate) terms: &'a [usize],
    /// By docid, the number before; none if documents keep their numbers.
    pub(crate) order: Option<&'a [u32]>,
}

/// Writes the files that `schema` asks for into the segment's `folder`.
pub(crate) fn store(
    schema: &StoredSchema,
    documents: &Documents<'_>,
    records: Option<&mut dyn RecordSource>,
    folder: &Path,
    progress: &dyn Progress,
) -> Result<StoredSummary> {
    let mut summary = StoredSummary::default();
    if let Some(records) = records.filter(|_| schema.needs_records()) {
        documents.store_records(schema, records, folder, &mut summary, progress)?;
        kill_point("indexer.records-stored");
    }
    if schema.vectors {
        documents.store_vectors(folder, &mut summary, progress)?;
        kill_point("indexer.vectors-stored");
    }
    Ok(summary)
}

impl Documents<'_> {
    fn store_records(
        &self,
        schema: &StoredSchema,
        records: &mut dyn RecordSource,
        folder: &Path,
        summary: &mut StoredSummary,
        progress: &dyn Progress,
    ) -> Result<()> {
        progress.phase(Phase::Storing, Some(self.forward.documents()));
        let mut texts = schema.texts.then(|| TextsWriter::create(folder)).transpose()?;
        let any = !schema.columns.is_empty();
        let mut columns =
            any.then(|| ColumnsWriter::create(folder, &schema.columns)).transpose()?;
        for docid in 0..self.forward.documents() as u32 {
            let number = self.order.map_or(docid, |order| order[docid as usize]);
            let record = records.record(number)?;
            if let Some(texts) = &mut texts {
                texts.push(record.text.as_ref().map(|text| text.text.as_str()))?;
            }
            if let Some(columns) = &mut columns {
                columns.push(&record.values)?;
            }
            progress.advance(1)?;
        }
        summary.texts = texts.map(TextsWriter::finish).transpose()?;
        summary.columns = columns.map(ColumnsWriter::finish).transpose()?;
        Ok(())
    }

    fn store_vectors(
        &self,
        folder: &Path,
        summary: &mut StoredSummary,
        progress: &dyn Progress,
    ) -> Result<()> {
        progress.phase(Phase::Storing, Some(self.forward.documents()));
        let terms: Vec<u32> = self.terms.iter().map(|&terms| terms as u32).collect();
        let mut writer = ForwardVectorsWriter::create(folder, &terms)?;
        let (mut reader, mut record) = (self.forward.all(), Vec::new());
        let mut postings = Vec::new();
        while reader.next_into(&mut record)? {
            postings.clear();
            let found =
                record.iter().filter_map(|&(term, weight)| self.impacts.posting(term, weight));
            postings.extend(found.map(|(term, impact)| (TermId(term), impact)));
            postings.sort_unstable();
            writer.push(&postings)?;
            progress.advance(1)?;
        }
        summary.vectors = Some(writer.finish()?);
        Ok(())
    }
}
