//! Tables of tokens: which term a number of a file stands for.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use spork_core::TermId;
use spork_files::Source;

use crate::error::{Error, Result};

/// A table of tokens, by number and by name.
#[derive(Debug, Default)]
pub(crate) struct TokenTable {
    tokens: HashMap<u32, String>,
}

impl TokenTable {
    /// Reads a JSON object of tokens and their numbers, or a text of one token a line, numbered
    /// from 0.
    ///
    /// # Errors
    /// The file can't be read, is neither, or has a token or a number twice.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let mut source = Source::open(path)?;
        if source.peek()? == Some(b'{') {
            let (path, reader) = source.into_parts();
            let Pairs(pairs) = serde_json::from_reader(reader).map_err(|error| {
                Error::fault(
                    &path,
                    "the token table",
                    format!("expected a JSON object of tokens and their numbers: {error}"),
                )
            })?;
            return Self::new(pairs, &path);
        }
        let (mut pairs, mut buffer) = (Vec::new(), Vec::new());
        while let Some(line) = source.next_line(&mut buffer)? {
            let token = line.text().map_err(|error| source.error(error))?;
            // Blank lines have numbers too.
            pairs.push((token.to_owned(), line.number as u32 - 1));
        }
        Self::new(pairs, path)
    }

    fn new(pairs: Vec<(String, u32)>, path: &Path) -> Result<Self> {
        let mut names: Vec<&str> = pairs.iter().map(|(token, _)| token.as_str()).collect();
        names.sort_unstable();
        let place = "the token table";
        if let Some(pair) = names.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(Error::fault(path, place, format!("token {:?} is there twice", pair[0])));
        }
        let mut tokens = HashMap::with_capacity(pairs.len());
        for (token, number) in pairs {
            if let Some(other) = tokens.insert(number, token) {
                let two = format!("number {number} is that of {other:?} and of another token");
                return Err(Error::fault(path, place, two));
            }
        }
        Ok(Self { tokens })
    }

    /// The number of each token.
    pub(crate) fn numbers(&self) -> HashMap<&str, u32> {
        self.tokens.iter().map(|(&number, token)| (token.as_str(), number)).collect()
    }
}

struct Pairs(Vec<(String, u32)>);

/// An object, its entries in order, so that a token that is there twice is seen.
impl<'de> Deserialize<'de> for Pairs {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        struct PairsVisitor;
        impl<'de> Visitor<'de> for PairsVisitor {
            type Value = Pairs;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object of tokens and their numbers")
            }
            fn visit_map<A: MapAccess<'de>>(
                self,
                mut map: A,
            ) -> std::result::Result<Self::Value, A::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(Pairs(pairs))
            }
        }
        deserializer.deserialize_map(PairsVisitor)
    }
}

/// The file beside `path` that this crate writes the table of its tokens to.
pub(crate) fn tokens_file(path: &Path) -> PathBuf {
    beside(path, ".tokens.json")
}

/// The file beside `path` that this crate writes its ids to, one a line.
pub(crate) fn ids_file(path: &Path) -> PathBuf {
    beside(path, ".ids")
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

/// The terms of a file whose vectors have numbers in their place.
#[derive(Debug)]
pub(crate) struct NumberedTerms {
    /// Without a table, a term is its number's digits.
    table: Option<TokenTable>,
    /// The numbers of terms in the order of their first occurrence, by the file's numbers.
    known: HashMap<u32, TermId>,
    new: Vec<String>,
}

impl NumberedTerms {
    /// The terms of `path`: by the table that is given, or by the one beside the file.
    pub(crate) fn of(path: &Path, given: Option<&Path>) -> Result<Self> {
        let beside = Some(tokens_file(path)).filter(|file| file.is_file());
        let file = given.map(Path::to_owned).or(beside);
        let table = file.map(|file| TokenTable::read(&file)).transpose()?;
        Ok(Self { table, known: HashMap::new(), new: Vec::new() })
    }

    /// Whether terms are their numbers' digits.
    pub(crate) fn are_digits(&self) -> bool {
        self.table.is_none()
    }

    /// The term of the file's `number`; the error is a fault of the file.
    pub(crate) fn number(&mut self, number: u32) -> std::result::Result<TermId, String> {
        if let Some(&known) = self.known.get(&number) {
            return Ok(known);
        }
        let term = match &self.table {
            None => number.to_string(),
            Some(table) => table.tokens.get(&number).cloned().ok_or_else(|| {
                format!("term {number} is not in the token table; give the file's own (--tokens)")
            })?,
        };
        let id = TermId(self.known.len() as u32);
        self.known.insert(number, id);
        self.new.push(term);
        Ok(id)
    }

    /// The terms that are new since the last call.
    pub(crate) fn take_new(&mut self) -> Vec<String> {
        std::mem::take(&mut self.new)
    }
}

/// The ids of a file that has none: those of the file beside it, or numbers from 0.
pub(crate) struct Ids {
    source: Option<Source>,
    buffer: Vec<u8>,
    next: u64,
}

impl Ids {
    pub(crate) fn of(path: &Path) -> Result<Self> {
        let file = ids_file(path);
        let source = if file.is_file() { Some(Source::open(&file)?) } else { None };
        Ok(Self { source, buffer: Vec::new(), next: 0 })
    }

    /// The id of the next vector.
    pub(crate) fn next(&mut self) -> Result<String> {
        let number = self.next;
        self.next += 1;
        let Some(source) = &mut self.source else { return Ok(number.to_string()) };
        let path = source.path().to_owned();
        let Some(line) = source.next_line(&mut self.buffer)? else {
            let few = format!("{number} ids, but more vectors; it belongs to another file");
            return Err(Error::fault(&path, "the end", few));
        };
        let fail = |error| spork_files::Error::line(&path, line.number, error);
        let id = line.text().map_err(fail)?;
        spork_files::check_id(id).map_err(fail)?;
        Ok(id.to_owned())
    }

    /// Checks that no id is left.
    pub(crate) fn end(&mut self) -> Result<()> {
        let Some(source) = &mut self.source else { return Ok(()) };
        if source.next_line(&mut self.buffer)?.is_none() {
            return Ok(());
        }
        let many = format!("more ids than the {} vectors; it belongs to another file", self.next);
        Err(Error::fault(source.path(), "an id", many))
    }
}
