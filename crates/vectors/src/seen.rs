//! Ids of vectors that were read, so that none is taken twice.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;

use crate::error::{Error, Result};

/// Ids seen, each as 128 bits of hash: strings would take several times the memory, and two ids of
/// the same hash are not to be expected among all ids that there are.
#[derive(Debug, Default)]
pub struct SeenVectors {
    hashes: HashSet<u128>,
}

impl SeenVectors {
    /// Notes the id of a vector of `path`.
    ///
    /// # Errors
    /// An earlier vector has it.
    pub fn add(&mut self, id: &str, path: &Path) -> Result<()> {
        let half = |number: u8| {
            let mut hasher = DefaultHasher::new();
            (number, id).hash(&mut hasher);
            u128::from(hasher.finish())
        };
        if self.hashes.insert(half(0) << 64 | half(1)) {
            return Ok(());
        }
        let again = format!("id {id:?} is that of an earlier vector; remove one of the two");
        Err(Error::fault(path, "a vector", again))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_taken_once() {
        let mut seen = SeenVectors::default();
        for number in 0..10_000 {
            seen.add(&number.to_string(), Path::new("v")).unwrap();
        }
        let error = seen.add("77", Path::new("v")).unwrap_err().to_string();
        assert_eq!(
            error,
            "v: a vector: id \"77\" is that of an earlier vector; remove one of the two"
        );
    }
}
