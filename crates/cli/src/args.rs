//! The command line. Comments on fields become help texts.

#![allow(missing_docs, reason = "a comment on a subcommand's struct would become its help text")]

use std::path::PathBuf;

use clap::{ArgGroup, Parser, Subcommand, ValueEnum};
use spork_model::{Kind, Precision, Strategy};
use spork_vectors::binary::{Shard, WeightFormat};

use crate::inputs::{
    parse_b, parse_idf_power, parse_k1, parse_mass, parse_milliseconds, parse_quantile,
    parse_ranks, parse_rate, parse_share, parse_size, parse_threads,
};

/// SPLADE retrieval engine: encode text to sparse vectors, index them, search exactly, evaluate.
#[derive(Debug, Parser)]
#[command(name = "spork", version, arg_required_else_help = true, propagate_version = true)]
pub struct Args {
    #[command(subcommand)]
    pub command: Command,
    /// Only warnings and errors on standard error
    #[arg(long, global = true)]
    pub quiet: bool,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Train a SPLADE model, or warm up a model's head
    Train(TrainArgs),
    /// Encode text as sparse vectors with a SPLADE model
    Encode(EncodeArgs),
    /// Convert vectors to another format, or merge the parts of a sharded encoding
    Convert(ConvertArgs),
    /// Build an index from sparse vectors, or a BM25 index from text
    Index(IndexArgs),
    /// Rank documents for a batch of queries, as a run file
    Search(SearchArgs),
    /// Find hard negatives for training pairs, with a teacher's scores on request
    Mine(MineArgs),
    /// Evaluate run files against relevance judgments, as trec_eval does
    Eval(EvalArgs),
    /// Benchmark search: latency, throughput, work and FLOPS
    Bench(BenchArgs),
    /// Report the expected FLOPS of a query-document pair, and postings per query
    Flops(FlopsArgs),
    /// Plot columns of a table, such as effectiveness against FLOPS
    Plot(PlotArgs),
    /// Show an index, one of its documents, or the vector that a model gives a text
    Inspect(InspectArgs),
    /// Read a whole index and check everything in it
    Verify(VerifyArgs),
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum PrecisionArg {
    /// bf16 on CUDA and on processors with bf16 support, else fp32
    #[default]
    Auto,
    /// 32-bit floats throughout
    Fp32,
    /// Layers in bfloat16: about twice as fast on hardware with bf16 support
    Bf16,
    /// Layers in float16, for devices without bfloat16
    Fp16,
}

impl From<PrecisionArg> for Option<Precision> {
    fn from(precision: PrecisionArg) -> Self {
        match precision {
            PrecisionArg::Auto => None,
            PrecisionArg::Fp32 => Some(Precision::Float32),
            PrecisionArg::Bf16 => Some(Precision::BFloat16),
            PrecisionArg::Fp16 => Some(Precision::Float16),
        }
    }
}

/// How text is encoded, the same for every command that does so.
#[derive(Clone, Debug, Default, PartialEq, Eq, clap::Args)]
#[command(next_help_heading = "Encoder")]
pub struct EncoderArgs {
    /// Pooling, for models whose files do not name it
    #[arg(long, value_enum)]
    pub pooling: Option<Strategy>,
    /// Keep only the N heaviest terms of a text
    #[arg(long, value_name = "N")]
    pub top_terms: Option<std::num::NonZeroUsize>,
    /// Keep only terms that occur in the text: no expansion
    #[arg(long)]
    pub lexical: bool,
    /// Encode queries without a network (SPLADE-doc): every token has weight 1, or its weight in
    /// FILE, a JSON object of tokens and weights (--query-tokens=FILE)
    #[arg(
        long,
        value_name = "FILE",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = ""
    )]
    pub query_tokens: Option<String>,
    /// Most tokens per text, special tokens included [default: the model's limit]
    #[arg(long, value_name = "N")]
    pub max_length: Option<usize>,
    /// Number format of the network's layers
    #[arg(long, value_enum, default_value_t)]
    pub precision: PrecisionArg,
    /// Most tokens per batch, padding included; bounds memory [default: 2048 per core on a CPU,
    /// 32768 on CUDA]
    #[arg(long, value_name = "N")]
    pub batch_tokens: Option<std::num::NonZeroUsize>,
    /// auto, cpu, cuda or cuda:N; for `spork encode` to an .svec file also cuda:all or several
    /// devices separated by commas, with one process per device
    #[arg(long, default_value = "auto")]
    pub device: String,
}

