use proptest::prelude::*;
use spork_core::DocId;
use tempfile::TempDir;

use super::*;
use crate::Error;

/// The texts in a file of their own.
fn written(texts: &[Option<String>]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let mut writer = TextsWriter::create(folder.path()).unwrap();
    for text in texts {
        writer.push(text.as_deref()).unwrap();
    }
    let summary = writer.finish().unwrap();
    let opened = Texts::open(folder.path(), texts.len() as u32).unwrap();
    assert_eq!(opened.frame.summary(), summary);
    folder
}

fn bytes(folder: &TempDir) -> Vec<u8> {
    std::fs::read(folder.path().join("texts.bin")).unwrap()
}

fn assert_round_trip(texts: &[Option<String>]) -> TempDir {
    let folder = written(texts);
    let opened = Texts::open(folder.path(), texts.len() as u32).unwrap();
    opened.verify().unwrap();
    assert_eq!(opened.len() as usize, texts.len());
    let length: usize = texts.iter().flatten().map(String::len).sum();
    assert_eq!(opened.text_bytes(), length as u64);
    let mut reader = opened.reader();
    for (docid, text) in texts.iter().enumerate().rev() {
        let docid = DocId(docid as u32);
        assert_eq!(opened.get(docid).unwrap(), *text);
        assert_eq!(reader.get(docid).unwrap(), text.as_deref());
    }
    assert!(opened.get(DocId(texts.len() as u32)).is_err());
    folder
}

/// Sentences that have something in common, as texts of a collection do.
fn sentences(count: usize) -> Vec<Option<String>> {
    let words =
        ["retrieval", "of", "sparse", "vectors", "by", "impact", "is", "exact", "猫", "née"];
    let mut state = 7u64;
    let mut word = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        words[(state >> 33) as usize % words.len()]
    };
    (0..count).map(|_| Some((0..60).map(|_| word()).collect::<Vec<_>>().join(" "))).collect()
}

#[test]
fn none_and_empty_are_told_apart() {
    assert_round_trip(&[]);
    assert_round_trip(&[None]);
    assert_round_trip(&[Some(String::new())]);
    assert_round_trip(&[None, Some(String::new()), Some("a".into()), None, Some("猫\0\n".into())]);
    assert_round_trip(&vec![None; 3 * BLOCK]);
}

#[test]
fn texts_longer_than_a_block_have_their_own() {
    let long = "word ".repeat(BLOCK);
    let texts = [Some("a".into()), Some(long), Some("b".into()), Some("c".repeat(BLOCK - 2))];
    assert_round_trip(&texts);
}

#[test]
fn a_large_chunk_has_a_dictionary_and_a_small_one_none() {
    let size = |texts: &[Option<String>]| {
        let folder = assert_round_trip(texts);
        let opened = Texts::open(folder.path(), texts.len() as u32).unwrap();
        (0..opened.tables.chunks as usize)
            .map(|chunk| opened.tables.dictionary(&opened.frame, chunk).unwrap().0.len())
            .collect::<Vec<_>>()
    };
    assert_eq!(size(&sentences(100)), [0]);
    let [large] = size(&sentences(2000))[..] else { panic!("one chunk") };
    assert!(large > 1000, "{large}");
}

#[test]
fn bytes_do_not_depend_on_threads() {
    let texts = sentences(5000);
    let with_threads = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        bytes(&pool.install(|| written(&texts)))
    };
    assert_eq!(with_threads(1), with_threads(4));
}

#[test]
fn chunks_follow_each_other() {
    let text = sentences(1).pop().flatten().unwrap();
    let long = text.repeat(CHUNK / 2 / text.len());
    let texts = [Some(long.clone()), Some(text.clone()), Some(long.clone()), None, Some(text)];
    let folder = assert_round_trip(&texts);
    let opened = Texts::open(folder.path(), texts.len() as u32).unwrap();
    assert_eq!(opened.tables.chunks, 2);
}

#[test]
fn threads_read_at_once() {
    let texts = sentences(1000);
    let folder = written(&texts);
    let opened = Texts::open(folder.path(), texts.len() as u32).unwrap();
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let (opened, texts) = (&opened, &texts);
            scope.spawn(move || {
                for (docid, text) in texts.iter().enumerate().skip(thread).step_by(3) {
                    assert_eq!(opened.get(DocId(docid as u32)).unwrap(), *text);
                }
            });
        }
    });
}

#[test]
fn another_number_of_documents_is_refused() {
    let folder = written(&sentences(3));
    let error = Texts::open(folder.path(), 4).unwrap_err().to_string();
    assert!(error.contains("expected 4 texts, got 3"), "{error}");
    assert!(matches!(TextsWriter::create(folder.path()), Err(Error::Io { .. })));
}

/// Writes damaged bytes with checksums that agree with them, and reads everything.
fn read_damaged(folder: &TempDir, mut damaged: Vec<u8>, documents: u32) -> bool {
    crate::frame::seal(&mut damaged);
    std::fs::write(folder.path().join("texts.bin"), &damaged).unwrap();
    let Ok(texts) = Texts::open(folder.path(), documents) else { return false };
    let mut reader = texts.reader();
    for docid in (0..documents).map(DocId) {
        let (one, other) = (texts.get(docid), reader.get(docid));
        assert_eq!(one.ok(), other.ok().map(|text| text.map(str::to_owned)));
    }
    texts.verify().is_ok()
}

#[test]
fn damage_of_tables_is_found() {
    let texts = sentences(40);
    let folder = written(&texts);
    let sound = bytes(&folder);
    assert!(read_damaged(&folder, sound.clone(), 40));
    let start = sound.len() - 24 - 8 - 2 * 12 - 8;
    for at in start..sound.len() {
        for bit in [1, 0x80] {
            let mut damaged = sound.clone();
            damaged[at] ^= bit;
            assert!(!read_damaged(&folder, damaged, 40), "byte {at}");
        }
    }
    for length in 32..sound.len() {
        assert!(!read_damaged(&folder, sound[..length].to_vec(), 40), "{length} bytes");
    }
}

fn any_texts() -> impl Strategy<Value = Vec<Option<String>>> {
    let text = prop_oneof![
        4 => any::<String>(),
        1 => (any::<char>(), 0usize..20_000).prop_map(|(one, count)| one.to_string().repeat(count)),
    ];
    prop::collection::vec(prop::option::weighted(0.8, text), 0..60)
}

proptest! {
    #[test]
    fn any_texts_round_trip(texts in any_texts()) {
        assert_round_trip(&texts);
    }

    #[test]
    fn damage_is_an_answer_or_an_error(
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        large in any::<bool>(),
    ) {
        let texts = sentences(if large { 900 } else { 30 });
        let folder = written(&texts);
        let mut damaged = bytes(&folder);
        for (place, value) in edits {
            let place = 32 + place.index(damaged.len() - 32);
            damaged[place] = value;
        }
        read_damaged(&folder, damaged, texts.len() as u32);
    }
}
