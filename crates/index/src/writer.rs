//! Writing an index: new segments, deletions, and the generation that makes them count.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use spork_core::kill_point;
use spork_postings::{Codec, WindowPiece};

use crate::counts::Counts;
use crate::directory::{self, Contents, living_file, segment_folder};
use crate::index::Index;
use crate::lexicon::{FieldTerms, TermStatistics};
use crate::living::Survivors;
use crate::lock::Lock;
use crate::manifest::{Manifest, SegmentEntry};
use crate::postings_file::PostingsWriter;
use crate::segment::{Segment, SegmentSummary};
use crate::stored::StoredSummary;
use crate::strings::StringArena;
use crate::{Error, Result, docnos, lexicon};

/// The one writer of an index. What it writes is invisible until [`commit`](Self::commit); dropped
/// before that, it leaves no trace.
#[derive(Debug)]
pub struct IndexWriter {
    folder: PathBuf,
    /// The generation that readers see; none in a new index.
    current: Option<Arc<Index>>,
    /// The number of the next generation.
    generation: u64,
    next_segment: u64,
    /// Whether the folder was made for this index.
    created: bool,
    committed: bool,
    // Dropped last.
    lock: Lock,
}

impl IndexWriter {
    /// Starts a new index in `folder`, beside the one that is there until this one is committed.
    ///
    /// # Errors
    /// The folder can't be written, holds something else, or another process is writing it.
    pub fn create(folder: &Path) -> Result<Self> {
        let created = !folder.exists();
        std::fs::create_dir_all(folder).map_err(|error| Error::io(folder, error))?;
        Contents::read(folder)?;
        let lock = Lock::take(folder)?;
        kill_point("index.locked");
        // An index that can't be read is replaced as well.
        let current = Index::open(folder).ok();
        Self::start(folder, current, created, lock)
    }

    /// Starts changes of the index in `folder`.
    ///
    /// # Errors
    /// There is no index, it can't be read, or another process is writing it.
    pub fn open(folder: &Path) -> Result<Self> {
        directory::current(folder)?;
        let lock = Lock::take(folder)?;
        kill_point("index.locked");
        let current = Index::open(folder)?;
        Self::start(folder, Some(current), false, lock)
    }

    /// Clears what killed writers left.
    fn start(folder: &Path, current: Option<Index>, created: bool, lock: Lock) -> Result<Self> {
        let mut contents = Contents::read(folder)?;
        let removed = || kill_point("index.leftover-removed");
        if let Some(index) = &current {
            let listed = listed(index.manifest());
            contents.remove_all_but(folder, Some(index.generation()), &listed, removed);
        } else if !directory::has_current(folder) {
            // A new index has the bytes of one whose writer was not killed before.
            contents.remove_all_but(folder, None, &[], removed);
            contents = Contents::read(folder)?;
        }
        let newest = |numbers: &std::collections::BTreeSet<u64>| {
            numbers.last().map_or(1, |&number| number.saturating_add(1))
        };
        Ok(Self {
            folder: folder.to_owned(),
            current: current.map(Arc::new),
            generation: newest(&contents.generations),
            next_segment: newest(&contents.segments),
            created,
            committed: false,
            lock,
        })
    }

    /// The index folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The generation that readers see now; none in a new index.
    pub fn current(&self) -> Option<Arc<Index>> {
        self.current.clone()
    }

    /// Starts a segment, its posting lists in `codec`.
    ///
    /// # Errors
    /// The folder can't be written.
    pub fn segment(&mut self, codec: Codec) -> Result<SegmentWriter> {
        let number = self.next_segment;
        let folder = segment_folder(&self.folder, number);
        std::fs::create_dir(&folder).map_err(|error| Error::io(&folder, error))?;
        self.next_segment += 1;
        kill_point("index.segment-made");
        Ok(SegmentWriter { postings: PostingsWriter::create(&folder, codec)?, number, folder })
    }

