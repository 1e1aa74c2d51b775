//! The pickle machine, or as much of it as a state dict needs: a stack, marks on it, a memo. The
//! operations that build values are here; the two that would call into Python are answered from the
//! allow-list.

use std::collections::HashMap;
use std::io::{self, Read};

use super::error::{PickleError, Result};
use super::object::{Arena, Global, Object, ObjectId, Storage, StorageNumbers, View};

/// The pickle of BERT-large takes a twentieth of this; objects take a few dozen bytes for each byte
/// of pickle.
const LONGEST_PICKLE: u64 = 2 << 20;
/// More than the weights of any network here have.
const MOST_DIMENSIONS: usize = 8;
/// More than any function of the allow-list takes.
const MOST_ARGUMENTS: usize = 8;
/// Keys are short numbers.
const LONGEST_KEY: usize = 64;

/// The operations that are followed, by their names in Python's `pickle` module.
mod op {
    pub(super) const MARK: u8 = b'(';
    pub(super) const STOP: u8 = b'.';
    pub(super) const POP: u8 = b'0';
    pub(super) const POP_MARK: u8 = b'1';
    pub(super) const BINFLOAT: u8 = b'G';
    pub(super) const BININT: u8 = b'J';
    pub(super) const BININT1: u8 = b'K';
    pub(super) const BININT2: u8 = b'M';
    pub(super) const NONE: u8 = b'N';
    pub(super) const BINPERSID: u8 = b'Q';
    pub(super) const REDUCE: u8 = b'R';
    pub(super) const BINSTRING: u8 = b'T';
    pub(super) const SHORT_BINSTRING: u8 = b'U';
    pub(super) const BINUNICODE: u8 = b'X';
    pub(super) const EMPTY_LIST: u8 = b']';
    pub(super) const APPEND: u8 = b'a';
    pub(super) const BUILD: u8 = b'b';
    pub(super) const GLOBAL: u8 = b'c';
    pub(super) const APPENDS: u8 = b'e';
    pub(super) const BINGET: u8 = b'h';
    pub(super) const LONG_BINGET: u8 = b'j';
    pub(super) const BINPUT: u8 = b'q';
    pub(super) const LONG_BINPUT: u8 = b'r';
    pub(super) const SETITEM: u8 = b's';
    pub(super) const TUPLE: u8 = b't';
    pub(super) const SETITEMS: u8 = b'u';
    pub(super) const EMPTY_DICT: u8 = b'}';
    pub(super) const EMPTY_TUPLE: u8 = b')';
    pub(super) const PROTO: u8 = 0x80;
    pub(super) const TUPLE1: u8 = 0x85;
    pub(super) const TUPLE2: u8 = 0x86;
    pub(super) const TUPLE3: u8 = 0x87;
    pub(super) const NEWTRUE: u8 = 0x88;
    pub(super) const NEWFALSE: u8 = 0x89;
    pub(super) const LONG1: u8 = 0x8a;
    pub(super) const SHORT_BINUNICODE: u8 = 0x8c;
    pub(super) const BINUNICODE8: u8 = 0x8d;
    pub(super) const STACK_GLOBAL: u8 = 0x93;
    pub(super) const MEMOIZE: u8 = 0x94;
    pub(super) const FRAME: u8 = 0x95;
}

/// A pickle that has been followed to its end.
#[derive(Debug)]
pub(super) struct Pickle {
    pub(super) arena: Arena,
    pub(super) root: ObjectId,
}

/// Follows the pickle that `reader` is at, and leaves `reader` behind it.
pub(super) fn load<R: Read>(reader: &mut R) -> Result<Pickle> {
    let mut machine = Machine {
        input: Input { reader: reader.take(LONGEST_PICKLE), offset: 0 },
        arena: Arena::default(),
        stack: Vec::new(),
        marks: Vec::new(),
        memo: HashMap::new(),
        storage_numbers: StorageNumbers::new(),
        copies: LONGEST_PICKLE,
    };
    loop {
        let opcode = machine.input.byte()?;
        if opcode == op::STOP {
            let root = machine.pop()?;
            return Ok(Pickle { arena: machine.arena, root });
        }
        machine.step(opcode)?;
    }
}

struct Machine<'a, R> {
    input: Input<'a, R>,
    arena: Arena,
    stack: Vec<ObjectId>,
    /// Heights of the stack at which groups of objects begin.
    marks: Vec<usize>,
    memo: HashMap<u32, ObjectId>,
    storage_numbers: StorageNumbers,
    /// Objects that may still be copied.
    copies: u64,
}

