//! Fingerprints of texts: equal for equal words, whatever their case and the marks between them.

use std::hash::{DefaultHasher, Hasher};

/// 64 bits of a text's lower-case alphanumeric words. Different texts share one with a chance of
/// 2⁻⁶⁴.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Fingerprint(u64);

impl Fingerprint {
    /// The fingerprint of the text's words, or of the whole text if it has none.
    pub(crate) fn of(text: &str) -> Self {
        let mut hasher = DefaultHasher::new();
        let mut words = 0;
        let mut lower = String::new();
        for word in text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
            lower.clear();
            lower.extend(word.chars().flat_map(char::to_lowercase));
            hasher.write(lower.as_bytes());
            hasher.write_u8(b' ');
            words += 1;
        }
        if words == 0 {
            hasher.write(text.trim().as_bytes());
            hasher.write_u8(0);
        }
        Self(hasher.finish())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_and_marks_do_not_count() {
        let same = |a, b| Fingerprint::of(a) == Fingerprint::of(b);
        assert!(same("The cat, the hat.", " the CAT (the  hat)"));
        assert!(same("ÉTÉ", "été!"));
        assert!(!same("the cat", "thecat"));
        assert!(!same("the cat", "cat the"));
        assert!(!same("!!", "??"));
        assert!(same("", " "));
        assert!(!same("", "a"));
    }
}
