//! The manifest: an index's counts, scale and provenance.

use std::collections::BTreeMap;
use std::path::Path;

use bincode::{Decode, Encode};
use spork_core::Quantizer;
use spork_postings::WINDOW;

use crate::file_summary::FileSummary;
use crate::frame::{Frame, FrameWriter, Kind};
use crate::{Error, Result};

/// The kind of weights before they became impacts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub enum WeightKind {
    /// Integers, kept as they were: scale 1.
    #[default]
    Integer,
    /// Floats, rounded to multiples of the scale.
    Float,
}

/// The order of documents in the index.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
pub enum Order {
    /// Input order.
    #[default]
    Input,
    /// Recursive graph bisection: documents that share terms get nearby docids.
    Bisection,
}

impl Order {
    /// The name on the command line and in statistics.
    pub fn name(self) -> &'static str {
        match self {
            Self::Input => "input",
            Self::Bisection => "bisection",
        }
    }
}

/// Counts, scale and provenance of an index; equal inputs have equal manifests.
#[derive(Clone, Debug, Default, PartialEq, Encode, Decode)]
pub struct Manifest {
    /// Documents, those without terms included.
    pub documents: u32,
    /// Documents without a posting.
    pub empty_documents: u32,
    /// Terms in the lexicon.
    pub terms: u32,
    /// Postings.
    pub postings: u64,
    /// The weight of impact 1.
    pub scale: f32,
    /// The kind of weights that were indexed.
    pub weights: WeightKind,
    /// The order of documents.
    pub order: Order,
    /// The program that wrote the index.
    pub writer: String,
    /// Where the weights come from: encoder or analyzer, with what a query must share with it.
    pub properties: BTreeMap<String, String>,
    /// `lexicon.bin`; the writer fills in this and the other files.
    pub lexicon_file: FileSummary,
    /// `docnos.bin`.
    pub docnos_file: FileSummary,
    /// `postings.bin`.
    pub postings_file: FileSummary,
}

impl Manifest {
    /// Number of windows.
    pub fn windows(&self) -> usize {
        (self.documents as usize).div_ceil(WINDOW)
    }

    /// Bytes of the whole generation's payloads but this manifest's.
    pub fn bytes(&self) -> u64 {
        self.lexicon_file.length + self.docnos_file.length + self.postings_file.length
    }

    pub(crate) fn write(&self, folder: &Path) -> Result<()> {
        let bytes = bincode::encode_to_vec(self, config()).map_err(|_| Error::TooLarge {
            what: "the manifest".to_owned(),
            limit: LIMIT as u64,
        })?;
        let mut file = FrameWriter::create(folder, Kind::Meta)?;
        file.write(&bytes)?;
        file.finish().map(drop)
    }

    pub(crate) fn read(folder: &Path) -> Result<Self> {
        let frame = Frame::open(folder, Kind::Meta)?;
        frame.verify_checksum()?;
        let payload = frame.payload();
        let decoded = bincode::decode_from_slice::<Self, _>(payload, config());
        let (manifest, read) = decoded.map_err(|error| frame.corrupt(0, "a manifest", error))?;
        if read != payload.len() {
            return Err(frame.corrupt(read as u64, "the end of the manifest", "more bytes"));
        }
        if Quantizer::new(manifest.scale).is_none() {
            return Err(frame.corrupt(0, "a scale above zero", manifest.scale));
        }
        Ok(manifest)
    }
}

/// The most bytes of a manifest.
const LIMIT: usize = 16 << 20;

/// Fixed-width little-endian integers: the bytes that docs/format/index.md lists. The limit keeps a
/// damaged length from reserving memory.
fn config() -> impl bincode::config::Config {
    bincode::config::standard().with_little_endian().with_fixed_int_encoding().with_limit::<LIMIT>()
}
