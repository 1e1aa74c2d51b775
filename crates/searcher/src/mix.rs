//! How much each field of an index counts.

use std::str::FromStr;

use spork_index::Manifest;

use crate::{Error, Result};

/// A weight for each field of an index, written `splade=1,bm25=0.5`. Scores of a field are divided
/// by its calibration first, so that equal weights count equally.
#[derive(Clone, Debug, PartialEq)]
pub struct Mix(Vec<(String, f32)>);

impl Mix {
    /// The weights of `manifest`'s fields, in their order.
    ///
    /// # Errors
    /// The mix names a field that the index lacks, or leaves one out.
    pub fn shares(&self, manifest: &Manifest) -> Result<Vec<f32>> {
        if let Some((field, _)) =
            self.0.iter().find(|(name, _)| manifest.field_named(name).is_none())
        {
            return Err(Error::NoField { field: field.clone(), fields: manifest.field_names() });
        }
        let share = |field: &spork_index::Field| {
            let named = self.0.iter().find(|(name, _)| *name == field.name);
            named.map(|&(_, share)| share).ok_or_else(|| Error::Unmixed {
                field: field.name.clone(),
                fields: manifest.field_names(),
            })
        };
        manifest.fields.iter().map(share).collect()
    }
}

/// The fault of a mix as text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{got:?}: expected FIELD=WEIGHT,… such as splade=1,bm25=0.5, each field once, weights finite, \
         not below zero and not all zero"
)]
pub struct MixError {
    /// What was given.
    got: String,
}

impl FromStr for Mix {
    type Err = MixError;

    fn from_str(text: &str) -> std::result::Result<Self, MixError> {
        let error = || MixError { got: text.to_owned() };
        let mut mix: Vec<(String, f32)> = Vec::new();
        for part in text.split(',') {
            let (name, weight) = part.split_once('=').ok_or_else(error)?;
            let (name, weight) = (name.trim(), weight.trim().parse::<f32>());
            let weight = weight.ok().filter(|weight| weight.is_finite() && *weight >= 0.0);
            if name.is_empty() || mix.iter().any(|(known, _)| known == name) {
                return Err(error());
            }
            mix.push((name.to_owned(), weight.ok_or_else(error)?));
        }
        if mix.iter().any(|&(_, weight)| weight > 0.0) { Ok(Self(mix)) } else { Err(error()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use spork_index::{Field, Order};
    use spork_postings::Codec;

    fn manifest() -> Manifest {
        let field = |name: &str| Field { name: name.to_owned(), ..Field::default() };
        let fields = vec![field("splade"), field("bm25")];
        Manifest::new(Order::Input, Codec::Fast, "a test", fields)
    }

    #[test]
    fn every_field_is_named_once() {
        let shares = |text: &str| {
            let mix: Mix = text.parse().map_err(|error: MixError| error.to_string())?;
            mix.shares(&manifest()).map_err(|error| error.to_string())
        };
        assert_eq!(shares("splade=1,bm25=0.5"), Ok(vec![1.0, 0.5]));
        assert_eq!(shares(" bm25 = 0 , splade = 2"), Ok(vec![2.0, 0.0]));
        for (text, says) in [
            ("splade=1", "nothing of the field bm25; give each of splade, bm25 a weight"),
            ("splade=1,bm25=1,tilde=1", "no field \"tilde\"; it has splade, bm25"),
            ("splade=0,bm25=0", "not all zero"),
            ("splade=1,splade=1", "each field once"),
            ("splade=-1,bm25=1", "expected FIELD=WEIGHT"),
            ("splade", "expected FIELD=WEIGHT"),
            ("splade=nan,bm25=1", "expected FIELD=WEIGHT"),
            ("", "expected FIELD=WEIGHT"),
        ] {
            let error = shares(text).unwrap_err();
            assert!(error.contains(says), "{text}: {error}");
        }
    }
}
