//! The record of the encoder beside vectors, and that of an index.
//!
//! `spork encode --output FILE` writes the encoder's identity beside the vectors as
//! `FILE.model.json`, or into the header of a binary file. Indexing copies it into the index, and a
//! search from text refuses an encoder that does not fit.

use std::io::Write;
use std::path::Path;

use anyhow::{Context, Result};
use spork_files::Output;
use spork_index::{Field, Manifest};
use spork_model::EncoderRecord;
use spork_search::encoder_file;

/// Writes the record of the encoder beside `vectors`; without one, removes what an earlier output
/// of that name left there.
pub(crate) fn write_sidecar(vectors: &Path, record: Option<&EncoderRecord>) -> Result<()> {
    let path = encoder_file(vectors);
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
