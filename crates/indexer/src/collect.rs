//! The first pass: lines to numbered vectors in the forward file.

use std::borrow::Cow;
use std::io::BufRead;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, sync_channel};

use rayon::prelude::*;
use spork_bm25::Analyzer;
use spork_core::TermId;
use spork_files::{Line, LineBatch, LineError, Source, TextFormat, TextLine};
use spork_vectors::binary::{BinaryReader, Block, is_binary};
use spork_vectors::{VectorFormat, VectorLine};

use crate::forward::{Forward, ForwardWriter};
use crate::interner::{Inserted, Interner};
use crate::invert::least_memory;
use crate::memory::MemoryBound;
use crate::progress::{Phase, Progress};
use crate::scale::WeightProfile;
use crate::{Error, Result};

/// Bytes of input parsed as one task.
const BATCH: usize = 512 << 10;

const EXPECTED_VECTORS: &str = "\
    {\"id\": …, \"vector\": {\"term\": weight, …}} per line (text is encoded by `spork encode` \
    first, or indexed with --bm25)";

/// How a line of input becomes a vector.
pub(crate) trait LineParser: Sync {
    type Format: Copy + Sync;
    /// Whether input may be a binary vectors file, which has no lines.
    const BINARY: bool;
    fn detect(&self, source: &mut Source) -> spork_files::Result<Self::Format>;
    fn parse<'a>(
        &self,
        format: Self::Format,
        line: Line<'a>,
    ) -> std::result::Result<VectorLine<'a>, LineError>;
}

/// Lines that are vectors already.
pub(crate) struct VectorParser;

impl LineParser for VectorParser {
    type Format = VectorFormat;
    const BINARY: bool = true;

    fn detect(&self, source: &mut Source) -> spork_files::Result<VectorFormat> {
        match VectorFormat::detect(source)? {
            VectorFormat::Jsonl => Ok(VectorFormat::Jsonl),
            // As queries are written; a collection of this shape is text that lacks --bm25.
            VectorFormat::RepeatedTerms => {
                let (path, mut line) = (source.path().to_owned(), Vec::new());
                let Some(line) = source.next_line(&mut line)? else {
                    return Ok(VectorFormat::Jsonl);
                };
                let error =
                    LineError::columns(EXPECTED_VECTORS, &String::from_utf8_lossy(line.bytes));
                Err(spork_files::Error::line(&path, line.number, error))
            }
        }
    }

    fn parse<'a>(
        &self,
        format: VectorFormat,
        line: Line<'a>,
    ) -> std::result::Result<VectorLine<'a>, LineError> {
        VectorLine::parse(format, line)
    }
}

/// Lines of text; the weights are term counts.
pub(crate) struct TextParser<'a>(pub(crate) &'a Analyzer);

impl LineParser for TextParser<'_> {
    type Format = TextFormat;
    const BINARY: bool = false;

    fn detect(&self, source: &mut Source) -> spork_files::Result<TextFormat> {
        TextFormat::detect(source)
    }

    fn parse<'a>(
        &self,
        format: TextFormat,
        line: Line<'a>,
    ) -> std::result::Result<VectorLine<'a>, LineError> {
        let text = TextLine::parse(format, line)?;
        let counts = self.0.count_terms(&text.text);
        let weights =
            counts.into_iter().map(|(term, count)| (Cow::Owned(term), count as f32)).collect();
        Ok(VectorLine { id: text.id, weights, zeros: 0 })
    }
}

/// The result of the first pass.
pub(crate) struct Collected {
    pub(crate) docnos: Interner,
    pub(crate) terms: Interner,
    pub(crate) forward: Forward,
    pub(crate) profile: WeightProfile,
    /// By term number.
    pub(crate) document_frequencies: Vec<u32>,
    /// The first integer weight that no posting can hold, if any: an error unless weights are
    /// quantized.
    pub(crate) too_large: Option<Box<Error>>,
    /// Weights of zero that were left out.
    pub(crate) zeros: u64,
}

/// Reads all inputs.
pub(crate) fn collect(
    inputs: &[PathBuf],
    parser: &impl LineParser,
    folder: &Path,
    memory: MemoryBound,
    progress: &dyn Progress,
) -> Result<Collected> {
    progress.phase(Phase::Reading, None);
    let mut collector = Collector::new(folder)?;
    for path in inputs {
        read_input(path, parser, &mut collector, memory, progress)?;
    }
    if collector.docnos.len() == 0 {
        let names: Vec<String> = inputs.iter().map(|path| path.display().to_string()).collect();
        return Err(Error::NoDocuments(names.join(", ")));
    }
    collector.finish()
}

