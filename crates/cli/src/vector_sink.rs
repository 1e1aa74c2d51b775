//! Where vectors go: a binary file, or JSONL with the encoder's identity beside it.

use std::io::Write;
use std::path::Path;

use anyhow::Result;
use spork_files::{Error, Output};
use spork_model::EncoderRecord;
use spork_vectors::binary::{BinaryFile, Header, is_binary_name};
use spork_vectors::write_vector_line;

use crate::commands::provenance;

/// An output of vectors, in the format that its name asks for. It appears under its name when it is
/// finished.
pub(crate) enum VectorSink {
    /// JSONL, and what to write beside it.
    Lines(Box<Output>, Option<EncoderRecord>),
    /// Blocks.
    Binary(Box<BinaryFile>),
}

impl VectorSink {
    /// Opens `path`, or standard output; with `resume`, a binary file that an earlier run has
    /// begun. Also returns the ids of the vectors that are there already.
    pub(crate) fn open(
        path: Option<&Path>,
        header: &Header,
        resume: bool,
    ) -> Result<(Self, Vec<String>)> {
        let Some(path) = path.filter(|path| is_binary_name(path)) else {
            let record = header.encoder.clone().map(EncoderRecord::from);
            return Ok((Self::Lines(Box::new(Output::open(path)?), record), Vec::new()));
        };
        if !resume {
            return Ok((Self::Binary(Box::new(BinaryFile::create(path, header)?)), Vec::new()));
        }
        let (file, resumed) = BinaryFile::resume(path, header)?;
        if let Some(damage) = resumed.damage {
            let kept = resumed.ids.len();
            tracing::warn!(
                "{}: after {kept} vectors a block {damage}; resuming from there",
                path.display()
            );
        }
        Ok((Self::Binary(Box::new(file)), resumed.ids))
    }

    /// Adds a vector.
    pub(crate) fn push<'a>(
        &mut self,
        id: &str,
        weights: impl IntoIterator<Item = (&'a str, f32)>,
    ) -> Result<()> {
        match self {
            Self::Lines(output, _) => {
                write_vector_line(&mut **output, id, weights)
                    .map_err(|error| Error::io(output.path(), error))?;
            }
            Self::Binary(file) => file.push(id, weights)?,
        }
        Ok(())
    }

    /// Completes it.
    pub(crate) fn finish(self) -> Result<()> {
        match self {
            Self::Lines(output, record) => {
                if let Some(record) = record.filter(|_| !output.is_stdout()) {
                    let mut sidecar = Output::open(Some(&provenance::sidecar(output.path())))?;
                    writeln!(sidecar, "{record}")?;
                    sidecar.finish()?;
                }
                output.finish()?;
            }
            Self::Binary(file) => file.finish()?,
        }
        Ok(())
    }
}
