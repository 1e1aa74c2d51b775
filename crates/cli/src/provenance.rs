//! The record of the encoder in vectors and indexes.
//!
//! `spork encode --output FILE` writes the encoder's identity beside the vectors as
//! `FILE.model.json`, or into the header of a binary file. Indexing copies it into the index, and a
//! search from text refuses an encoder that does not fit.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use spork_files::Output;
use spork_index::{Field, Manifest};
use spork_model::{ArithmeticMismatch, Comparison, EncoderRecord};
use spork_vectors::binary::Header;
use spork_vectors::recorded_encoder;

/// The file beside `vectors` that holds the encoder's identity.
pub(crate) fn sidecar(vectors: &Path) -> PathBuf {
    let mut name = vectors.as_os_str().to_owned();
    name.push(".model.json");
    name.into()
}

/// Writes the record of the encoder beside `vectors`; without one, removes what an earlier output
/// of that name left there.
pub(crate) fn write_sidecar(vectors: &Path, record: Option<&EncoderRecord>) -> Result<()> {
    let path = sidecar(vectors);
    let Some(record) = record else {
        return match std::fs::remove_file(&path) {
            Err(error) if path.exists() => Err(error).with_context(|| path.display().to_string()),
            _ => Ok(()),
        };
    };
    let mut file = Output::open(Some(&path))?;
    writeln!(file, "{record}")?;
    Ok(file.finish()?)
}

/// The properties of an index of these vectors files: their [`common_record`].
pub(crate) fn properties(
    inputs: &[PathBuf],
    allow_mismatch: bool,
) -> Result<BTreeMap<String, String>> {
    let record = common_record(inputs, allow_mismatch)?;
    Ok(record.map(|record| record.property()).into_iter().collect())
}

/// The one encoder that these vectors files name, if they do; where `allow_mismatch`, its
/// arithmetic may be of several kinds.
pub(crate) fn common_record(
    inputs: &[PathBuf],
    allow_mismatch: bool,
) -> Result<Option<EncoderRecord>> {
    let mut seen: Option<(&PathBuf, EncoderRecord)> = None;
    let mut silent = Vec::new();
    for input in inputs {
        let Some(record) = record(input)? else {
            silent.push(input);
            continue;
        };
        seen = Some(match seen {
            Some((other, known)) => {
                let names = [other, input].map(|path| path.display().to_string());
                (input, join(&known, &record, names, allow_mismatch)?)
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

/// The record of vectors of two encoders in one file, which `names` call by their files.
///
/// # Errors
/// They are two, or one whose arithmetic differs, unless `allow_mismatch`.
pub(crate) fn join(
    one: &EncoderRecord,
    other: &EncoderRecord,
    names: [String; 2],
    allow_mismatch: bool,
) -> Result<EncoderRecord> {
    match one.compare(other) {
        Comparison::Same => Ok(one.clone()),
        Comparison::Mixture(mixture) if allow_mismatch => {
            tracing::warn!("{} and {}: a mixture of {}", names[0], names[1], mixture.arithmetic());
            Ok(mixture)
        }
        Comparison::Mixture(_) => bail!(mixture_refused(one, other, names)),
        Comparison::Other => bail!(
            "{} and {} come from different encoders: {}; keep them apart",
            names[0],
            names[1],
            differences(one, other)
        ),
    }
}

/// Says that vectors of one encoder differ in their arithmetic.
fn mixture_refused(
    one: &EncoderRecord,
    other: &EncoderRecord,
    names: [String; 2],
) -> ArithmeticMismatch {
    let (one_arithmetic, other_arithmetic) = (one.arithmetic(), other.arithmetic());
    let [one, other] = names;
    ArithmeticMismatch { one, one_arithmetic, other, other_arithmetic }
}

/// What differs between two encoders, by name.
fn differences(one: &EncoderRecord, other: &EncoderRecord) -> String {
    let header = |record: &EncoderRecord| Header {
        encoder: Some(record.clone().into_json()),
        ..Header::default()
    };
    header(one).differences(&header(other)).join(", ")
}

/// The encoder that a vectors file records, in its header or beside it.
pub(crate) fn record(vectors: &Path) -> Result<Option<EncoderRecord>> {
    // Pipes can be read once only.
    if vectors.is_file()
        && let Some(record) = recorded_encoder(vectors)?
    {
        return Ok(Some(record.into()));
    }
    let path = sidecar(vectors);
    let json = match std::fs::read_to_string(&path) {
        Ok(json) => json,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error).with_context(|| path.display().to_string()),
    };
    let record = EncoderRecord::parse(&json)
        .with_context(|| format!("{}: expected the encoder's identity as JSON", path.display()))?;
    Ok(Some(record))
}

/// The encoder that an index records.
pub(crate) fn encoder(manifest: &Manifest) -> Result<Option<EncoderRecord>> {
    let record = |field: &Field| EncoderRecord::of_properties(&field.properties).transpose();
    let record = manifest.fields.iter().find_map(record).transpose();
    record.context("the encoder that the index records")
}

/// The encoder's name, for messages.
pub(crate) fn encoder_name(manifest: &Manifest) -> Option<String> {
    encoder(manifest).ok().flatten()?.name().map(str::to_owned)
}
