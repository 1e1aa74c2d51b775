//! The objects that a pickle describes. They live in one arena and refer to each other by number: a
//! pickle may nest and share them as it likes, and neither building nor dropping them recurses.

use crate::tensor::Dtype;

/// An object's place in the arena.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ObjectId(u32);

/// Everything that may occur in a state dict.
#[derive(Clone, Debug)]
pub(super) enum Object {
    /// Anything that is read past: floats, bytes, attributes.
    Opaque,
    None,
    Bool(bool),
    Integer(i128),
    Text(String),
    Tuple(Vec<ObjectId>),
    List(Vec<ObjectId>),
    Dict(Vec<(ObjectId, ObjectId)>),
    Global(Global),
    /// Values: which storage, from which of its elements on.
    Storage {
        index: usize,
        offset: u64,
    },
    Tensor(Box<View>),
}

/// The Python objects that a state dict may name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Global {
    /// `collections.OrderedDict`
    OrderedDict,
    /// `torch.Size`
    Size,
    /// `torch._utils._rebuild_tensor` and `_rebuild_tensor_v2`
    RebuildTensor,
    /// `torch._utils._rebuild_parameter`
    RebuildParameter,
    /// `torch.FloatStorage` and its siblings
    StorageType(Dtype),
}

impl Global {
    /// The allow-list. Whatever is not here is refused by name.
    pub(super) fn find(module: &str, name: &str) -> Option<Self> {
        match (module, name) {
            ("collections", "OrderedDict") => Some(Self::OrderedDict),
            ("torch", "Size") => Some(Self::Size),
            ("torch._utils", "_rebuild_tensor" | "_rebuild_tensor_v2") => Some(Self::RebuildTensor),
            ("torch._utils", "_rebuild_parameter") => Some(Self::RebuildParameter),
            // Checkpoints that a GPU program wrote long ago have the types of torch.cuda.
            ("torch" | "torch.cuda", _) => storage_type(name).map(Self::StorageType),
            _ => None,
        }
    }
}

fn storage_type(name: &str) -> Option<Dtype> {
    Some(match name.strip_suffix("Storage")? {
        "Double" => Dtype::F64,
        "Float" => Dtype::F32,
        "Half" => Dtype::F16,
        "BFloat16" => Dtype::BF16,
        "Long" => Dtype::I64,
        "Int" => Dtype::I32,
        "Short" => Dtype::I16,
        "Char" => Dtype::I8,
        "Byte" => Dtype::U8,
        "Bool" => Dtype::Bool,
        _ => return None,
    })
}

/// A run of values outside the pickle, as the pickle announces it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Storage {
    /// Its name in the archive, or in the list of storages.
    pub(super) key: String,
    pub(super) dtype: Dtype,
    /// Number of values.
    pub(super) length: u64,
}

impl Storage {
    /// Its bytes; saturating, for a comparison with what is there.
    pub(super) fn byte_length(&self) -> u64 {
        self.length.saturating_mul(self.dtype.size() as u64)
    }
}

/// A tensor: a window on a storage. Nothing about it is checked yet.
#[derive(Clone, Debug)]
pub(super) struct View {
    /// Which storage.
    pub(super) storage: usize,
    /// Its first value there.
    pub(super) offset: u64,
    pub(super) shape: Vec<usize>,
    /// Values to step over for the next index of each dimension.
    pub(super) strides: Vec<u64>,
}

/// All objects of one pickle, and the storages that they mention.
#[derive(Debug, Default)]
pub(super) struct Arena {
    objects: Vec<Object>,
    storages: Vec<Storage>,
}

impl Arena {
    pub(super) fn add(&mut self, object: Object) -> ObjectId {
        // One operation adds one object at most, and pickles are far shorter than 2³² operations.
        let id = ObjectId(self.objects.len() as u32);
        self.objects.push(object);
        id
    }

    pub(super) fn get(&self, id: ObjectId) -> &Object {
        &self.objects[id.0 as usize]
    }

    pub(super) fn get_mut(&mut self, id: ObjectId) -> &mut Object {
        &mut self.objects[id.0 as usize]
    }

    pub(super) fn storages(&self) -> &[Storage] {
        &self.storages
    }

    /// The number of a storage, the same for each mention of it; `None` where two mentions
    /// contradict each other.
    pub(super) fn storage(
        &mut self,
        storage: Storage,
        known: &mut StorageNumbers,
    ) -> Option<usize> {
        match known.get(&storage.key) {
            Some(&index) => (self.storages[index] == storage).then_some(index),
            None => {
                known.insert(storage.key.clone(), self.storages.len());
                self.storages.push(storage);
                Some(self.storages.len() - 1)
            }
        }
    }

    pub(super) fn integer(&self, id: ObjectId) -> Option<i128> {
        match self.get(id) {
            Object::Integer(value) => Some(*value),
            _ => None,
        }
    }

    pub(super) fn text(&self, id: ObjectId) -> Option<&str> {
        match self.get(id) {
            Object::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The members of a tuple or a list.
    pub(super) fn sequence(&self, id: ObjectId) -> Option<&[ObjectId]> {
        match self.get(id) {
            Object::Tuple(members) | Object::List(members) => Some(members),
            _ => None,
        }
    }

    /// A tuple or list of counts (a shape, strides), of `most` at most.
    pub(super) fn counts(&self, id: ObjectId, most: usize) -> Option<Vec<u64>> {
        let members = self.sequence(id).filter(|members| members.len() <= most)?;
        members
            .iter()
            .map(|&member| self.integer(member).and_then(|value| u64::try_from(value).ok()))
            .collect()
    }

    pub(super) fn dict(&self, id: ObjectId) -> Option<&[(ObjectId, ObjectId)]> {
        match self.get(id) {
            Object::Dict(entries) => Some(entries),
            _ => None,
        }
    }

    /// The kind of an object, for a message.
    pub(super) fn describe(&self, id: ObjectId) -> &'static str {
        match self.get(id) {
            Object::Opaque
            | Object::None
            | Object::Bool(_)
            | Object::Integer(_)
            | Object::Text(_) => "a plain value",
            Object::Tuple(_) | Object::List(_) => "a list",
            Object::Dict(_) => "a dictionary without tensors",
            Object::Global(_) => "a Python object",
            Object::Storage { .. } => "a bare storage",
            Object::Tensor(_) => "a tensor without a name",
        }
    }
}

/// Storage key → its number in the arena.
pub(super) type StorageNumbers = std::collections::HashMap<String, usize>;
