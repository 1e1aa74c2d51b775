//! From the input of all fields to a segment.

use std::path::Path;

use spork_core::{DocId, kill_point};
use spork_index::{Field, Index, Manifest, SegmentEntry, SegmentWriter, StoredSchema};

use crate::assemble::{Assembled, Assembly, lasting};
use crate::collect::Records;
use crate::docnos::Docnos;
use crate::field::{CollectedField, Reading, collect_field};
use crate::field_terms::FieldTerms;
use crate::impacts::first_terms;
use crate::interner::Interner;
use crate::invert::least_memory;
use crate::join::join;
use crate::line_parser::Part;
use crate::memory::MemoryBound;
use crate::options::Options;
use crate::progress::{Phase, Progress};
use crate::records::{RecordFile, RecordOptions, RecordReport, read_records};
use crate::report::{FieldReport, Report};
use crate::source::Source;
use crate::store::RecordSource;
use crate::{Error, Result};

/// How input becomes a segment.
pub(crate) struct Gathering<'a> {
    pub(crate) options: &'a Options,
    /// What the segment's index has fixed; none for a new index.
    pub(crate) given: Option<&'a Manifest>,
    /// The index that the segment is added to, and whether its documents may be replaced.
    pub(crate) beside: Option<(&'a Index, bool)>,
    /// The documents that are read.
    pub(crate) part: Part,
    pub(crate) progress: &'a dyn Progress,
}

/// A new segment.
pub(crate) struct Gathered {
    pub(crate) fields: Vec<GatheredField>,
    pub(crate) assembled: Assembled,
    /// Documents of the index that it replaces.
    pub(crate) replaced: Vec<DocId>,
    /// What became of the documents' records; none where none are stored.
    records: Option<RecordReport>,
}

/// What became of a field's input.
pub(crate) struct GatheredField {
    pub(crate) field: Field,
    pub(crate) pruned: u64,
    report: FieldReport,
}

