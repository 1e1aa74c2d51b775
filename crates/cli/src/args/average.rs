//! `spork average`.

use std::path::PathBuf;

#[derive(Debug, clap::Args)]
pub struct AverageArgs {
    /// Folders of models that were trained from one another or from the same one; all count alike,
    /// and tokenizer and settings are those of the first
    #[arg(value_name = "MODEL", required = true)]
    pub models: Vec<PathBuf>,
    /// The folder of their mean, which is not there yet
    #[arg(long, value_name = "DIR")]
    pub output: PathBuf,
}
