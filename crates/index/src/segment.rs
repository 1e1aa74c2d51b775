//! A segment: an immutable part of an index, with its own lexicon, docnos and posting lists.

use std::ops::Range;
use std::path::Path;

use bincode::{Decode, Encode};
use spork_core::{DocId, Impact, TermId};
use spork_postings::{BLOCK, Codec, Damage, Selection, WINDOW, Window};

use crate::columns::Columns;
use crate::counts::Counts;
use crate::directory::{living_file, segment_folder};
use crate::docnos::Docnos;
use crate::file_summary::FileSummary;
use crate::forward_vectors::ForwardVectors;
use crate::frame::{Frame, FrameWriter, Kind};
use crate::lexicon::{Lexicon, TermStatistics};
use crate::living::Living;
use crate::manifest::{Manifest, SegmentEntry};
use crate::postings_file::PostingsFile;
use crate::record;
use crate::stored::{Stored, StoredSummary};
use crate::texts::Texts;
use crate::{Error, Result};

/// What `segment.bin` says: counts, and the other files.
#[derive(Clone, Debug, Default, PartialEq, Encode, Decode)]
pub struct SegmentSummary {
    /// Documents, terms and postings, those of deleted documents included.
    pub counts: Counts,
    /// `lexicon.bin`.
    pub lexicon_file: FileSummary,
    /// `docnos.bin`.
    pub docnos_file: FileSummary,
    /// `postings.bin`.
    pub postings_file: FileSummary,
    /// What is stored beside.
    pub stored: StoredSummary,
}

impl SegmentSummary {
    /// Bytes of all payloads but this summary's.
    pub fn bytes(&self) -> u64 {
        let files = [self.lexicon_file, self.docnos_file, self.postings_file];
        files.iter().map(|file| file.length).sum::<u64>() + self.stored.bytes()
    }

    pub(crate) fn write(&self, folder: &Path) -> Result<FileSummary> {
        let mut file = FrameWriter::create(folder, Kind::Segment)?;
        file.write(&record::encode(self, "the summary of a segment")?)?;
        file.finish()
    }
}

/// An open segment. Docids are its own here, from 0.
#[derive(Debug)]
pub struct Segment {
    number: u64,
    first_docid: u32,
    summary: SegmentSummary,
    lexicon: Lexicon,
    docnos: Docnos,
    postings: PostingsFile,
    stored: Stored,
    living: Option<Living>,
}

impl Segment {
    /// Opens the segment of an index that `entry` names; its documents follow `first_docid` others.
    pub(crate) fn open(
        index: &Path,
        manifest: &Manifest,
        entry: &SegmentEntry,
        first_docid: u32,
    ) -> Result<Self> {
        let fields = manifest.fields.len();
        let folder = segment_folder(index, entry.number);
        let frame = Frame::open(&folder, Kind::Segment)?;
        frame.check_is(entry.file)?;
        let summary: SegmentSummary = record::decode(&frame, "the summary of a segment")?;
        let counts = &summary.counts;
        let terms = counts.fields.iter().try_fold(0u32, |sum, field| sum.checked_add(field.terms));
        if counts.fields.len() != fields || terms.is_none() {
            let expected = format!("the counts of {fields} fields, of fewer than 2³² terms");
            return Err(frame.corrupt(0, expected, format!("{:?}", counts.fields)));
        }
        let lexicon = Lexicon::open(&folder, counts.terms())?;
        let docnos = Docnos::open(&folder, counts.documents)?;
        let postings = PostingsFile::open(&folder, counts.documents)?;
        lexicon.frame.check_is(summary.lexicon_file)?;
        docnos.frame.check_is(summary.docnos_file)?;
        postings.frame.check_is(summary.postings_file)?;
        let stored = Stored::open(&folder, &manifest.stored, &summary.stored, counts, &frame)?;
        let living = entry.living.as_ref().map(|living| {
            let path = living_file(index, entry.number, living.since);
            Living::open(path, living, counts)
        });
        let living = living.transpose()?;
        let number = entry.number;
        Ok(Self { number, first_docid, summary, lexicon, docnos, postings, stored, living })
    }

    /// The same segment in an index where its documents follow `first_docid` others.
    pub(crate) fn following(self, first_docid: u32) -> Self {
        Self { first_docid, ..self }
    }

    /// The number in its name.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// The docid in the index of its first document.
    pub fn first_docid(&self) -> u32 {
        self.first_docid
    }

