//! Terms and weights in JSON.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};

/// An object of terms and weights, in the order in which it was written. A term that comes twice is
/// kept twice: the index adds its weights up.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Weights(pub(crate) Vec<(String, f32)>);

impl<'de> Deserialize<'de> for Weights {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Terms;

        impl<'de> Visitor<'de> for Terms {
            type Value = Weights;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object of terms and weights")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Weights, A::Error> {
                let mut weights = Vec::with_capacity(map.size_hint().unwrap_or(64).min(4096));
                while let Some((term, weight)) = map.next_entry::<String, f64>()? {
                    weights.push((term, weight as f32));
                }
                Ok(Weights(weights))
            }
        }

        deserializer.deserialize_map(Terms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_and_repetition_stay() {
        let weights: Weights = serde_json::from_str(r#"{"b": 1, "a": 0.5, "b": 2}"#).unwrap();
        let expected = [("b", 1.0), ("a", 0.5), ("b", 2.0)];
        assert_eq!(weights.0, expected.map(|(term, weight)| (term.to_owned(), weight)));
        assert!(serde_json::from_str::<Weights>(r#"{"a": "1"}"#).is_err());
        assert!(serde_json::from_str::<Weights>("[1]").is_err());
    }
}
