//! Reading texts: one block for one text, or block after block.

use std::cell::RefCell;
use std::fmt;
use std::ops::Range;
use std::path::Path;
use std::sync::OnceLock;

use spork_core::DocId;
use zstd::zstd_safe::{
    DCtx, DDict, MAGICNUMBER, find_frame_compressed_size, get_error_name, get_frame_content_size,
};

use super::MAX_TEXT;
use super::tables::Tables;
use crate::Result;
use crate::frame::{Frame, Kind};

/// zstd gives at most this many bytes for one: 128 KiB for a block of four bytes.
const MAX_EXPANSION: u64 = 1 << 15;

/// The most bytes of a block that a thread keeps room for.
const KEPT: usize = 1 << 20;

/// A view on `texts.bin`.
pub struct Texts {
    pub(crate) frame: Frame,
    pub(super) tables: Tables,
    /// The dictionary of each chunk, made when it is first needed; `None` where it has none.
    dictionaries: Vec<OnceLock<Option<DDict<'static>>>>,
}

impl fmt::Debug for Texts {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = formatter.debug_struct("Texts");
        shown.field("frame", &self.frame).field("tables", &self.tables).finish_non_exhaustive()
    }
}

thread_local! {
    static SCRATCH: RefCell<Scratch> = RefCell::default();
}

impl Texts {
    /// Opens the texts of a segment of `documents` documents. Reads the last bytes alone.
    ///
    /// # Errors
    /// The file is missing, damaged, or of another number of documents.
    pub fn open(folder: &Path, documents: u32) -> Result<Self> {
        let frame = Frame::open(folder, Kind::Texts)?;
        let tables = Tables::open(&frame, documents)?;
        let dictionaries = (0..tables.chunks).map(|_| OnceLock::new()).collect();
        Ok(Self { frame, tables, dictionaries })
    }

    /// The text of a document; `None` where it has none. Any number of threads may read at once.
    ///
    /// # Errors
    /// There is no such document, or the file is damaged.
    pub fn get(&self, docid: DocId) -> Result<Option<String>> {
        SCRATCH.with_borrow_mut(|scratch| {
            let text = self.find(scratch, None, docid)?.map(str::to_owned);
            scratch.bytes.shrink_to(KEPT);
            Ok(text)
        })
    }

