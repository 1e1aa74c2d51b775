//! Damaged indexes: whatever the bytes say, opening, verifying and searching end in an answer or an
//! error.
//!
//! 2,000 of them; `SPORK_DAMAGE_CASES=1000000` makes it a long run.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::{Path, PathBuf};

use proptest::prelude::{Strategy as Generate, *};
use spork_core::DocId;
use spork_index::{Index, verify};
use spork_indexer::{Options, Silent, index_vectors};
use spork_postings::Codec;
use spork_searcher::{Query, Scratch, Searcher, Simd, Strategy};

const FILES: [&str; 5] = [
    "generation-000001.bin",
    "segment-000001/segment.bin",
    "segment-000001/lexicon.bin",
    "segment-000001/docnos.bin",
    "segment-000001/postings.bin",
];
const HEADER: usize = 32;

fn build(folder: &Path, codec: Codec) -> PathBuf {
    // Lists of all shapes over two groups of blocks: bitmaps or masks b and c, pairs a (of two
    // bytes), pairs or masks p, sparse or chunks s.
    let lines: String = (0..1200)
        .map(|i| {
            let rare = match i % 200 {
                0 => ", \"s\": 9, \"p\": 3",
                40 | 80 | 120 | 160 => ", \"p\": 3",
                _ => "",
            };
            format!(
                "{{\"id\": \"d{i}\", \"vector\": {{\"a{}\": {}, \"b\": {}, \"c{}\": 1{rare}}}}}\n",
                i % 7,
                1 + i % 400,
                1 + i % 5,
                i % 3
            )
        })
        .collect();
    let input = folder.join("v.jsonl");
    std::fs::write(&input, lines).unwrap();
    let output = folder.join("index");
    index_vectors(&[input], &output, &Options { codec, ..Options::default() }, &Silent).unwrap();
    output
}

/// Uses everything that reads bytes.
fn use_it(folder: &Path) -> Result<(), Box<dyn std::error::Error>> {
    let index = Index::open(folder)?;
    let verified = verify(&index);
    let _ = index.find("d7");
    let _ = index.docno(DocId(1199));
    let weights: Vec<(String, f32)> = (0..7)
        .map(|i| format!("a{i}"))
        .chain(["b", "c1", "p", "s"].map(str::to_owned))
        .map(|term| (term, 2.0))
        .collect();
    let query = Query::new(&index, &weights)?;
    let mut scratch = Scratch::default();
    for simd in Simd::permitted()? {
        for strategy in [Strategy::Exhaustive, Strategy::Taat, Strategy::BlockMax] {
            for k in [3, 1000] {
                let searcher = Searcher::new(&index).with_simd(simd);
                let ranking = searcher.search(&query, k, strategy, &mut scratch)?;
                assert!(ranking.hits.iter().all(|hit| hit.docid.0 < index.docids()));
            }
        }
    }
    // Sums that damage leaves behind in reused memory would change later answers.
    let searcher = Searcher::new(&index);
    let again = searcher.search(&query, 1000, Strategy::Taat, &mut scratch)?.hits;
    assert_eq!(again, searcher.search(&query, 1000, Strategy::Taat, &mut Scratch::default())?.hits);
    Ok(verified?)
}

/// Repairs the checksums, as somebody would who wants the damage to go unseen.
fn forge(bytes: &mut [u8]) {
    if bytes.len() < HEADER {
        return;
    }
    let payload = crc32fast::hash(&bytes[HEADER..]);
    let length = (bytes.len() - HEADER) as u64;
    bytes[16..24].copy_from_slice(&length.to_le_bytes());
    bytes[24..28].copy_from_slice(&payload.to_le_bytes());
    let header = crc32fast::hash(&bytes[..28]);
    bytes[28..32].copy_from_slice(&header.to_le_bytes());
}

fn damage()
-> impl Generate<Value = (usize, bool, Vec<(prop::sample::Index, u8)>, Option<prop::sample::Index>)>
{
    let changes = prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8);
    (0..FILES.len(), any::<bool>(), changes, prop::option::of(any::<prop::sample::Index>()))
}

#[test]
fn damaged_bytes_never_panic() {
    check(Codec::Fast);
}

#[test]
fn damaged_bytes_of_a_compact_index_never_panic() {
    check(Codec::Compact);
}

fn check(codec: Codec) {
    let folder = tempfile::tempdir().unwrap();
    let index = build(folder.path(), codec);
    use_it(&index).unwrap();
    let whole: Vec<Vec<u8>> =
        FILES.iter().map(|name| std::fs::read(index.join(name)).unwrap()).collect();
    let cases = std::env::var("SPORK_DAMAGE_CASES")
        .ok()
        .and_then(|cases| cases.parse().ok())
        .unwrap_or(2000);
    proptest!(ProptestConfig::with_cases(cases), |((file, forged, changes, cut) in damage())| {
        let mut bytes = whole[file].clone();
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        if !bytes.is_empty() {
            for (at, value) in &changes {
                let at = at.index(bytes.len());
                bytes[at] = *value;
            }
        }
        let changed = bytes != whole[file];
        if forged {
            forge(&mut bytes);
        }
        let path = index.join(FILES[file]);
        std::fs::write(&path, &bytes).unwrap();
        let outcome = use_it(&index);
        std::fs::write(&path, &whole[file]).unwrap();
        // Without forged checksums, every change is found.
        prop_assert!(forged || !changed || outcome.is_err());
    });
}
