//! Raw text, one a line.

use std::path::Path;

use spork_files::Source;

use crate::error::Result;
use crate::texts::Texts;

/// Adds the lines of a file that are not blank.
///
/// # Errors
/// The file can't be read, or a line is no UTF-8.
pub fn read_texts(path: &Path, texts: &mut Texts) -> Result<()> {
    let mut source = Source::open(path)?;
    let mut buffer = Vec::new();
    while let Some(line) = source.next_line(&mut buffer)? {
        let number = line.number;
        let text =
            line.text().map_err(|error| spork_files::Error::line(source.path(), number, error))?;
        if !text.trim().is_empty() {
            texts.push(text.trim());
        }
    }
    Ok(())
}
