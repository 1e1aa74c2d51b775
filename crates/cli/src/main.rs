//! The binary `spork`: glue around the libraries, with a contract.
//!
//! Results go to standard output or `--output`, log and progress to standard error. Exit code 0 is success, a
//! broken pipe included; 1 is an error, told in one sentence; 2 is a command line that makes no sense.

mod args;
mod bars;
mod commands;
mod inputs;

use std::io;
use std::process::ExitCode;

use clap::Parser;

use crate::args::{Args, Command};

fn main() -> ExitCode {
    #[cfg(feature = "torch")]
    spork_encoder::load_cuda();
    let args = Args::parse();
    start_log(args.quiet);
    match run(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("spork: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &Args) -> anyhow::Result<()> {
    match &args.command {
        Command::Encode(encode) => commands::encode::run(encode),
        Command::Index(index) => commands::index::run(index),
        Command::Search(search) => commands::search::run(search),
        Command::Eval(eval) => commands::eval::run(eval),
        Command::Flops(flops) => commands::flops::run(flops),
        Command::Inspect(inspect) => commands::inspect::run(inspect),
        Command::Verify(verify) => commands::verify::run(verify),
    }
}

fn start_log(quiet: bool) {
    let level = if quiet { tracing::Level::WARN } else { tracing::Level::INFO };
    tracing_subscriber::fmt()
        .with_writer(io::stderr)
        .with_ansi(io::IsTerminal::is_terminal(&io::stderr()))
        .with_max_level(level)
        .with_target(false)
        .without_time()
        .init();
}

/// Whoever read our output has seen enough of it.
fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let broken = |cause: &(dyn std::error::Error + 'static)| {
        cause.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
    };
    error.chain().any(broken)
}
