//! One module a subcommand.

pub(crate) mod encode;
#[cfg(feature = "torch")]
pub(crate) mod encoder;
pub(crate) mod eval;
pub(crate) mod flops;
pub(crate) mod index;
pub(crate) mod inspect;
pub(crate) mod provenance;
pub(crate) mod search;
pub(crate) mod verify;

/// What to say where the encoder is needed and was left out.
#[cfg(not(feature = "torch"))]
pub(crate) fn no_encoder() -> anyhow::Error {
    anyhow::anyhow!(
        "this spork was built without the encoder; build it with `./scripts/build`, or encode elsewhere and give vectors"
    )
}
