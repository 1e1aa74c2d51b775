//! The command line. Comments on fields become help texts.

#![allow(missing_docs, reason = "a comment on a subcommand's struct would become its help text")]

mod beir;
mod bench;
mod convert;
mod encode;
mod eval;
mod export;
mod fuse;
mod get;
mod index;
mod inspect;
mod mine;
mod queries;
mod reading;
mod search;
mod train;

use clap::{Parser, Subcommand};

pub use beir::BeirArgs;
pub use bench::{BenchArgs, BenchCommand, FlopsArgs, MeasureArgs, PlotArgs, ReportArgs};
pub use convert::ConvertArgs;
pub use encode::{BackendArg, EncodeArgs, EncoderArgs, PrecisionArg};
pub use eval::EvalArgs;
pub use export::ExportArgs;
pub use fuse::{FuseArgs, MethodArg, NormalizeArg};
pub use get::GetArgs;
pub use index::{AnalyzerArg, IndexArgs};
pub use inspect::{InspectArgs, VerifyArgs};
pub use mine::MineArgs;
pub use queries::QueryArgs;
pub use reading::{ReadingArgs, WritingArgs};
pub use search::{FormatArg, LimitArgs, QueryPruningArgs, SearchArgs};
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
    /// Encode text as sparse vectors with a SPLADE model
    Encode(EncodeArgs),
    /// Convert vectors to another format, or merge the parts of a sharded encoding
    Convert(ConvertArgs),
    /// Build an index from sparse vectors, or a BM25 index from text
    Index(IndexArgs),
    /// Export an index, or a field of it, as a file of vectors: CIFF, Anserini, Seismic, …
    Export(ExportArgs),
    /// Rank documents for a query, or for many as a run file
    Search(SearchArgs),
    /// Find hard negatives for training pairs, with a teacher's scores on request
    Mine(MineArgs),
    /// Evaluate run files against relevance judgments, as trec_eval does
    Eval(EvalArgs),
    /// Fuse run files into one, by reciprocal ranks or by sums of scores
    Fuse(FuseArgs),
    /// Benchmark search: latency, throughput, work and FLOPS
    Bench(BenchArgs),
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