    /// Writes which documents of a segment of the current generation survive. None if none does:
    /// the segment is then to be left out.
    ///
    /// # Errors
    /// The file can't be written.
    pub fn survivors(
        &self,
        segment: &Segment,
        survivors: &Survivors,
    ) -> Result<Option<SegmentEntry>> {
        let manifest = self.current.as_deref().map(Index::manifest);
        let entries = manifest.map_or(&[][..], |manifest| &manifest.segments);
        let entry = entries.iter().find(|entry| entry.number == segment.number());
        if survivors.counts().documents == 0 {
            return Ok(None);
        }
        let Some(entry) = entry else { return Ok(None) };
        let path = living_file(&self.folder, entry.number, self.generation);
        let living = survivors.write(path, self.generation)?;
        directory::sync_folder(&segment_folder(&self.folder, entry.number))?;
        kill_point("index.living-written");
        Ok(Some(SegmentEntry { living: Some(living), ..entry.clone() }))
    }

    /// Makes `manifest` the generation that readers see from now on, and removes what it does not
    /// list. A reader that has an earlier one open keeps it.
    ///
    /// # Errors
    /// The folder can't be written. Readers then see the old generation.
    pub fn commit(mut self, manifest: &Manifest) -> Result<()> {
        manifest.write(&self.folder, self.generation)?;
        kill_point("index.generation-written");
        directory::make_current(&self.folder, self.generation)?;
        self.committed = true;
        let contents = Contents::read(&self.folder)?;
        let removed = || kill_point("index.old-removed");
        contents.remove_all_but(&self.folder, Some(self.generation), &listed(manifest), removed);
        Ok(())
    }
}

/// The segments of a generation, each with the generation since which some are deleted.
fn listed(manifest: &Manifest) -> Vec<(u64, Option<u64>)> {
    let living = |entry: &SegmentEntry| entry.living.as_ref().map(|living| living.since);
    manifest.segments.iter().map(|entry| (entry.number, living(entry))).collect()
}

impl Drop for IndexWriter {
    fn drop(&mut self) {
        if self.committed {
            return;
        }
        if let Ok(contents) = Contents::read(&self.folder) {
            let current = self.current.as_deref();
            let segments = current.map(|index| listed(index.manifest())).unwrap_or_default();
            let generation = current.map(Index::generation);
            if current.is_some() || !directory::has_current(&self.folder) {
                contents.remove_all_but(&self.folder, generation, &segments, || ());
            }
        }
        if !directory::has_current(&self.folder) {
            self.lock.remove();
        }
        if self.created {
            let _ = std::fs::remove_dir(&self.folder);
        }
    }
}

/// A segment that is being written.
pub struct SegmentWriter {
    number: u64,
    folder: PathBuf,
    postings: PostingsWriter,
}

impl SegmentWriter {
    /// How posting lists are written.
    pub fn codec(&self) -> Codec {
        self.postings.codec()
    }

    /// The segment's folder: for its files, and for temporary ones without a name.
    pub fn folder(&self) -> &Path {
        &self.folder
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

    /// Writes the terms of each field with their statistics by term id, docnos and the summary,
    /// which has the numbers `counts` and says what is stored beside.
    ///
    /// # Errors
    /// The files can't be written.
    pub fn finish(
        self,
        counts: Counts,
        terms: &[FieldTerms<'_>],
        statistics: &[TermStatistics],
        docnos: CollectedDocnos<'_>,
        stored: StoredSummary,
    ) -> Result<(SegmentEntry, SegmentSummary)> {
        let postings_file = self.postings.finish()?;
        kill_point("index.postings-written");
        let lexicon_file = lexicon::write(&self.folder, terms, statistics)?;
        kill_point("index.lexicon-written");
        let docnos_file = docnos::write(&self.folder, docnos.strings, docnos.order)?;
        kill_point("index.docnos-written");
        let summary = SegmentSummary { counts, lexicon_file, docnos_file, postings_file, stored };
        let file = summary.write(&self.folder)?;
        directory::sync_folder(&self.folder)?;
        kill_point("index.segment-written");
        Ok((SegmentEntry { number: self.number, file, living: None }, summary))
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
