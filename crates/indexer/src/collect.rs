//! The first pass: lines to numbered vectors in the forward file.

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, sync_channel};

use rayon::prelude::*;
use spork_core::TermId;
use spork_files::{LineBatch, LineError};
use spork_vectors::binary::Block;
use spork_vectors::{CiffBlock, Scratch, VectorLine, VectorReader};

use crate::docnos::Docnos;
use crate::forward::{Forward, ForwardWriter};
use crate::interner::{Inserted, Interner};
use crate::invert::least_memory;
use crate::line_parser::{Input, LineParser, Part};
use crate::memory::MemoryBound;
use crate::progress::{Phase, Progress};
use crate::scale::WeightProfile;
use crate::{Error, Result};

/// Bytes of input parsed as one task.
const BATCH: usize = 512 << 10;

/// The documents of a field, a record each.
pub(crate) struct Records {
    pub(crate) forward: Forward,
    /// The docid of each record; record i is document i if there are none.
    pub(crate) docids: Option<Vec<u32>>,
}

/// The result of the first pass over the input of a field.
pub(crate) struct Collected {
    pub(crate) records: Records,
    pub(crate) terms: Interner,
    pub(crate) profile: WeightProfile,
    /// By term number.
    pub(crate) document_frequencies: Vec<u32>,
    /// By term number, its largest weight.
    pub(crate) heaviest: Vec<f32>,
    /// The first integer weight that no posting can hold, if any: an error unless weights are
    /// quantized.
    pub(crate) too_large: Option<Box<Error>>,
    /// The first weight with a fraction, if any: an error where weights are kept as integers.
    pub(crate) fraction: Option<Box<Error>>,
    /// Weights of zero that were left out.
    pub(crate) zeros: u64,
    /// The lengths of documents by record, where the input gives them; else none.
    pub(crate) lengths: Vec<u32>,
}

impl Collected {
    /// Bytes that stay allocated until the index is written.
    pub(crate) fn memory(&self) -> u64 {
        let docids = self.records.docids.as_ref().map_or(0, Vec::capacity);
        let lists = docids + self.lengths.capacity() + self.heaviest.capacity();
        (self.terms.memory() + 4 * lists) as u64
    }
}

/// Reads all inputs of a field. `docnos` holds those of the fields before, and gets the new ones;
/// `lasting` bytes stay allocated beside it meanwhile.
pub(crate) fn collect(
    (inputs, part): (&[PathBuf], Part),
    parser: &impl LineParser,
    docnos: &mut Docnos<'_>,
    folder: &Path,
    (memory, lasting): (MemoryBound, u64),
    progress: &dyn Progress,
) -> Result<Collected> {
    progress.phase(Phase::Reading, None);
    let mut collector = Collector::new(docnos, part, folder, lasting)?;
    for path in inputs {
        read_input(path, parser, &mut collector, memory, progress)?;
    }
    if collector.inputs.read == 0 && !collector.inputs.others {
        let names: Vec<String> = inputs.iter().map(|path| path.display().to_string()).collect();
        return Err(Error::NoDocuments(names.join(", ")));
    }
    collector.finish()
}

fn read_input<P: LineParser>(
    path: &Path,
    parser: &P,
    collector: &mut Collector<'_, '_>,
    memory: MemoryBound,
    progress: &dyn Progress,
) -> Result<()> {
    let left = memory.left_beside(collector.memory(), least_memory(collector.terms.len()))?;
    // What is known of documents and terms grows while the file is read.
    let scratch = Scratch { folder: collector.folder.clone(), memory: left / 2 };
    let (mut source, format) = match parser.open(path, scratch)? {
        Input::Lines(source, format) => (source, format),
        Input::Blocks(reader) => {
            collector.inputs.open(reader.path());
            return read_blocks(*reader, collector, memory, progress);
        }
    };
    let path = source.path().to_owned();
    collector.inputs.open(&path);
    let (group, part) = (2 * rayon::current_num_threads(), collector.part);
    let batches = read_ahead(group, move || source.next_batch(BATCH).transpose());
    loop {
        // Batches that have arrived are parsed together; a slow producer is not waited for.
        let Ok(first) = batches.recv() else { return Ok(()) };
        let more = batches.try_iter().take(group - 1);
        let batches: Vec<LineBatch> =
            std::iter::once(first).chain(more).collect::<spork_files::Result<_>>()?;
        let known = &collector.terms;
        let parsed: Vec<_> = batches
            .par_iter()
            .map(|batch| parse_batch(batch, parser, (format, part), known))
            .collect();
        for (ParsedBatch { lines, others, error }, batch) in parsed.into_iter().zip(&batches) {
            progress.advance(batch.len() as u64)?;
            collector.inputs.others |= others;
            for line in lines {
                collector.absorb(&path, line)?;
            }
            if let Some((number, error)) = error {
                return Err(spork_files::Error::line(&path, number, error).into());
            }
        }
        memory.left_beside(collector.memory(), least_memory(collector.terms.len()))?;
    }
}

