//! Links, and names of files that a process has open.

use std::path::{Path, PathBuf};
use std::{fs, io};

/// Where a chain of links ends, or the open file of some process that it passes through.
pub(crate) fn follow_links(path: &Path) -> io::Result<PathBuf> {
    const MOST: usize = 40;
    let mut at = path.to_owned();
    for _ in 0..MOST {
        match fs::read_link(&at) {
            Ok(link) if !is_open_file(&at) => at = at.parent().unwrap_or(Path::new("")).join(link),
            _ => return Ok(at),
        }
    }
    Err(io::Error::other("too many links, one after the other"))
}

/// Names of files that a process has open, such as a redirected standard output.
pub(crate) fn is_open_file(path: &Path) -> bool {
    ["/proc", "/dev/fd", "/dev/stdout", "/dev/stderr"].iter().any(|prefix| path.starts_with(prefix))
}
