//! A model: the encoders of documents and queries that a directory holds.

use std::borrow::Cow;
use std::path::Path;

use spork_core::{SparseVector, Stopped, TermId};
use spork_model::{
    Directory, EncodeOptions, Identity, Kind, LoadOptions, ModelError, Route, TextTokenizer,
    TokenEncoder,
};

use crate::backend::{Backend, Placement};
use crate::error::{EncodeError, Result};
use crate::network_encoder::NetworkEncoder;
use crate::progress::Progress;

/// Encoders of documents and queries over one vocabulary.
///
/// A backend uses all cores by itself: nothing is gained by encoding on several threads.
pub struct Model {
    name: String,
    /// One, where both kinds are encoded alike.
    encoders: Vec<Encoder>,
    document: Option<Side>,
    query: Option<Side>,
    vocabulary: Vec<String>,
    query_idf: f32,
    /// Terms a text at most unless the caller says otherwise.
    most_terms: Option<usize>,
    /// Whether the directory has a query encoder of its own.
    two_sided: bool,
}

/// Texts that are tokenized ahead and grouped by length together.
const LOOK_AHEAD: usize = 4096;

/// Texts as token ids; see [`Model::tokenize`].
pub struct TokenizedTexts {
    kind: Kind,
    ids: Vec<Vec<u32>>,
    /// The terms that occur in each text, where only those are kept.
    own: Option<Vec<Vec<TermId>>>,
}

/// How one kind of text is encoded.
struct Side {
    /// Place in [`Model::encoders`].
    encoder: usize,
    /// Put before each text.
    prompt: String,
    /// Tokens a text at most, where the directory says it for this kind.
    max_length: Option<usize>,
}

enum Encoder {
    Network(Box<NetworkEncoder>),
    Tokens(Box<TokenEncoder>),
}

impl Model {
    /// Loads the model in `directory`: a Hugging Face model of BERT or DistilBERT with
    /// masked-language-model head, or a SparseEncoder of sentence-transformers. Its network is
    /// computed by `backend`, which may be left out where [`needs_network`] is false.
    ///
    /// # Errors
    /// Anything that keeps the directory from being a SPLADE model, with file and remedy; a device
    /// without memory; no backend where one is needed.
    pub fn open(
        directory: &Path,
        options: &LoadOptions,
        backend: Option<&dyn Backend>,
    ) -> Result<Self> {
        let (layout, query) = read_directory(directory, options)?;
        layout.notes.iter().for_each(|note| tracing::warn!("{note}"));
        let two_sided = layout.query != layout.document;
        let name = options.name.clone().unwrap_or_else(|| last_segment(directory));
        let mut encoders = Vec::new();
        let mut document_side = None;
        let mut query_side = None;
        if options.sides.include(Kind::Document) {
            encoders.push(Encoder::open(
                directory,
                Kind::Document,
                &layout.document,
                options,
                backend,
            )?);
            document_side = Some(Side {
                encoder: 0,
                prompt: layout.document_prompt,
                max_length: layout.document.max_length(Kind::Document),
            });
        }
        if options.sides.include(Kind::Query) {
            if document_side.is_none() || query != layout.document {
                encoders.push(Encoder::open(directory, Kind::Query, &query, options, backend)?);
            }
            query_side = Some(Side {
                encoder: encoders.len() - 1,
                prompt: layout.query_prompt,
                max_length: query.max_length(Kind::Query),
            });
        }
        let vocabulary = common_vocabulary(directory, &encoders)?;
        let (document, query) = (document_side, query_side);
        let (query_idf, most_terms) = (layout.query_idf, layout.most_terms);
        Ok(Self { name, encoders, document, query, vocabulary, query_idf, most_terms, two_sided })
    }

    /// Where and how its network runs; none if it runs none.
    pub fn placement(&self) -> Option<&Placement> {
        self.encoders.iter().find_map(|encoder| match encoder {
            Encoder::Network(network) => Some(network.network.placement()),
            Encoder::Tokens(_) => None,
        })
    }

    /// The model's name: its Hub id if the caller gave one, else the last segment of its directory.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The tokenizer of documents, or that of queries where they alone are encoded. Both have one
    /// vocabulary.
    pub fn tokenizer(&self) -> Option<&TextTokenizer> {
        self.encoders.first().map(Encoder::tokenizer)
    }

