//! Terms as text files have them, numbered in the order of their first occurrence.

use std::collections::HashMap;

use spork_core::TermId;

/// Numbers terms, and keeps those that are new.
#[derive(Debug, Default)]
pub(crate) struct NamedTerms {
    known: HashMap<String, TermId>,
    new: Vec<String>,
}

impl NamedTerms {
    pub(crate) fn number(&mut self, term: &str) -> TermId {
        if let Some(&known) = self.known.get(term) {
            return known;
        }
        let id = TermId(self.known.len() as u32);
        self.known.insert(term.to_owned(), id);
        self.new.push(term.to_owned());
        id
    }

    /// The terms that are new since the last call.
    pub(crate) fn take_new(&mut self) -> Vec<String> {
        std::mem::take(&mut self.new)
    }
}
