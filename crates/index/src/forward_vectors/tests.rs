use proptest::prelude::*;
use spork_core::{DocId, Impact, TermId};
use tempfile::TempDir;

use super::*;

type Document = Vec<(TermId, Impact)>;

fn written(terms: &[u32], documents: &[Document]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let mut writer = ForwardVectorsWriter::create(folder.path(), terms).unwrap();
    for document in documents {
        writer.push(document).unwrap();
    }
    let summary = writer.finish().unwrap();
    let opened = ForwardVectors::open(folder.path(), documents.len() as u32, terms).unwrap();
    assert_eq!(opened.frame.summary(), summary);
    folder
}

fn bytes(folder: &TempDir) -> Vec<u8> {
    std::fs::read(folder.path().join("vectors.bin")).unwrap()
}

fn assert_round_trip(terms: &[u32], documents: &[Document]) -> TempDir {
    let folder = written(terms, documents);
    let opened = ForwardVectors::open(folder.path(), documents.len() as u32, terms).unwrap();
    opened.verify().unwrap();
    let mut postings = vec![(TermId(9), 9)];
    for (docid, document) in documents.iter().enumerate().rev() {
        opened.get(DocId(docid as u32), &mut postings).unwrap();
        assert_eq!(postings, *document);
    }
    assert!(opened.get(DocId(documents.len() as u32), &mut postings).is_err());
    folder
}

fn document(terms: impl IntoIterator<Item = u32>) -> Document {
    terms.into_iter().map(|term| (TermId(term), (term % 250) as Impact + 1)).collect()
}

#[test]
fn borders() {
    assert_round_trip(&[], &[]);
    assert_round_trip(&[0], &[document([])]);
    assert_round_trip(&[1], &[document([0])]);
    assert_round_trip(&[u32::MAX], &[document([0, u32::MAX - 1]), document([u32::MAX - 1])]);
    assert_round_trip(&[5, 0, 7], &[document(0..12), document([4]), document([5]), document([])]);
    assert_round_trip(&[3], &[vec![(TermId(0), 255), (TermId(2), 256)], vec![(TermId(1), 65535)]]);
}

#[test]
fn the_bytes_of_a_document() {
    let folder = assert_round_trip(&[1000, 9], &[document([10, 500, 999, 1003])]);
    let first = [3, 8, 11, 1, 250, 10, 500u16 as u8, 999u16 as u8, 0b10_0101];
    let second = [1, 0, 4, 0b1000];
    let expected = [&first[..], &second, &[0; 8], &[0; 10], &1000u32.to_le_bytes()].concat();
    assert_eq!(bytes(&folder)[32..][..expected.len()], expected);
}

#[test]
fn many_documents_and_large_ones() {
    let small = |i: u32| document((0..i % 7).map(|term| term * (i + 1)));
    let documents: Vec<Document> = (0..200).map(small).collect();
    assert_round_trip(&[2000], &documents);
    // Together they pass what 16 bits can address in bytes.
    let large = |i: u32| document((0..20_000 + i).step_by(1 + i as usize % 3));
    let documents: Vec<Document> = (0..70).map(large).collect();
    let folder = assert_round_trip(&[30_000], &documents);
    let opened = ForwardVectors::open(folder.path(), 70, &[30_000]).unwrap();
    assert!(opened.base(0).unwrap().1 > 0);
}

#[test]
fn other_postings_are_told() {
    let folder = written(&[10], &[document([3, 4])]);
    let opened = ForwardVectors::open(folder.path(), 1, &[10]).unwrap();
    opened.check(DocId(0), &document([3, 4])).unwrap();
    for (other, expected) in [
        (document([3, 5]), "expected (TermId(5), 6) of document 0, as in its posting lists"),
        (document([3]), "expected 1 postings of document 0"),
        (document([3, 4, 5]), "expected 3 postings"),
    ] {
        let error = opened.check(DocId(0), &other).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
}

#[test]
fn another_segment_is_refused() {
    let folder = written(&[10, 10], &[document([3])]);
    for (documents, terms) in [(2, &[10, 10][..]), (1, &[20]), (1, &[10, 11])] {
        let error = ForwardVectors::open(folder.path(), documents, terms).unwrap_err();
        assert!(error.to_string().contains("expected"), "{error}");
    }
}

#[test]
#[should_panic(expected = "terms that ascend")]
fn terms_ascend() {
    let folder = tempfile::tempdir().unwrap();
    let mut writer = ForwardVectorsWriter::create(folder.path(), &[9]).unwrap();
    let _ = writer.push(&document([3, 3]));
}

/// Writes damaged bytes with checksums that agree with them, and reads everything.
fn read_damaged(folder: &TempDir, mut damaged: Vec<u8>, documents: u32, terms: &[u32]) -> bool {
    crate::frame::seal(&mut damaged);
    std::fs::write(folder.path().join("vectors.bin"), &damaged).unwrap();
    let Ok(vectors) = ForwardVectors::open(folder.path(), documents, terms) else { return false };
    let all: u32 = terms.iter().sum();
    let mut postings = Vec::new();
    for docid in (0..documents).map(DocId) {
        if vectors.get(docid, &mut postings).is_ok() {
            assert!(postings.iter().all(|(term, _)| term.0 < all));
        }
    }
    vectors.verify().is_ok()
}

#[test]
fn any_change_of_a_bit_is_found() {
    let documents: Vec<Document> = (0..70).map(|i| document([i, 2 * i + 3, 200 + i])).collect();
    let folder = written(&[100, 200], &documents);
    let sound = bytes(&folder);
    assert!(read_damaged(&folder, sound.clone(), 70, &[100, 200]));
    for at in 32..sound.len() {
        for bit in 0..8 {
            let mut damaged = sound.clone();
            damaged[at] ^= 1 << bit;
            // Another impact or another term may be as good as the first.
            if read_damaged(&folder, damaged, 70, &[100, 200]) {
                assert!(at < sound.len() - 16 - 8 - 2 * 70 - 2 * 8 - 8, "byte {at}");
            }
        }
    }
    for length in 32..sound.len() {
        assert!(!read_damaged(&folder, sound[..length].to_vec(), 70, &[100, 200]));
    }
}

fn any_document(terms: u32) -> impl Strategy<Value = Document> {
    let impact = prop_oneof![9 => 1..=255u16, 1 => 1..=u16::MAX];
    let density = prop_oneof![Just(0..4usize), Just(0..300usize)];
    density
        .prop_flat_map(move |count| prop::collection::btree_map(0..terms, impact.clone(), count))
        .prop_map(|terms| terms.into_iter().map(|(term, impact)| (TermId(term), impact)).collect())
}

fn any_segment() -> impl Strategy<Value = (Vec<u32>, Vec<Document>)> {
    let terms = prop::collection::vec(prop_oneof![0u32..9, 300u32..50_000], 1..4);
    terms.prop_flat_map(|terms| {
        let all = terms.iter().sum::<u32>().max(1);
        let terms = if terms.iter().sum::<u32>() == 0 { vec![1] } else { terms };
        (Just(terms), prop::collection::vec(any_document(all), 0..130))
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_documents_round_trip((terms, documents) in any_segment()) {
        assert_round_trip(&terms, &documents);
    }

    #[test]
    fn damage_is_an_answer_or_an_error(
        (terms, documents) in any_segment(),
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let folder = written(&terms, &documents);
        let mut damaged = bytes(&folder);
        for (place, value) in edits {
            let place = 32 + place.index(damaged.len() - 32);
            damaged[place] = value;
        }
        read_damaged(&folder, damaged, documents.len() as u32, &terms);
    }
}
