//! The names in an index folder, and the pointer to the generation that counts.
//!
//! A generation is a file that lists segments, and a segment is a folder. Both are numbered and
//! never change. A writer makes new ones beside the old, syncs them, and then renames a new
//! `CURRENT` over the old. Killed at any moment, it leaves the old generation or none; the next
//! writer clears what it left.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use spork_core::kill_point;

use crate::frame::{FORMAT_VERSION, Frame, Kind};
use crate::lock::LOCK;
use crate::{Error, Result};

const CURRENT: &str = "CURRENT";
const NEXT: &str = ".CURRENT.new";
const GENERATION: &str = "generation-";
const SEGMENT: &str = "segment-";
const LIVING: &str = "living-";
const EXTENSION: &str = ".bin";

/// The number of the current generation.
pub(crate) fn current(index: &Path) -> Result<u64> {
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
    match (file_number(name, GENERATION), number(name, GENERATION)) {
        (Some(generation), _) => Ok(generation),
        (None, Some(_)) => Err(earlier_format(&index.join(name))),
        (None, None) => {
            Err(Error::corrupt(&pointer, 0, "the name of a generation", format!("{name:?}")))
        }
    }
}

/// The error that an index of version 4 or before is, whose generations are folders.
fn earlier_format(generation: &Path) -> Error {
    let path = generation.join("meta.bin");
    match Frame::open_at(path.clone(), Kind::Generation) {
        Err(error) => error,
        Ok(_) => Error::corrupt(&path, 12, "a version before this one", FORMAT_VERSION),
    }
}

/// The file of a generation.
pub(crate) fn generation_file(index: &Path, generation: u64) -> PathBuf {
    index.join(format!("{GENERATION}{generation:06}{EXTENSION}"))
}

/// The folder of a segment.
pub(crate) fn segment_folder(index: &Path, segment: u64) -> PathBuf {
    index.join(format!("{SEGMENT}{segment:06}"))
}

/// The file of a segment's living documents since a generation.
pub(crate) fn living_file(index: &Path, segment: u64, since: u64) -> PathBuf {
    segment_folder(index, segment).join(format!("{LIVING}{since:06}{EXTENSION}"))
}

fn number(name: &str, prefix: &str) -> Option<u64> {
    name.strip_prefix(prefix)?.parse().ok()
}

fn file_number(name: &str, prefix: &str) -> Option<u64> {
    number(name.strip_suffix(EXTENSION)?, prefix)
}

/// What an index folder holds.
#[derive(Debug, Default)]
pub(crate) struct Contents {
    pub(crate) generations: BTreeSet<u64>,
    pub(crate) segments: BTreeSet<u64>,
    /// Generations of earlier versions of the format.
    earlier: Vec<PathBuf>,
}

impl Contents {
    /// Lists an index folder.
    ///
    /// # Errors
    /// It holds something that is no index's.
    pub(crate) fn read(index: &Path) -> Result<Self> {
        let mut contents = Self::default();
        for name in names(index)? {
            if let Some(number) = file_number(&name, GENERATION) {
                contents.generations.insert(number);
            } else if let Some(number) = number(&name, SEGMENT) {
                contents.segments.insert(number);
            } else if number(&name, GENERATION).is_some() {
                contents.earlier.push(index.join(name));
            } else if ![CURRENT, LOCK, NEXT].contains(&name.as_str()) {
                return Err(Error::Occupied { path: index.to_owned() });
            }
        }
        Ok(contents)
    }

    /// Removes all but one generation and what it lists: segments, each with the generation since
    /// which its living documents are those of a file, if some are deleted. A file that is open
    /// elsewhere and can't be removed is left to the next writer.
    pub(crate) fn remove_all_but(
        &self,
        index: &Path,
        generation: Option<u64>,
        segments: &[(u64, Option<u64>)],
    ) {
        let listed = |segment: u64| segments.iter().find(|&&(number, _)| number == segment);
        for &number in self.generations.iter().filter(|&&number| Some(number) != generation) {
            let _ = fs::remove_file(generation_file(index, number));
            kill_point("index.old-removed");
        }
        for &number in &self.segments {
            let folder = segment_folder(index, number);
            match listed(number) {
                None => drop(fs::remove_dir_all(folder)),
                Some(&(_, living)) => remove_living_but(&folder, living),
            }
            kill_point("index.old-removed");
        }
        for folder in &self.earlier {
            let _ = fs::remove_dir_all(folder);
        }
    }
}

/// Removes the files of living documents that no generation needs any more.
fn remove_living_but(folder: &Path, kept: Option<u64>) {
    for name in names(folder).unwrap_or_default() {
        let since = file_number(&name, LIVING);
        if since.is_some() && since != kept {
            let _ = fs::remove_file(folder.join(name));
        }
    }
}

fn names(folder: &Path) -> Result<Vec<String>> {
    let fail = |error| Error::io(folder, error);
    let name = |entry: io::Result<fs::DirEntry>| {
        Ok(entry.map_err(fail)?.file_name().to_string_lossy().into_owned())
    };
    fs::read_dir(folder).map_err(fail)?.map(name).collect()
}

/// Makes a generation the current one, once its file and all that it lists are synced.
pub(crate) fn make_current(index: &Path, generation: u64) -> Result<()> {
    sync_folder(index)?;
    kill_point("index.generation-synced");
    let fail = |error| Error::io(index, error);
    let next = index.join(NEXT);
    let mut file = File::create(&next).map_err(fail)?;
    file.write_all(format!("{GENERATION}{generation:06}{EXTENSION}\n").as_bytes())
        .and_then(|()| file.sync_all())
        .map_err(fail)?;
    kill_point("index.pointer-written");
    fs::rename(&next, index.join(CURRENT)).map_err(fail)?;
    kill_point("index.pointer-renamed");
    sync_folder(index)?;
    kill_point("index.pointer-synced");
    Ok(())
}

/// Whether a generation was ever made current here.
pub(crate) fn has_current(index: &Path) -> bool {
    index.join(CURRENT).exists()
}

/// Makes renames and new names in a folder durable.
pub(crate) fn sync_folder(folder: &Path) -> Result<()> {
    #[cfg(unix)]
    File::open(folder)
        .and_then(|file| file.sync_all())
        .map_err(|error| Error::io(folder, error))?;
    #[cfg(not(unix))]
    let _ = folder;
    Ok(())
}
