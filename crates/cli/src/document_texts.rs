//! Texts of a few documents, looked up in a file.

use std::collections::HashMap;
use std::path::Path;

use anyhow::Result;
use spork_files::{Error, Source, TextFormat, TextLine};

/// The texts of these documents in a file of texts; documents that it lacks are left out.
///
/// # Errors
/// The file can't be read, or has a line that is no text.
pub(crate) fn find(path: &Path, docnos: &[String]) -> Result<HashMap<String, String>> {
    let mut source = Source::open(path)?;
    let format = TextFormat::detect(&mut source)?;
    let (mut texts, mut buffer) = (HashMap::new(), Vec::new());
    while let Some(line) = source.next_line(&mut buffer)? {
        let number = line.number;
        let text = TextLine::parse(format, line);
        let text = text.map_err(|error| Error::line(source.path(), number, error))?;
        if docnos.iter().any(|docno| *docno == text.id) {
            texts.insert(text.id.into_owned(), text.text.into_owned());
        }
    }
    Ok(texts)
}
