//! Anserini's JsonVectorCollection as a folder: all its files, in the order of their names.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::format::Format;

/// The files of JSON in a folder and the folders in it. Files of other names are told, and hidden
/// ones left alone.
///
/// # Errors
/// The folder can't be read, or has none.
pub(crate) fn files(folder: &Path) -> Result<VecDeque<PathBuf>> {
    let (mut found, mut others) = (Vec::new(), Vec::new());
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let io = |error| Error::io(&folder, error);
        for entry in std::fs::read_dir(&folder).map_err(io)? {
            let path = entry.map_err(io)?.path();
            let hidden = path.file_name().is_some_and(|name| name.as_encoded_bytes()[0] == b'.');
            if hidden {
                continue;
            }
            if path.is_dir() {
                folders.push(path);
            } else if Format::of_name(&path) == Some(Format::Jsonl) {
                found.push(path);
            } else {
                others.push(path);
            }
        }
    }
    if found.is_empty() {
        return Err(Error::Format {
            path: folder.to_owned(),
            fault: "a folder without .json or .jsonl files; expected a file of vectors, or \
                    Anserini's JsonVectorCollection"
                .to_owned(),
        });
    }
    if let Some(other) = others.iter().min() {
        tracing::warn!(
            "{}: {} files left out that are not named .json or .jsonl, such as {}",
            folder.display(),
            others.len(),
            other.display()
        );
    }
    found.sort();
    Ok(found.into())
}
