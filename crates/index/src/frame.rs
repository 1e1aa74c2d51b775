//! The frame around each file: a header that says what the file is and how long, and the checksum
//! of the rest.
//!
//! ```text
//! 0   8   magic "SPORKIDX"
//! 8   4   kind, four ASCII letters
//! 12  4   format version
//! 16  8   payload length in bytes
//! 24  4   CRC-32 of the payload
//! 28  4   CRC-32 of bytes 0..28
//! 32  …   payload
//! ```

use std::fs::File;
use std::io::{BufWriter, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use memmap2::Mmap;
use spork_postings::Codec;

use crate::file_summary::FileSummary;
use crate::{Error, Result};

/// The version of the format that this code reads and writes.
pub(crate) const FORMAT_VERSION: u32 = 5;

const MAGIC: [u8; 8] = *b"SPORKIDX";
pub(crate) const HEADER: usize = 32;

/// The files of an index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The manifest of a generation, which has a number in its name.
    Generation,
    /// The living documents of a segment, likewise.
    Living,
    Segment,
    Lexicon,
    Docnos,
    Postings(Codec),
    Texts,
    ForwardVectors,
    Columns,
}

impl Kind {
    pub(crate) const fn file_name(self) -> &'static str {
        match self {
            Self::Generation => "generation.bin",
            Self::Living => "living.bin",
            Self::Segment => "segment.bin",
            Self::Lexicon => "lexicon.bin",
            Self::Docnos => "docnos.bin",
            Self::Postings(_) => "postings.bin",
            Self::Texts => "texts.bin",
            Self::ForwardVectors => "vectors.bin",
            Self::Columns => "columns.bin",
        }
    }

    const fn tag(self) -> [u8; 4] {
        match self {
            Self::Generation => *b"GENR",
            Self::Living => *b"LIVE",
            Self::Segment => *b"SEGM",
            Self::Lexicon => *b"LEXI",
            Self::Docnos => *b"DOCN",
            Self::Postings(Codec::Fast) => *b"POST",
            Self::Postings(Codec::Compact) => *b"POSC",
            Self::Texts => *b"TEXT",
            Self::ForwardVectors => *b"VECT",
            Self::Columns => *b"COLU",
        }
    }
}

/// Writes a framed file: the payload as it comes, the header last.
pub(crate) struct FrameWriter {
    path: PathBuf,
    kind: Kind,
    file: BufWriter<File>,
    length: u64,
    checksum: crc32fast::Hasher,
}

impl FrameWriter {
    pub(crate) fn create(folder: &Path, kind: Kind) -> Result<Self> {
        Self::create_at(folder.join(kind.file_name()), kind)
    }

    /// A file with a name of its own.
    pub(crate) fn create_at(path: PathBuf, kind: Kind) -> Result<Self> {
        let file = File::create_new(&path).map_err(|error| Error::io(&path, error))?;
        let mut writer = Self {
            path,
            kind,
            file: BufWriter::with_capacity(1 << 20, file),
            length: 0,
            checksum: crc32fast::Hasher::new(),
        };
        writer.raw(&[0; HEADER])?;
        Ok(writer)
    }

    /// A failure of the system while making what this file is to hold.
    pub(crate) fn fail(&self, error: std::io::Error) -> Error {
        Error::io(&self.path, error)
    }

    /// Bytes of payload so far.
    pub(crate) fn length(&self) -> u64 {
        self.length
    }

    pub(crate) fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.raw(bytes)?;
        self.checksum.update(bytes);
        self.length += bytes.len() as u64;
        Ok(())
    }

    /// Fills up with zeros to a multiple of `alignment`.
    pub(crate) fn align(&mut self, alignment: u64) -> Result<()> {
        let padding = self.length.next_multiple_of(alignment) - self.length;
        self.write(&[0; 16][..padding as usize])
    }

    /// Writes the header, and the whole file through to the disk.
    pub(crate) fn finish(self) -> Result<FileSummary> {
        let path = self.path;
        let fail = |error| Error::io(&path, error);
        let summary = FileSummary { length: self.length, checksum: self.checksum.finalize() };
        let mut file = self.file.into_inner().map_err(|error| fail(error.into_error()))?;
        file.seek(SeekFrom::Start(0)).map_err(fail)?;
        file.write_all(&header(self.kind, summary)).map_err(fail)?;
        file.sync_all().map_err(fail)?;
        Ok(summary)
    }

    fn raw(&mut self, bytes: &[u8]) -> Result<()> {
        self.file.write_all(bytes).map_err(|error| Error::io(&self.path, error))
    }
}

fn header(kind: Kind, summary: FileSummary) -> [u8; HEADER] {
    let mut header = [0; HEADER];
    header[0..8].copy_from_slice(&MAGIC);
    header[8..12].copy_from_slice(&kind.tag());
    header[12..16].copy_from_slice(&FORMAT_VERSION.to_le_bytes());
    header[16..24].copy_from_slice(&summary.length.to_le_bytes());
    header[24..28].copy_from_slice(&summary.checksum.to_le_bytes());
    let checksum = crc32fast::hash(&header[..28]);
    header[28..32].copy_from_slice(&checksum.to_le_bytes());
    header
}

/// A framed file in memory whose header and length have been checked, but not its payload.
#[derive(Debug)]
pub(crate) struct Frame {
    path: PathBuf,
    map: Mmap,
    summary: FileSummary,
}

