//! `postings.bin`: windows of posting lists, and the table that says where each lies.

use std::path::Path;

use spork_postings::{
    Codec, Damage, WINDOW, Window, WindowDirectory, WindowEntry, WindowPiece, padding,
};

use crate::file_summary::FileSummary;
use crate::frame::{Frame, FrameWriter, Kind};
use crate::{Error, Result};

/// A view on `postings.bin`.
#[derive(Debug)]
pub(crate) struct PostingsFile {
    pub(crate) frame: Frame,
    codec: Codec,
    documents: usize,
    /// Offset of the window table.
    table: u64,
}

impl PostingsFile {
    pub(crate) fn open(folder: &Path, documents: u32) -> Result<Self> {
        let documents = documents as usize;
        let windows = documents.div_ceil(WINDOW);
        let (frame, kind) = Frame::open_any(folder, Codec::ALL.map(Kind::Postings))?;
        let codec =
            if kind == Kind::Postings(Codec::Compact) { Codec::Compact } else { Codec::Fast };
        let length = frame.payload().len() as u64;
        let size = (WindowEntry::BYTES * windows) as u64;
        let table = length.checked_sub(size).ok_or_else(|| {
            frame.corrupt(0, format!("a table of {windows} windows"), format!("{length} bytes"))
        })?;
        Ok(Self { frame, codec, documents, table })
    }

    pub(crate) fn codec(&self) -> Codec {
        self.codec
    }

    pub(crate) fn windows(&self) -> usize {
        self.documents.div_ceil(WINDOW)
    }

    pub(crate) fn window(&self, number: usize) -> Result<Window<'_>> {
        let at = self.table + (WindowEntry::BYTES * number) as u64;
        let entry = self.frame.slice(at, WindowEntry::BYTES as u64)?;
        let entry = entry.first_chunk().map(WindowEntry::from_bytes);
        let entry = entry
            .ok_or_else(|| self.frame.corrupt(at, "an entry of the window table", "its end"))?;
        Window::new(self.frame.payload(), entry, self.codec, number, self.documents)
            .map_err(|damage| self.damage(damage))
    }

    pub(crate) fn damage(&self, damage: Damage) -> Error {
        self.frame.corrupt(damage.offset, damage.expected, damage.got)
    }
}

/// Writes `postings.bin`.
pub(crate) struct PostingsWriter {
    codec: Codec,
    file: FrameWriter,
    table: Vec<WindowEntry>,
}

impl PostingsWriter {
    pub(crate) fn create(folder: &Path, codec: Codec) -> Result<Self> {
        let file = FrameWriter::create(folder, Kind::Postings(codec))?;
        Ok(Self { codec, file, table: Vec::new() })
    }

    pub(crate) fn codec(&self) -> Codec {
        self.codec
    }

    /// Writes one window from its pieces, each taken when the one before is on disk.
    pub(crate) fn window<E: From<Error>>(
        &mut self,
        pieces: impl IntoIterator<Item = std::result::Result<WindowPiece, E>>,
    ) -> std::result::Result<(), E> {
        let start = self.file.length();
        let mut directory = WindowDirectory::default();
        for piece in pieces {
            let piece = piece?;
            directory.add(&piece).map_err(|too_large| Error::TooLarge {
                what: format!("posting lists of documents {}…", self.table.len() * WINDOW),
                limit: too_large.0,
            })?;
            self.file.write(piece.bytes())?;
        }
        let (bytes, entry) = directory.finish(start);
        self.file.write(&bytes)?;
        self.file.align(8)?;
        self.table.push(entry);
        Ok(())
    }

    pub(crate) fn finish(mut self) -> Result<FileSummary> {
        self.file.write(padding(self.codec))?;
        for entry in &self.table {
            self.file.write(&entry.to_bytes())?;
        }
        self.file.finish()
    }
}
