//! `spork add`: documents added to an index, or replaced.

use std::time::Instant;

use anyhow::Result;
use spork_files::BeirFolder;
use spork_index::Index;
use spork_indexer::Pruning;
use spork_search::{Change, change};
use spork_vectors::Scratch;

use crate::args::AddArgs;
use crate::indexing_log::{tell_left_out, tell_merged};
use crate::progress_bars::IndexingBar;

pub(crate) fn run(args: &AddArgs) -> Result<()> {
    let (bar, start) = (IndexingBar::default(), Instant::now());
    let corpora = match &args.beir {
        Some(root) => vec![BeirFolder::of_documents(root)?.corpus()?],
        None => args.bm25.clone(),
    };
    let change = args.shard.into_iter().fold(change(&args.index), Change::shard);
    let added = change
        .update(args.update)
        .allow_mismatch(args.allow_mismatch)
        .records(&args.records)
        .reading(args.reading.options(None, Scratch::default()))
        .merge_due(!args.no_merge)
        .memory(args.work.memory)
        .threads(args.work.threads.unwrap_or(0))
        .progress(&bar)
        .hybrid_files(&args.input, &corpora);
    bar.clear();
    let added = added?;
    tell_left_out(&added.report, Pruning::default());
    let (counts, replaced) = (&added.report.summary.counts, added.report.replaced);
    let index = Index::open(&args.index)?;
    tracing::info!(
        "{}: {} documents added{}; it has {} documents in {} segments; {:.1} s",
        args.index.display(),
        counts.documents,
        if replaced > 0 { format!(", of which {replaced} replace others") } else { String::new() },
        index.documents(),
        index.segments().len(),
        start.elapsed().as_secs_f64()
    );
    tell_merged(&args.index, added.merged);
    Ok(())
}