impl<R: Read> Machine<'_, R> {
    fn step(&mut self, opcode: u8) -> Result<()> {
        match opcode {
            op::PROTO => self.input.skip::<1>(),
            op::FRAME => self.input.skip::<8>(),
            op::MARK => {
                self.marks.push(self.stack.len());
                Ok(())
            }
            op::POP => self.pop().map(drop),
            op::POP_MARK => self.pop_group().map(drop),
            op::BINPUT | op::LONG_BINPUT | op::MEMOIZE => self.remember(opcode),
            op::BINGET | op::LONG_BINGET => self.recall(opcode),
            op::EMPTY_TUPLE => self.push(Object::Tuple(Vec::new())),
            op::TUPLE | op::TUPLE1 | op::TUPLE2 | op::TUPLE3 => self.tuple(opcode),
            op::EMPTY_LIST => self.push(Object::List(Vec::new())),
            op::APPEND | op::APPENDS => self.append(opcode),
            op::EMPTY_DICT => self.push(Object::Dict(Vec::new())),
            op::SETITEM | op::SETITEMS => self.set_items(opcode),
            op::GLOBAL => self.global(),
            op::STACK_GLOBAL => self.stack_global(),
            op::REDUCE => self.reduce(),
            op::BUILD => self.build(),
            op::BINPERSID => self.persistent(),
            _ => self.plain_value(opcode),
        }
    }

    /// Operations that push one value which refers to no other.
    fn plain_value(&mut self, opcode: u8) -> Result<()> {
        let at = self.input.offset - 1;
        let object = match opcode {
            op::NONE => Object::None,
            op::NEWTRUE => Object::Bool(true),
            op::NEWFALSE => Object::Bool(false),
            op::BININT => Object::Integer(i32::from_le_bytes(self.input.array()?).into()),
            op::BININT1 => Object::Integer(self.input.byte()?.into()),
            op::BININT2 => Object::Integer(u16::from_le_bytes(self.input.array()?).into()),
            op::LONG1 => self.input.long()?,
            op::BINFLOAT => {
                self.input.skip::<8>()?;
                Object::Opaque
            }
            op::BINUNICODE | op::BINSTRING => {
                let length = u32::from_le_bytes(self.input.array()?);
                self.input.text(length.into())?
            }
            op::SHORT_BINUNICODE | op::SHORT_BINSTRING => {
                let length = self.input.byte()?;
                self.input.text(length.into())?
            }
            op::BINUNICODE8 => {
                let length = u64::from_le_bytes(self.input.array()?);
                self.input.text(length)?
            }
            _ => return Err(PickleError::Operation { opcode, offset: at }),
        };
        self.push(object)
    }

    fn push(&mut self, object: Object) -> Result<()> {
        let id = self.arena.add(object);
        self.stack.push(id);
        Ok(())
    }

    fn pop(&mut self) -> Result<ObjectId> {
        let floor = self.marks.last().copied().unwrap_or(0);
        if self.stack.len() <= floor {
            return Err(self.damaged("an operation lacks its operand"));
        }
        self.stack.pop().ok_or_else(|| self.damaged("an operation lacks its operand"))
    }

    /// The object on top of the stack, which stays there.
    fn top(&mut self) -> Result<ObjectId> {
        let id = self.pop()?;
        self.stack.push(id);
        Ok(id)
    }

    /// Pops all objects pushed since the last mark.
    fn pop_group(&mut self) -> Result<Vec<ObjectId>> {
        match self.marks.pop() {
            Some(mark) => Ok(self.stack.split_off(mark)),
            None => Err(self.damaged("a group without a mark")),
        }
    }

    fn remember(&mut self, opcode: u8) -> Result<()> {
        let slot = match opcode {
            op::BINPUT => self.input.byte()?.into(),
            op::LONG_BINPUT => u32::from_le_bytes(self.input.array()?),
            _ => self.memo.len() as u32,
        };
        let id = self.top()?;
        self.memo.insert(slot, id);
        Ok(())
    }

    fn recall(&mut self, opcode: u8) -> Result<()> {
        let slot = match opcode {
            op::BINGET => self.input.byte()?.into(),
            _ => u32::from_le_bytes(self.input.array()?),
        };
        match self.memo.get(&slot) {
            Some(&id) => {
                self.stack.push(id);
                Ok(())
            }
            None => Err(self.damaged("a reference to an object that was never named")),
        }
    }

    fn tuple(&mut self, opcode: u8) -> Result<()> {
        let members = match opcode {
            op::TUPLE => self.pop_group()?,
            _ => {
                let mut members = Vec::with_capacity(3);
                for _ in op::TUPLE1..=opcode {
                    members.push(self.pop()?);
                }
                members.reverse();
                members
            }
        };
        self.push(Object::Tuple(members))
    }

    fn append(&mut self, opcode: u8) -> Result<()> {
        let new = if opcode == op::APPEND { vec![self.pop()?] } else { self.pop_group()? };
        let list = self.top()?;
        match self.arena.get_mut(list) {
            Object::List(members) => {
                members.extend(new);
                Ok(())
            }
            _ => Err(self.damaged("an append to something that is no list")),
        }
    }

    fn set_items(&mut self, opcode: u8) -> Result<()> {
        let new = if opcode == op::SETITEM {
            let value = self.pop()?;
            vec![self.pop()?, value]
        } else {
            self.pop_group()?
        };
        let dict = self.top()?;
        match self.arena.get_mut(dict) {
            Object::Dict(entries) if new.len() % 2 == 0 => {
                entries.extend(new.chunks_exact(2).map(|pair| (pair[0], pair[1])));
                Ok(())
            }
            Object::Dict(_) => Err(self.damaged("a dictionary key without a value")),
            _ => Err(self.damaged("an entry for something that is no dictionary")),
        }
    }

    fn global(&mut self) -> Result<()> {
        let module = self.input.line()?;
        let name = self.input.line()?;
        self.push_global(module, name)
    }

    fn stack_global(&mut self) -> Result<()> {
        let (name, module) = (self.pop()?, self.pop()?);
        match (self.arena.text(module), self.arena.text(name)) {
            (Some(module), Some(name)) => {
                let (module, name) = (module.to_owned(), name.to_owned());
                self.push_global(module, name)
            }
            _ => Err(self.damaged("a Python object whose name is no text")),
        }
    }

    fn push_global(&mut self, module: String, name: String) -> Result<()> {
        match Global::find(&module, &name) {
            Some(global) => self.push(Object::Global(global)),
            None => Err(PickleError::Global { module, name }),
        }
    }

    /// "Call the function with these arguments": the few functions of the allow-list are answered
    /// here.
    fn reduce(&mut self) -> Result<()> {
        let (arguments, function) = (self.pop()?, self.pop()?);
        let Object::Global(function) = *self.arena.get(function) else {
            return Err(self.damaged("a call of something that is no function"));
        };
        let arguments = match self.arena.get(arguments) {
            Object::Tuple(arguments) if arguments.len() <= MOST_ARGUMENTS => arguments.clone(),
            _ => return Err(self.damaged("a call whose arguments don't fit")),
        };
        let result = match function {
            Global::OrderedDict => {
                self.ordered_dict(&arguments).map(|object| self.arena.add(object))
            }
            Global::Size | Global::RebuildParameter => arguments.first().copied(),
            Global::RebuildTensor => self.tensor(&arguments).map(|object| self.arena.add(object)),
            Global::StorageType(_) => None,
        };
        match result {
            Some(id) => {
                self.stack.push(id);
                Ok(())
            }
            None => Err(self.damaged("a call whose arguments don't fit")),
        }
    }

    /// `OrderedDict()`, or `OrderedDict([[key, value], …])` as Python 2 wrote it.
    fn ordered_dict(&mut self, arguments: &[ObjectId]) -> Option<Object> {
        let pairs = match arguments {
            [] => &[],
            [pairs] => self.arena.sequence(*pairs)?,
            _ => return None,
        };
        // The same list may be named again and again: copies must not outgrow the pickle.
        self.copies = self.copies.checked_sub(pairs.len() as u64)?;
        let entry = |&pair: &ObjectId| match self.arena.sequence(pair)? {
            [key, value] => Some((*key, *value)),
            _ => None,
        };
        pairs.iter().map(entry).collect::<Option<_>>().map(Object::Dict)
    }

    /// `_rebuild_tensor_v2(storage, offset, size, stride, …)`: gradients and hooks don't matter
    /// here.
    fn tensor(&self, arguments: &[ObjectId]) -> Option<Object> {
        let [storage, offset, shape, strides, ..] = arguments else { return None };
        let Object::Storage { index, offset: base } = *self.arena.get(*storage) else {
            return None;
        };
        let offset = u64::try_from(self.arena.integer(*offset)?).ok()?.checked_add(base)?;
        let shape = self.arena.counts(*shape, MOST_DIMENSIONS)?;
        let shape: Vec<usize> =
            shape.into_iter().map(|size| usize::try_from(size).ok()).collect::<Option<_>>()?;
        let strides = self.arena.counts(*strides, MOST_DIMENSIONS)?;
        let view = View { storage: index, offset, shape, strides };
        (view.shape.len() == view.strides.len()).then(|| Object::Tensor(Box::new(view)))
    }

    /// "Give the object this state": a state dict's attributes, which nobody needs.
    fn build(&mut self) -> Result<()> {
        self.pop()?;
        let target = self.top()?;
        match self.arena.get(target) {
            Object::Dict(_) => Ok(()),
            _ => Err(self.damaged("a state for something that is no dictionary")),
        }
    }

    /// A storage: `("storage", type, key, device, length)` and, in files of the first PyTorch
    /// versions, `(view key, offset, length)` for a part of one.
    fn persistent(&mut self) -> Result<()> {
        let id = self.pop()?;
        let storage = self.storage_reference(id);
        let Some((storage, offset)) = storage else {
            return Err(self.damaged("a reference to data outside the pickle that is no storage"));
        };
        match self.arena.storage(storage, &mut self.storage_numbers) {
            Some(index) => self.push(Object::Storage { index, offset }),
            None => Err(self.damaged("one storage with two types or lengths")),
        }
    }

    fn storage_reference(&self, id: ObjectId) -> Option<(Storage, u64)> {
        let (kind, storage_type, key, length, part) = match *self.arena.sequence(id)? {
            [kind, storage_type, key, _, length] => (kind, storage_type, key, length, None),
            [kind, storage_type, key, _, length, part] => {
                (kind, storage_type, key, length, Some(part))
            }
            _ => return None,
        };
        let Object::Global(Global::StorageType(dtype)) = *self.arena.get(storage_type) else {
            return None;
        };
        let length = u64::try_from(self.arena.integer(length)?).ok()?;
        let key = self.arena.text(key).filter(|key| key.len() <= LONGEST_KEY)?;
        let storage = Storage { key: key.to_owned(), dtype, length };
        let named_so = self.arena.text(kind)? == "storage";
        named_so.then_some((storage, self.part_offset(part)?))
    }

    fn part_offset(&self, part: Option<ObjectId>) -> Option<u64> {
        match part.map(|part| (part, self.arena.get(part))) {
            None | Some((_, Object::None)) => Some(0),
            Some((part, _)) => match *self.arena.sequence(part)? {
                [_, offset, _] => u64::try_from(self.arena.integer(offset)?).ok(),
                _ => None,
            },
        }
    }

    fn damaged(&self, what: &'static str) -> PickleError {
        PickleError::Damaged { offset: self.input.offset, what }
    }
}