    /// The term of each id. Where the network computes logits beyond the tokenizer's vocabulary (it
    /// was padded to a round number), those terms are called `[id30522]` and so on; they are kept,
    /// as the reference keeps them.
    pub fn vocabulary(&self) -> &[String] {
        &self.vocabulary
    }

    /// A vector's terms, by name, and their weights.
    pub fn named<'v>(&'v self, vector: &'v SparseVector) -> impl Iterator<Item = (&'v str, f32)> {
        let name = |&(id, weight): &(TermId, f32)| {
            Some((self.vocabulary.get(id.0 as usize)?.as_str(), weight))
        };
        vector.entries().iter().filter_map(name)
    }

    /// The power of a term's inverse document frequency in the index by which a search is to
    /// multiply the term's weight in a query: `query_idf` of `spork.json` in the model's directory;
    /// 0, which changes nothing, where there is none.
    pub fn query_idf(&self) -> f32 {
        self.query_idf
    }

    /// The identity to record beside vectors that are made with these options.
    ///
    /// # Errors
    /// The encoder was not loaded, or it can't take the maximum length.
    pub fn identity(&self, kind: Kind, options: &EncodeOptions) -> Result<Identity> {
        let (encoder, side) = self.side(kind)?;
        let tokenizer = Identity::checksum(encoder.tokenizer().fingerprint()?);
        let (architecture, network, weights) = match encoder {
            Encoder::Network(network) => {
                (network.config.architecture.as_str(), Some(network), Some(network.checksum))
            }
            Encoder::Tokens(tokens) => ("tokens", None, tokens.checksum()),
        };
        let placement = network.map(|network| network.network.placement());
        Ok(Identity {
            name: self.name.clone(),
            architecture: architecture.to_owned(),
            pooling: network.map(|network| network.pooling.to_string()),
            precision: placement.map(|placement| placement.precision.to_string()),
            backend: placement.map(|placement| placement.backend.to_owned()),
            level: placement.and_then(|placement| placement.level).map(str::to_owned),
            prompt: side.prompt.clone(),
            max_length: encoder.max_length(options.max_length, side.max_length)?,
            top_terms: options.top_terms.or(self.most_terms),
            lexical_only: options.lexical_only,
            weights: weights.map(Identity::checksum),
            tokenizer,
            side: self.two_sided.then_some(kind),
        })
    }

    /// One vector a text, in the same order, over the ids of [`Self::vocabulary`]. A text's vector
    /// does not depend on the other texts, to the precision of floats.
    ///
    /// # Errors
    /// The encoder was not loaded, it can't take the maximum length, a text can't be tokenized, a
    /// weight is no number, or memory is full.
    pub fn encode<T: AsRef<str> + Sync>(
        &self,
        kind: Kind,
        texts: &[T],
        options: &EncodeOptions,
    ) -> Result<Vec<SparseVector>> {
        self.encode_with_progress(kind, texts, options, &mut |_| Ok(()))
    }

    /// [`Self::encode`], telling `progress` after each batch how much of this call is done. It may
    /// end the call.
    ///
    /// # Errors
    /// As [`Self::encode`], or `progress` ends it.
    pub fn encode_with_progress<T: AsRef<str> + Sync>(
        &self,
        kind: Kind,
        texts: &[T],
        options: &EncodeOptions,
        progress: &mut dyn FnMut(Progress) -> std::result::Result<(), Stopped>,
    ) -> Result<Vec<SparseVector>> {
        let mut vectors = Vec::with_capacity(texts.len());
        let mut done = Progress::default();
        for texts in texts.chunks(LOOK_AHEAD) {
            let (first, before) = (vectors.len(), done);
            let tokenized =
                self.tokenize(kind, texts, options).map_err(|error| error.shifted(first))?;
            let encoded = self.encode_tokenized(&tokenized, options, &mut |part| {
                done = before;
                done += part;
                progress(done)
            });
            vectors.extend(encoded.map_err(|error| error.shifted(first))?);
        }
        Ok(vectors)
    }

    /// The first half of [`Self::encode`], which needs no network: another thread can do it while
    /// the network is busy with other texts.
    ///
    /// # Errors
    /// The encoder was not loaded, it can't take the maximum length, or a text can't be tokenized.
    pub fn tokenize<T: AsRef<str> + Sync>(
        &self,
        kind: Kind,
        texts: &[T],
        options: &EncodeOptions,
    ) -> Result<TokenizedTexts> {
        let (encoder, side) = self.side(kind)?;
        let most = encoder.max_length(options.max_length, side.max_length)?;
        let prompted: Vec<Cow<'_, str>> =
            texts.iter().map(|text| with_prompt(&side.prompt, text.as_ref())).collect();
        let own = options.lexical_only.then(|| encoder.own_terms(texts, most)).transpose()?;
        Ok(TokenizedTexts { kind, ids: encoder.ids(&prompted, most.unwrap_or(usize::MAX))?, own })
    }

    /// The second half of [`Self::encode`], of texts that [`Self::tokenize`] took with the same
    /// options.
    ///
    /// # Errors
    /// The encoder was not loaded, a weight is no number, memory is full, or `progress` ends it.
    pub fn encode_tokenized(
        &self,
        texts: &TokenizedTexts,
        options: &EncodeOptions,
        progress: &mut dyn FnMut(Progress) -> std::result::Result<(), Stopped>,
    ) -> Result<Vec<SparseVector>> {
        let (encoder, _) = self.side(texts.kind)?;
        let mut vectors = encoder.encode(&texts.ids, options.batch_tokens, progress)?;
        for (vector, own) in vectors.iter_mut().zip(texts.own.iter().flatten()) {
            keep_terms(vector, own);
        }
        if let Some(most) = options.top_terms.or(self.most_terms) {
            vectors.iter_mut().for_each(|vector| vector.keep_top(most));
        }
        Ok(vectors)
    }

    /// The ids that the encoder sees, special tokens included, prompt and truncation applied.
    ///
    /// # Errors
    /// As [`Self::encode`].
    pub fn token_ids(&self, kind: Kind, text: &str, options: &EncodeOptions) -> Result<Vec<u32>> {
        Ok(self.tokenize(kind, &[text], options)?.ids.pop().unwrap_or_default())
    }

    /// The terms that occur in the text itself, ascending, without special tokens: all others of
    /// its vector are expansion.
    ///
    /// # Errors
    /// As [`Self::encode`].
    pub fn lexical_terms(
        &self,
        kind: Kind,
        text: &str,
        options: &EncodeOptions,
    ) -> Result<Vec<TermId>> {
        let (encoder, side) = self.side(kind)?;
        let most = encoder.max_length(options.max_length, side.max_length)?;
        Ok(encoder.own_terms(&[text], most)?.pop().unwrap_or_default())
    }

    fn side(&self, kind: Kind) -> Result<(&Encoder, &Side)> {
        let side = match kind {
            Kind::Document => &self.document,
            Kind::Query => &self.query,
        };
        let found = side.as_ref().and_then(|side| Some((self.encoders.get(side.encoder)?, side)));
        found
            .ok_or_else(|| EncodeError::SideAbsent { name: self.name.clone(), side: kind.as_str() })
    }
}