    /// Its summary: sizes, and counts that include deleted documents.
    pub fn summary(&self) -> &SegmentSummary {
        &self.summary
    }

    /// Documents, deleted ones included.
    pub fn documents(&self) -> u32 {
        self.summary.counts.documents
    }

    /// The counts of what is not deleted; terms are those of the lexicon.
    pub fn living_counts(&self) -> &Counts {
        self.living.as_ref().map_or(&self.summary.counts, |living| &living.counts)
    }

    /// The documents that are not deleted; `None` if all live.
    ///
    /// # Errors
    /// The file of living documents is damaged.
    pub fn living(&self) -> Result<Option<Selection<'_>>> {
        self.living.as_ref().map(Living::selection).transpose()
    }

    /// Whether a document is there and not deleted.
    ///
    /// # Errors
    /// The file of living documents is damaged.
    pub fn is_living(&self, docid: DocId) -> Result<bool> {
        Ok(match self.living()? {
            Some(living) => living.contains(docid),
            None => docid.0 < self.documents(),
        })
    }

    /// How posting lists are written.
    pub fn codec(&self) -> Codec {
        self.postings.codec()
    }

    /// Terms.
    pub fn lexicon(&self) -> &Lexicon {
        &self.lexicon
    }

    /// Document names.
    pub fn docnos(&self) -> &Docnos {
        &self.docnos
    }

    /// Values of documents that filters test, where stored.
    pub fn columns(&self) -> Option<&Columns> {
        self.stored.columns.as_ref()
    }

    /// Texts of documents, where stored.
    pub fn texts(&self) -> Option<&Texts> {
        self.stored.texts.as_ref()
    }

    /// Vectors of documents, where stored.
    pub fn forward_vectors(&self) -> Option<&ForwardVectors> {
        self.stored.vectors.as_ref()
    }

    /// Document frequency and largest impact of a term; the document frequency is that among the
    /// living, the impact may be that of a deleted document.
    ///
    /// # Errors
    /// There is no such term, or the segment is damaged.
    pub fn statistics(&self, term: TermId) -> Result<TermStatistics> {
        let statistics = self.lexicon.statistics(term)?;
        let deleted = self.living.as_ref().map_or(Ok(0), |living| living.deleted_postings(term))?;
        Ok(TermStatistics { df: statistics.df.saturating_sub(deleted), ..statistics })
    }

    /// The docids of window `number`.
    pub fn window_docids(&self, number: usize) -> Range<DocId> {
        let documents = self.documents() as usize;
        let (start, end) = (number.saturating_mul(WINDOW), (number + 1).saturating_mul(WINDOW));
        DocId(start.min(documents) as u32)..DocId(end.min(documents) as u32)
    }

    /// Number of windows of posting lists.
    pub fn windows(&self) -> usize {
        self.postings.windows()
    }

    /// Number of blocks of documents.
    pub fn blocks(&self) -> usize {
        (self.documents() as usize).div_ceil(BLOCK)
    }

    /// The posting lists of window `number`, from 0.
    ///
    /// # Errors
    /// There is no such window, or its entry in the window table is damaged.
    pub fn window(&self, number: usize) -> Result<Window<'_>> {
        self.postings.window(number)
    }

    /// The vector of a document, ascending by term. Where vectors are not stored it is gathered
    /// from all lists of its window: slow, for a look at a few.
    ///
    /// # Errors
    /// There is no such document, or the segment is damaged.
    pub fn vector(&self, docid: DocId) -> Result<Vec<(TermId, Impact)>> {
        if let Some(vectors) = self.forward_vectors() {
            let mut vector = Vec::new();
            vectors.get(docid, &mut vector)?;
            return Ok(vector);
        }
        let window = self.window(docid.0 as usize / WINDOW)?;
        let within = (docid.0 as usize % WINDOW) as u16;
        let mut vector = Vec::new();
        for list in window.summaries() {
            let impact = window.impact(list, within).map_err(|damage| self.damage(damage))?;
            vector.extend(impact.map(|impact| (list.term, impact)));
        }
        Ok(vector)
    }

    /// The error that damage in a [`Window`] of this segment is, with file and place.
    pub fn damage(&self, damage: Damage) -> Error {
        self.postings.damage(damage)
    }

    pub(crate) fn postings_frame(&self) -> &Frame {
        &self.postings.frame
    }

    pub(crate) fn living_file(&self) -> Option<&Living> {
        self.living.as_ref()
    }
}
