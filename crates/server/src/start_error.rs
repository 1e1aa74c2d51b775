//! Why a server does not start.

use std::net::SocketAddr;

/// Why a server does not start, with the remedy.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A name that paths can't hold.
    #[error(
        "{name:?} can't be the name of an index or alias; expected 1 to 64 letters, digits, -, _ \
         and ., and none of the words of the API such as search; give one as NAME=DIR"
    )]
    Name {
        /// The name.
        name: String,
    },
    /// Two indexes of one name.
    #[error("two indexes or aliases are called {name:?}; name them apart: NAME=DIR")]
    Twice {
        /// The name.
        name: String,
    },
    /// No index.
    #[error("there is no index to serve; give --index NAME=DIR")]
    NoIndex,
    /// An alias of nothing.
    #[error("the alias {alias:?} means {name:?}, which is no index; there are {known}")]
    Alias {
        /// The alias.
        alias: String,
        /// What it is to mean.
        name: String,
        /// The indexes.
        known: String,
    },
    /// A model that fits no index.
    #[error("the model {model} fits none of the indexes: {reason}; leave it out or add its index")]
    UnusedModel {
        /// The model.
        model: String,
        /// Why the last index refused it.
        reason: String,
    },
    /// A public address without protection.
    #[error(
        "{listen} can be reached from other machines: give --read-key-file, or --no-keys to let \
         everyone search"
    )]
    Public {
        /// The address.
        listen: SocketAddr,
    },
    /// A public address whose documents all may change.
    #[error(
        "{listen} can be reached from other machines, and --read-write would let all of them \
         change indexes: give --admin-key-file in its place"
    )]
    PublicWrites {
        /// The address.
        listen: SocketAddr,
    },
    /// A key that is too easy.
    #[error(
        "the {which} key has {length} bytes; expected at least 16, such as of openssl rand -hex 16"
    )]
    ShortKey {
        /// Which key.
        which: &'static str,
        /// Its length.
        length: usize,
    },
    /// Both keys are equal.
    #[error("the read key and the admin key are equal; make another one for readers")]
    EqualKeys,
    /// An origin or host that is none.
    #[error("{given:?}: expected {expected}")]
    Place {
        /// What was given.
        given: String,
        /// What was expected.
        expected: &'static str,
    },
    /// The address is taken, or not this machine's.
    #[error("{listen}: {source}; choose another --listen")]
    Listen {
        /// The address.
        listen: SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
    /// Threads or signals that the system refuses.
    #[error("{what}: {reason}")]
    System {
        /// What was to be done.
        what: &'static str,
        /// What the system said.
        reason: String,
    },
    /// An index or a model.
    #[error(transparent)]
    Search(#[from] spork_search::Error),
}
