//! Files and folders that appear when they are complete.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use safetensors::tensor::TensorView;
use spork_core::kill_point;
use spork_encoder::EncodeError;
use tch::{Device, Kind, Tensor};

use crate::error::{Result, TrainError};

/// Makes the folder `path` by filling one beside it, which then takes the name. A folder that is there is replaced.
pub(crate) fn folder(path: &Path, fill: impl FnOnce(&Path) -> Result<()>) -> Result<()> {
    let beside = with_suffix(path, ".partial");
    remove(&beside)?;
    fs::create_dir_all(&beside).map_err(|source| TrainError::io(&beside, source))?;
    fill(&beside)?;
    sync(&beside)?;
    kill_point("train.folder-synced");
    let old = with_suffix(path, ".old");
    remove(&old)?;
    if path.exists() {
        fs::rename(path, &old).map_err(|source| TrainError::io(path, source))?;
        kill_point("train.old-folder-aside");
    }
    fs::rename(&beside, path).map_err(|source| TrainError::io(path, source))?;
    kill_point("train.folder-renamed");
    remove(&old)
}

pub(crate) fn remove(path: &Path) -> Result<()> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(TrainError::io(path, error)),
        _ => Ok(()),
    }
}

/// Writes the files of a folder through to the disk.
fn sync(folder: &Path) -> Result<()> {
    let entries = fs::read_dir(folder).map_err(|source| TrainError::io(folder, source))?;
    for entry in entries {
        let path = entry.map_err(|source| TrainError::io(folder, source))?.path();
        if path.is_dir() {
            sync(&path)?;
        } else {
            let synced = File::open(&path).and_then(|file| file.sync_all());
            synced.map_err(|source| TrainError::io(&path, source))?;
        }
    }
    Ok(())
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// Writes a text file.
pub(crate) fn write(path: &Path, text: &str) -> Result<()> {
    fs::write(path, text).map_err(|source| TrainError::io(path, source))
}

/// Writes tensors as safetensors, float32 or float16, so that transformers reads them too.
pub(crate) fn write_tensors<'t>(
    path: &Path,
    tensors: impl Iterator<Item = (&'t str, &'t Tensor)>,
    kind: Kind,
) -> Result<()> {
    let mut stored = Vec::new();
    for (name, tensor) in tensors {
        let tensor = tensor.f_detach()?.f_to_device(Device::Cpu)?.f_to_kind(kind)?.f_contiguous()?;
        let shape: Vec<usize> = tensor.size().iter().map(|&size| size as usize).collect();
        let mut bytes = vec![0u8; tensor.numel() * kind.elt_size_in_bytes()];
        // Memory order is little-endian on every machine that libtorch is built for.
        let flat = tensor.f_reshape([-1])?.f_view_dtype(Kind::Uint8)?;
        let length = bytes.len();
        flat.f_copy_data(&mut bytes, length)?;
        stored.push((name, shape, bytes));
    }
    let dtype = if kind == Kind::Half { safetensors::Dtype::F16 } else { safetensors::Dtype::F32 };
    let damaged = |error: safetensors::SafeTensorError| {
        TrainError::from(EncodeError::Damaged { path: path.to_owned(), what: error.to_string() })
    };
    let views = stored
        .iter()
        .map(|(name, shape, bytes)| {
            Ok((*name, TensorView::new(dtype, shape.clone(), bytes).map_err(damaged)?))
        })
        .collect::<Result<Vec<_>>>()?;
    let metadata = [("format".to_owned(), "pt".to_owned())].into_iter().collect();
    safetensors::serialize_to_file(views, Some(metadata), path).map_err(damaged)
}
