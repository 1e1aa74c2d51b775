//! The lock of an index: one writer at a time, which says who it is.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use crate::{Error, Result};

/// The name of the lock file.
pub(crate) const LOCK: &str = ".lock";

/// The longest name of a command that the lock file holds.
const LONGEST: usize = 300;

/// An exclusive lock, held until it is dropped or the process ends.
#[derive(Debug)]
pub(crate) struct Lock {
    file: File,
    path: PathBuf,
}

impl Lock {
    /// Takes the lock of the index in `folder`, and writes into it who holds it.
    ///
    /// # Errors
    /// Another writer holds it.
    pub(crate) fn take(folder: &Path) -> Result<Self> {
        let path = folder.join(LOCK);
        let fail = |error| Error::io(&path, error);
        let open =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path);
        let mut file = open.map_err(fail)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let holder = fs::read_to_string(&path).unwrap_or_default();
                let holder = holder.trim_end().to_owned();
                return Err(Error::Locked { path: folder.to_owned(), holder });
            }
            Err(TryLockError::Error(error)) => return Err(fail(error)),
        }
        // Who it is helps a person; the lock holds without it.
        let _ = file.set_len(0).and_then(|()| writeln!(file, "{}", holder()));
        Ok(Self { file, path })
    }

    /// Removes the lock file of a folder that does not become an index.
    pub(crate) fn remove(&self) {
        let _ = fs::remove_file(&self.path);
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        let _ = self.file.seek(SeekFrom::Start(0)).and_then(|_| self.file.set_len(0));
    }
}

/// This process, by its number, its program and what that does: `spork delete`. What else its
/// command line says, such as docnos to be purged, does not belong into the folder.
fn holder() -> String {
    let command: Vec<String> =
        std::env::args_os().take(2).map(|word| word.to_string_lossy().into_owned()).collect();
    let command: String = command.join(" ").chars().take(LONGEST).collect();
    format!("process {}: {}", std::process::id(), command.escape_debug())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_that_writes_twice_is_told_of_itself() {
        let folder = tempfile::tempdir().unwrap();
        let lock = Lock::take(folder.path()).unwrap();
        let said = Lock::take(folder.path()).err().unwrap().to_string();
        assert!(said.contains("another call of this process"), "{said}");
        drop(lock);
        Lock::take(folder.path()).unwrap();
    }
}
