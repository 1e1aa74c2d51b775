//! Opening an index.

use std::path::{Path, PathBuf};

use spork_core::{DocId, TermId};

use crate::counts::{Counts, FieldCounts};
use crate::directory;
use crate::manifest::Manifest;
use crate::segment::Segment;
use crate::{Error, Result};

/// How often opening is tried again where a writer has replaced the generation meanwhile.
const TRIES: usize = 16;

/// An open index: one generation of it, memory-mapped, read-only, shared freely between threads. It
/// stays what it was when it was opened, whatever writers do.
#[derive(Debug)]
pub struct Index {
    folder: PathBuf,
    generation: u64,
    manifest: Manifest,
    segments: Vec<Segment>,
    counts: Counts,
}

/// A document of an index: its segment, and its docid there.
#[derive(Clone, Copy, Debug)]
pub struct Place<'i> {
    /// The segment's place among the index's segments.
    pub number: usize,
    /// The segment.
    pub segment: &'i Segment,
    /// The docid in the segment.
    pub docid: DocId,
}

impl Index {
    /// Opens the current generation of the index in `folder`. Reads headers, the manifest and each
    /// segment's summary, nothing else.
    ///
    /// # Errors
    /// There is no index, it is of another version, or its headers, lengths or manifest are
    /// damaged.
    pub fn open(folder: &Path) -> Result<Self> {
        let mut tries = 1;
        loop {
            let generation = directory::current(folder)?;
            match Self::open_generation(folder, generation) {
                Err(_) if tries < TRIES && directory::current(folder)? != generation => tries += 1,
                outcome => return outcome,
            }
        }
    }

    fn open_generation(folder: &Path, generation: u64) -> Result<Self> {
        let manifest = Manifest::read(folder, generation)?;
        let none = FieldCounts::default();
        let mut counts = Counts { fields: vec![none; manifest.fields.len()], ..Counts::default() };
        let mut segments = Vec::with_capacity(manifest.segments.len());
        let mut first_docid = 0u32;
        for entry in &manifest.segments {
            let segment = Segment::open(folder, &manifest, entry, first_docid)?;
            first_docid = first_docid.checked_add(segment.documents()).ok_or_else(|| {
                let path = directory::generation_file(folder, generation);
                Error::corrupt(&path, 0, "fewer than 2³² documents", "more")
            })?;
            counts += segment.living_counts();
            segments.push(segment);
        }
        Ok(Self { folder: folder.to_owned(), generation, manifest, segments, counts })
    }

    /// The index folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The number of the generation.
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// The generation's manifest: fields and provenance.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The segments, in the order of their documents.
    pub fn segments(&self) -> &[Segment] {
        &self.segments
    }

    /// The counts of all living documents. Terms that several segments have are counted in each:
    /// see [`terms_of`](Self::terms_of).
    pub fn counts(&self) -> &Counts {
        &self.counts
    }

    /// Living documents, those without terms included.
    pub fn documents(&self) -> u32 {
        self.counts.documents
    }

    /// Docids in use: those of living documents and of deleted ones that no merge has dropped yet.
    pub fn docids(&self) -> u32 {
        self.segments.last().map_or(0, |last| last.first_docid() + last.documents())
    }

    /// Living documents with a posting of a field.
    pub fn field_documents(&self, field: usize) -> u32 {
        self.counts.fields.get(field).map_or(0, |field| field.documents)
    }

    /// Bytes of all payloads of all segments.
    pub fn bytes(&self) -> u64 {
        self.segments.iter().map(|segment| segment.summary().bytes()).sum()
    }

    /// Where a document is; deleted documents are somewhere, too.
    ///
    /// # Errors
    /// There is no such docid.
    pub fn place(&self, docid: DocId) -> Result<Place<'_>> {
        let number = self.segments.partition_point(|segment| segment.first_docid() <= docid.0);
        let segment = number.checked_sub(1).map(|number| (number, &self.segments[number]));
        let place = segment.map(|(number, segment)| Place {
            number,
            segment,
            docid: DocId(docid.0 - segment.first_docid()),
        });
        place.filter(|place| place.docid.0 < place.segment.documents()).ok_or_else(|| {
            let path = directory::generation_file(&self.folder, self.generation);
            Error::corrupt(&path, 0, format!("a docid below {}", self.docids()), docid.0)
        })
    }

    /// The docno of a document.
    ///
    /// # Errors
    /// There is no such document, or the index is damaged.
    pub fn docno(&self, docid: DocId) -> Result<&str> {
        let place = self.place(docid)?;
        place.segment.docnos().get(place.docid)
    }

    /// The living document of a docno; `None` if there is none.
    ///
    /// # Errors
    /// Damage met on the way.
    pub fn find(&self, docno: &str) -> Result<Option<DocId>> {
        for segment in self.segments.iter().rev() {
            if let Some(docid) = segment.docnos().find(docno)?
                && segment.is_living(docid)?
            {
                return Ok(Some(DocId(segment.first_docid() + docid.0)));
            }
        }
        Ok(None)
    }

    /// The docids of all living documents, ascending.
    ///
    /// # Errors
    /// A file of living documents is damaged.
    pub fn living(&self) -> Result<Vec<DocId>> {
        let mut docids = Vec::with_capacity(self.documents() as usize);
        for segment in &self.segments {
            let living = segment.living()?;
            let lives = |docid: &u32| living.is_none_or(|living| living.contains(DocId(*docid)));
            let local = (0..segment.documents()).filter(lives);
            docids.extend(local.map(|docid| DocId(segment.first_docid() + docid)));
        }
        Ok(docids)
    }

    /// Among how many living documents a term of a field occurs.
    ///
    /// # Errors
    /// Damage met on the way.
    pub fn document_frequency(&self, field: usize, term: &str) -> Result<u32> {
        let mut df = 0;
        for segment in &self.segments {
            let ids = segment.summary().counts.term_ids(field);
            if let Some(id) = segment.lexicon().find(ids, term)? {
                df += segment.statistics(id)?.df;
            }
        }
        Ok(df)
    }

    /// The terms of a field that living documents have, ascending, each with its document
    /// frequency. Goes through the lexicons of all segments.
    ///
    /// # Errors
    /// Damage met on the way.
    pub fn terms_of(&self, field: usize) -> Result<Vec<(&str, u32)>> {
        let mut terms = Vec::new();
        for segment in &self.segments {
            for id in segment.summary().counts.term_ids(field).map(TermId) {
                let df = segment.statistics(id)?.df;
                if df > 0 {
                    terms.push((segment.lexicon().term(id)?, df));
                }
            }
        }
        if self.segments.len() > 1 {
            terms.sort_unstable();
            terms.dedup_by(|later, first| {
                let same = later.0 == first.0;
                if same {
                    first.1 += later.1;
                }
                same
            });
        }
        Ok(terms)
    }
}
