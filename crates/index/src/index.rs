//! Opening an index.

use std::path::{Path, PathBuf};

use spork_core::{DocId, TermId};

use crate::counts::{Counts, FieldCounts};
use crate::directory;
use crate::manifest::Manifest;
use crate::segment::Segment;
use crate::shards::{SHARD, Shards, check_fits, incomplete};
use crate::{Error, Result};

/// How often opening is tried again where a writer has replaced the generation meanwhile.
const TRIES: usize = 16;

/// An open index: one generation of it, memory-mapped, read-only, shared freely between threads. It
/// stays what it was when it was opened, whatever writers do. Several indexes that have fixed the
/// same can be [opened together](Self::open_as_one), as one.
#[derive(Debug)]
pub struct Index {
    /// The indexes that it is made of: one, unless several are open together.
    parts: Vec<OpenPart>,
    manifest: Manifest,
    segments: Vec<Segment>,
    counts: Counts,
    incomplete: Option<(usize, usize)>,
}

/// One of the indexes that are open as one.
#[derive(Debug)]
struct OpenPart {
    folder: PathBuf,
    generation: u64,
    /// The number of segments of the parts before.
    first_segment: usize,
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
        let counts = Counts { fields: vec![none; manifest.fields.len()], ..Counts::default() };
        let part = OpenPart { folder: folder.to_owned(), generation, first_segment: 0 };
        let incomplete = incomplete([&manifest]);
        let segments = Vec::new();
        let mut index = Self { parts: vec![part], manifest, segments, counts, incomplete };
        for place in 0..index.manifest.segments.len() {
            let (entry, docids) = (&index.manifest.segments[place], index.docids());
            let segment = Segment::open(folder, &index.manifest, entry, docids)?;
            index.push(segment)?;
        }
        Ok(index)
    }

    /// Appends a segment, whose documents follow those that are there.
    fn push(&mut self, segment: Segment) -> Result<()> {
        if self.docids().checked_add(segment.documents()).is_none() {
            let part = self.parts.last();
            let path = part.map(|part| directory::generation_file(&part.folder, part.generation));
            let path = path.unwrap_or_default();
            return Err(Error::corrupt(&path, 0, "fewer than 2³² documents", "more"));
        }
        self.counts += segment.living_counts();
        self.segments.push(segment);
        Ok(())
    }

    /// Opens several indexes as one: answers are those of an index of all their documents. They
    /// have to have fixed the same (scales, calibrations, encoder, analyzer and its parameters,
    /// what is stored), which shards of a collection have by `spork index --like`. Document
    /// frequencies are those of all.
    ///
    /// # Errors
    /// No folder is given; two indexes have fixed different things, or are the same, or the same
    /// shard; together they have 2³² documents or more; else as [`open`](Self::open).
    pub fn open_as_one(folders: &[impl AsRef<Path>]) -> Result<Self> {
        let mut folders = folders.iter().map(AsRef::as_ref);
        let mut all = Self::open(folders.next().ok_or(Error::NoIndex)?)?;
        let mut shards = Shards::default();
        shards.add(all.folder(), &all.manifest)?;
        let mut manifests = vec![all.manifest.clone()];
        for folder in folders {
            let index = Self::open(folder)?;
            check_fits((all.folder(), &all.manifest), (folder, &index.manifest))?;
            shards.add(folder, &index.manifest)?;
            manifests.push(index.manifest.clone());
            let (first_segment, Self { parts, manifest, segments, .. }) =
                (all.segments.len(), index);
            all.parts.extend(parts.into_iter().map(|part| OpenPart { first_segment, ..part }));
            for segment in segments {
                let first_docid = all.docids();
                all.push(segment.following(first_docid))?;
            }
            all.manifest.segments.extend(manifest.segments);
        }
        if all.parts.len() > 1 {
            all.manifest.properties.remove(SHARD);
            all.incomplete = incomplete(&manifests);
        }
        Ok(all)
    }

    /// The index folder; of several that are open together, the first one.
    pub fn folder(&self) -> &Path {
        self.parts.first().map_or(Path::new(""), |part| &part.folder)
    }

    /// How many shards of a collection these are, and how many there are, where some are missing:
    /// answers are then those of a part of the collection.
    pub fn incomplete(&self) -> Option<(usize, usize)> {
        self.incomplete
    }

    /// The folders of all indexes that are open together.
    pub fn folders(&self) -> impl ExactSizeIterator<Item = &Path> {
        self.parts.iter().map(|part| part.folder.as_path())
    }

    /// The index for messages: its folder, or how many there are.
    pub fn name(&self) -> String {
        let first = self.folder().display();
        match self.parts.len() {
            0 | 1 => first.to_string(),
            parts => format!("{first} and {} more", parts - 1),
        }
    }

    /// The folder of the index that a segment, given by its place, is of.
    pub fn folder_of(&self, segment: usize) -> &Path {
        let part = self.parts.partition_point(|part| part.first_segment <= segment);
        part.checked_sub(1).map_or(self.folder(), |part| &self.parts[part].folder)
    }

    /// The number of the generation. Of several indexes that are open together the sum, which each
    /// change of one of them raises.
    pub fn generation(&self) -> u64 {
        self.parts.iter().fold(0, |sum, part| sum.saturating_add(part.generation))
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
            let path = directory::generation_file(self.folder(), self.generation());
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
