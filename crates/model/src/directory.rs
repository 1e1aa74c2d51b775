//! The kind of a model directory, and the parts of it that encode documents and queries.
//!
//! A directory with `modules.json` is read as sentence-transformers reads it: a Transformer and a
//! SpladePooling, a SparseStaticEmbedding, or a Router that holds such chains for "query" and
//! "document". Module types are matched by the last segment of their Python path, which has moved
//! between releases. Any other directory is a bare Hugging Face model, which encodes both kinds
//! alike and does not say how it pools.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::error::{ModelError, Result};
use crate::json;
use crate::pooling::{Pooling, PoolingStrategy, Saturation};

/// Settings for searches with the model; Spork's own file.
pub(crate) const SEARCH_CONFIG: &str = "spork.json";
/// Beyond it a query would be its rarest term.
const MOST_IDF_POWER: f32 = 4.0;

/// A model directory, understood but not loaded.
#[derive(Clone, Debug, PartialEq)]
pub struct Directory {
    /// How documents are encoded.
    pub document: Route,
    /// How queries are encoded.
    pub query: Route,
    /// Text put before each document.
    pub document_prompt: String,
    /// Text put before each query.
    pub query_prompt: String,
    /// The power of a term's inverse document frequency in the index by which a search is to
    /// multiply the term's weight in a query: `query_idf` of `spork.json`; 0, which changes
    /// nothing, where there is none.
    pub query_idf: f32,
}

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
    pub max_length: Option<usize>,
    /// Whether text is lower-cased before the tokenizer's own pipeline.
    pub lowercase: bool,
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
    /// This route's tokenizer, its tokens weighted without a network.
    #[must_use]
    pub fn with_tokens(&self, weights: TokenWeights) -> Self {
        let (folder, lowercase) = match self {
            Self::Network(network) => (&network.folder, network.lowercase),
            Self::Tokens(tokens) => (&tokens.folder, tokens.lowercase),
        };
        Self::Tokens(TokenRoute { folder: folder.clone(), lowercase, weights })
    }
}

/// The weights of a text's tokens where no network computes them.
#[derive(Clone, Debug, PartialEq)]
pub enum TokenWeights {
    /// Every token has the weight 1; special tokens have none.
    One,
    /// A JSON object from token to weight, usually called `idf.json`; tokens that it lacks have the
    /// weight 0.
    Json(PathBuf),
    /// A SparseStaticEmbedding of sentence-transformers: a folder with a checkpoint of one tensor,
    /// `weight`.
    Embedding(PathBuf),
}

impl Directory {
    /// Looks at what is in `root`.
    ///
    /// # Errors
    /// No such folder, or files that describe no SPLADE model.
    pub fn read(root: &Path) -> Result<Self> {
        if let Err(source) = std::fs::read_dir(root) {
            return Err(ModelError::io(root, source));
        }
        let query_idf = SearchConfig::read(root)?.query_idf;
        let path = root.join("modules.json");
        let Some(modules) = json::read_optional::<Vec<Module>>(&path)? else {
            return Ok(Self { query_idf, ..Self::bare(root) });
        };
        let modules: Vec<Part> =
            modules.iter().map(|module| Part::new(&module.kind, &module.path)).collect();
        let (document, query) = match modules.as_slice() {
            [router] if router.kind == "Router" => {
                read_router(&root.join(inside(&path, &router.folder)?))?
            }
            chain => {
                let both = read_chain(root, &path, chain)?;
                (both.clone(), both)
            }
        };
        let prompts: SentenceTransformersConfig =
            json::read_optional(&root.join("config_sentence_transformers.json"))?
                .unwrap_or_default();
        let prompt = |kind| prompts.prompts.get(kind).cloned().flatten().unwrap_or_default();
        Ok(Self {
            document,
            query,
            document_prompt: prompt("document"),
            query_prompt: prompt("query"),
            query_idf,
        })
    }

    fn bare(root: &Path) -> Self {
        let route = Route::Network(NetworkRoute {
            folder: root.to_owned(),
            pooling: None,
            max_length: None,
            lowercase: false,
        });
        Self {
            document: route.clone(),
            query: route,
            document_prompt: String::new(),
            query_prompt: String::new(),
            query_idf: 0.0,
        }
    }
}

/// An entry of modules.json.
#[derive(Deserialize)]
struct Module {
    #[serde(default)]
    path: String,
    #[serde(rename = "type")]
    kind: String,
}

/// router_config.json.
#[derive(Deserialize)]
struct RouterConfig {
    /// Module id, which is its folder, to Python path.
    types: BTreeMap<String, String>,
    /// Route to module ids.
    structure: BTreeMap<String, Vec<String>>,
}

/// config_sentence_transformers.json.
#[derive(Default, Deserialize)]
#[serde(default)]
struct SentenceTransformersConfig {
    prompts: BTreeMap<String, Option<String>>,
}

/// spork.json: what sentence-transformers has no word for.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct SearchConfig {
    query_idf: f32,
}

impl SearchConfig {
    fn read(root: &Path) -> Result<Self> {
        let path = root.join(SEARCH_CONFIG);
        let config: Self = json::read_optional(&path)?.unwrap_or_default();
        if (0.0..=MOST_IDF_POWER).contains(&config.query_idf) {
            return Ok(config);
        }
        let got = serde_json::Value::from(config.query_idf);
        Err(ModelError::setting(
            &path,
            "query_idf",
            Some(&got),
            format!("a number from 0 to {MOST_IDF_POWER}"),
        ))
    }
}

/// sentence_bert_config.json.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct TransformerConfig {
    pub(crate) max_seq_length: Option<usize>,
    pub(crate) do_lower_case: bool,
}

