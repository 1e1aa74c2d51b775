//! Errors of a model directory, with the place, the expected and the found content, and a remedy.

use std::fmt;
use std::path::{Path, PathBuf};

use spork_core::WeightError;
use spork_files::Foreign;

use crate::pickle::PickleError;

/// Result with this crate's error.
pub type Result<T> = std::result::Result<T, ModelError>;

/// Why a model can't be read, or a text not be tokenized.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// The operating system could not read or write a file.
    #[error("{path}: {source}", path = path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// The system's error.
        source: std::io::Error,
    },
    /// A file that is not what its name says.
    #[error("{path}: {foreign}", path = path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
        /// What it is.
        foreign: Foreign,
    },
    /// A JSON file that is broken or has another shape.
    #[error("{path}: not JSON of the expected form: {source}", path = path.display())]
    Json {
        /// The file.
        path: PathBuf,
        /// The parser's error, with line and column.
        source: serde_json::Error,
    },
    /// A key of a JSON file with a value that can't be used.
    #[error("{path}: {key} is {got}, expected {expected}", path = path.display())]
    Setting {
        /// The file.
        path: PathBuf,
        /// The key.
        key: String,
        /// Its value as written in the file, or "absent".
        got: String,
        /// The values that are accepted.
        expected: String,
    },
    /// A network of another kind.
    #[error(
        "{path}: the model type {got:?} is not supported; supported are \"bert\" and \
         \"distilbert\", each with its masked-language-model head",
        path = path.display()
    )]
    Architecture {
        /// The config.json.
        path: PathBuf,
        /// The model type it names.
        got: String,
    },
    /// A folder without one of the files that make a model.
    #[error("{directory}: {sought} is not there; {remedy}", directory = directory.display())]
    Absent {
        /// The folder.
        directory: PathBuf,
        /// The file or files looked for.
        sought: &'static str,
        /// The remedy.
        remedy: String,
    },
    /// A chain of sentence-transformers modules that is no SPLADE encoder.
    #[error(
        "{path}: the modules {found} are no SPLADE encoder; expected a Transformer (or \
         MLMTransformer) and a SpladePooling, perhaps followed by a SparseStaticEmbedding; that \
         alone; or a Router of these for \"query\" and \"document\"",
        path = path.display()
    )]
    NotSplade {
        /// The modules.json or router_config.json.
        path: PathBuf,
        /// The modules it lists.
        found: String,
    },
    /// A chain of sentence-transformers modules that is no dense encoder of the kind that is
    /// supported.
    #[error(
        "{path}: the modules {found} are no dense encoder that is supported; expected a \
         Transformer, a Pooling and perhaps a Normalize",
        path = path.display()
    )]
    NotDense {
        /// The modules.json.
        path: PathBuf,
        /// The modules it lists.
        found: String,
    },
    /// A bare Hugging Face directory, whose pooling nobody has said.
    #[error(
        "{directory} does not say how it pools; give --pooling max (SPLADE v2, ++, v3) or sum \
         (first SPLADE)",
        directory = directory.display()
    )]
    PoolingUnknown {
        /// The model directory.
        directory: PathBuf,
    },
    /// A checkpoint that lacks tensors, or has them in another shape or type.
    #[error(transparent)]
    Tensors(Box<TensorMismatch>),
    /// A checkpoint file that can't be read.
    #[error(
        "{path}: damaged or no safetensors file: {what}; download it again",
        path = path.display()
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// The fault.
        what: String,
    },
    /// A PyTorch checkpoint that can't be read.
    #[error("{path}: {source}", path = path.display())]
    Pickle {
        /// The file.
        path: PathBuf,
        /// The reader's error.
        source: PickleError,
    },
    /// A tokenizer that can't be built.
    #[error("{path}: no usable tokenizer: {what}", path = path.display())]
    Tokenizer {
        /// The file.
        path: PathBuf,
        /// The fault.
        what: String,
    },
    /// A tokenizer of a class that splits text in a way of its own.
    #[error(
        "{path}: the tokenizer {name} is not supported: {why}; encode with the program that the \
         model was made for, and give its vectors to `spork index --input`",
        path = path.display()
    )]
    TokenizerClass {
        /// The file that names it.
        path: PathBuf,
        /// The class, or the key that chooses it.
        name: String,
        /// The reason.
        why: String,
    },
    /// A tokenizer whose ids reach beyond the network's or the weight table's rows.
    #[error("{0}")]
    TokenizerTooLarge(BeyondRows),
    /// Query side and document side number their terms differently.
    #[error(
        "{directory}: its query encoder and its document encoder have different vocabularies (term \
         {id} is {query:?} and {document:?}), so that their vectors can't be compared",
        directory = directory.display()
    )]
    VocabulariesDiffer {
        /// The model directory.
        directory: PathBuf,
        /// The first term id that differs.
        id: usize,
        /// The query side's term.
        query: String,
        /// The document side's term.
        document: String,
    },
    /// A text that the tokenizer gives up on.
    #[error("text {index} of the batch can't be tokenized: {what}")]
    Tokenize {
        /// Position in the slice given, from 0.
        index: usize,
        /// The tokenizer's error.
        what: String,
    },
    /// A weight table that is no weight table.
    #[error("{path}: the weight of {token:?} {error}; weights must be finite", path = path.display())]
    TableWeight {
        /// The file.
        path: PathBuf,
        /// The token.
        token: String,
        /// The fault of its weight.
        error: WeightError,
    },
    /// A line of a weight table that is none.
    #[error(
        "{path}:{line}: expected token<TAB>weight, or the whole file a JSON object of tokens and \
         weights; got {got:?}{what}",
        path = path.display()
    )]
    TableLine {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: u64,
        /// Its start.
        got: String,
        /// What is wrong with it, where that does not show; else empty.
        what: &'static str,
    },
    /// A weight table over other tokens.
    #[error(
        "{path}: the token {token:?} is not in the tokenizer's vocabulary; the table belongs to \
         another model",
        path = path.display()
    )]
    TableToken {
        /// The file.
        path: PathBuf,
        /// The token.
        token: String,
    },
    /// Models of which no mean can be made.
    #[error("{0}")]
    Average(String),
    /// A folder that can't be written.
    #[error(transparent)]
    Output(#[from] spork_files::Error),
    /// The network computed something that can't be a weight.
    #[error(
        "text {index} of the batch: the weight of {term:?} {error}; the model's weights are \
         damaged, or the text is unlike their training data"
    )]
    Weight {
        /// Position in the slice given, from 0.
        index: usize,
        /// The term.
        term: String,
        /// The fault of the weight.
        error: WeightError,
    },
}

