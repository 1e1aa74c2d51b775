//! One module a subcommand; those that need a network are in `spork-torch`.

pub(crate) mod bench;
pub mod convert;
pub(crate) mod eval;
pub(crate) mod flops;
pub(crate) mod index;
pub(crate) mod inspect;
pub(crate) mod mine;
pub(crate) mod plot;
pub mod provenance;
pub(crate) mod search;
pub(crate) mod verify;
