//! The reader against files that PyTorch wrote, against hand-made pickles, and against damage.

use std::io::Cursor;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use serde_json::Value;

use super::*;

fn golden() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden")
}

/// The committed checkpoints with the tensors that PyTorch finds in them.
fn expected() -> serde_json::Map<String, Value> {
    let list = std::fs::read(golden().join("checkpoints.json")).unwrap();
    serde_json::from_slice(&list).unwrap()
}

fn fnv1a(bytes: &[u8]) -> String {
    let hash = |value: u64, &byte: &u8| (value ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3);
    format!("{:016x}", bytes.iter().fold(0xcbf2_9ce4_8422_2325, hash))
}

fn described(tensor: &CheckpointTensor) -> Value {
    let (dtype, checksum) = (tensor.dtype.name(), fnv1a(&tensor.bytes));
    serde_json::json!({"name": tensor.name, "dtype": dtype, "shape": tensor.shape, "fnv1a": checksum})
}

#[test]
fn committed_checkpoints_are_read_as_pytorch_reads_them() {
    let files = expected();
    assert_eq!(files.len(), 4);
    for (file, expected) in files {
        let tensors = read_checkpoint(&golden().join(&file)).unwrap();
        let found: Vec<_> = tensors.iter().map(described).collect();
        assert_eq!(Value::from(found), expected, "{file}");
    }
}

/// Each tensor of a safetensors file is in the checkpoint with the same bytes.
fn assert_twins(checkpoint: &str, safetensors: &str) {
    let tensors = read_checkpoint(&golden().join(checkpoint)).unwrap();
    let twin = std::fs::read(golden().join(safetensors)).unwrap();
    let twin = safetensors::SafeTensors::deserialize(&twin).unwrap();
    for (name, expected) in twin.tensors() {
        let found = tensors.iter().find(|tensor| tensor.name == name).unwrap();
        assert_eq!(
            (&found.shape[..], &found.bytes[..]),
            (expected.shape(), expected.data()),
            "{name}"
        );
    }
}

#[test]
fn both_formats_equal_their_safetensors_twins() {
    assert_twins("distilbert-legacy-bin/pytorch_model.bin", "distilbert/model.safetensors");
    assert_twins("checkpoints/odd.bin", "checkpoints/odd.safetensors");
    assert_twins("checkpoints/odd-legacy.bin", "checkpoints/odd.safetensors");
}

// ------------------------------------------------------------ hand-made pickles

/// A pickle under construction.
#[derive(Clone, Default)]
struct Pickled(Vec<u8>);

impl Pickled {
    fn raw(mut self, bytes: &[u8]) -> Self {
        self.0.extend_from_slice(bytes);
        self
    }

    fn text(self, text: &str) -> Self {
        self.raw(b"X").raw(&(text.len() as u32).to_le_bytes()).raw(text.as_bytes())
    }

    fn integer(self, value: i32) -> Self {
        self.raw(b"J").raw(&value.to_le_bytes())
    }

    fn long(self, value: u64) -> Self {
        self.raw(&[0x8a, 9]).raw(&value.to_le_bytes()).raw(&[0])
    }

    fn global(self, module: &str, name: &str) -> Self {
        self.raw(format!("c{module}\n{name}\n").as_bytes())
    }

    fn tuple(self, members: &[u64]) -> Self {
        members.iter().fold(self.raw(b"("), |pickle, &member| pickle.long(member)).raw(b"t")
    }

    fn storage(self, kind: &str, key: &str, length: u64) -> Self {
        let id = self.raw(b"(").text("storage").global("torch", kind).text(key).text("cpu");
        id.long(length).raw(b"tQ")
    }

    /// A float32 tensor on the whole of storage "0", which has `length` values.
    fn tensor(self, length: u64, offset: u64, shape: &[u64], strides: &[u64]) -> Self {
        let call = self.global("torch._utils", "_rebuild_tensor_v2").raw(b"(");
        let call =
            call.storage("FloatStorage", "0", length).long(offset).tuple(shape).tuple(strides);
        call.raw(b"\x89").raw(b")").raw(b"tR")
    }

