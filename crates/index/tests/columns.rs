//! Columns against the values that were written: what comes back, what matches, what merging and
//! damage do.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::ops::Bound;
use std::path::Path;

use proptest::prelude::*;
use proptest::strategy::Strategy;
use spork_index::{ColumnKind, ColumnSpec, Columns, ColumnsWriter, Time, Value, ValueRange};

type Row = Vec<Option<Value>>;

fn keyword() -> impl Strategy<Value = String> {
    prop_oneof!["[a-c]{0,2}", "\\PC{0,3}"]
}

fn value(kind: ColumnKind) -> BoxedStrategy<Value> {
    match kind {
        ColumnKind::Keyword => prop_oneof![
            keyword().prop_map(Value::Keyword),
            prop::collection::vec(keyword(), 1..4).prop_map(|list| Value::keywords(list).unwrap()),
        ]
        .boxed(),
        ColumnKind::Integer => prop_oneof![
            (-3i64..4).prop_map(Value::Integer),
            (0i64..300).prop_map(|year| Value::Integer(1900 + year)),
            any::<i64>().prop_map(Value::Integer),
            prop::sample::select(vec![i64::MIN, i64::MAX]).prop_map(Value::Integer),
        ]
        .boxed(),
        ColumnKind::Float => prop_oneof![
            (-8i8..8).prop_map(|quarters| Value::Float(f64::from(quarters) / 4.0)),
            any::<f64>().prop_filter("finite", |number| number.is_finite()).prop_map(Value::Float),
        ]
        .boxed(),
        ColumnKind::Boolean => any::<bool>().prop_map(Value::Boolean).boxed(),
        ColumnKind::Time => prop_oneof![
            (-3i128..40).prop_map(|day| Value::Time(Time(day * 86_400_000_000_000))),
            (-62_167_219_200_000_000_000i128..253_402_300_800_000_000_000)
                .prop_map(|time| Value::Time(Time(time))),
        ]
        .boxed(),
    }
}

/// A value, or none: always, sometimes or never.
fn cell(kind: ColumnKind, share: u8) -> BoxedStrategy<Option<Value>> {
    match share {
        0 => Just(None).boxed(),
        1 => prop::option::of(value(kind)).boxed(),
        _ => value(kind).prop_map(Some).boxed(),
    }
}

/// Columns and documents; of a column all documents, some or none have a value.
fn documents(most: usize) -> impl Strategy<Value = (Vec<ColumnSpec>, Vec<Row>)> {
    let kinds = prop::collection::vec((prop::sample::select(&ColumnKind::ALL[..]), 0..3u8), 0..4);
    kinds.prop_flat_map(move |kinds| {
        let row: Vec<_> = kinds.iter().map(|&(kind, share)| cell(kind, share)).collect();
        let spec = |(place, (kind, _))| ColumnSpec { name: format!("c{place}"), kind };
        let schema: Vec<ColumnSpec> = kinds.into_iter().enumerate().map(spec).collect();
        (Just(schema), prop::collection::vec(row, 0..most))
    })
}

fn write(folder: &Path, schema: &[ColumnSpec], rows: &[Row]) {
    let mut writer = ColumnsWriter::create(folder, schema).unwrap();
    for row in rows {
        writer.push(row).unwrap();
    }
    writer.finish().unwrap();
}

fn open(folder: &Path, schema: &[ColumnSpec], rows: usize) -> Columns {
    Columns::open(folder, rows as u32, schema).unwrap()
}

fn bytes(folder: &Path) -> Vec<u8> {
    std::fs::read(folder.join("columns.bin")).unwrap()
}

fn row_of(columns: &Columns, docid: usize) -> Row {
    columns.row(docid as u32).unwrap()
}

fn is_set(words: &[u64], docid: usize) -> bool {
    words[docid / 64] >> (docid % 64) & 1 == 1
}

