//! Formats of other engines: what is written reads back, golden bytes are read, and what is damaged
//! or lacks something is refused with its place.

#![allow(clippy::unwrap_used, reason = "a test that can't go on should stop")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use spork_core::TermId;
use spork_files::Source;
use spork_vectors::{
    CiffReader, CollectingWriter, Format, IdsWritten, Losses, ReadOptions, Scratch, Values,
    VectorReader, WriteOptions,
};
use tempfile::TempDir;

type Vector = (String, BTreeMap<String, f32>);

fn scratch() -> Scratch {
    // Little: many passes, were vectors not as few.
    Scratch { folder: std::env::temp_dir(), memory: 4 << 20 }
}

fn write_options(format: Format) -> WriteOptions {
    WriteOptions {
        format,
        factor: None,
        tokens: None,
        values: Values::Impacts,
        scale: None,
        encoder: None,
        scratch: scratch(),
    }
}

fn write(path: &Path, vectors: &[Vector], options: WriteOptions) -> spork_vectors::Result<Losses> {
    let mut writer = CollectingWriter::create(Some(path), options)?;
    for (id, weights) in vectors {
        writer.push(id, weights.iter().map(|(term, &weight)| (term.as_str(), weight)))?;
    }
    writer.finish()
}

fn read_with(path: &Path, options: &ReadOptions) -> spork_vectors::Result<Vec<Vector>> {
    let mut reader = VectorReader::open(path, options)?;
    let (mut vectors, mut terms) = (Vec::new(), Vec::new());
    while let Some(block) = reader.next_block()? {
        terms.extend(block.new_terms);
        for vector in block.vectors {
            let term = |(id, weight): (TermId, f32)| (terms[id.0 as usize].clone(), weight);
            vectors.push((vector.id, vector.vector.into_iter().map(term).collect()));
        }
    }
    assert!(reader.next_block()?.is_none(), "the end stays the end");
    Ok(vectors)
}

fn read(path: &Path) -> spork_vectors::Result<Vec<Vector>> {
    read_with(path, &ReadOptions { scratch: scratch(), ..ReadOptions::default() })
}

fn refused(path: &Path) -> String {
    read(path).unwrap_err().to_string()
}

struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        path
    }
}

/// Vectors of the terms that `term` matches.
fn vectors(
    id: &'static str,
    term: &'static str,
    weight: impl Strategy<Value = f32>,
) -> impl Strategy<Value = Vec<Vector>> {
    let vector = prop::collection::btree_map(term, weight, 0..12);
    prop::collection::btree_map(id, vector, 0..20).prop_map(|vectors| vectors.into_iter().collect())
}

fn integers(most: u32) -> impl Strategy<Value = f32> {
    (1..=most).prop_map(|number| number as f32)
}

/// A byte order mark at the start of a file is none of its text.
const ANY_ID: &str = "[^\\s\u{feff}]{1,8}";
const ANY_TERM: &str = ".{0,6}";

