//! Tensors as safetensors.

use std::path::Path;

use safetensors::tensor::TensorView;
use spork_model::ModelError;
use tch::{Device, Kind, Tensor};

use crate::error::{Result, TrainError};

/// Writes tensors as safetensors, float32 or float16, so that transformers reads them too.
pub(crate) fn write<'t>(
    path: &Path,
    tensors: impl Iterator<Item = (&'t str, &'t Tensor)>,
    kind: Kind,
) -> Result<()> {
    let mut stored = Vec::new();
    for (name, tensor) in tensors {
        let tensor =
            tensor.f_detach()?.f_to_device(Device::Cpu)?.f_to_kind(kind)?.f_contiguous()?;
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
        TrainError::from(ModelError::Damaged { path: path.to_owned(), what: error.to_string() })
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