/// Whether a backend is needed to load the model in `directory` with these options.
///
/// # Errors
/// The directory is no SPLADE model.
pub fn needs_network(directory: &Path, options: &LoadOptions) -> Result<bool> {
    let (layout, query) = read_directory(directory, options)?;
    let is_network =
        |kind, route: &Route| options.sides.include(kind) && matches!(route, Route::Network(_));
    Ok(is_network(Kind::Document, &layout.document) || is_network(Kind::Query, &query))
}

/// The directory, and how queries are encoded with these options.
fn read_directory(directory: &Path, options: &LoadOptions) -> Result<(Directory, Route)> {
    let layout = Directory::read(directory)?;
    let query = match &options.query_tokens {
        Some(weights) => layout.document.with_tokens(weights.clone()),
        None => layout.query.clone(),
    };
    Ok((layout, query))
}

impl Encoder {
    fn open(
        root: &Path,
        kind: Kind,
        route: &Route,
        options: &LoadOptions,
        backend: Option<&dyn Backend>,
    ) -> Result<Self> {
        Ok(match route {
            Route::Network(route) => {
                let backend = backend.ok_or_else(|| EncodeError::NoBackend {
                    directory: root.to_owned(),
                    side: kind.as_str(),
                })?;
                Self::Network(Box::new(NetworkEncoder::open(root, route, options, backend)?))
            }
            Route::Tokens(route) => {
                let tokens = TokenEncoder::open(&route.folder, route.lowercase, &route.weights)?;
                Self::Tokens(Box::new(tokens))
            }
        })
    }

