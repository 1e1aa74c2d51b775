//! The texts to encode, in groups as large as a block of vectors.

use std::path::Path;

use anyhow::{Result, bail};
use spork_files::{Error, Line, Source, TextFormat, TextLine};
use spork_vectors::binary::{BLOCK, Shard};

use spork_files::SeenIds;

/// Id and text.
pub(super) type Text = (String, String);

/// Texts of a file, or those of a shard: each N-th group of [`BLOCK`].
///
/// Long and short texts find company of their length in a group, and a group's vectors do not
/// depend on where a run began.
pub(super) struct Texts {
    source: Source,
    format: TextFormat,
    shard: Option<Shard>,
    ids: SeenIds,
    groups: usize,
}

impl Texts {
    pub(super) fn open(path: &Path, shard: Option<Shard>) -> Result<Self> {
        let mut source = Source::open(path)?;
        let format = TextFormat::detect(&mut source)?;
        if source.peek()?.is_none() {
            bail!("{}: no text in it; expected one per line", source.path().display());
        }
        Ok(Self { source, format, shard, ids: SeenIds::default(), groups: 0 })
    }

    pub(super) fn path(&self) -> &Path {
        self.source.path()
    }

    /// The next group; empty at the end.
    pub(super) fn next_slab(&mut self) -> Result<Vec<Text>> {
        loop {
            let slab = self.next_group()?;
            self.groups += 1;
            if slab.is_empty() || self.shard.is_none_or(|shard| shard.has(self.groups - 1)) {
                return Ok(slab);
            }
        }
    }

    fn next_group(&mut self) -> Result<Vec<Text>> {
        let (mut texts, mut buffer) = (Vec::new(), Vec::new());
        while texts.len() < BLOCK {
            let Some(line) = self.source.next_line(&mut buffer)? else { break };
            let Line { number, .. } = line;
            let text = TextLine::parse(self.format, line)
                .map_err(|error| Error::line(self.source.path(), number, error))?;
            self.ids.add(&text.id, self.source.path(), number)?;
            texts.push((text.id.into_owned(), text.text.into_owned()));
        }
        Ok(texts)
    }
}
