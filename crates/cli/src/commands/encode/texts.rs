//! The texts to encode, in groups as large as a block of vectors.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use spork_files::{Error, Line, SeenIds, Source, TextFormat, TextLine};
use spork_model::Kind;
use spork_vectors::Shard;
use spork_vectors::binary::BLOCK;

use crate::args::EncodeArgs;
use crate::beir;

/// Id and text.
pub(super) type Text = (String, String);

/// The file to encode, and which of its texts.
#[derive(Clone, Debug)]
pub(super) struct Input {
    path: PathBuf,
    /// The ids of those to encode, of the split of a BEIR folder; none for all.
    only: Option<HashSet<String>>,
}

impl Input {
    /// Finds the file that the arguments name.
    pub(super) fn find(args: &EncodeArgs) -> Result<Self> {
        let folder = beir::folder(&args.beir)?;
        if let Some(path) = &args.input {
            return Ok(Self { path: path.clone(), only: None });
        }
        let folder = folder.context("--input or --beir is needed")?;
        Ok(match args.kind {
            Kind::Document => Self { path: folder.corpus()?, only: None },
            Kind::Query => {
                let qids = beir::topics(&folder)?.into_iter().map(|(qid, _)| qid);
                Self { path: folder.queries()?, only: Some(qids.collect()) }
            }
        })
    }

    /// How many texts there are, for a progress bar's sake.
    pub(super) fn count(&self) -> Result<Option<u64>> {
        match &self.only {
            Some(ids) => Ok(Some(ids.len() as u64)),
            None => Ok(Source::count_lines(&self.path)?),
        }
    }
}

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
    only: Option<HashSet<String>>,
}

impl Texts {
    pub(super) fn open(input: Input, shard: Option<Shard>) -> Result<Self> {
        let mut source = Source::open(&input.path)?;
        let format = TextFormat::detect(&mut source)?;
        if source.peek()?.is_none() {
            bail!("{}: no text in it; expected one per line", source.path().display());
        }
        let ids = SeenIds::default();
        Ok(Self { source, format, shard, ids, groups: 0, only: input.only })
    }

    pub(super) fn path(&self) -> &Path {
        self.source.path()
    }

    /// The next group; empty at the end.
    pub(super) fn next_slab(&mut self) -> Result<Vec<Text>> {
        loop {
            let slab = self.next_group()?;
            self.groups += 1;
            if slab.is_empty() || self.shard.is_none_or(|shard| shard.has_block(self.groups - 1)) {
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
            if self.only.as_ref().is_none_or(|only| only.contains(text.id.as_ref())) {
                texts.push((text.id.into_owned(), text.text.into_owned()));
            }
        }
        Ok(texts)
    }
}
