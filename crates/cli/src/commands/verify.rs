//! `spork verify`: reads a whole index.

use anyhow::Result;
use spork_index::Index;

use crate::args::VerifyArgs;

pub(crate) fn run(args: &VerifyArgs) -> Result<()> {
    let index = Index::open(&args.index)?;
    spork_index::verify(&index)?;
    let manifest = index.manifest();
    tracing::info!(
        "{}: sound; {} documents, {} terms, {} postings",
        args.index.display(),
        manifest.documents,
        manifest.terms(),
        manifest.postings()
    );
    Ok(())
}
