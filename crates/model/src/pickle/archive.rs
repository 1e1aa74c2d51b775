//! The format of PyTorch 1.6 and later: a zip archive of stored entries, `<root>/data.pkl` with the
//! pickle and `<root>/data/<key>` with the values of each storage. The root is whatever the file
//! was called.

use std::io::{Read, Seek};

use zip::result::ZipError;
use zip::{CompressionMethod, ZipArchive};

use super::checkpoint_tensor::CheckpointTensor;
use super::error::{PickleError, Result};
use super::machine;
use super::state_dict::StateDict;

const PICKLE: &str = "/data.pkl";

/// Reads an archive of `length` bytes.
pub(super) fn read<R: Read + Seek>(source: R, length: u64) -> Result<Vec<CheckpointTensor>> {
    let mut archive = Archive { zip: ZipArchive::new(source).map_err(damaged)?, length };
    let root = archive.root()?;
    archive.check_kind(&root)?;
    let pickle = archive.entry(&format!("{root}{PICKLE}"))?;
    let pickle = machine::load(&mut pickle.as_slice())?;
    let mut state = StateDict::find(&pickle, length)?;
    drop(pickle);
    let needed: Vec<_> =
        state.needed().map(|(number, storage)| (number, storage.key.clone())).collect();
    for (number, key) in needed {
        let values = archive.entry(&format!("{root}/data/{key}"))?;
        state.fill(number, &values)?;
    }
    state.finish()
}

struct Archive<R> {
    zip: ZipArchive<R>,
    /// The whole file's length: no entry is longer.
    length: u64,
}

impl<R: Read + Seek> Archive<R> {
    /// The folder that everything is in.
    fn root(&self) -> Result<String> {
        let root = self
            .zip
            .file_names()
            .filter_map(|name| name.strip_suffix(PICKLE))
            .min_by_key(|root| root.len());
        root.map(str::to_owned)
            .ok_or(PickleError::Archive { what: "it holds no data.pkl".to_owned() })
    }

    /// Refuses archives that PyTorch writes for other purposes or on other machines.
    fn check_kind(&mut self, root: &str) -> Result<()> {
        let script = format!("{root}/constants.pkl");
        if self.zip.file_names().any(|name| name == script) {
            return Err(PickleError::Unsupported { what: "a TorchScript program" });
        }
        let order = format!("{root}/byteorder");
        if self.zip.file_names().any(|name| name == order) && self.entry(&order)? != b"little" {
            return Err(PickleError::Unsupported { what: "a checkpoint with big-endian values" });
        }
        Ok(())
    }

    /// The bytes of an entry.
    fn entry(&mut self, name: &str) -> Result<Vec<u8>> {
        let mut entry = self.zip.by_name(name).map_err(|error| match error {
            ZipError::FileNotFound => {
                PickleError::Archive { what: format!("it lacks the entry {name}") }
            }
            error => damaged(error),
        })?;
        if entry.compression() != CompressionMethod::Stored {
            return Err(PickleError::Archive {
                what: format!("the entry {name} is compressed, which PyTorch never does"),
            });
        }
        if entry.size() > self.length {
            return Err(PickleError::Archive {
                what: format!("the entry {name} is longer than the file"),
            });
        }
        let mut bytes = Vec::with_capacity(entry.size() as usize);
        entry
            .read_to_end(&mut bytes)
            .map_err(|error| PickleError::Archive { what: format!("{name}: {error}") })?;
        Ok(bytes)
    }
}

fn damaged(error: ZipError) -> PickleError {
    match error {
        ZipError::Io(error) if error.kind() != std::io::ErrorKind::UnexpectedEof => error.into(),
        error => PickleError::Archive { what: error.to_string() },
    }
}
