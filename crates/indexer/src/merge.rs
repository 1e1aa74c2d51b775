//! Segments merged into one: the living documents of some segments in their order, with their
//! impacts as they are. The files are those that indexing these documents at once would write.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;

use spork_core::{DocId, Quantizer, TermId, kill_point};
use spork_index::{
    DocumentReader, Index, IndexWriter, Segment, SegmentEntry, Survivors, TextReader,
};

use crate::add::current;
use crate::assemble::{Assembly, lasting};
use crate::field_terms::FieldTerms;
use crate::fitting::WRITER;
use crate::forward::{Forward, ForwardWriter};
use crate::interner::Interner;
use crate::memory::MemoryBound;
use crate::merge_policy::{Size, plan};
use crate::options::Options;
use crate::pool::in_pool;
use crate::progress::{Phase, Progress};
use crate::records::{Record, RecordText};
use crate::store::RecordSource;
use crate::{Error, Result};

/// Which segments are merged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Merging {
    /// All of them, into one; deleted documents are gone afterwards.
    All,
    /// Many of similar size, and those that have lost many documents: what an index does by itself.
    Due,
}

/// The outcome of merging.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MergeReport {
    /// Segments before.
    pub before: usize,
    /// Segments now.
    pub after: usize,
    /// Documents that were copied.
    pub documents: u64,
    /// Deleted documents that are gone.
    pub dropped: u64,
}

/// Merges segments of the index in `folder`. Answers stay the same to the bit. Readers keep the
/// generation that they have open. It takes as much space again as the segments that are merged,
/// until they are.
///
/// # Errors
/// There is no index, another process is writing it, it is damaged, or the disk is full. The index
/// then is what it was.
pub fn merge_segments(
    folder: &Path,
    merging: Merging,
    options: &Options,
    progress: &dyn Progress,
) -> Result<MergeReport> {
    in_pool(options.threads, || {
        let writer = IndexWriter::open(folder)?;
        let index = current(&writer)?;
        let ranges = ranges(&index, merging);
        if ranges.is_empty() {
            let segments = index.segments().len();
            return Ok(MergeReport { before: segments, after: segments, ..MergeReport::default() });
        }
        let segments = index.segments().iter();
        let survivors =
            segments.map(|segment| segment.survivors(&[])).collect::<spork_index::Result<_>>()?;
        Merger { index: &index, survivors, options, progress }.run(writer, &ranges)
    })
}

/// The ranges of segments to merge.
fn ranges(index: &Index, merging: Merging) -> Vec<Range<usize>> {
    let size = |segment: &Segment| {
        let living = segment.living_counts().documents;
        Size { living: living.into(), deleted: u64::from(segment.documents() - living) }
    };
    let sizes: Vec<Size> = index.segments().iter().map(size).collect();
    match (merging, sizes.as_slice()) {
        (Merging::All, [] | [Size { deleted: 0, .. }]) => Vec::new(),
        (Merging::All, all) => std::iter::once(0..all.len()).collect(),
        (Merging::Due, all) => plan(all),
    }
}

/// Writes segments anew.
pub(crate) struct Merger<'a> {
    pub(crate) index: &'a Index,
    /// What is left of each segment.
    pub(crate) survivors: Vec<Survivors>,
    pub(crate) options: &'a Options,
    pub(crate) progress: &'a dyn Progress,
}

impl Merger<'_> {
    /// Merges each of some ranges of segments, ascending, and makes that the current generation.
    pub(crate) fn run(
        &self,
        mut writer: IndexWriter,
        ranges: &[Range<usize>],
    ) -> Result<MergeReport> {
        let before = self.index.segments().len();
        let mut report = MergeReport { before, ..MergeReport::default() };
        let mut entries: Vec<SegmentEntry> = Vec::new();
        let mut next = 0;
        for range in ranges {
            entries.extend(self.unchanged(&writer, next..range.start)?);
            entries.extend(self.merge(&mut writer, range.clone(), &mut report)?);
            kill_point("indexer.merged");
            next = range.end;
        }
        entries.extend(self.unchanged(&writer, next..before)?);
        report.after = entries.len();
        writer.commit(&self.index.manifest().with_segments(entries, WRITER))?;
        Ok(report)
    }

    /// The entries of segments that stay, with the documents that survive.
    fn unchanged(&self, writer: &IndexWriter, range: Range<usize>) -> Result<Vec<SegmentEntry>> {
        let mut entries = Vec::with_capacity(range.len());
        for number in range {
            let (segment, survivors) = (&self.index.segments()[number], &self.survivors[number]);
            if survivors.counts() == segment.living_counts() {
                entries.push(self.index.manifest().segments[number].clone());
            } else {
                entries.extend(writer.survivors(segment, survivors)?);
            }
        }
        Ok(entries)
    }

    /// Writes one segment of a range of them; none if no document is left.
    fn merge(
        &self,
        writer: &mut IndexWriter,
        range: Range<usize>,
        report: &mut MergeReport,
    ) -> Result<Option<SegmentEntry>> {
        for number in range.clone() {
            let living = self.survivors[number].counts().documents;
            report.documents += u64::from(living);
            report.dropped += u64::from(self.index.segments()[number].documents() - living);
        }
        if range.clone().all(|number| self.survivors[number].counts().documents == 0) {
            return Ok(None);
        }
        let manifest = self.index.manifest();
        let segment = writer.segment(manifest.codec())?;
        let folder = segment.folder().to_owned();
        let memory = MemoryBound(self.options.memory);
        let lexicons = Lexicons::of(self, range.clone())?;
        let left = memory.left_beside(lexicons.memory(), 0)?;
        let (docnos, forward) = self.copy(range.clone(), &lexicons, &folder, left / 2)?;
        memory.left_beside(lasting(&docnos, &lexicons.merged), 0)?;
        let mut records = MergedRecords::new(self.index, range, &self.survivors);
        let (stored, records) = (&manifest.stored, Some(&mut records as &mut dyn RecordSource));
        let assembly = Assembly { docnos, terms: &lexicons.merged, forward, stored, records };
        let assembled = assembly.write(segment, manifest.order, memory, self.progress)?;
        Ok(Some(assembled.entry))
    }

    /// The docnos and records of the documents that survive.
    fn copy(
        &self,
        range: Range<usize>,
        lexicons: &Lexicons,
        folder: &Path,
        memory: u64,
    ) -> Result<(Interner, Forward)> {
        let documents: u64 =
            range.clone().map(|number| u64::from(self.survivors[number].counts().documents)).sum();
        self.progress.phase(Phase::Merging, Some(documents));
        let mut docnos = Interner::default();
        let mut forward = ForwardWriter::create(folder)?;
        let mut record = Vec::new();
        for (number, numbers) in range.zip(&lexicons.numbers) {
            let (segment, survivors) = (&self.index.segments()[number], &self.survivors[number]);
            let mut reader = DocumentReader::new(segment, 0..u32::MAX, memory);
            while let Some(vectors) = reader.next_documents()? {
                for (docid, vector) in vectors.iter().filter(|(docid, _)| survivors.has(*docid)) {
                    docnos.append(segment.docnos().get(docid)?);
                    record.clear();
                    record.extend(vector.iter().filter_map(|&(term, impact)| {
                        Some((*numbers.get(term.0 as usize)?, f32::from(impact)))
                    }));
                    forward.push(&record)?;
                    self.progress.advance(1)?;
                }
            }
        }
        Ok((docnos, forward.finish()?))
    }
}

