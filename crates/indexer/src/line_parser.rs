//! What is read of the input of a field: lines of vectors or of text, or other files of vectors.

use std::borrow::Cow;
use std::path::Path;

use spork_bm25::Analyzer;
use spork_files::{Line, LineError, Source, TextFormat, TextLine};
use spork_vectors::{
    Format, ReadOptions, Scratch, Shard, Values, VectorFormat, VectorLine, VectorReader, recognize,
};

use crate::{Error, Result};

const EXPECTED_VECTORS: &str = "\
    {\"id\": …, \"vector\": {\"term\": weight, …}} per line (text is encoded by `spork encode` \
    first, or indexed with --bm25)";

/// How input becomes vectors.
pub(crate) trait LineParser: Sync {
    type Format: Copy + Sync;
    /// Opens a file. Formats that are not read by lines use the memory and folder of `scratch`.
    fn open(&self, path: &Path, scratch: Scratch) -> Result<Input<Self::Format>>;
    /// The vector of a line; none if its document is of another shard, which is told at less cost.
    fn parse<'a>(
        &self,
        format: Self::Format,
        line: Line<'a>,
        part: Part,
    ) -> std::result::Result<Option<VectorLine<'a>>, LineError>;
}

/// The documents of a collection that are indexed.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Part {
    /// The shard that they are of; none for all.
    pub(crate) shard: Option<Shard>,
    /// Whether those of other shards are an error, and not left out.
    pub(crate) strict: bool,
}

impl Part {
    /// Whether a document is left out.
    pub(crate) fn leaves_out(self, docno: &str) -> bool {
        !self.strict && self.is_other(docno)
    }

    pub(crate) fn is_other(self, docno: &str) -> bool {
        self.shard.is_some_and(|shard| !shard.has_document(docno))
    }
}

/// An open file.
pub(crate) enum Input<F> {
    /// Lines, to be parsed in parallel.
    Lines(Source, F),
    /// Blocks of vectors.
    Blocks(Box<VectorReader>),
}

/// Lines that are vectors already, and other files of vectors.
pub(crate) struct VectorParser<'a> {
    pub(crate) options: &'a ReadOptions,
    /// What the numbers of a CIFF file have to be.
    pub(crate) values: Values,
}

impl LineParser for VectorParser<'_> {
    type Format = VectorFormat;

    fn open(&self, path: &Path, scratch: Scratch) -> Result<Input<VectorFormat>> {
        let options = ReadOptions { scratch, ..self.options.clone() };
        let counts = self.values == Values::Counts;
        if path.is_dir() && !counts {
            return Ok(Input::Blocks(Box::new(VectorReader::open(path, &options)?)));
        }
        let mut source = Source::open(path)?;
        let format = match options.format {
            Some(format) => format,
            None => check_documents(recognize(&mut source)?, &mut source)?,
        };
        if counts && format != Format::Ciff {
            return Err(Error::NoCounts { path: path.to_owned() });
        }
        if format.is_json() {
            source.is_json()?;
            return Ok(Input::Lines(source, VectorFormat::Jsonl));
        }
        let reader = VectorReader::from_source(source, format, &options)?;
        match reader.values() {
            Some(Values::Counts) if !counts => {
                return Err(Error::Counts { path: reader.path().to_owned() });
            }
            Some(Values::Impacts) if counts => {
                return Err(Error::NoCounts { path: reader.path().to_owned() });
            }
            _ => {}
        }
        Ok(Input::Blocks(Box::new(reader)))
    }

    fn parse<'a>(
        &self,
        format: VectorFormat,
        line: Line<'a>,
        part: Part,
    ) -> std::result::Result<Option<VectorLine<'a>>, LineError> {
        let vector = VectorLine::parse(format, line)?;
        Ok(Some(vector).filter(|vector| !part.leaves_out(&vector.id)))
    }
}

/// Refuses formats in which queries are written: a collection of such lines is text that lacks
/// --bm25.
fn check_documents(format: Format, source: &mut Source) -> Result<Format> {
    if !matches!(format, Format::AnseriniTopics | Format::Pisa) {
        return Ok(format);
    }
    let (path, mut line) = (source.path().to_owned(), Vec::new());
    let Some(line) = source.next_line(&mut line)? else { return Ok(Format::Jsonl) };
    let error = LineError::columns(EXPECTED_VECTORS, &String::from_utf8_lossy(line.bytes));
    Err(spork_files::Error::line(&path, line.number, error).into())
}

/// Lines of text; the weights are term counts.
pub(crate) struct TextParser<'a>(pub(crate) &'a Analyzer);

impl LineParser for TextParser<'_> {
    type Format = TextFormat;

    fn open(&self, path: &Path, _: Scratch) -> Result<Input<TextFormat>> {
        let mut source = Source::open(path)?;
        let format = TextFormat::detect(&mut source)?;
        Ok(Input::Lines(source, format))
    }

    fn parse<'a>(
        &self,
        format: TextFormat,
        line: Line<'a>,
        part: Part,
    ) -> std::result::Result<Option<VectorLine<'a>>, LineError> {
        let text = TextLine::parse(format, line)?;
        if part.leaves_out(&text.id) {
            return Ok(None);
        }
        let counts = self.0.count_terms(&text.text);
        let weights =
            counts.into_iter().map(|(term, count)| (Cow::Owned(term), count as f32)).collect();
        Ok(Some(VectorLine { id: text.id, weights, zeros: 0 }))
    }
}
