//! The weights of a network as libtorch's tensors, by name. A trainer can turn the same tensors
//! into variables, and a checkpoint can be written from them.

use std::collections::BTreeMap;

use spork_model::{FloatTensor, Tensors};
use tch::{Device, Tensor};

use crate::error::Result;

/// The tensors of a network by name, float32. Networks built from them share their storage.
#[derive(Debug, Default)]
pub struct Parameters {
    tensors: BTreeMap<String, Tensor>,
}

impl Parameters {
    /// Copies tensors out of plain memory to the CPU, and lets go of each once it is copied.
    ///
    /// # Errors
    /// libtorch fails, usually because memory is full.
    pub fn from_tensors(tensors: Tensors) -> Result<Self> {
        let copied = tensors.into_iter().map(|(name, FloatTensor { shape, values })| {
            Ok((name, Tensor::f_from_slice(&values)?.f_reshape(shape.as_slice())?))
        });
        Ok(Self { tensors: copied.collect::<Result<_>>()? })
    }

    /// The tensor of this name.
    pub fn get(&self, name: &str) -> Option<&Tensor> {
        self.tensors.get(name)
    }

    /// Adds or replaces a tensor.
    pub fn insert(&mut self, name: impl Into<String>, tensor: Tensor) {
        self.tensors.insert(name.into(), tensor);
    }

    /// Names and tensors, ascending by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Tensor)> {
        self.tensors.iter().map(|(name, tensor)| (name.as_str(), tensor))
    }

    /// The same tensors on another device.
    ///
    /// # Errors
    /// libtorch fails, usually because the device's memory is full.
    pub fn to_device(self, device: Device) -> Result<Self> {
        let moved =
            self.tensors.into_iter().map(|(name, tensor)| Ok((name, tensor.f_to_device(device)?)));
        Ok(Self { tensors: moved.collect::<Result<_>>()? })
    }
}
