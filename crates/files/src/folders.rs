//! Folders that appear when they are complete.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use spork_core::kill_point;

use crate::error::Error;

/// Makes the folder `path` by filling one beside it, `NAME.partial`, which takes the name when all
/// of it is on the disk. A folder that is there is replaced. Where filling fails, nothing is left
/// beside it.
///
/// # Errors
/// What `fill` says, or a folder that can't be made, synced or renamed.
pub fn replace_folder<E: From<Error>>(
    path: &Path,
    fill: impl FnOnce(&Path) -> Result<(), E>,
) -> Result<(), E> {
    let beside = with_suffix(path, ".partial")?;
    remove_folder(&beside)?;
    fs::create_dir_all(&beside).map_err(|source| Error::io(&beside, source))?;
    let filled = fill(&beside).and_then(|()| Ok(sync(&beside)?));
    if filled.is_err() {
        // The error of filling says more than one of tidying up.
        let _ = fs::remove_dir_all(&beside);
        return filled;
    }
    kill_point("folder.synced");
    let old = with_suffix(path, ".old")?;
    remove_folder(&old)?;
    if path.exists() {
        fs::rename(path, &old).map_err(|source| Error::io(path, source))?;
        kill_point("folder.old-aside");
    }
    fs::rename(&beside, path).map_err(|source| Error::io(path, source))?;
    kill_point("folder.renamed");
    Ok(remove_folder(&old)?)
}

/// Removes a folder, if it is there.
///
/// # Errors
/// It is there and can't be removed.
pub fn remove_folder(path: &Path) -> Result<(), Error> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(Error::io(path, error)),
        _ => Ok(()),
    }
}

/// Writes the files of a folder through to the disk.
fn sync(folder: &Path) -> Result<(), Error> {
    let entries = fs::read_dir(folder).map_err(|source| Error::io(folder, source))?;
    for entry in entries {
        let path = entry.map_err(|source| Error::io(folder, source))?.path();
        if path.is_dir() {
            sync(&path)?;
        } else {
            let synced = File::open(&path).and_then(|file| file.sync_all());
            synced.map_err(|source| Error::io(&path, source))?;
        }
    }
    Ok(())
}

fn with_suffix(path: &Path, suffix: &str) -> Result<PathBuf, Error> {
    let Some(name) = path.file_name() else {
        let what = io::Error::new(io::ErrorKind::InvalidInput, "expected the name of a folder");
        return Err(Error::io(path, what));
    };
    let mut name = name.to_owned();
    name.push(suffix);
    Ok(path.with_file_name(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_whole_or_as_it_was() {
        let root = tempfile::tempdir().unwrap();
        // A slash at the end names the same folder.
        let path = root.path().join("made/");
        let file = |text: &'static str| {
            move |folder: &Path| {
                fs::write(folder.join("file"), text).map_err(|source| Error::io(folder, source))
            }
        };
        fs::create_dir_all(root.path().join("made.partial/left")).unwrap();
        replace_folder(&path, file("one")).unwrap();
        assert!(!path.join("left").exists(), "what an earlier run left is not part of this one");
        replace_folder(&path, file("two")).unwrap();
        assert_eq!(fs::read_to_string(path.join("file")).unwrap(), "two");

        let failed = replace_folder(&path, |folder| {
            file("three")(folder)?;
            Err(Error::io(folder, io::Error::other("full")))
        });
        assert!(failed.unwrap_err().to_string().contains("full"));
        assert_eq!(fs::read_to_string(path.join("file")).unwrap(), "two");
        let names = fs::read_dir(root.path()).unwrap().count();
        assert_eq!(names, 1, "nothing is left beside it");
        let nameless = replace_folder(Path::new(".."), file("four")).unwrap_err().to_string();
        assert!(nameless.contains("expected the name of a folder"), "{nameless}");
    }
}
