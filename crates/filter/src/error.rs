//! What can be wrong with a filter, and where.

use std::ops::Range;

use spork_index::ColumnKind;

use crate::tree::Place;

/// Characters of the filter that are shown on each side of a fault.
const AROUND: usize = 40;

/// A filter that can't be used. Its message has three lines: the fault and its place, the part of
/// the filter, and a mark below it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("filter, character {character}: {fault}\n  {excerpt}\n  {mark}")]
pub struct FilterError {
    /// The first character at fault, from 1.
    pub character: usize,
    /// What is wrong there.
    pub fault: Box<Fault>,
    excerpt: String,
    mark: String,
}

/// What is wrong with a filter.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Something else should be here.
    #[error("expected {expected}, got {got}{}", with_remedy(remedy))]
    Syntax {
        /// What the language has here.
        expected: String,
        /// What is here.
        got: String,
        /// What to write instead, if that is known.
        remedy: Option<String>,
    },
    /// A column that the index does not have.
    #[error("there is no column {name:?}; {}", known_columns(known))]
    UnknownColumn {
        /// The name.
        name: String,
        /// The columns that there are.
        known: Vec<String>,
    },
    /// A value that does not go with its column.
    #[error("column {column:?} is {kind}: expected {expected}, got {got}{}", with_remedy(remedy))]
    Value {
        /// The column.
        column: String,
        /// Its kind.
        kind: ColumnKind,
        /// The values that go with it.
        expected: &'static str,
        /// The value.
        got: String,
        /// What to write instead, if that is known.
        remedy: Option<String>,
    },
    /// Too much of something.
    #[error("more than {most} {what}; {remedy}")]
    TooMuch {
        /// The thing that there is too much of.
        what: &'static str,
        /// The most of it.
        most: usize,
        /// What to do.
        remedy: &'static str,
    },
}

fn with_remedy(remedy: &Option<String>) -> String {
    remedy.as_ref().map_or(String::new(), |remedy| format!("; {remedy}"))
}

fn known_columns(known: &[String]) -> String {
    if known.is_empty() {
        return "the index has none; give --columns when it is made".to_owned();
    }
    let names: Vec<String> = known.iter().map(|name| format!("{name:?}")).collect();
    format!("the index has {}", names.join(", "))
}

/// A fault and the bytes where it is.
#[derive(Debug)]
pub(crate) struct Placed {
    pub(crate) fault: Fault,
    pub(crate) at: Range<usize>,
}

impl Fault {
    pub(crate) fn at(self, place: &Place) -> Placed {
        Placed { fault: self, at: place.0.clone() }
    }

    pub(crate) fn syntax(
        expected: impl Into<String>,
        got: impl Into<String>,
        remedy: Option<String>,
    ) -> Self {
        Self::Syntax { expected: expected.into(), got: got.into(), remedy }
    }
}

impl Placed {
    /// The error, with the part of the filter's text around it.
    pub(crate) fn in_text(self, text: &str) -> FilterError {
        // The end of the text, and of what was read of it, are places too.
        let boundary = |at: usize| {
            (0..=at.min(text.len())).rfind(|&at| text.is_char_boundary(at)).unwrap_or(0)
        };
        let start = boundary(self.at.start);
        let end = boundary(self.at.end).max(start);
        let character = text[..start].chars().count() + 1;
        let before: Vec<char> = text[..start].chars().rev().take(AROUND).collect();
        let within: Vec<char> = text[start..end].chars().take(AROUND).collect();
        let after = text[start..].chars().skip(within.len()).take(AROUND);
        let visible = |letter: char| if letter.is_control() { ' ' } else { letter };
        let letters = before.iter().rev().copied().chain(within.iter().copied()).chain(after);
        let excerpt = letters.map(visible).collect();
        let mark = " ".repeat(before.len()) + &"^".repeat(within.len().max(1));
        FilterError { character, fault: Box::new(self.fault), excerpt, mark }
    }
}
