//! The command line: glue around the libraries, with a contract.
//!
//! Results go to standard output or `--output`, log and progress to standard error. Exit code 0 is
//! success, a broken pipe included; 1 is an error, told in one sentence; 2 is a command line that
//! makes no sense.
//!
//! Two programs are made of it. `spork` computes networks on processors by itself and starts in
//! milliseconds; `spork-torch` is the same program with [`Libtorch`], which alone takes half a
//! second to start. GPUs and training `spork` delegates to it, so that a user has to do with the
//! first only.

#![forbid(unsafe_code)]

pub mod args;
mod backend_choice;
mod beir;
mod commands;
mod default_model;
mod delegate;
mod document_texts;
mod format_sink;
mod index_tokenizer;
mod indexing_log;
pub mod inputs;
mod libtorch;
mod networks;
mod places;
mod program;
mod progress_bars;
mod provenance;
mod queries;
mod query_batch;
mod query_fit;
mod query_stream;
mod search_options;
mod standard_error;
mod teacher;
mod text_encoder;
mod text_table;
mod vector_sink;

pub use libtorch::{Libtorch, TrainingRun, TrainingStep, TrainingSummary};

use std::ffi::OsString;
use std::io;
use std::process::ExitCode;

use anyhow::Result;
use clap::{CommandFactory, FromArgMatches};

#[cfg(feature = "serve")]
use crate::args::LogArg;
use crate::args::{Args, Command};
use crate::program::Program;
use crate::standard_error::{StandardError, say};

/// Exit codes.
const SUCCESS: u8 = 0;
const FAILURE: u8 = 1;

/// The whole program. Without `torch`, what needs libtorch is delegated to `spork-torch`.
pub fn main(torch: Option<&dyn Libtorch>) -> ExitCode {
    ExitCode::from(main_with(std::env::args_os(), torch))
}

/// The program with these arguments, its own name first, and its exit code.
pub fn main_with(
    arguments: impl IntoIterator<Item = OsString>,
    torch: Option<&dyn Libtorch>,
) -> u8 {
    let program = match Program::new(torch) {
        Ok(program) => program,
        Err(error) => return failure(&error),
    };
    let args = match parse(arguments) {
        Ok(args) => args,
        Err(ended) => return ended,
    };
    match run(&args.command, program) {
        Ok(()) => SUCCESS,
        Err(error) if is_broken_pipe(&error) => SUCCESS,
        Err(error) => failure(&error),
    }
}

/// The command line, with the log started as it says and its places checked; or the end of the
/// program.
fn parse(arguments: impl IntoIterator<Item = OsString>) -> std::result::Result<Args, u8> {
    let mut command = Args::command();
    let matches = command.try_get_matches_from_mut(arguments).map_err(|e| ended(&e))?;
    let args =
        Args::from_arg_matches(&matches).map_err(|error| ended(&error.format(&mut command)))?;
    if let Command::Bench(args) = &args.command
        && args.lacks_queries()
    {
        let needed = "one of --topics, --beir and --vectors is required\n";
        return Err(ended(&command.error(clap::error::ErrorKind::MissingRequiredArgument, needed)));
    }
    if let Command::Search(args) = &args.command
        && let Some(fault) = args.fault()
    {
        return Err(ended(&command.error(clap::error::ErrorKind::ArgumentConflict, fault + "\n")));
    }
    start_log(&args);
    places::check(&command, &matches).map_err(|error| failure(&error))?;
    Ok(args)
}

/// Prints the help, the version or the fault of a command line, and says how the program ends.
fn ended(message: &clap::Error) -> u8 {
    match message.print() {
        Err(error) if !message.use_stderr() && error.kind() != io::ErrorKind::BrokenPipe => {
            failure(&spork_files::Error::io("<stdout>".as_ref(), error).into())
        }
        _ => u8::try_from(message.exit_code()).unwrap_or(FAILURE),
    }
}

fn run(command: &Command, program: Program<'_>) -> Result<()> {
    match command {
        Command::Train(args) => commands::train::run(args, program),
        Command::Average(args) => commands::average::run(args),
        Command::Encode(args) => commands::encode::run(args, program),
        Command::Convert(args) => commands::convert::run(args),
        Command::Index(args) => commands::index::run(args),
        Command::Add(args) => commands::add::run(args),
        Command::Delete(args) => commands::delete::run(args),
        Command::Merge(args) => commands::merge::run(args),
        Command::Export(args) => commands::export::run(args),
        Command::Search(args) => commands::search::run(args, program),
        Command::Explain(args) => commands::explain::run(args, program),
        Command::Diff(args) => commands::diff::run(args, program),
        #[cfg(feature = "serve")]
        Command::Serve(args) => commands::serve::serve(args),
        #[cfg(feature = "serve")]
        Command::Mcp(args) => commands::serve::mcp(args),
        Command::Mine(args) => commands::mine::run(args, program),
        Command::Eval(args) => commands::eval::run(args),
        Command::Fuse(args) => commands::fuse::run(args),
        Command::Bench(args) => commands::bench::run(args, program),
        Command::Advise(args) => commands::advise::run(args, program),
        Command::Flops(args) => commands::flops::run(args, program),
        Command::Plot(args) => commands::plot::run(args),
        Command::Get(args) => commands::get::run(args),
        Command::Inspect(args) => commands::inspect::run(args, program),
        Command::Verify(args) => commands::verify::run(args),
    }
}

fn start_log(args: &Args) {
    let level = if args.quiet { tracing::Level::WARN } else { tracing::Level::INFO };
    let log = tracing_subscriber::fmt()
        .with_writer(|| StandardError)
        .with_ansi(io::IsTerminal::is_terminal(&io::stderr()))
        .with_max_level(level)
        .with_target(false);
    #[cfg(feature = "serve")]
    if let Command::Serve(args) = &args.command {
        // What runs for days says when.
        return match args.log {
            LogArg::Lines => log.init(),
            LogArg::Json => log.json().flatten_event(true).init(),
        };
    }
    log.without_time().init();
}

fn failure(error: &anyhow::Error) -> u8 {
    say(format_args!("spork: {}", sentence(error)));
    FAILURE
}

/// The error and its causes, each said once: some errors tell their cause themselves.
fn sentence(error: &anyhow::Error) -> String {
    let mut sentence = String::new();
    for cause in error.chain().map(ToString::to_string) {
        if sentence.is_empty() {
            sentence = cause;
        } else if !sentence.contains(&cause) {
            sentence.push_str(": ");
            sentence.push_str(&cause);
        }
    }
    sentence
}

/// Whoever read our output has seen enough of it.
fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let broken = |cause: &(dyn std::error::Error + 'static)| {
        cause
            .downcast_ref::<io::Error>()
            .is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
    };
    error.chain().any(broken)
}
