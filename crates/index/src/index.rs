//! Opening an index.

use std::ops::Range;
use std::path::{Path, PathBuf};

use spork_core::DocId;

use crate::directory;
use crate::docnos::Docnos;
use crate::frame::Frame;
use crate::lexicon::Lexicon;
use crate::manifest::{FileSummary, Manifest};
use crate::postings::Postings;
use crate::{Result, WINDOW};

/// An open index: memory-mapped, read-only, shared freely between threads.
#[derive(Debug)]
pub struct Index {
    folder: PathBuf,
    manifest: Manifest,
    lexicon: Lexicon,
    docnos: Docnos,
    postings: Postings,
}

impl Index {
    /// Opens the current generation of the index in `folder`. Reads headers and the manifest, nothing else.
    ///
    /// # Errors
    /// There is no index, it is of another version, or its headers, lengths or manifest are damaged.
    pub fn open(folder: &Path) -> Result<Self> {
        let generation = directory::current(folder)?;
        let manifest = Manifest::read(&generation)?;
        let lexicon = Lexicon::open(&generation, manifest.terms)?;
        let docnos = Docnos::open(&generation, manifest.documents)?;
        let postings = Postings::open(&generation, manifest.documents)?;
        for (frame, expected) in [
            (&lexicon.frame, manifest.lexicon_file),
            (&docnos.frame, manifest.docnos_file),
            (&postings.frame, manifest.postings_file),
        ] {
            check_belongs(frame, expected)?;
        }
        Ok(Self { folder: folder.to_owned(), manifest, lexicon, docnos, postings })
    }

    /// The index folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// What the index says of itself.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Terms.
    pub fn lexicon(&self) -> &Lexicon {
        &self.lexicon
    }

    /// Document names.
    pub fn docnos(&self) -> &Docnos {
        &self.docnos
    }

    /// The docids of window `number`.
    pub fn window_docids(&self, number: usize) -> Range<DocId> {
        let documents = self.manifest.documents as usize;
        let (start, end) = (number.saturating_mul(WINDOW), (number + 1).saturating_mul(WINDOW));
        DocId(start.min(documents) as u32)..DocId(end.min(documents) as u32)
    }

    /// Posting lists.
    pub fn postings(&self) -> &Postings {
        &self.postings
    }
}

/// A whole file of another index is as wrong as a damaged one.
fn check_belongs(frame: &Frame, expected: FileSummary) -> Result<()> {
    let got = frame.summary();
    if got == expected {
        return Ok(());
    }
    let say =
        |summary: FileSummary| format!("{} bytes with checksum {:08x}", summary.length, summary.checksum);
    Err(frame.corrupt(0, format!("the file that meta.bin names: {}", say(expected)), say(got)))
}
