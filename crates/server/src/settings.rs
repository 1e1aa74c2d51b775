//! What a server is started with.

use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use spork_search::LoadOptions;

use crate::access::Access;
use crate::start_error::StartError;

/// The longest name of an index or alias.
const LONGEST_NAME: usize = 64;
/// Names that are parts of paths.
const RESERVED: [&str; 7] = ["aliases", "diff", "encode", "explain", "indexes", "models", "search"];

/// An index and the name that requests call it by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedIndex {
    /// Letters, digits, `-`, `_` and `.`.
    pub name: String,
    /// Its folder.
    pub folder: PathBuf,
}

impl FromStr for NamedIndex {
    type Err = StartError;

    /// Reads `NAME=DIR`, or `DIR`, whose last part is the name then.
    fn from_str(text: &str) -> Result<Self, StartError> {
        let (name, folder) = match text.split_once('=') {
            Some((name, folder)) if !name.contains(['/', '\\']) => (Some(name), folder),
            _ => (None, text),
        };
        let folder = PathBuf::from(folder);
        let last = folder.file_name().map(|name| name.to_string_lossy().into_owned());
        let name = name.map(str::to_owned).or(last).unwrap_or_default();
        check_name(&name)?;
        Ok(Self { name, folder })
    }
}

/// Checks that requests can call an index or an alias by this name.
pub(crate) fn check_name(name: &str) -> Result<(), StartError> {
    let letters = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    let fits = (1..=LONGEST_NAME).contains(&name.len()) && name.chars().all(letters);
    if !fits || name.starts_with('.') || RESERVED.contains(&name) {
        return Err(StartError::Name { name: name.to_owned() });
    }
    Ok(())
}

/// What requests may ask for at most. More is refused before any work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestLimits {
    /// Hits of a search.
    pub k: usize,
    /// Queries of a batch, and texts to encode at a time.
    pub batch: usize,
    /// Terms of a vector.
    pub terms: usize,
    /// Bytes of a query's text or of a filter.
    pub text: usize,
    /// Bytes of a body, other than one with documents.
    pub body: usize,
    /// Bytes of a body with documents.
    pub documents_body: usize,
    /// Connections at a time; more wait to be accepted.
    pub connections: usize,
    /// How long a search may wait for a thread.
    pub queue: Duration,
}

impl Default for RequestLimits {
    fn default() -> Self {
        Self {
            k: 10_000,
            batch: 1_000,
            terms: 4_096,
            text: 32 << 10,
            body: 1 << 20,
            documents_body: 32 << 20,
            connections: 1_024,
            queue: Duration::from_millis(200),
        }
    }
}

/// What is served: by HTTP or by the Model Context Protocol.
#[derive(Clone, Debug, Default)]
pub struct Served {
    /// The indexes, at least one.
    pub indexes: Vec<NamedIndex>,
    /// Other names for them.
    pub aliases: Vec<(String, String)>,
    /// Models that encode queries and documents: folders or Hub ids. Each index takes the one that
    /// encoded its documents; without any, the one that it records, if it is here.
    pub models: Vec<String>,
    /// How models are loaded.
    pub load: LoadOptions,
    /// Threads that search; by default one a core.
    pub threads: Option<NonZeroUsize>,
    /// What requests may ask for.
    pub limits: RequestLimits,
    /// Whether the log has the texts of queries.
    pub log_queries: bool,
}

/// A server of HTTP.
#[derive(Clone, Debug)]
pub struct Settings {
    /// What is served.
    pub served: Served,
    /// The address; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Who may do what.
    pub access: Access,
    /// Whether each request is logged, and not only failures and slow ones.
    pub log_requests: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_indexes() {
        let named = |text: &str| text.parse::<NamedIndex>().map(|index| index.name);
        assert_eq!(named("wiki=/data/index").unwrap(), "wiki");
        assert_eq!(named("/data/wiki").unwrap(), "wiki");
        assert_eq!(named("/data/a=b/wiki").unwrap(), "wiki");
        for refused in ["", "=x", "a b=x", "search=x", ".x=y", "..", "é=x"] {
            assert!(named(refused).is_err(), "{refused}");
        }
    }
}
