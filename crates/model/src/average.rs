//! The mean of models that began alike.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use half::f16;
use half::slice::HalfFloatSliceExt;
use safetensors::SafeTensorError;
use safetensors::tensor::TensorView;
use spork_files::replace_folder;

use crate::checkpoint::Checkpoint;
use crate::config::NetworkConfig;
use crate::directory::Directory;
use crate::error::{ModelError, Result};
use crate::json;
use crate::pooling::Pooling;
use crate::query_weights;
use crate::route::Route;
use crate::tensor::{FloatTensor, Tensors};
use crate::tokenizer::TextTokenizer;

/// The files of a model that are taken over from the first, where it has them.
const SETTINGS: [&str; 10] = [
    "config.json",
    "config_sentence_transformers.json",
    "modules.json",
    "sentence_bert_config.json",
    "spork.json",
    "special_tokens_map.json",
    "added_tokens.json",
    "tokenizer.json",
    "tokenizer_config.json",
    "vocab.txt",
];

/// Writes the mean of the weights of models to the folder `output`, as float16: models that were
/// trained from one another, or from the same one, in different ways (model soups, Wortsman et al.,
/// ICML 2022). All count alike. Network, pooling and tokenizer have to be the same in all; other
/// settings are the first's. The weights of query tokens are averaged over the models that have
/// some.
///
/// # Errors
/// Fewer than two models, models that don't fit each other or can't be read, an output that is
/// there or can't be written.
pub fn average(models: &[PathBuf], output: &Path) -> Result<()> {
    let (first, others) = match models {
        [first, others @ ..] if !others.is_empty() => (first, others),
        _ => {
            let count = models.len();
            return Err(ModelError::Average(format!("expected two models or more, got {count}")));
        }
    };
    if output.exists() {
        let said = format!("{} is there already; give another --output", output.display());
        return Err(ModelError::Average(said));
    }
    let common = Common::read(first)?;
    for other in others {
        if let Some(what) = common.difference(&Common::read(other)?) {
            return Err(ModelError::Average(format!(
                "{} has another {what} than {}; only models that began alike have a mean",
                other.display(),
                first.display()
            )));
        }
    }
    let settings = settings(first, common.pooling_folder.as_deref())?;
    let weights = mean_weights(models, &common.network)?;
    let table = mean_table(models)?;
    replace_folder(output, |folder| {
        for (name, bytes) in settings.iter().chain(&table) {
            let path = folder.join(name);
            let made = path.parent().map_or(Ok(()), fs::create_dir_all);
            let written = made.and_then(|()| fs::write(&path, bytes));
            written.map_err(|source| ModelError::io(&path, source))?;
        }
        write(&folder.join("model.safetensors"), weights)
    })
}

/// What has to be the same in all models.
struct Common {
    network: NetworkConfig,
    pooling: Option<Pooling>,
    /// The vocabulary, and what becomes of a text that has everything.
    tokenizer: u32,
    /// The folder of the pooling's settings, within the model's.
    pooling_folder: Option<PathBuf>,
}

impl Common {
    fn read(model: &Path) -> Result<Self> {
        let Directory { document, query, .. } = Directory::read(model)?;
        let route = match &document {
            Route::Network(route)
                if document == query && route.folder == model && route.table.is_none() =>
            {
                route
            }
            _ => {
                return Err(ModelError::Average(format!(
                    "{}: expected one network for documents and queries, in the folder itself; \
                     other chains of modules have no mean",
                    model.display()
                )));
            }
        };
        Ok(Self {
            network: NetworkConfig::read(model)?,
            pooling: route.pooling,
            tokenizer: TextTokenizer::open(model, route.lowercase)?.fingerprint()?,
            pooling_folder: pooling_folder(model)?,
        })
    }

    /// What the other has otherwise.
    fn difference(&self, other: &Self) -> Option<&'static str> {
        if self.network != other.network {
            Some("network, by its config.json,")
        } else if self.pooling != other.pooling {
            Some("pooling")
        } else if self.tokenizer != other.tokenizer {
            Some("tokenizer")
        } else {
            None
        }
    }
}

/// The folder of the second module, which pools, as sentence-transformers names it.
fn pooling_folder(model: &Path) -> Result<Option<PathBuf>> {
    let modules: Option<Vec<serde_json::Value>> = json::read_optional(&model.join("modules.json"))?;
    let path = modules.as_deref().and_then(|modules| modules.get(1)?.get("path")?.as_str());
    Ok(path.map(PathBuf::from))
}