/// The pickle's bytes, counted.
struct Input<'a, R> {
    reader: io::Take<&'a mut R>,
    offset: u64,
}

impl<R: Read> Input<'_, R> {
    fn byte(&mut self) -> Result<u8> {
        self.array().map(|[byte]| byte)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        let mut bytes = [0; N];
        self.reader.read_exact(&mut bytes).map_err(|error| self.failed(error))?;
        self.offset += N as u64;
        Ok(bytes)
    }

    fn skip<const N: usize>(&mut self) -> Result<()> {
        self.array::<N>().map(drop)
    }

    /// The end of the file, or of what a pickle may be long.
    fn failed(&self, error: io::Error) -> PickleError {
        match error.kind() {
            io::ErrorKind::UnexpectedEof if self.reader.limit() == 0 => {
                PickleError::Excess { what: "a pickle of more than 2 MiB", length: self.offset }
            }
            io::ErrorKind::UnexpectedEof => PickleError::Truncated { within: "its pickle" },
            _ => error.into(),
        }
    }

    fn text(&mut self, length: u64) -> Result<Object> {
        Ok(String::from_utf8(self.bytes(length)?).map_or(Object::Opaque, Object::Text))
    }

    /// Reads piece by piece: the announced length may be a lie.
    fn bytes(&mut self, length: u64) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.reader.by_ref().take(length).read_to_end(&mut bytes)?;
        if (bytes.len() as u64) < length {
            return Err(self.failed(io::ErrorKind::UnexpectedEof.into()));
        }
        self.offset += length;
        Ok(bytes)
    }

    fn line(&mut self) -> Result<String> {
        let mut line = Vec::new();
        loop {
            match self.byte()? {
                b'\n' => return Ok(String::from_utf8_lossy(&line).into_owned()),
                byte => line.push(byte),
            }
        }
    }

    /// A little-endian two's complement integer of any length; those beyond 128 bits are read past.
    fn long(&mut self) -> Result<Object> {
        let length = self.byte()?;
        let bytes = self.bytes(length.into())?;
        if bytes.len() > 16 {
            return Ok(Object::Opaque);
        }
        let negative = bytes.last().is_some_and(|&byte| byte >= 0x80);
        let mut wide = [if negative { 0xff } else { 0 }; 16];
        wide[..bytes.len()].copy_from_slice(&bytes);
        Ok(Object::Integer(i128::from_le_bytes(wide)))
    }
}
