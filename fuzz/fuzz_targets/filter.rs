//! Filters in both forms: what is read is printed and read again, and keeps of the documents of two
//! segments what it says of each.

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use spork_filter::Filter;
use spork_index::{ColumnSpec, Columns, ColumnsWriter, Time, Value, parse_schema};
use tempfile::TempDir;

/// Documents with all kinds of values; the last has none.
struct Documents {
    _folder: TempDir,
    schema: Vec<ColumnSpec>,
    columns: Columns,
}

static DOCUMENTS: LazyLock<Documents> = LazyLock::new(|| {
    let schema = parse_schema("a:integer,b:keyword,c:float,d:boolean,e:time").expect("columns");
    let folder = tempfile::tempdir().expect("a folder");
    let mut writer = ColumnsWriter::create(folder.path(), &schema).expect("a writer");
    for i in 0..70i64 {
        let row = [
            Some(Value::Integer(i - 3)),
            Value::keywords((0..i % 4).map(|j| format!("k{}", i * j % 7))),
            Some(Value::Float(i as f64 / 4.0)),
            (i % 3 > 0).then_some(Value::Boolean(i % 3 == 1)),
            Some(Value::Time(Time(i128::from(i) << 57))),
        ];
        writer.push(&row).expect("a document");
    }
    writer.push(&[const { None }; 5]).expect("a document");
    writer.finish().expect("a file");
    let columns = Columns::open(folder.path(), 71, &schema).expect("a file");
    Documents { _folder: folder, schema, columns }
});

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    let filter: Filter = match text.parse() {
        Ok(filter) => filter,
        Err(error) => {
            assert!(error.character <= text.chars().count() + 1);
            assert_eq!(error.to_string().lines().count(), 3);
            return;
        }
    };
    for written in [filter.to_string(), filter.to_json()] {
        assert_eq!(written.parse(), Ok(filter.clone()), "{written}");
    }
    let documents = &*DOCUMENTS;
    let Ok(bound) = filter.bind(&documents.schema) else { return };
    let kept = bound.select(&documents.columns).expect("a sound file");
    assert_eq!((kept.len(), kept[1] >> 7), (2, 0), "bits behind the last document");
    // What a filter keeps and what its opposite keeps are all documents.
    let opposite: Filter = format!("not ({filter})").parse().unwrap_or_else(|_| filter.clone());
    if opposite != filter {
        let bound = opposite.bind(&documents.schema).expect("the same columns");
        let others = bound.select(&documents.columns).expect("a sound file");
        assert_eq!((kept[0] ^ others[0], kept[1] ^ others[1]), (u64::MAX, 127));
    }
});
