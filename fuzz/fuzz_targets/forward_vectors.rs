//! Forward vectors: any bytes as a file, any bytes as one document, and changed bytes of a file.

#![no_main]

mod frame;

use std::path::Path;
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use spork_core::{DocId, Impact, TermId};
use spork_index::{ForwardVectors, ForwardVectorsWriter};
use tempfile::TempDir;

const DOCUMENTS: u32 = 70;
const TERMS: [u32; 3] = [300, 0, 40_000];

static FOLDER: LazyLock<TempDir> = LazyLock::new(|| tempfile::tempdir().expect("a folder"));

static SOUND: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let mut writer = ForwardVectorsWriter::create(FOLDER.path(), &TERMS).expect("a file");
    for document in 0..DOCUMENTS {
        let terms = (0..document % 40).map(|i| TermId(i * 9 + i * i * 25));
        let impact = |term: &TermId| (1 + term.0 * document % 300) as Impact;
        let document: Vec<_> = terms.map(|term| (term, impact(&term))).collect();
        writer.push(&document).expect("memory and a disk");
    }
    writer.finish().expect("a disk");
    std::fs::read(FOLDER.path().join("vectors.bin")).expect("the file")
});

fuzz_target!(|data: &[u8]| {
    let Some((&choice, data)) = data.split_first() else { return };
    match choice % 3 {
        0 => read(framed(data), u32::from(choice >> 2)),
        1 => read(framed(&document(data)), 1),
        _ => {
            let mut bytes = SOUND.clone();
            for &[low, high, value] in data.as_chunks::<3>().0 {
                let place = usize::from(u16::from_le_bytes([low, high]));
                let place = 32 + place % (bytes.len() - 32);
                bytes[place] = value;
            }
            read(framed(&bytes[32..]), DOCUMENTS);
        }
    }
});

/// One document, and the tables behind it.
fn document(content: &[u8]) -> Vec<u8> {
    let mut payload = content.to_vec();
    payload.extend([0; 8 + 8 + 2]);
    payload.extend(TERMS.into_iter().flat_map(u32::to_le_bytes));
    payload.extend((content.len() as u64).to_le_bytes());
    payload.extend([1, TERMS.len() as u32].into_iter().flat_map(u32::to_le_bytes));
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
    std::fs::write(folder.join("vectors.bin"), bytes).expect("a damaged file");
    let Ok(vectors) = ForwardVectors::open(folder, documents, &TERMS) else { return };
    let all: u32 = TERMS.iter().sum();
    let mut postings = Vec::new();
    for docid in (0..documents).map(DocId) {
        if vectors.get(docid, &mut postings).is_ok() {
            assert!(postings.iter().all(|(term, _)| term.0 < all));
        }
    }
    let _ = vectors.verify();
}
