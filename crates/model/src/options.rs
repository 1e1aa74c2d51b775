//! Options of loading a model and of encoding with it.

use crate::device::DeviceChoice;
use crate::kind::Kind;
use crate::pooling::PoolingStrategy;
use crate::precision::Precision;
use crate::route::TokenWeights;

/// Which encoders of a model are loaded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sides {
    /// Both; loaded once where they are the same.
    #[default]
    Both,
    /// The document encoder only.
    Document,
    /// The query encoder only: of an inference-free model, the table without the network.
    Query,
}

impl Sides {
    /// Whether this side is loaded.
    pub fn include(self, kind: Kind) -> bool {
        matches!(
            (self, kind),
            (Self::Both, _) | (Self::Document, Kind::Document) | (Self::Query, Kind::Query)
        )
    }
}

/// How a model is loaded.
#[derive(Clone, Debug)]
pub struct LoadOptions {
    /// The pooling; needed where the directory does not say it, and overrides what it says.
    pub pooling: Option<PoolingStrategy>,
    /// Where the network runs.
    pub device: DeviceChoice,
    /// The number format of the network's layers; none for the fastest that keeps effectiveness on
    /// the device.
    pub precision: Option<Precision>,
    /// The model's name in vectors and indexes, for example its Hub id; by default the directory's
    /// last segment.
    pub name: Option<String>,
    /// Which encoders to load.
    pub sides: Sides,
    /// Whether terms that can't have a weight are found first, in 8-bit integers, and not computed
    /// in floats. It applies under max pooling on processors with AVX-512 VNNI. The vectors are the
    /// same either way; without it, encoding is slower.
    pub screening: bool,
    /// Encodes queries without a network (SPLADE-doc): their own tokens, weighted like this.
    pub query_tokens: Option<TokenWeights>,
}

impl Default for LoadOptions {
    fn default() -> Self {
        Self {
            pooling: None,
            device: DeviceChoice::Cpu,
            precision: Some(Precision::default()),
            name: None,
            sides: Sides::Both,
            screening: true,
            query_tokens: None,
        }
    }
}

/// How texts are encoded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EncodeOptions {
    /// Tokens a text at most, special tokens counted; by default the model's maximum. Longer texts
    /// are truncated.
    pub max_length: Option<usize>,
    /// Keeps only that many of the heaviest terms.
    pub top_terms: Option<usize>,
    /// Keeps only terms that occur in the text itself: no expansion.
    pub lexical_only: bool,
    /// Tokens a batch at most, padding counted; by default as suits the device. Bounds the memory
    /// that the network takes; a text longer than this has a batch of its own.
    pub batch_tokens: Option<usize>,
}
