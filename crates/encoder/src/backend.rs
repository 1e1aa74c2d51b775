//! The seam between a model and the backend that computes its network.
//!
//! A backend gets a network as plain memory: its configuration and its weights. It keeps them as
//! suits it, and from then on takes token ids in batches. The model deals with files, tokenizers,
//! the pooling that a directory names, and the order of texts.

use spork_core::TermId;
use spork_model::{DeviceChoice, NetworkConfig, Pooling, Precision, Tensors};

use crate::error::Result;

/// The token ids of texts that are computed together, special tokens included: at least one text,
/// and at least one token a text.
pub type Batch<'t> = Vec<&'t [u32]>;

/// A text's terms with their weights, ascending by term, none of them zero. No `SparseVector`: it
/// comes unchecked from the network, and [`Model`](crate::Model) refuses a weight that is NaN or
/// infinite.
pub type TermWeights = Vec<(TermId, f32)>;

/// A network to load.
pub struct NetworkSpec<'c> {
    /// The network's architecture and sizes.
    pub config: &'c NetworkConfig,
    /// Its weights, of the names and shapes that the configuration implies. The decoder may be
    /// absent; it is then the word embedding.
    pub tensors: Tensors,
    /// Where it is to run.
    pub device: DeviceChoice,
    /// The number format of its layers; none for the fastest that keeps effectiveness on the
    /// device.
    pub precision: Option<Precision>,
}

/// Where and how a network runs.
#[derive(Clone, Debug, PartialEq)]
pub struct Placement {
    /// The backend's name, as vectors record it: "rust" or "torch".
    pub backend: &'static str,
    /// The device and why it was chosen, for the log: `device: cpu, 2 threads (as asked)`.
    pub device: String,
    /// The numbers of the layers.
    pub precision: Precision,
    /// The level of instructions on which the vectors' last bits depend; none where they are the
    /// same at every level.
    pub level: Option<&'static str>,
    /// Tokens of a batch, padding counted, that suit the device.
    pub batch_tokens: usize,
    /// Whether a batch's shorter texts are padded to the longest.
    pub pads: bool,
}

/// Computes networks.
pub trait Backend {
    /// How many CUDA devices it can use, at least one; or why it can use none, as the end of a
    /// sentence.
    ///
    /// # Errors
    /// The reason.
    fn cuda_devices(&self) -> std::result::Result<usize, String>;

    /// Loads a SPLADE encoder: transformer, masked-language-model head, pooling. With `screening`
    /// it may leave out terms that it can prove to have no weight; the vectors are the same.
    ///
    /// # Errors
    /// The device is not available, or its memory is full.
    fn splade(
        &self,
        network: NetworkSpec<'_>,
        pooling: Pooling,
        screening: bool,
    ) -> Result<Box<dyn SpladeNetwork>>;

    /// Loads a dense encoder: a transformer without head.
    ///
    /// # Errors
    /// The device is not available, or its memory is full.
    fn dense(&self, network: NetworkSpec<'_>) -> Result<Box<dyn DenseNetwork>>;
}

/// A SPLADE encoder's network, loaded.
pub trait SpladeNetwork: Send + Sync {
    /// Where and how it runs.
    fn placement(&self) -> &Placement;

    /// Computes `batches`, several at a time if that suits the device, and hands the weights of
    /// each batch's texts to `take`, with the batch's number, on this thread and in the order of
    /// completion. A text's weights do not depend on the other texts of its batch, to the precision
    /// of floats.
    ///
    /// # Errors
    /// The first error of the network or of `take`; batches that were begun are ended first.
    fn encode(
        &self,
        batches: &[Batch<'_>],
        take: &mut dyn FnMut(usize, Vec<TermWeights>) -> Result<()>,
    ) -> Result<()>;
}

/// A dense encoder's network, loaded.
pub trait DenseNetwork: Send {
    /// Where and how it runs.
    fn placement(&self) -> &Placement;

    /// The mean of each text's states after the last layer, scaled to length 1.
    ///
    /// # Errors
    /// The network fails, usually because memory is full.
    fn embed(&self, batch: &Batch<'_>) -> Result<Vec<Vec<f32>>>;
}
