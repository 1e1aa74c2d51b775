//! The encoder as the commands use it: a model, the side of it that is needed, and settings.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use spork_core::{SparseVector, Stopped};
use spork_encoder::{Model, Progress, TokenizedTexts, needs_network};
use spork_index::Index;
use spork_model::{
    DeviceChoice, EncodeOptions, Identity, Kind, LoadOptions, QueryEncoder, Sides, TokenWeights,
    check_query_encoder, hub,
};

use crate::args::EncoderArgs;
use crate::networks::Networks;
use crate::provenance;

/// A model that was named, found, and is not loaded yet.
#[derive(Clone)]
pub(crate) struct ModelSpec {
    directory: PathBuf,
    kind: Kind,
    load: LoadOptions,
    encode: EncodeOptions,
}

impl ModelSpec {
    /// Finds `model`, a directory or a Hub id, to encode texts of this kind. The device is
    /// [`DeviceChoice::Auto`].
    pub(crate) fn find(model: &str, kind: Kind, args: &EncoderArgs) -> Result<Self> {
        let load = LoadOptions {
            pooling: args.pooling,
            device: DeviceChoice::Auto,
            precision: args.precision.into(),
            screening: true,
            name: (!Path::new(model).is_dir()).then(|| model.to_owned()),
            sides: match kind {
                Kind::Document => Sides::Document,
                Kind::Query => Sides::Query,
            },
            query_tokens: args.query_tokens.as_ref().map(|weights| match weights.as_str() {
                "" => TokenWeights::One,
                file => TokenWeights::File(file.into()),
            }),
        };
        let encode = EncodeOptions {
            max_length: args.max_length,
            top_terms: args.top_terms.map(NonZeroUsize::get),
            lexical_only: args.lexical,
            batch_tokens: args.batch_tokens.map(NonZeroUsize::get),
        };
        let tokens_only = kind == Kind::Query && load.query_tokens.is_some();
        let directory = if load.pooling.is_some() || tokens_only {
            hub::resolve(model)?
        } else {
            hub::resolve_with_pooling(model)?
        };
        Ok(Self { directory, kind, load, encode })
    }

    /// [`Self::find`], on the one device that `args` name.
    pub(crate) fn find_on_device(model: &str, kind: Kind, args: &EncoderArgs) -> Result<Self> {
        let device = args.device.parse()?;
        Ok(Self::find(model, kind, args)?.on(device))
    }

    /// The same on `device`.
    pub(crate) fn on(mut self, device: DeviceChoice) -> Self {
        self.load.device = device;
        self
    }

    /// Whether texts of its kind are encoded by a network.
    pub(crate) fn needs_network(&self) -> Result<bool> {
        Ok(needs_network(&self.directory, &self.load)?)
    }

    /// Loads it.
    pub(crate) fn open(&self, networks: Option<Networks<'_>>) -> Result<TextEncoder> {
        let backend = networks.map(|networks| networks.backend);
        let model = Model::open(&self.directory, &self.load, backend)?;
        if let (Some(placement), Some(networks)) = (model.placement(), networks) {
            networks.tell(placement);
        }
        Ok(TextEncoder { model, kind: self.kind, options: self.encode.clone() })
    }
}

/// Encodes texts of one kind.
pub(crate) struct TextEncoder {
    model: Model,
    kind: Kind,
    options: EncodeOptions,
}

/// A term of a text's vector.
pub(crate) struct Word {
    pub(crate) term: String,
    pub(crate) weight: f32,
    /// Whether it occurs in the text itself.
    pub(crate) lexical: bool,
}

impl TextEncoder {
    pub(crate) fn identity(&self) -> Result<Identity> {
        Ok(self.model.identity(self.kind, &self.options)?)
    }

    /// Refuses an index whose documents were not encoded for these queries.
    pub(crate) fn check_fits(&self, index: &Index, meant: QueryEncoder) -> Result<()> {
        let folder = index.name();
        let Some(recorded) = provenance::encoder(index.manifest())? else {
            tracing::warn!(
                "{folder} does not record which model encoded it; make sure that it was this one"
            );
            return Ok(());
        };
        let documents = recorded
            .identity()
            .with_context(|| format!("{folder}: the encoder that it records"))?;
        Ok(check_query_encoder(&folder, &documents, &self.identity()?, meant)?)
    }

    /// See [`Model::query_idf`].
    pub(crate) fn query_idf(&self) -> f32 {
        self.model.query_idf()
    }

    /// One vector a text, as terms and weights.
    pub(crate) fn encode(&self, texts: &[&str]) -> Result<Vec<Vec<(String, f32)>>> {
        let vectors = self.model.encode(self.kind, texts, &self.options)?;
        let owned =
            |vector| self.named(vector).map(|(term, weight)| (term.to_owned(), weight)).collect();
        Ok(vectors.iter().map(owned).collect())
    }

    /// The first half of [`Self::encode`], for another thread.
    pub(crate) fn tokenize(&self, texts: &[&str]) -> Result<TokenizedTexts> {
        Ok(self.model.tokenize(self.kind, texts, &self.options)?)
    }

    /// The second half of [`Self::encode`]; [`Self::named`] makes terms and weights of the vectors.
    pub(crate) fn encode_tokenized(
        &self,
        texts: &TokenizedTexts,
        progress: &mut dyn FnMut(Progress) -> std::result::Result<(), Stopped>,
    ) -> Result<Vec<SparseVector>> {
        Ok(self.model.encode_tokenized(texts, &self.options, progress)?)
    }

    /// A vector's terms and weights.
    pub(crate) fn named<'v>(
        &'v self,
        vector: &'v SparseVector,
    ) -> impl Iterator<Item = (&'v str, f32)> {
        self.model.named(vector)
    }

    /// The terms of one text, told apart by where they come from.
    pub(crate) fn words(&self, text: &str) -> Result<Vec<Word>> {
        let own = self.model.lexical_terms(self.kind, text, &self.options)?;
        let own: Vec<&String> =
            own.iter().filter_map(|id| self.model.vocabulary().get(id.0 as usize)).collect();
        let weights = self.encode(&[text])?.pop().unwrap_or_default();
        let word = |(term, weight)| Word { lexical: own.contains(&&term), term, weight };
        Ok(weights.into_iter().map(word).collect())
    }
}
