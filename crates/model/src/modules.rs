//! The modules of a sentence-transformers model: modules.json, and the routes of a Router.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::error::{ModelError, Result};
use crate::json;
use crate::kind::Kind;
use crate::route::{NetworkRoute, Route, TokenRoute, TokenWeights};
use crate::sentence_transformers::{Notes, TransformerSettings, read_pooling};

/// modules.json.
pub(crate) struct Modules {
    root: PathBuf,
    path: PathBuf,
    parts: Vec<Part>,
}

/// A module: the last segment of its Python path, which has moved between releases, and its folder.
#[derive(Clone)]
struct Part {
    kind: String,
    folder: PathBuf,
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
    #[serde(default)]
    parameters: Parameters,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Parameters {
    /// Task and modality, as Python prints a pair, to route.
    route_mappings: Option<BTreeMap<String, String>>,
}

impl Modules {
    /// Reads modules.json in `root`; none where there is none.
    pub(crate) fn read_optional(root: &Path) -> Result<Option<Self>> {
        let path = root.join("modules.json");
        let Some(modules) = json::read_optional::<Vec<Module>>(&path)? else { return Ok(None) };
        let parts = modules.iter().map(|module| Part::new(&path, root, &module.kind, &module.path));
        let parts = parts.collect::<Result<_>>()?;
        Ok(Some(Self { root: root.to_owned(), path, parts }))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The last segments of the modules' Python paths.
    pub(crate) fn kinds(&self) -> Vec<&str> {
        kinds(&self.parts)
    }

    /// The folder of module `number`.
    pub(crate) fn folder(&self, number: usize) -> PathBuf {
        self.parts.get(number).map_or_else(|| self.root.clone(), |part| part.folder.clone())
    }

    /// How documents and queries are encoded.
    pub(crate) fn routes(&self, notes: &mut Notes) -> Result<(Route, Route)> {
        match self.parts.as_slice() {
            [router, after @ ..] if router.kind == "Router" || router.kind == "Asym" => {
                let (path, config) = read_router(&router.folder)?;
                let mut route = |kind: Kind| {
                    let mut chain = config.chain(&path, &router.folder, kind)?;
                    chain.extend_from_slice(after);
                    self.route(&path, &chain, notes)
                };
                Ok((route(Kind::Document)?, route(Kind::Query)?))
            }
            chain => {
                let both = self.route(&self.path, chain, notes)?;
                Ok((both.clone(), both))
            }
        }
    }

    /// The encoder that a chain of modules, listed in the file `listed_in`, makes.
    fn route(&self, listed_in: &Path, chain: &[Part], notes: &mut Notes) -> Result<Route> {
        match (kinds(chain).as_slice(), chain) {
            (["Transformer" | "MLMTransformer", "SpladePooling"], [transformer, pooling]) => {
                read_network(transformer, pooling, None, notes)
            }
            (
                [
                    "Transformer" | "MLMTransformer",
                    "SpladePooling",
                    "SparseStaticEmbedding" | "IDF",
                ],
                [transformer, pooling, table],
            ) => {
                let table = self.read_table(&table.folder, notes)?.weights;
                read_network(transformer, pooling, Some(table), notes)
            }
            (["SparseStaticEmbedding" | "IDF"], [table]) => {
                self.read_table(&table.folder, notes).map(Route::Tokens)
            }
            (kinds, _) => Err(ModelError::NotSplade {
                path: listed_in.to_owned(),
                found: format!("[{}]", kinds.join(", ")),
            }),
        }
    }

    fn read_table(&self, folder: &Path, notes: &mut Notes) -> Result<TokenRoute> {
        let path = folder.join("config.json");
        let keys: Map<String, Value> = json::read_optional(&path)?.unwrap_or_default();
        let weights = match keys.get("path").and_then(Value::as_str) {
            Some(table) if table.ends_with(".json") => {
                inside(&path, table)?;
                // Beside it, or at the top of the model.
                let beside = folder.join(table);
                let file = if beside.exists() { beside } else { self.root.join(table) };
                TokenWeights::File(file)
            }
            _ => {
                let mut others = keys.clone();
                // A network's own configuration may lie in the same folder.
                others.retain(|key, _| key == "path" || !keys.contains_key("model_type"));
                notes.unknown(&path, &others, &["frozen"]);
                TokenWeights::Embedding(folder.to_owned())
            }
        };
        // The embedding is saved with its tokenizer; by hand-made ones the model's own is meant.
        let own = crate::tokenizer::has_tokenizer(folder);
        let folder = if own { folder } else { &self.root };
        Ok(TokenRoute { folder: folder.to_owned(), lowercase: false, weights })
    }
}

impl Part {
    /// A part whose folder `name` is below `root`, as the file `listed_in` says.
    fn new(listed_in: &Path, root: &Path, python_path: &str, name: &str) -> Result<Self> {
        let kind = python_path.rsplit('.').next().unwrap_or_default();
        let below = inside(listed_in, name)?;
        let folder = if name.is_empty() { root.to_owned() } else { root.join(below) };
        Ok(Self { kind: kind.to_owned(), folder })
    }
}

fn kinds(parts: &[Part]) -> Vec<&str> {
    parts.iter().map(|part| part.kind.as_str()).collect()
}

/// The configuration of a Router, under its name or that of its predecessor.
fn read_router(folder: &Path) -> Result<(PathBuf, RouterConfig)> {
    let path = folder.join("router_config.json");
    if let Some(config) = json::read_optional(&path)? {
        return Ok((path, config));
    }
    let older = folder.join("config.json");
    let keys: Map<String, Value> = json::read_optional(&older)?.unwrap_or_default();
    if keys.contains_key("structure") {
        return Ok((older.clone(), json::read(&older)?));
    }
    Err(ModelError::Absent {
        directory: folder.to_owned(),
        sought: "router_config.json",
        remedy: "download the Router's files too".to_owned(),
    })
}

impl RouterConfig {
    /// The modules that encode one kind of text.
    fn chain(&self, path: &Path, folder: &Path, kind: Kind) -> Result<Vec<Part>> {
        let route = self.route_name(kind.as_str());
        let ids = self.structure.get(route).ok_or_else(|| ModelError::Setting {
            path: path.to_owned(),
            key: "structure".to_owned(),
            got: format!("{:?}", self.structure.keys().collect::<Vec<_>>()),
            expected: "the routes \"query\" and \"document\"".to_owned(),
        })?;
        let part = |id: &String| {
            let python_path = self.types.get(id).map_or("", String::as_str);
            Part::new(path, folder, python_path, id)
        };
        ids.iter().map(part).collect()
    }

