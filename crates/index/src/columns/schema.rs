//! The columns that an index has: names and kinds.

use std::fmt;
use std::str::FromStr;

use bincode::{Decode, Encode};

/// The most columns of an index.
const MAX_COLUMNS: usize = 256;

/// What the values of a column are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Encode, Decode)]
pub enum ColumnKind {
    /// A string, or a set of strings, compared byte by byte.
    Keyword,
    /// An integer of 64 bits with a sign.
    Integer,
    /// A finite number in double precision.
    Float,
    /// True or false.
    Boolean,
    /// A point in time.
    Time,
}

impl ColumnKind {
    /// All kinds, in the order of their numbers in files.
    pub const ALL: [Self; 5] =
        [Self::Keyword, Self::Integer, Self::Float, Self::Boolean, Self::Time];

    /// The name in `--columns` and in messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Keyword => "keyword",
            Self::Integer => "integer",
            Self::Float => "float",
            Self::Boolean => "boolean",
            Self::Time => "time",
        }
    }

    /// What a value of the kind is written as, for messages.
    pub fn expected(self) -> &'static str {
        match self {
            Self::Keyword => "a string or a list of strings",
            Self::Integer => "an integer from -2⁶³ to 2⁶³ - 1",
            Self::Float => "a number",
            Self::Boolean => "true or false",
            Self::Time => "a time as in \"2024-05-01T12:00:00Z\" or \"2024-05-01\"",
        }
    }
}

impl fmt::Display for ColumnKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for ColumnKind {
    type Err = SchemaError;

    fn from_str(name: &str) -> Result<Self, SchemaError> {
        let kind = Self::ALL.into_iter().find(|kind| kind.name() == name);
        kind.ok_or_else(|| SchemaError::Kind(name.to_owned()))
    }
}

/// A column of an index, fixed when the index is made.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Encode, Decode)]
pub struct ColumnSpec {
    /// Its name: the key in JSON records, `a.b` for the key `b` of the object `a`.
    pub name: String,
    /// What its values are.
    pub kind: ColumnKind,
}

impl fmt::Display for ColumnSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.name, self.kind)
    }
}

/// A fault in the names and kinds of columns.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SchemaError {
    /// A kind that there is not.
    #[error("{0:?} is no kind of column; expected keyword, integer, float, boolean or time")]
    Kind(String),
    /// A column without a kind.
    #[error(
        "column {0:?} has no kind; write {0}:KIND, where KIND is keyword, integer, float, boolean \
         or time"
    )]
    NoKind(String),
    /// A column without a name.
    #[error("a column has no name; expected NAME:KIND, with commas between columns")]
    NoName,
    /// Two columns with one name.
    #[error("column {0:?} is given twice; remove one")]
    Repeated(String),
    /// Too many columns.
    #[error("{0} columns; an index has at most {MAX_COLUMNS}")]
    TooMany(usize),
}

/// Reads columns as `--columns` takes them: `year:integer,lang:keyword`.
///
/// # Errors
/// A column without name or kind, a kind that there is not, a name that comes twice, too many.
pub fn parse_schema(text: &str) -> Result<Vec<ColumnSpec>, SchemaError> {
    let mut columns = Vec::new();
    for part in text.split(',').map(str::trim) {
        // The kind is behind the last colon: a name may have colons of its own.
        let (name, kind) = match part.rsplit_once(':') {
            Some((name, kind)) => (name.trim(), kind.trim()),
            None if part.is_empty() => return Err(SchemaError::NoName),
            None => return Err(SchemaError::NoKind(part.to_owned())),
        };
        columns.push(ColumnSpec { name: name.to_owned(), kind: kind.parse()? });
    }
    check_schema(&columns)?;
    Ok(columns)
}

/// Whether columns may be those of an index.
pub(super) fn check_schema(columns: &[ColumnSpec]) -> Result<(), SchemaError> {
    if columns.len() > MAX_COLUMNS {
        return Err(SchemaError::TooMany(columns.len()));
    }
    for (place, column) in columns.iter().enumerate() {
        if column.name.is_empty() {
            return Err(SchemaError::NoName);
        }
        if columns[..place].iter().any(|before| before.name == column.name) {
            return Err(SchemaError::Repeated(column.name.clone()));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_read_and_printed() {
        let columns = parse_schema("year:integer, meta.lang:keyword,dc:date:time").unwrap();
        let printed: Vec<String> = columns.iter().map(ToString::to_string).collect();
        assert_eq!(printed, ["year:integer", "meta.lang:keyword", "dc:date:time"]);
    }

    #[test]
    fn every_fault_is_named() {
        let many = (0..257).map(|i| format!("c{i}:float")).collect::<Vec<_>>().join(",");
        for (text, says) in [
            ("year", "column \"year\" has no kind; write year:KIND"),
            ("year:int", "\"int\" is no kind of column"),
            ("year:integer,", "has no name"),
            ("", "has no name"),
            (":time", "has no name"),
            ("a:float,a:time", "column \"a\" is given twice"),
            (many.as_str(), "at most 256"),
        ] {
            let error = parse_schema(text).unwrap_err().to_string();
            assert!(error.contains(says), "{text}: {error}");
        }
    }
}
