//! The content of a block: new terms, ids, and for each vector its terms and weights.

use half::f16;
use spork_core::{SparseVector, TermId};
use spork_files::check_id;

use super::damage::Damage;
use super::digest::TextDigest;
use super::format::BLOCK;
use super::header::WeightFormat;
use super::varint::{self, Bytes};

/// A block of vectors.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Block {
    /// Terms that no earlier block has. They follow those of earlier blocks in number.
    pub new_terms: Vec<String>,
    /// The vectors.
    pub vectors: Vec<NumberedVector>,
    /// The digest of the texts that they were made of, where the file has it.
    pub texts: Option<TextDigest>,
}

/// A vector over the terms of its file, which are numbered in the order of their first occurrence.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NumberedVector {
    /// Docno or qid.
    pub id: String,
    /// The weights.
    pub vector: SparseVector,
}

type Entries = Vec<(TermId, f32)>;

impl Block {
    /// The block's bytes.
    pub(super) fn encode(&self, format: WeightFormat) -> Vec<u8> {
        let mut bytes = Vec::new();
        varint::write(&mut bytes, self.new_terms.len() as u32);
        self.new_terms.iter().for_each(|term| text(&mut bytes, term));
        varint::write(&mut bytes, self.vectors.len() as u32);
        self.vectors.iter().for_each(|vector| text(&mut bytes, &vector.id));
        let kept: Vec<Entries> =
            self.vectors.iter().map(|vector| format.stored(vector.vector.entries())).collect();
        for entries in &kept {
            varint::write(&mut bytes, entries.len() as u32);
            let mut next = 0;
            for &(TermId(term), _) in entries {
                varint::write(&mut bytes, term - next);
                next = term + 1;
            }
        }
        kept.iter().for_each(|entries| format.write(&mut bytes, entries));
        bytes
    }

    /// Reads a block. `known` is the number of terms in earlier blocks.
    ///
    /// # Errors
    /// The first fault of bytes that are not as the format says.
    pub(super) fn decode(bytes: &[u8], format: WeightFormat, known: u32) -> Result<Self, Damage> {
        let mut bytes = Bytes(bytes);
        let count = bytes.count(1)?;
        let new_terms =
            (0..count).map(|_| Ok(bytes.text()?.to_owned())).collect::<Result<Vec<_>, Damage>>()?;
        let terms = u32::try_from(new_terms.len()).ok().and_then(|new| known.checked_add(new));
        let terms = terms.ok_or_else(|| {
            Damage::Content("holds more terms than 32 bits can number".to_owned())
        })?;
        let count = bytes.count(1)?;
        if count > BLOCK {
            return Err(Damage::Content(format!(
                "holds {count} vectors, expected {BLOCK} at most"
            )));
        }
        let ids = (0..count).map(|_| id(&mut bytes)).collect::<Result<Vec<_>, Damage>>()?;
        let lists =
            (0..count).map(|_| numbers(&mut bytes, terms)).collect::<Result<Vec<_>, Damage>>()?;
        let vectors = ids.into_iter().zip(lists).map(|(id, entries)| {
            let vector = format.read(&mut bytes, entries)?;
            Ok(NumberedVector { id, vector })
        });
        let vectors = vectors.collect::<Result<Vec<_>, Damage>>()?;
        match bytes.0.len() {
            0 => Ok(Self { new_terms, vectors, texts: None }),
            more => Err(Damage::Content(format!("has {more} bytes after its last weight"))),
        }
    }
}

fn text(bytes: &mut Vec<u8>, text: &str) {
    varint::write(bytes, text.len() as u32);
    bytes.extend_from_slice(text.as_bytes());
}

fn id(bytes: &mut Bytes<'_>) -> Result<String, Damage> {
    let id = bytes.text()?;
    check_id(id).map_err(|error| Damage::Content(format!("holds a bad id: {error}")))?;
    Ok(id.to_owned())
}

/// A vector's terms, ascending and below `terms`, with weights of zero.
fn numbers(bytes: &mut Bytes<'_>, terms: u32) -> Result<Entries, Damage> {
    let count = bytes.count(1)?;
    let mut entries = Vec::with_capacity(count);
    let mut next = 0u32;
    for _ in 0..count {
        let term = next.checked_add(bytes.varint()?).filter(|&term| term < terms);
        let term = term.ok_or_else(|| {
            Damage::Content(format!("names a term beyond the {terms} that are known"))
        })?;
        entries.push((TermId(term), 0.0));
        next = term + 1;
    }
    Ok(entries)
}

impl WeightFormat {
    /// The entries whose weights are not zero as they are stored.
    fn stored(self, entries: &[(TermId, f32)]) -> Entries {
        let step = step(entries);
        let kept = entries.iter().copied().filter(|&(_, weight)| match self {
            Self::F32 => weight > 0.0,
            Self::F16 => f16::from_f32(weight) > f16::ZERO,
            Self::U8 => steps(weight, step) > 0,
        });
        kept.collect()
    }

    fn write(self, bytes: &mut Vec<u8>, entries: &[(TermId, f32)]) {
        let step = step(entries);
        if self == Self::U8 && !entries.is_empty() {
            bytes.extend_from_slice(&step.to_le_bytes());
        }
        for &(_, weight) in entries {
            match self {
                Self::F32 => bytes.extend_from_slice(&weight.to_le_bytes()),
                // The largest that is finite, for the few weights beyond it.
                Self::F16 => {
                    bytes.extend_from_slice(&f16::from_f32(weight).min(f16::MAX).to_le_bytes());
                }
                Self::U8 => bytes.push(steps(weight, step)),
            }
        }
    }

    /// Reads the weights of terms, which `entries` have in ascending order.
    fn read(self, bytes: &mut Bytes<'_>, mut entries: Entries) -> Result<SparseVector, Damage> {
        let step = if self == Self::U8 && !entries.is_empty() { bytes.float()? } else { 0.0 };
        for (_, weight) in &mut entries {
            *weight = match self {
                Self::F32 => bytes.float()?,
                Self::F16 => {
                    let stored = bytes.take(2)?;
                    f16::from_le_bytes([stored[0], stored[1]]).to_f32()
                }
                Self::U8 => f32::from(bytes.take(1)?[0]) * step,
            };
        }
        SparseVector::from_ascending(entries).map_err(|entries| {
            let bad = entries.iter().find(|(_, weight)| !(weight.is_finite() && *weight > 0.0));
            let weight = bad.map_or(f32::NAN, |&(_, weight)| weight);
            Damage::Content(format!("holds a weight of {weight}"))
        })
    }
}

/// The vector's largest weight is 255 of these.
fn step(entries: &[(TermId, f32)]) -> f32 {
    (entries.iter().fold(0.0f32, |most, &(_, weight)| most.max(weight)) / 255.0)
        .max(f32::MIN_POSITIVE)
}

fn steps(weight: f32, step: f32) -> u8 {
    (weight / step).round_ties_even() as u8
}
