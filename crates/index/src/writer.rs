//! Writing an index: windows of postings first, then the words about them.

use std::path::Path;

use spork_core::kill_point;
use spork_postings::{Codec, WindowPiece};

use crate::directory::NewGeneration;
use crate::lexicon::{FieldTerms, TermStatistics};
use crate::manifest::Manifest;
use crate::postings_file::PostingsWriter;
use crate::strings::StringArena;
use crate::{Error, Result, docnos, lexicon};

/// A new index, invisible until [`finish`](Self::finish); dropped before that, it leaves no trace.
pub struct IndexWriter {
    // Dropped before the folder that it writes in.
    postings: PostingsWriter,
    generation: NewGeneration,
}

impl IndexWriter {
    /// Starts an index in `folder`, its posting lists in `codec`, beside the one that is there
    /// until this one is finished.
    ///
    /// # Errors
    /// The folder can't be written, holds something else, or another process is writing it.
    pub fn create(folder: &Path, codec: Codec) -> Result<Self> {
        let generation = NewGeneration::create(folder)?;
        Ok(Self { postings: PostingsWriter::create(generation.folder(), codec)?, generation })
    }

    /// A folder on the index's disk for temporary files.
    pub fn scratch_folder(&self) -> &Path {
        self.generation.folder()
    }

    /// Writes the next window of documents from its pieces, which must ascend by term.
    ///
    /// # Errors
    /// A piece's own, or the file can't be written.
    pub fn window<E: From<Error>>(
        &mut self,
        pieces: impl IntoIterator<Item = std::result::Result<WindowPiece, E>>,
    ) -> std::result::Result<(), E> {
        self.postings.window(pieces)?;
        kill_point("index.window-written");
        Ok(())
    }

    /// Writes the terms of each field with their statistics by term id, docnos and manifest, and
    /// swaps the new index in. The file summaries of `manifest` are filled in here.
    ///
    /// # Errors
    /// The files can't be written.
    pub fn finish(
        self,
        mut manifest: Manifest,
        terms: &[FieldTerms<'_>],
        statistics: &[TermStatistics],
        docnos: CollectedDocnos<'_>,
    ) -> Result<Manifest> {
        let folder = self.generation.folder();
        manifest.postings_file = self.postings.finish()?;
        kill_point("index.postings-written");
        manifest.lexicon_file = lexicon::write(folder, terms, statistics)?;
        kill_point("index.lexicon-written");
        manifest.docnos_file = docnos::write(folder, docnos.strings, docnos.order)?;
        kill_point("index.docnos-written");
        manifest.write(folder)?;
        kill_point("index.manifest-written");
        self.generation.commit()?;
        Ok(manifest)
    }
}

/// The docnos of a collection.
#[derive(Clone, Copy, Debug)]
pub struct CollectedDocnos<'a> {
    /// By docid.
    pub strings: &'a StringArena,
    /// The docids, ascending by docno.
    pub order: &'a [u32],
}
