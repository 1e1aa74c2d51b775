//! The command line. Comments on fields become help texts.

#![allow(missing_docs, reason = "a comment on a subcommand's struct would become its help text")]

mod advise;
mod average;
mod beir;
mod bench;
mod change;
mod convert;
mod encode;
mod eval;
mod explain;
mod export;
mod fuse;
mod get;
mod index;
mod inspect;
mod mine;
mod queries;
mod reading;
mod search;
#[cfg(feature = "serve")]
mod serve;
mod train;

use clap::{Parser, Subcommand};

pub use advise::AdviseArgs;
pub use average::AverageArgs;
pub use beir::BeirArgs;
pub use bench::{BenchArgs, BenchCommand, FlopsArgs, MeasureArgs, PlotArgs, ReportArgs};
pub use change::{AddArgs, DeleteArgs, MergeArgs, WorkArgs};
pub use convert::ConvertArgs;
pub use encode::{BackendArg, EncodeArgs, EncoderArgs, PrecisionArg};
pub use eval::EvalArgs;
pub use explain::{DiffArgs, ExplainArgs};
pub use export::ExportArgs;
pub use fuse::{FuseArgs, MethodArg, NormalizeArg};
pub use get::GetArgs;
pub use index::{AnalyzerArg, FieldArg, IndexArgs, StoreArg};
pub use inspect::{InspectArgs, VerifyArgs};
pub use mine::MineArgs;
pub use queries::QueryArgs;
pub use reading::{ReadingArgs, WritingArgs};
pub use search::{FormatArg, LimitArgs, QueryPruningArgs, SearchArgs};
#[cfg(feature = "serve")]
pub use serve::{LogArg, McpArgs, ServeArgs, ServedArgs};
pub use train::TrainArgs;

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
    /// Make one model of several that began alike: the mean of their weights
    Average(AverageArgs),
    /// Encode text as sparse vectors with a SPLADE model
    Encode(EncodeArgs),
    /// Convert vectors to another format, or merge the parts of a sharded encoding
    Convert(ConvertArgs),
    /// Build an index from sparse vectors, or a BM25 index from text
    Index(IndexArgs),
    /// Add documents to an index, or replace some
    Add(AddArgs),
    /// Delete documents from an index
    Delete(DeleteArgs),
    /// Merge an index's segments into one, without the deleted documents
    Merge(MergeArgs),
    /// Export an index, or a field of it, as a file of vectors: CIFF, Anserini, Seismic, …
    Export(ExportArgs),
    /// Rank documents for a query, or for many as a run file
    Search(SearchArgs),
    /// Explain documents' scores: what each term of the query gives, and where it stands
    Explain(ExplainArgs),
    /// Show where two indexes, models or runs rank differently, and by which terms
    Diff(DiffArgs),
    /// Serve indexes by HTTP, with a page for people (docs/server.md)
    #[cfg(feature = "serve")]
    Serve(ServeArgs),
    /// Serve indexes as tools of the Model Context Protocol, on standard input and output
    #[cfg(feature = "serve")]
    Mcp(McpArgs),
    /// Find hard negatives for training pairs, with a teacher's scores on request
    Mine(MineArgs),
    /// Evaluate run files against relevance judgments, as trec_eval does
    Eval(EvalArgs),
    /// Fuse run files into one, by reciprocal ranks or by sums of scores
    Fuse(FuseArgs),
    /// Benchmark search: latency, throughput, work and FLOPS
    Bench(BenchArgs),
    /// Measure what an index and its searches would be worth if made otherwise
    Advise(AdviseArgs),
    /// Report the expected FLOPS of a query-document pair, and postings per query
    Flops(FlopsArgs),
    /// Plot columns of a table, such as effectiveness against FLOPS
    Plot(PlotArgs),
    /// Print documents as an index has them: texts, vectors
    Get(GetArgs),
    /// Show an index, one of its documents, or the vector that a model gives a text
    Inspect(InspectArgs),
    /// Read a whole index and check everything in it
    Verify(VerifyArgs),
}
