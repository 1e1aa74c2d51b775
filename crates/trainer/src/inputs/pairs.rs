//! Pairs as JSONL: see [`PairLine`].

use std::path::Path;

use spork_files::{Error, PairLine, Source};

use crate::error::Result;
use crate::examples::{Example, Examples};

/// Adds the examples of a file.
///
/// # Errors
/// The file can't be read, or a line is no pair: with its number, the expected and the found
/// content.
pub fn read_pairs(path: &Path, examples: &mut Examples) -> Result<()> {
    let mut source = Source::open(path)?;
    let mut buffer = Vec::new();
    while let Some(line) = source.next_line(&mut buffer)? {
        let number = line.number;
        let pair =
            PairLine::parse(line).map_err(|error| Error::line(source.path(), number, error))?;
        let query = examples.queries.intern(&pair.query);
        let positive = examples.documents.intern(&pair.positive);
        let negatives = pair.negatives.iter().map(|text| examples.documents.intern(text)).collect();
        let scores =
            pair.scores.unwrap_or_default().into_iter().map(|score| score as f32).collect();
        examples.list.push(Example { query, positive, negatives, scores });
    }
    Ok(())
}
