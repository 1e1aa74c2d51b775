//! Stored texts: any bytes as a file, changed bytes of a file with a dictionary, and any bytes as
//! what a block holds.

#![no_main]

mod frame;

use std::path::Path;
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use spork_core::DocId;
use spork_index::{Texts, TextsWriter};
use tempfile::TempDir;

/// Enough texts for a dictionary.
const DOCUMENTS: u32 = 1000;

static FOLDER: LazyLock<TempDir> = LazyLock::new(|| tempfile::tempdir().expect("a folder"));

static SOUND: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let words = ["index", "of", "sparse", "vectors", "by", "impact", "猫", "née"];
    let mut writer = TextsWriter::create(FOLDER.path()).expect("a file");
    for document in 0..DOCUMENTS as usize {
        let words = (0..60).map(|i| words[(i * i + document * (i % 7)) % words.len()]);
        let text = words.collect::<Vec<_>>().join(" ");
        writer.push((document % 9 > 0).then_some(&text)).expect("memory and a disk");
    }
    writer.finish().expect("a disk");
    std::fs::read(FOLDER.path().join("texts.bin")).expect("the file")
});

fuzz_target!(|data: &[u8]| {
    let Some((&choice, data)) = data.split_first() else { return };
    let documents = u32::from(choice >> 2);
    match choice % 3 {
        0 => read(framed(data), documents),
        1 => read(framed(&block(data, documents)), documents),
        _ => {
            let mut bytes = SOUND.clone();
            for &[low, high, value] in data.as_chunks::<3>().0 {
                // From the front, where the dictionary is, and from the back, where the tables are.
                let place = usize::from(u16::from_le_bytes([low, high]));
                let place = place % (bytes.len() - 32);
                let place = if value & 1 == 0 { 32 + place } else { bytes.len() - 1 - place };
                bytes[place] = value;
            }
            read(framed(&bytes[32..]), DOCUMENTS);
        }
    }
});

/// One block without a dictionary, and the tables behind it.
fn block(content: &[u8], documents: u32) -> Vec<u8> {
    let mut payload = zstd::bulk::compress(content, 1).expect("memory to compress to");
    let end = payload.len() as u64;
    payload.extend([0, end].into_iter().flat_map(u64::to_le_bytes));
    payload.extend([0, 0, 0, documents, 1, 1, 0].into_iter().flat_map(u32::to_le_bytes));
    payload.extend(0u64.to_le_bytes());
    payload
}

/// A file with this payload: the header of a sound one, with the checksums of this one.
fn framed(payload: &[u8]) -> Vec<u8> {
    let mut bytes = [&SOUND[..32], payload].concat();
    frame::seal(&mut bytes);
    bytes
}

fn read(bytes: Vec<u8>, documents: u32) {
    let folder: &Path = FOLDER.path();
    std::fs::write(folder.join("texts.bin"), bytes).expect("a damaged file");
    let Ok(texts) = Texts::open(folder, documents) else { return };
    let mut reader = texts.reader();
    for docid in (0..documents.min(32)).chain(documents.saturating_sub(2)..documents).map(DocId) {
        let (one, other) = (texts.get(docid).ok(), reader.get(docid).ok());
        assert_eq!(one, other.map(|text| text.map(str::to_owned)));
    }
    let _ = texts.verify();
}