#[derive(Debug, clap::Args)]
pub struct TrainArgs {
    /// Training settings; docs/training.md explains every key
    #[arg(long, value_name = "FILE.toml")]
    pub config: PathBuf,
    /// Folder for checkpoints, log, learning curve and model
    #[arg(long, value_name = "DIR")]
    pub output: PathBuf,
    /// Resume from the latest checkpoint in --output
    #[arg(long)]
    pub resume: bool,
    /// Stop after this many minutes, with a checkpoint for --resume
    #[arg(long, value_name = "MINUTES")]
    pub stop_after: Option<u64>,
    /// auto, cpu, cuda or cuda:N
    #[arg(long, default_value = "auto")]
    pub device: String,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum WeightsArg {
    /// 32-bit floats, as computed by the network
    #[default]
    F32,
    /// 16-bit floats
    F16,
    /// 8-bit integers, scaled to each vector's largest weight
    U8,
}

impl From<WeightsArg> for WeightFormat {
    fn from(weights: WeightsArg) -> Self {
        match weights {
            WeightsArg::F32 => Self::F32,
            WeightsArg::F16 => Self::F16,
            WeightsArg::U8 => Self::U8,
        }
    }
}

/// Conversion between formats of vectors.
#[derive(Debug, clap::Args)]
pub struct ConvertArgs {
    /// Vectors files of any format; the parts of `spork encode --shard` in any order
    #[arg(long, value_name = "VECTORS", num_args = 1.., required = true)]
    pub input: Vec<PathBuf>,
    /// Output: .svec (compact, checksummed) or JSONL, by its name [default: JSONL, standard output]
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Number format of weights in an .svec file [default: the input's]
    #[arg(long, value_enum)]
    pub weights: Option<WeightsArg>,
}

#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
pub struct EncodeArgs {
    /// Model directory or Hub id
    #[arg(long, value_name = "DIR|HUB_ID")]
    pub model: String,
    /// Text: BEIR JSONL or `id<TAB>text`, plain, .gz or .zst; - for standard input
    #[arg(long, value_name = "FILE")]
    pub input: PathBuf,
    /// Output: .svec (compact, checksummed) or JSONL, by its name [default: JSONL, standard output]
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Kind of the texts
    #[arg(long, value_enum, default_value_t)]
    pub kind: Kind,
    /// Number format of weights in an .svec file
    #[arg(long, value_enum, default_value_t)]
    pub weights: WeightsArg,
    /// Encode part I of N only, to an .svec file; `spork convert` merges the parts
    #[arg(long, value_name = "I/N", requires = "output")]
    pub shard: Option<Shard>,
    /// Resume an interrupted run from its partial .svec file
    #[arg(long, requires = "output")]
    pub resume: bool,
    #[command(flatten)]
    pub encoder: EncoderArgs,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub enum AnalyzerArg {
    /// Lowercased words without stop words, Porter2 stems
    #[default]
    English,
    /// WordPiece tokens of --vocabulary
    Wordpiece,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub enum OrderArg {
    /// Input order
    #[default]
    Input,
    /// Recursive graph bisection: documents that share terms get nearby docids
    Bisection,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub enum CodecArg {
    /// Byte-aligned: fastest to read
    #[default]
    Fast,
    /// Bit-packed: a third smaller; search takes up to twice as long with AVX-512, longer without
    Compact,
}

#[derive(Debug, clap::Args)]
#[command(group = ArgGroup::new("source").required(true).args(["input", "bm25"]))]
pub struct IndexArgs {
    /// Vectors files: JSONL {"id", "vector": {"term": weight}}, plain, .gz or .zst; - for standard
    /// input
    #[arg(long, value_name = "VECTORS", num_args = 1..)]
    pub input: Vec<PathBuf>,
    /// Text collections to index with BM25 weights: BEIR corpus.jsonl or `id<TAB>text`
    #[arg(long, value_name = "CORPUS", num_args = 1..)]
    pub bm25: Vec<PathBuf>,
    /// The index folder; an existing index is replaced once the new one is complete
    #[arg(long, value_name = "DIR")]
    pub output: PathBuf,
    /// Memory limit: 500M, 4G, …
    #[arg(long, value_name = "SIZE", default_value = "4G", value_parser = parse_size)]
    pub memory: u64,
    /// Threads [default: one per core]
    #[arg(long, value_name = "N", value_parser = parse_threads)]
    pub threads: Option<usize>,
    /// Order of documents in the index
    #[arg(long, value_enum, default_value_t)]
    pub order: OrderArg,
    /// Approximate: keep only the heaviest terms of each document, which hold a share A of the sum
    /// of its weights [default: all]
    #[arg(long, value_name = "A", value_parser = parse_mass)]
    pub prune_documents: Option<f64>,
    /// Approximate: drop the postings of each list whose weights are below its quantile Q; applied
    /// after --prune-documents [default: none]
    #[arg(long, value_name = "Q", value_parser = parse_quantile)]
    pub prune_terms: Option<f64>,
    /// Codec of posting lists; answers are the same
    #[arg(long, value_enum, default_value_t)]
    pub codec: CodecArg,
    /// Analyzer that splits text into terms, for --bm25
    #[arg(long, value_enum, default_value_t, conflicts_with = "input")]
    pub analyzer: AnalyzerArg,
    /// tokenizer.json or vocab.txt of the WordPiece analyzer
    #[arg(long, value_name = "FILE", conflicts_with = "input")]
    pub vocabulary: Option<PathBuf>,
    /// BM25's k1
    #[arg(long, default_value_t = 0.9, conflicts_with = "input", value_parser = parse_k1)]
    pub k1: f32,
    /// BM25's b
    #[arg(long, default_value_t = 0.4, conflicts_with = "input", value_parser = parse_b)]
    pub b: f32,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub enum FormatArg {
    /// qid Q0 docno rank score tag
    #[default]
    Trec,
    /// `qid<TAB>docno<TAB>rank`
    Msmarco,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub enum StrategyArg {
    /// block-max or taat, depending on earlier queries
    #[default]
    Auto,
    /// Score all postings and sort: slow, the reference for the others
    Exhaustive,
    /// Term at a time, in stripes of documents whose scores stay in cache
    Taat,
    /// Block-max pruning: score only blocks of documents that may hold one of the best k
    BlockMax,
}

/// Limits that trade exactness for time. Each answer says whether it is exact nevertheless.
#[derive(Clone, Copy, Debug, clap::Args)]
pub struct LimitArgs {
    /// Approximate: skip blocks of documents whose bound times A can't reach the best k; 1 is exact
    #[arg(long, value_name = "A", default_value = "1", value_parser = parse_share)]
    pub alpha: f32,
    /// Approximate: stop after N postings of a query; blocks with the highest bounds first
    #[arg(long, value_name = "N")]
    pub max_postings: Option<u64>,
    /// Approximate: stop after MS milliseconds of a query; blocks with the highest bounds first
    #[arg(long, value_name = "MS", value_parser = parse_milliseconds)]
    pub max_time: Option<f64>,
}

/// Query pruning, for every strategy.
#[derive(Clone, Copy, Debug, Default, clap::Args)]
pub struct QueryPruningArgs {
    /// Approximate: use only the heaviest terms of a query, which hold a share A of the sum of its
    /// weights [default: all]
    #[arg(long, value_name = "A", value_parser = parse_mass)]
    pub query_mass: Option<f64>,
    /// Approximate: use only the N heaviest terms of a query [default: all]
    #[arg(long, value_name = "N")]
    pub query_terms: Option<std::num::NonZeroUsize>,
}

#[derive(Debug, clap::Args)]
#[command(group = ArgGroup::new("queries").required(true).args(["topics", "vectors"]))]
pub struct SearchArgs {
    /// The index folder
    #[arg(long, value_name = "DIR")]
    pub index: PathBuf,
    /// Queries as text: `qid<TAB>text` or BEIR queries.jsonl; analyzed by a BM25 index, encoded by
    /// --model for any other
    #[arg(long, value_name = "FILE")]
    pub topics: Option<PathBuf>,
    /// Queries as vectors: JSONL {"id", "vector"}, or `qid<TAB>term term …`, where a term of weight
    /// N is repeated N times
    #[arg(long, value_name = "FILE", conflicts_with_all = ["model", "query_model", "EncoderArgs"])]
    pub vectors: Option<PathBuf>,
    /// The model that encoded the documents: directory or Hub id
    #[arg(long, value_name = "DIR|HUB_ID")]
    pub model: Option<String>,
    /// A separate query model, in place of --model
    #[arg(long, value_name = "DIR|HUB_ID")]
    pub query_model: Option<String>,
    /// Documents per query
    #[arg(long, short, default_value_t = 1000)]
    pub k: usize,
    /// The run file [default: standard output]
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Format of the run file
    #[arg(long, value_enum, default_value_t)]
    pub format: FormatArg,
    /// The run's name in a TREC run file
    #[arg(long, default_value = "spork")]
    pub tag: String,
    /// Search strategy; all give the same answer unless a limit is set
    #[arg(long, value_enum, default_value_t)]
    pub strategy: StrategyArg,
    /// Threads; to time single queries, use `spork bench` [default: one per core]
    #[arg(long, value_name = "N", value_parser = parse_threads)]
    pub threads: Option<usize>,
    /// Write the times and counters of every query as JSON
    #[arg(long, value_name = "FILE.json")]
    pub stats: Option<PathBuf>,
    #[command(flatten)]
    pub limits: LimitArgs,
    /// Multiply the weight of each query term by idf^P, its inverse document frequency in the
    /// index: 0 leaves weights as they are, 0.5 often helps on text unlike the training data
    /// [default: the model's power for --topics, else 0]
    #[arg(long, value_name = "P", value_parser = parse_idf_power)]
    pub query_idf: Option<f32>,
    #[command(flatten)]
    pub query_pruning: QueryPruningArgs,
    #[command(flatten)]
    pub encoder: EncoderArgs,
}

#[derive(Debug, clap::Args)]
#[command(group = ArgGroup::new("retriever").required(true).args(["index", "bm25"]))]
pub struct MineArgs {
    /// An index of SPLADE vectors to search; needs --model and --corpus
    #[arg(long, value_name = "DIR", requires = "model", requires = "corpus")]
    pub index: Option<PathBuf>,
    /// The texts of --index's documents: BEIR corpus.jsonl or `id<TAB>text`
    #[arg(long, value_name = "FILE", num_args = 1.., conflicts_with = "bm25")]
    pub corpus: Vec<PathBuf>,
    /// The model that encodes queries for --index: directory or Hub id
    #[arg(long, value_name = "DIR|HUB_ID", conflicts_with = "bm25")]
    pub model: Option<String>,
    /// Text collections to search with BM25, indexed in a temporary folder
    #[arg(long, value_name = "CORPUS", num_args = 1..)]
    pub bm25: Vec<PathBuf>,
    /// Training pairs: JSONL {"query": text, "positive": text}, plain, .gz or .zst
    #[arg(long, value_name = "FILE")]
    pub pairs: PathBuf,
    /// JSONL {"query", "positive", "negatives", "scores"?}, one line per pair, in order of --pairs
    #[arg(long, value_name = "FILE")]
    pub output: PathBuf,
    /// Ranks from which negatives are drawn, both ends included
    #[arg(long, value_name = "A..B", default_value = "1..100", value_parser = parse_ranks)]
    pub depth: (usize, usize),
    /// Most negatives per pair, drawn at random and listed by rank
    #[arg(long, value_name = "N", default_value = "8")]
    pub negatives: std::num::NonZeroUsize,
    /// Exclude candidates that may be false negatives. Without --teacher: those whose retrieval
    /// score is above X times the positive's (0.95, for example). With --teacher, whose scores lie
    /// around zero: those whose score is above the positive's minus X (0.5, for example)
    /// [default: none is excluded]
    #[arg(long, value_name = "X", value_parser = parse_k1)]
    pub margin: Option<f32>,
    /// A dense sentence-transformers model (Transformer, mean Pooling) that scores positive and
    /// negatives: z(cosine) + z(BM25), standardized over the pair's pool and its positive
    #[arg(long, value_name = "DIR|HUB_ID")]
    pub teacher: Option<String>,
    /// Candidates per pair that the teacher scores, drawn at random; negatives are the first of
    /// them that pass --margin
    #[arg(long, value_name = "N", default_value = "32", requires = "teacher")]
    pub pool: std::num::NonZeroUsize,
    /// Random seed; the negatives of a pair depend on it and on the pair's line alone
    #[arg(long, value_name = "S", default_value_t = 0)]
    pub seed: u64,
    /// Threads that search and write [default: one per core]
    #[arg(long, value_name = "N", value_parser = parse_threads)]
    pub threads: Option<usize>,
    /// Of --model; --precision, --batch-tokens and --device apply to --teacher too
    #[command(flatten)]
    pub encoder: EncoderArgs,
}

#[derive(Debug, clap::Args)]
pub struct EvalArgs {
    /// Relevance judgments: TREC qrels, or BEIR's three columns
    #[arg(long, value_name = "FILE")]
    pub qrels: PathBuf,
    /// Run files, TREC or MS MARCO; further ones are compared with the first
    #[arg(long, value_name = "FILE", num_args = 1.., required = true)]
    pub run: Vec<PathBuf>,
    /// Measures, as ir-measures or trec_eval name them
    #[arg(long, default_value = "nDCG@10 RR@10 R@100 R@1000 AP")]
    pub metrics: String,
    /// Print a line per topic as well
    #[arg(long, short = 'q')]
    pub per_query: bool,
    /// Count topics that are missing from a run as 0
    #[arg(short = 'c', long)]
    pub complete: bool,
    /// Lowest grade that counts as relevant, for measures that do not name one
    #[arg(short = 'l', long, value_name = "LEVEL", default_value_t = 1)]
    pub level: u32,
    /// Evaluate the first DEPTH documents of each topic only
    #[arg(short = 'M', long, value_name = "DEPTH")]
    pub depth: Option<std::num::NonZeroUsize>,
}

#[derive(Debug, clap::Args)]
pub struct FlopsArgs {
    /// The index folder
    #[arg(long, value_name = "DIR")]
    pub index: PathBuf,
    /// Query vectors
    #[arg(long, value_name = "FILE")]
    pub vectors: PathBuf,
}

#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct BenchArgs {
    #[command(flatten)]
    pub measure: Option<MeasureArgs>,
    /// Describe this machine as JSON and exit
    #[arg(long, exclusive = true)]
    pub machine: bool,
    #[command(subcommand)]
    pub command: Option<BenchCommand>,
}

#[derive(Debug, Subcommand)]
pub enum BenchCommand {
    /// Write results as one HTML page: tables, plots, the machine and the command lines
    Report(ReportArgs),
}

#[derive(Debug, clap::Args)]
pub struct ReportArgs {
    /// Results of `spork bench --json`
    #[arg(long, value_name = "FILE.json", num_args = 1.., required = true)]
    pub input: Vec<PathBuf>,
    /// Effectiveness of the indexes: tab-separated; the first line names the columns, `index` and
    /// measures such as RR@10; indexes are named as in the results
    #[arg(long, value_name = "TABLE.tsv")]
    pub evaluations: Option<PathBuf>,
    /// The page [default: standard output]
    #[arg(long, value_name = "FILE.html")]
    pub output: Option<PathBuf>,
}

// The group says whether these are given: clap fills none that has another flattened in it.
#[derive(Debug, clap::Args)]
#[group(args = ["index", "vectors"])]
pub struct MeasureArgs {
    /// Index folders; all are searched with the same queries
    #[arg(long, value_name = "DIR", num_args = 1.., required = true)]
    pub index: Vec<PathBuf>,
    /// Query vectors
    #[arg(long, value_name = "FILE")]
    pub vectors: PathBuf,
    /// Documents per query
    #[arg(long, short, value_delimiter = ',', default_value = "10,1000")]
    pub k: Vec<usize>,
    /// Search strategies
    #[arg(long, value_enum, value_delimiter = ',', default_value = "auto")]
    pub strategy: Vec<StrategyArg>,
    /// Threads that answer queries, one query at a time each
    #[arg(
        long,
        value_name = "N",
        value_delimiter = ',',
        default_value = "1",
        value_parser = parse_threads
    )]
    pub threads: Vec<usize>,
    /// Arrival rate in queries per second, whether or not a thread is free, so that latency
    /// includes queueing [default: the next query arrives as soon as a thread is free]
    #[arg(long, value_name = "QPS", value_parser = parse_rate)]
    pub rate: Option<f64>,
    #[command(flatten)]
    pub limits: LimitArgs,
    #[command(flatten)]
    pub query_pruning: QueryPruningArgs,
    /// Compute recall against the exact answers of this index, such as the same documents without
    /// pruning [default: the index that is searched]
    #[arg(long, value_name = "DIR")]
    pub reference: Option<PathBuf>,
    /// Measured passes over all queries, after one warm-up pass
    #[arg(long, value_name = "N", default_value = "3")]
    pub repetitions: std::num::NonZeroUsize,
    /// Check the answers of the first N queries against exhaustive scoring, unless a limit is set
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub check: usize,
    /// The table, tab-separated, for `spork plot` [default: standard output]
    #[arg(long, value_name = "FILE.tsv")]
    pub output: Option<PathBuf>,
    /// All figures, the machine and the command line as JSON
    #[arg(long, value_name = "FILE.json")]
    pub json: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub struct PlotArgs {
    /// Tab-separated; the first line names the columns; - for standard input
    #[arg(long, value_name = "TABLE.tsv")]
    pub input: PathBuf,
    /// Column of the x axis
    #[arg(long, value_name = "COLUMN")]
    pub x: String,
    /// Columns of the y axes, one panel each
    #[arg(long, value_name = "COLUMN", num_args = 1.., required = true)]
    pub y: Vec<String>,
    /// Column that groups rows into lines of the plot
    #[arg(long, value_name = "COLUMN")]
    pub by: Option<String>,
    /// The plot: PNG if the name ends in .png, else SVG
    #[arg(long, value_name = "FILE.svg")]
    pub output: PathBuf,
}

#[derive(Debug, clap::Args)]
#[command(group = ArgGroup::new("what").required(true).args(["index", "model"]))]
pub struct InspectArgs {
    /// An index folder
    #[arg(long, value_name = "DIR", conflicts_with_all = ["text", "kind", "EncoderArgs"])]
    pub index: Option<PathBuf>,
    /// One document of the index
    #[arg(long, conflicts_with = "model")]
    pub docno: Option<String>,
    /// Statistics of the index as JSON; with --docno, that document's vector as a line of JSONL
    #[arg(long, conflicts_with = "model")]
    pub json: bool,
    /// A model directory or Hub id
    #[arg(long, value_name = "DIR|HUB_ID")]
    pub model: Option<String>,
    /// The text to encode with --model
    pub text: Option<String>,
    /// Kind of the text
    #[arg(long, value_enum, default_value_t)]
    pub kind: Kind,
    #[command(flatten)]
    pub encoder: EncoderArgs,
}

#[derive(Debug, clap::Args)]
pub struct VerifyArgs {
    /// The index folder
    #[arg(long, value_name = "DIR")]
    pub index: PathBuf,
}

impl SearchArgs {
    /// The model that encodes the queries, if they come as text for one.
    pub fn model(&self) -> Option<&str> {
        self.query_model.as_deref().or(self.model.as_deref())
    }
}
