//! The binary format: what is written reads back, what is damaged is refused, what was cut off is
//! finished to the same bytes.

#![allow(clippy::unwrap_used, reason = "a test that can't go on should stop")]

use std::path::Path;

use proptest::prelude::*;
use spork_core::TermId;
use spork_vectors::binary::{
    BLOCK, BinaryFile, BinaryReader, BinaryWriter, Damage, Header, Resumed, TextDigest,
    WeightFormat,
};
use spork_vectors::{Error, Shard};

type Vector = (String, Vec<(String, f32)>);

fn write(vectors: &[Vector], header: &Header) -> Vec<u8> {
    let mut writer = BinaryWriter::new(Vec::new(), header).unwrap();
    for (id, weights) in vectors {
        writer
            .push_encoded(id, id, weights.iter().map(|(term, weight)| (term.as_str(), *weight)))
            .unwrap();
    }
    writer.finish().unwrap()
}

fn read(bytes: &[u8]) -> spork_vectors::Result<Vec<Vector>> {
    let mut reader = BinaryReader::new(Path::new("test"), bytes)?;
    let (mut vectors, mut terms) = (Vec::new(), Vec::new());
    while let Some(block) = reader.next_block()? {
        terms.extend(block.new_terms);
        for vector in block.vectors {
            let term = |(id, weight): (TermId, f32)| (terms[id.0 as usize].clone(), weight);
            vectors.push((vector.id, vector.vector.into_iter().map(term).collect()));
        }
    }
    Ok(vectors)
}

fn header(weights: WeightFormat) -> Header {
    let encoder = Some(serde_json::json!({"name": "test"}));
    Header { weights, encoder, shard: "2/3".parse().ok() }
}

/// Short vectors over few terms, more than two blocks.
fn many() -> Vec<Vector> {
    let weights = |number: usize| {
        let term =
            |offset: usize| (format!("t{offset}-{}", number % 97), 1.0 + (number % 5) as f32);
        (0..number % 3).map(term).collect()
    };
    (0..2 * BLOCK + 100).map(|number| (format!("d{number}"), weights(number))).collect()
}

proptest! {
    #[test]
    fn what_is_written_reads_back(
        vectors in prop::collection::vec(
            ("[^\\s]{1,8}", prop::collection::btree_map(".{0,6}", 1e-20f32..1e30, 0..20)), 0..30),
    ) {
        let vectors: Vec<Vector> =
            vectors.into_iter().map(|(id, weights)| (id, weights.into_iter().collect())).collect();
        let mut got = read(&write(&vectors, &header(WeightFormat::F32))).unwrap();
        for (_, weights) in &mut got {
            weights.sort_by(|a, b| a.0.cmp(&b.0));
        }
        prop_assert_eq!(got, vectors);
    }

    #[test]
    fn coarse_weights_are_near(weights in prop::collection::vec(1e-3f32..5.0, 1..200)) {
        let vector = weights.iter().enumerate().map(|(term, &weight)| (term.to_string(), weight)).collect();
        let vectors = [("d".to_owned(), vector)];
        let largest = weights.iter().copied().fold(0.0, f32::max);
        for (format, relative, absolute) in
            [(WeightFormat::F16, 1.0 / 2048.0, 0.0), (WeightFormat::U8, 0.0, largest / 509.0)]
        {
            let got = read(&write(&vectors, &header(format))).unwrap().remove(0).1;
            for (term, &weight) in weights.iter().enumerate() {
                let stored = got.iter().find(|(name, _)| *name == term.to_string());
                let stored = stored.map_or(0.0, |&(_, weight)| weight);
                prop_assert!((stored - weight).abs() <= relative * weight + absolute, "{weight} as {stored}");
            }
        }
    }

    #[test]
    fn no_damage_goes_unseen(place in any::<prop::sample::Index>(), bit in 0..8u32) {
        let mut bytes = write(&many()[..20], &header(WeightFormat::F16));
        let place = place.index(bytes.len());
        bytes[place] ^= 1 << bit;
        let error = read(&bytes).unwrap_err();
        let told = matches!(error, Error::Damaged { .. });
        prop_assert!(told, "{error}");
    }

    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let mut whole = write(&[], &Header::default());
        whole.truncate(whole.len() - 24);
        whole.extend(&bytes);
        prop_assert!(read(&whole).is_err() && read(&bytes).is_err());
    }
}

