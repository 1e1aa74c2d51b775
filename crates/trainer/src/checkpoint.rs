//! Checkpoints: everything that a run needs to resume as if it had not stopped.
//!
//! `OUTPUT/checkpoints/step-00000500/` holds the weights and AdamW's moments as float32
//! safetensors, and the rest as `state.toml`, whose numbers come back to the last bit. A folder
//! takes its name when it is complete.

use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use spork_encoder_torch::Parameters;
use spork_files::{remove_folder, replace_folder};
use spork_model::{Checkpoint, Expected};
use tch::{Kind, Tensor};

use crate::error::{Result, TrainError};
use crate::optimizer::AdamW;
use crate::outputs::write_text;
use crate::splade::RankingState;
use crate::student::Student;
use crate::tensor_file;

/// The state of a run beside weights and moments.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct RunState {
    /// Steps done.
    pub(crate) step: u64,
    /// The best figure of the validator so far, and its step.
    pub(crate) best: Option<(f64, u64)>,
    /// The state of the ranking objective.
    pub(crate) ranking: RankingState,
}

const WEIGHTS: &str = "model.safetensors";
const MOMENTS: &str = "optimizer.safetensors";
const STATE: &str = "state.toml";

/// Writes the checkpoint of `state.step` under `root` and removes all but the last `keep`.
pub(crate) fn save(
    root: &Path,
    state: &RunState,
    student: &Student,
    optimizer: &AdamW,
    keep: usize,
) -> Result<()> {
    let path = root.join(format!("step-{:08}", state.step));
    replace_folder(&path, |folder| {
        let variables = student.variables();
        let weights = variables.iter().map(|(name, tensor)| (name.as_str(), tensor));
        tensor_file::write(&folder.join(WEIGHTS), weights, Kind::Float)?;
        let moments = optimizer.state();
        let moments = moments.iter().map(|(name, tensor)| (name.as_str(), tensor));
        tensor_file::write(&folder.join(MOMENTS), moments, Kind::Float)?;
        let text = toml::to_string(state)
            .map_err(|error| TrainError::io(&folder.join(STATE), std::io::Error::other(error)))?;
        write_text(&folder.join(STATE), &text)
    })?;
    let mut all = list(root)?;
    all.truncate(all.len().saturating_sub(keep.max(1)));
    all.iter().try_for_each(|old| Ok(remove_folder(old)?))
}

/// The folder of the latest checkpoint under `root`.
pub(crate) fn latest(root: &Path) -> Result<Option<PathBuf>> {
    Ok(list(root)?.pop())
}

/// Complete checkpoints, the latest last.
fn list(root: &Path) -> Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(root) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(source) => return Err(TrainError::io(root, source)),
    };
    let mut found = Vec::new();
    for entry in entries {
        let path = entry.map_err(|source| TrainError::io(root, source))?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if name
            .strip_prefix("step-")
            .is_some_and(|step| step.bytes().all(|byte| byte.is_ascii_digit()))
        {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// Takes up a checkpoint: weights into the student, moments into the optimizer.
pub(crate) fn load(folder: &Path, student: &Student, optimizer: &mut AdamW) -> Result<RunState> {
    let damaged = |what: String| TrainError::Checkpoint { path: folder.join(STATE), what };
    let text =
        fs::read_to_string(folder.join(STATE)).map_err(|error| damaged(error.to_string()))?;
    let state: RunState = toml::from_str(&text).map_err(|error| damaged(error.to_string()))?;
    let variables = student.variables();
    let weights =
        read(&folder.join(WEIGHTS), variables.iter().map(|(name, tensor)| (name.clone(), tensor)))?;
    let _guard = tch::no_grad_guard();
    for (name, mut variable) in variables {
        let saved = weights.get(&name).ok_or_else(|| damaged(format!("{WEIGHTS} lacks {name}")))?;
        variable.f_copy_(saved)?;
    }
    let expected = optimizer.state();
    let moments =
        read(&folder.join(MOMENTS), expected.iter().map(|(name, tensor)| (name.clone(), tensor)))?;
    optimizer.restore(state.step, |name| {
        let found = moments.get(name).map(Tensor::shallow_clone);
        found.ok_or_else(|| damaged(format!("{MOMENTS} lacks {name}")))
    })?;
    Ok(state)
}

fn read<'t>(
    path: &Path,
    tensors: impl Iterator<Item = (String, &'t Tensor)>,
) -> Result<Parameters> {
    let expected: Vec<Expected> = tensors
        .map(|(name, tensor)| Expected { name, shape: tensor.size(), required: true })
        .collect();
    let loaded = Checkpoint::open_file(path).and_then(|file| file.load(&expected));
    let damaged = |what: String| TrainError::Checkpoint { path: path.to_owned(), what };
    Ok(Parameters::from_tensors(loaded.map_err(|error| damaged(error.to_string()))?)?)
}