/// Reads on a thread of its own: decompression keeps one busy, and parsing must not wait for it.
/// The thread ends with the file or when nobody listens any more; it is not waited for, as it may
/// itself wait for a pipe.
fn read_ahead<T: Send + 'static, E: Send + 'static>(
    most: usize,
    mut next: impl FnMut() -> Option<std::result::Result<T, E>> + Send + 'static,
) -> Receiver<std::result::Result<T, E>> {
    let (sender, receiver) = sync_channel(most);
    std::thread::spawn(move || {
        while let Some(item) = next() {
            let stop = item.is_err();
            if sender.send(item).is_err() || stop {
                break;
            }
        }
    });
    receiver
}

/// Blocks, whose terms are numbers already: each is looked up once in a file.
fn read_blocks(
    mut reader: VectorReader,
    collector: &mut Collector<'_, '_>,
    memory: MemoryBound,
    progress: &dyn Progress,
) -> Result<()> {
    let path = reader.path().to_owned();
    let blocks = read_ahead(1, move || reader.next_with_lengths().transpose());
    let (mut terms, mut read) = (FileTerms::default(), 0);
    for block in blocks {
        let CiffBlock { block: Block { new_terms, vectors, .. }, lengths } = block?;
        terms.add(new_terms, collector)?;
        progress.advance(vectors.len() as u64)?;
        for (place, vector) in vectors.into_iter().enumerate() {
            read += 1;
            if collector.part.leaves_out(&vector.id) {
                collector.inputs.others = true;
                continue;
            }
            collector.lengths.extend(lengths.get(place));
            let mut entries = Vec::with_capacity(vector.vector.len());
            for (term, weight) in vector.vector {
                entries.push((Term::Known(terms.number(term, collector)?), weight));
            }
            collector.absorb(
                &path,
                ParsedLine { line: read, id: vector.id.into(), entries, zeros: 0 },
            )?;
        }
        memory.left_beside(collector.memory(), least_memory(collector.terms.len()))?;
    }
    Ok(())
}

/// The terms of a file, by their numbers there.
#[derive(Default)]
struct FileTerms {
    numbers: Vec<Option<u32>>,
    /// Those that have no number yet: a shard may have none of them.
    names: Vec<String>,
}

impl FileTerms {
    fn add(&mut self, terms: Vec<String>, collector: &mut Collector<'_, '_>) -> Result<()> {
        for term in terms {
            if collector.part.shard.is_some() {
                self.numbers.push(None);
                self.names.push(term);
            } else {
                self.numbers.push(Some(collector.number(&term)?));
            }
        }
        Ok(())
    }

    fn number(&mut self, term: TermId, collector: &mut Collector<'_, '_>) -> Result<u32> {
        let place = term.0 as usize;
        if let Some(number) = self.numbers[place] {
            return Ok(number);
        }
        let number = collector.number(&std::mem::take(&mut self.names[place]))?;
        self.numbers[place] = Some(number);
        Ok(number)
    }
}

/// A parsed line; terms that are known already are numbers.
struct ParsedLine<'a> {
    /// Its number, from 1; in a file without lines that of the vector.
    line: u64,
    id: Cow<'a, str>,
    entries: Vec<(Term<'a>, f32)>,
    zeros: usize,
}

