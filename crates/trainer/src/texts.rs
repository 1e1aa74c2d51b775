//! Many texts in one piece of memory: a collection of millions costs its bytes and eight more a
//! text.

use std::collections::HashMap;
use std::hash::{BuildHasher, BuildHasherDefault};

use rustc_hash::FxHasher;

/// The number of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TextId(pub u32);

/// Texts by number.
#[derive(Debug, Default)]
pub struct Texts {
    bytes: String,
    ends: Vec<u64>,
    /// By hash: the first text that has it, and the few others.
    known: HashMap<u64, Vec<u32>, BuildHasherDefault<FxHasher>>,
}

impl Texts {
    /// Adds a text, whether or not it is there already.
    pub fn push(&mut self, text: &str) -> TextId {
        self.bytes.push_str(text);
        self.ends.push(self.bytes.len() as u64);
        TextId((self.ends.len() - 1) as u32)
    }

    /// The number of this text, which is added where it is new.
    pub fn intern(&mut self, text: &str) -> TextId {
        let hash = BuildHasherDefault::<FxHasher>::default().hash_one(text);
        if let Some(known) = self.known.get(&hash)
            && let Some(&found) = known.iter().find(|&&id| self.get(TextId(id)) == text)
        {
            return TextId(found);
        }
        let id = self.push(text);
        self.known.entry(hash).or_default().push(id.0);
        id
    }

    /// The text of this number; none has an empty one.
    pub fn get(&self, id: TextId) -> &str {
        let end = self.ends.get(id.0 as usize).copied().unwrap_or(0) as usize;
        let start =
            (id.0 as usize).checked_sub(1).and_then(|before| self.ends.get(before)).copied();
        self.bytes.get(start.unwrap_or(0) as usize..end).unwrap_or_default()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }
}