    /// A whole file in the legacy format: this object, and storage "0" with these values.
    fn file(self, values: &[f32]) -> Vec<u8> {
        let magic = b"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.\x80\x02M\xe9\x03.";
        let facts = Self::default().raw(b"}").text("little_endian").raw(b"\x88s.");
        let keys = Self::default().raw(b"](").text("0").raw(b"e.");
        let length = values.len() as u64;
        let values: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        let object = self.raw(b".").0;
        [&magic[..], &facts.0, &object, &keys.0, &length.to_le_bytes(), &values].concat()
    }
}

fn pickle() -> Pickled {
    Pickled::default().raw(b"\x80\x02")
}

/// {"w": tensor}
fn one_tensor(length: u64, offset: u64, shape: &[u64], strides: &[u64]) -> Pickled {
    pickle().raw(b"}").text("w").tensor(length, offset, shape, strides).raw(b"s")
}

const VALUES: [f32; 6] = [0., 1., 2., 3., 4., 5.];

fn read_bytes(bytes: Vec<u8>) -> Result<Vec<CheckpointTensor>> {
    read(Cursor::new(bytes))
}

fn floats(tensor: &CheckpointTensor) -> Vec<f32> {
    tensor.bytes.chunks(4).map(|bytes| f32::from_le_bytes(bytes.try_into().unwrap())).collect()
}

fn message(bytes: Vec<u8>) -> String {
    read_bytes(bytes).unwrap_err().to_string()
}

#[test]
fn windows_become_rows() {
    for (offset, shape, strides, expected) in [
        (0, &[2, 3][..], &[3, 1][..], &VALUES[..]),
        (0, &[3, 2], &[1, 3], &[0., 3., 1., 4., 2., 5.]),
        (1, &[2, 2], &[3, 1], &[1., 2., 4., 5.]),
        (5, &[], &[], &[5.]),
        (2, &[1, 3, 1], &[99, 1, 99], &[2., 3., 4.]),
        (1, &[2, 2], &[0, 1], &[1., 2., 1., 2.]),
        (0, &[4, 0], &[1, 1], &[]),
    ] {
        let file = one_tensor(6, offset, shape, strides).file(&VALUES);
        let tensors = read_bytes(file).unwrap();
        assert_eq!(floats(&tensors[0]), expected, "{offset} {shape:?} {strides:?}");
    }
}

#[test]
fn newer_protocols_and_python_2_are_understood() {
    let named = |name: &[u8]| Pickled::default().raw(b"\x8c").raw(&[name.len() as u8]).raw(name).0;
    let protocol_4 = Pickled::default().raw(b"\x80\x04\x95\0\0\0\0\0\0\0\0");
    let dict = protocol_4
        .raw(&named(b"collections"))
        .raw(&named(b"OrderedDict"))
        .raw(b"\x93\x94)R\x94h\x01");
    let file = dict.raw(&named(b"w")).tensor(6, 0, &[6], &[1]).raw(b"s").file(&VALUES);
    assert_eq!(floats(&read_bytes(file).unwrap()[0]), VALUES);

    let pairs = pickle().global("collections", "OrderedDict").raw(b"(](](U\x01w");
    let file = pairs.tensor(6, 0, &[6], &[1]).raw(b"eetR").file(&VALUES);
    assert_eq!(read_bytes(file).unwrap()[0].name, "w");
}

#[test]
fn the_last_tensor_of_a_name_counts() {
    let twice = one_tensor(6, 0, &[2], &[1]).text("w").tensor(6, 4, &[2], &[1]).raw(b"s");
    let tensors = read_bytes(twice.file(&VALUES)).unwrap();
    assert_eq!((tensors.len(), floats(&tensors[0])), (1, vec![4., 5.]));
}

#[test]
fn a_dictionary_that_holds_itself_ends() {
    let cycle = pickle()
        .raw(b"}q\x00")
        .text("model")
        .raw(b"h\x00s")
        .text("w")
        .tensor(6, 0, &[1], &[1])
        .raw(b"s");
    assert_eq!(read_bytes(cycle.file(&VALUES)).unwrap().len(), 1);
}

// ------------------------------------------------------------ refusals

#[test]
fn nothing_is_run() {
    let call = pickle().global("posix", "system").raw(b"(").text("true").raw(b"tR").file(&VALUES);
    let said = message(call);
    assert!(said.contains("posix.system") && said.contains("safetensors"), "{said}");
    let class = pickle().global("argparse", "Namespace").raw(b")\x81").file(&VALUES);
    assert!(message(class).contains("argparse.Namespace"));
    let new_object = pickle().global("collections", "OrderedDict").raw(b")\x81").file(&VALUES);
    assert!(message(new_object).contains("0x81"));
    let torch = pickle().global("torch", "load").file(&VALUES);
    assert!(message(torch).contains("torch.load"));
}