enum Term<'a> {
    Known(u32),
    New(Cow<'a, str>),
}

/// The lines of a batch up to the first bad one.
#[derive(Default)]
struct ParsedBatch<'b> {
    lines: Vec<ParsedLine<'b>>,
    /// Whether some were left out, as being of other shards.
    others: bool,
    /// The first bad line.
    error: Option<(u64, LineError)>,
}

fn parse_batch<'b, P: LineParser>(
    batch: &'b LineBatch,
    parser: &P,
    (format, part): (P::Format, Part),
    known: &Interner,
) -> ParsedBatch<'b> {
    let lines = Vec::with_capacity(batch.len());
    let mut parsed = ParsedBatch { lines, ..ParsedBatch::default() };
    for line in (0..batch.len()).map(|i| batch.get(i)) {
        let vector = match parser.parse(format, line, part) {
            Ok(Some(vector)) => vector,
            Ok(None) => {
                parsed.others = true;
                continue;
            }
            Err(error) => {
                parsed.error = Some((line.number, error));
                break;
            }
        };
        let number = |(term, weight): (Cow<'b, str>, f32)| match known.get(&term) {
            Some(number) => (Term::Known(number), weight),
            None => (Term::New(term), weight),
        };
        let entries = vector.weights.into_iter().map(number).collect();
        let VectorLine { id, zeros, .. } = vector;
        parsed.lines.push(ParsedLine { line: line.number, id, entries, zeros });
    }
    parsed
}

/// Which document of which input a record is.
#[derive(Default)]
struct Inputs {
    /// The number of records before each input.
    starts: Vec<(PathBuf, u32)>,
    /// Records so far.
    read: u32,
    /// Whether documents of other shards were left out.
    others: bool,
    /// By record, its place in its input, from 1: kept where some are left out.
    places: Vec<u32>,
}

impl Inputs {
    fn open(&mut self, path: &Path) {
        self.starts.push((path.to_owned(), self.read));
    }

    /// The file of a record, and its number there, from 1.
    fn place(&self, record: u32) -> (PathBuf, u32) {
        let start = self.starts.iter().rev().find(|&&(_, start)| start <= record);
        let Some((path, start)) = start else { return Default::default() };
        let place = self.places.get(record as usize).copied();
        (path.clone(), place.unwrap_or(record - start + 1))
    }
}

struct Collector<'a, 'i> {
    docnos: &'a mut Docnos<'i>,
    /// The docid of each record; empty for the first field, whose documents are numbered in order.
    docids: Vec<u32>,
    /// Whether an earlier record has a docid that other fields gave out.
    seen: Vec<bool>,
    /// Docids that other fields gave out.
    known: u32,
    inputs: Inputs,
    part: Part,
    folder: PathBuf,
    lasting: u64,
    terms: Interner,
    forward: ForwardWriter,
    profile: WeightProfile,
    document_frequencies: Vec<u32>,
    heaviest: Vec<f32>,
    too_large: Option<Box<Error>>,
    fraction: Option<Box<Error>>,
    zeros: u64,
    lengths: Vec<u32>,
    record: Vec<(u32, f32)>,
}

impl<'a, 'i> Collector<'a, 'i> {
    fn new(docnos: &'a mut Docnos<'i>, part: Part, folder: &Path, lasting: u64) -> Result<Self> {
        let known = docnos.read.len();
        Ok(Self {
            docnos,
            docids: Vec::new(),
            seen: vec![false; known],
            known: known as u32,
            inputs: Inputs::default(),
            part,
            folder: folder.to_owned(),
            lasting,
            terms: Interner::default(),
            forward: ForwardWriter::create(folder)?,
            profile: WeightProfile::default(),
            document_frequencies: Vec::new(),
            heaviest: Vec::new(),
            too_large: None,
            fraction: None,
            zeros: 0,
            lengths: Vec::new(),
            record: Vec::new(),
        })
    }

