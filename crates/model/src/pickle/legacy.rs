//! The format of PyTorch before 1.6: five pickles one after the other (a magic number, the protocol
//! version, facts about the machine, the object, the keys of its storages), then each storage as
//! its length and its values.

use std::collections::HashMap;
use std::io::{Read, Seek};

use super::checkpoint_tensor::CheckpointTensor;
use super::error::{PickleError, Result};
use super::machine::{self, Pickle};
use super::object::{Object, Storage};
use super::state_dict::StateDict;

/// The number that the file starts with.
const MAGIC: i128 = 0x1950_a86a_20f9_469c_fc6c;
/// The only protocol version there ever was.
const PROTOCOL: i128 = 1001;

/// Reads a file of `length` bytes.
pub(super) fn read<R: Read + Seek>(mut source: R, length: u64) -> Result<Vec<CheckpointTensor>> {
    expect_integer(&machine::load(&mut source)?, MAGIC, "a pickle that is no checkpoint")?;
    expect_integer(
        &machine::load(&mut source)?,
        PROTOCOL,
        "an unknown version of the format before PyTorch 1.6",
    )?;
    check_machine(&machine::load(&mut source)?)?;
    let pickle = machine::load(&mut source)?;
    let keys = storage_keys(&machine::load(&mut source)?)?;
    let mut state = StateDict::find(&pickle, length)?;
    drop(pickle);
    let mut left = length.saturating_sub(source.stream_position()?);
    let storages = state.storages().iter().enumerate();
    let mut numbers: HashMap<_, _> =
        storages.map(|(number, storage)| (storage.key.clone(), number)).collect();
    for key in keys {
        // Each storage comes once, and nothing comes that no tensor mentioned.
        let Some(number) = numbers.remove(&key) else {
            return Err(PickleError::Storage { key, expected: 0, got: left });
        };
        let values = read_storage(&mut source, &state.storages()[number], &mut left)?;
        state.fill(number, &values)?;
    }
    state.finish()
}

fn expect_integer(pickle: &Pickle, expected: i128, otherwise: &'static str) -> Result<()> {
    match pickle.arena.integer(pickle.root) {
        Some(value) if value == expected => Ok(()),
        _ => Err(PickleError::Unsupported { what: otherwise }),
    }
}

/// The third pickle says how the writing machine orders its bytes.
fn check_machine(pickle: &Pickle) -> Result<()> {
    let facts = pickle.arena.dict(pickle.root).unwrap_or_default();
    let order = facts.iter().find(|&&(key, _)| pickle.arena.text(key) == Some("little_endian"));
    match order.map(|&(_, value)| pickle.arena.get(value)) {
        None | Some(Object::Bool(true)) => Ok(()),
        Some(_) => Err(PickleError::Unsupported { what: "a checkpoint with big-endian values" }),
    }
}

fn storage_keys(pickle: &Pickle) -> Result<Vec<String>> {
    let keys = pickle.arena.sequence(pickle.root).unwrap_or_default();
    let text = |&key| pickle.arena.text(key).map(str::to_owned);
    let keys: Option<Vec<String>> = keys.iter().map(text).collect();
    keys.ok_or(PickleError::Unsupported { what: "a list of storages whose keys are no text" })
}

/// One storage: the number of its values, then the values. `left` is how much of the file remains.
fn read_storage<R: Read>(source: &mut R, storage: &Storage, left: &mut u64) -> Result<Vec<u8>> {
    let truncated = PickleError::Truncated { within: "the values of its tensors" };
    let mut count = [0; 8];
    let Some(behind) = left.checked_sub(count.len() as u64) else { return Err(truncated) };
    source.read_exact(&mut count)?;
    let expected = storage.byte_length();
    let got = u64::from_le_bytes(count).saturating_mul(storage.dtype.size() as u64);
    if got != expected {
        return Err(PickleError::Storage { key: storage.key.clone(), expected, got });
    }
    let Some(behind) = behind.checked_sub(expected) else { return Err(truncated) };
    *left = behind;
    let mut values = vec![0; expected as usize];
    source.read_exact(&mut values)?;
    Ok(values)
}
