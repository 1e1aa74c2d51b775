//! The manifest: an index's counts, fields and provenance.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;

use bincode::{Decode, Encode};
use spork_core::{Quantizer, TermId};
use spork_postings::WINDOW;

use crate::field::Field;
use crate::file_summary::FileSummary;
use crate::frame::{Frame, FrameWriter, Kind};
use crate::{Error, Result};

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

/// Counts, fields and provenance of an index; equal inputs have equal manifests.
#[derive(Clone, Debug, Default, PartialEq, Encode, Decode)]
pub struct Manifest {
    /// Documents, those without terms included.
    pub documents: u32,
    /// Documents without a posting.
    pub empty_documents: u32,
    /// The order of documents.
    pub order: Order,
    /// The program that wrote the index.
    pub writer: String,
    /// What was done to all fields.
    pub properties: BTreeMap<String, String>,
    /// The impact sources, in the order of their term ids; at least one.
    pub fields: Vec<Field>,
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

    /// Terms of all fields.
    pub fn terms(&self) -> u32 {
        self.fields.iter().map(|field| field.terms).sum()
    }

    /// Postings of all fields.
    pub fn postings(&self) -> u64 {
        self.fields.iter().map(|field| field.postings).sum()
    }

    /// The term ids of a field, given by its place among [`fields`](Self::fields); none if there is
    /// no such field.
    pub fn term_ids(&self, field: usize) -> Range<u32> {
        let before = self.fields.iter().take(field).map(|field| field.terms).sum();
        before..before + self.fields.get(field).map_or(0, |field| field.terms)
    }

    /// The field that a term id belongs to.
    pub fn field_of(&self, term: TermId) -> Option<&Field> {
        let mut ends = 0;
        self.fields.iter().find(|field| {
            ends += field.terms;
            term.0 < ends
        })
    }

    /// The place of a field among [`fields`](Self::fields).
    pub fn field_named(&self, name: &str) -> Option<usize> {
        self.fields.iter().position(|field| field.name == name)
    }

    /// The names of all fields, for messages.
    pub fn field_names(&self) -> String {
        let names: Vec<&str> = self.fields.iter().map(|field| field.name.as_str()).collect();
        names.join(", ")
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
        manifest.check_fields().map_err(|(expected, got)| frame.corrupt(0, expected, got))?;
        Ok(manifest)
    }

    /// That fields have names of their own and scales above zero, and that term ids fit.
    fn check_fields(&self) -> std::result::Result<(), (&'static str, String)> {
        let mut terms = 0u32;
        for (i, field) in self.fields.iter().enumerate() {
            if Quantizer::new(field.scale).is_none() {
                return Err(("a scale above zero", field.scale.to_string()));
            }
            if Quantizer::new(field.calibration).is_none() {
                return Err(("a calibration above zero", field.calibration.to_string()));
            }
            if self.field_named(&field.name) != Some(i) {
                return Err(("fields with different names", field.name.clone()));
            }
            let all = terms.checked_add(field.terms);
            terms = all.ok_or(("fewer than 2³² terms", field.terms.to_string()))?;
        }
        if self.fields.is_empty() { Err(("a field", "none".to_owned())) } else { Ok(()) }
    }
}

/// The most bytes of a manifest.
const LIMIT: usize = 16 << 20;

/// Fixed-width little-endian integers: the bytes that docs/format/index.md lists. The limit keeps a
/// damaged length from reserving memory.
fn config() -> impl bincode::config::Config {
    bincode::config::standard().with_little_endian().with_fixed_int_encoding().with_limit::<LIMIT>()
}
