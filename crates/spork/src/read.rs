//! Reading topics and judgments from files.

use std::path::Path;

use spork_eval::Qrels;
use spork_files::{Error as FileError, Source, TextFormat, TextLine};

use crate::Result;

/// Reads topics, each with its id: `qid<TAB>text` or BEIR's `queries.jsonl`, plain, gzip or zstd.
///
/// # Errors
/// A line that is neither, with its number.
pub fn read_topics(path: impl AsRef<Path>) -> Result<Vec<(String, String)>> {
    let mut source = Source::open(path.as_ref())?;
    let format = TextFormat::detect(&mut source)?;
    let (mut topics, mut buffer) = (Vec::new(), Vec::new());
    while let Some(line) = source.next_line(&mut buffer)? {
        let topic = TextLine::parse(format, line)
            .map_err(|error| FileError::line(source.path(), line.number, error))?;
        topics.push((topic.id.into_owned(), topic.text.into_owned()));
    }
    Ok(topics)
}

/// Reads relevance judgments: TREC's four columns, or BEIR's three with their header.
///
/// # Errors
/// A line that is neither, with its number.
pub fn read_qrels(path: impl AsRef<Path>) -> Result<Qrels> {
    Ok(Qrels::read(&mut Source::open(path.as_ref())?)?)
}
