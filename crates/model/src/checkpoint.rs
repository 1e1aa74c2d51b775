//! Checkpoints: from `model.safetensors` or `pytorch_model.bin` to named float32 tensors.
//!
//! A [`Checkpoint`] knows what a file holds without having read it; [`Checkpoint::load`] then takes
//! the tensors that a network needs, one at a time, so that memory holds the model once and one
//! tensor twice.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use safetensors::tensor::Metadata;
use spork_files::HEAD;

use crate::error::{ModelError, Result, TensorMismatch, WrongShape};
use crate::json;
use crate::pickle::{self, CheckpointTensor};
use crate::tensor::{Dtype, FloatTensor, Tensors};

/// A tensor that a network needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expected {
    /// Its name in Hugging Face transformers.
    pub name: String,
    /// Its shape, as the configuration implies it.
    pub shape: Vec<i64>,
    /// Whether the network can't do without it.
    pub required: bool,
}

/// A checkpoint file and what it holds.
pub struct Checkpoint {
    path: PathBuf,
    entries: BTreeMap<String, Entry>,
}

/// One tensor of a checkpoint.
struct Entry {
    /// The type in the file, of floats; or the name of another.
    dtype: std::result::Result<Dtype, String>,
    shape: Vec<i64>,
    bytes: Bytes,
}

/// Where the values are.
enum Bytes {
    /// In the file, from this offset on.
    Stored { offset: u64, length: usize },
    /// Read already.
    Read(Vec<u8>),
}

/// The format's own limit to the JSON at the start of a safetensors file, in bytes.
const LONGEST_HEADER: u64 = 100_000_000;

impl Checkpoint {
    /// Opens `model.safetensors` in `directory`, or `pytorch_model.bin` where there is none.
    ///
    /// # Errors
    /// Neither file is there, or the one that is can't be read.
    pub fn open(directory: &Path) -> Result<Self> {
        let safetensors = directory.join("model.safetensors");
        let pickled = directory.join("pytorch_model.bin");
        if safetensors.exists() {
            Self::open_safetensors(&safetensors)
        } else if pickled.exists() {
            Self::open_pickled(&pickled)
        } else {
            Err(ModelError::Absent {
                directory: directory.to_owned(),
                sought: "model.safetensors or pytorch_model.bin",
                remedy: absent_remedy(directory),
            })
        }
    }

    /// Opens a safetensors file of any name.
    ///
    /// # Errors
    /// The file can't be read, or is no checkpoint.
    pub fn open_file(path: &Path) -> Result<Self> {
        Self::open_safetensors(path)
    }

    /// Reads the header only.
    fn open_safetensors(path: &Path) -> Result<Self> {
        let damaged = |what: String| ModelError::Damaged { path: path.to_owned(), what };
        let mut file = open(path)?;
        let file_length = file.metadata().map_err(|source| ModelError::io(path, source))?.len();
        check_first_bytes(&mut file, path)?;
        let mut length = [0; 8];
        read_at(&mut file, path, 0, &mut length)?;
        let header_length = u64::from_le_bytes(length);
        let values_start = header_length.saturating_add(8);
        if header_length > LONGEST_HEADER {
            return Err(damaged(format!(
                "its length of the header is impossible ({header_length})"
            )));
        }
        if values_start > file_length {
            return Err(damaged(format!(
                "its header would end at byte {values_start} of {file_length}"
            )));
        }
        let mut header = vec![0; header_length as usize];
        read_at(&mut file, path, 8, &mut header)?;
        let header: Metadata =
            serde_json::from_slice(&header).map_err(|error| damaged(error.to_string()))?;
        let expected_length = values_start.saturating_add(header.data_len() as u64);
        if expected_length != file_length {
            return Err(damaged(format!("expected {expected_length} bytes, got {file_length}")));
        }
        let entry = |info: &safetensors::tensor::TensorInfo| Entry {
            dtype: safetensors_floats(info.dtype),
            shape: dimensions(&info.shape),
            bytes: Bytes::Stored {
                offset: values_start + info.data_offsets.0 as u64,
                length: info.data_offsets.1 - info.data_offsets.0,
            },
        };
        let entries =
            header.tensors().into_iter().map(|(name, info)| (name, entry(info))).collect();
        Ok(Self { path: path.to_owned(), entries })
    }

    fn open_pickled(path: &Path) -> Result<Self> {
        let tensors = pickle::read_checkpoint(path)
            .map_err(|source| ModelError::Pickle { path: path.to_owned(), source })?;
        let entry = |tensor: CheckpointTensor| {
            let entry = Entry {
                dtype: pickled_floats(tensor.dtype),
                shape: dimensions(&tensor.shape),
                bytes: Bytes::Read(tensor.bytes),
            };
            (tensor.name, entry)
        };
        Ok(Self { path: path.to_owned(), entries: tensors.into_iter().map(entry).collect() })
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The names that the tensors have in the file, ascending.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.entries.keys().map(String::as_str)
    }

    /// The shape of the tensor that the file calls `name`.
    pub fn shape(&self, name: &str) -> Option<&[i64]> {
        self.entries.get(name).map(|entry| entry.shape.as_slice())
    }

    /// The same checkpoint with its tensors renamed. Where two get the same name, the one whose old
    /// name comes later in the alphabet stays (so does `cls.predictions.decoder.bias`, which
    /// transformers computes with).
    #[must_use]
    pub fn renamed(self, new_name: impl Fn(&str) -> String) -> Self {
        let mut entries = BTreeMap::new();
        for (old, entry) in self.entries {
            let new = new_name(&old);
            if entries.insert(new.clone(), entry).is_some() {
                tracing::debug!(file = %self.path.display(), "{new} is there twice; taking {old}");
            }
        }
        Self { path: self.path, entries }
    }