impl Frame {
    pub(crate) fn open(folder: &Path, kind: Kind) -> Result<Self> {
        Ok(Self::open_any(folder, [kind])?.0)
    }

    /// Opens a file with a name of its own.
    pub(crate) fn open_at(path: PathBuf, kind: Kind) -> Result<Self> {
        Ok(Self::open_one_of(path, &[kind])?.0)
    }

    /// Opens a file that may be of several kinds, which all have the same name, and says which it
    /// is.
    pub(crate) fn open_any<const N: usize>(
        folder: &Path,
        kinds: [Kind; N],
    ) -> Result<(Self, Kind)> {
        Self::open_one_of(folder.join(kinds[0].file_name()), &kinds)
    }

    fn open_one_of(path: PathBuf, kinds: &[Kind]) -> Result<(Self, Kind)> {
        let file = File::open(&path).map_err(|error| Error::io(&path, error))?;
        // SAFETY: the writer never changes a file that a generation names: files are written
        // before the generation that names them, and unlinked whole. A file that somebody truncates all the
        // same while it is mapped ends the process with SIGBUS; no bytes read here are trusted for
        // memory safety.
        let map = unsafe { Mmap::map(&file) }.map_err(|error| Error::io(&path, error))?;
        let (summary, kind) = check_header(&path, kinds, &map)?;
        Ok((Self { path, map, summary }, kind))
    }

    pub(crate) fn summary(&self) -> FileSummary {
        self.summary
    }

    /// Checks that this is the very file that another one names: a whole file of another index is
    /// as wrong as a damaged one.
    pub(crate) fn check_is(&self, expected: FileSummary) -> Result<()> {
        let got = self.summary();
        if got == expected {
            return Ok(());
        }
        let say = |summary: FileSummary| {
            format!("{} bytes with checksum {:08x}", summary.length, summary.checksum)
        };
        Err(self.corrupt(0, format!("the file that the index names: {}", say(expected)), say(got)))
    }

    pub(crate) fn payload(&self) -> &[u8] {
        &self.map[HEADER..]
    }

    /// `length` bytes of payload from `offset`.
    pub(crate) fn slice(&self, offset: u64, length: u64) -> Result<&[u8]> {
        let payload = self.payload();
        let range = usize::try_from(offset)
            .ok()
            .zip(offset.checked_add(length).and_then(|end| usize::try_from(end).ok()))
            .and_then(|(start, end)| payload.get(start..end));
        range.ok_or_else(|| {
            let expected = format!("{length} bytes of payload from {offset}");
            self.corrupt(offset, expected, format!("a payload of {} bytes", payload.len()))
        })
    }

    /// Damage at `offset` of the payload.
    pub(crate) fn corrupt(
        &self,
        offset: u64,
        expected: impl ToString,
        got: impl ToString,
    ) -> Error {
        Error::corrupt(&self.path, offset.saturating_add(HEADER as u64), expected, got)
    }

    /// Reads the whole payload against its checksum.
    pub(crate) fn verify_checksum(&self) -> Result<()> {
        let got = crc32fast::hash(self.payload());
        if got == self.summary.checksum {
            return Ok(());
        }
        let expected = format!("payload checksum {:08x}", self.summary.checksum);
        Err(self.corrupt(0, expected, format!("{got:08x}")))
    }
}

fn check_header(path: &Path, kinds: &[Kind], bytes: &[u8]) -> Result<(FileSummary, Kind)> {
    let corrupt =
        |offset, expected: &str, got: String| Err(Error::corrupt(path, offset, expected, got));
    let Some(head) = bytes.first_chunk::<HEADER>() else {
        return corrupt(0, "a header of 32 bytes", format!("a file of {} bytes", bytes.len()));
    };
    let word = |at: usize| u32::from_le_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]);
    if head[..8] != MAGIC {
        return corrupt(
            0,
            "the magic SPORKIDX",
            format!("{:?}", String::from_utf8_lossy(&head[..8])),
        );
    }
    // The version comes before the checksum, so that an index of another version is named as such.
    if word(12) != FORMAT_VERSION {
        return Err(Error::Version {
            path: path.to_owned(),
            expected: FORMAT_VERSION,
            got: word(12),
        });
    }
    if word(28) != crc32fast::hash(&head[..28]) {
        return corrupt(28, "the checksum of the header", format!("{:08x}", word(28)));
    }
    let Some(&kind) = kinds.iter().find(|kind| head[8..12] == kind.tag()) else {
        let tags: Vec<String> =
            kinds.iter().map(|kind| String::from_utf8_lossy(&kind.tag()).into_owned()).collect();
        return corrupt(8, &tags.join(" or "), String::from_utf8_lossy(&head[8..12]).into_owned());
    };
    let length = u64::from(word(16)) | u64::from(word(20)) << 32;
    let there = (bytes.len() - HEADER) as u64;
    if length != there {
        return corrupt(16, &format!("{length} bytes after the header"), format!("{there}"));
    }
    Ok((FileSummary { length, checksum: word(24) }, kind))
}

/// Makes the checksums of a damaged file right again.
#[cfg(test)]
pub(crate) fn seal(bytes: &mut [u8]) {
    let (header, payload) = bytes.split_at_mut(HEADER);
    header[16..24].copy_from_slice(&(payload.len() as u64).to_le_bytes());
    header[24..28].copy_from_slice(&crc32fast::hash(payload).to_le_bytes());
    let checksum = crc32fast::hash(&header[..28]);
    header[28..32].copy_from_slice(&checksum.to_le_bytes());
}
