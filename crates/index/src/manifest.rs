//! The manifest of a generation: what is fixed when an index is made, and its segments.

use std::collections::BTreeMap;
use std::path::Path;

use bincode::{Decode, Encode};
use spork_core::Quantizer;
use spork_postings::Codec;

use crate::Result;
use crate::counts::Counts;
use crate::directory::generation_file;
use crate::field::Field;
use crate::file_summary::FileSummary;
use crate::frame::{Frame, FrameWriter, Kind};
use crate::record;
use crate::stored::StoredSchema;

/// The order of documents in a segment.
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

/// A generation of an index.
#[derive(Clone, Debug, Default, PartialEq, Encode, Decode)]
pub struct Manifest {
    /// The order of documents in each segment.
    pub order: Order,
    /// Whether posting lists are in the compact codec.
    compact: bool,
    /// The program that wrote the generation.
    pub writer: String,
    /// What was done to all fields.
    pub properties: BTreeMap<String, String>,
    /// The impact sources, in the order of their term ids; at least one.
    pub fields: Vec<Field>,
    /// What is stored of documents beside their postings.
    pub stored: StoredSchema,
    /// The segments, in the order of their documents; none in an empty index.
    pub segments: Vec<SegmentEntry>,
}

/// A segment of a generation.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub struct SegmentEntry {
    /// The number in its name.
    pub number: u64,
    /// Its `segment.bin`.
    pub file: FileSummary,
    /// Its living documents, if some are deleted.
    pub living: Option<LivingEntry>,
}

/// The documents of a segment that are not deleted.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub struct LivingEntry {
    /// The generation since which these are the living ones: the number in the file's name.
    pub since: u64,
    /// The file that says which they are.
    pub file: FileSummary,
    /// What they amount to.
    pub counts: Counts,
}

impl Manifest {
    /// A manifest without segments.
    pub fn new(order: Order, codec: Codec, writer: &str, fields: Vec<Field>) -> Self {
        Self {
            order,
            compact: codec == Codec::Compact,
            writer: writer.to_owned(),
            fields,
            ..Self::default()
        }
    }

    /// The manifest of the same index with other segments, written by `writer`.
    pub fn with_segments(&self, segments: Vec<SegmentEntry>, writer: &str) -> Self {
        Self { segments, writer: writer.to_owned(), ..self.clone() }
    }

    /// How posting lists are written.
    pub fn codec(&self) -> Codec {
        if self.compact { Codec::Compact } else { Codec::Fast }
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

    pub(crate) fn write(&self, index: &Path, generation: u64) -> Result<()> {
        let bytes = record::encode(self, "the manifest")?;
        let path = generation_file(index, generation);
        let mut file = FrameWriter::create_at(path, Kind::Generation)?;
        file.write(&bytes)?;
        file.finish().map(drop)
    }

    pub(crate) fn read(index: &Path, generation: u64) -> Result<Self> {
        let frame = Frame::open_at(generation_file(index, generation), Kind::Generation)?;
        let manifest: Self = record::decode(&frame, "a manifest")?;
        manifest.check_fields().map_err(|(expected, got)| frame.corrupt(0, expected, got))?;
        Ok(manifest)
    }

    /// That fields have names of their own and scales above zero.
    fn check_fields(&self) -> std::result::Result<(), (&'static str, String)> {
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
        }
        if self.fields.is_empty() { Err(("a field", "none".to_owned())) } else { Ok(()) }
    }
}
