//! What it takes to find the documents that a filter keeps, on one core: for each filter the share
//! of documents that it keeps, bytes a document of its column, and milliseconds for a million
//! documents (the median of several passes), separated by tabs.
//!
//!     cargo bench -p spork-filter [-- DOCUMENTS]

use std::error::Error;
use std::time::Instant;

use spork_core::Random;
use spork_filter::Filter;
use spork_index::{Columns, ColumnsWriter, Time, Value, parse_schema};

const PASSES: usize = 31;

/// A column that each filter is about, filters, and what makes the column's values.
type Make = fn(&mut Random) -> Option<Value>;

const COLUMNS: [(&str, Make, &[&str]); 11] = [
    ("open:boolean", |r| Some(Value::Boolean(r.below(2) == 1)), &["open = true"]),
    (
        "year:integer",
        |r| Some(Value::Integer(1900 + r.below(126) as i64)),
        &["year >= 1963", "year = 2000", "year != 2000", "year in (1, 1990, 2000, 2010)"],
    ),
    (
        "maybe:integer",
        |r| (r.below(2) == 1).then(|| Value::Integer(r.below(100) as i64)),
        &["maybe < 50", "exists maybe"],
    ),
    ("views:integer", |r| Some(Value::Integer(r.below(1 << 15) as i64)), &["views < 16384"]),
    (
        "user:integer",
        |r| Some(Value::Integer(r.below(1 << 31) as i64)),
        &["user < 1073741824", "user in (1, 2, 30, 40, 500, 600, 7000, 8000, 90000, 1000000)"],
    ),
    (
        "id:integer",
        |r| Some(Value::Integer(r.next_u64() as i64)),
        &["id < 0", "id in (1, 2, 30, 40, 500, 600, 7000, 8000, 90000, 1000000)"],
    ),
    ("price:float", |r| Some(Value::Float(r.unit() * 1000.0)), &["price < 500"]),
    (
        "day:time",
        |r| Some(Value::Time(Time(r.below(20_000) as i128 * 86_400_000_000_000))),
        &["day >= \"1997-05-19\""],
    ),
    (
        "at:time",
        |r| Some(Value::Time(Time(i128::from(r.next_u64() >> 2)))),
        &["at >= \"1990-01-01\""],
    ),
    (
        "lang:keyword",
        |r| Some(Value::Keyword(format!("l{:02}", r.below(40)))),
        &["lang = \"l07\"", "lang not in (\"l07\", \"l09\")"],
    ),
    (
        "tags:keyword",
        |r| Value::keywords((0..3).map(|_| format!("t{}", r.below(2000)))),
        &["tags = \"t7\"", "tags < \"t55\""],
    ),
];

fn main() -> Result<(), Box<dyn Error>> {
    let documents = std::env::args().skip(1).find_map(|arg| arg.parse().ok()).unwrap_or(1_000_000);
    println!("filter\tkept\tbytes a document\tms a million");
    for (column, make, filters) in COLUMNS {
        let schema = parse_schema(column)?;
        let folder = tempfile::tempdir()?;
        let mut writer = ColumnsWriter::create(folder.path(), &schema)?;
        let mut random = Random::new(20);
        for _ in 0..documents {
            writer.push(&[make(&mut random)])?;
        }
        let bytes = writer.finish()?.length as f64 / f64::from(documents);
        let columns = Columns::open(folder.path(), documents, &schema)?;
        for filter in filters {
            let bound = filter.parse::<Filter>()?.bind(&schema)?;
            let mut times = Vec::new();
            let mut kept = 0;
            for _ in 0..PASSES {
                let start = Instant::now();
                let words = bound.select(&columns)?;
                times.push(start.elapsed().as_secs_f64() * 1e9 / f64::from(documents));
                kept = words.iter().map(|word| u64::from(word.count_ones())).sum();
            }
            times.sort_by(f64::total_cmp);
            let share = kept as f64 / f64::from(documents);
            println!("{filter}\t{share:.4}\t{bytes:.3}\t{:.3}", times[PASSES / 2]);
        }
    }
    Ok(())
}