    /// The route of a task with text: as mapped, from the closest pair to the widest, or else of
    /// the task's own name or "text".
    fn route_name<'r>(&'r self, task: &'r str) -> &'r str {
        let mappings = self.parameters.route_mappings.as_ref();
        let mapped = |task: Option<&str>, modality: Option<&str>| {
            let pair = (task.map(str::to_owned), modality.map(str::to_owned));
            mappings?.iter().find(|(key, _)| python_pair(key).as_ref() == Some(&pair))
        };
        let pairs =
            [(Some(task), Some("text")), (Some(task), None), (None, Some("text")), (None, None)];
        let found = pairs.into_iter().find_map(|(task, modality)| mapped(task, modality));
        match found {
            Some((_, route)) => route,
            None if !self.structure.contains_key(task) && self.structure.contains_key("text") => {
                "text"
            }
            None => task,
        }
    }
}

/// A pair of strings or None as Python prints it: `('query', None)`.
fn python_pair(text: &str) -> Option<(Option<String>, Option<String>)> {
    let (first, second) = text.trim().strip_prefix('(')?.strip_suffix(')')?.split_once(',')?;
    let item = |text: &str| {
        let text = text.trim();
        let unquoted = text.trim_matches(['\'', '"']);
        (text != "None").then(|| unquoted.to_owned())
    };
    Some((item(first), item(second)))
}

fn read_network(
    transformer: &Part,
    pooling: &Part,
    table: Option<TokenWeights>,
    notes: &mut Notes,
) -> Result<Route> {
    let folder = transformer.folder.clone();
    TransformerSettings::check_task(&folder)?;
    let TransformerSettings { lengths, lowercase } = TransformerSettings::read(&folder, notes)?;
    let pooling = Some(read_pooling(&pooling.folder, notes)?);
    Ok(Route::Network(NetworkRoute { folder, pooling, lengths, lowercase, table }))
}

/// A path below the model's directory, from a file that came with the model.
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
