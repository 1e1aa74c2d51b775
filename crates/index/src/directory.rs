//! The index folder: generations, and the pointer to the one that counts.
//!
//! A writer makes a new generation folder beside the old one, syncs it, and then renames a new
//! `CURRENT` over the old. Killed at any moment, it leaves the old index or none; the next writer
//! clears what it left.

use std::fs::{self, File, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use spork_core::kill_point;

use crate::{Error, Result};

const CURRENT: &str = "CURRENT";
const LOCK: &str = ".lock";
const PREFIX: &str = "generation-";

/// The folder of the current generation.
pub(crate) fn current(index: &Path) -> Result<PathBuf> {
    let not_here = |why: &str| Error::NotAnIndex { path: index.to_owned(), why: why.to_owned() };
    let pointer = index.join(CURRENT);
    let name = match fs::read_to_string(&pointer) {
        Ok(name) => name,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err(not_here(if index.is_dir() {
                "it has no file CURRENT"
            } else {
                "no such folder"
            }));
        }
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => {
            return Err(not_here("it is a file, an index is a folder"));
        }
        Err(error) => return Err(Error::io(&pointer, error)),
    };
    let name = name.trim_end();
    if number(name).is_none() {
        return Err(Error::corrupt(&pointer, 0, "the name of a generation", format!("{name:?}")));
    }
    Ok(index.join(name))
}

fn number(name: &str) -> Option<u64> {
    name.strip_prefix(PREFIX)?.parse().ok()
}

/// A generation being written. Dropped before [`commit`](Self::commit), it is removed.
pub(crate) struct NewGeneration {
    index: PathBuf,
    folder: PathBuf,
    name: String,
    committed: bool,
    /// Whether the index folder was made for this generation.
    created: bool,
    /// Held until the generation is committed or given up.
    _lock: File,
}

impl NewGeneration {
    /// Makes the index folder if need be, takes its lock and clears what killed writers left.
    pub(crate) fn create(index: &Path) -> Result<Self> {
        let created = !index.exists();
        fs::create_dir_all(index).map_err(|error| Error::io(index, error))?;
        if !created {
            check_ours(index)?;
        }
        let lock = lock(index)?;
        kill_point("index.locked");
        let generations = generations(index)?;
        let kept = current(index).ok();
        for (_, folder) in &generations {
            if kept.as_ref() != Some(folder) {
                fs::remove_dir_all(folder).map_err(|error| Error::io(folder, error))?;
                kill_point("index.leftover-removed");
            }
        }
        let newest = generations.iter().map(|&(number, _)| number).max().unwrap_or(0);
        let name = format!("{PREFIX}{:06}", newest + 1);
        let folder = index.join(&name);
        fs::create_dir(&folder).map_err(|error| Error::io(&folder, error))?;
        kill_point("index.generation-made");
        Ok(Self { index: index.to_owned(), folder, name, committed: false, created, _lock: lock })
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Makes this generation the current one and removes the others.
    pub(crate) fn commit(mut self) -> Result<()> {
        sync_folder(&self.folder)?;
        kill_point("index.generation-synced");
        let fail = |error| Error::io(&self.index, error);
        let fresh = self.index.join(".CURRENT.new");
        let mut file = File::create(&fresh).map_err(fail)?;
        file.write_all(format!("{}\n", self.name).as_bytes())
            .and_then(|()| file.sync_all())
            .map_err(fail)?;
        kill_point("index.pointer-written");
        fs::rename(&fresh, self.index.join(CURRENT)).map_err(fail)?;
        kill_point("index.pointer-renamed");
        self.committed = true;
        sync_folder(&self.index)?;
        kill_point("index.pointer-synced");
        for (_, folder) in generations(&self.index)? {
            if folder != self.folder {
                // A reader on another system may keep it open; the next writer tries again.
                let _ = fs::remove_dir_all(folder);
                kill_point("index.old-removed");
            }
        }
        Ok(())
    }
}

impl Drop for NewGeneration {
    fn drop(&mut self) {
        if !self.committed {
            let _ = fs::remove_dir_all(&self.folder);
            if !self.index.join(CURRENT).exists() {
                let _ = fs::remove_file(self.index.join(LOCK));
            }
            if self.created {
                let _ = fs::remove_dir(&self.index);
            }
        }
    }
}

fn lock(index: &Path) -> Result<File> {
    let path = index.join(LOCK);
    let file = File::create(&path).map_err(|error| Error::io(&path, error))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(Error::Locked { path: index.to_owned() }),
        Err(TryLockError::Error(error)) => Err(Error::io(&path, error)),
    }
}

/// Refuses a folder with foreign files in it.
fn check_ours(index: &Path) -> Result<()> {
    for entry in fs::read_dir(index).map_err(|error| Error::io(index, error))? {
        let name = entry.map_err(|error| Error::io(index, error))?.file_name();
        let name = name.to_string_lossy();
        let ours =
            [CURRENT, LOCK, ".CURRENT.new"].contains(&name.as_ref()) || number(&name).is_some();
        if !ours {
            return Err(Error::Occupied { path: index.to_owned() });
        }
    }
    Ok(())
}

fn generations(index: &Path) -> Result<Vec<(u64, PathBuf)>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(index).map_err(|error| Error::io(index, error))? {
        let entry = entry.map_err(|error| Error::io(index, error))?;
        if let Some(number) = number(&entry.file_name().to_string_lossy()) {
            found.push((number, entry.path()));
        }
    }
    Ok(found)
}

/// Makes renames and new names in a folder durable.
fn sync_folder(folder: &Path) -> Result<()> {
    #[cfg(unix)]
    File::open(folder)
        .and_then(|file| file.sync_all())
        .map_err(|error| Error::io(folder, error))?;
    Ok(())
}
