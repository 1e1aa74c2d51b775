//! Records of documents: read from files of every kind, in any order, into columns that equal those
//! of the values.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::HashMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use spork_index::{Columns, ColumnsWriter, Value, parse_schema};
use spork_indexer::{
    Error, Record, RecordFile, RecordOptions, RecordReport, RecordText, Result, Silent,
    read_records,
};

const SCHEMA: &str = "year:integer,lang:keyword";

fn file(folder: &Path, name: &str, content: &[u8]) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, content).unwrap();
    path
}

/// Reads records of the documents `docnos`, in this order.
fn read(
    inputs: &[PathBuf],
    (schema, texts): (&str, bool),
    docnos: &[&str],
) -> Result<(RecordFile, RecordReport)> {
    let schema = if schema.is_empty() { Vec::new() } else { parse_schema(schema).unwrap() };
    let docids: HashMap<&str, u32> = docnos.iter().copied().zip(0..).collect();
    let options =
        RecordOptions { schema: &schema, texts, documents: docnos.len() as u32, shard: None };
    let folder = tempfile::tempdir().unwrap();
    let find = |docno: &str| Ok(docids.get(docno).copied());
    read_records(inputs, options, find, folder.path(), &Silent)
}

fn all(records: &RecordFile) -> Vec<Record> {
    let mut reader = records.reader();
    (0..records.documents()).map(|docid| reader.read(docid).unwrap()).collect()
}

fn record(year: Option<i64>, lang: &[&str], text: Option<(&str, usize)>) -> Record {
    Record {
        values: vec![
            year.map(Value::Integer),
            Value::keywords(lang.iter().map(ToString::to_string)),
        ],
        text: text.map(|(text, body)| RecordText { text: text.to_owned(), body }),
    }
}

#[test]
fn files_of_every_kind_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let lines = concat!(
        "{\"_id\": \"b\", \"title\": \"T\", \"text\": \"of b\", \"year\": 2020, \"lang\": [\"en\", \"de\"]}\n\n",
        "{\"id\": \"c\", \"contents\": \" of c \", \"lang\": \"fr\", \"year\": null}\n",
        "{\"docid\": \"x\", \"text\": \"of x\", \"year\": 1}\n",
    );
    let pretty = "[{\n\"_id\": \"a\",\n\"text\": \"of a\", \"year\": NaN\n}]";
    let (plain, gzip, zstd) = ("plain.jsonl", "records.gz", "records.zst");
    let plain = file(folder.path(), plain, lines.as_bytes());
    let mut encoder = flate2_encoder();
    encoder.write_all(lines.as_bytes()).unwrap();
    let gzip = file(folder.path(), gzip, &encoder.finish().unwrap());
    let zstd = file(folder.path(), zstd, &zstd::encode_all(lines.as_bytes(), 1).unwrap());
    let array = file(folder.path(), "array.json", pretty.as_bytes());
    for lines in [plain, gzip, zstd] {
        let inputs = [lines, array.clone()];
        let (records, report) = read(&inputs, (SCHEMA, true), &["c", "none", "a", "b"]).unwrap();
        let expected = [
            record(None, &["fr"], Some(("of c", 0))),
            record(None, &[], None),
            record(None, &[], Some(("of a", 0))),
            record(Some(2020), &["de", "en"], Some(("T of b", 2))),
        ];
        assert_eq!(all(&records), expected);
        let counts = RecordReport { records: 4, unknown: 1, without: 1, with_nan: 1 };
        assert_eq!(report, counts);
        let has: Vec<bool> = (0..5).map(|docid| records.has(docid)).collect();
        assert_eq!(has, [true, false, true, true, false]);
    }
}

fn flate2_encoder() -> flate2::write::GzEncoder<Vec<u8>> {
    flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast())
}

#[test]
fn a_record_needs_no_text_where_none_is_stored() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(folder.path(), "a.jsonl", b"{\"id\": 7, \"year\": 1}\n{\"_id\": \"b\"}\n");
    let (records, _) = read(std::slice::from_ref(&path), (SCHEMA, false), &["7", "b"]).unwrap();
    assert_eq!(all(&records), [record(Some(1), &[], None), record(None, &[], None)]);
    let error = read(&[path], (SCHEMA, true), &["7", "b"]).unwrap_err().to_string();
    assert!(error.contains("a.jsonl:1: no `text`"), "{error}");
}

