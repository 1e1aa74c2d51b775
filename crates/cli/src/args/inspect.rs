//! `spork inspect` and `spork verify`.

use std::path::PathBuf;

use clap::ArgGroup;
use spork_model::Kind;

use super::EncoderArgs;

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