#[test]
fn other_files_are_named() {
    assert!(
        message(b"version https://git-lfs.github.com/spec/v1\noid".to_vec())
            .contains("git lfs pull")
    );
    assert!(message(b"<!DOCTYPE html>".to_vec()).contains("<!DOCTYP"));
    assert!(message(Vec::new()).contains("no PyTorch checkpoint"));
    assert!(message(b"\x80\x02}.".to_vec()).contains("a pickle that is no checkpoint"));
    assert!(message(pickle().raw(b"}").file(&VALUES)).contains("a dictionary without tensors"));
    assert!(read_checkpoint(Path::new("no such file")).is_err());
}

#[test]
fn tensors_outside_their_values_are_refused() {
    for (offset, shape, strides) in [
        (0, &[7][..], &[1][..]),
        (6, &[], &[]),
        (0, &[2, 3], &[4, 1]),
        (0, &[2], &[u64::MAX]),
        (u64::MAX, &[2], &[1]),
        (0, &[1 << 32, 1 << 32], &[0, 0]),
        (0, &[1 << 40], &[0]),
    ] {
        let said = message(one_tensor(6, offset, shape, strides).file(&VALUES));
        assert!(said.contains("tensor \"w\""), "{offset} {shape:?} {strides:?}: {said}");
    }
    let mismatch = message(one_tensor(6, 0, &[2, 3], &[1]).file(&VALUES));
    assert!(mismatch.contains("don't fit"), "{mismatch}");
}

#[test]
fn announced_lengths_are_not_believed() {
    let said = message(one_tensor(1 << 50, 0, &[6], &[1]).file(&VALUES));
    assert!(said.contains("cut off"), "{said}");
    let said = message(one_tensor(5, 0, &[5], &[1]).file(&VALUES));
    assert!(said.contains("should hold 20 bytes, got 24"), "{said}");
    let mut short = one_tensor(6, 0, &[6], &[1]).file(&VALUES);
    short.truncate(short.len() - 1);
    assert!(message(short).contains("cut off"));
    let text = pickle().raw(b"X\xff\xff\xff\xffabc").0;
    assert!(
        message([&one_tensor(6, 0, &[6], &[1]).file(&VALUES)[..15], &text].concat())
            .contains("cut off")
    );
}

#[test]
fn sharing_without_measure_is_refused() {
    let values = vec![0.0; 1 << 12];
    let name = |pickle: Pickled, i: usize| pickle.text(&i.to_string()).raw(b"h\x00s");
    let first = pickle().raw(b"}").text("w").tensor(1 << 12, 0, &[1 << 12], &[1]).raw(b"q\x00s");
    assert_eq!(read_bytes((0..4).fold(first.clone(), name).file(&values)).unwrap().len(), 5);
    assert!(message((0..40).fold(first, name).file(&values)).contains("share their values"));
}

/// odd.bin written anew, with its entries renamed or changed by `edit`.
fn archive(edit: impl Fn(&str, Vec<u8>) -> (String, Vec<u8>)) -> Vec<u8> {
    let file = std::fs::File::open(golden().join("checkpoints/odd.bin")).unwrap();
    let mut from = zip::ZipArchive::new(file).unwrap();
    let mut to = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let stored =
        zip::write::FileOptions::default().compression_method(zip::CompressionMethod::Stored);
    for number in 0..from.len() {
        let mut entry = from.by_index(number).unwrap();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).unwrap();
        let (name, bytes) = edit(entry.name(), bytes);
        to.start_file(name, stored).unwrap();
        std::io::Write::write_all(&mut to, &bytes).unwrap();
    }
    to.finish().unwrap().into_inner()
}

fn renamed(from: &str, to: &str) -> Vec<u8> {
    archive(|name, bytes| (name.replace(from, to), bytes))
}

#[test]
fn the_archive_may_have_any_root() {
    let expected = read_checkpoint(&golden().join("checkpoints/odd.bin")).unwrap();
    assert_eq!(read_bytes(renamed("odd/", "archive/")).unwrap(), expected);
    assert_eq!(
        read_bytes(renamed("odd/byteorder", "odd/from before that entry")).unwrap(),
        expected
    );
}

