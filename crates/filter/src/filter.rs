//! A filter in either form.

use std::str::FromStr;

use spork_index::ColumnSpec;

use crate::bind::{BoundFilter, bind};
use crate::error::FilterError;
use crate::tree::Node;
use crate::{grammar, json};

/// A filter as it was written, not yet checked against columns.
#[derive(Clone, Debug)]
pub struct Filter {
    text: String,
    root: Node,
}

/// Filters are equal that say the same with the same parts, wherever these are written.
impl PartialEq for Filter {
    fn eq(&self, other: &Self) -> bool {
        self.root == other.root
    }
}

impl FromStr for Filter {
    type Err = FilterError;

    /// Reads a filter: JSON if it begins with a brace, else the language.
    fn from_str(text: &str) -> Result<Self, FilterError> {
        let is_json = text.trim_start().starts_with('{');
        let root = if is_json { json::parse(text)? } else { grammar::parse(text)? };
        Ok(Self { text: text.to_owned(), root })
    }
}

impl Filter {
    /// Checks names and values against an index's columns.
    ///
    /// # Errors
    /// A column that there is not, or a value or operator that does not go with its column; each
    /// with its place in the filter.
    pub fn bind(&self, columns: &[ColumnSpec]) -> Result<BoundFilter, FilterError> {
        bind(&self.root, columns).map_err(|fault| fault.in_text(&self.text))
    }

    pub(crate) fn root(&self) -> &Node {
        &self.root
    }
}
