//! The texts of the documents, by docid, and which of them are positives.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use spork_core::DocId;
use spork_files::{Error as FileError, LineBatch, LineError, Source, TextFormat, TextLine};
use spork_index::Index;
use spork_indexer::{Phase, Progress};

use crate::error::{Error, Result};
use crate::fingerprint::Fingerprint;
use crate::pairs::Pairs;

/// Bytes of input parsed as one task.
const BATCH: usize = 512 << 10;

/// Whether texts are given with their titles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TitleUse {
    /// Title and text.
    Keep,
    /// The text without its title.
    Leave,
}

/// The texts of an index's documents.
#[derive(Debug, Default)]
pub struct Corpus {
    /// By docid; none for deleted documents.
    documents: Vec<Option<Document>>,
    /// Documents in the files that the index does not have.
    pub foreign: u64,
}

#[derive(Clone, Debug)]
struct Document {
    text: Box<str>,
    /// Where the text proper begins, after the title.
    body: usize,
    whole_words: Fingerprint,
    body_words: Fingerprint,
}

/// A line of the corpus.
struct Parsed {
    line: u64,
    id: String,
    document: Document,
}

/// The document that a positive is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PositiveDocument {
    pub(crate) docid: DocId,
    /// Whether the positive is the document with or without its title.
    pub(crate) titles: TitleUse,
}

impl Corpus {
    /// Reads the texts of the documents of `index`.
    ///
    /// # Errors
    /// A file can't be read or a line is wrong; a document that appears twice or has no text.
    pub fn read(paths: &[PathBuf], index: &Index, progress: &dyn Progress) -> Result<Self> {
        progress.phase(Phase::ReadingTexts, Some(u64::from(index.documents())));
        let mut found: Vec<Option<Document>> = vec![None; index.docids() as usize];
        let mut foreign = 0;
        for path in paths {
            read_file(path, &mut |parsed| {
                progress.advance(1)?;
                let docid = index.find(&parsed.id)?;
                let Some(slot) = docid.and_then(|docid| found.get_mut(docid.0 as usize)) else {
                    foreign += 1;
                    return Ok(());
                };
                if slot.replace(parsed.document).is_some() {
                    let (path, line, docno) = (path.clone(), parsed.line, parsed.id);
                    return Err(Error::DuplicateDocno { path, line, docno });
                }
                Ok(())
            })?;
        }
        check_complete(&found, index)?;
        Ok(Self { documents: found, foreign })
    }

    /// Refuses files that can be read only once.
    ///
    /// # Errors
    /// One that is no plain file.
    pub fn check_files(paths: &[PathBuf]) -> Result<()> {
        for path in paths {
            let meta = path.metadata();
            if path == Path::new("-") || meta.is_ok_and(|meta| !meta.is_file() && !meta.is_dir()) {
                return Err(Error::NotAFile { path: path.clone() });
            }
        }
        Ok(())
    }

    /// Number of documents.
    pub fn len(&self) -> usize {
        self.documents.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.documents.is_empty()
    }

    /// The text of a document; empty if there is no such document.
    pub fn text(&self, docid: DocId, titles: TitleUse) -> &str {
        let Some(document) = self.document(docid) else { return "" };
        match titles {
            TitleUse::Keep => &document.text,
            TitleUse::Leave => &document.text[document.body..],
        }
    }

    fn document(&self, docid: DocId) -> Option<&Document> {
        self.documents.get(docid.0 as usize)?.as_ref()
    }

    /// Whether the document, with or without its title, is known to answer `query`.
    pub(crate) fn is_positive(&self, docid: DocId, query: usize, pairs: &Pairs) -> bool {
        self.document(docid).is_some_and(|document| {
            [document.whole_words, document.body_words]
                .iter()
                .any(|&words| pairs.is_positive(query, words))
        })
    }

    /// By positive: the first document that it is, with its title if that is possible.
    pub(crate) fn positive_documents(&self, positives: &[String]) -> Vec<Option<PositiveDocument>> {
        let words: Vec<Fingerprint> =
            positives.par_iter().map(|text| Fingerprint::of(text)).collect();
        let mut found: HashMap<Fingerprint, Option<PositiveDocument>> =
            words.iter().map(|&words| (words, None)).collect();
        for titles in [TitleUse::Keep, TitleUse::Leave] {
            for (docid, document) in self.documents.iter().enumerate() {
                let Some(document) = document else { continue };
                let words = match titles {
                    TitleUse::Keep => document.whole_words,
                    TitleUse::Leave => document.body_words,
                };
                if let Some(first @ None) = found.get_mut(&words) {
                    *first = Some(PositiveDocument { docid: DocId(docid as u32), titles });
                }
            }
        }
        words.iter().map(|words| found.get(words).copied().flatten()).collect()
    }
}

fn check_complete(found: &[Option<Document>], index: &Index) -> Result<()> {
    let mut missing = index.living()?;
    missing.retain(|docid| found.get(docid.0 as usize).is_none_or(Option::is_none));
    let Some(&first) = missing.first() else { return Ok(()) };
    Err(Error::MissingText {
        index: index.folder().to_owned(),
        missing: missing.len(),
        documents: index.documents() as usize,
        docno: index.docno(first)?.to_owned(),
    })
}

/// Hands every line of a file to `take`, in order; lines are parsed in parallel.
fn read_file(path: &Path, take: &mut dyn FnMut(Parsed) -> Result<()>) -> Result<()> {
    let mut source = Source::open(path)?;
    let format = TextFormat::detect(&mut source)?;
    loop {
        let mut batches = Vec::new();
        while batches.len() < 2 * rayon::current_num_threads() {
            let Some(batch) = source.next_batch(BATCH)? else { break };
            batches.push(batch);
        }
        if batches.is_empty() {
            return Ok(());
        }
        let parsed: Vec<_> = batches.par_iter().map(|batch| parse_batch(batch, format)).collect();
        for line in parsed.into_iter().flatten() {
            let line = line.map_err(|(line, error)| FileError::line(path, line, error))?;
            take(line)?;
        }
    }
}

fn parse_batch(
    batch: &LineBatch,
    format: TextFormat,
) -> Vec<std::result::Result<Parsed, (u64, LineError)>> {
    let parse = |i| {
        let line = batch.get(i);
        let text = TextLine::parse(format, line).map_err(|error| (line.number, error))?;
        let whole_words = Fingerprint::of(&text.text);
        let body_words =
            if text.body == 0 { whole_words } else { Fingerprint::of(&text.text[text.body..]) };
        let document =
            Document { body: text.body, text: text.text.into(), whole_words, body_words };
        Ok(Parsed { line: line.number, id: text.id.into_owned(), document })
    };
    (0..batch.len()).map(parse).collect()
}