/// The records of the documents that are merged, read from their segments.
struct MergedRecords<'i> {
    index: &'i Index,
    /// By document, the place of its segment and its docid there; empty where none are stored.
    places: Vec<(u32, DocId)>,
    /// By place of a segment.
    texts: BTreeMap<u32, TextReader<'i>>,
}

impl<'i> MergedRecords<'i> {
    fn new(index: &'i Index, range: Range<usize>, survivors: &[Survivors]) -> Self {
        let mut places = Vec::new();
        if index.manifest().stored.needs_records() {
            for number in range {
                let docids = (0..index.segments()[number].documents()).map(DocId);
                let docids = docids.filter(|&docid| survivors[number].has(docid));
                places.extend(docids.map(|docid| (number as u32, docid)));
            }
        }
        Self { index, places, texts: BTreeMap::new() }
    }
}

impl RecordSource for MergedRecords<'_> {
    fn record(&mut self, number: u32) -> Result<Record> {
        let Some(&(place, docid)) = self.places.get(number as usize) else {
            return Ok(Record::default());
        };
        let segment = &self.index.segments()[place as usize];
        let values = segment.columns().map(|columns| columns.row(docid.0)).transpose()?;
        let text = match segment.texts() {
            Some(texts) => {
                let reader = self.texts.entry(place).or_insert_with(|| texts.reader());
                reader.get(docid)?.map(|text| RecordText { text: text.to_owned(), body: 0 })
            }
            None => None,
        };
        Ok(Record { values: values.unwrap_or_default(), text })
    }
}

/// The lexicons of segments as one.
struct Lexicons {
    /// By field.
    merged: Vec<FieldTerms>,
    /// By segment, the merged term number of each term id.
    numbers: Vec<Vec<u32>>,
}

impl Lexicons {
    fn of(merger: &Merger<'_>, range: Range<usize>) -> Result<Self> {
        let segments = &merger.index.segments()[range.clone()];
        let survivors = &merger.survivors[range];
        let numbers = segments.iter().map(|segment| vec![0; segment.lexicon().len() as usize]);
        let mut numbers: Vec<Vec<u32>> = numbers.collect();
        let mut merged: Vec<FieldTerms> = Vec::new();
        for field in 0..merger.index.manifest().fields.len() {
            let first: u32 = merged.iter().map(|field| field.terms.len() as u32).sum();
            let mut terms = Interner::default();
            let mut heaviest = Vec::new();
            for ((segment, survivors), numbers) in segments.iter().zip(survivors).zip(&mut numbers)
            {
                for id in segment.summary().counts.term_ids(field).map(TermId) {
                    let statistics = segment.lexicon().statistics(id)?;
                    if statistics.df <= survivors.deleted_postings(id) {
                        continue;
                    }
                    let number = terms.number(segment.lexicon().term(id)?);
                    let number = number.ok_or(Error::TooMany("terms"))?;
                    heaviest.resize(terms.len(), 0.0);
                    let heaviest: &mut f32 = &mut heaviest[number as usize];
                    *heaviest = heaviest.max(f32::from(statistics.max_impact));
                    numbers[id.0 as usize] = first + number;
                }
            }
            terms.forget_table();
            // Impacts are the weights here.
            merged.push(FieldTerms { terms, heaviest, quantizer: Quantizer::INTEGER });
        }
        Ok(Self { merged, numbers })
    }

    fn memory(&self) -> u64 {
        let merged: u64 = self.merged.iter().map(FieldTerms::memory).sum();
        merged + self.numbers.iter().map(|numbers| 4 * numbers.len() as u64).sum::<u64>()
    }
}