proptest! {
    // Each case writes and syncs files.
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn ciff_reads_back(vectors in vectors(ANY_ID, ANY_TERM, integers(1 << 24))) {
        let folder = Folder::new();
        for name in ["a.ciff", "a.ciff.gz"] {
            let path = folder.path(name);
            let encoder = Some(serde_json::json!({"name": "test"}));
            let options = WriteOptions { encoder: encoder.clone(), ..write_options(Format::Ciff) };
            let losses = write(&path, &vectors, options).unwrap();
            prop_assert_eq!(losses.messages(), Vec::<String>::new());
            prop_assert_eq!(&read(&path).unwrap(), &vectors);
            let options = ReadOptions::default();
            let reader = VectorReader::open(&path, &options).unwrap();
            prop_assert_eq!(&reader.header().encoder, &encoder);
            prop_assert_eq!(reader.values(), Some(Values::Impacts));
        }
    }

    #[test]
    fn lengths_are_sums(vectors in vectors(ANY_ID, ANY_TERM, integers(300))) {
        let folder = Folder::new();
        let path = folder.path("a.ciff");
        write(&path, &vectors, write_options(Format::Ciff)).unwrap();
        let mut reader = CiffReader::open(Source::open(&path).unwrap(), &scratch()).unwrap();
        let mut lengths = Vec::new();
        while let Some(block) = reader.next_block().unwrap() {
            lengths.extend(block.lengths);
        }
        let sum = |(_, weights): &Vector| weights.values().map(|&weight| weight as u32).sum();
        let sums: Vec<u32> = vectors.iter().map(sum).collect();
        let mean = f64::from(sums.iter().sum::<u32>()) / sums.len().max(1) as f64;
        prop_assert_eq!((reader.header().average_length, lengths), (mean, sums));
    }

    #[test]
    fn anserini_reads_back(vectors in vectors(ANY_ID, ANY_TERM, integers(1 << 24))) {
        let folder = Folder::new();
        let path = folder.path("a.jsonl");
        write(&path, &vectors, write_options(Format::Anserini)).unwrap();
        prop_assert_eq!(read(&path).unwrap(), vectors);
    }

    #[test]
    fn queries_read_back(vectors in vectors("[^\\s:\u{feff}]{1,8}", "[^\\s]{1,6}", integers(40))) {
        let folder = Folder::new();
        for (name, format) in [("a.pisa", Format::Pisa), ("a.tsv", Format::AnseriniTopics)] {
            let path = folder.path(name);
            let losses = write(&path, &vectors, write_options(format)).unwrap();
            prop_assert_eq!(losses.messages(), Vec::<String>::new());
            // An id may begin with what looks like another format's: the format is said.
            let options = ReadOptions { format: Some(format), ..ReadOptions::default() };
            prop_assert_eq!(&read_with(&path, &options).unwrap(), &vectors);
        }
    }

    #[test]
    fn formats_without_strings_read_back(
        vectors in vectors(ANY_ID, ANY_TERM, 1e-20f32..1e30),
        numbered in vectors("[1-9][0-9]{0,3}|0", "[1-9][0-9]{0,3}|0", 1e-20f32..1e30),
    ) {
        let folder = Folder::new();
        for (name, format) in [("a.bin", Format::SeismicBin), ("a.csr", Format::Csr)] {
            let path = folder.path(name);
            for vectors in [&vectors, &numbered] {
                write(&path, vectors, write_options(format)).unwrap();
                prop_assert_eq!(&read(&path).unwrap(), vectors, "{}", name);
            }
        }
    }

    #[test]
    fn seismic_jsonl_reads_back(vectors in vectors("[1-9][0-9]{0,3}|0", ANY_TERM, 1e-20f32..1e30)) {
        let folder = Folder::new();
        let path = folder.path("a.jsonl");
        let losses = write(&path, &vectors, write_options(Format::Seismic)).unwrap();
        prop_assert_eq!(losses.ids, None);
        prop_assert_eq!(read(&path).unwrap(), vectors);
    }

    #[test]
    fn fractions_are_near(weights in prop::collection::vec(1e-3f32..5.0, 1..100)) {
        let weights = weights.iter().enumerate().map(|(term, &weight)| (term.to_string(), weight));
        let vectors = [("d".to_owned(), weights.collect::<BTreeMap<_, _>>())];
        let largest = vectors[0].1.values().copied().fold(0.0, f32::max);
        let folder = Folder::new();
        for (format, step) in [(Format::Ciff, largest / 255.0), (Format::Anserini, 0.01)] {
            let path = folder.path("a");
            let losses = write(&path, &vectors, write_options(format)).unwrap();
            let got = read(&path).unwrap().remove(0).1;
            let mut zeroed = 0;
            for (term, &weight) in &vectors[0].1 {
                let integer = got.get(term).copied().unwrap_or_default();
                zeroed += u64::from(integer == 0.0);
                prop_assert!((integer * step - weight).abs() <= step * 0.5001, "{weight} {integer}");
            }
            prop_assert_eq!((losses.zeroed, losses.weights), (zeroed, vectors[0].1.len() as u64));
        }
    }

    #[test]
    fn cuts_and_changed_bytes_never_panic(
        vectors in vectors("[a-z]{1,3}", "[a-z]{0,3}", integers(300)),
        place in any::<prop::sample::Index>(), byte in any::<u8>(), cut in any::<bool>(),
    ) {
        let folder = Folder::new();
        for (name, format) in
            [("a.ciff", Format::Ciff), ("a.bin", Format::SeismicBin), ("a.csr", Format::Csr)]
        {
            let path = folder.path(name);
            write(&path, &vectors, write_options(format)).unwrap();
            let mut bytes = fs::read(&path).unwrap();
            let place = place.index(bytes.len());
            if cut { bytes.truncate(place) } else { bytes[place] = byte }
            fs::write(&path, bytes).unwrap();
            let options = ReadOptions {
                format: Some(format), values: Some(Values::Impacts), scratch: scratch(),
                ..ReadOptions::default()
            };
            let got = read_with(&path, &options);
            prop_assert!(!cut || got.is_err(), "{name} cut at {place}: {got:?}");
        }
    }
}

