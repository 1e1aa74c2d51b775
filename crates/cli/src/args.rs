//! The command line. Comments on fields are the help texts that a user reads.

#![allow(missing_docs, reason = "a comment on a subcommand's struct would become its help text")]

use std::path::PathBuf;

use clap::{ArgGroup, Parser, Subcommand, ValueEnum};
use spork_index::Order;
use spork_model::{Kind, PoolingStrategy, Precision};
use spork_postings::Codec;
use spork_searcher::Strategy;
use spork_vectors::binary::{Shard, WeightFormat};

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
    /// Turn text into sparse vectors with a SPLADE model
    Encode(EncodeArgs),
    /// Write vectors in another format, or put the parts of a sharded encoding together
    Convert(ConvertArgs),
    /// Build an index from sparse vectors, or a BM25 index from text
    Index(IndexArgs),
    /// Rank documents for a batch of queries, as a run file
    Search(SearchArgs),
    /// Find hard negatives for training pairs, with a teacher's scores if there is one
    Mine(MineArgs),
    /// Measure run files against relevance judgments, as trec_eval does
    Eval(EvalArgs),
    /// Measure how long queries take: latency, throughput, work and FLOPS
    Bench(BenchArgs),
    /// Expected FLOPS of a query-document pair, and postings per query
    Flops(FlopsArgs),
    /// Draw columns of a table, such as effectiveness against FLOPS, as a picture
    Plot(PlotArgs),
    /// Show an index, one of its documents, or what a model makes of a text
    Inspect(InspectArgs),
    /// Read a whole index and check everything in it
    Verify(VerifyArgs),
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum PrecisionArg {
    /// bf16 on CUDA and on processors with instructions for it, else fp32
    #[default]
    Auto,
    /// 32-bit floats throughout
    Fp32,
    /// Layers in bfloat16: about twice as fast where there are instructions for it
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
    /// Pooling, for models that do not say it themselves
    #[arg(long, value_enum)]
    pub pooling: Option<PoolingStrategy>,
    /// Keep only the N heaviest terms of a text
    #[arg(long, value_name = "N")]
    pub top_terms: Option<std::num::NonZeroUsize>,
    /// Keep only terms that stand in the text: no expansion
    #[arg(long)]
    pub lexical: bool,
    /// Encode queries without a network (SPLADE-doc): every token weighs 1, or what
    /// --query-tokens=FILE says, a JSON object of tokens and weights
    #[arg(long, value_name = "FILE", num_args = 0..=1, require_equals = true, default_missing_value = "")]
    pub query_tokens: Option<String>,
    /// Tokens of a text at most, special tokens counted [default: what the model says]
    #[arg(long, value_name = "N")]
    pub max_length: Option<usize>,
    /// In what numbers the network computes
    #[arg(long, value_enum, default_value_t)]
    pub precision: PrecisionArg,
    /// Tokens of a batch at most, padding counted: bounds memory [default: 2048 a core on a CPU,
    /// 32768 on CUDA]
    #[arg(long, value_name = "N")]
    pub batch_tokens: Option<std::num::NonZeroUsize>,
    /// auto, cpu, cuda or cuda:N; for `spork encode` to an .svec file also cuda:all, or several
    /// with commas between them: a process each
    #[arg(long, default_value = "auto")]
    pub device: String,
}

#[derive(Debug, clap::Args)]
pub struct TrainArgs {
    /// Settings; docs/training.md explains every key
    #[arg(long, value_name = "FILE.toml")]
    pub config: PathBuf,
    /// Where checkpoints, log, curve and model go
    #[arg(long, value_name = "DIR")]
    pub output: PathBuf,
    /// Go on from the latest checkpoint in --output
    #[arg(long)]
    pub resume: bool,
    /// Stop after so many minutes, with a checkpoint to go on from
    #[arg(long, value_name = "MINUTES")]
    pub stop_after: Option<u64>,
    /// auto, cpu, cuda or cuda:N
    #[arg(long, default_value = "auto")]
    pub device: String,
}

/// From one format of vectors to another.
#[derive(Debug, clap::Args)]
pub struct ConvertArgs {
    /// Vectors files of any format; the parts of `spork encode --shard` in any order
    #[arg(long, value_name = "VECTORS", num_args = 1.., required = true)]
    pub input: Vec<PathBuf>,
    /// The result: compact and checked where the name ends in .svec, else JSONL [default: JSONL on
    /// standard output]
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// How an .svec file stores weights [default: as the input does]
    #[arg(long, value_enum)]
    pub weights: Option<WeightFormat>,
}