fn read_input<P: LineParser>(
    path: &Path,
    parser: &P,
    collector: &mut Collector,
    memory: MemoryBound,
    progress: &dyn Progress,
) -> Result<()> {
    let mut source = Source::open(path)?;
    if P::BINARY && is_binary(&mut source)? {
        return read_binary(BinaryReader::from_source(source)?, collector, memory, progress);
    }
    let format = parser.detect(&mut source)?;
    let path = source.path().to_owned();
    let group = 2 * rayon::current_num_threads();
    let batches = read_ahead(group, move || source.next_batch(BATCH).transpose());
    loop {
        // Batches that have arrived are parsed together; a slow producer is not waited for.
        let Ok(first) = batches.recv() else { return Ok(()) };
        let more = batches.try_iter().take(group - 1);
        let batches: Vec<LineBatch> =
            std::iter::once(first).chain(more).collect::<spork_files::Result<_>>()?;
        let known = &collector.terms;
        let parsed: Vec<_> =
            batches.par_iter().map(|batch| parse_batch(batch, parser, format, known)).collect();
        for (lines, error) in parsed {
            progress.advance(lines.len() as u64);
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
fn read_binary(
    mut reader: BinaryReader<Box<dyn BufRead + Send>>,
    collector: &mut Collector,
    memory: MemoryBound,
    progress: &dyn Progress,
) -> Result<()> {
    let path = reader.path().to_owned();
    let blocks = read_ahead(1, move || reader.next_block().transpose());
    let (mut numbers, mut read) = (Vec::new(), 0);
    for block in blocks {
        let Block { new_terms, vectors, .. } = block?;
        for term in new_terms {
            numbers.push(collector.number(&term)?);
        }
        progress.advance(vectors.len() as u64);
        for vector in vectors {
            read += 1;
            let known =
                |(term, weight): (TermId, f32)| (Term::Known(numbers[term.0 as usize]), weight);
            let entries = vector.vector.into_iter().map(known).collect();
            collector.absorb(
                &path,
                ParsedLine { line: read, id: vector.id.into(), entries, zeros: 0 },
            )?;
        }
        memory.left_beside(collector.memory(), least_memory(collector.terms.len()))?;
    }
    Ok(())
}

/// A parsed line; terms that are known already are numbers.
struct ParsedLine<'a> {
    /// Its number, from 1; in a binary file that of the vector.
    line: u64,
    id: Cow<'a, str>,
    entries: Vec<(Term<'a>, f32)>,
    zeros: usize,
}

enum Term<'a> {
    Known(u32),
    New(Cow<'a, str>),
}

/// The lines up to the first bad one, and that one.
fn parse_batch<'b, P: LineParser>(
    batch: &'b LineBatch,
    parser: &P,
    format: P::Format,
    known: &Interner,
) -> (Vec<ParsedLine<'b>>, Option<(u64, LineError)>) {
    let mut lines = Vec::with_capacity(batch.len());
    for line in (0..batch.len()).map(|i| batch.get(i)) {
        let vector = match parser.parse(format, line) {
            Ok(vector) => vector,
            Err(error) => return (lines, Some((line.number, error))),
        };
        let number = |(term, weight): (Cow<'b, str>, f32)| match known.get(&term) {
            Some(number) => (Term::Known(number), weight),
            None => (Term::New(term), weight),
        };
        let entries = vector.weights.into_iter().map(number).collect();
        lines.push(ParsedLine { line: line.number, id: vector.id, entries, zeros: vector.zeros });
    }
    (lines, None)
}

struct Collector {
    docnos: Interner,
    terms: Interner,
    forward: ForwardWriter,
    profile: WeightProfile,
    document_frequencies: Vec<u32>,
    too_large: Option<Box<Error>>,
    zeros: u64,
    record: Vec<(u32, f32)>,
}

impl Collector {
    fn new(folder: &Path) -> Result<Self> {
        Ok(Self {
            docnos: Interner::default(),
            terms: Interner::default(),
            forward: ForwardWriter::create(folder)?,
            profile: WeightProfile::default(),
            document_frequencies: Vec::new(),
            too_large: None,
            zeros: 0,
            record: Vec::new(),
        })
    }

    fn absorb(&mut self, path: &Path, line: ParsedLine<'_>) -> Result<()> {
        match self.docnos.insert(&line.id) {
            Inserted::New(_) => {}
            Inserted::Full => return Err(Error::TooMany("documents")),
            Inserted::Known(earlier) => {
                return Err(Error::DuplicateDocno {
                    path: path.to_owned(),
                    line: line.line,
                    docno: line.id.into_owned(),
                    earlier: u64::from(earlier) + 1,
                });
            }
        }
        self.zeros += line.zeros as u64;
        self.record.clear();
        for (term, weight) in line.entries {
            let number = match term {
                Term::Known(number) => number,
                Term::New(term) => self.number(&term)?,
            };
            self.document_frequencies[number as usize] += 1;
            self.profile.add(weight);
            if weight > f32::from(u16::MAX) && self.too_large.is_none() {
                self.too_large = Some(Box::new(Error::WeightTooLarge {
                    path: path.to_owned(),
                    line: line.line,
                    docno: line.id.clone().into_owned(),
                    term: self.terms.strings().get(number as usize).to_owned(),
                    weight,
                }));
            }
            self.record.push((number, weight));
        }
        self.forward.push(&self.record)
    }

    fn number(&mut self, term: &str) -> Result<u32> {
        match self.terms.insert(term) {
            Inserted::Known(number) => Ok(number),
            Inserted::New(number) => {
                self.document_frequencies.push(0);
                Ok(number)
            }
            Inserted::Full => Err(Error::TooMany("terms")),
        }
    }

    fn memory(&self) -> u64 {
        (self.docnos.memory() + self.terms.memory() + 4 * self.document_frequencies.capacity())
            as u64
    }

    fn finish(mut self) -> Result<Collected> {
        self.docnos.forget_table();
        self.terms.forget_table();
        Ok(Collected {
            docnos: self.docnos,
            terms: self.terms,
            forward: self.forward.finish()?,
            profile: self.profile,
            document_frequencies: self.document_frequencies,
            too_large: self.too_large,
            zeros: self.zeros,
        })
    }
}
