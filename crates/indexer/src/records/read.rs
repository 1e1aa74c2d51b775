//! Reads files of records.

use std::path::{Path, PathBuf};

use rayon::prelude::*;
use spork_files::{Line, LineBatch, LineError, Source, TextFormat, TextLine};
use spork_index::ColumnSpec;
use spork_vectors::Shard;

use super::stored::{Origin, Record, RecordFile, RecordFileWriter, RecordText};
use super::values::Values;
use crate::progress::Progress;
use crate::{Error, Result};

/// Bytes of input parsed as one task.
const BATCH: usize = 512 << 10;

/// What is read of records.
#[derive(Clone, Copy, Debug)]
pub struct RecordOptions<'o> {
    /// The columns of the index.
    pub schema: &'o [ColumnSpec],
    /// Whether texts are stored.
    pub texts: bool,
    /// The number of documents that records may belong to.
    pub documents: u32,
    /// The shard of the collection that the documents are; records of others are passed over.
    pub shard: Option<Shard>,
}

/// What became of the records of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RecordReport {
    /// Records that were read.
    pub records: u64,
    /// Of these, those whose docno no document has: left out.
    pub unknown: u64,
    /// Documents without a record: they have no values and no text.
    pub without: u64,
    /// Records with a NaN or an infinity, which counts as null.
    pub with_nan: u64,
}

/// Reads the records of documents from files. `find` gives the docid of a docno, or none if no
/// document has it; such records are left out, as a collection may hold more than an index.
/// What is read goes to a file without a name in `folder`.
///
/// # Errors
/// A file can't be read; a record is damaged, has a value of another kind than its column, or is
/// the second of its document; columns are asked of a file that is not JSON; no record belongs to
/// any document.
pub fn read_records(
    inputs: &[PathBuf],
    options: RecordOptions<'_>,
    mut find: impl FnMut(&str) -> Result<Option<u32>>,
    folder: &Path,
    progress: &dyn Progress,
) -> Result<(RecordFile, RecordReport)> {
    let RecordOptions { schema, documents, shard, .. } = options;
    let mut absorber = Absorber {
        writer: RecordFileWriter::create(folder, documents, schema.len())?,
        inputs,
        shard,
        report: RecordReport::default(),
        unknown: None,
    };
    for (file, path) in inputs.iter().enumerate() {
        let mut source = Source::open(path)?;
        let format = format_of(&mut source, schema)?;
        let group = 2 * rayon::current_num_threads();
        loop {
            let mut batches = Vec::with_capacity(group);
            while batches.len() < group
                && let Some(batch) = source.next_batch(BATCH)?
            {
                batches.push(batch);
            }
            if batches.is_empty() {
                break;
            }
            let parse = |batch| parse_batch(batch, format, options);
            let parsed: Vec<_> = batches.par_iter().map(parse).collect();
            for (records, error) in parsed {
                progress.advance(records.len() as u64)?;
                for record in records {
                    absorber.absorb(file as u32, &record, &mut find)?;
                }
                if let Some((line, error)) = error {
                    return Err(spork_files::Error::line(source.path(), line, error).into());
                }
            }
        }
    }
    absorber.finish()
}

fn format_of(source: &mut Source, schema: &[ColumnSpec]) -> Result<TextFormat> {
    let format = TextFormat::detect(source)?;
    if matches!(format, TextFormat::Tsv(_)) && !schema.is_empty() {
        return Err(Error::NoColumns { path: source.path().to_owned() });
    }
    Ok(format)
}

/// A line's number, its document, and what is stored of it.
struct Parsed {
    line: u64,
    docno: String,
    record: Record,
    had_nan: bool,
}

/// The records up to the first bad one, and that one.
type ParsedBatch = (Vec<Parsed>, Option<(u64, LineError)>);

fn parse_batch(batch: &LineBatch, format: TextFormat, options: RecordOptions<'_>) -> ParsedBatch {
    let mut records = Vec::with_capacity(batch.len());
    for place in 0..batch.len() {
        let line = batch.get(place);
        match parse(line, format, options) {
            Ok(record) => records.push(record),
            Err(error) => return (records, Some((line.number, error))),
        }
    }
    (records, None)
}

fn parse(
    line: Line<'_>,
    format: TextFormat,
    options: RecordOptions<'_>,
) -> std::result::Result<Parsed, LineError> {
    let (docno, text) = if options.texts {
        let TextLine { id, text, body } = TextLine::parse(format, line)?;
        (id.into_owned(), Some(RecordText { text: text.into_owned(), body }))
    } else if format == TextFormat::Json {
        (TextLine::json_id(line)?.into_owned(), None)
    } else {
        (TextLine::parse(format, line)?.id.into_owned(), None)
    };
    let Values { values, had_nan } = Values::parse(line.text()?, options.schema)?;
    Ok(Parsed { line: line.number, docno, record: Record { values, text }, had_nan })
}

struct Absorber<'i> {
    writer: RecordFileWriter,
    inputs: &'i [PathBuf],
    shard: Option<Shard>,
    report: RecordReport,
    /// The first record whose docno no document has.
    unknown: Option<(String, Origin)>,
}

impl Absorber<'_> {
    fn absorb(
        &mut self,
        file: u32,
        parsed: &Parsed,
        find: &mut impl FnMut(&str) -> Result<Option<u32>>,
    ) -> Result<()> {
        let Parsed { line, docno, record, had_nan } = parsed;
        if self.shard.is_some_and(|shard| !shard.has_document(docno)) {
            return Ok(());
        }
        let origin = Origin { file, line: *line };
        self.report.records += 1;
        self.report.with_nan += u64::from(*had_nan);
        let Some(docid) = find(docno)? else {
            self.report.unknown += 1;
            self.unknown.get_or_insert_with(|| (docno.clone(), origin));
            return Ok(());
        };
        match self.writer.push(docid, origin, record)? {
            None => Ok(()),
            Some(earlier) => Err(Error::DuplicateRecord {
                path: self.path(origin),
                line: *line,
                docno: docno.clone(),
                earlier_path: self.path(earlier),
                earlier_line: earlier.line,
            }),
        }
    }

    fn path(&self, origin: Origin) -> PathBuf {
        self.inputs.get(origin.file as usize).cloned().unwrap_or_default()
    }

    fn finish(self) -> Result<(RecordFile, RecordReport)> {
        let mut report = self.report.clone();
        let belong = report.records - report.unknown;
        if let Some((docno, origin)) = &self.unknown {
            let (path, line) = (self.path(*origin), origin.line);
            // A shard may have none.
            if belong == 0 && self.shard.is_none() {
                return Err(Error::NoRecordFits { path, line, docno: docno.clone() });
            }
            tracing::warn!(
                "{} of {} records have a docno that no document has and were left out; the first \
                 is {docno:?} ({}:{line})",
                report.unknown,
                report.records,
                path.display()
            );
        }
        if report.with_nan > 0 {
            tracing::warn!(
                "{} of {} records hold NaN or infinity, which JSON does not have: they count as \
                 null",
                report.with_nan,
                report.records
            );
        }
        let records = self.writer.finish()?;
        report.without = u64::from(records.documents()) - belong;
        if report.without > 0 {
            tracing::warn!(
                "{} of {} documents have no record: no values and no text",
                report.without,
                records.documents()
            );
        }
        Ok((records, report))
    }
}
