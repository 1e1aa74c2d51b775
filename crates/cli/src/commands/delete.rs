//! `spork delete`: documents deleted from an index.

use std::path::Path;

use anyhow::Result;
use spork_files::{Error, Source, check_id};
use spork_search::change;

use crate::args::DeleteArgs;
use crate::indexing_log::tell_merged;
use crate::progress_bars::IndexingBar;

pub(crate) fn run(args: &DeleteArgs) -> Result<()> {
    let bar = IndexingBar::default();
    let mut docnos = args.docno.clone();
    if let Some(path) = &args.docnos {
        docnos.extend(read_docnos(path)?);
    }
    let change = change(&args.index)
        .ignore_missing(args.ignore_missing)
        .purge(args.purge)
        .merge_due(!args.no_merge)
        .memory(args.work.memory)
        .threads(args.work.threads.unwrap_or(0))
        .progress(&bar);
    let deleted = match &args.filter {
        Some(filter) => change.delete_where(filter),
        None => change.delete(docnos),
    };
    bar.clear();
    let deleted = deleted?;
    let (index, report) = (args.index.display(), deleted.report);
    if report.missing > 0 {
        tracing::warn!("{index}: {} docnos are not there", report.missing);
    }
    tracing::info!("{index}: {} documents deleted; {} are left", report.deleted, report.left);
    if args.purge {
        tracing::info!(
            "{index}: {} segments written anew; no file holds these documents any more",
            report.rewritten
        );
    }
    tell_merged(&args.index, deleted.merged);
    Ok(())
}

/// Reads docnos, one a line.
fn read_docnos(path: &Path) -> Result<Vec<String>> {
    let mut source = Source::open(path)?;
    let (mut docnos, mut buffer) = (Vec::new(), Vec::new());
    while let Some(line) = source.next_line(&mut buffer)? {
        let docno = line.text().and_then(|docno| check_id(docno).map(|()| docno.to_owned()));
        let number = line.number;
        docnos.push(docno.map_err(|error| Error::line(source.path(), number, error))?);
    }
    Ok(docnos)
}
