//! `spork verify`: reads a whole index.

use anyhow::Result;
use spork_index::Index;

use crate::args::VerifyArgs;

pub(crate) fn run(args: &VerifyArgs) -> Result<()> {
    let index = Index::open(&args.index)?;
    spork_index::verify(&index)?;
    let counts = index.counts();
    tracing::info!(
        "{}: sound; {} segments, {} documents, {} postings",
        args.index.display(),
        index.segments().len(),
        counts.documents,
        counts.postings()
    );
    Ok(())
}
