//! The values of columns in a record that is a JSON object.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, Visitor};
use serde_json::Value as Json;
use spork_files::{LineError, json};
use spork_index::{ColumnKind, ColumnSpec, Time, Value, ValueError};

/// The largest integer up to which doubles hold all integers.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// Characters of a wrong value that a message shows.
const SHOWN: usize = 60;

/// The values of a record, and whether it had NaN or an infinity, which count as null.
pub(super) struct Values {
    pub(super) values: Vec<Option<Value>>,
    pub(super) had_nan: bool,
}

impl Values {
    /// Reads the values of columns from a line.
    ///
    /// # Errors
    /// The line is no JSON object, a column's key is there twice, or its value is of another kind.
    pub(super) fn parse(line: &str, schema: &[ColumnSpec]) -> Result<Self, LineError> {
        if schema.is_empty() {
            return Ok(Self { values: Vec::new(), had_nan: false });
        }
        let (found, had_nan) = match find(line, schema) {
            Ok(found) => (found, false),
            Err(error) => match json::null_for_nan(line).map(|line| find(&line, schema)) {
                Some(Ok(found)) => (found, true),
                _ => return Err(json::error("a JSON object", line, &error)),
            },
        };
        let of = |(spec, found): (&ColumnSpec, Option<Json>)| {
            found.map_or(Ok(None), |found| value(spec, found))
        };
        let values = schema.iter().zip(found).map(of).collect::<Result<_, _>>();
        Ok(Self { values: values.map_err(|error| fault(&error))?, had_nan })
    }
}

fn fault(error: &ValueError) -> LineError {
    LineError::Json(format!(
        "{error}; correct the record, or give the column another kind when the index is made"
    ))
}

/// What a record has for each column.
fn find(line: &str, schema: &[ColumnSpec]) -> serde_json::Result<Vec<Option<Json>>> {
    let mut found = vec![None; schema.len()];
    let wanted = schema.iter().enumerate().map(|(place, column)| (place, column.name.as_str()));
    let mut reader = serde_json::Deserializer::from_str(line);
    Object { wanted: wanted.collect(), found: &mut found }.deserialize(&mut reader)?;
    reader.end()?;
    Ok(found)
}

/// An object in which some keys are wanted: the key itself, or `a.b` for `b` in the object `a`.
struct Object<'w, 'f> {
    /// Columns by their place, and what is left of their names.
    wanted: Vec<(usize, &'w str)>,
    found: &'f mut [Option<Json>],
}

impl<'de> DeserializeSeed<'de> for Object<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Object<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Self { wanted, found } = self;
        while let Some(key) = map.next_key::<String>()? {
            if let Some(&(place, _)) = wanted.iter().find(|(_, name)| *name == key) {
                if found[place].replace(map.next_value()?).is_some() {
                    return Err(A::Error::custom(format!("the key `{key}` appears twice")));
                }
                continue;
            }
            let inner = |&(place, name): &(usize, _)| {
                let name: &str = name;
                Some((place, name.strip_prefix(key.as_str())?.strip_prefix('.')?))
            };
            let inner: Vec<_> = wanted.iter().filter_map(inner).collect();
            if inner.is_empty() {
                map.next_value::<IgnoredAny>()?;
            } else {
                map.next_value_seed(Maybe(Object { wanted: inner, found }))?;
            }
        }
        Ok(())
    }
}

/// What may be an object; anything else holds none of its keys.
struct Maybe<'w, 'f>(Object<'w, 'f>);

impl<'de> DeserializeSeed<'de> for Maybe<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Maybe<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<(), A::Error> {
        self.0.visit_map(map)
    }

    fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
}

/// The value of a column that is written so; none for null and the empty list.
fn value(spec: &ColumnSpec, json: Json) -> Result<Option<Value>, ValueError> {
    let refused = |json: &Json, why: Option<String>| {
        let mut got: String = json.to_string().chars().take(SHOWN).collect();
        if let Some(why) = why {
            got += &format!(" ({why})");
        }
        ValueError { column: spec.name.clone(), kind: spec.kind, got }
    };
    let value = match (spec.kind, json) {
        (_, Json::Null) => return Ok(None),
        (ColumnKind::Keyword, Json::String(keyword)) => Value::Keyword(keyword),
        (ColumnKind::Keyword, Json::Array(list)) => {
            let mut keywords = Vec::with_capacity(list.len());
            for element in list {
                match element {
                    Json::String(keyword) => keywords.push(keyword),
                    other => return Err(refused(&other, Some("in a list".to_owned()))),
                }
            }
            return Ok(Value::keywords(keywords));
        }
        (ColumnKind::Integer, Json::Number(number)) => match integer(&number) {
            Some(number) => Value::Integer(number),
            None => return Err(refused(&Json::Number(number), None)),
        },
        (ColumnKind::Float, Json::Number(number)) => match number.as_f64() {
            Some(number) if number.is_finite() => Value::Float(number),
            _ => return Err(refused(&Json::Number(number), None)),
        },
        (ColumnKind::Boolean, Json::Bool(truth)) => Value::Boolean(truth),
        (ColumnKind::Time, Json::String(text)) => match text.parse::<Time>() {
            Ok(time) => Value::Time(time),
            Err(error) => return Err(refused(&Json::String(text), Some(error.to_string()))),
        },
        (_, other) => return Err(refused(&other, None)),
    };
    Ok(Some(value))
}

