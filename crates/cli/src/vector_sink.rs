//! The output of vectors: a binary file, or JSONL with the encoder's identity beside it.

use std::path::Path;

use anyhow::Result;
use spork_files::{Error, Output};
use spork_model::EncoderRecord;
use spork_vectors::binary::{BinaryFile, Header, Resumed, TextDigest, is_binary_name};
use spork_vectors::{Format, write_vector_line};

use crate::provenance;

/// An output of vectors, in the format that its name implies. It appears under its name when it is
/// finished.
pub(crate) enum VectorSink {
    /// JSONL, and what to write beside it.
    Lines(Box<Output>, Option<EncoderRecord>),
    /// Blocks.
    Binary(Box<BinaryFile>),
}

/// What becomes of a binary file that an earlier run has begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Earlier {
    /// It is in the way.
    Refuse,
    /// It is continued.
    Resume,
    /// It is replaced.
    Replace,
}

impl VectorSink {
    /// Opens `path`, or standard output, in the format that its name implies. Also returns the
    /// vectors that are there already.
    pub(crate) fn open(
        path: Option<&Path>,
        header: &Header,
        earlier: Earlier,
    ) -> Result<(Self, Resumed)> {
        let binary = path.is_some_and(is_binary_name);
        let format = if binary { Format::Svec } else { Format::Jsonl };
        Self::open_as(format, path, header, earlier)
    }

    /// Opens `path`, or standard output, in the binary format or else as JSONL.
    pub(crate) fn open_as(
        format: Format,
        path: Option<&Path>,
        header: &Header,
        earlier: Earlier,
    ) -> Result<(Self, Resumed)> {
        let Some(path) = path.filter(|_| format == Format::Svec) else {
            let record = header.encoder.clone().map(EncoderRecord::from);
            return Ok((Self::Lines(Box::new(Output::open(path)?), record), Resumed::default()));
        };
        let (file, resumed) = match earlier {
            Earlier::Refuse => (BinaryFile::create(path, header)?, Resumed::default()),
            Earlier::Replace => (BinaryFile::replace(path, header)?, Resumed::default()),
            Earlier::Resume => BinaryFile::resume(path, header)?,
        };
        if let Some(damage) = &resumed.damage {
            let kept = resumed.ids.len();
            tracing::warn!(
                "{}: after {kept} vectors a block {damage}; resuming from there",
                path.display()
            );
        }
        Ok((Self::Binary(Box::new(file)), resumed))
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

    /// Adds the vector that was made of `text`.
    pub(crate) fn push_encoded<'a>(
        &mut self,
        id: &str,
        text: &str,
        weights: impl IntoIterator<Item = (&'a str, f32)>,
    ) -> Result<()> {
        match self {
            Self::Lines(..) => self.push(id, weights),
            Self::Binary(file) => Ok(file.push_encoded(id, text, weights)?),
        }
    }

    /// Says that the next vectors are a whole block of another file; see
    /// [`BinaryFile::begin_copy`].
    pub(crate) fn begin_copy(&mut self, texts: Option<TextDigest>, vectors: usize) {
        if let Self::Binary(file) = self {
            file.begin_copy(texts, vectors);
        }
    }

    /// Completes it.
    pub(crate) fn finish(self) -> Result<()> {
        match self {
            Self::Lines(output, record) => {
                if !output.is_stdout() {
                    provenance::write_sidecar(output.path(), record.as_ref())?;
                }
                output.finish()?;
            }
            Self::Binary(file) => file.finish()?,
        }
        Ok(())
    }
}