impl ModelError {
    /// An input error at `path`.
    pub(crate) fn io(path: &Path, source: std::io::Error) -> Self {
        Self::Io { path: path.to_owned(), source }
    }

    /// A value that can't be used.
    pub(crate) fn setting(
        path: &Path,
        key: &str,
        got: Option<&serde_json::Value>,
        expected: impl Into<String>,
    ) -> Self {
        let got = got.map_or_else(|| "absent".to_owned(), ToString::to_string);
        Self::Setting { path: path.to_owned(), key: key.to_owned(), got, expected: expected.into() }
    }

    /// The same error about the `first`-th text and those after it: batches count from their own
    /// start.
    #[must_use]
    pub fn shifted(mut self, first: usize) -> Self {
        if let Self::Tokenize { index, .. } | Self::Weight { index, .. } = &mut self {
            *index += first;
        }
        self
    }
}

/// Tokens that have no row in an embedding or a table.
#[derive(Debug)]
pub struct BeyondRows {
    /// The model directory.
    pub directory: PathBuf,
    /// Rows of the word embedding, or entries of the table.
    pub rows: usize,
    /// Ids and tokens beyond them, ascending.
    pub tokens: Vec<(usize, String)>,
}

impl fmt::Display for BeyondRows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (directory, rows) = (self.directory.display(), self.rows);
        write!(
            f,
            "{directory}: the tokenizer has tokens beyond the {rows} that the model has weights for"
        )?;
        let token = |(id, token): &(usize, String)| format!("{token:?} ({id})");
        list(f, "these are", self.tokens.iter().map(token), self.tokens.len())?;
        f.write_str(
            "; tokenizer and weights belong to different models, or tokens were added without \
             resizing the model's embeddings: remove them from the tokenizer's files",
        )
    }
}

/// All differences between a checkpoint's tensors and those that the configuration implies.
#[derive(Debug)]
pub struct TensorMismatch {
    /// The checkpoint.
    pub path: PathBuf,
    /// Names that are not there.
    pub missing: Vec<String>,
    /// Tensors of another shape.
    pub shapes: Vec<WrongShape>,
    /// Tensors that don't hold floats, with what they hold.
    pub kinds: Vec<(String, String)>,
}

/// A tensor of another shape than the configuration says.
#[derive(Debug)]
pub struct WrongShape {
    /// The tensor's name.
    pub name: String,
    /// The shape that follows from config.json.
    pub expected: Vec<i64>,
    /// The shape in the file.
    pub got: Vec<i64>,
}

impl TensorMismatch {
    /// Whether there is nothing to report.
    pub(crate) fn is_empty(&self) -> bool {
        self.missing.is_empty() && self.shapes.is_empty() && self.kinds.is_empty()
    }
}

impl std::error::Error for TensorMismatch {}

/// Names beyond this many are counted, not listed.
const LISTED: usize = 8;

impl fmt::Display for TensorMismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: the weights don't fit config.json", self.path.display())?;
        let missing = self.missing.iter().map(String::clone);
        list(f, "missing", missing, self.missing.len())?;
        let shape = |s: &WrongShape| format!("{} {:?}, expected {:?}", s.name, s.got, s.expected);
        list(f, "of another shape", self.shapes.iter().map(shape), self.shapes.len())?;
        let kind = |(name, kind): &(String, String)| format!("{name} ({kind})");
        list(f, "not floating point", self.kinds.iter().map(kind), self.kinds.len())?;
        if self.missing.iter().any(|name| name.starts_with("cls.") || name.starts_with("vocab_")) {
            write!(
                f,
                "; a SPLADE encoder needs the masked-language-model head, saved as …ForMaskedLM"
            )?;
        }
        Ok(())
    }
}

/// `; heading: a, b, c and 4 more`
fn list(
    f: &mut fmt::Formatter<'_>,
    heading: &str,
    items: impl Iterator<Item = String>,
    count: usize,
) -> fmt::Result {
    if count == 0 {
        return Ok(());
    }
    let shown: Vec<String> = items.take(LISTED).collect();
    write!(f, "; {heading}: {}", shown.join(", "))?;
    if count > LISTED { write!(f, " and {} more", count - LISTED) } else { Ok(()) }
}
