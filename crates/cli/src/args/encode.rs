//! `spork encode`, and how every command that encodes does so.

use std::path::PathBuf;

use clap::{ArgGroup, ValueEnum};
use spork_model::{Kind, PoolingStrategy, Precision};
use spork_vectors::Shard;
use spork_vectors::binary::WeightFormat;

use super::BeirArgs;

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

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum BackendArg {
    /// torch for GPUs, for fp16, and where the processor lacks AVX2 and spork-torch is there; else
    /// rust
    #[default]
    Auto,
    /// Spork's own, for processors; its vectors do not depend on batches and threads
    Rust,
    /// libtorch, for processors and GPUs, through the program spork-torch
    Torch,
}

/// How text is encoded, the same for every command that does so.
#[derive(Clone, Debug, Default, PartialEq, Eq, clap::Args)]
#[command(next_help_heading = "Encoder")]
pub struct EncoderArgs {
    /// Pooling, for models whose files do not name it
    #[arg(long, value_enum)]
    pub pooling: Option<PoolingStrategy>,
    /// Keep only the N heaviest terms of a text
    #[arg(long, value_name = "N")]
    pub top_terms: Option<std::num::NonZeroUsize>,
    /// Keep only terms that occur in the text: no expansion
    #[arg(long)]
    pub lexical: bool,
    /// Encode queries without a network (SPLADE-doc): every token has weight 1, or its weight in
    /// FILE, a JSON object of tokens and weights or lines of `token<TAB>weight`
    /// (--query-tokens=FILE)
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
    /// What computes the network
    #[arg(long, value_enum, default_value_t)]
    pub backend: BackendArg,
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

#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
#[command(group = ArgGroup::new("texts").required(true).args(["input", "beir"]))]
pub struct EncodeArgs {
    /// Model directory or Hub id
    #[arg(long, value_name = "DIR|HUB_ID")]
    pub model: String,
    /// Text: BEIR JSONL or `id<TAB>text`, plain, .gz or .zst; - for standard input
    #[arg(long, value_name = "FILE")]
    pub input: Option<PathBuf>,
    /// In place of --input: with --kind query the topics of the split, else the documents
    #[command(flatten)]
    pub beir: BeirArgs,
    /// Output: .svec (compact, checksummed) or JSONL, by its name [default: JSONL, standard output]
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Kind of the texts
    #[arg(long, value_enum, default_value_t)]
    pub kind: Kind,
    /// Number format of weights in an .svec file
    #[arg(long, value_enum, default_value_t)]
    pub weights: WeightFormat,
    /// Encode part I of N only, to an .svec file; `spork convert` merges the parts
    #[arg(long, value_name = "I/N", requires = "output")]
    pub shard: Option<Shard>,
    /// Resume an interrupted run from its partial .svec file; texts that are encoded already are
    /// compared with --input
    #[arg(long, requires = "output")]
    pub resume: bool,
    /// Replace an --output that an earlier run finished, or left unfinished
    #[arg(long, conflicts_with = "resume")]
    pub force: bool,
    /// Resume or join what another backend, precision or instruction level began; the output
    /// records all of them
    #[arg(long, requires = "output")]
    pub allow_mismatch: bool,
    /// Write how many texts, tokens and terms the run had and what it took, as JSON; one device
    /// only
    #[arg(long, value_name = "FILE.json")]
    pub stats: Option<PathBuf>,
    #[command(flatten)]
    pub encoder: EncoderArgs,
}