/// The order of values as documented, without the file's.
fn order(a: &Value, b: &Value) -> std::cmp::Ordering {
    match (a, b) {
        (Value::Keyword(a), Value::Keyword(b)) => a.as_bytes().cmp(b.as_bytes()),
        (Value::Integer(a), Value::Integer(b)) => a.cmp(b),
        (Value::Float(a), Value::Float(b)) => a.partial_cmp(b).unwrap(),
        (Value::Boolean(a), Value::Boolean(b)) => a.cmp(b),
        (Value::Time(a), Value::Time(b)) => a.cmp(b),
        _ => panic!("{a} and {b}"),
    }
}

fn contains(range: &ValueRange, value: &Value) -> bool {
    let from = match &range.from {
        Bound::Included(bound) => order(value, bound).is_ge(),
        Bound::Excluded(bound) => order(value, bound).is_gt(),
        Bound::Unbounded => true,
    };
    let to = match &range.to {
        Bound::Included(bound) => order(value, bound).is_le(),
        Bound::Excluded(bound) => order(value, bound).is_lt(),
        Bound::Unbounded => true,
    };
    from && to
}

/// The values of a document one by one.
fn singles(value: &Option<Value>) -> Vec<Value> {
    match value {
        None => Vec::new(),
        Some(Value::Keywords(list)) => list.iter().cloned().map(Value::Keyword).collect(),
        Some(value) => vec![value.clone()],
    }
}

/// Ranges between values that documents have, and others.
fn range(values: Vec<Value>, extra: Vec<Value>) -> impl Strategy<Value = ValueRange> {
    let all: Vec<Value> = values.into_iter().chain(extra).collect();
    let bound = prop_oneof![Just(None), (prop::sample::select(all), any::<bool>()).prop_map(Some)];
    let bound = move || {
        bound.clone().prop_map(|bound| match bound {
            None => Bound::Unbounded,
            Some((value, true)) => Bound::Included(value),
            Some((value, false)) => Bound::Excluded(value),
        })
    };
    (bound(), bound()).prop_map(|(from, to)| ValueRange { from, to })
}

/// A column of documents, and some ranges of its values.
fn column_and_ranges() -> impl Strategy<Value = (ColumnKind, Vec<Row>, Vec<ValueRange>)> {
    (prop::sample::select(&ColumnKind::ALL[..]), 1..3u8)
        .prop_flat_map(|(kind, share)| {
            let rows = prop::collection::vec(cell(kind, share), 0..200);
            (Just(kind), rows, prop::collection::vec(value(kind), 1..5))
        })
        .prop_flat_map(|(kind, rows, extra)| {
            let values: Vec<Value> = rows.iter().flat_map(singles).collect();
            let extra = extra.into_iter().flat_map(|value| singles(&Some(value))).collect();
            let rows: Vec<Row> = rows.into_iter().map(|value| vec![value]).collect();
            (Just(kind), Just(rows), prop::collection::vec(range(values, extra), 0..14))
        })
}