fn vector(id: &str, weights: &[(&str, f32)]) -> Vector {
    let weights = weights.iter().map(|&(term, weight)| (term.to_owned(), weight));
    (id.to_owned(), weights.collect())
}

/// Two lists over three documents, as protocol buffers would have them: "a" of documents 0 and 2,
/// "b" of document 2; lengths 7, 0 and 9.
const CIFF: &[u8] = b"\x19\x08\x01\x10\x02\x18\x03\x20\x02\x28\x03\x30\x10\x39\
    \x55\x55\x55\x55\x55\x55\x15\x40\x42\x02hi\
    \x11\x0a\x01a\x10\x02\x18\x05\x22\x02\x10\x02\x22\x04\x08\x02\x10\x03\
    \x0d\x0a\x01b\x10\x01\x18\x07\x22\x04\x08\x02\x10\x07\
    \x06\x12\x02d0\x18\x07\x06\x08\x01\x12\x02d1\x08\x08\x02\x12\x02d2\x18\x09";

#[test]
fn a_ciff_file_of_another_writer() {
    let folder = Folder::new();
    let path = folder.file("a.ciff", CIFF);
    let error = refused(&path);
    let remedy = "give --values counts (term counts, to be weighed by BM25) or --values impacts";
    assert!(error.contains(remedy) && error.contains("\"hi\""), "{error}");
    let options = ReadOptions { values: Some(Values::Impacts), ..ReadOptions::default() };
    let expected =
        [vector("d0", &[("a", 2.0)]), vector("d1", &[]), vector("d2", &[("a", 3.0), ("b", 7.0)])];
    assert_eq!(read_with(&path, &options).unwrap(), expected);
    let mut reader = CiffReader::open(Source::open(&path).unwrap(), &scratch()).unwrap();
    let block = reader.next_block().unwrap().unwrap();
    assert_eq!(block.lengths, [7, 0, 9]);
    assert!((reader.header().average_length - 16.0 / 3.0).abs() < 1e-12);
    assert_eq!((reader.header().total_terms, &*reader.header().description), (16, "hi"));
}