#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
pub struct EncodeArgs {
    /// Model directory or Hub id
    #[arg(long, value_name = "DIR|HUB_ID")]
    pub model: String,
    /// Text: BEIR JSONL or `id<TAB>text`, plain, .gz or .zst; - for standard input
    #[arg(long, value_name = "FILE")]
    pub input: PathBuf,
    /// Vectors: compact and checked where the name ends in .svec, else JSONL [default: JSONL on
    /// standard output]
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// What the texts are
    #[arg(long, value_enum, default_value_t)]
    pub kind: Kind,
    /// How an .svec file stores weights
    #[arg(long, value_enum, default_value_t)]
    pub weights: WeightFormat,
    /// Encode part I of N only; `spork convert` puts the parts together. In .svec files
    #[arg(long, value_name = "I/N", requires = "output")]
    pub shard: Option<Shard>,
    /// Go on where a run that was cut off left its .svec file
    #[arg(long, requires = "output")]
    pub resume: bool,
    #[command(flatten)]
    pub encoder: EncoderArgs,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub enum AnalyzerArg {
    /// Lower-case words without stop words, Porter2 stems
    #[default]
    English,
    /// Word pieces of --vocabulary
    Wordpiece,
}

#[derive(Debug, clap::Args)]
#[command(group = ArgGroup::new("source").required(true).args(["input", "bm25"]))]
pub struct IndexArgs {
    /// Vectors files: JSONL {"id", "vector": {"term": weight}}, plain, .gz or .zst; - for standard
    /// input
    #[arg(long, value_name = "VECTORS", num_args = 1..)]
    pub input: Vec<PathBuf>,
    /// Text collections to weigh with BM25: BEIR corpus.jsonl or `id<TAB>text`
    #[arg(long, value_name = "CORPUS", num_args = 1..)]
    pub bm25: Vec<PathBuf>,
    /// The index folder; an index that is there is replaced when the new one is complete
    #[arg(long, value_name = "DIR")]
    pub output: PathBuf,
    /// Memory that the run may take: 500M, 4G, …
    #[arg(long, value_name = "SIZE", default_value = "4G", value_parser = crate::inputs::parse_size)]
    pub memory: u64,
    /// Threads [default: one a core]
    #[arg(long, value_name = "N", value_parser = crate::inputs::parse_threads)]
    pub threads: Option<usize>,
    /// How documents are ordered in the index
    #[arg(long, value_enum, default_value_t)]
    pub order: Order,
    /// Approximate: of each document keep the heaviest terms only, those that hold a share A of the
    /// sum of its weights [default: all]
    #[arg(long, value_name = "A", value_parser = crate::inputs::parse_mass)]
    pub prune_documents: Option<f64>,
    /// Approximate: of each term's posting list drop the postings that are lighter than its
    /// quantile Q; with --prune-documents, of what that leaves [default: none]
    #[arg(long, value_name = "Q", value_parser = crate::inputs::parse_quantile)]
    pub prune_terms: Option<f64>,
    /// How posting lists are written; answers are the same
    #[arg(long, value_enum, default_value_t)]
    pub codec: Codec,
    /// How --bm25 splits text into terms
    #[arg(long, value_enum, default_value_t, conflicts_with = "input")]
    pub analyzer: AnalyzerArg,
    /// tokenizer.json or vocab.txt of the WordPiece analyzer
    #[arg(long, value_name = "FILE", conflicts_with = "input")]
    pub vocabulary: Option<PathBuf>,
    /// BM25's k1
    #[arg(long, default_value_t = 0.9, conflicts_with = "input", value_parser = crate::inputs::parse_not_negative)]
    pub k1: f32,
    /// BM25's b
    #[arg(long, default_value_t = 0.4, conflicts_with = "input", value_parser = crate::inputs::parse_b)]
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

/// Ways to give up exactness for time. Each answer says whether it is exact all the same.
#[derive(Clone, Copy, Debug, clap::Args)]
pub struct LimitArgs {
    /// Approximate: leave out blocks of documents whose bound times A can't reach the best k; 1 is
    /// exact
    #[arg(long, value_name = "A", default_value = "1", value_parser = crate::inputs::parse_share)]
    pub alpha: f32,
    /// Approximate: after N postings of a query, score no more blocks of documents; the most
    /// promising come first
    #[arg(long, value_name = "N")]
    pub max_postings: Option<u64>,
    /// Approximate: after MS milliseconds of a query, score no more blocks of documents
    #[arg(long, value_name = "MS", value_parser = crate::inputs::parse_milliseconds)]
    pub max_time: Option<f64>,
}

/// Terms of a query that are left out to save time, with every strategy.
#[derive(Clone, Copy, Debug, Default, clap::Args)]
pub struct QueryPruningArgs {
    /// Approximate: search for the heaviest terms of a query only, those that hold a share A of the
    /// sum of its weights [default: all]
    #[arg(long, value_name = "A", value_parser = crate::inputs::parse_mass)]
    pub query_mass: Option<f64>,
    /// Approximate: search for the N heaviest terms of a query only [default: all]
    #[arg(long, value_name = "N")]
    pub query_terms: Option<std::num::NonZeroUsize>,
}

#[derive(Debug, clap::Args)]
#[command(group = ArgGroup::new("queries").required(true).args(["topics", "vectors"]))]
pub struct SearchArgs {
    /// The index folder
    #[arg(long, value_name = "DIR")]
    pub index: PathBuf,
    /// Queries as text: `qid<TAB>text` or BEIR queries.jsonl; a BM25 index analyzes them itself,
    /// others need --model
    #[arg(long, value_name = "FILE")]
    pub topics: Option<PathBuf>,
    /// Queries as vectors: JSONL {"id", "vector"}, or `qid<TAB>term term …` with a term repeated
    /// weight times
    #[arg(long, value_name = "FILE", conflicts_with_all = ["model", "query_model", "EncoderArgs"])]
    pub vectors: Option<PathBuf>,
    /// The model that encoded the documents: directory or Hub id
    #[arg(long, value_name = "DIR|HUB_ID")]
    pub model: Option<String>,
    /// A separate query model, in place of --model's
    #[arg(long, value_name = "DIR|HUB_ID")]
    pub query_model: Option<String>,
    /// Documents per query
    #[arg(long, short, default_value_t = 1000)]
    pub k: usize,
    /// The run file [default: standard output]
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// The shape of the run file
    #[arg(long, value_enum, default_value_t)]
    pub format: FormatArg,
    /// The run's name in a TREC run file
    #[arg(long, default_value = "spork")]
    pub tag: String,
    /// How to find the best documents; every strategy gives the same answer, if no limit is set
    #[arg(long, value_enum, default_value_t)]
    pub strategy: Strategy,
    /// Threads; what one query takes by itself is for `spork bench` [default: one a core]
    #[arg(long, value_name = "N", value_parser = crate::inputs::parse_threads)]
    pub threads: Option<usize>,
    /// Write times and counters of every query as JSON
    #[arg(long, value_name = "FILE.json")]
    pub stats: Option<PathBuf>,
    #[command(flatten)]
    pub limits: LimitArgs,
    /// Multiply the weight of each query term by idf^P, its inverse document frequency in the
    /// index: 0 leaves weights as they are, 0.5 often helps on text of another kind than the model
    /// was trained on [default: for --topics what the model says, else 0]
    #[arg(long, value_name = "P", value_parser = crate::inputs::parse_idf_power)]
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
    /// JSONL {"query", "positive", "negatives", "scores"?}, a line a pair in the order of --pairs
    #[arg(long, value_name = "FILE")]
    pub output: PathBuf,
    /// Ranks that negatives are drawn from, both ends included
    #[arg(long, value_name = "A..B", default_value = "1..100", value_parser = crate::inputs::parse_ranks)]
    pub depth: (usize, usize),
    /// Negatives a pair at most, drawn at random and listed by rank
    #[arg(long, value_name = "N", default_value = "8")]
    pub negatives: std::num::NonZeroUsize,
    /// Leave out candidates that may be as right as the positive. Without --teacher: those whose
    /// retrieval score is above X times the positive's (0.95, say). With --teacher, whose scores
    /// lie around zero: those whose score is above the positive's minus X (0.5, say) [default: none
    /// is left out]
    #[arg(long, value_name = "X", value_parser = crate::inputs::parse_not_negative)]
    pub margin: Option<f32>,
    /// A dense sentence-transformers model (Transformer, mean Pooling) that scores positive and
    /// negatives: z(cosine) + z(BM25), z being taken over the pair's pool and its positive
    #[arg(long, value_name = "DIR|HUB_ID")]
    pub teacher: Option<String>,
    /// Candidates a pair that the teacher scores, drawn at random; negatives are the first of them
    /// that --margin lets through
    #[arg(long, value_name = "N", default_value = "32", requires = "teacher")]
    pub pool: std::num::NonZeroUsize,
    /// What is drawn depends on it and the pair's line alone
    #[arg(long, value_name = "S", default_value_t = 0)]
    pub seed: u64,
    /// Threads that search and write [default: one a core]
    #[arg(long, value_name = "N", value_parser = crate::inputs::parse_threads)]
    pub threads: Option<usize>,
    /// Of --model; --precision, --batch-tokens and --device count for --teacher too
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
    /// A line per topic as well
    #[arg(long, short = 'q')]
    pub per_query: bool,
    /// Count topics that a run lacks, with 0
    #[arg(short = 'c', long)]
    pub complete: bool,
    /// The least grade that is relevant, for measures that do not say it
    #[arg(short = 'l', long, value_name = "LEVEL", default_value_t = 1)]
    pub level: u32,
    /// Documents of a topic that are looked at
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
    /// Describe this machine as JSON, as results do, and measure nothing
    #[arg(long, exclusive = true)]
    pub machine: bool,
    #[command(subcommand)]
    pub command: Option<BenchCommand>,
}

#[derive(Debug, Subcommand)]
pub enum BenchCommand {
    /// Make one HTML page of results: tables, pictures, the machine and the command lines
    Report(ReportArgs),
}

#[derive(Debug, clap::Args)]
pub struct ReportArgs {
    /// Results of `spork bench --json`
    #[arg(long, value_name = "FILE.json", num_args = 1.., required = true)]
    pub input: Vec<PathBuf>,
    /// How good the indexes' rankings are: tab-separated, the first line names the columns, `index`
    /// and measures, such as RR@10; an index is called as in the results
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
    /// Index folders; all are searched by the same queries
    #[arg(long, value_name = "DIR", num_args = 1.., required = true)]
    pub index: Vec<PathBuf>,
    /// Query vectors
    #[arg(long, value_name = "FILE")]
    pub vectors: PathBuf,
    /// Documents per query
    #[arg(long, short, value_delimiter = ',', default_value = "10,1000")]
    pub k: Vec<usize>,
    /// How to find the best documents
    #[arg(long, value_enum, value_delimiter = ',', default_value = "auto")]
    pub strategy: Vec<Strategy>,
    /// Threads that answer queries, each one query at a time
    #[arg(long, value_name = "N", value_delimiter = ',', default_value = "1", value_parser = crate::inputs::parse_threads)]
    pub threads: Vec<usize>,
    /// Queries that arrive a second, whether or not a thread is free, so that waiting counts
    /// [default: the next arrives as soon as a thread is free]
    #[arg(long, value_name = "QPS", value_parser = crate::inputs::parse_rate)]
    pub rate: Option<f64>,
    #[command(flatten)]
    pub limits: LimitArgs,
    #[command(flatten)]
    pub query_pruning: QueryPruningArgs,
    /// Recall is of the exact answers of this index, such as one of the same documents that was not
    /// pruned [default: of the index that is searched]
    #[arg(long, value_name = "DIR")]
    pub reference: Option<PathBuf>,
    /// Passes over all queries that count, after one that does not
    #[arg(long, value_name = "N", default_value = "3")]
    pub repetitions: std::num::NonZeroUsize,
    /// Queries whose answers are compared with exhaustive scoring first, if no limit is set
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub check: usize,
    /// The table, tab-separated, as `spork plot` reads it [default: standard output]
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
    /// The column that goes across
    #[arg(long, value_name = "COLUMN")]
    pub x: String,
    /// The columns that go up, a panel each
    #[arg(long, value_name = "COLUMN", num_args = 1.., required = true)]
    pub y: Vec<String>,
    /// Rows with the same text in this column are a line
    #[arg(long, value_name = "COLUMN")]
    pub by: Option<String>,
    /// The picture: PNG where the name ends in .png, else SVG
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
    /// Statistics of the index as JSON; with --docno, that document as a line of vectors
    #[arg(long, conflicts_with = "model")]
    pub json: bool,
    /// A model directory or Hub id
    #[arg(long, value_name = "DIR|HUB_ID")]
    pub model: Option<String>,
    /// The text to encode with --model
    pub text: Option<String>,
    /// What the text is
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
