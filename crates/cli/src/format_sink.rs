//! The output of `spork convert` and `spork export`: vectors in any format.

use std::path::{Path, PathBuf};

use anyhow::Result;
use spork_model::EncoderRecord;
use spork_vectors::binary::{Header, TextDigest};
use spork_vectors::{CollectingWriter, Format, Scratch, Values, WriteOptions};

use crate::provenance;
use crate::vector_sink::{Earlier, VectorSink};

/// An output of vectors in any format. It appears under its name when it is finished.
pub(crate) enum FormatSink {
    /// Vectors are written as they come.
    Streaming(VectorSink),
    /// Vectors are written when all are there.
    Collecting {
        writer: Box<CollectingWriter>,
        /// The output, and the encoder's record where the format has no room for it.
        beside: Option<(PathBuf, Option<EncoderRecord>)>,
    },
}

/// What is written, and how.
pub(crate) struct SinkOptions {
    pub(crate) format: Format,
    /// Number format and encoder.
    pub(crate) header: Header,
    pub(crate) force: bool,
    pub(crate) factor: Option<f64>,
    pub(crate) tokens: Option<PathBuf>,
    pub(crate) values: Values,
    /// The weight of impact 1 where weights are impacts.
    pub(crate) scale: Option<f64>,
    pub(crate) memory: u64,
}

impl FormatSink {
    /// Whether a format is written as vectors come.
    pub(crate) fn streams(format: Format) -> bool {
        matches!(format, Format::Jsonl | Format::Svec)
    }

    /// Opens `path`, or standard output.
    pub(crate) fn open(path: Option<&Path>, options: SinkOptions) -> Result<Self> {
        let SinkOptions { format, header, .. } = options;
        let path = path.filter(|path| *path != Path::new("-"));
        if Self::streams(format) {
            let earlier = if options.force { Earlier::Replace } else { Earlier::Refuse };
            return Ok(Self::Streaming(VectorSink::open_as(format, path, &header, earlier)?.0));
        }
        let record = header.encoder.clone().filter(|_| format != Format::Ciff);
        let beside = path.map(|path| (path.to_owned(), record.map(EncoderRecord::from)));
        let writer = CollectingWriter::create(
            path,
            WriteOptions {
                format,
                factor: options.factor,
                tokens: options.tokens,
                values: options.values,
                scale: options.scale,
                encoder: header.encoder,
                scratch: scratch(path, options.memory),
            },
        )?;
        Ok(Self::Collecting { writer: Box::new(writer), beside })
    }

    /// Adds a vector.
    pub(crate) fn push<'a>(
        &mut self,
        id: &str,
        weights: impl IntoIterator<Item = (&'a str, f32)>,
    ) -> Result<()> {
        match self {
            Self::Streaming(sink) => sink.push(id, weights),
            Self::Collecting { writer, .. } => Ok(writer.push(id, weights)?),
        }
    }

    /// Says that the next vectors are a whole block of another file.
    pub(crate) fn begin_copy(&mut self, texts: Option<TextDigest>, vectors: usize) {
        if let Self::Streaming(sink) = self {
            sink.begin_copy(texts, vectors);
        }
    }

    /// Completes it, and tells what it does not hold.
    pub(crate) fn finish(self) -> Result<()> {
        let (writer, beside) = match self {
            Self::Streaming(sink) => return sink.finish(),
            Self::Collecting { writer, beside } => (writer, beside),
        };
        for message in writer.finish()?.messages() {
            tracing::warn!("{message}");
        }
        match beside {
            Some((path, record)) => provenance::write_sidecar(&path, record.as_ref()),
            None => Ok(()),
        }
    }
}

/// The format of an output: the given one, or what its name says.
pub(crate) fn output_format(given: Option<Format>, path: Option<&Path>) -> Format {
    let named = path.and_then(Format::of_name);
    if let (Some(given), Some(named)) = (given, named)
        && !given.may_be_named_as(named)
    {
        tracing::warn!(
            "the output's name says {}, but it will be {}; readers will need to be told",
            named.name(),
            given.name()
        );
    }
    given.or(named).unwrap_or(Format::Jsonl)
}

/// Temporary files beside the output, which has the room, or in the system's folder for them.
pub(crate) fn scratch(output: Option<&Path>, memory: u64) -> Scratch {
    let folder = output.and_then(Path::parent).map(|folder| {
        if folder.as_os_str().is_empty() { PathBuf::from(".") } else { folder.to_owned() }
    });
    let folder = folder.filter(|folder| folder.is_dir() && !folder.starts_with("/dev"));
    Scratch { folder: folder.unwrap_or_else(std::env::temp_dir), memory }
}