#[test]
fn texts_are_read_from_tables() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(folder.path(), "a.tsv", b"a\tof a\nb\tof b\n");
    let (records, _) = read(std::slice::from_ref(&path), ("", true), &["b", "a"]).unwrap();
    let texts: Vec<String> =
        all(&records).into_iter().map(|record| record.text.unwrap().text).collect();
    assert_eq!(texts, ["of b", "of a"]);
    let error = read(&[path], (SCHEMA, true), &["a"]).unwrap_err().to_string();
    assert!(error.contains("a.tsv: columns are read from JSON"), "{error}");
}

#[test]
fn every_bad_record_has_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let good = "{\"_id\": \"a\", \"text\": \"of a\"}\n";
    for (line, says) in [
        (
            "{\"_id\": \"b\", \"text\": \"t\", \"year\": \"1\"}",
            "column `year` is integer: expected",
        ),
        ("{\"_id\": \"b\", \"text\": \"t\", \"lang\": 1}", "column `lang` is keyword: expected"),
        ("{\"_id\": \"b\", \"text\": \"t\"", "EOF"),
        ("{\"text\": \"t\"}", "no `_id`"),
        ("{\"_id\": \"b c\", \"text\": \"t\"}", "white space"),
        (good.trim_end(), "\"a\" already has a record, in line 1 of"),
    ] {
        let path = file(
            folder.path(),
            "bad.jsonl",
            format!("{good}{good_b}\n{line}\n", good_b = good.replace('a', "z").trim_end())
                .as_bytes(),
        );
        let error = read(&[path], (SCHEMA, true), &["a", "b"]).unwrap_err().to_string();
        assert!(error.contains("bad.jsonl:3: ") && error.contains(says), "{line}: {error}");
    }
    let (first, second) = (
        file(folder.path(), "1.jsonl", good.as_bytes()),
        file(folder.path(), "2.jsonl", good.as_bytes()),
    );
    let error = read(&[first.clone(), second], (SCHEMA, true), &["a"]).unwrap_err();
    let Error::DuplicateRecord { path, line: 1, earlier_path, earlier_line: 1, .. } = &error else {
        panic!("{error}");
    };
    assert!(path.ends_with("2.jsonl") && earlier_path.ends_with("1.jsonl"), "{error}");
    let error = read(&[first], (SCHEMA, true), &["b"]).unwrap_err();
    assert!(matches!(error, Error::NoRecordFits { line: 1, .. }), "{error}");
}

proptest! {
    /// Whatever the order of records and of documents, the columns are those of the values.
    #[test]
    fn columns_do_not_depend_on_the_order_of_records(
        years in prop::collection::vec(prop::option::of(-5i64..5), 1..80),
        shuffle in any::<u64>(),
        order in any::<u64>(),
    ) {
        let mut random = spork_core::Random::new(shuffle);
        let folder = tempfile::tempdir().unwrap();
        let mut lines: Vec<String> = years
            .iter()
            .enumerate()
            .map(|(docid, year)| match year {
                Some(year) => format!("{{\"id\": \"d{docid}\", \"year\": {year}}}\n"),
                None => format!("{{\"id\": \"d{docid}\"}}\n"),
            })
            .collect();
        let count = lines.len();
        random.sample(&mut lines, count);
        let path = file(folder.path(), "records.jsonl", lines.concat().as_bytes());
        let docnos: Vec<String> = (0..count).map(|docid| format!("d{docid}")).collect();
        let docnos: Vec<&str> = docnos.iter().map(String::as_str).collect();
        let (records, _) = read(&[path], ("year:integer", false), &docnos).unwrap();
        let mut docids: Vec<u32> = (0..count as u32).collect();
        spork_core::Random::new(order).sample(&mut docids, count);
        let schema = parse_schema("year:integer").unwrap();
        let (mut reader, mut writer) =
            (records.reader(), ColumnsWriter::create(folder.path(), &schema).unwrap());
        for &docid in &docids {
            writer.push(&reader.read(docid).unwrap().values).unwrap();
        }
        writer.finish().unwrap();
        let columns = Columns::open(folder.path(), count as u32, &schema).unwrap();
        for (place, &docid) in docids.iter().enumerate() {
            let expected = years[docid as usize].map(Value::Integer);
            prop_assert_eq!(columns.value(place as u32, 0).unwrap(), expected);
        }
    }
}