    /// Loads what is expected, as 32-bit floats. What else the file holds is left alone.
    ///
    /// # Errors
    /// All tensors that are missing, have another shape or hold no floats, in one error; or a
    /// failed read.
    pub fn load(&self, expected: &[Expected]) -> Result<Tensors> {
        let mismatch = self.compare(expected);
        if !mismatch.is_empty() {
            return Err(ModelError::Tensors(Box::new(mismatch)));
        }
        let mut file = open(&self.path)?;
        let mut tensors = Tensors::default();
        for Expected { name, .. } in expected {
            if let Some(entry) = self.entries.get(name) {
                tensors.insert(name.as_str(), self.tensor(&mut file, name, entry)?);
            }
        }
        Ok(tensors)
    }

    fn compare(&self, expected: &[Expected]) -> TensorMismatch {
        let mut mismatch = TensorMismatch {
            path: self.path.clone(),
            missing: Vec::new(),
            shapes: Vec::new(),
            kinds: Vec::new(),
        };
        for Expected { name, shape, required } in expected {
            match self.entries.get(name) {
                None if *required => mismatch.missing.push(name.clone()),
                None => {}
                Some(entry) => {
                    if entry.shape != *shape {
                        let (expected, got) = (shape.clone(), entry.shape.clone());
                        mismatch.shapes.push(WrongShape { name: name.clone(), expected, got });
                    }
                    if let Err(dtype) = &entry.dtype {
                        mismatch.kinds.push((name.clone(), dtype.clone()));
                    }
                }
            }
        }
        mismatch
    }

    /// Reads one tensor.
    fn tensor(&self, file: &mut File, name: &str, entry: &Entry) -> Result<FloatTensor> {
        let damaged = |what: String| ModelError::Damaged {
            path: self.path.clone(),
            what: format!("{name}: {what}"),
        };
        let dtype = entry.dtype.clone().map_err(damaged)?;
        let stored;
        let bytes = match &entry.bytes {
            Bytes::Read(bytes) => bytes,
            Bytes::Stored { offset, length } => {
                let mut read = vec![0; *length];
                read_at(file, &self.path, *offset, &mut read)?;
                stored = read;
                &stored
            }
        };
        let needed = entry
            .shape
            .iter()
            .try_fold(dtype.size() as i64, |bytes, &dimension| bytes.checked_mul(dimension));
        if needed != i64::try_from(bytes.len()).ok() {
            return Err(damaged(format!("{} bytes for the shape {:?}", bytes.len(), entry.shape)));
        }
        Ok(FloatTensor { shape: entry.shape.clone(), values: dtype.floats(bytes) })
    }
}

/// What to do without a checkpoint, by what is there instead.
fn absent_remedy(directory: &Path) -> String {
    const OTHERS: [(&str, &str); 5] = [
        (
            "model.safetensors.index.json",
            "weights in several files are not supported; save them in one",
        ),
        (
            "pytorch_model.bin.index.json",
            "weights in several files are not supported; save them in one",
        ),
        ("tf_model.h5", "weights of TensorFlow are not read; save them as safetensors"),
        ("flax_model.msgpack", "weights of Flax are not read; save them as safetensors"),
        ("onnx", "weights of ONNX are not read; download the safetensors too"),
    ];
    match OTHERS.iter().find(|(file, _)| directory.join(file).exists()) {
        Some((file, remedy)) => format!("{file} is there, but {remedy}"),
        None => "download the weights too".to_owned(),
    }
}

fn open(path: &Path) -> Result<File> {
    File::open(path).map_err(|source| ModelError::io(path, source))
}

/// Refuses a pointer, an archive or a web page under the name of a checkpoint.
fn check_first_bytes(file: &mut File, path: &Path) -> Result<()> {
    let mut head = Vec::new();
    let read = file.rewind().and_then(|()| file.take(HEAD as u64).read_to_end(&mut head));
    read.map_err(|source| ModelError::io(path, source))?;
    json::check_kind(path, &head)
}

/// Fills `bytes` from `offset` on.
fn read_at(file: &mut File, path: &Path, offset: u64, bytes: &mut [u8]) -> Result<()> {
    let read = file.seek(SeekFrom::Start(offset)).and_then(|_| file.read_exact(bytes));
    read.map_err(|source| ModelError::io(path, source))
}

fn dimensions(shape: &[usize]) -> Vec<i64> {
    // A dimension beyond i64 matches no expected shape, and neither does this.
    shape.iter().map(|&dimension| i64::try_from(dimension).unwrap_or(i64::MAX)).collect()
}

fn safetensors_floats(stored: safetensors::Dtype) -> std::result::Result<Dtype, String> {
    match stored {
        safetensors::Dtype::F32 => Ok(Dtype::F32),
        safetensors::Dtype::F16 => Ok(Dtype::F16),
        safetensors::Dtype::BF16 => Ok(Dtype::BF16),
        safetensors::Dtype::F64 => Ok(Dtype::F64),
        other => Err(format!("{other:?}")),
    }
}

fn pickled_floats(stored: Dtype) -> std::result::Result<Dtype, String> {
    if stored.is_float() { Ok(stored) } else { Err(stored.name().to_owned()) }
}
