//! `spork merge`: an index's segments merged into one.

use anyhow::Result;
use spork_search::change;

use crate::args::MergeArgs;
use crate::indexing_log::tell_merged;
use crate::progress_bars::IndexingBar;

pub(crate) fn run(args: &MergeArgs) -> Result<()> {
    let bar = IndexingBar::default();
    let merged = change(&args.index)
        .memory(args.work.memory)
        .threads(args.work.threads.unwrap_or(0))
        .progress(&bar)
        .merge();
    bar.clear();
    let merged = merged?;
    if merged.documents == 0 && merged.dropped == 0 {
        let index = args.index.display();
        tracing::info!("{index}: nothing to merge");
    } else {
        tell_merged(&args.index, Some(merged));
    }
    Ok(())
}
