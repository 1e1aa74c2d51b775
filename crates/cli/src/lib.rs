//! The command line: glue around the libraries, with a contract.
//!
//! Results go to standard output or `--output`, log and progress to standard error. Exit code 0 is success, a
//! broken pipe included; 1 is an error, told in one sentence; 2 is a command line that makes no sense.
//!
//! Two programs are made of it. `spork` is linked with no network and starts in milliseconds; `spork-torch` is the
//! same program with libtorch, which alone takes half a second to start. Whatever needs a network `spork` hands over to
//! the `spork-torch` beside it, so that a user has to do with the first only.

#![forbid(unsafe_code)]

pub mod args;
pub mod bars;
mod commands;
mod hand_over;
pub mod inputs;
pub mod sink;

pub use commands::{convert, provenance};

use std::io;
use std::process::ExitCode;

use anyhow::Result;
use clap::Parser;
use spork_index::Index;
use spork_miner::Teacher;

use crate::args::{Args, Command, EncodeArgs, EncoderArgs, InspectArgs, MineArgs, TrainArgs};

/// What needs a network.
pub trait Encoding {
    /// `spork train`.
    ///
    /// # Errors
    /// Told to the user as they are.
    fn train(&self, args: &TrainArgs) -> Result<()>;

    /// `spork encode`.
    ///
    /// # Errors
    /// Told to the user as they are.
    fn encode(&self, args: &EncodeArgs) -> Result<()>;

    /// The vectors of `queries` for a search in `index` with `model`.
    ///
    /// # Errors
    /// Told to the user as they are.
    fn queries(
        &self,
        args: &EncoderArgs,
        index: &Index,
        model: &str,
        queries: &[&str],
    ) -> Result<EncodedQueries>;

    /// The dense `model` that scores what `spork mine` finds.
    ///
    /// # Errors
    /// Told to the user as they are.
    fn teacher(&self, args: &MineArgs, model: &str) -> Result<Box<dyn Teacher>>;

    /// `spork inspect --model`.
    ///
    /// # Errors
    /// Told to the user as they are.
    fn inspect(&self, args: &InspectArgs, model: &str) -> Result<()>;
}

/// Queries as a model sees them.
pub struct EncodedQueries {
    /// Terms and weights of each.
    pub weights: Vec<Vec<(String, f32)>>,
    /// The power of idf in the index by which a search is to multiply weights, as the model says it; 0 if it does not.
    pub idf_power: f32,
}

/// The whole program. Without `encoding`, commands that need a network are handed over to `spork-torch`.
pub fn main(encoding: Option<&dyn Encoding>) -> ExitCode {
    let args = Args::parse();
    start_log(args.quiet);
    match run(&args.command, encoding) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("spork: {}", sentence(&error));
            ExitCode::FAILURE
        }
    }
}

fn run(command: &Command, encoding: Option<&dyn Encoding>) -> Result<()> {
    let network = Network(encoding);
    match command {
        Command::Train(args) => network.get()?.train(args),
        Command::Encode(args) => network.get()?.encode(args),
        Command::Convert(args) => commands::convert::run(args),
        Command::Index(args) => commands::index::run(args),
        Command::Search(args) => commands::search::run(args, network),
        Command::Mine(args) => commands::mine::run(args, network),
        Command::Eval(args) => commands::eval::run(args),
        Command::Bench(args) => commands::bench::run(args),
        Command::Flops(args) => commands::flops::run(args),
        Command::Plot(args) => commands::plot::run(args),
        Command::Inspect(args) => match &args.model {
            Some(model) => network.get()?.inspect(args, model),
            None => commands::inspect::run(args),
        },
        Command::Verify(args) => commands::verify::run(args),
    }
}

/// The network, if this program has one.
#[derive(Clone, Copy)]
struct Network<'e>(Option<&'e dyn Encoding>);

impl<'e> Network<'e> {
    /// The network; without one, this process becomes `spork-torch`, which starts from the beginning. So no input may
    /// have been consumed before.
    fn get(self) -> Result<&'e dyn Encoding> {
        self.0.ok_or_else(hand_over::hand_over)
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
        cause.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
    };
    error.chain().any(broken)
}
