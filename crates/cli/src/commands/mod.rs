//! One module a subcommand.

pub(crate) mod add;
pub(crate) mod advise;
pub(crate) mod average;
pub(crate) mod bench;
pub(crate) mod convert;
pub(crate) mod delete;
pub(crate) mod diff;
pub(crate) mod encode;
pub(crate) mod eval;
pub(crate) mod explain;
pub(crate) mod export;
pub(crate) mod flops;
pub(crate) mod fuse;
pub(crate) mod get;
pub(crate) mod index;
pub(crate) mod inspect;
pub(crate) mod merge;
pub(crate) mod mine;
pub(crate) mod plot;

pub(crate) mod search;

#[cfg(feature = "serve")]
pub(crate) mod serve;
pub(crate) mod train;
pub(crate) mod verify;
