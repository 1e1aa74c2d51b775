//! A file that is written as `NAME.partial` in the folder of `NAME` and renamed when it is
//! complete.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use spork_core::kill_point;

use crate::links::follow_links;

/// A file that has not got its name yet. One process at a time can hold it.
#[derive(Debug)]
pub struct PartialFile {
    file: File,
    path: PathBuf,
    /// The final name: the caller's, or the file that it links to.
    target: PathBuf,
    /// Whether it stays when it is dropped.
    stays: bool,
}

impl PartialFile {
    /// Opens `NAME.partial` for the file `NAME`, empty. It is removed when it is dropped.
    ///
    /// # Errors
    /// The file can't be opened, or another process is writing it.
    pub fn create(name: &Path) -> io::Result<Self> {
        let mut partial = Self::open(name)?;
        partial.file.set_len(0)?;
        partial.stays = false;
        Ok(partial)
    }

    /// Opens `NAME.partial` for the file `NAME`, with what an earlier run left in it. It stays when
    /// it is dropped. Where `NAME` is a link, the file that it links to takes its place.
    ///
    /// # Errors
    /// The file can't be opened, or another process is writing it.
    pub fn open(name: &Path) -> io::Result<Self> {
        let target = follow_links(name)?;
        let path = beside(&target);
        let file =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(io::Error::new(
                    io::ErrorKind::ResourceBusy,
                    "another process is writing this file",
                ));
            }
            Err(TryLockError::Error(error)) => return Err(error),
        }
        kill_point("output.locked");
        Ok(Self { file, path, target, stays: true })
    }

    /// The path that the partial file of the file `NAME` has.
    ///
    /// # Errors
    /// `NAME` is a chain of links without an end.
    pub fn of(name: &Path) -> io::Result<PathBuf> {
        Ok(beside(&follow_links(name)?))
    }

    /// The path of the partial file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The open file.
    pub fn file(&self) -> &File {
        &self.file
    }

    /// Syncs the file and gives it its name.
    ///
    /// # Errors
    /// The file can't be synced (a full disk shows here at the latest) or renamed.
    pub fn persist(mut self) -> io::Result<()> {
        kill_point("output.written");
        self.file.sync_all()?;
        kill_point("output.synced");
        fs::rename(&self.path, &self.target)?;
        kill_point("output.renamed");
        self.stays = true;
        Ok(())
    }
}

fn beside(target: &Path) -> PathBuf {
    let mut path = target.as_os_str().to_owned();
    path.push(".partial");
    path.into()
}

impl Drop for PartialFile {
    fn drop(&mut self) {
        if !self.stays {
            let _ = fs::remove_file(&self.path);
        }
    }
}

impl Write for PartialFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
