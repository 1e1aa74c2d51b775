//! Opening an index.

use std::ops::Range;
use std::path::{Path, PathBuf};

use spork_core::{DocId, Impact, TermId};
use spork_postings::{Codec, Damage, WINDOW, Window};

use crate::directory;
use crate::docnos::Docnos;
use crate::file_summary::FileSummary;
use crate::frame::Frame;
use crate::lexicon::Lexicon;
use crate::manifest::Manifest;
use crate::postings_file::PostingsFile;
use crate::{Error, Result};

/// An open index: memory-mapped, read-only, shared freely between threads.
#[derive(Debug)]
pub struct Index {
    folder: PathBuf,
    manifest: Manifest,
    lexicon: Lexicon,
    docnos: Docnos,
    postings: PostingsFile,
}

impl Index {
    /// Opens the current generation of the index in `folder`. Reads headers and the manifest,
    /// nothing else.
    ///
    /// # Errors
    /// There is no index, it is of another version, or its headers, lengths or manifest are
    /// damaged.
    pub fn open(folder: &Path) -> Result<Self> {
        let generation = directory::current(folder)?;
        let manifest = Manifest::read(&generation)?;
        let lexicon = Lexicon::open(&generation, manifest.terms())?;
        let docnos = Docnos::open(&generation, manifest.documents)?;
        let postings = PostingsFile::open(&generation, manifest.documents)?;
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

    /// The index's manifest: counts, fields and provenance.
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

    /// How posting lists are written.
    pub fn codec(&self) -> Codec {
        self.postings.codec()
    }

    /// Number of windows of posting lists.
    pub fn windows(&self) -> usize {
        self.postings.windows()
    }

    /// The posting lists of window `number`, from 0.
    ///
    /// # Errors
    /// There is no such window, or its entry in the window table is damaged.
    pub fn window(&self, number: usize) -> Result<Window<'_>> {
        self.postings.window(number)
    }

    /// The vector of a document, ascending by term, gathered from all lists of its window: slow,
    /// for a look at a few.
    ///
    /// # Errors
    /// There is no such document, or the index is damaged.
    pub fn vector(&self, docid: DocId) -> Result<Vec<(TermId, Impact)>> {
        let window = self.window(docid.0 as usize / WINDOW)?;
        let within = (docid.0 as usize % WINDOW) as u16;
        let mut vector = Vec::new();
        for list in window.summaries() {
            let impact = window.impact(list, within).map_err(|damage| self.damage(damage))?;
            vector.extend(impact.map(|impact| (list.term, impact)));
        }
        Ok(vector)
    }

    /// The error that damage in a [`Window`] of this index is, with file and place.
    pub fn damage(&self, damage: Damage) -> Error {
        self.postings.damage(damage)
    }

    pub(crate) fn postings_frame(&self) -> &Frame {
        &self.postings.frame
    }
}

/// A whole file of another index is as wrong as a damaged one.
fn check_belongs(frame: &Frame, expected: FileSummary) -> Result<()> {
    let got = frame.summary();
    if got == expected {
        return Ok(());
    }
    let say = |summary: FileSummary| {
        format!("{} bytes with checksum {:08x}", summary.length, summary.checksum)
    };
    Err(frame.corrupt(0, format!("the file that meta.bin names: {}", say(expected)), say(got)))
}
