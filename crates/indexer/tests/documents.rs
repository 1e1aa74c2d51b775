//! An index read back document by document.

#![allow(clippy::unwrap_used, reason = "a test that can't go on should stop")]

use std::fmt::Write;

use proptest::prelude::*;
use spork_index::{DocumentReader, Index, Order};
use spork_indexer::{Options, Silent, index_vectors};

type Vectors = Vec<Vec<(String, u16)>>;

fn read(index: &Index, memory: u64) -> Vectors {
    let mut reader = DocumentReader::new(&index.segments()[0], 0..u32::MAX, memory);
    let mut vectors = Vec::new();
    while let Some(documents) = reader.next_documents().unwrap() {
        for (docid, vector) in documents.iter() {
            assert_eq!(docid.0 as usize, vectors.len());
            let term = |&(term, impact)| {
                (index.segments()[0].lexicon().term(term).unwrap().to_owned(), impact)
            };
            vectors.push(vector.iter().map(term).collect::<Vec<_>>());
        }
    }
    vectors
}

fn check(vectors: &Vectors, memory: u64) {
    let folder = tempfile::tempdir().unwrap();
    let mut lines = String::new();
    for (number, vector) in vectors.iter().enumerate() {
        let weights: Vec<String> =
            vector.iter().map(|(term, impact)| format!("\"{term}\": {impact}")).collect();
        let weights = weights.join(", ");
        writeln!(lines, "{{\"id\": \"d{number}\", \"vector\": {{{weights}}}}}").unwrap();
    }
    let (input, output) = (folder.path().join("v.jsonl"), folder.path().join("i"));
    std::fs::write(&input, lines).unwrap();
    let options = Options { order: Order::Input, ..Options::default() };
    index_vectors(&[input], &output, &options, &Silent).unwrap();
    assert_eq!(&read(&Index::open(&output).unwrap(), memory), vectors);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn documents_are_as_they_were_indexed(
        vectors in prop::collection::vec(
            prop::collection::btree_map("[a-d]{1,2}", 1u16..300, 0..12), 1..40),
        memory in 0u64..1000,
    ) {
        let vectors = vectors.into_iter().map(|vector| vector.into_iter().collect()).collect();
        check(&vectors, memory);
    }
}

#[test]
fn more_than_a_window() {
    let term = |number: usize| (format!("t{}", number % 7), 1 + (number % 300) as u16);
    let vectors: Vectors =
        (0..70_000).map(|number| (0..number % 3).map(|_| term(number)).take(1).collect()).collect();
    for memory in [100_000, 1 << 30] {
        check(&vectors, memory);
    }
}
