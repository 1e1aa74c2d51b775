//! A damaged index: whatever its files hold, opening, searching and verifying end in an answer or
//! an error.
//!
//! The input says which index and file, what to search for, and which bytes to change or where to
//! cut. Checksums of the manifest, which [`Index::open`] reads, are put right again, so that what
//! it says is reached; of the other files a search reads no checksum.

#![no_main]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use spork_core::{DocId, TermId};
use spork_index::Index;
use spork_searcher::{FieldQuery, Limits, Query, QueryPruning, Scratch, Searcher, Simd, Strategy};
use tempfile::TempDir;

const FILES: [&str; 4] = ["postings.bin", "lexicon.bin", "docnos.bin", "meta.bin"];
const TERMS: [&str; 7] = ["cat", "##s", "猫", "dog", "bird", "fish", "eel"];
const STRATEGIES: [Strategy; 3] = [Strategy::Taat, Strategy::BlockMax, Strategy::Exhaustive];

/// A copy of one of the indexes that the tests keep, and its files as they should be.
struct Sound {
    _folder: TempDir,
    index: PathBuf,
    generation: PathBuf,
    files: [Vec<u8>; 4],
}

static SOUND: LazyLock<[Sound; 3]> =
    LazyLock::new(|| ["index-v4", "index-v4-compact", "index-v4-hybrid"].map(Sound::copy));

impl Sound {
    fn copy(name: &str) -> Self {
        let frozen = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/frozen").join(name);
        let folder = tempfile::tempdir().expect("a folder");
        let index = folder.path().to_owned();
        let current = fs::read_to_string(frozen.join("CURRENT")).expect("CURRENT");
        fs::write(index.join("CURRENT"), &current).expect("a copy");
        let generation = index.join(current.trim_end());
        fs::create_dir(&generation).expect("a folder");
        let files = FILES.map(|file| {
            let bytes =
                fs::read(frozen.join(current.trim_end()).join(file)).expect("a file of the index");
            fs::write(generation.join(file), &bytes).expect("a copy");
            bytes
        });
        Self { _folder: folder, index, generation, files }
    }

    /// Writes one file with some bytes changed, as `data` says: three bytes a change, its place and
    /// its value.
    fn damage(&self, file: usize, data: &[u8], cut: bool) {
        let mut bytes = self.files[file].clone();
        let (edits, _) = data.as_chunks::<3>();
        for &[low, high, value] in edits {
            let place = usize::from(u16::from_le_bytes([low, high])) % bytes.len().max(1);
            if cut {
                bytes.truncate(place);
            } else {
                bytes[place] = value;
            }
        }
        if FILES[file] == "meta.bin" && bytes.len() > 32 {
            seal(&mut bytes);
        }
        fs::write(self.generation.join(FILES[file]), bytes).expect("a damaged file");
    }

    fn repair(&self, file: usize) {
        fs::write(self.generation.join(FILES[file]), &self.files[file]).expect("a sound file");
    }
}

/// Makes the checksums of a frame right: see docs/format/index.md.
fn seal(bytes: &mut [u8]) {
    let payload = crc32fast::hash(&bytes[32..]);
    bytes[24..28].copy_from_slice(&payload.to_le_bytes());
    let header = crc32fast::hash(&bytes[..28]);
    bytes[28..32].copy_from_slice(&header.to_le_bytes());
}

fn read(index: &Index, choice: u8) {
    let terms = TERMS.iter().enumerate().filter(|(i, _)| choice >> i & 1 == 1);
    let weights: Vec<(&str, f32)> = terms.map(|(i, term)| (*term, 1.0 + i as f32)).collect();
    for id in 0..index.lexicon().len().min(16) {
        let _ = index.lexicon().term(TermId(id));
    }
    for docid in 0..index.docnos().len().min(16) {
        let _ = index.docnos().get(DocId(docid));
    }
    let _ = index.docnos().find("d77");
    let field = |field| FieldQuery { field, weights: &weights, share: 1.0 };
    let fields: Vec<_> = (0..index.manifest().fields.len().min(8)).map(field).collect();
    if let Ok(query) = Query::mixed(index, &fields, QueryPruning::default()) {
        search(index, &query, usize::from(choice));
    }
    let _ = spork_index::verify(index);
}

fn search(index: &Index, query: &Query, k: usize) {
    let mut scratch = Scratch::default();
    for simd in Simd::permitted().expect("no cap, or one that can be kept") {
        let searcher = Searcher::new(index).with_simd(simd);
        for strategy in STRATEGIES {
            let _ = searcher.search(query, k, strategy, &mut scratch);
        }
        let limited = searcher.with_limits(Limits { postings: 100, ..Limits::default() });
        let _ = limited.search(query, k, Strategy::BlockMax, &mut scratch);
        let _ = searcher.search_batch(std::slice::from_ref(query), k, Strategy::Taat);
    }
    for docid in [0, 7, 1200, 1302, 65_536] {
        let _ = Searcher::new(index).score(query, DocId(docid));
    }
}

fuzz_target!(|data: &[u8]| {
    let [which, choice, edits @ ..] = data else { return };
    let (sound, file) = (&SOUND[usize::from(which >> 3) % 3], usize::from(which >> 1 & 3));
    sound.damage(file, edits, which & 1 == 1);
    if let Ok(index) = Index::open(&sound.index) {
        read(&index, *choice);
    }
    sound.repair(file);
});
