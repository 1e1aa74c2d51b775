//! How documents or queries are encoded: by a network, by a table of weights, or by both.

use std::path::PathBuf;

use crate::error::Result;
use crate::kind::Kind;
use crate::pooling::Pooling;
use crate::tokenizer::TextTokenizer;

/// How one kind of text is encoded.
#[derive(Clone, Debug, PartialEq)]
pub enum Route {
    /// By a network and a pooling.
    Network(NetworkRoute),
    /// By a table of weights, without a network.
    Tokens(TokenRoute),
}

/// A network and its pooling.
#[derive(Clone, Debug, PartialEq)]
pub struct NetworkRoute {
    /// Holds config.json, weights and tokenizer.
    pub folder: PathBuf,
    /// As the directory says it, if it does.
    pub pooling: Option<Pooling>,
    /// Tokens a text at most, where the directory says it.
    pub lengths: Lengths,
    /// Whether text is lower-cased before the tokenizer's own pipeline.
    pub lowercase: bool,
    /// Weights by which those of the text's own tokens are multiplied; all other terms are then
    /// dropped (SPLADE-lexical).
    pub table: Option<TokenWeights>,
}

/// Tokens a text at most, special tokens counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lengths {
    /// Where nothing is said of the kind of text.
    pub both: Option<usize>,
    /// For documents.
    pub document: Option<usize>,
    /// For queries.
    pub query: Option<usize>,
}

impl Lengths {
    /// The length for a kind of text.
    pub fn of(self, kind: Kind) -> Option<usize> {
        let own = match kind {
            Kind::Document => self.document,
            Kind::Query => self.query,
        };
        own.or(self.both)
    }
}

/// A table of token weights.
#[derive(Clone, Debug, PartialEq)]
pub struct TokenRoute {
    /// Holds the tokenizer.
    pub folder: PathBuf,
    /// Whether text is lower-cased before the tokenizer's own pipeline.
    pub lowercase: bool,
    /// The weight of each token.
    pub weights: TokenWeights,
}

impl Route {
    /// Tokens a text of this kind at most, where the directory says it.
    pub fn max_length(&self, kind: Kind) -> Option<usize> {
        match self {
            Self::Network(network) => network.lengths.of(kind),
            Self::Tokens(_) => None,
        }
    }

    /// The tokenizer alone, which opens in a moment.
    ///
    /// # Errors
    /// No tokenizer there, or one that can't be built.
    pub fn tokenizer(&self) -> Result<TextTokenizer> {
        let (folder, lowercase) = self.tokenizer_folder();
        TextTokenizer::open(folder, lowercase)
    }

    /// Where the tokenizer is, and whether text is lower-cased before it.
    fn tokenizer_folder(&self) -> (&PathBuf, bool) {
        match self {
            Self::Network(network) => (&network.folder, network.lowercase),
            Self::Tokens(tokens) => (&tokens.folder, tokens.lowercase),
        }
    }

    /// This route's tokenizer, its tokens weighted without a network.
    #[must_use]
    pub fn with_tokens(&self, weights: TokenWeights) -> Self {
        let (folder, lowercase) = self.tokenizer_folder();
        Self::Tokens(TokenRoute { folder: folder.clone(), lowercase, weights })
    }
}

/// The weights of a text's tokens where no network computes them.
#[derive(Clone, Debug, PartialEq)]
pub enum TokenWeights {
    /// Every token has the weight 1; special tokens have none.
    One,
    /// A JSON object from token to weight, usually called `idf.json`, or `token<TAB>weight` a line,
    /// as in `query_token_weights.txt`; tokens that it lacks have the weight 0.
    File(PathBuf),
    /// A SparseStaticEmbedding of sentence-transformers: a folder with a checkpoint of one tensor,
    /// `weight`.
    Embedding(PathBuf),
}
