//! Folders that appear when they are complete.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use spork_core::kill_point;

use crate::error::{Result, TrainError};

/// Makes the folder `path` by filling one beside it, which then takes the name. A folder that is
/// there is replaced.
pub(crate) fn replace(path: &Path, fill: impl FnOnce(&Path) -> Result<()>) -> Result<()> {
    let beside = with_suffix(path, ".partial");
    remove(&beside)?;
    fs::create_dir_all(&beside).map_err(|source| TrainError::io(&beside, source))?;
    fill(&beside)?;
    sync(&beside)?;
    kill_point("train.folder-synced");
    let old = with_suffix(path, ".old");
    remove(&old)?;
    if path.exists() {
        fs::rename(path, &old).map_err(|source| TrainError::io(path, source))?;
        kill_point("train.old-folder-aside");
    }
    fs::rename(&beside, path).map_err(|source| TrainError::io(path, source))?;
    kill_point("train.folder-renamed");
    remove(&old)
}

/// Removes a folder, if it is there.
pub(crate) fn remove(path: &Path) -> Result<()> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(TrainError::io(path, error))
        }
        _ => Ok(()),
    }
}

/// Writes the files of a folder through to the disk.
fn sync(folder: &Path) -> Result<()> {
    let entries = fs::read_dir(folder).map_err(|source| TrainError::io(folder, source))?;
    for entry in entries {
        let path = entry.map_err(|source| TrainError::io(folder, source))?.path();
        if path.is_dir() {
            sync(&path)?;
        } else {
            let synced = File::open(&path).and_then(|file| file.sync_all());
            synced.map_err(|source| TrainError::io(&path, source))?;
        }
    }
    Ok(())
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// Writes a text file.
pub(crate) fn write(path: &Path, text: &str) -> Result<()> {
    fs::write(path, text).map_err(|source| TrainError::io(path, source))
}
