//! The settings of an indexing run.

use std::path::PathBuf;

use spork_index::{Order, StoredSchema};
use spork_postings::Codec;
use spork_vectors::{ReadOptions, Shard};

use crate::prune::Pruning;
use crate::scale::Scale;

/// How to build.
#[derive(Clone, Debug)]
pub struct Options {
    /// Bytes of memory that the run may take.
    pub memory: u64,
    /// Threads; 0 for one a core.
    pub threads: usize,
    /// How docids are given out.
    pub order: Order,
    /// Which postings are dropped.
    pub pruning: Pruning,
    /// How posting lists are written.
    pub codec: Codec,
    /// The step between the impacts of a field of vectors; by default it follows from the weights.
    pub scale: Option<Scale>,
    /// What a new index stores of documents beside their postings.
    pub stored: StoredSchema,
    /// Files of the documents' records, with columns and texts; those of the text source if none
    /// are given.
    pub records: Vec<PathBuf>,
    /// The part of the input that is indexed, by docno; all of it if there is none.
    pub shard: Option<Shard>,
    /// How files of vectors are read; temporary files and memory are the run's own.
    pub reading: ReadOptions,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            memory: 4 << 30,
            threads: 0,
            order: Order::default(),
            pruning: Pruning::default(),
            codec: Codec::default(),
            scale: None,
            stored: StoredSchema::default(),
            records: Vec::new(),
            shard: None,
            reading: ReadOptions::default(),
        }
    }
}