#[test]
fn every_cut_is_told() {
    let bytes = write(&many()[..20], &header(WeightFormat::F32));
    for length in 0..bytes.len() {
        let error = read(&bytes[..length]).unwrap_err();
        let expected = matches!(
            error,
            Error::Damaged { damage: Damage::CutShort | Damage::Header { .. }, .. }
        );
        assert!(expected, "{length}: {error}");
    }
}

/// Goes on with `partial`, gives what is missing of `vectors`, and returns the file's bytes.
fn finish(partial: &[u8], vectors: &[Vector], header: &Header) -> (Vec<u8>, Resumed) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("vectors.svec");
    std::fs::write(folder.path().join("vectors.svec.partial"), partial).unwrap();
    let (mut file, resumed) = BinaryFile::resume(&path, header).unwrap();
    for (id, weights) in &vectors[resumed.ids.len()..] {
        file.push_encoded(id, id, weights.iter().map(|(term, weight)| (term.as_str(), *weight)))
            .unwrap();
    }
    file.finish().unwrap();
    (std::fs::read(path).unwrap(), resumed)
}

#[test]
fn a_run_that_was_cut_off_goes_on_to_the_same_bytes() {
    let (vectors, header) = (many(), header(WeightFormat::F32));
    let whole = write(&vectors, &header);
    let mut kept = std::collections::BTreeSet::new();
    for cut in (0..=40).map(|part| whole.len() * part / 40).chain([1, 9, 10, 30]) {
        let (bytes, resumed) = finish(&whole[..cut], &vectors, &header);
        assert_eq!(bytes, whole, "cut at {cut}");
        assert!(resumed.damage.is_none());
        assert!(resumed.ids.iter().zip(&vectors).all(|(id, vector)| *id == vector.0));
        kept.insert(resumed.ids.len());
    }
    assert_eq!(Vec::from_iter(kept), [0, BLOCK, 2 * BLOCK]);
}

#[test]
fn a_damaged_tail_is_named_and_made_again() {
    let (vectors, header) = (many(), header(WeightFormat::F32));
    let whole = write(&vectors, &header);
    let mut damaged = whole.clone();
    let place = whole.len() * 3 / 4;
    damaged[place] ^= 4;
    let (bytes, resumed) = finish(&damaged, &vectors, &header);
    assert_eq!((bytes == whole, resumed.ids.len()), (true, BLOCK));
    assert!(matches!(resumed.damage, Some(Damage::Checksum { .. })), "{:?}", resumed.damage);
}

#[test]
fn another_runs_file_is_not_touched() {
    let folder = tempfile::tempdir().unwrap();
    let (path, partial) = (folder.path().join("v.svec"), folder.path().join("v.svec.partial"));
    let left = write(&many()[..5], &header(WeightFormat::F32));
    std::fs::write(&partial, &left).unwrap();
    let refused = BinaryFile::create(&path, &header(WeightFormat::F32)).err().unwrap().to_string();
    assert!(refused.contains("v.svec.partial") && refused.contains("--resume"), "{refused}");
    let refused = BinaryFile::resume(&path, &header(WeightFormat::F16)).err().unwrap().to_string();
    assert!(refused.contains("f16") && refused.contains("f32"), "{refused}");
    assert_eq!(std::fs::read(&partial).unwrap(), left);
}

