//! The encoder that vectors files record, and what may stand together.
//!
//! Vectors name their encoder in the header of a binary file or in a file beside them. Indexing
//! copies it into the index; vectors of another encoder are refused there.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use spork_model::{ArithmeticMismatch, Comparison, EncoderRecord};
use spork_vectors::binary::Header;
use spork_vectors::{recorded_encoder, recorded_shard};

use crate::{Error, Result};

/// The file beside `vectors` that holds the encoder's identity as JSON: `NAME.model.json`.
pub fn encoder_file(vectors: &Path) -> PathBuf {
    let mut name = vectors.as_os_str().to_owned();
    name.push(".model.json");
    name.into()
}

/// The encoder that a vectors file records, in its header or beside it.
///
/// # Errors
/// A file that can't be read, or a record that is no JSON.
pub fn encoder_of(vectors: &Path) -> Result<Option<EncoderRecord>> {
    // Pipes can be read once only.
    if vectors.is_file()
        && let Some(record) = recorded_encoder(vectors)?
    {
        return Ok(Some(record.into()));
    }
    let path = encoder_file(vectors);
    let json = match std::fs::read_to_string(&path) {
        Ok(json) => json,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(spork_files::Error::io(&path, error).into()),
    };
    match EncoderRecord::parse(&json) {
        Ok(record) => Ok(Some(record)),
        Err(source) => Err(Error::EncoderFile { path, source }),
    }
}

/// That of an encoding in parts all are here, each once: statistics and shards are of the whole
/// collection.
///
/// # Errors
/// They are not, or a file can't be read.
pub fn check_parts(inputs: &[PathBuf]) -> Result<()> {
    let mut found: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
    let mut files = 0;
    let mut first = None;
    for input in inputs.iter().filter(|input| input.is_file()) {
        let Some(shard) = recorded_shard(input)? else { continue };
        found.entry(shard.count()).or_default().insert(shard.index());
        first.get_or_insert((input, shard));
        files += 1;
    }
    let Some((path, shard)) = first else { return Ok(()) };
    let got: usize = found.values().map(BTreeSet::len).sum();
    if found.len() == 1 && got == shard.count() && files == got {
        return Ok(());
    }
    let (path, part) = (path.display().to_string(), shard.to_string());
    Err(Error::Parts { path, part, all: shard.count(), got })
}

/// The one encoder that these vectors files name, if they do; where `allow_mismatch`, its
/// arithmetic may be of several kinds. Warns of files that name none beside others that do.
///
/// # Errors
/// They name several; else as [`encoder_of`].
pub fn common_encoder(inputs: &[PathBuf], allow_mismatch: bool) -> Result<Option<EncoderRecord>> {
    let mut seen: Option<(&PathBuf, EncoderRecord)> = None;
    let mut silent = Vec::new();
    for input in inputs {
        let Some(record) = encoder_of(input)? else {
            silent.push(input);
            continue;
        };
        seen = Some(match seen {
            Some((other, known)) => {
                let names = [other, input].map(|path| path.display().to_string());
                (input, join_encoders(&known, &record, names, allow_mismatch)?)
            }
            None => (input, record),
        });
    }
    if let (Some((path, _)), Some(first)) = (&seen, silent.first()) {
        tracing::warn!(
            "{} of {} inputs, the first of them {}, do not record their encoder; that of {} is \
             taken for all",
            silent.len(),
            inputs.len(),
            first.display(),
            path.display()
        );
    }
    Ok(seen.map(|(_, record)| record))
}

/// The record of vectors of two encoders that are to stand together, which `names` call by where
/// they are. Warns of a mixture.
///
/// # Errors
/// They are two, or one whose arithmetic differs, unless `allow_mismatch`.
pub fn join_encoders(
    one: &EncoderRecord,
    other: &EncoderRecord,
    names: [String; 2],
    allow_mismatch: bool,
) -> Result<EncoderRecord> {
    let (one_arithmetic, other_arithmetic) = (one.arithmetic(), other.arithmetic());
    let [one_name, other_name] = names;
    match one.compare(other) {
        Comparison::Same => Ok(one.clone()),
        Comparison::Mixture(mixture) if allow_mismatch => {
            tracing::warn!("{one_name} and {other_name}: a mixture of {}", mixture.arithmetic());
            Ok(mixture)
        }
        Comparison::Mixture(_) => Err(Error::Mixture(Box::new(ArithmeticMismatch {
            one: one_name,
            one_arithmetic,
            other: other_name,
            other_arithmetic,
        }))),
        Comparison::Other => Err(Error::OtherEncoder {
            one: one_name,
            other: other_name,
            differences: differences(one, other),
        }),
    }
}

/// What differs between two encoders, by name.
fn differences(one: &EncoderRecord, other: &EncoderRecord) -> String {
    let header = |record: &EncoderRecord| Header {
        encoder: Some(record.clone().into_json()),
        ..Header::default()
    };
    header(one).differences(&header(other)).join(", ")
}
