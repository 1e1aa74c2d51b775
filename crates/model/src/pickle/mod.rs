//! PyTorch checkpoints (`pytorch_model.bin`) as named tensors, without PyTorch and without running
//! them.
//!
//! A checkpoint is a *pickle*, a program for a stack machine that may call any Python function,
//! beside the raw values that the tensors view. Both file formats are read: the zip archive of
//! PyTorch 1.6 and later, and the plain sequence of pickles before it. Neither is executed:
//! `machine` follows the few operations that describe a state dict, knows the handful of names that
//! may occur in one, and refuses everything else by name.
//!
//! - [`read_checkpoint`] opens a file, tells the formats apart and returns its tensors.
//! - `machine` turns a pickle's bytes into `object`s; `state_dict` finds the tensors among them.
//! - `archive` and `legacy` know where each format keeps its pickle and its values.
//! - `view` copies a tensor out of the storage that it views, row by row.
//!
//! No length in a file is believed: the pickle may take two megabytes, the values a few times the
//! file's own length, whatever it claims.

mod archive;
mod checkpoint_tensor;
mod error;
mod legacy;
mod machine;
mod object;
mod state_dict;
#[cfg(test)]
mod tests;
mod view;

use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::Path;

pub use checkpoint_tensor::CheckpointTensor;
pub use error::PickleError;

use error::Result;

/// Reads the tensors of the checkpoint at `path`, in the order of its state dict.
///
/// # Errors
/// The file can't be read, is no checkpoint, is damaged, or needs Python objects other than
/// tensors.
pub fn read_checkpoint(path: &Path) -> Result<Vec<CheckpointTensor>> {
    read(BufReader::new(File::open(path)?))
}

/// How every zip archive starts.
const ZIP: &[u8] = b"PK\x03\x04";
/// How every pickle of PyTorch's starts.
const PICKLE: &[u8] = &[0x80];
/// How the pointer file starts that a clone without Git LFS has in place of a large file.
const LFS_POINTER: &[u8] = b"version https://git-lfs";

/// Reads a checkpoint from anything that can be read twice.
fn read<R: Read + Seek>(mut source: R) -> Result<Vec<CheckpointTensor>> {
    let length = source.seek(SeekFrom::End(0))?;
    source.rewind()?;
    let mut head = Vec::with_capacity(32);
    source.by_ref().take(32).read_to_end(&mut head)?;
    source.rewind()?;
    if head.starts_with(ZIP) {
        archive::read(source, length)
    } else if head.starts_with(PICKLE) {
        legacy::read(source, length)
    } else if head.starts_with(LFS_POINTER) {
        Err(PickleError::LfsPointer)
    } else {
        Err(PickleError::NotACheckpoint {
            start: head[..head.len().min(8)].escape_ascii().to_string(),
        })
    }
}
