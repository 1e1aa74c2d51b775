//! From a pickle's objects to named tensors, and from those to their values, storage by storage.

use std::collections::HashMap;

use super::checkpoint_tensor::CheckpointTensor;
use super::error::{PickleError, Result};
use super::machine::Pickle;
use super::object::{Arena, Object, ObjectId, Storage, View};
use super::view;

/// Keys under which training programs put the state dict.
const WRAPPERS: [&str; 3] = ["state_dict", "model", "model_state_dict"];
/// Tied weights appear twice; nobody writes the same values more often than this.
const MOST_SHARING: u64 = 8;

/// The tensors of a checkpoint, waiting for their values.
pub(super) struct StateDict {
    storages: Vec<Storage>,
    /// For each storage, the tensors that view it.
    viewers: Vec<Vec<usize>>,
    tensors: Vec<(String, View)>,
    filled: Vec<Option<CheckpointTensor>>,
}

impl StateDict {
    /// Finds the tensors of a pickle in a file of `length` bytes.
    pub(super) fn find(pickle: &Pickle, length: u64) -> Result<Self> {
        let arena = &pickle.arena;
        let dict = unwrap(arena, pickle.root);
        let tensors = named_tensors(arena, dict)?;
        if tensors.is_empty() {
            return Err(PickleError::NoTensors { got: arena.describe(dict) });
        }
        let storages = arena.storages().to_vec();
        let mut viewers = vec![Vec::new(); storages.len()];
        let mut total = 0u64;
        for (number, (name, tensor)) in tensors.iter().enumerate() {
            viewers[tensor.storage].push(number);
            let bytes = view::byte_length(tensor, &storages[tensor.storage]);
            total = total.saturating_add(
                bytes.map_err(|what| PickleError::Tensor { name: name.clone(), what })?,
            );
        }
        if total > length.saturating_mul(MOST_SHARING) {
            return Err(PickleError::Excess {
                what: "tensors that share their values many times over",
                length,
            });
        }
        let filled = vec![None; tensors.len()];
        let state = Self { storages, viewers, tensors, filled };
        let announced = state
            .needed()
            .fold(0u64, |sum, (_, storage)| sum.saturating_add(storage.byte_length()));
        if announced > length {
            return Err(PickleError::Truncated { within: "the values of its tensors" });
        }
        Ok(state)
    }

    /// The storages whose values are needed, with their numbers.
    pub(super) fn needed(&self) -> impl Iterator<Item = (usize, &Storage)> {
        let viewed = |&(number, _): &(usize, &Storage)| !self.viewers[number].is_empty();
        self.storages.iter().enumerate().filter(viewed)
    }

    /// All storages, by number.
    pub(super) fn storages(&self) -> &[Storage] {
        &self.storages
    }

    /// Copies the values of storage `number` into the tensors that view it.
    pub(super) fn fill(&mut self, number: usize, values: &[u8]) -> Result<()> {
        let storage = &self.storages[number];
        if values.len() as u64 != storage.byte_length() {
            return Err(PickleError::Storage {
                key: storage.key.clone(),
                expected: storage.byte_length(),
                got: values.len() as u64,
            });
        }
        for &tensor in &self.viewers[number] {
            let (name, window) = &self.tensors[tensor];
            let bytes = view::copy(window, storage.dtype, values);
            let (name, shape) = (name.clone(), window.shape.clone());
            self.filled[tensor] =
                Some(CheckpointTensor { name, dtype: storage.dtype, shape, bytes });
        }
        Ok(())
    }

    /// The tensors with their values, in the order of the state dict.
    pub(super) fn finish(self) -> Result<Vec<CheckpointTensor>> {
        let missing = self.filled.iter().position(Option::is_none);
        match missing {
            None => Ok(self.filled.into_iter().flatten().collect()),
            Some(tensor) => {
                let storage = &self.storages[self.tensors[tensor].1.storage];
                let (key, expected) = (storage.key.clone(), storage.byte_length());
                Err(PickleError::Storage { key, expected, got: 0 })
            }
        }
    }
}

/// The state dict itself, where a training program put more beside it.
fn unwrap(arena: &Arena, root: ObjectId) -> ObjectId {
    let mut dict = root;
    // A dictionary may hold itself: as many steps as there are words for a wrapper are enough.
    for _ in WRAPPERS {
        let inner = WRAPPERS
            .iter()
            .find_map(|&key| entry(arena, dict, key).filter(|&id| arena.dict(id).is_some()));
        match inner {
            Some(inner) => dict = inner,
            None => break,
        }
    }
    dict
}

fn entry(arena: &Arena, dict: ObjectId, key: &str) -> Option<ObjectId> {
    arena
        .dict(dict)?
        .iter()
        .rev()
        .find(|&&(name, _)| arena.text(name) == Some(key))
        .map(|&(_, value)| value)
}

/// The entries that are tensors. A name that occurs twice means its last tensor, as in Python.
fn named_tensors(arena: &Arena, dict: ObjectId) -> Result<Vec<(String, View)>> {
    let mut tensors: Vec<(String, View)> = Vec::new();
    let mut numbers = HashMap::new();
    for &(name, value) in arena.dict(dict).unwrap_or_default() {
        let Object::Tensor(view) = arena.get(value) else { continue };
        let Some(name) = arena.text(name) else {
            return Err(PickleError::Unsupported { what: "a tensor whose name is no text" });
        };
        let number = *numbers.entry(name).or_insert(tensors.len());
        if number == tensors.len() {
            tensors.push((name.to_owned(), View::clone(view)));
        } else {
            tensors[number].1 = View::clone(view);
        }
    }
    Ok(tensors)
}
