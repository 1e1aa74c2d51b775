//! An index with bytes changed or cut off: opened, searched by every strategy and verified. It may refuse or answer, but
//! not panic, and not read what is not its own.
//!
//! Input: which codec, which file, how much is cut off, then changes: three bytes of place, one of what to xor.

#![no_main]

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use spork_index::{Codec, Index, verify};
use spork_indexer::{Options, Silent, index_vectors};
use spork_searcher::{Limits, Query, QueryPruning, Scratch, Searcher, Strategy};

const FILES: [&str; 4] = ["postings.bin", "lexicon.bin", "docnos.bin", "meta.bin"];
const DOCUMENTS: u32 = 3_000;
const TERMS: u32 = 60;

/// An index and its files as they should be.
struct Whole {
    folder: PathBuf,
    files: Vec<(PathBuf, Vec<u8>)>,
}

static INDEXES: LazyLock<Vec<Whole>> =
    LazyLock::new(|| [Codec::Fast, Codec::Compact].into_iter().map(whole).collect());

/// Lists of all densities, from one document to all: each has its own shape in the postings.
fn vectors() -> String {
    let mut lines = String::new();
    for document in 0..DOCUMENTS {
        let mut weights = String::new();
        for term in 0..TERMS {
            let mixed = (document.wrapping_mul(2_654_435_761) ^ term.wrapping_mul(40_503)).wrapping_mul(2_246_822_519);
            if (mixed >> 8) % (1 + term * term) == 0 {
                let comma = if weights.is_empty() { "" } else { "," };
                let _ = write!(weights, "{comma}\"t{term}\":{}", 1 + mixed % 255);
            }
        }
        let _ = writeln!(lines, "{{\"id\":\"{document}\",\"vector\":{{{weights}}}}}");
    }
    lines
}

fn whole(codec: Codec) -> Whole {
    let folder = std::env::temp_dir().join(format!("spork-fuzz-{}-{codec:?}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let input = folder.join("vectors.jsonl");
    std::fs::write(&input, vectors()).unwrap();
    let index = folder.join("index");
    let options = Options { codec, properties: BTreeMap::new(), ..Options::default() };
    index_vectors(&[input], &index, &options, &Silent).unwrap();
    let generation = index.join("generation-000001");
    let files = FILES.map(|name| (generation.join(name), std::fs::read(generation.join(name)).unwrap()));
    Whole { folder: index, files: files.into() }
}

fn use_it(folder: &Path) {
    let Ok(index) = Index::open(folder) else { return };
    let _ = verify(&index);
    let weights: Vec<(String, f32)> = (0..TERMS).step_by(7).map(|term| (format!("t{term}"), 1.0 + term as f32)).collect();
    let Ok(query) = Query::pruned(&index, &weights, QueryPruning::default()) else { return };
    let mut scratch = Scratch::default();
    for limits in [Limits::default(), Limits { alpha: 0.8, ..Limits::default() }] {
        let searcher = Searcher::new(&index).with_limits(limits);
        for strategy in [Strategy::Exhaustive, Strategy::Taat, Strategy::Blocks] {
            for k in [1, 10, 5_000] {
                let _ = searcher.search(&query, k, strategy, &mut scratch);
            }
        }
    }
}

fuzz_target!(|input: &[u8]| {
    let [codec, file, cut, changes @ ..] = input else { return };
    let whole = &INDEXES[usize::from(*codec) % INDEXES.len()];
    let (path, bytes) = &whole.files[usize::from(*file) % whole.files.len()];
    let mut changed = bytes.clone();
    changed.truncate(changed.len().saturating_sub(usize::from(*cut)));
    for change in changes.chunks_exact(4) {
        let at = usize::from(change[0]) << 16 | usize::from(change[1]) << 8 | usize::from(change[2]);
        let length = changed.len().max(1);
        if let Some(byte) = changed.get_mut(at % length) {
            *byte ^= change[3];
        }
    }
    std::fs::write(path, &changed).unwrap();
    use_it(&whole.folder);
    std::fs::write(path, bytes).unwrap();
});