/// modules.json of a model that is no SPLADE encoder, and what it lists.
pub(crate) struct Modules {
    root: PathBuf,
    path: PathBuf,
    parts: Vec<Part>,
}

impl Modules {
    pub(crate) fn read(root: &Path) -> Result<Self> {
        let path = root.join("modules.json");
        let modules: Vec<Module> = json::read(&path)?;
        let parts = modules.iter().map(|module| Part::new(&module.kind, &module.path)).collect();
        Ok(Self { root: root.to_owned(), path, parts })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The last segments of the modules' Python paths.
    pub(crate) fn kinds(&self) -> Vec<&str> {
        self.parts.iter().map(|part| part.kind.as_str()).collect()
    }

    /// The folder of module `number`.
    pub(crate) fn folder(&self, number: usize) -> Result<PathBuf> {
        let folder = self.parts.get(number).map_or("", |part| part.folder.as_str());
        Ok(self.root.join(inside(&self.path, folder)?))
    }
}

/// config.json of a SpladePooling; what it leaves out has sentence-transformers' defaults.
#[derive(Deserialize)]
#[serde(default)]
struct PoolingConfig {
    pooling_strategy: PoolingStrategy,
    activation_function: Saturation,
}

impl Default for PoolingConfig {
    fn default() -> Self {
        Self { pooling_strategy: PoolingStrategy::Max, activation_function: Saturation::Log }
    }
}

/// A module: the last segment of its Python path, and its folder.
struct Part {
    kind: String,
    folder: String,
}

impl Part {
    fn new(python_path: &str, folder: &str) -> Self {
        let kind = python_path.rsplit('.').next().unwrap_or_default();
        Self { kind: kind.to_owned(), folder: folder.to_owned() }
    }
}

/// Routes for documents and queries.
fn read_router(folder: &Path) -> Result<(Route, Route)> {
    let path = folder.join("router_config.json");
    let router: RouterConfig = json::read(&path)?;
    let route = |kind: &str| {
        let ids = router.structure.get(kind).ok_or_else(|| ModelError::Setting {
            path: path.clone(),
            key: "structure".to_owned(),
            got: format!("{:?}", router.structure.keys().collect::<Vec<_>>()),
            expected: "the routes \"query\" and \"document\"".to_owned(),
        })?;
        let part = |id: &String| Part::new(router.types.get(id).map_or("", String::as_str), id);
        let chain: Vec<Part> = ids.iter().map(part).collect();
        read_chain(folder, &path, &chain)
    };
    Ok((route("document")?, route("query")?))
}

/// A chain of modules in folders under `root`, listed in the file `listed_in`.
fn read_chain(root: &Path, listed_in: &Path, chain: &[Part]) -> Result<Route> {
    let folder = |part: &Part| Ok::<_, ModelError>(root.join(inside(listed_in, &part.folder)?));
    let kinds: Vec<&str> = chain.iter().map(|part| part.kind.as_str()).collect();
    match (kinds.as_slice(), chain) {
        (["Transformer" | "MLMTransformer", "SpladePooling"], [transformer, pooling]) => {
            read_network(folder(transformer)?, &folder(pooling)?).map(Route::Network)
        }
        (["SparseStaticEmbedding"], [embedding]) => {
            read_table(root, folder(embedding)?).map(Route::Tokens)
        }
        _ => Err(ModelError::NotSplade {
            path: listed_in.to_owned(),
            found: format!("[{}]", kinds.join(", ")),
        }),
    }
}

fn read_network(folder: PathBuf, pooling: &Path) -> Result<NetworkRoute> {
    if !pooling.is_dir() {
        return Err(ModelError::Absent {
            directory: pooling.to_owned(),
            sought: "the folder of the SpladePooling module",
            remedy: "copy or download the model with all its folders",
        });
    }
    let transformer: TransformerConfig =
        json::read_optional(&folder.join("sentence_bert_config.json"))?.unwrap_or_default();
    let pooling: PoolingConfig =
        json::read_optional(&pooling.join("config.json"))?.unwrap_or_default();
    Ok(NetworkRoute {
        folder,
        pooling: Some(Pooling {
            strategy: pooling.pooling_strategy,
            saturation: pooling.activation_function,
        }),
        max_length: transformer.max_seq_length,
        lowercase: transformer.do_lower_case,
    })
}

fn read_table(root: &Path, folder: PathBuf) -> Result<TokenRoute> {
    let path = folder.join("config.json");
    let keys: Map<String, Value> = json::read_optional(&path)?.unwrap_or_default();
    let weights = match keys.get("path").and_then(Value::as_str) {
        Some(table) if table.ends_with(".json") => {
            TokenWeights::Json(table_file(root, &folder, table))
        }
        _ => TokenWeights::Embedding(folder.clone()),
    };
    // The embedding is saved with its tokenizer; by hand-made ones the model's own is meant.
    let folder = if crate::tokenizer::has_tokenizer(&folder) { folder } else { root.to_owned() };
    Ok(TokenRoute { folder, lowercase: false, weights })
}

/// Where a table named in a configuration lies: beside it, or at the top of the model.
fn table_file(root: &Path, folder: &Path, table: &str) -> PathBuf {
    let beside = folder.join(table);
    if beside.exists() { beside } else { root.join(table) }
}

/// A folder below the model's directory, from a file that came with the model.
fn inside(listed_in: &Path, folder: &str) -> Result<PathBuf> {
    let path = PathBuf::from(folder);
    let below =
        path.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
    if below {
        return Ok(path);
    }
    Err(ModelError::Setting {
        path: listed_in.to_owned(),
        key: "a module's path".to_owned(),
        got: format!("{folder:?}"),
        expected: "a folder inside the model's directory".to_owned(),
    })
}
