//! The constants of the format, and the names of its files.

use std::path::Path;

/// Vectors a block. Encoding takes texts in groups of as many.
pub const BLOCK: usize = 4096;

/// How a file of this format begins.
pub(super) const MAGIC: [u8; 8] = *b"SPORKVEC";

/// The version that is written, and the only one that is read.
pub(super) const VERSION: u16 = 1;

/// How the name of a file of this format ends.
pub const ENDING: &str = "svec";

/// Whether a file of this name holds this format.
pub fn is_binary_name(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending == ENDING)
}
