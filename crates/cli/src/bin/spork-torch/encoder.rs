//! The encoder as the commands use it: a model, the side of it that is needed, and settings.

use std::num::NonZeroUsize;

use anyhow::{Context, Result, bail};
use spork_core::{SparseVector, TermId};
use spork_encoder::{
    Device, DeviceChoice, EncodeOptions, Identity, Kind, LoadOptions, Model, Precision, Progress, Sides,
    Strategy, TokenWeights, TokenizedTexts,
};
use spork_index::Index;

use spork::args::{EncoderArgs, KindArg, PoolingArg, PrecisionArg};
use spork::provenance;

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
    /// Whether it stands in the text itself.
    pub(crate) lexical: bool,
}

pub(crate) fn kind(kind: KindArg) -> Kind {
    match kind {
        KindArg::Document => Kind::Document,
        KindArg::Query => Kind::Query,
    }
}

pub(crate) fn precision(precision: PrecisionArg, device: Device) -> Precision {
    match precision {
        PrecisionArg::Auto => Precision::fastest(device),
        PrecisionArg::Fp32 => Precision::Float32,
        PrecisionArg::Bf16 => Precision::BFloat16,
        PrecisionArg::Fp16 => Precision::Float16,
    }
}

impl TextEncoder {
    pub(crate) fn open(model: &str, kind: Kind, args: &EncoderArgs) -> Result<Self> {
        let choice: DeviceChoice = args.device.parse()?;
        let device = choice.select()?;
        let precision = precision(args.precision, device.device);
        let directory = spork_encoder::hub::resolve(model)?;
        let load = LoadOptions {
            pooling: args.pooling.map(|pooling| match pooling {
                PoolingArg::Max => Strategy::Max,
                PoolingArg::Sum => Strategy::Sum,
            }),
            device: device.device,
            precision,
            screen: true,
            name: (!std::path::Path::new(model).is_dir()).then(|| model.to_owned()),
            sides: match kind {
                Kind::Document => Sides::Document,
                Kind::Query => Sides::Query,
            },
            query_tokens: args.query_tokens.as_ref().map(|weights| match weights.as_str() {
                "" => TokenWeights::One,
                file => TokenWeights::Json(file.into()),
            }),
        };
        let model = Model::open(&directory, &load)?;
        tracing::info!("{device}, {precision}");
        let options = EncodeOptions {
            max_length: args.max_length,
            top_terms: args.top_terms.map(NonZeroUsize::get),
            lexical_only: args.lexical,
            batch_tokens: args.batch_tokens.map(NonZeroUsize::get),
        };
        Ok(Self { model, kind, options })
    }

    pub(crate) fn identity(&self) -> Result<Identity> {
        Ok(self.model.identity(self.kind, &self.options)?)
    }

    /// Refuses an index whose documents were encoded over another vocabulary.
    pub(crate) fn check_fits(&self, index: &Index) -> Result<()> {
        let Some(recorded) = provenance::encoder(index.manifest()) else {
            tracing::warn!(
                "{} does not say which model encoded it; is it this one?",
                index.folder().display()
            );
            return Ok(());
        };
        let documents: Identity = serde_json::from_str(recorded)
            .with_context(|| format!("{}: the encoder that it records", index.folder().display()))?;
        let queries = self.identity()?;
        if !documents.fits(&queries) {
            bail!(
                "{} was encoded by {}, whose vocabulary is not that of {}; give the model of the index",
                index.folder().display(),
                documents.name,
                queries.name
            );
        }
        Ok(())
    }

    /// See [`Model::query_idf`].
    pub(crate) fn query_idf(&self) -> f32 {
        self.model.query_idf()
    }

    /// One vector a text, as terms and weights.
    pub(crate) fn encode(
        &self,
        texts: &[&str],
        progress: &mut dyn FnMut(Progress),
    ) -> Result<Vec<Vec<(String, f32)>>> {
        let vectors = self.model.encode_with_progress(self.kind, texts, &self.options, progress)?;
        let owned = |vector| self.named(vector).map(|(term, weight)| (term.to_owned(), weight)).collect();
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
        progress: &mut dyn FnMut(Progress),
    ) -> Result<Vec<SparseVector>> {
        Ok(self.model.encode_tokenized(texts, &self.options, progress)?)
    }

    /// A vector's terms and weights.
    pub(crate) fn named<'v>(&'v self, vector: &'v SparseVector) -> impl Iterator<Item = (&'v str, f32)> {
        let vocabulary = self.model.vocabulary();
        let name = |&(id, weight): &(TermId, f32)| Some((vocabulary.get(id.0 as usize)?.as_str(), weight));
        vector.entries().iter().filter_map(name)
    }

    /// The terms of one text, told apart by where they come from.
    pub(crate) fn words(&self, text: &str) -> Result<Vec<Word>> {
        let own = self.model.lexical_terms(self.kind, text, &self.options)?;
        let own: Vec<&String> =
            own.iter().filter_map(|id| self.model.vocabulary().get(id.0 as usize)).collect();
        let weights = self.encode(&[text], &mut |_| {})?.pop().unwrap_or_default();
        let word = |(term, weight)| Word { lexical: own.contains(&&term), term, weight };
        Ok(weights.into_iter().map(word).collect())
    }
}
