//! A damaged index: whatever its files hold, opening, searching and verifying end in an answer or
//! an error.
//!
//! The input says which index and file, what to search for, and which bytes to change or where to
//! cut. Checksums of what [`Index::open`] reads, the manifest and the segments' summaries, are put
//! right again, so that what they say is reached; of the other files a search reads no checksum.

#![no_main]

mod frame;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use spork_core::{DocId, TermId};
use spork_index::Index;
use spork_searcher::{FieldQuery, Limits, Query, QueryPruning, Scratch, Searcher, Simd, Strategy};
use tempfile::TempDir;

const TERMS: [&str; 7] = ["cat", "##s", "猫", "dog", "bird", "fish", "eel"];
const STRATEGIES: [Strategy; 3] = [Strategy::Taat, Strategy::BlockMax, Strategy::Exhaustive];
const HEADER: usize = 32;

/// A copy of one of the indexes that the tests keep, and its files as they should be.
struct Sound {
    _folder: TempDir,
    index: PathBuf,
    files: Vec<(PathBuf, Vec<u8>)>,
}

/// In one codec each, of two fields, of two segments some of whose documents are deleted, and with
/// everything stored.
static SOUND: LazyLock<[Sound; 5]> = LazyLock::new(|| {
    ["index-v5", "index-v5-compact", "index-v5-hybrid", "index-v5-living", "index-v5-stored"]
        .map(Sound::copy)
});

impl Sound {
    fn copy(name: &str) -> Self {
        let frozen = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/frozen").join(name);
        let folder = tempfile::tempdir().expect("a folder");
        let index = folder.path().to_owned();
        let mut files = Vec::new();
        copy(&frozen, &index, &mut files);
        files.sort();
        Self { _folder: folder, index, files }
    }

    /// Writes one file with some bytes changed, as `data` says: three bytes a change, its place and
    /// its value.
    fn damage(&self, file: usize, data: &[u8], cut: bool) {
        let (path, sound) = &self.files[file];
        let mut bytes = sound.clone();
        let (edits, _) = data.as_chunks::<3>();
        for &[low, high, value] in edits {
            let place = usize::from(u16::from_le_bytes([low, high])) % bytes.len().max(1);
            if cut {
                bytes.truncate(place);
            } else {
                bytes[place] = value;
            }
        }
        if is_record(path) && bytes.len() > HEADER {
            frame::seal(&mut bytes);
        }
        self.name_as(path, &bytes);
        fs::write(path, bytes).expect("a damaged file");
    }

    /// Lets the manifest name the summary of a segment, or its living documents, as it is now: else
    /// it would be refused as another index's.
    fn name_as(&self, path: &Path, bytes: &[u8]) {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if !(name == "segment.bin" || name.starts_with("living-")) || bytes.len() < HEADER {
            return;
        }
        let sound = self.files.iter().find(|(file, _)| file == path).map(|(_, bytes)| bytes);
        let sound: &[u8] = sound.map_or(&[], |sound| &sound[16..28]);
        for (manifest, content) in self.manifests() {
            let mut content = content.clone();
            let at = content.windows(sound.len()).position(|window| window == sound);
            if let Some(at) = at {
                content[at..at + 12].copy_from_slice(&bytes[16..28]);
                frame::seal(&mut content);
                fs::write(manifest, content).expect("a manifest");
            }
        }
    }

    fn manifests(&self) -> impl Iterator<Item = &(PathBuf, Vec<u8>)> {
        self.files.iter().filter(|(path, _)| path.parent() == Some(&self.index) && is_record(path))
    }

    fn repair(&self, file: usize) {
        for (path, bytes) in self.manifests().chain([&self.files[file]]) {
            fs::write(path, bytes).expect("a sound file");
        }
    }
}

/// Copies a folder, and notes its files.
fn copy(from: &Path, to: &Path, files: &mut Vec<(PathBuf, Vec<u8>)>) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("the frozen index") {
        let (path, to) =
            entry.map(|entry| (entry.path(), to.join(entry.file_name()))).expect("a file");
        if path.is_dir() {
            copy(&path, &to, files);
        } else {
            let bytes = fs::read(&path).expect("a file of the index");
            fs::write(&to, &bytes).expect("a copy");
            files.push((to, bytes));
        }
    }
}

/// Whether opening reads all of a file, and its checksum.
fn is_record(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.starts_with("generation-") || name == "segment.bin"
}

fn read(index: &Index, choice: u8) {
    let terms = TERMS.iter().enumerate().filter(|(i, _)| choice >> i & 1 == 1);
    let weights: Vec<(&str, f32)> = terms.map(|(i, term)| (*term, 1.0 + i as f32)).collect();
    for segment in index.segments() {
        for id in 0..segment.lexicon().len().min(16) {
            let _ = segment.lexicon().term(TermId(id));
            let _ = segment.statistics(TermId(id));
        }
        let _ = segment.survivors(&[DocId(1), DocId(77)]);
        for docid in 0..segment.documents().min(4) {
            let _ = segment.texts().map(|texts| texts.get(DocId(docid)));
            let _ = segment.columns().map(|columns| columns.row(docid));
            let vectors = segment.forward_vectors();
            let _ = vectors.map(|vectors| vectors.get(DocId(docid), &mut Vec::new()));
        }
    }
    for docid in 0..index.docids().min(16) {
        let _ = index.docno(DocId(docid));
    }
    let _ = index.find("d77");
    let _ = index.terms_of(0);
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
    let number = usize::from(which >> 1);
    let sound = &SOUND[number % SOUND.len()];
    let file = number / SOUND.len() % sound.files.len();
    sound.damage(file, edits, which & 1 == 1);
    if let Ok(index) = Index::open(&sound.index) {
        read(&index, *choice);
    }
    sound.repair(file);
});