#[test]
fn faults_of_ciff_are_named() {
    let folder = Folder::new();
    let with = |from: &[u8], to: &[u8]| {
        let at = CIFF.windows(from.len()).position(|window| window == from).unwrap();
        [&CIFF[..at], to, &CIFF[at + from.len()..]].concat()
    };
    for (bytes, says) in [
        (
            with(b"\x19\x08\x01", b"\x19\x08\x02"),
            "the header: version 2, expected CIFF of version 1",
        ),
        (
            with(b"a\x10\x02", b"a\x10\x03"),
            "list 1 of the file, from byte 26 on: term \"a\": df 3, but 2",
        ),
        (with(b"\x08\x02\x10\x03", b"\x08\x00\x10\x03"), "term \"a\": document 0 is there twice"),
        (
            with(b"\x08\x02\x10\x03", b"\x08\x03\x10\x03"),
            "a docid 3 after 0, in a file of 3 documents",
        ),
        (with(b"\x0a\x01b", b"\x0a\x01a"), "term \"a\" has two lists"),
        (with(b"\x08\x01\x12", b"\x08\x02\x12"), "a second record of document 2"),
        (with(b"\x08\x01\x12", b"\x08\x07\x12"), "a record of document 7; the header says 3"),
        (with(b"d1", b"d "), "document 1: the id \"d \" is empty or holds white space"),
        (
            with(b"\x10\x02\x18\x03\x20", b"\x10\x03\x18\x03\x20"),
            "list 3 of the file, from byte 58 on: field 2 is of another type",
        ),
        ([CIFF, b"x"].concat(), "more bytes after the 3 documents"),
        (CIFF[..CIFF.len() - 1].to_vec(), "the file ends here; it was cut short"),
        (with(b"\x08\x02\x10\x07", b"\x08\x02\x20\x07"), ""),
    ] {
        let path = folder.file("a.ciff", bytes);
        let options = ReadOptions {
            format: Some(Format::Ciff),
            values: Some(Values::Impacts),
            scratch: scratch(),
            ..ReadOptions::default()
        };
        match read_with(&path, &options) {
            Err(error) => {
                assert!(!says.is_empty() && error.to_string().contains(says), "{says}: {error}");
            }
            // A posting without a number is a zero, and is left out.
            Ok(vectors) => assert_eq!((says, vectors[2].1.len()), ("", 1)),
        }
    }
}

#[test]
fn a_header_that_says_too_much_is_refused_before_memory_is_taken() {
    let folder = Folder::new();
    let path = folder.file("a.ciff", b"\x0a\x08\x01\x10\x01\x18\xff\xff\xff\xff\x07");
    let options =
        ReadOptions { values: Some(Values::Impacts), scratch: scratch(), ..Default::default() };
    let error = read_with(&path, &options).unwrap_err().to_string();
    assert!(error.contains("--memory is 4M") && error.contains("raise it"), "{error}");
}

fn words(words: &[u32]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}

const ONE: u32 = 0x3f80_0000;

