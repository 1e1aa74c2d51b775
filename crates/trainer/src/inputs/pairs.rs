//! Pairs as JSONL: {"query", "positive", "negatives"?, "scores"?}.

use std::borrow::Cow;
use std::path::Path;

use serde::Deserialize;
use spork_files::{LineError, Source};

use crate::error::Result;
use crate::examples::{Example, Examples};

/// A line; other keys are left alone.
#[derive(Deserialize)]
struct Record<'a> {
    #[serde(borrow)]
    query: Cow<'a, str>,
    #[serde(borrow)]
    positive: Cow<'a, str>,
    #[serde(borrow, default)]
    negatives: Vec<Cow<'a, str>>,
    #[serde(default)]
    scores: Option<Vec<f32>>,
}

/// Adds the examples of a file.
///
/// # Errors
/// The file can't be read, or a line is no pair: with its number, what was expected and what stands there.
pub fn read_pairs(path: &Path, examples: &mut Examples) -> Result<()> {
    let mut source = Source::open(path)?;
    let mut buffer = Vec::new();
    while let Some(line) = source.next_line(&mut buffer)? {
        let number = line.number;
        let parsed = line.text().and_then(parse);
        let record = parsed.map_err(|error| spork_files::Error::line(source.path(), number, error))?;
        let query = examples.queries.intern(&record.query);
        let positive = examples.documents.intern(&record.positive);
        let negatives = record.negatives.iter().map(|text| examples.documents.intern(text)).collect();
        examples.list.push(Example { query, positive, negatives, scores: record.scores.unwrap_or_default() });
    }
    Ok(())
}

fn parse(text: &str) -> std::result::Result<Record<'_>, LineError> {
    const EXPECTED: &str =
        r#"{"query": text, "positive": text, "negatives"?: [text, …], "scores"?: [number, …]}"#;
    let record: Record<'_> = serde_json::from_str(text)
        .map_err(|error| LineError::Json(format!("{error}; expected {EXPECTED}")))?;
    let empty = |text: &str| text.trim().is_empty();
    if empty(&record.query) || empty(&record.positive) || record.negatives.iter().any(|text| empty(text)) {
        return Err(LineError::Json(format!("an empty text; expected {EXPECTED}")));
    }
    if let Some(scores) = &record.scores
        && (scores.len() != record.negatives.len() + 1 || scores.iter().any(|score| !score.is_finite()))
    {
        return Err(LineError::Json(format!(
            "{} scores for a positive and {} negatives; expected one finite number each",
            scores.len(),
            record.negatives.len()
        )));
    }
    Ok(record)
}