impl Gathering<'_> {
    /// Reads the sources and writes their segment. The sources of a new index are its fields; in
    /// the segment of another, each of its fields has at most one.
    pub(crate) fn run(&self, sources: &[Source<'_>], writer: SegmentWriter) -> Result<Gathered> {
        let memory = MemoryBound(self.options.memory);
        memory.left_beside(0, least_memory(0))?;
        let folder = writer.folder().to_owned();
        let mut docnos = self.docnos();
        let (mut terms, mut fields, mut records) = (Vec::new(), Vec::new(), Vec::new());
        for (source, given) in self.plan(sources) {
            let reading = self.reading(sources, given, &folder);
            let room = (memory, lasting(&docnos.read, &terms));
            let (collected, documents) = match (source, given) {
                (Some(source), _) => collect_field(source, &reading, &mut docnos, room)?,
                (None, Some(field)) => CollectedField::without_documents(field, &folder)?,
                (None, None) => continue,
            };
            records.push(documents);
            fields.push(GatheredField::of(&collected));
            terms.push(collected.terms);
        }
        let stored = self.given.map_or(&self.options.stored, |manifest| &manifest.stored);
        let records_read = self.records(sources, stored, &docnos.read, &folder)?;
        let (docnos, replaced) = docnos.finish();
        let left = memory.left_beside(lasting(&docnos, &terms), 0)?;
        let forward = self.join(records, &terms, docnos.len(), &folder, left)?;
        kill_point("indexer.joined");
        let order = self.given.map_or(self.options.order, |manifest| manifest.order);
        let mut reader = records_read.as_ref().map(|(records, _)| records.reader());
        let records = reader.as_mut().map(|reader| reader as &mut dyn RecordSource);
        let assembly = Assembly { docnos, terms: &terms, forward, stored, records };
        let assembled = assembly.write(writer, order, memory, self.progress)?;
        let records = records_read.map(|(_, report)| report);
        Ok(Gathered { fields, assembled, replaced, records })
    }

    /// What the sources give the fields of a new index; their documents are not kept. Temporary
    /// files go to `folder`.
    pub(crate) fn fields(&self, sources: &[Source<'_>], folder: &Path) -> Result<Vec<Field>> {
        let memory = MemoryBound(self.options.memory);
        memory.left_beside(0, least_memory(0))?;
        let (mut docnos, mut fields) = (self.docnos(), Vec::new());
        for source in sources {
            let reading = self.reading(sources, None, folder);
            let room = (memory, lasting(&docnos.read, &[]));
            fields.push(collect_field(source, &reading, &mut docnos, room)?.0.field);
        }
        Ok(fields)
    }

    /// The docnos, before any is read.
    fn docnos(&self) -> Docnos<'_> {
        self.beside.map_or_else(Docnos::default, |(index, update)| Docnos::beside(index, update))
    }

    fn reading<'r>(
        &'r self,
        sources: &[Source<'_>],
        given: Option<&'r Field>,
        folder: &'r Path,
    ) -> Reading<'r> {
        let (options, part, progress) = (self.options, self.part, self.progress);
        Reading { options, part, given, several: sources.len() > 1, folder, progress }
    }

    /// Reads the records of the documents, where some of them are stored.
    fn records(
        &self,
        sources: &[Source<'_>],
        stored: &StoredSchema,
        docnos: &Interner,
        folder: &Path,
    ) -> Result<Option<(RecordFile, RecordReport)>> {
        if !stored.needs_records() {
            return Ok(None);
        }
        let texts = sources.iter().find_map(Source::texts);
        let inputs = match (self.options.records.as_slice(), texts) {
            ([], Some(texts)) => texts,
            ([], None) => return Err(Error::NoRecords),
            (records, _) => records,
        };
        self.progress.phase(Phase::ReadingRecords, None);
        let documents = docnos.len() as u32;
        let StoredSchema { columns: schema, texts, .. } = stored;
        let options = RecordOptions { schema, texts: *texts, documents, shard: self.part.shard };
        let find = |docno: &str| Ok(docnos.get(docno));
        read_records(inputs, options, find, folder, self.progress).map(Some)
    }

    fn join(
        &self,
        records: Vec<Records>,
        terms: &[FieldTerms],
        documents: usize,
        folder: &Path,
        memory: u64,
    ) -> Result<crate::forward::Forward> {
        join(records, &first_terms(terms), documents, folder, memory, self.progress)
    }

    /// Each field with its source, which a field of another index may lack.
    fn plan<'s>(
        &'s self,
        sources: &'s [Source<'s>],
    ) -> Vec<(Option<&'s Source<'s>>, Option<&'s Field>)> {
        let Some(manifest) = self.given else {
            return sources.iter().map(|source| (Some(source), None)).collect();
        };
        let source = |field: &Field| sources.iter().find(|source| source.kind() == field.source);
        manifest.fields.iter().map(|field| (source(field), Some(field))).collect()
    }
}

impl GatheredField {
    fn of(collected: &CollectedField) -> Self {
        let &CollectedField { zeros, pruned, documents, text, .. } = collected;
        Self {
            field: collected.field.clone(),
            pruned,
            report: FieldReport { documents, zeros, pruned, text, ..FieldReport::default() },
        }
    }
}

impl Gathered {
    /// The segment; none if no document is in it, as it may be of a shard.
    pub(crate) fn entry(&self) -> Option<SegmentEntry> {
        let Assembled { entry, summary, .. } = &self.assembled;
        (summary.counts.documents > 0).then(|| entry.clone())
    }

    /// What there is to tell of it, in an index that it is part of.
    pub(crate) fn report(self, manifest: Manifest) -> Report {
        let Assembled { summary, inverted, .. } = self.assembled;
        let losses = inverted.rounded_to_zero.iter().zip(&inverted.clipped);
        let report = |(field, (&rounded_to_zero, &clipped)): (GatheredField, (&u64, &u64))| {
            FieldReport { rounded_to_zero, clipped, ..field.report }
        };
        let fields = self.fields.into_iter().zip(losses).map(report).collect();
        let replaced = self.replaced.len() as u32;
        Report { manifest, summary, fields, replaced, records: self.records }
    }
}
