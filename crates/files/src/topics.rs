//! A file of topics as a whole: ids and texts, no id twice.

use std::collections::HashMap;
use std::path::Path;

use crate::error::{Error, LineError, Result};
use crate::source::Source;
use crate::text::{TextFormat, TextLine};

/// The lines of ids seen, so that none is taken twice.
#[derive(Debug, Default)]
pub struct SeenIds(HashMap<String, u64>);

impl SeenIds {
    /// Notes the id of line `line` of `path`.
    ///
    /// # Errors
    /// An earlier line has it.
    pub fn add(&mut self, id: &str, path: &Path, line: u64) -> Result<()> {
        let Some(earlier) = self.0.insert(id.to_owned(), line) else { return Ok(()) };
        Err(Error::line(path, line, LineError::Repeated { id: id.to_owned(), earlier }))
    }
}

/// Reads topics, each with its id: `qid<TAB>text` or BEIR's `queries.jsonl`, plain, gzip or zstd.
///
/// # Errors
/// A line that is neither, with its number; an id that comes twice; a file without a topic.
pub fn read_topics(path: &Path) -> Result<Vec<(String, String)>> {
    let mut source = Source::open(path)?;
    let format = TextFormat::detect(&mut source)?;
    let (mut topics, mut qids, mut buffer) = (Vec::new(), SeenIds::default(), Vec::new());
    while let Some(line) = source.next_line(&mut buffer)? {
        let topic = TextLine::parse(format, line)
            .map_err(|error| Error::line(source.path(), line.number, error))?;
        qids.add(&topic.id, source.path(), line.number)?;
        topics.push((topic.id.into_owned(), topic.text.into_owned()));
    }
    if topics.is_empty() {
        return Err(Error::NoQuery { path: path.to_owned() });
    }
    Ok(topics)
}
