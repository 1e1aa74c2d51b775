//! What a run is about to replace: none of its inputs, and no model that took hours.

use std::path::{Path, PathBuf};

use spork_files::{Place, check_places};

use crate::config::TrainConfig;
use crate::error::{Result, TrainError};

/// What a run writes into its folder.
const OUTPUTS: [&str; 5] = ["checkpoints", "model", "teachers", "train.jsonl", "curve.svg"];

/// Checks that a run into `output` replaces none of its inputs.
///
/// # Errors
/// It would; the error names both.
pub(crate) fn check_inputs(config: &TrainConfig, output: &Path) -> Result<()> {
    let outputs: Vec<PathBuf> = OUTPUTS.iter().map(|name| output.join(name)).collect();
    let outputs: Vec<Place<'_>> =
        outputs.iter().map(|path| Place { name: "the run's", path }).collect();
    let inputs = config.inputs();
    let inputs: Vec<Place<'_>> =
        inputs.iter().map(|path| Place { name: "the setting", path }).collect();
    Ok(check_places(&inputs, &outputs)?)
}

/// Checks that a run which begins in `output` replaces no model.
///
/// # Errors
/// A model is there.
pub(crate) fn check_begin(output: &Path) -> Result<()> {
    let model = output.join("model");
    if model.join("config.json").is_file() {
        return Err(TrainError::Data(format!(
            "{} is the model of an earlier run, which has no checkpoint any more; give another \
             --output, or move it away",
            model.display()
        )));
    }
    Ok(())
}
