//! The errors of all the libraries behind this one.

/// Anything that can go wrong; the message says where, what was expected, what was got, and the
/// remedy.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Building an index.
    #[error(transparent)]
    Build(#[from] spork_indexer::Error),
    /// Opening or reading an index.
    #[error(transparent)]
    Index(#[from] spork_index::Error),
    /// Searching.
    #[error(transparent)]
    Search(#[from] spork_searcher::Error),
    /// A file of text or vectors.
    #[error(transparent)]
    File(#[from] spork_files::Error),
    /// A binary vectors file.
    #[error(transparent)]
    Vectors(#[from] spork_vectors::Error),
    /// An analyzer.
    #[error(transparent)]
    Analyzer(#[from] spork_bm25::AnalyzerError),
    /// A model, or encoding with it.
    #[error(transparent)]
    Model(#[from] spork_encoder::EncodeError),
    /// A model's name that leads to no folder.
    #[error(transparent)]
    Hub(#[from] spork_model::hub::HubError),
    /// Qrels or runs.
    #[error(transparent)]
    Evaluate(#[from] spork_eval::Error),
    /// A hit or a judgment that a run or qrels can't hold.
    #[error(transparent)]
    EvaluateRecord(#[from] spork_eval::RecordError),
    /// Runs that can't be fused.
    #[error(transparent)]
    Fusion(#[from] spork_eval::FusionError),
    /// A run that can't be written.
    #[error(transparent)]
    Write(#[from] spork_eval::WriteError),
    /// The name of a metric.
    #[error(transparent)]
    Metric(#[from] spork_eval::MetricError),
    /// What an index records of its encoder.
    #[error("the encoder that the index records: {0}; index the vectors again")]
    Record(serde_json::Error),
    /// The record of an encoder beside vectors.
    #[error("{path}: {source}: expected the encoder's identity as JSON", path = path.display())]
    EncoderFile {
        /// The file.
        path: std::path::PathBuf,
        /// What is wrong with it.
        source: serde_json::Error,
    },
    /// An index like another, without the input of one of its fields.
    #[error(
        "{index} has a field {field}, and no input is for it; give vectors for a field of vectors, \
         and texts for one of BM25"
    )]
    NoInput {
        /// The index that the new one is to be like.
        index: String,
        /// The field.
        field: String,
    },
    /// Records for an index that stores nothing of them.
    #[error(
        "{index} stores neither columns nor texts; leave out the records, or index it with both"
    )]
    RecordsUnused {
        /// The index that the new one is to be like.
        index: String,
    },
    /// Some parts of an encoding, or one of them twice.
    #[error(
        "{path}: part {part} of an encoding; expected all of its {all} parts, each once, got {got}"
    )]
    Parts {
        /// The file.
        path: String,
        /// Which part it is.
        part: String,
        /// How many there are.
        all: usize,
        /// How many different ones were given.
        got: usize,
    },
    /// Answers of shards that weighed the query in different ways.
    #[error(
        "the shards' scores have different units, {one} and {other}; search all of them with the \
         same statistics"
    )]
    WeighedApart {
        /// The unit of one.
        one: f64,
        /// That of another.
        other: f64,
    },
    /// A document that two shards have.
    #[error("document {docno:?} is in two shards; build them with --shard, or delete it in one")]
    InTwoShards {
        /// Its docno.
        docno: String,
    },
    /// Vectors of one encoder that were computed in several ways.
    #[error(transparent)]
    Mixture(#[from] Box<spork_model::ArithmeticMismatch>),
    /// Vectors of several encoders.
    #[error("{one} and {other} come from different encoders: {differences}; keep them apart")]
    OtherEncoder {
        /// The first vectors.
        one: String,
        /// The second vectors.
        other: String,
        /// What differs, by name.
        differences: String,
    },
    /// Text and term counts in one field.
    #[error(
        "{index}: its BM25 field is of {has}, and {given} would have other terms; build another \
         index of them"
    )]
    OtherTerms {
        /// The index.
        index: String,
        /// What it was made of.
        has: String,
        /// What is to be added.
        given: &'static str,
    },
    /// Term counts beside text.
    #[error("two BM25 fields, of term counts and of text; index them apart")]
    TwoBm25,
    /// An index of BM25 that does not say how.
    #[error("{index}: it does not record BM25's k1 and b; build it again")]
    NoParameters {
        /// The index.
        index: String,
    },
    /// A filter.
    #[error(transparent)]
    Filter(#[from] spork_filter::FilterError),
    /// A mix of fields.
    #[error(transparent)]
    Mix(#[from] spork_searcher::MixError),
    /// A document from memory.
    #[error("{error}; the document begins with {document}")]
    Document {
        /// What is wrong with it.
        error: spork_files::LineError,
        /// Its beginning.
        document: String,
    },
    /// Nothing to index.
    #[error(
        "{index}: no document to index; give some, or make an empty index and add documents later"
    )]
    NoDocuments {
        /// The index.
        index: String,
    },
    /// Several metrics where one decides.
    #[error("{0}: one measure says who wins; give one, such as nDCG@10")]
    SeveralMetrics(String),
    /// A count in place of a metric.
    #[error("{0} is a count, by which no side wins; give a measure such as nDCG@10")]
    NoWinner(String),
    /// A temporary file.
    #[error("{folder}: {source}", folder = folder.display())]
    Temporary {
        /// The folder that it should be in.
        folder: std::path::PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A query as text, and nothing to make a vector of it.
    #[error(
        "{index}: for the field {field} a query as text needs the model that encoded the \
         documents{}; give the model, or the query as terms and weights, or the field a weight of \
         0 in the mix",
        model.as_ref().map_or(String::new(), |model| format!(" ({model})"))
    )]
    NoModel {
        /// The index.
        index: String,
        /// The field.
        field: String,
        /// The model's name, where the index records it.
        model: Option<String>,
    },
    /// A query without text, and a field of text.
    #[error(
        "{index}: the field {field} needs queries as text; give them, or the field a weight of 0 \
         in the mix"
    )]
    NoText {
        /// The index.
        index: String,
        /// The field.
        field: String,
    },
    /// A query without a vector, and a field of vectors.
    #[error(
        "{index}: the field {field} needs queries as terms and weights, or as text with a model; \
         give them, or the field a weight of 0 in the mix"
    )]
    NoVector {
        /// The index.
        index: String,
        /// The field.
        field: String,
    },
    /// A document that is not there.
    #[error(
        "{index}: no document {docno:?}, or it is deleted; `spork search` prints docnos as they are"
    )]
    NoDocument {
        /// The index.
        index: String,
        /// The docno.
        docno: String,
    },
    /// A query that was prepared for another generation.
    #[error("{index}: the query was prepared for another generation of the index; prepare it anew")]
    OtherGeneration {
        /// The index.
        index: String,
    },
    /// A vector that no field takes.
    #[error("{index}: its fields are BM25's, which take queries as text; leave out the vectors")]
    VectorUnused {
        /// The index.
        index: String,
    },
    /// Text beside vectors that no field takes.
    #[error("{index}: no field is of text, and vectors are given; leave out the queries as text")]
    TextUnused {
        /// The index.
        index: String,
    },
    /// A model for an index of text.
    #[error(
        "{index}: its fields are BM25's, which analyze queries themselves; leave the model out"
    )]
    NotForText {
        /// The index.
        index: String,
    },
    /// A model that is not the one which encoded the index.
    #[error(transparent)]
    OtherModel(#[from] Box<spork_model::EncoderMismatch>),
}

/// Result with this crate's error.
pub type Result<T> = std::result::Result<T, Error>;
