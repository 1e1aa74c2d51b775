//! Damaged columns: whatever the file says, values, filters and verification end in an answer or an
//! error; and a file that verifies is the one that its values are written to.
//!
//! The input says which bytes to change, counted from the end, where the table of columns is, and
//! where to cut. Length and checksums are put right again.

#![no_main]

mod frame;

use std::fs;
use std::ops::Bound;
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use spork_index::{ColumnSpec, Columns, ColumnsWriter, Time, Value, ValueRange, parse_schema};
use tempfile::TempDir;

const DOCUMENTS: u32 = 70;

struct Sound {
    folder: TempDir,
    schema: Vec<ColumnSpec>,
    bytes: Vec<u8>,
    values: [Value; 6],
}

static SOUND: LazyLock<Sound> = LazyLock::new(|| {
    let schema = "a:integer,b:keyword,c:float,d:boolean,e:time,f:keyword";
    let schema = parse_schema(schema).expect("columns");
    let folder = tempfile::tempdir().expect("a folder");
    let rows: Vec<Vec<Option<Value>>> = (0..i64::from(DOCUMENTS))
        .map(|i| {
            vec![
                Some(Value::Integer(i * i)),
                Value::keywords((0..i % 4).map(|j| format!("k{}", i * j % 7))),
                (i % 5 > 0).then_some(Value::Float(i as f64 / 4.0)),
                (i % 3 > 0).then_some(Value::Boolean(i % 3 == 1)),
                Some(Value::Time(Time(i128::from(i) << (i % 70)))),
                Some(Value::Keyword(format!("x{}", i % 2))),
            ]
        })
        .collect();
    let bytes = write(&folder, &schema, &rows);
    let mut values = rows[1].clone().into_iter().flatten();
    let values = std::array::from_fn(|_| values.next().unwrap_or(Value::Keyword("k0".into())));
    Sound { folder, schema, bytes, values }
});

fn write(folder: &TempDir, schema: &[ColumnSpec], rows: &[Vec<Option<Value>>]) -> Vec<u8> {
    let mut writer = ColumnsWriter::create(folder.path(), schema).expect("a writer");
    for row in rows {
        writer.push(row).expect("values of the columns");
    }
    writer.finish().expect("a file");
    fs::read(folder.path().join("columns.bin")).expect("the file")
}

fuzz_target!(|data: &[u8]| {
    let [cut, edits @ ..] = data else { return };
    let sound = &*SOUND;
    let mut bytes = sound.bytes.clone();
    for &[low, high, value] in edits.as_chunks::<3>().0 {
        let from_end = usize::from(u16::from_le_bytes([low, high])) % bytes.len() + 1;
        let place = bytes.len() - from_end;
        bytes[place] = value;
    }
    bytes.truncate(bytes.len() - usize::from(*cut));
    if bytes.len() >= 32 {
        frame::seal(&mut bytes);
    }
    fs::write(sound.folder.path().join("columns.bin"), &bytes).expect("a damaged file");
    let Ok(columns) = Columns::open(sound.folder.path(), DOCUMENTS, &sound.schema) else { return };
    let mut rows = Vec::new();
    for docid in 0..DOCUMENTS {
        let value = |column| columns.value(docid, column).ok().flatten();
        rows.push((0..sound.schema.len()).map(value).collect());
    }
    for (column, value) in sound.values.iter().enumerate() {
        let _ = columns.present(column);
        let from = Bound::Excluded(value.clone());
        let range = ValueRange { from, to: Bound::Unbounded };
        let _ = columns.matches(column, &[ValueRange::of(value.clone()), range]);
    }
    if columns.verify().is_ok() {
        let again = tempfile::tempdir().expect("a folder");
        assert_eq!(write(&again, &sound.schema, &rows), bytes);
    }
});