/// The files that say what a model is, by their names in its folder.
fn settings(model: &Path, pooling_folder: Option<&Path>) -> Result<Vec<(PathBuf, Vec<u8>)>> {
    let own = SETTINGS.iter().map(PathBuf::from);
    let names = own.chain(pooling_folder.map(|folder| folder.join("config.json")));
    let mut files = Vec::new();
    for name in names {
        let path = model.join(&name);
        match fs::read(&path) {
            Ok(bytes) => files.push((name, bytes)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(source) => return Err(ModelError::io(&path, source)),
        }
    }
    Ok(files)
}

/// The mean of each tensor, under the names that transformers has today. A model is read, added and
/// dropped before the next.
fn mean_weights(models: &[PathBuf], network: &NetworkConfig) -> Result<Tensors> {
    let names = network.architecture.names();
    let words = format!("{}.weight", names.words);
    let mut sum = Tensors::default();
    let mut untied = false;
    for model in models {
        let mut tensors = load(model, network)?;
        untied |= tensors.get(names.decoder_weight).is_some();
        // A decoder that is not stored is the embedding of words.
        if tensors.get(names.decoder_weight).is_none()
            && let Some(embedding) = tensors.get(&words).cloned()
        {
            tensors.insert(names.decoder_weight, embedding);
        }
        for (name, tensor) in tensors {
            match sum.get_mut(&name) {
                None => sum.insert(name, tensor),
                Some(sum) => add(sum, &tensor),
            }
        }
    }
    if !untied {
        sum.remove(names.decoder_weight);
    }
    let share = 1.0 / models.len() as f32;
    for tensor in sum.all_mut() {
        tensor.values.iter_mut().for_each(|value| *value *= share);
    }
    Ok(sum)
}

fn load(model: &Path, network: &NetworkConfig) -> Result<Tensors> {
    let current = |name: &str| network.architecture.current_name(name);
    Checkpoint::open(model)?.renamed(current).load(&network.expected_tensors())
}

fn add(sum: &mut FloatTensor, tensor: &FloatTensor) {
    for (sum, value) in sum.values.iter_mut().zip(&tensor.values) {
        *sum += value;
    }
}

/// The mean of the weights of query tokens over the models that have some, as a JSON file. A token
/// that a table lacks weighs nothing there.
fn mean_table(models: &[PathBuf]) -> Result<Option<(PathBuf, Vec<u8>)>> {
    let mut sum: BTreeMap<String, f64> = BTreeMap::new();
    let mut tables = 0usize;
    for model in models {
        let path = model.join(query_weights::FILE);
        let Some(table) = json::read_optional::<BTreeMap<String, f64>>(&path)? else { continue };
        tables += 1;
        for (token, weight) in table {
            *sum.entry(token).or_default() += weight;
        }
    }
    if tables == 0 {
        return Ok(None);
    }
    if tables < models.len() {
        let of = models.len();
        let file = query_weights::FILE;
        tracing::warn!("{tables} of {of} models have a {file}: the mean is of theirs");
    }
    let means = sum.iter().map(|(token, weight)| (token.as_str(), weight / tables as f64));
    Ok(Some((PathBuf::from(query_weights::FILE), query_weights::text(means).into_bytes())))
}

/// Writes tensors as float16, each dropped when it is converted.
fn write(path: &Path, tensors: Tensors) -> Result<()> {
    let failed = |error| match error {
        SafeTensorError::IoError(source) => ModelError::io(path, source),
        other => ModelError::Damaged { path: path.to_owned(), what: other.to_string() },
    };
    let mut stored = Vec::new();
    for (name, FloatTensor { shape, values }) in tensors {
        let mut halves = vec![f16::ZERO; values.len()];
        halves.convert_from_f32_slice(&values);
        if let Some(place) = halves.iter().position(|half| !half.is_finite()) {
            return Err(ModelError::Average(format!(
                "{}: value {place} of {name} is {} on average, which float16 can't hold",
                path.display(),
                values.get(place).copied().unwrap_or_default()
            )));
        }
        let shape: Vec<usize> = shape.iter().map(|&size| size as usize).collect();
        let bytes: Vec<u8> = halves.iter().flat_map(|half| half.to_le_bytes()).collect();
        stored.push((name, shape, bytes));
    }
    let views = stored.iter().map(|(name, shape, bytes)| {
        let view = TensorView::new(safetensors::Dtype::F16, shape.clone(), bytes);
        Ok((name, view.map_err(failed)?))
    });
    let views = views.collect::<Result<Vec<_>>>()?;
    let metadata = [("format".to_owned(), "pt".to_owned())].into_iter().collect();
    safetensors::serialize_to_file(views, Some(metadata), path).map_err(failed)
}
