//! One training pair a line: a query, a text that answers it, and the negatives that were mined for
//! it.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::error::LineError;
use crate::json;
use crate::line::Line;

const EXPECTED: &str =
    r#"{"query": text, "positive": text, "negatives"?: [text, …], "scores"?: [number, …]}"#;

/// A line `{"query", "positive", "negatives"?, "scores"?}`. Other keys are left alone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PairLine<'a> {
    /// The query.
    #[serde(borrow)]
    pub query: Cow<'a, str>,
    /// The text that answers it.
    #[serde(borrow)]
    pub positive: Cow<'a, str>,
    /// Texts that do not answer it.
    #[serde(borrow, default)]
    pub negatives: Vec<Cow<'a, str>>,
    /// A teacher's scores of the positive and the negatives, in this order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scores: Option<Vec<f64>>,
}

impl<'a> PairLine<'a> {
    /// Reads one line.
    ///
    /// # Errors
    /// Not the JSON of a pair, an empty text, or scores that are not one number each, finite in 32
    /// bits.
    pub fn parse(line: Line<'a>) -> Result<Self, LineError> {
        let text = line.text()?;
        let pair: Self =
            serde_json::from_str(text).map_err(|error| json::error(EXPECTED, text, &error))?;
        pair.check_texts()?;
        pair.check_scores()?;
        Ok(pair)
    }

    fn check_texts(&self) -> Result<(), LineError> {
        let negatives = self.negatives.iter().map(|negative| ("a negative", negative));
        let texts = [("the query", &self.query), ("the positive", &self.positive)];
        match texts.into_iter().chain(negatives).find(|(_, text)| text.trim().is_empty()) {
            Some((name, _)) => {
                Err(LineError::Json(format!("{name} is empty; expected {EXPECTED}")))
            }
            None => Ok(()),
        }
    }

    fn check_scores(&self) -> Result<(), LineError> {
        let Some(scores) = &self.scores else { return Ok(()) };
        let finite = scores.iter().all(|&score| (score as f32).is_finite());
        if finite && scores.len() == self.negatives.len() + 1 {
            return Ok(());
        }
        Err(LineError::Json(format!(
            "{} scores for a positive and {} negatives; expected one finite number each",
            scores.len(),
            self.negatives.len()
        )))
    }

    /// The pair as a line of JSON with its line end.
    pub fn to_bytes(&self) -> Vec<u8> {
        // Strings and numbers can't fail to be JSON.
        let mut line = serde_json::to_vec(self).unwrap_or_default();
        line.push(b'\n');
        line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<PairLine<'_>, String> {
        PairLine::parse(Line { number: 1, bytes: line.as_bytes() })
            .map_err(|error| error.to_string())
    }

    #[test]
    fn pairs_are_written_as_they_are_read() {
        for line in [
            r#"{"query":"q","positive":"p","negatives":[]}"#,
            r#"{"query":"a \"q\"","positive":"p","negatives":["n","m"],"scores":[1.5,-2.0,0.25]}"#,
        ] {
            let written = parse(line).unwrap().to_bytes();
            assert_eq!(String::from_utf8(written).unwrap(), format!("{line}\n"));
        }
        let bare = parse(r#"{"query": "q", "kind": 3, "positive": "p"}"#).unwrap();
        assert_eq!((bare.negatives.len(), bare.scores), (0, None));
    }

    #[test]
    fn every_bad_line_is_named() {
        for (line, says) in [
            (r#"{"query": "q"}"#, "column 14: missing field `positive`; expected {"),
            (r#"{"query": 3, "positive": "p"}"#, "column 11: invalid type: integer `3`"),
            ("a\tb", "column 1: expected value"),
            (r#"{"query": " ", "positive": "p"}"#, "the query is empty; expected {"),
            (r#"{"query": "q", "positive": ""}"#, "the positive is empty"),
            (r#"{"query": "q", "positive": "p", "negatives": [""]}"#, "a negative is empty"),
            (
                r#"{"query": "q", "positive": "p", "scores": [1, 2]}"#,
                "2 scores for a positive and 0 negatives",
            ),
            (
                r#"{"query": "q", "positive": "p", "scores": [1e39]}"#,
                "expected one finite number each",
            ),
        ] {
            let error = parse(line).unwrap_err();
            assert!(error.contains(says), "{line}: {error}");
        }
    }
}
