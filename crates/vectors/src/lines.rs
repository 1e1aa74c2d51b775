//! Files of one vector a line, and of JSON objects in other shapes, as blocks.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use spork_core::SparseVector;
use spork_files::{Error as FileError, Line, LineError, Source};

use crate::binary::{BLOCK, Block, NumberedVector};
use crate::error::{Error, Result};
use crate::objects::ObjectReader;
use crate::terms::NamedTerms;
use crate::vector::{VectorFormat, VectorLine};

/// Weights of a block, so that a few long vectors do not fill the memory.
const BLOCK_WEIGHTS: usize = 1 << 20;

/// Reads vectors one after the other.
pub(crate) struct LineReader {
    records: Records,
    format: VectorFormat,
    /// The ids of vectors that have only a text, by that text.
    keys: Option<Keys>,
    terms: NamedTerms,
    buffer: Vec<u8>,
    zeros: u64,
}

/// Where records come from.
pub(crate) enum Records {
    /// One a line.
    Lines(Source),
    /// JSON objects, on as many lines as they like, in an array or not, in several files or one.
    Objects(ObjectReader),
}

impl Records {
    fn next<'a>(&mut self, buffer: &'a mut Vec<u8>) -> Result<Option<Line<'a>>> {
        match self {
            Self::Lines(source) => Ok(source.next_line(buffer)?),
            Self::Objects(objects) => objects.next(buffer),
        }
    }

    fn path(&self) -> &Path {
        match self {
            Self::Lines(source) => source.path(),
            Self::Objects(objects) => objects.path(),
        }
    }
}

/// Topics by their text, as Pyserini looks encoded queries up.
pub(crate) struct Keys {
    ids: HashMap<String, Vec<String>>,
    found: HashSet<String>,
    /// Texts of no topic.
    strange: u64,
}

impl Keys {
    pub(crate) fn read(topics: &Path) -> Result<Self> {
        let mut ids: HashMap<String, Vec<String>> = HashMap::new();
        for (qid, text) in spork_files::read_topics(topics)? {
            ids.entry(text.trim().to_owned()).or_default().push(qid);
        }
        Ok(Self { ids, found: HashSet::new(), strange: 0 })
    }
}

impl LineReader {
    pub(crate) fn new(records: Records, format: VectorFormat, keys: Option<Keys>) -> Self {
        let terms = NamedTerms::default();
        Self { records, format, keys, terms, buffer: Vec::new(), zeros: 0 }
    }

    pub(crate) fn next_block(&mut self) -> Result<Option<Block>> {
        let mut block = Block::default();
        let mut weights = 0;
        let Self { records, format, keys, terms, buffer, zeros } = self;
        while block.vectors.len() < BLOCK && weights < BLOCK_WEIGHTS {
            let Some(line) = records.next(buffer)? else { break };
            let number = line.number;
            let fail = |error: LineError| FileError::line(records.path(), number, error);
            let (ids, vector) = match keys {
                None => {
                    let vector = VectorLine::parse(*format, line).map_err(fail)?;
                    (vec![vector.id.clone().into_owned()], vector)
                }
                Some(keys) => {
                    let vector = VectorLine::parse_encoded_query(line).map_err(fail)?;
                    (keys.ids_of(&vector.id).map_err(fail)?, vector)
                }
            };
            *zeros += vector.zeros as u64;
            weights += vector.weights.len();
            let entries = vector.weights.iter().map(|(term, weight)| (terms.number(term), *weight));
            // The line's reader has checked weights already.
            let vector = SparseVector::new(entries.collect()).unwrap_or_default();
            let vectors = ids.into_iter().map(|id| NumberedVector { id, vector: vector.clone() });
            block.vectors.extend(vectors);
        }
        block.new_terms = self.terms.take_new();
        if block.vectors.is_empty() && block.new_terms.is_empty() {
            return self.end().map(|()| None);
        }
        Ok(Some(block))
    }

    fn end(&mut self) -> Result<()> {
        let path = self.records.path();
        if self.zeros > 0 {
            tracing::warn!("{}: {} weights of zero left out", path.display(), self.zeros);
            self.zeros = 0;
        }
        self.keys.take().map_or(Ok(()), |keys| keys.check(path))
    }
}

impl Keys {
    /// The topics of a text, none for a text of no topic.
    fn ids_of(&mut self, text: &str) -> std::result::Result<Vec<String>, LineError> {
        let text = text.trim();
        let Some(ids) = self.ids.get(text) else {
            self.strange += 1;
            return Ok(Vec::new());
        };
        if !self.found.insert(text.to_owned()) {
            let text: String = text.chars().take(60).collect();
            return Err(LineError::Json(format!("a second vector of the text {text:?}")));
        }
        Ok(ids.clone())
    }

    /// Checks that every topic has a vector, and tells of vectors that no topic has.
    fn check(self, path: &Path) -> Result<()> {
        let lacks = self.ids.iter().find(|(text, _)| !self.found.contains(*text));
        if let Some((text, ids)) = lacks {
            let missing = self.ids.len() - self.found.len();
            let text: String = text.chars().take(60).collect();
            return Err(Error::fault(
                path,
                "the end",
                format!(
                    "{missing} topics have no vector, such as {:?}, {text:?}; give the topics that \
                     were encoded",
                    ids[0]
                ),
            ));
        }
        if self.strange > 0 {
            tracing::warn!(
                "{}: {} vectors left out: their texts are those of no topic",
                path.display(),
                self.strange
            );
        }
        Ok(())
    }
}
