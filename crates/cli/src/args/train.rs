//! `spork train`.

use std::path::PathBuf;

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
