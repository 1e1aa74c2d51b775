//! How a search goes, beside its query.

use std::sync::Arc;

use spork_core::Stop;
use spork_filter::Filter;
use spork_searcher::{GlobalStatistics, Limits, Mix, QueryPruning, Strategy};

/// How a search goes, beside its query. By default it is exact, over all documents, and all fields
/// count alike.
#[derive(Clone, Debug, Default)]
pub struct SearchOptions {
    /// How much each field counts.
    pub mix: Option<Mix>,
    /// The documents that may be found.
    pub filter: Option<Filter>,
    /// Where the search may stop short of the exact answer.
    pub limits: Limits,
    /// How the best documents are found. Answers are the same.
    pub strategy: Strategy,
    /// The power of idf that multiplies the weights of vectors. If there is none, vectors that a
    /// query brings keep their weights, and those that the model makes of texts have the power that
    /// the model asks for.
    pub query_idf: Option<f32>,
    /// Which terms of a query count.
    pub pruning: QueryPruning,
    /// Whether answers to topics leave out the document whose docno is the topic's id: in ArguAna
    /// and Quora, topics are documents of the collection, and each finds itself first. `k` is
    /// filled up.
    pub exclude_same_id: bool,
    /// Where the index is one shard of a collection that is searched by several processes: the
    /// statistics of the query's terms over all shards, which
    /// [`Index::statistics`](crate::Index::statistics) of each sum up to. Scores are then those of
    /// the whole collection.
    pub statistics: Option<Arc<GlobalStatistics>>,
    /// Ends batches of searches with an error once it is requested.
    pub stop: Stop,
}
