//! Names of models on the Hub, told from paths.

use std::fmt;

/// The branch that a name without a revision means.
const MAIN: &str = "main";
/// The Hub's own limit.
const LONGEST_NAME: usize = 96;

/// `owner/name` and a revision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ModelId {
    name: String,
    revision: String,
}

impl ModelId {
    /// Reads `owner/name[@revision]`; `None` for what can only be a path.
    pub(super) fn parse(model: &str) -> Option<Self> {
        let (name, revision) = model.split_once('@').unwrap_or((model, MAIN));
        // Without an owner it would be no more than a word.
        let named = name.split_once('/').is_some_and(|(owner, own)| is_name(owner) && is_name(own));
        let good = named && name.len() <= LONGEST_NAME && is_revision(revision);
        good.then(|| Self { name: name.to_owned(), revision: revision.to_owned() })
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn revision(&self) -> &str {
        &self.revision
    }
}

impl fmt::Display for ModelId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        if self.revision == MAIN { Ok(()) } else { write!(f, "@{}", self.revision) }
    }
}

/// The Hub's rule for each half of a name.
fn is_name(part: &str) -> bool {
    !part.starts_with(['.', '-'])
        && !part.ends_with(['.', '-'])
        && !part.contains("..")
        && !part.contains("--")
        && is_word(part)
}

/// Branches may have slashes; they become folders of the cache, so nothing may lead out of it.
fn is_revision(revision: &str) -> bool {
    revision.split('/').all(|part| is_word(part) && !part.starts_with('.') && !part.ends_with('.'))
}

/// Nothing that would need escaping in an address or mean something in a path.
pub(super) fn is_word(text: &str) -> bool {
    !text.is_empty()
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_told_from_paths() {
        for name in ["naver/splade-v3", "a/b.c_d", "o/n@main", "o/n@refs/pr/5", "o/n@v1.0"] {
            assert!(ModelId::parse(name).is_some(), "{name}");
        }
        let long = format!("o/{}", "x".repeat(95));
        for path in [
            "",
            "model",
            "model@main",
            ".",
            "./model",
            "../model",
            "~/model",
            "/models/x",
            "a/b/c",
            "a//b",
            "a/",
            "/a",
            "-a/b",
            "a/b.",
            "a/b--c",
            "a b",
            "ä/b",
            "a\\b",
            "C:\\models",
            "o/n@",
            "o/n@../x",
            "o/n@a//b",
            "o/n@.x",
            "@main",
            "a/..",
            &long,
        ] {
            assert_eq!(ModelId::parse(path), None, "{path}");
        }
    }

    #[test]
    fn the_default_revision_is_silent() {
        let shown = |text: &str| ModelId::parse(text).unwrap().to_string();
        assert_eq!(shown("o/n@main"), "o/n");
        assert_eq!(shown("o/n@v2"), "o/n@v2");
    }
}