    fn tokenizer(&self) -> &TextTokenizer {
        match self {
            Self::Network(network) => &network.tokenizer,
            Self::Tokens(tokens) => tokens.tokenizer(),
        }
    }

    fn width(&self) -> usize {
        match self {
            Self::Network(network) => network.width(),
            Self::Tokens(tokens) => tokens.width(),
        }
    }

    /// Tokens a text at most; without a network there may be no limit.
    fn max_length(&self, asked: Option<usize>, stored: Option<usize>) -> Result<Option<usize>> {
        match self {
            Self::Network(network) => network.max_length(asked, stored).map(Some),
            Self::Tokens(tokens) => Ok(asked.or(tokens.tokenizer().max_length())),
        }
    }

    /// Each text's ids, `most` of them.
    fn ids<T: AsRef<str> + Sync>(&self, texts: &[T], most: usize) -> Result<Vec<Vec<u32>>> {
        let tokenizer = self.tokenizer();
        Ok(match self {
            Self::Network(_) => TextTokenizer::each(texts, |text| tokenizer.framed(text, most))?,
            Self::Tokens(_) => TextTokenizer::each(texts, |text| tokenizer.bare(text, most))?,
        })
    }

    fn encode(
        &self,
        ids: &[Vec<u32>],
        batch_tokens: Option<usize>,
        progress: &mut dyn FnMut(Progress) -> std::result::Result<(), Stopped>,
    ) -> Result<Vec<SparseVector>> {
        match self {
            Self::Network(network) => network.encode(ids, batch_tokens, progress),
            Self::Tokens(tokens) => {
                let vectors = tokens.encode_ids(ids)?;
                let tokens = ids.iter().map(Vec::len).sum();
                progress(Progress { texts: ids.len(), tokens, padding: 0 })?;
                Ok(vectors)
            }
        }
    }

    /// The terms of each text itself, among its first tokens as many as fit beside the special
    /// ones.
    fn own_terms<T: AsRef<str> + Sync>(
        &self,
        texts: &[T],
        most: Option<usize>,
    ) -> Result<Vec<Vec<TermId>>> {
        let tokenizer = self.tokenizer();
        let frame = match self {
            Self::Network(_) => tokenizer.frame_length(),
            Self::Tokens(_) => 0,
        };
        let most = most.map_or(usize::MAX, |most| most.saturating_sub(frame));
        let ids = TextTokenizer::each(texts, |text| tokenizer.bare(text, most))?;
        Ok(ids.iter().map(|ids| tokenizer.own_terms(ids)).collect())
    }
}

/// The terms by id, after a check that all encoders number them alike.
fn common_vocabulary(directory: &Path, encoders: &[Encoder]) -> Result<Vec<String>> {
    let mut common: Vec<String> = Vec::new();
    for encoder in encoders {
        let tokens = encoder.tokenizer().tokens();
        let name = |id: usize| match tokens.get(id) {
            Some(token) if !token.is_empty() => token.clone(),
            _ => format!("[id{id}]"),
        };
        let vocabulary: Vec<String> = (0..encoder.width()).map(name).collect();
        // The document encoder comes first.
        let differing = common
            .iter()
            .zip(&vocabulary)
            .enumerate()
            .find(|(_, (document, query))| document != query);
        if let Some((id, (document, query))) = differing {
            let (query, document) = (query.clone(), document.clone());
            let directory = directory.to_owned();
            return Err(ModelError::VocabulariesDiffer { directory, id, query, document }.into());
        }
        if vocabulary.len() > common.len() {
            common = vocabulary;
        }
    }
    Ok(common)
}

fn with_prompt<'a>(prompt: &str, text: &'a str) -> Cow<'a, str> {
    if prompt.is_empty() { Cow::Borrowed(text) } else { Cow::Owned([prompt, text].concat()) }
}

/// Drops the entries whose term is not in `terms`, which is ascending.
fn keep_terms(vector: &mut SparseVector, terms: &[TermId]) {
    let kept = vector
        .entries()
        .iter()
        .filter(|(term, _)| terms.binary_search(term).is_ok())
        .copied()
        .collect();
    // Entries of a vector make a vector.
    *vector = SparseVector::new(kept).unwrap_or_default();
}

fn last_segment(directory: &Path) -> String {
    let whole = directory.canonicalize().unwrap_or_else(|_| directory.to_owned());
    whole
        .file_name()
        .map_or_else(|| whole.display().to_string(), |name| name.to_string_lossy().into_owned())
}