    fn absorb(&mut self, path: &Path, line: ParsedLine<'_>) -> Result<()> {
        self.check_shard(path, &line)?;
        let docid = match self.docnos.read.insert(&line.id) {
            Inserted::New(docid) => {
                self.docnos.check_new(path, line.line, &line.id)?;
                docid
            }
            Inserted::Full => return Err(Error::TooMany("documents")),
            Inserted::Known(docid) => match self.seen.get_mut(docid as usize) {
                Some(seen) if !*seen => {
                    *seen = true;
                    docid
                }
                _ => return Err(self.duplicate(path, &line, docid)),
            },
        };
        if self.known > 0 {
            self.docids.push(docid);
        }
        self.inputs.read += 1;
        if self.part.shard.is_some() {
            self.inputs.places.push(u32::try_from(line.line).unwrap_or(u32::MAX));
        }
        self.zeros += line.zeros as u64;
        self.record.clear();
        for (term, weight) in line.entries {
            let number = match term {
                Term::Known(number) => number,
                Term::New(term) => self.number(&term)?,
            };
            self.document_frequencies[number as usize] += 1;
            let heaviest = &mut self.heaviest[number as usize];
            *heaviest = heaviest.max(weight);
            self.profile.add(weight);
            self.note_faults(path, (line.line, &line.id), number, weight);
            self.record.push((number, weight));
        }
        self.forward.push(&self.record)
    }

    /// Refuses a document that the index is not the shard of.
    fn check_shard(&self, path: &Path, line: &ParsedLine<'_>) -> Result<()> {
        match self.part.shard {
            Some(shard) if self.part.is_other(&line.id) => Err(Error::OtherShard {
                path: path.to_owned(),
                line: line.line,
                docno: line.id.clone().into_owned(),
                shard,
            }),
            _ => Ok(()),
        }
    }

    /// Notes the first weights that an index of integers can't hold.
    fn note_faults(&mut self, path: &Path, (line, docno): (u64, &str), term: u32, weight: f32) {
        let too_large = weight > f32::from(u16::MAX) && self.too_large.is_none();
        let fraction = weight.fract() != 0.0 && self.fraction.is_none();
        if !(too_large || fraction) {
            return;
        }
        let (path, docno) = (path.to_owned(), docno.to_owned());
        let term = self.terms.strings().get(term as usize).to_owned();
        if too_large {
            self.too_large =
                Some(Box::new(Error::WeightTooLarge { path, line, docno, term, weight }));
        } else {
            self.fraction = Some(Box::new(Error::Fraction { path, line, docno, term, weight }));
        }
    }

    fn duplicate(&self, path: &Path, line: &ParsedLine<'_>, docid: u32) -> Error {
        let record = match self.known {
            0 => Some(docid),
            _ => self.docids.iter().position(|&of| of == docid).map(|record| record as u32),
        };
        let (earlier_path, earlier) = self.inputs.place(record.unwrap_or_default());
        Error::DuplicateDocno {
            path: path.to_owned(),
            line: line.line,
            docno: line.id.clone().into_owned(),
            earlier_path,
            earlier,
        }
    }

    fn number(&mut self, term: &str) -> Result<u32> {
        match self.terms.insert(term) {
            Inserted::Known(number) => Ok(number),
            Inserted::New(number) => {
                self.document_frequencies.push(0);
                self.heaviest.push(0.0);
                Ok(number)
            }
            Inserted::Full => Err(Error::TooMany("terms")),
        }
    }

    fn memory(&self) -> u64 {
        let docids = 4
            * (self.docids.capacity() + self.lengths.capacity() + self.inputs.places.capacity())
            + self.seen.capacity();
        let terms = self.terms.memory()
            + 4 * (self.document_frequencies.capacity() + self.heaviest.capacity());
        self.lasting + (self.docnos.read.memory() + docids + terms) as u64
    }

    fn finish(mut self) -> Result<Collected> {
        self.terms.forget_table();
        let docids = (self.known > 0).then_some(self.docids);
        Ok(Collected {
            records: Records { forward: self.forward.finish()?, docids },
            terms: self.terms,
            profile: self.profile,
            document_frequencies: self.document_frequencies,
            heaviest: self.heaviest,
            too_large: self.too_large,
            fraction: self.fraction,
            zeros: self.zeros,
            lengths: self.lengths,
        })
    }
}