proptest! {
    #[test]
    fn values_come_back((schema, rows) in documents(150)) {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), &schema, &rows);
        let columns = open(folder.path(), &schema, rows.len());
        columns.verify().unwrap();
        for (docid, row) in rows.iter().enumerate() {
            prop_assert_eq!(&row_of(&columns, docid), row);
        }
        for column in 0..schema.len() {
            let present = columns.present(column).unwrap();
            let expected = rows.iter().filter(|row| row[column].is_some()).count() as u64;
            prop_assert_eq!(columns.present_count(column), expected);
            let ones: u64 = present.iter().map(|word| u64::from(word.count_ones())).sum();
            prop_assert_eq!(ones, expected);
            for (docid, row) in rows.iter().enumerate() {
                prop_assert_eq!(is_set(&present, docid), row[column].is_some());
            }
        }
    }

    #[test]
    fn matches_are_those_of_every_value((kind, rows, ranges) in column_and_ranges()) {
        let folder = tempfile::tempdir().unwrap();
        let schema = [ColumnSpec { name: "c".to_owned(), kind }];
        write(folder.path(), &schema, &rows);
        let columns = open(folder.path(), &schema, rows.len());
        let words = columns.matches(0, &ranges).unwrap();
        let mut count = 0;
        for (docid, row) in rows.iter().enumerate() {
            let values = singles(&row[0]);
            let expected =
                ranges.iter().any(|range| values.iter().any(|value| contains(range, value)));
            prop_assert_eq!(is_set(&words, docid), expected, "{:?} in {:?}", &row[0], &ranges);
            count += u32::from(expected);
        }
        prop_assert_eq!(words.iter().map(|word| word.count_ones()).sum::<u32>(), count);
    }

    /// What a merge does: the documents that live, read back from parts, written again.
    #[test]
    fn a_merged_file_is_that_of_its_documents(
        (schema, rows) in documents(150),
        parts in 1..5usize,
        lives in prop::collection::vec(any::<bool>(), 150),
    ) {
        let folders: Vec<_> = (0..=parts + 1).map(|_| tempfile::tempdir().unwrap()).collect();
        let mut merged = ColumnsWriter::create(folders[0].path(), &schema).unwrap();
        let size = rows.len().div_ceil(parts).max(1);
        for (part, rows) in rows.chunks(size).enumerate() {
            let folder = folders[part + 1].path();
            write(folder, &schema, rows);
            let columns = open(folder, &schema, rows.len());
            for docid in (0..rows.len()).filter(|docid| lives[part * size + docid]) {
                merged.push(&row_of(&columns, docid)).unwrap();
            }
        }
        merged.finish().unwrap();
        let living: Vec<Row> =
            rows.iter().zip(&lives).filter(|(_, lives)| **lives).map(|(row, _)| row.clone()).collect();
        write(folders[parts + 1].path(), &schema, &living);
        prop_assert_eq!(bytes(folders[0].path()), bytes(folders[parts + 1].path()));
    }

    /// Whatever the bytes say: an answer or an error; and what verifies is what its values give.
    #[test]
    fn damage_is_an_answer_or_an_error(
        (schema, rows) in documents(100),
        changes in prop::collection::vec((any::<u16>(), any::<u8>()), 1..6),
        cut in prop::option::weighted(0.1, any::<u16>()),
    ) {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), &schema, &rows);
        let mut damaged = bytes(folder.path());
        for (place, byte) in changes {
            // The table at the end is what most depends on.
            let from_end = 1 + usize::from(place) % damaged.len();
            let at = damaged.len() - from_end;
            damaged[at] = byte;
        }
        damaged.truncate(cut.map_or(usize::MAX, |cut| usize::from(cut) % damaged.len()));
        if damaged.len() >= 32 {
            seal(&mut damaged);
        }
        std::fs::write(folder.path().join("columns.bin"), &damaged).unwrap();
        let Ok(columns) = Columns::open(folder.path(), rows.len() as u32, &schema) else {
            return Ok(());
        };
        let mut read: Vec<Row> = Vec::new();
        for docid in 0..rows.len() as u32 {
            read.push((0..schema.len()).map(|i| columns.value(docid, i).ok().flatten()).collect());
        }
        for (column, spec) in schema.iter().enumerate() {
            let _ = columns.present(column);
            let _ = columns.matches(column, &[ValueRange { from: Bound::Unbounded, to: Bound::Unbounded }]);
            for value in rows.iter().filter_map(|row| row[column].as_ref()).take(12) {
                if value.kind() == spec.kind {
                    let _ = columns.matches(column, &[ValueRange::of(value.clone())]);
                }
            }
        }
        if columns.verify().is_ok() {
            let again = tempfile::tempdir().unwrap();
            write(again.path(), &schema, &read);
            prop_assert_eq!(bytes(again.path()), damaged);
        }
    }
}

/// Makes the checksums of a frame right: see docs/format/index.md.
fn seal(bytes: &mut [u8]) {
    let length = bytes.len() as u64 - 32;
    bytes[16..24].copy_from_slice(&length.to_le_bytes());
    let payload = crc32fast::hash(&bytes[32..]);
    bytes[24..28].copy_from_slice(&payload.to_le_bytes());
    let header = crc32fast::hash(&bytes[..28]);
    bytes[28..32].copy_from_slice(&header.to_le_bytes());
}

