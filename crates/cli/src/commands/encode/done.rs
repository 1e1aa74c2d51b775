//! What an earlier run has encoded, found again in the input of this one.

use std::path::{Path, PathBuf};
use std::vec::IntoIter;

use anyhow::{Result, bail};
use spork_vectors::binary::{BLOCK, Resumed, TextDigest, TextHasher};

use super::texts::Text;

/// The remedy where an input is not what it was.
const REMEDY: &str = "encode it from the start with --force, or give another --output";

/// Texts that an earlier run has encoded, from the first on.
#[derive(Debug)]
pub(super) struct Done {
    output: PathBuf,
    ids: IntoIter<String>,
    blocks: IntoIter<TextDigest>,
}

impl Done {
    /// Those whose vectors `output` holds.
    pub(super) fn new(output: &Path, resumed: Resumed) -> Self {
        let (ids, blocks) = (resumed.ids.into_iter(), resumed.texts.into_iter());
        Self { output: output.to_owned(), ids, blocks }
    }

    /// How many are still to be found.
    pub(super) fn len(&self) -> usize {
        self.ids.len()
    }

    /// Takes the texts of the next block off the front of `slab`, a group of texts of `input`, and
    /// says how many.
    ///
    /// # Errors
    /// They are not the texts that were encoded.
    pub(super) fn take_from(&mut self, slab: &mut Vec<Text>, input: &Path) -> Result<usize> {
        let block = self.ids.len().min(BLOCK);
        if block == 0 {
            return Ok(0);
        }
        let (input, output) = (input.display(), self.output.display());
        for ((id, _), earlier) in slab.iter().zip(&mut self.ids) {
            if *id != earlier {
                bail!(
                    "{input}: found {id:?} where the run that wrote {output} had {earlier:?}; the \
                     input has changed: {REMEDY}"
                );
            }
        }
        if slab.len() < block {
            let missing = self.ids.next().unwrap_or_default();
            bail!(
                "{input} ends before a text that {output} holds a vector of, {missing:?}; the \
                 input has changed: {REMEDY}"
            );
        }
        let mut hasher = TextHasher::default();
        let texts = slab.drain(..block).map(|(id, text)| {
            hasher.add(&id, &text);
            id
        });
        let ids: Vec<String> = texts.collect();
        if self.blocks.next() != Some(hasher.finish()) {
            bail!(
                "{input}: among the texts from {:?} to {:?} is one that is not what it was when \
                 {output} was made, under the same id; the input has changed: {REMEDY}",
                ids.first().map_or("", String::as_str),
                ids.last().map_or("", String::as_str),
            );
        }
        Ok(block)
    }

    /// Refuses an input that has more texts than were encoded, where those were all.
    pub(super) fn check_all(&self, more: &[Text], input: &Path) -> Result<()> {
        let Some((id, _)) = more.first() else { return Ok(()) };
        bail!(
            "{} has more texts than {}, the first of them {id:?}; the input has changed: {REMEDY}",
            input.display(),
            self.output.display()
        );
    }
}
