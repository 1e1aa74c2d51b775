//! Indexes that are open together: what they have to have in common.

use std::path::{Path, PathBuf};

use crate::field::Field;
use crate::manifest::Manifest;
use crate::{Error, Result};

/// The property of an index that says which shard of a collection it is, such as `2/4`.
pub const SHARD: &str = "shard";

/// The indexes that are open so far.
#[derive(Default)]
pub(crate) struct Shards {
    /// Each with the file of its folder and the shard that it records.
    seen: Vec<(PathBuf, PathBuf, Option<String>)>,
}

impl Shards {
    /// Notes an index.
    ///
    /// # Errors
    /// It is open already, or is the same shard as another one, or a shard of other parts.
    pub(crate) fn add(&mut self, folder: &Path, manifest: &Manifest) -> Result<()> {
        let real = folder.canonicalize().map_err(|error| Error::io(folder, error))?;
        let shard = manifest.properties.get(SHARD).cloned();
        for (other, other_real, other_shard) in &self.seen {
            if *other_real == real {
                return Err(refusal(other, folder, "are the same index".to_owned()));
            }
            let (Some(shard), Some(other_shard)) = (&shard, other_shard) else { continue };
            if shard == other_shard {
                return Err(refusal(other, folder, format!("are both shard {shard}")));
            }
            if parts(shard) != parts(other_shard) {
                let what = format!("are shards of different divisions, {other_shard} and {shard}");
                return Err(refusal(other, folder, what));
            }
        }
        self.seen.push((folder.to_owned(), real, shard));
        Ok(())
    }
}

/// How many shards of a collection are open, and how many there are; none if all are, or if no
/// index is a shard.
pub(crate) fn incomplete<'m>(
    manifests: impl IntoIterator<Item = &'m Manifest>,
) -> Option<(usize, usize)> {
    let shards = manifests.into_iter().filter_map(|manifest| manifest.properties.get(SHARD));
    let counts: Vec<usize> = shards.filter_map(|shard| parts(shard)?.parse().ok()).collect();
    let all = counts.first().copied()?;
    (counts.len() < all).then_some((counts.len(), all))
}

/// The number of parts of a shard `I/N`.
fn parts(shard: &str) -> Option<&str> {
    shard.split_once('/').map(|(_, parts)| parts)
}

fn refusal(one: &Path, other: &Path, what: String) -> Error {
    Error::NotAsOne { one: one.to_owned(), other: other.to_owned(), what }
}

/// That an index has fixed what another has.
pub(crate) fn check_fits(one: (&Path, &Manifest), other: (&Path, &Manifest)) -> Result<()> {
    let difference = difference(one.1, other.1);
    difference.map_or(Ok(()), |what| Err(refusal(one.0, other.0, what)))
}

/// What two indexes have fixed differently, if anything.
fn difference(one: &Manifest, other: &Manifest) -> Option<String> {
    if one.field_names() != other.field_names() {
        let (one, other) = (one.field_names(), other.field_names());
        return Some(format!("have other fields, {one} and {other}"));
    }
    let fields = one.fields.iter().zip(&other.fields);
    if let Some(what) = fields.filter_map(|(one, other)| field_difference(one, other)).next() {
        return Some(what);
    }
    if one.stored != other.stored {
        return Some("store other columns, texts or vectors".to_owned());
    }
    let pruned = |manifest: &Manifest| {
        let mut properties = manifest.properties.clone();
        properties.remove(SHARD);
        properties
    };
    (pruned(one) != pruned(other)).then(|| "were pruned in other ways".to_owned())
}

fn field_difference(one: &Field, other: &Field) -> Option<String> {
    let name = &one.name;
    let differ = |what: &str, one: String, other: String| {
        Some(format!("have other {what} in the field {name}, {one} and {other}"))
    };
    if one.source != other.source {
        return differ("sources", one.source.name().into(), other.source.name().into());
    }
    if one.weights != other.weights {
        return differ("kinds of weights", one.weights.name().into(), other.weights.name().into());
    }
    if one.scale.to_bits() != other.scale.to_bits() {
        return differ("scales", one.scale.to_string(), other.scale.to_string());
    }
    if one.calibration.to_bits() != other.calibration.to_bits() {
        return differ("calibrations", one.calibration.to_string(), other.calibration.to_string());
    }
    let keys = one.properties.keys().chain(other.properties.keys());
    let key =
        keys.into_iter().find(|key| one.properties.get(*key) != other.properties.get(*key))?;
    let value =
        |field: &Field| field.properties.get(key).map_or("none".into(), |value| short(value));
    differ(&format!("values of {key}"), value(one), value(other))
}

/// A value that fits into a message.
fn short(value: &str) -> String {
    match value.char_indices().nth(60) {
        Some((end, _)) => format!("{}…", &value[..end]),
        None => value.to_owned(),
    }
}
