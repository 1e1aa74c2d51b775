//! Reading the small JSON files of a model directory, with the file's name in every error.

use std::path::Path;

use serde::de::DeserializeOwned;
use spork_files::Foreign;

use crate::error::{ModelError, Result};

/// Reads a file that must be there.
pub(crate) fn read<T: DeserializeOwned>(path: &Path) -> Result<T> {
    parse(path, &bytes(path)?)
}

/// Reads a file that may be absent.
pub(crate) fn read_optional<T: DeserializeOwned>(path: &Path) -> Result<Option<T>> {
    match std::fs::read(path) {
        Ok(bytes) => parse(path, &checked(path, bytes)?).map(Some),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(ModelError::io(path, source)),
    }
}

/// The bytes of a small file of the model, which is what its name says.
pub(crate) fn bytes(path: &Path) -> Result<Vec<u8>> {
    let bytes = std::fs::read(path).map_err(|source| ModelError::io(path, source))?;
    checked(path, bytes)
}

/// Refuses pointers, archives and web pages; drops a byte order mark.
fn checked(path: &Path, mut bytes: Vec<u8>) -> Result<Vec<u8>> {
    check_kind(path, &bytes)?;
    if bytes.starts_with(b"\xef\xbb\xbf") {
        bytes.drain(..3);
    }
    Ok(bytes)
}

/// Refuses a file of the model whose first bytes say that it is something else.
pub(crate) fn check_kind(path: &Path, head: &[u8]) -> Result<()> {
    match Foreign::of(head) {
        Some(foreign) => Err(ModelError::Foreign { path: path.to_owned(), foreign }),
        None => Ok(()),
    }
}

/// Parses the bytes of `path`.
pub(crate) fn parse<T: DeserializeOwned>(path: &Path, bytes: &[u8]) -> Result<T> {
    serde_json::from_slice(bytes)
        .map_err(|source| ModelError::Json { path: path.to_owned(), source })
}