#[test]
fn more_values_than_stay_in_memory_come_back() {
    let schema = spork_index::parse_schema("number:integer,name:keyword,at:time").unwrap();
    let rows: Vec<Row> = (0..200_000i64)
        .map(|i| {
            let name = Value::keywords([format!("n{}", i % 70_000), format!("m{}", i % 3)]);
            let at = (i % 3 > 0).then(|| Value::Time(Time(i128::from(i) << 60)));
            vec![Some(Value::Integer(i * i)), name, at]
        })
        .collect();
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &schema, &rows);
    let columns = open(folder.path(), &schema, rows.len());
    columns.verify().unwrap();
    for (docid, row) in rows.iter().enumerate() {
        assert_eq!(&row_of(&columns, docid), row);
    }
}

#[test]
fn columns_take_the_least_bytes() {
    let dates = |i: i64| Value::Time(Time(i128::from(i) * 86_400_000_000_000));
    let name = |i: i64| Value::Keyword(format!("{:02}", i % 50));
    // Bytes a document, beside table and dictionary.
    for (kind, of, bytes_each) in [
        (ColumnKind::Integer, Box::new(|_| Value::Integer(7)) as Box<dyn Fn(i64) -> Value>, 0.0),
        (ColumnKind::Boolean, Box::new(|i| Value::Boolean(i % 3 == 0)), 0.125),
        (ColumnKind::Integer, Box::new(|i| Value::Integer((1 << 40) + i % 100 * 1000)), 1.0),
        (ColumnKind::Keyword, Box::new(name), 1.0),
        (ColumnKind::Time, Box::new(dates), 2.0),
        (ColumnKind::Float, Box::new(|i| Value::Float(i as f64 / 7.0)), 8.0),
    ] {
        let rows: Vec<Row> = (0..6400).map(|i| vec![Some(of(i))]).collect();
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), &[ColumnSpec { name: "c".to_owned(), kind }], &rows);
        let length = bytes(folder.path()).len() as f64 - 112.0;
        let each = length / 6400.0;
        assert!((bytes_each..bytes_each + 0.1).contains(&each), "{kind}: {each}");
    }
}

#[test]
fn what_a_column_cannot_hold_is_refused() {
    let schema = spork_index::parse_schema("year:integer,price:float,lang:keyword").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut writer = ColumnsWriter::create(folder.path(), &schema).unwrap();
    for (place, value, says) in [
        (0, Value::Keyword("2020".into()), "column `year` is integer: expected an integer"),
        (0, Value::Float(2020.0), "got 2020.0"),
        (1, Value::Float(f64::NAN), "column `price` is float: expected a number, got NaN"),
        (1, Value::Float(f64::INFINITY), "got inf"),
        (1, Value::Integer(1), "got 1"),
        (2, Value::Boolean(true), "expected a string or a list of strings, got true"),
    ] {
        let mut row = vec![None; 3];
        row[place] = Some(value);
        let error = writer.push(&row).unwrap_err().to_string();
        assert!(error.contains(says), "{error}");
    }
    writer.push(&[None, Some(Value::Float(-0.0)), None]).unwrap();
    writer.finish().unwrap();
    let columns = open(folder.path(), &schema, 1);
    assert_eq!(row_of(&columns, 0), [None, Some(Value::Float(0.0)), None]);
    let matches = |place, value| columns.matches(place, &[ValueRange::of(value)]);
    assert_eq!(matches(1, Value::Float(-0.0)).unwrap(), [1]);
    for (place, value) in [
        (0, Value::Float(1.0)),
        (1, Value::Float(f64::NAN)),
        (2, Value::Keywords(vec!["a".into(), "b".into()])),
    ] {
        assert!(matches(place, value).is_err());
    }
}

#[test]
fn a_file_of_other_columns_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let schema = spork_index::parse_schema("a:integer,b:float").unwrap();
    write(folder.path(), &schema, &vec![vec![Some(Value::Integer(1)), None]; 70]);
    for (documents, other) in [
        (70, "a:integer,b:time"),
        (0, "a:integer,b:float"),
        (70, "a:integer"),
        (70, "a:integer,b:float,c:time"),
    ] {
        let other = spork_index::parse_schema(other).unwrap();
        assert!(Columns::open(folder.path(), documents, &other).is_err(), "{documents} {other:?}");
    }
    assert!(Columns::open(folder.path(), 70, &schema).is_ok());
}
