//! Reading topics and judgments from files.

use std::path::Path;

use spork_eval::{Qrels, Run};
use spork_files::Source;

use crate::Result;

/// Reads topics, each with its id: `qid<TAB>text` or BEIR's `queries.jsonl`, plain, gzip or zstd.
///
/// # Errors
/// A line that is neither, with its number; an id that comes twice; a file without a topic.
pub fn read_topics(path: impl AsRef<Path>) -> Result<Vec<(String, String)>> {
    Ok(spork_files::read_topics(path.as_ref())?)
}

/// Reads relevance judgments: TREC's four columns, or BEIR's three with their header.
///
/// # Errors
/// A line that is neither, with its number.
pub fn read_qrels(path: impl AsRef<Path>) -> Result<Qrels> {
    Ok(Qrels::read(&mut Source::open(path.as_ref())?)?)
}

/// Reads a run: TREC's six columns, or MS MARCO's three.
///
/// # Errors
/// A line that is neither, with its number.
pub fn read_run(path: impl AsRef<Path>) -> Result<Run> {
    Ok(Run::read(&mut Source::open(path.as_ref())?)?)
}