#[test]
fn a_seismic_bin_with_its_table() {
    let folder = Folder::new();
    let bin = words(&[2, 2, 0, 3, ONE, ONE, 1, 3, ONE]);
    let path = folder.file("documents.bin", &bin);
    let named = [vector("0", &[("cat", 1.0), ("dog", 1.0)]), vector("1", &[("dog", 1.0)])];
    let plain = [vector("0", &[("0", 1.0), ("3", 1.0)]), vector("1", &[("3", 1.0)])];
    assert_eq!(read(&path).unwrap(), plain);
    let tokens = folder.file("token_to_id.json", r#"{"cat": 0, "x": 2, "dog": 3}"#);
    let options = ReadOptions { tokens: Some(tokens), ..ReadOptions::default() };
    assert_eq!(read_with(&path, &options).unwrap(), named);
    folder.file("documents.bin.tokens.json", "{\"cat\": 0, \"dog\": 3}");
    assert_eq!(read(&path).unwrap(), named);
    folder.file("documents.bin.ids", "d1\nd2\n");
    assert_eq!(read(&path).unwrap()[1].0, "d2");
    folder.file("documents.bin.ids", "d1\n");
    assert!(refused(&path).contains("documents.bin.ids: the end: 1 ids, but more vectors"));
    folder.file("documents.bin.ids", "d1\nd2\nd3\n");
    assert!(refused(&path).contains("more ids than the 2 vectors"));
    fs::remove_file(folder.path("documents.bin.ids")).unwrap();
    for (table, says) in [
        ("{\"cat\": 0}", "vector 0 (from 0): term 3 is not in the token table"),
        ("{\"cat\": 0, \"cat\": 3}", "token \"cat\" is there twice"),
        ("{\"cat\": 0, \"dog\": 0}", "number 0 is that of \"cat\" and of another token"),
        ("{\"cat\": \"0\"}", "expected a JSON object of tokens and their numbers"),
    ] {
        folder.file("documents.bin.tokens.json", table);
        assert!(refused(&path).contains(says), "{table}: {}", refused(&path));
    }
    // A vocabulary: one token a line.
    folder.file("documents.bin.tokens.json", "cat\n\nx\ndog\n");
    assert_eq!(read(&path).unwrap(), named);
    for (bin, says) in [
        (words(&[1, 2, 3, 3, ONE, ONE]), "begins like nothing that is known"),
        (words(&[2, 0, 2, 3, 0, ONE, ONE]), "vector 1 (from 0): term 0 after 3"),
        (words(&[1, 1, 3, ONE, 7]), "after 1 vectors: more bytes"),
        (words(&[1, 1, 3]), "vector 0 (from 0): the file ends here"),
        (words(&[1, 1, 3, 0x7fc0_0000]), "the weight of term 3 is NaN"),
        (words(&[1, 1, 3, 0xbf80_0000]), "the weight of term 3 is negative (-1)"),
        (words(&[2, 0, u32::MAX]), "4294967295 terms, expected"),
    ] {
        let path = folder.file("documents.bin", bin);
        assert!(refused(&path).contains(says), "{says}: {}", refused(&path));
    }
}

fn csr(rows: i64, columns: i64, starts: &[i64], entries: &[i32], weights: &[f32]) -> Vec<u8> {
    let shape = [rows, columns, entries.len() as i64];
    let longs = shape.iter().chain(starts).flat_map(|number| number.to_le_bytes());
    let entries = entries.iter().flat_map(|number| number.to_le_bytes());
    longs.chain(entries).chain(weights.iter().flat_map(|weight| weight.to_le_bytes())).collect()
}

#[test]
fn a_bigann_csr() {
    let folder = Folder::new();
    let path = folder.file("base.csr", csr(2, 9, &[0, 1, 4], &[8, 3, 0, 3], &[1.0, 2.0, 0.0, 0.5]));
    let expected = [vector("0", &[("8", 1.0)]), vector("1", &[("3", 2.5)])];
    assert_eq!(read(&path).unwrap(), expected);
    for (bytes, says) in [
        (
            csr(1, 9, &[0, 2], &[9], &[1.0]),
            "row 0 (from 0): its entries end at 2, after a start at 0",
        ),
        (csr(1, 9, &[0, 1], &[9], &[1.0]), "column 9, expected 0 to below 9"),
        (csr(1, 9, &[0, 1], &[-1], &[1.0]), "column -1, expected 0 to below 9"),
        (csr(2, 9, &[0, 1, 0], &[1], &[1.0]), "its entries end at 0, after a start at 1"),
        (csr(1, 9, &[0, 0], &[1], &[1.0]), "rows end at entry 0, the header says 1"),
        (csr(1, 9, &[0, 1], &[1], &[-1.0]), "the weight of column 1 is negative (-1)"),
        (csr(1, 9, &[0, 1], &[1], &[]), "the file ends here; it was cut short"),
        (csr(1, 9, &[0, 1], &[1], &[1.0, 1.0]), "more bytes than its entries have"),
        (csr(3, 9, &[0], &[], &[]), "the starts of rows: the file ends here"),
    ] {
        let path = folder.file("base.csr", bytes);
        assert!(refused(&path).contains(says), "{says}: {}", refused(&path));
    }
}

#[test]
fn a_folder_of_anserinis() {
    let folder = Folder::new();
    folder.file("v/b.jsonl", "{\"id\": \"d2\", \"contents\": \"x\", \"vector\": {\"a\": 2}}\n");
    folder.file("v/a.json", "[{\"id\": 1,\n \"vector\": {\"a\": 1}}]");
    folder.file("v/sub/c.jsonl", "{\"id\": \"d3\", \"vector\": {}}");
    folder.file("v/README.md", "text");
    folder.file("v/.a.jsonl.swp", "text");
    let expected = [vector("1", &[("a", 1.0)]), vector("d2", &[("a", 2.0)]), vector("d3", &[])];
    assert_eq!(read(&folder.path("v")).unwrap(), expected);
    folder.file("v/b.jsonl", "{\"id\": \"d2\", \"vector\": {\"a\": 2}}\n{\"id\": 4}\n");
    let error = refused(&folder.path("v"));
    assert!(error.contains("b.jsonl:2: ") && error.contains("missing field `vector`"), "{error}");
    folder.file("v/b.jsonl", "{\"id\": \"d\", \"vector\": [0.5, 1.5]}");
    assert!(refused(&folder.path("v")).contains("an array would be a dense vector"));
    folder.file("empty/README.md", "text");
    assert!(refused(&folder.path("empty")).contains("a folder without .json or .jsonl files"));
}

#[test]
fn pyserinis_queries_get_their_ids_from_topics() {
    let folder = Folder::new();
    let lines = "{\"contents\": \" red fox\", \"vector\": {\"red\": 3}}\n\
                 {\"contents\": \"nobody\", \"vector\": {\"x\": 3}}\n";
    let path = folder.file("q.jsonl", lines);
    assert!(refused(&path).contains("spork convert --topics TOPICS"), "{}", refused(&path));
    let topics = folder.file("topics.tsv", "q7\tred fox \nq8\tred fox\n");
    let options = ReadOptions { topics: Some(topics), ..ReadOptions::default() };
    let expected = [vector("q7", &[("red", 3.0)]), vector("q8", &[("red", 3.0)])];
    assert_eq!(read_with(&path, &options).unwrap(), expected);
    folder.file("topics.tsv", "q7\tred fox\nq9\tgrey owl\n");
    let error = read_with(&path, &options).unwrap_err().to_string();
    assert!(error.contains("1 topics have no vector, such as \"q9\""), "{error}");
}

#[test]
fn losses_are_told() {
    let folder = Folder::new();
    let vectors = [
        vector("d1", &[("new york", 1.0), ("fox", 0.004), ("red", 2.5), ("", 1.0)]),
        vector("d2", &[("red", 3e9), (&"x".repeat(31), 1.0)]),
    ];
    let messages = |name: &str, options: WriteOptions| {
        write(&folder.path(name), &vectors, options).unwrap().messages()
    };
    assert_eq!(
        messages("a.pisa", write_options(Format::Pisa)),
        [
            "pisa holds integers: weights times 100, rounded",
            "1 of 6 weights round to zero and are left out",
            "1 of 6 weights clipped to 65535",
            "2 of 6 weights left out: their terms are empty or hold white space, which pisa can't \
             carry",
        ]
    );
    let seismic = messages("a.jsonl", write_options(Format::Seismic));
    assert_eq!(seismic[0], "1 terms have more than 30 characters; readers of seismic cut them");
    assert!(seismic[1].contains("seismic has no room for these ids"), "{seismic:?}");
    let tokens = Some(folder.file("tokens.json", r#"{"red": 7}"#));
    let told =
        messages("a.csr", WriteOptions { tokens: tokens.clone(), ..write_options(Format::Csr) });
    assert_eq!(told[0], "4 of 6 weights left out: the token table lacks their terms");
    let options = ReadOptions { tokens, ..ReadOptions::default() };
    let got = read_with(&folder.path("a.csr"), &options).unwrap();
    assert_eq!(got, [vector("d1", &[("red", 2.5)]), vector("d2", &[("red", 3e9)])]);
    let colon = write(&folder.path("a.pisa"), &[vector("a:b", &[])], write_options(Format::Pisa));
    assert!(colon.unwrap_err().to_string().contains("pisa can't hold the id \"a:b\""));
}

/// A file of ids or tokens that an earlier output left is not taken for that of a later one.
#[test]
fn what_lies_beside_an_output_is_its_own() {
    let folder = Folder::new();
    let path = folder.path("a.bin");
    let named = [vector("d1", &[("cat", 1.0)])];
    let losses = write(&path, &named, write_options(Format::SeismicBin)).unwrap();
    assert_eq!(losses.ids, Some(IdsWritten::Beside(folder.path("a.bin.ids"))));
    assert_eq!(fs::read_to_string(folder.path("a.bin.tokens.json")).unwrap(), "{\"cat\": 0}\n");
    let numbered = [vector("0", &[("17", 1.0)]), vector("1", &[])];
    write(&path, &numbered, write_options(Format::SeismicBin)).unwrap();
    assert_eq!(read(&path).unwrap(), numbered);
    assert!(!folder.path("a.bin.ids").exists() && !folder.path("a.bin.tokens.json").exists());
}