    /// A reader that keeps its last block, for many texts in the order of docids.
    pub fn reader(&self) -> TextReader<'_> {
        TextReader { texts: self, scratch: Scratch::default(), block: None }
    }

    /// Number of documents, those without a text included.
    pub fn len(&self) -> u32 {
        self.tables.documents
    }

    /// Whether there is no document.
    pub fn is_empty(&self) -> bool {
        self.tables.documents == 0
    }

    /// Bytes of all texts, as the file says.
    pub fn text_bytes(&self) -> u64 {
        self.tables.text_bytes
    }

    /// Reads the whole file against its checksum and every promise of the format.
    ///
    /// # Errors
    /// The first damage, with its place.
    pub fn verify(&self) -> Result<()> {
        self.frame.verify_checksum()?;
        self.tables.verify(&self.frame)?;
        let mut scratch = Scratch::default();
        let mut bytes = 0;
        for block in 0..self.tables.blocks {
            let documents = self.tables.documents_of(&self.frame, block)?;
            self.load(&mut scratch, block, documents.len())?;
            for place in 0..documents.len() {
                bytes += self.text(&scratch, block, place)?.map_or(0, |text| text.len() as u64);
            }
        }
        self.tables.verify_text_bytes(&self.frame, bytes)
    }

    /// Reads the block of a document into `scratch`, unless that is the `loaded` one.
    fn find<'s>(
        &self,
        scratch: &'s mut Scratch,
        mut loaded: Option<&mut Option<u32>>,
        docid: DocId,
    ) -> Result<Option<&'s str>> {
        let block = self.tables.block_of(&self.frame, docid)?;
        let documents = self.tables.documents_of(&self.frame, block)?;
        let kept = loaded.as_deref_mut().and_then(Option::take);
        if kept != Some(block) {
            self.load(scratch, block, documents.len())?;
        }
        if let Some(loaded) = loaded {
            *loaded = Some(block);
        }
        let place = docid.0.checked_sub(documents.start).map_or(usize::MAX, |place| place as usize);
        self.text(scratch, block, place)
    }

    fn dictionary(&self, chunk: usize) -> Result<Option<&DDict<'static>>> {
        if let Some(made) = self.dictionaries.get(chunk).and_then(OnceLock::get) {
            return Ok(made.as_ref());
        }
        let (bytes, at) = self.tables.dictionary(&self.frame, chunk)?;
        let made = if bytes.is_empty() {
            None
        } else {
            let made = DDict::try_create(bytes);
            Some(made.ok_or_else(|| self.frame.corrupt(at, "a dictionary", "other bytes"))?)
        };
        Ok(self.dictionaries[chunk].get_or_init(|| made).as_ref())
    }

    /// Decompresses a block.
    fn load(&self, scratch: &mut Scratch, block: u32, documents: usize) -> Result<()> {
        let (compressed, at, chunk) = self.tables.compressed(&self.frame, block)?;
        let corrupt = |got: &str| self.frame.corrupt(at, "one zstd frame with its length", got);
        // zstd would take frames of its first versions too, and several in a row.
        if !compressed.starts_with(&MAGICNUMBER.to_le_bytes()) {
            return Err(corrupt("another magic"));
        }
        if find_frame_compressed_size(compressed).ok() != Some(compressed.len()) {
            return Err(corrupt("a frame of another length"));
        }
        let length = get_frame_content_size(compressed).ok().flatten();
        let most = MAX_EXPANSION.saturating_mul(compressed.len() as u64);
        let length = length.filter(|&length| length <= most.min(2 * MAX_TEXT as u64));
        let length = length.ok_or_else(|| corrupt("no length, or one that can't be"))? as usize;
        scratch.bytes.clear();
        if scratch.bytes.try_reserve_exact(length).is_err() {
            return Err(corrupt("more bytes than there is memory"));
        }
        let dictionary = self.dictionary(chunk)?;
        let context = scratch.context.get_or_insert_with(DCtx::create);
        let done = match dictionary {
            Some(dictionary) => {
                context.decompress_using_ddict(&mut scratch.bytes, compressed, dictionary)
            }
            None => context.decompress(&mut scratch.bytes, compressed),
        };
        done.map_err(|code| corrupt(get_error_name(code)))?;
        if scratch.parse(documents, length) {
            return Ok(());
        }
        let expected = format!("lengths of {documents} texts and their bytes");
        Err(self.frame.corrupt(at, expected, format!("{} bytes", scratch.bytes.len())))
    }

    /// A text of the block that was loaded.
    fn text<'s>(&self, scratch: &'s Scratch, block: u32, place: usize) -> Result<Option<&'s str>> {
        let corrupt = |expected: &str, got: String| {
            let at = self.tables.compressed(&self.frame, block).map_or(0, |(_, at, _)| at);
            self.frame.corrupt(at, expected, got)
        };
        let Some(range) = scratch.texts.get(place) else {
            return Err(corrupt("a text for each document", format!("none for {place}")));
        };
        let Some(range) = range else { return Ok(None) };
        let bytes = scratch.bytes.get(range.clone()).unwrap_or_default();
        let text = std::str::from_utf8(bytes);
        text.map(Some).map_err(|error| corrupt("UTF-8", error.to_string()))
    }
}

/// A block in memory, and what decompressing takes.
#[derive(Default)]
struct Scratch {
    context: Option<DCtx<'static>>,
    bytes: Vec<u8>,
    /// Where each document's text is in `bytes`.
    texts: Vec<Option<Range<usize>>>,
}

impl Scratch {
    /// Finds the texts of `documents` documents; whether they fill the block, which should have
    /// `length` bytes.
    fn parse(&mut self, documents: usize, length: usize) -> bool {
        self.texts.clear();
        let mut at = 0;
        let mut end = 0usize;
        for _ in 0..documents {
            let Some(number) = leb128(&self.bytes, &mut at) else { return false };
            let text = number.checked_sub(1).map(|length| end..end.saturating_add(length));
            end = text.as_ref().map_or(end, |text| text.end);
            self.texts.push(text);
        }
        for text in self.texts.iter_mut().flatten() {
            *text = text.start.saturating_add(at)..text.end.saturating_add(at);
        }
        self.bytes.len() == length && end.checked_add(at) == Some(length)
    }
}

/// The number at `at`, which moves behind it.
fn leb128(bytes: &[u8], at: &mut usize) -> Option<usize> {
    let mut number = 0;
    for shift in (0..35).step_by(7) {
        let &byte = bytes.get(*at)?;
        *at += 1;
        number |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return usize::try_from(number).ok();
        }
    }
    None
}

/// Reads texts of one file, quickly where they are neighbors.
pub struct TextReader<'t> {
    texts: &'t Texts,
    scratch: Scratch,
    block: Option<u32>,
}

impl TextReader<'_> {
    /// The text of a document; `None` where it has none.
    ///
    /// # Errors
    /// There is no such document, or the file is damaged.
    pub fn get(&mut self, docid: DocId) -> Result<Option<&str>> {
        self.texts.find(&mut self.scratch, Some(&mut self.block), docid)
    }
}
