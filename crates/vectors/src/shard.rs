//! Parts of a collection.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The constants of 64-bit FNV-1a (Fowler, Noll and Vo).
const FNV_BASIS: u64 = 0xcbf2_9ce4_8422_2325;
const FNV_PRIME: u64 = 0x100_0000_01b3;

/// A part of a collection, `part/of`, for example `1/4`. Encoding divides a collection by its
/// lines, in blocks of which each `of`-th belongs to a part; indexing by docnos, so that the vector
/// and the text of a document are in the same part, whatever files they are in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Shard {
    /// From 1.
    part: u32,
    of: u32,
}

impl Shard {
    /// From 0.
    pub fn index(self) -> usize {
        self.part as usize - 1
    }

    /// How many parts there are.
    pub fn count(self) -> usize {
        self.of as usize
    }

    /// Whether the block of this number (from 0) belongs to the part.
    pub fn has_block(self, block: usize) -> bool {
        block % self.count() == self.index()
    }

    /// Whether the document of this docno belongs to the part: the remainder of a hash of its bytes
    /// (64-bit FNV-1a, its halves joined by exclusive or) says which part it is in.
    pub fn has_document(self, docno: &str) -> bool {
        let hash = docno
            .bytes()
            .fold(FNV_BASIS, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(FNV_PRIME));
        let folded = (hash >> 32) ^ (hash & u64::from(u32::MAX));
        folded % u64::from(self.of) == u64::from(self.part - 1)
    }
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let numbers = text
            .split_once('/')
            .and_then(|(part, of)| Some((part.parse().ok()?, of.parse().ok()?)));
        match numbers {
            Some((part, of)) if 1 <= part && part <= of => Ok(Self { part, of }),
            _ => Err("expected I/N, a part and the number of parts, such as 1/4 to 4/4".to_owned()),
        }
    }
}

impl TryFrom<String> for Shard {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Shard> for String {
    fn from(shard: Shard) -> Self {
        shard.to_string()
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.part, self.of)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shard(text: &str) -> Shard {
        text.parse().unwrap()
    }

    #[test]
    fn each_document_is_in_one_part_and_parts_are_even() {
        for of in [1, 2, 7, 64] {
            let parts: Vec<Shard> = (1..=of).map(|part| shard(&format!("{part}/{of}"))).collect();
            let mut sizes = vec![0; parts.len()];
            for number in 0..20_000 {
                let docno = format!("D{number}");
                let mut of_docno = parts.iter().filter(|part| part.has_document(&docno));
                sizes[of_docno.next().unwrap().index()] += 1;
                assert_eq!(of_docno.next(), None);
            }
            let even = 20_000 / of;
            assert!(sizes.iter().all(|&size| (even * 4 / 5..=even * 6 / 5).contains(&size)));
        }
    }

    /// Which document is in which part must never change: shards are built apart.
    #[test]
    fn parts_are_a_promise() {
        let part_of = |docno: &str| {
            (1..=10).find(|part| shard(&format!("{part}/10")).has_document(docno)).unwrap()
        };
        let parts = ["", "a", "foobar", "7267248", "Å-1"].map(part_of);
        assert_eq!(parts, [2, 5, 4, 8, 2]);
    }

    #[test]
    fn text_that_names_no_part_is_refused() {
        for text in ["", "1", "0/2", "3/2", "1/0", "-1/2", "1/2/3", "a/b", "1 of 2"] {
            assert!(text.parse::<Shard>().is_err(), "{text}");
        }
        assert_eq!(shard("2/3").to_string(), "2/3");
    }
}
