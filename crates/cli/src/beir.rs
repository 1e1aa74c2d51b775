//! A BEIR folder on the command line.

use anyhow::{Context, Result, bail};
use spork_eval::SplitTopics;
use spork_files::BeirFolder;

use crate::args::BeirArgs;

/// The folder that is given, if one is.
pub(crate) fn folder(args: &BeirArgs) -> Result<Option<BeirFolder>> {
    match (&args.beir, &args.split) {
        (Some(root), split) => {
            Ok(Some(BeirFolder::open(root, split.as_deref().unwrap_or("test"))?))
        }
        (None, Some(_)) => bail!("--split is one of a BEIR folder's; give the folder with --beir"),
        (None, None) => Ok(None),
    }
}

/// The topics of its split, with texts; says how many, and warns of those that have none.
pub(crate) fn topics(folder: &BeirFolder) -> Result<Vec<(String, String)>> {
    let (root, split) = (folder.root().display(), folder.split());
    let SplitTopics { topics, missing } =
        SplitTopics::read(folder).with_context(|| root.to_string())?;
    tracing::info!("{root}: {} topics of the split {split}", topics.len());
    if missing > 0 {
        tracing::warn!("{root}: {missing} topics of the split {split} are not in queries.jsonl");
    }
    Ok(topics)
}
