//! What a run writes, and what it may not replace: none of its inputs, no model that took hours,
//! and nothing that another run is writing.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};

use spork_files::{Place, check_places};

use crate::config::TrainConfig;
use crate::error::{Result, TrainError};

/// The file that a run holds locked.
const LOCK: &str = ".lock";
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

/// Takes the folder for this run, until the file is dropped or the process ends.
///
/// # Errors
/// Another run is writing there.
pub(crate) fn lock(output: &Path) -> Result<File> {
    fs::create_dir_all(output).map_err(|source| TrainError::io(output, source))?;
    let path = output.join(LOCK);
    let open = File::options().write(true).create(true).truncate(false).open(&path);
    let file = open.map_err(|source| TrainError::io(&path, source))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(TrainError::Data(format!(
            "{}: another run is writing here; wait for it or end it, or give another --output",
            output.display()
        ))),
        Err(TryLockError::Error(source)) => Err(TrainError::io(&path, source)),
    }
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

/// Writes a text file.
pub(crate) fn write_text(path: &Path, text: &str) -> Result<()> {
    fs::write(path, text).map_err(|source| TrainError::io(path, source))
}
