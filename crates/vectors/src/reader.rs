//! Files of vectors of any format, as blocks.

use std::io::BufRead;
use std::path::{Path, PathBuf};

use spork_files::Source;

use crate::bigann::CsrReader;
use crate::binary::{BinaryReader, Block, Header, is_binary};
use crate::ciff::{CiffBlock, CiffHeader, CiffReader, Description, Values, is_ciff};
use crate::error::Result;
use crate::folder::files;
use crate::format::Format;
use crate::lines::{Keys, LineReader, Records};
use crate::recognize::recognize;
use crate::scratch::Scratch;
use crate::seismic::BinReader;
use crate::shard::Shard;
use crate::vector::VectorFormat;

/// Bytes by which a CIFF file is known.
const LONGEST_LENGTH: usize = 16;

/// How to read.
#[derive(Clone, Debug, Default)]
pub struct ReadOptions {
    /// The format, in place of what the file's content and name say.
    pub format: Option<Format>,
    /// What the numbers of a CIFF file are, where it does not say it itself.
    pub values: Option<Values>,
    /// The token table of a format whose terms are numbers, in place of the one beside the file.
    pub tokens: Option<PathBuf>,
    /// The topics whose vectors these are, where vectors are keyed by their text, as Pyserini's.
    pub topics: Option<PathBuf>,
    /// Temporary files and memory.
    pub scratch: Scratch,
}

/// Reads a file of vectors of any format, or a folder of Anserini's, block by block.
///
/// What a format says that no vector holds is told as a warning: zeros, terms that come twice.
pub struct VectorReader {
    path: PathBuf,
    format: Format,
    header: Header,
    values: Option<Values>,
    reader: Reader,
}

enum Reader {
    Svec(Box<BinaryReader<Box<dyn BufRead + Send>>>),
    Lines(Box<LineReader>),
    Ciff(Box<CiffReader>),
    SeismicBin(Box<BinReader>),
    Csr(Box<CsrReader>),
}

impl VectorReader {
    /// Opens a file, a folder of Anserini's JsonVectorCollection, or standard input for `-`. A CIFF
    /// file is read whole here.
    ///
    /// # Errors
    /// The file can't be read, is of no known format or of another than its name says, or is not as
    /// its format says.
    pub fn open(path: &Path, options: &ReadOptions) -> Result<Self> {
        if path.is_dir()
            && let Some(records) = Records::of_files(files(path)?)?
        {
            return Ok(Self::lines(path, Format::Anserini, records, None));
        }
        let mut source = Source::open(path)?;
        let format = match options.format {
            Some(format) => format,
            None => recognize(&mut source)?,
        };
        Self::from_source(source, format, options)
    }

    /// Reads a source as a file of `format`.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn from_source(mut source: Source, format: Format, options: &ReadOptions) -> Result<Self> {
        let path = source.path().to_owned();
        let tokens = options.tokens.as_deref();
        let (mut header, mut values) = (Header::default(), None);
        let reader = match format {
            Format::Svec => {
                let reader = BinaryReader::from_source(source)?;
                header = reader.header().clone();
                Reader::Svec(Box::new(reader))
            }
            Format::Ciff => {
                let reader = CiffReader::open(source, &options.scratch)?;
                values = Some(reader.values(options.values)?);
                header.encoder = reader.description().and_then(|ours| ours.encoder.clone());
                Reader::Ciff(Box::new(reader))
            }
            Format::SeismicBin => Reader::SeismicBin(Box::new(BinReader::open(source, tokens)?)),
            Format::Csr => {
                Reader::Csr(Box::new(CsrReader::open(source, tokens, &options.scratch)?))
            }
            Format::AnseriniTopics | Format::Pisa => {
                let lines = if format == Format::Pisa {
                    VectorFormat::Pisa
                } else {
                    VectorFormat::RepeatedTerms
                };
                Reader::Lines(Box::new(LineReader::new(Records::of(source), lines, None)))
            }
            Format::Jsonl | Format::Anserini | Format::Seismic | Format::Pyserini => {
                let keys = options.topics.as_deref().map(Keys::read).transpose()?;
                source.is_json()?;
                let records = Records::of(source);
                return Ok(Self::lines(&path, format, records, keys));
            }
        };
        Ok(Self { path, format, header, values, reader })
    }

    fn lines(path: &Path, format: Format, records: Records, keys: Option<Keys>) -> Self {
        let reader = Reader::Lines(Box::new(LineReader::new(records, VectorFormat::Jsonl, keys)));
        let (path, header) = (path.to_owned(), Header::default());
        Self { path, format, header, values: None, reader }
    }

    /// The name of the file in errors.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The file's format.
    pub fn format(&self) -> Format {
        self.format
    }

    /// What the file says of its vectors: encoder, number format, part of a collection.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// What the numbers of a CIFF file are: as its reader was told, or as the file says. Other
    /// formats hold weights, and say nothing.
    pub fn values(&self) -> Option<Values> {
        self.values
    }

    /// The next vectors, with the terms that they are the first to have; none at the end.
    ///
    /// # Errors
    /// The file can't be read, or is not as its format says.
    pub fn next_block(&mut self) -> Result<Option<Block>> {
        Ok(self.next_with_lengths()?.map(|block| block.block))
    }

    /// As [`next_block`](Self::next_block), with the lengths that a CIFF file gives its documents;
    /// other formats give none.
    ///
    /// # Errors
    /// As [`next_block`](Self::next_block).
    pub fn next_with_lengths(&mut self) -> Result<Option<CiffBlock>> {
        let block = match &mut self.reader {
            Reader::Svec(reader) => reader.next_block(),
            Reader::Lines(reader) => reader.next_block(),
            Reader::Ciff(reader) => return reader.next_block(),
            Reader::SeismicBin(reader) => reader.next_block(),
            Reader::Csr(reader) => reader.next_block(),
        };
        Ok(block?.map(|block| CiffBlock { block, lengths: Vec::new() }))
    }
}

/// The encoder that a file records in itself: in the header of `.svec`, or in the description of a
/// CIFF file of ours.
///
/// # Errors
/// The file can't be read.
pub fn recorded_encoder(path: &Path) -> Result<Option<serde_json::Value>> {
    let mut source = Source::open(path)?;
    if is_binary(&mut source)? {
        return Ok(BinaryReader::from_source(source)?.header().encoder.clone());
    }
    Ok(ciff_description(source)?.and_then(|ours| ours.encoder))
}

/// The part of a collection that a file says it is.
///
/// # Errors
/// The file can't be read.
pub fn recorded_shard(path: &Path) -> Result<Option<Shard>> {
    let mut source = Source::open(path)?;
    match is_binary(&mut source)? {
        true => Ok(BinaryReader::from_source(source)?.header().shard),
        false => Ok(None),
    }
}

/// What the numbers of a CIFF file of ours are, by its description; none for other files.
///
/// # Errors
/// The file can't be read.
pub fn recorded_values(path: &Path) -> Result<Option<Values>> {
    Ok(ciff_description(Source::open(path)?)?.map(|ours| ours.values))
}

fn ciff_description(mut source: Source) -> Result<Option<Description>> {
    if !is_ciff(&source.head(LONGEST_LENGTH)?) {
        return Ok(None);
    }
    Ok(Description::parse(&CiffHeader::from_source(source)?.description))
}
