//! Weights of tokens from a file: `idf.json`, `query_token_weights.txt` or a SparseStaticEmbedding.

use std::collections::BTreeMap;
use std::path::Path;

use spork_core::{WeightError, check_weight};

use crate::checkpoint::{Checkpoint, Expected};
use crate::error::{ModelError, Result};
use crate::json;
use crate::route::TokenWeights;
use crate::tensor;
use crate::tokenizer::TextTokenizer;

/// A weight for each token id, zero or above.
pub struct TokenTable(Vec<f32>);

impl TokenTable {
    /// The table for a tokenizer's ids; none where every token weighs 1. Weights below zero, as
    /// training leaves them on stop words, count as 0, and a warning says how many there are.
    ///
    /// # Errors
    /// A table that can't be read, belongs to another vocabulary or holds weights that are not
    /// finite.
    pub fn read(weights: &TokenWeights, tokenizer: &TextTokenizer) -> Result<Option<Self>> {
        let (path, mut table) = match weights {
            TokenWeights::One => return Ok(None),
            TokenWeights::File(path) => (path.clone(), read_file(path, tokenizer)?),
            TokenWeights::Embedding(folder) => read_embedding(folder, tokenizer)?,
        };
        let mut below = 0;
        for (id, weight) in table.iter_mut().enumerate() {
            match check_weight(*weight) {
                Ok(()) => {}
                Err(WeightError::Negative(_)) => {
                    below += 1;
                    *weight = 0.0;
                }
                Err(error) => {
                    let token = tokenizer.tokens().get(id).cloned();
                    let token = token.unwrap_or_else(|| id.to_string());
                    return Err(ModelError::TableWeight { path, token, error });
                }
            }
        }
        if below > 0 {
            tracing::warn!(
                "{}: {below} weights are below zero and count as 0 (as OpenSearch takes them; \
                 sentence-transformers would subtract)",
                path.display()
            );
        }
        Ok(Some(Self(table)))
    }

    /// The weight of a token; 0 beyond the table.
    pub fn weight(&self, id: u32) -> f32 {
        self.0.get(id as usize).copied().unwrap_or(0.0)
    }

    /// How many ids it has weights for.
    pub fn width(&self) -> usize {
        self.0.len()
    }

    /// CRC-32 of the values as little-endian 32-bit floats.
    pub fn checksum(&self) -> u32 {
        tensor::checksum(&self.0)
    }
}

/// A file of tokens and weights: a JSON object, or `token<TAB>weight` a line.
fn read_file(path: &Path, tokenizer: &TextTokenizer) -> Result<Vec<f32>> {
    let bytes = json::bytes(path)?;
    let weights: BTreeMap<String, f32> = if bytes.trim_ascii_start().starts_with(b"{") {
        json::parse(path, &bytes)?
    } else {
        read_lines(path, &bytes)?
    };
    let mut table = vec![0.0; tokenizer.tokens().len()];
    for (token, weight) in weights {
        let entry = tokenizer.id(&token).and_then(|id| table.get_mut(id as usize));
        *entry.ok_or_else(|| ModelError::TableToken { path: path.to_owned(), token })? = weight;
    }
    Ok(table)
}

fn read_lines(path: &Path, bytes: &[u8]) -> Result<BTreeMap<String, f32>> {
    let mut weights = BTreeMap::new();
    for (number, line) in bytes.split(|&byte| byte == b'\n').enumerate() {
        let line = String::from_utf8_lossy(line.strip_suffix(b"\r").unwrap_or(line));
        if line.trim().is_empty() {
            continue;
        }
        let entry = line.rsplit_once('\t').or_else(|| line.rsplit_once(' '));
        let entry = entry.and_then(|(token, weight)| Some((token, weight.trim().parse().ok()?)));
        let earlier = entry.and_then(|(token, weight)| weights.insert(token.to_owned(), weight));
        if entry.is_none() || earlier.is_some() {
            return Err(ModelError::TableLine {
                path: path.to_owned(),
                line: number as u64 + 1,
                got: line.chars().take(60).collect(),
                what: if earlier.is_some() { ", a token that an earlier line has" } else { "" },
            });
        }
    }
    Ok(weights)
}

fn read_embedding(
    folder: &Path,
    tokenizer: &TextTokenizer,
) -> Result<(std::path::PathBuf, Vec<f32>)> {
    const NAME: &str = "weight";
    let checkpoint = Checkpoint::open(folder)?;
    // A table may be padded beyond the vocabulary; a shape of more dimensions is reported against
    // the plain one.
    let length = match checkpoint.shape(NAME) {
        Some(&[length]) => length,
        _ => tokenizer.tokens().len() as i64,
    };
    let expected = Expected { name: NAME.to_owned(), shape: vec![length], required: true };
    let mut tensors = checkpoint.load(&[expected])?.into_iter();
    let table = tensors.next().map(|(_, tensor)| tensor.values).unwrap_or_default();
    tokenizer.check_rows(folder, table.len())?;
    Ok((checkpoint.path().to_owned(), table))
}