#[test]
fn an_unfinished_file_gets_another_header_over_the_same_blocks() {
    let folder = tempfile::tempdir().unwrap();
    let (path, partial) = (folder.path().join("v.svec"), folder.path().join("v.svec.partial"));
    let (vectors, old) = (many(), header(WeightFormat::F32));
    assert_eq!(BinaryFile::earlier_header(&path).unwrap(), None);
    let whole = write(&vectors, &old);
    std::fs::write(&partial, &whole[..whole.len() * 3 / 4]).unwrap();
    assert_eq!(BinaryFile::earlier_header(&path).unwrap().as_ref(), Some(&old));
    let new = Header { encoder: Some("a longer description of it".into()), ..old };
    BinaryFile::change_header(&path, &new).unwrap();
    assert_eq!(BinaryFile::earlier_header(&path).unwrap().as_ref(), Some(&new));
    let left = std::fs::read(&partial).unwrap();
    let (bytes, resumed) = finish(&left, &vectors, &new);
    assert!(bytes == write(&vectors, &new) && resumed.ids.len() == BLOCK);
    // What was cut off within the header has none, and begins anew.
    std::fs::write(&partial, &whole[..12]).unwrap();
    assert_eq!(BinaryFile::earlier_header(&path).unwrap(), None);
    std::fs::remove_file(&partial).unwrap();
    std::fs::write(&path, &whole).unwrap();
    assert!(BinaryFile::earlier_header(&path).unwrap().is_some());
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

/// The digests of a file's blocks.
fn digests(bytes: &[u8]) -> Vec<Option<TextDigest>> {
    let mut reader = BinaryReader::new(Path::new("test"), bytes).unwrap();
    std::iter::from_fn(|| reader.next_block().unwrap()).map(|block| block.texts).collect()
}

#[test]
fn a_block_knows_its_texts_and_keeps_them_when_it_is_copied_whole() {
    let (vectors, header) = (many(), header(WeightFormat::F32));
    let whole = write(&vectors, &header);
    let known = digests(&whole);
    assert!(known.len() == 3 && known.iter().all(Option::is_some));
    assert!(known[0] != known[1] && known[1] != known[2]);

    let copy = |blocks: &[&[Vector]]| {
        let mut writer = BinaryWriter::new(Vec::new(), &header).unwrap();
        for (block, digest) in blocks.iter().zip(&known) {
            writer.begin_copy(*digest, block.len());
            for (id, weights) in *block {
                let weights = weights.iter().map(|(term, weight)| (term.as_str(), *weight));
                writer.push(id, weights).unwrap();
            }
        }
        writer.finish().unwrap()
    };
    let blocks: Vec<&[Vector]> = vectors.chunks(BLOCK).collect();
    assert!(copy(&blocks) == whole);
    // The second block begins inside the first of the copy.
    assert_eq!(digests(&copy(&[&blocks[0][..10], blocks[1]])), [None, None]);
    assert_eq!(digests(&copy(&[&blocks[0][..10], &blocks[1][..20]])), [None]);
}

#[test]
fn a_file_that_does_not_say_its_texts_is_not_resumed() {
    let folder = tempfile::tempdir().unwrap();
    let (path, partial) = (folder.path().join("v.svec"), folder.path().join("v.svec.partial"));
    let header = header(WeightFormat::F32);
    let mut writer = BinaryWriter::new(Vec::new(), &header).unwrap();
    for number in 0..=BLOCK {
        writer.push(&number.to_string(), [("t", 1.0)]).unwrap();
    }
    let left = writer.finish().unwrap();
    std::fs::write(&partial, &left).unwrap();
    std::fs::write(&path, &left).unwrap();
    for refused in [
        BinaryFile::resume(&path, &header).err().unwrap(),
        BinaryFile::finished(&path, &header).err().unwrap(),
    ] {
        assert!(matches!(refused, Error::TextsUnknown { .. }), "{refused}");
    }
    assert!(std::fs::read(&partial).unwrap() == left);
    assert!(BinaryFile::is_begun(&path));
    BinaryFile::replace(&path, &header).unwrap().finish().unwrap();
    assert!(
        !BinaryFile::is_begun(&path) && read(&std::fs::read(&path).unwrap()).unwrap().is_empty()
    );
}

#[test]
fn shards_take_turns() {
    let shards: Vec<Shard> = ["1/3", "2/3", "3/3"].map(|text| text.parse().unwrap()).to_vec();
    for block in 0..10 {
        let owners: Vec<bool> = shards.iter().map(|shard| shard.has_block(block)).collect();
        assert_eq!(owners.iter().filter(|&&owns| owns).count(), 1);
        assert!(owners[block % 3]);
    }
}
