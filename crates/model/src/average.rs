//! The mean of models that began alike.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use half::f16;
use half::slice::HalfFloatSliceExt;
use safetensors::tensor::TensorView;

use crate::checkpoint::Checkpoint;
use crate::config::NetworkConfig;
use crate::error::{ModelError, Result};
use crate::json;
use crate::tensor::Tensors;
use crate::tokenizer::TextTokenizer;

/// Weights of query tokens, which training writes beside a model.
const QUERY_WEIGHTS: &str = "query_weights.json";
/// Files that are taken over from the first model: all of these kinds but the tables of weights.
const KINDS: [&str; 2] = ["json", "txt"];

/// Writes the mean of the weights of models to the folder `output`, as float16: models that were
/// trained from one another, or from the same one, in different ways (model soups, Wortsman et al.,
/// ICML 2022). All count alike. Tokenizer and settings are the first model's, and have to be those
/// of the others; the weights of query tokens are averaged where all models have some.
///
/// # Errors
/// Fewer than two models, models that don't fit each other or can't be read, an output that is
/// there.
pub fn average(models: &[PathBuf], output: &Path) -> Result<()> {
    let [first, others @ ..] = models else {
        return Err(ModelError::Average("expected two models or more, got none".to_owned()));
    };
    if others.is_empty() {
        return Err(ModelError::Average("expected two models or more, got one".to_owned()));
    }
    if output.exists() {
        let said = format!("{} is there already; name another folder", output.display());
        return Err(ModelError::Average(said));
    }
    let (network, tokens) = (NetworkConfig::read(first)?, tokens(first)?);
    for other in others {
        let differ = |what: &str| {
            let (first, other) = (first.display(), other.display());
            Err(ModelError::Average(format!(
                "{other} has {what} than {first}; only models that began alike have a mean"
            )))
        };
        if NetworkConfig::read(other)? != network {
            return differ("another network");
        }
        if self::tokens(other)? != tokens {
            return differ("other tokens");
        }
    }
    let weights = mean_weights(models)?;
    let table = mean_table(models)?;

    let mut beside = output.as_os_str().to_owned();
    beside.push(".partial");
    let beside = PathBuf::from(beside);
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| ModelError::Io { path, source }
    };
    fs::create_dir_all(&beside).map_err(failed(&beside))?;
    for (name, bytes) in settings(first, first)? {
        let path = beside.join(name);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(failed(folder))?;
        }
        fs::write(&path, bytes).map_err(failed(&path))?;
    }
    if let Some(table) = table {
        let path = beside.join(QUERY_WEIGHTS);
        fs::write(&path, table).map_err(failed(&path))?;
    }
    write(&beside.join("model.safetensors"), &weights)?;
    fs::rename(&beside, output).map_err(failed(output))
}

/// The files of a model that say what it is, by their names within `root`.
fn settings(root: &Path, folder: &Path) -> Result<BTreeMap<PathBuf, Vec<u8>>> {
    let failed = |source| ModelError::io(folder, source);
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.is_dir() {
            files.extend(settings(root, &path)?);
            continue;
        }
        let kind = path.extension().and_then(|kind| kind.to_str()).unwrap_or_default();
        let name = path.strip_prefix(root).unwrap_or(&path);
        if KINDS.contains(&kind) && name != Path::new(QUERY_WEIGHTS) {
            let bytes = fs::read(&path).map_err(|source| ModelError::io(&path, source))?;
            files.insert(name.to_owned(), bytes);
        }
    }
    Ok(files)
}

fn tokens(model: &Path) -> Result<Vec<String>> {
    Ok(TextTokenizer::open(model, false)?.tokens().to_vec())
}

/// The mean of each tensor of floats; other tensors say nothing that the network needs.
fn mean_weights(models: &[PathBuf]) -> Result<Tensors> {
    let checkpoints = models.iter().map(|model| Checkpoint::open(model));
    let checkpoints = checkpoints.collect::<Result<Vec<_>>>()?;
    // Each has what any other has, in the same shapes: else `load` names what is missing.
    let mut expected: Vec<_> = checkpoints.iter().flat_map(Checkpoint::floats).collect();
    expected.sort_by(|one, other| one.name.cmp(&other.name));
    expected.dedup_by(|one, other| one.name == other.name);
    let mut sum = Tensors::default();
    for checkpoint in &checkpoints {
        for (name, tensor) in checkpoint.load(&expected)? {
            match sum.get_mut(&name) {
                None => sum.insert(name, tensor),
                Some(sum) => {
                    sum.values.iter_mut().zip(&tensor.values).for_each(|(sum, value)| *sum += value)
                }
            }
        }
    }
    let share = 1.0 / models.len() as f32;
    for tensor in sum.all_mut() {
        tensor.values.iter_mut().for_each(|value| *value *= share);
    }
    Ok(sum)
}

/// The mean of the weights of query tokens, as JSON; none where a model has none. A token that a
/// table lacks weighs nothing there.
fn mean_table(models: &[PathBuf]) -> Result<Option<String>> {
    let mut sum: BTreeMap<String, f64> = BTreeMap::new();
    for model in models {
        let path = model.join(QUERY_WEIGHTS);
        if !path.exists() {
            return Ok(None);
        }
        let table: BTreeMap<String, f64> = json::parse(&path, &json::bytes(&path)?)?;
        for (token, weight) in table {
            *sum.entry(token).or_default() += weight;
        }
    }
    let lines = sum.iter().map(|(token, weight)| {
        format!("{}:{:.3}", serde_json::json!(token), weight / models.len() as f64)
    });
    Ok(Some(format!("{{\n{}\n}}\n", lines.collect::<Vec<_>>().join(",\n"))))
}

fn write(path: &Path, tensors: &Tensors) -> Result<()> {
    let damaged = |error: safetensors::SafeTensorError| ModelError::Damaged {
        path: path.to_owned(),
        what: error.to_string(),
    };
    let stored: Vec<_> = tensors
        .iter()
        .map(|(name, tensor)| {
            let mut halves = vec![f16::ZERO; tensor.values.len()];
            halves.convert_from_f32_slice(&tensor.values);
            let bytes: Vec<u8> = halves.iter().flat_map(|half| half.to_le_bytes()).collect();
            let shape: Vec<usize> = tensor.shape.iter().map(|&size| size as usize).collect();
            (name, shape, bytes)
        })
        .collect();
    let views = stored.iter().map(|(name, shape, bytes)| {
        let view = TensorView::new(safetensors::Dtype::F16, shape.clone(), bytes);
        Ok((*name, view.map_err(damaged)?))
    });
    let metadata = [("format".to_owned(), "pt".to_owned())].into_iter().collect();
    safetensors::serialize_to_file(views.collect::<Result<Vec<_>>>()?, Some(metadata), path)
        .map_err(damaged)
}