/// An integer, also where data frames wrote it as 2020.0.
fn integer(number: &serde_json::Number) -> Option<i64> {
    number.as_i64().or_else(|| {
        let number = number.as_f64().filter(|_| number.is_f64())?;
        (number.fract() == 0.0 && number.abs() <= EXACT).then_some(number as i64)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use spork_index::parse_schema;

    const SCHEMA: &str = "year:integer,price:float,lang:keyword,open:boolean,at:time,meta.by:keyword,meta.x.y:integer";

    fn parse(line: &str) -> Result<(String, bool), String> {
        let schema = parse_schema(SCHEMA).unwrap();
        let read = Values::parse(line, &schema).map_err(|error| error.to_string())?;
        let shown = |(spec, value): (&ColumnSpec, &Option<Value>)| {
            value.as_ref().map(|value| format!("{}={value}", spec.name))
        };
        let values: Vec<String> = schema.iter().zip(&read.values).filter_map(shown).collect();
        Ok((values.join(" "), read.had_nan))
    }

    #[test]
    fn values_are_read() {
        for (line, values) in [
            ("{}", ""),
            (r#"{"_id": "d", "text": "t", "year": 2020, "other": {"year": 1}}"#, "year=2020"),
            (r#"{"year": 2020.0, "price": 3}"#, "year=2020 price=3.0"),
            (
                r#"{"year": -9223372036854775808, "price": 1e-7}"#,
                "year=-9223372036854775808 price=1e-7",
            ),
            (r#"{"year": null, "lang": [], "open": false}"#, "open=false"),
            (r#"{"lang": ["b", "a", "b"]}"#, r#"lang=["a", "b"]"#),
            (r#"{"lang": ["a"]}"#, r#"lang="a""#),
            (r#"{"lang": ""}"#, r#"lang="""#),
            (r#"{"at": "2024-05-01T02:00:00+02:00"}"#, r#"at="2024-05-01T00:00:00Z""#),
            (r#"{"meta": {"by": "x", "x": {"y": 1, "z": 2}}}"#, r#"meta.by="x" meta.x.y=1"#),
            (r#"{"meta.by": "x", "meta": {"x.y": 1}}"#, r#"meta.by="x" meta.x.y=1"#),
            // What is no object has no keys.
            (r#"{"meta": null}"#, ""),
            (r#"{"meta": ["by"], "year": 1}"#, "year=1"),
            (r#"{"meta": {"x": "y"}, "year": 1}"#, "year=1"),
            (r#"{"meta": 1.5}"#, ""),
        ] {
            assert_eq!(parse(line), Ok((values.to_owned(), false)), "{line}");
        }
        let nan = r#"{"year": 1, "price": NaN, "x": [-Infinity]}"#;
        assert_eq!(parse(nan), Ok(("year=1".to_owned(), true)));
    }

    proptest! {
        #[test]
        fn no_line_panics(
            pieces in prop::collection::vec(prop::sample::select(vec![
                "{", "}", "[", "]", ":", ",", "\"year\"", "\"meta\"", "\"x\"", "\"y\"", "\"at\"",
                "\"price\"", "\"2024-05-01\"", "1", "-0.0", "1e308", "9223372036854775808", "null",
                "NaN", "-Infinity", "true", "\"", "\\", "\"\\ud800\"", " ", "{\"year\": ",
                "{\"meta\": {\"x\": ", "}}",
            ]), 0..14),
            text in "\\PC{0,20}",
        ) {
            let _ = parse(&pieces.concat());
            let _ = parse(&text);
        }
    }

    #[test]
    fn every_bad_value_is_named() {
        for (line, says) in [
            (
                r#"{"year": "2020"}"#,
                "column `year` is integer: expected an integer from -2⁶³ to 2⁶³ - 1, got \"2020\"; correct the record, or give",
            ),
            (r#"{"year": 2020.5}"#, "got 2020.5"),
            (r#"{"year": 1e17}"#, "got 1e+17"),
            (r#"{"year": 9223372036854775808}"#, "got 9223372036854775808"),
            (r#"{"year": [1]}"#, "got [1]"),
            (r#"{"year": true}"#, "got true"),
            (r#"{"price": "3"}"#, "column `price` is float: expected a number, got \"3\""),
            (r#"{"price": 1e999}"#, "number out of range"),
            (r#"{"lang": 3}"#, "expected a string or a list of strings, got 3"),
            (r#"{"lang": ["a", null]}"#, "got null (in a list)"),
            (r#"{"lang": {"a": 1}}"#, "got {\"a\":1}"),
            (r#"{"open": 1}"#, "column `open` is boolean: expected true or false, got 1"),
            (r#"{"open": "true"}"#, "got \"true\""),
            (r#"{"at": 1714521600}"#, "column `at` is time: expected a time as in"),
            (r#"{"at": "2024-02-30"}"#, "got \"2024-02-30\" (there is no day 2024-02-30)"),
            (r#"{"meta": {"by": 1}}"#, "column `meta.by` is keyword"),
            (r#"{"year": 1, "year": 1}"#, "the key `year` appears twice"),
            (r#"{"meta": {"by": "x"}, "meta.by": "y"}"#, "the key `meta.by` appears twice"),
            (r#"["year"]"#, "expected a JSON object"),
            (r#"{"year": 1} {}"#, "trailing characters"),
            (r#"{"year": 1"#, "EOF"),
            (r#"{"year": NaN, "price": "3"}"#, "column `price`"),
        ] {
            let error = parse(line).unwrap_err();
            assert!(error.contains(says), "{line}: {error}");
        }
        let long = format!(r#"{{"year": "{}"}}"#, "x".repeat(1000));
        assert!(parse(&long).unwrap_err().len() < 300);
    }
}