#[test]
fn archives_of_other_kinds_are_refused() {
    assert!(message(renamed("odd/data.pkl", "odd/model.json")).contains("no data.pkl"));
    assert!(message(renamed("odd/data/12", "odd/data/13")).contains("odd/data/12"));
    assert!(message(renamed("odd/version", "odd/constants.pkl")).contains("TorchScript"));
    let big_endian = |name: &str, bytes| match name {
        "odd/byteorder" => (name.to_owned(), b"big".to_vec()),
        _ => (name.to_owned(), bytes),
    };
    assert!(message(archive(big_endian)).contains("big-endian"));
    let shorter = |name: &str, mut bytes: Vec<u8>| {
        bytes.truncate(100);
        (name.to_owned(), bytes)
    };
    let values_only = |name: &str, bytes| {
        if name.contains("/data/") { shorter(name, bytes) } else { (name.to_owned(), bytes) }
    };
    assert!(message(archive(values_only)).contains("should hold 120 bytes, got 100"));
}

#[test]
fn compressed_entries_are_refused() {
    let mut file = std::fs::read(golden().join("checkpoints/odd.bin")).unwrap();
    let headers: Vec<_> =
        (0..file.len()).filter(|&at| file[at..].starts_with(b"PK\x01\x02")).collect();
    assert_eq!(headers.len(), 19);
    for at in headers {
        file[at + 10] = 8;
    }
    let said = message(file);
    assert!(said.contains("ompress"), "{said}");
}

// ------------------------------------------------------------ damage

/// A committed checkpoint, and what to do to it: bytes to overwrite, and how much of it to keep.
fn damage()
-> impl Strategy<Value = (usize, Vec<(prop::sample::Index, u8)>, Option<prop::sample::Index>)> {
    let flips = prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..12);
    (0usize..2, flips, prop::option::weighted(0.3, any::<prop::sample::Index>()))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(1500) })]

    #[test]
    fn damaged_checkpoints_never_panic((which, flips, keep) in damage()) {
        let file = ["checkpoints/odd.bin", "checkpoints/odd-legacy.bin"][which];
        let mut bytes = std::fs::read(golden().join(file)).unwrap();
        for (at, value) in flips {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        if let Some(keep) = keep {
            bytes.truncate(keep.index(bytes.len()));
        }
        let total = bytes.len();
        if let Ok(tensors) = read_bytes(bytes) {
            prop_assert!(tensors.iter().map(|tensor| tensor.bytes.len()).sum::<usize>() <= 8 * total);
        }
    }

    #[test]
    fn any_operations_never_panic(operations in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = read_bytes(pickle().raw(&operations).file(&VALUES));
    }

    #[test]
    fn known_operations_in_any_order_never_panic(operations in prop::collection::vec(operation(), 0..60)) {
        let _ = read_bytes(pickle().raw(&operations.concat()).file(&VALUES));
    }
}

/// One operation with operands that make sense, so that chains of them get somewhere.
fn operation() -> impl Strategy<Value = Vec<u8>> {
    let plain = b"(}])taesuRbQN01\x85\x86\x87\x88\x89\x93\x94".map(|opcode| vec![opcode]);
    let text = |text: &str| Pickled::default().text(text).0;
    let whole = |pickle: Pickled| pickle.0;
    let mut operations = plain.to_vec();
    operations.extend([text("storage"), text("0"), text("w"), text("cpu"), text("model")]);
    operations.extend(
        (0u8..6).flat_map(|value| [vec![b'K', value], vec![b'q', value], vec![b'h', value]]),
    );
    let empty = Pickled::default;
    operations.extend([
        whole(empty().global("collections", "OrderedDict")),
        whole(empty().global("torch", "Size")),
        whole(empty().global("torch", "FloatStorage")),
        whole(empty().global("torch._utils", "_rebuild_tensor_v2")),
        whole(empty().storage("FloatStorage", "0", 6)),
        whole(empty().tensor(6, 0, &[2, 3], &[3, 1])),
        whole(empty().tuple(&[2, 3])),
        whole(empty().long(u64::MAX)),
        whole(empty().integer(-1)),
    ]);
    prop::sample::select(operations)
}
