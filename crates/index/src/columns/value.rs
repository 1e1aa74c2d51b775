//! Values of columns.

use std::fmt;

use bincode::{Decode, Encode};

use super::schema::ColumnKind;
use super::time::Time;

/// The value that a document has in a column.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub enum Value {
    /// A string.
    Keyword(String),
    /// Two or more strings, ascending by their bytes, each once: made by [`Value::keywords`].
    Keywords(Vec<String>),
    /// An integer.
    Integer(i64),
    /// A finite number.
    Float(f64),
    /// True or false.
    Boolean(bool),
    /// A point in time.
    Time(Time),
}

/// A value that a column can't hold.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("column `{column}` is {kind}: expected {}, got {got}", kind.expected())]
pub struct ValueError {
    /// The column's name.
    pub column: String,
    /// The column's kind.
    pub kind: ColumnKind,
    /// The value.
    pub got: String,
}

impl Value {
    /// The value of a document with these keywords: their set. None if there is no keyword: such a
    /// document has no value.
    pub fn keywords(keywords: impl IntoIterator<Item = String>) -> Option<Self> {
        let mut keywords: Vec<String> = keywords.into_iter().collect();
        keywords.sort_unstable();
        keywords.dedup();
        match keywords.len() {
            0 => None,
            1 => keywords.pop().map(Self::Keyword),
            _ => Some(Self::Keywords(keywords)),
        }
    }

    /// The kind of column that holds it.
    pub fn kind(&self) -> ColumnKind {
        match self {
            Self::Keyword(_) | Self::Keywords(_) => ColumnKind::Keyword,
            Self::Integer(_) => ColumnKind::Integer,
            Self::Float(_) => ColumnKind::Float,
            Self::Boolean(_) => ColumnKind::Boolean,
            Self::Time(_) => ColumnKind::Time,
        }
    }
}

impl fmt::Display for Value {
    /// As JSON; a list of keywords as an array.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Keyword(keyword) => write_string(f, keyword),
            Self::Keywords(keywords) => {
                f.write_str("[")?;
                for (i, keyword) in keywords.iter().enumerate() {
                    f.write_str(if i > 0 { ", " } else { "" })?;
                    write_string(f, keyword)?;
                }
                f.write_str("]")
            }
            Self::Integer(number) => write!(f, "{number}"),
            Self::Float(number) => write!(f, "{number:?}"),
            Self::Boolean(truth) => write!(f, "{truth}"),
            Self::Time(time) => write!(f, "\"{time}\""),
        }
    }
}

/// A string as JSON writes it.
fn write_string(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    use fmt::Write;
    f.write_str("\"")?;
    for letter in text.chars() {
        match letter {
            '"' => f.write_str("\\\"")?,
            '\\' => f.write_str("\\\\")?,
            '\n' => f.write_str("\\n")?,
            '\r' => f.write_str("\\r")?,
            '\t' => f.write_str("\\t")?,
            letter if letter < ' ' => write!(f, "\\u{:04x}", u32::from(letter))?,
            letter => f.write_char(letter)?,
        }
    }
    f.write_str("\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keywords_are_a_set() {
        let keywords = |list: &[&str]| Value::keywords(list.iter().map(ToString::to_string));
        assert_eq!(keywords(&[]), None);
        assert_eq!(keywords(&["b", "b"]), Some(Value::Keyword("b".into())));
        let both = Some(Value::Keywords(vec!["a".into(), "b".into()]));
        assert_eq!(keywords(&["b", "a", "b"]), both);
    }

    #[test]
    fn values_are_printed_as_json() {
        for (value, printed) in [
            (Value::Keyword("a\"b\\\n\u{1}é".into()), r#""a\"b\\\n\u0001é""#),
            (Value::Keywords(vec!["a".into(), "b".into()]), r#"["a", "b"]"#),
            (Value::Integer(-7), "-7"),
            (Value::Float(2.0), "2.0"),
            (Value::Boolean(true), "true"),
            (Value::Time(Time(0)), r#""1970-01-01T00:00:00Z""#),
        ] {
            assert_eq!(value.to_string(), printed);
        }
    }
}
