//! What vectors and indexes record about the encoder behind them.
//!
//! `spork encode --output FILE` writes the encoder's identity beside the vectors as `FILE.model.json`, or into the
//! header of a binary file. Indexing copies it into the index, and a search from text refuses an encoder that does not
//! fit.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use spork_files::Source;
use spork_index::Manifest;
use spork_vectors::binary::{BinaryReader, is_binary};

/// The key of the encoder's identity in an index's properties.
const ENCODER: &str = "encoder";

/// Where the identity of the vectors in `vectors` stands.
pub fn sidecar(vectors: &Path) -> PathBuf {
    let mut name = vectors.as_os_str().to_owned();
    name.push(".model.json");
    name.into()
}

/// The properties of an index of these vectors files: the one encoder that they all name, if they do.
pub fn properties(inputs: &[PathBuf]) -> Result<BTreeMap<String, String>> {
    Ok(common_identity(inputs)?.map(|identity| (ENCODER.to_owned(), identity)).into_iter().collect())
}

/// The one encoder that these vectors files name, if they do.
pub(crate) fn common_identity(inputs: &[PathBuf]) -> Result<Option<String>> {
    let mut seen: Option<(&PathBuf, String)> = None;
    for input in inputs {
        let Some(identity) = identity(input)? else { continue };
        match &seen {
            Some((other, known)) if *known != identity => bail!(
                "{} and {} come from different encoders: {known} and {identity}; take them apart",
                other.display(),
                input.display()
            ),
            _ => seen = Some((input, identity)),
        }
    }
    Ok(seen.map(|(_, identity)| identity))
}

/// The identity of the encoder that filled a vectors file, as JSON, if it is known.
fn identity(vectors: &Path) -> Result<Option<String>> {
    // Pipes can be read once only.
    if vectors.is_file() {
        let mut source = Source::open(vectors)?;
        if is_binary(&mut source)? {
            let reader = BinaryReader::from_source(source)?;
            return Ok(reader.header().encoder.as_ref().map(ToString::to_string));
        }
    }
    let path = sidecar(vectors);
    let identity = match std::fs::read_to_string(&path) {
        Ok(identity) => identity,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error).with_context(|| path.display().to_string()),
    };
    let identity: serde_json::Value = serde_json::from_str(&identity)
        .with_context(|| format!("{}: expected the encoder's identity as JSON", path.display()))?;
    Ok(Some(identity.to_string()))
}

/// The identity of the encoder that an index was made with, as JSON.
pub fn encoder(manifest: &Manifest) -> Option<&str> {
    manifest.properties.get(ENCODER).map(String::as_str)
}

/// The encoder's name, for messages.
pub fn encoder_name(manifest: &Manifest) -> Option<String> {
    let identity: serde_json::Value = serde_json::from_str(encoder(manifest)?).ok()?;
    Some(identity.get("name")?.as_str()?.to_owned())
}
