//! What a filter keeps, against a reading of the filter document by document that shares no code
//! with it.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fmt::Write;

use proptest::prelude::*;
use proptest::strategy::Strategy;
use spork_filter::Filter;
use spork_index::{ColumnKind, ColumnSpec, Columns, ColumnsWriter, Time, Value, parse_schema};

type Row = Vec<Option<Value>>;

fn write(schema: &[ColumnSpec], rows: &[Row]) -> (tempfile::TempDir, Columns) {
    let folder = tempfile::tempdir().unwrap();
    let mut writer = ColumnsWriter::create(folder.path(), schema).unwrap();
    rows.iter().for_each(|row| writer.push(row).unwrap());
    writer.finish().unwrap();
    let columns = Columns::open(folder.path(), rows.len() as u32, schema).unwrap();
    (folder, columns)
}

fn kept(filter: &str, schema: &[ColumnSpec], columns: &Columns) -> Vec<usize> {
    let filter: Filter = filter.parse().unwrap_or_else(|error| panic!("{error}"));
    let bound = filter.bind(schema).unwrap_or_else(|error| panic!("{error}"));
    let words = bound.select(columns).unwrap();
    assert_eq!(words.len(), (columns.documents() as usize).div_ceil(64));
    (0..64 * words.len()).filter(|docid| words[docid / 64] >> (docid % 64) & 1 == 1).collect()
}

/// A filter over the five columns below, and its own idea of what it keeps.
#[derive(Clone, Debug)]
enum Tree {
    And(Vec<Tree>),
    Or(Vec<Tree>),
    Not(Box<Tree>),
    Exists(usize),
    Compare(usize, &'static str, Vec<Literal>),
}

#[derive(Clone, Debug)]
enum Literal {
    Text(String),
    /// A number of so many thousandths.
    Thousandths(i128),
    Truth(bool),
    /// Seconds since 1970, and the offset from UTC in minutes that it is written with.
    Time(i64, i64),
}

const SCHEMA: &str = "lang:keyword,year:integer,price:float,open:boolean,at:time";

/// Compares a value of a document with a literal; none for values of which one is neither less
/// nor equal nor greater.
fn order(value: &Value, literal: &Literal) -> std::cmp::Ordering {
    match (value, literal) {
        (Value::Keyword(a), Literal::Text(b)) => a.as_bytes().cmp(b.as_bytes()),
        (Value::Integer(a), Literal::Thousandths(b)) => (i128::from(*a) * 1000).cmp(b),
        // Prices here are whole eighths, and thousandths of few digits: both exact.
        (Value::Float(a), Literal::Thousandths(b)) => {
            a.partial_cmp(&thousandths(*b).parse::<f64>().unwrap()).unwrap()
        }
        (Value::Boolean(a), Literal::Truth(b)) => a.cmp(b),
        (Value::Time(Time(a)), Literal::Time(b, _)) => a.cmp(&(i128::from(*b) * 1_000_000_000)),
        _ => panic!("{value:?} {literal:?}"),
    }
}

fn keeps(tree: &Tree, row: &Row) -> bool {
    match tree {
        Tree::And(parts) => parts.iter().all(|part| keeps(part, row)),
        Tree::Or(parts) => parts.iter().any(|part| keeps(part, row)),
        Tree::Not(part) => !keeps(part, row),
        Tree::Exists(column) => row[*column].is_some(),
        Tree::Compare(column, operator, literals) => {
            let values: Vec<Value> = match &row[*column] {
                None => return false,
                Some(Value::Keywords(list)) => list.iter().cloned().map(Value::Keyword).collect(),
                Some(value) => vec![value.clone()],
            };
            let any = |test: fn(std::cmp::Ordering) -> bool| {
                values
                    .iter()
                    .any(|value| literals.iter().any(|literal| test(order(value, literal))))
            };
            match *operator {
                "=" | "in" => any(std::cmp::Ordering::is_eq),
                "!=" | "not in" => !any(std::cmp::Ordering::is_eq),
                "<" => any(std::cmp::Ordering::is_lt),
                "<=" => any(std::cmp::Ordering::is_le),
                ">" => any(std::cmp::Ordering::is_gt),
                _ => any(std::cmp::Ordering::is_ge),
            }
        }
    }
}

fn thousandths(number: i128) -> String {
    let sign = if number < 0 { "-" } else { "" };
    match (number.unsigned_abs() / 1000, number.unsigned_abs() % 1000) {
        (whole, 0) if whole % 7 == 0 => format!("{sign}{whole}"),
        (whole, 500) => format!("{sign}{whole}.5"),
        (whole, rest) if whole % 7 == 1 => format!("{sign}{whole}{rest:03}e-3"),
        (whole, rest) => format!("{sign}{whole}.{rest:03}"),
    }
}

fn written(literal: &Literal) -> String {
    match literal {
        Literal::Text(text) => Value::Keyword(text.clone()).to_string(),
        Literal::Thousandths(number) => thousandths(*number),
        Literal::Truth(truth) => truth.to_string(),
        Literal::Time(seconds, offset) => {
            let local = Time(i128::from(seconds + offset * 60) * 1_000_000_000).to_string();
            let sign = if *offset < 0 { '-' } else { '+' };
            let (hours, minutes) = (offset.abs() / 60, offset.abs() % 60);
            format!("\"{}{sign}{hours:02}:{minutes:02}\"", local.trim_end_matches('Z'))
        }
    }
}

/// In the language, with parentheses around all.
fn text(tree: &Tree, schema: &[ColumnSpec]) -> String {
    let joined = |parts: &[Tree], word: &str| {
        parts.iter().map(|part| text(part, schema)).collect::<Vec<_>>().join(word)
    };
    match tree {
        Tree::And(parts) => format!("({})", joined(parts, " and ")),
        Tree::Or(parts) => format!("({})", joined(parts, " OR ")),
        Tree::Not(part) => format!("not {}", text(part, schema)),
        Tree::Exists(column) => format!("exists {}", schema[*column].name),
        Tree::Compare(column, operator, literals) => {
            let mut text = format!("{} {operator} ", schema[*column].name);
            let list = literals.iter().map(written).collect::<Vec<_>>().join(",");
            let _ = if operator.ends_with("in") {
                write!(text, "({list})")
            } else {
                write!(text, "{list}")
            };
            text
        }
    }
}

const LIMIT: i128 = 1 << 63;

fn literal(column: usize) -> BoxedStrategy<Literal> {
    match column {
        0 => "[a-cA]{0,2}|é".prop_map(Literal::Text).boxed(),
        1 => prop_oneof![
            (-4000i128..4000).prop_map(|number| number / 500 * 500),
            (-2i128..3).prop_map(|number| (1 << 53) * 1000 + number * 500),
            (-2i128..3).prop_map(|number| LIMIT * 1000 + number * 500),
            (-2i128..3).prop_map(|number| -LIMIT * 1000 + number * 500),
        ]
        .prop_map(Literal::Thousandths)
        .boxed(),
        2 => (-32i128..32).prop_map(|eighths| Literal::Thousandths(eighths * 125)).boxed(),
        3 => any::<bool>().prop_map(Literal::Truth).boxed(),
        _ => (-3i64..3, -1439i64..1440)
            .prop_map(|(half_days, offset)| Literal::Time(half_days * 43_200, offset))
            .boxed(),
    }
}

fn value(column: usize) -> BoxedStrategy<Value> {
    match column {
        0 => prop::collection::vec("[a-cA]{0,2}|é", 1..4)
            .prop_map(|list| Value::keywords(list).unwrap())
            .boxed(),
        1 => prop_oneof![
            -4i64..4,
            (-2i64..3).prop_map(|number| (1 << 53) + number),
            (0i64..3).prop_map(|number| i64::MAX - number),
            (0i64..3).prop_map(|number| i64::MIN + number),
        ]
        .prop_map(Value::Integer)
        .boxed(),
        2 => (-32i8..32).prop_map(|eighths| Value::Float(f64::from(eighths) / 8.0)).boxed(),
        3 => any::<bool>().prop_map(Value::Boolean).boxed(),
        _ => (-12i128..12)
            .prop_map(|quarters| Value::Time(Time(quarters * 21_600_000_000_000)))
            .boxed(),
    }
}

fn tree() -> impl Strategy<Value = Tree> {
    let leaf = (0..5usize).prop_flat_map(|column| {
        let ordered = if column == 3 { 2 } else { 6 };
        let one = (
            prop::sample::select(&["=", "!=", "<", "<=", ">", ">="][..ordered]),
            prop::collection::vec(literal(column), 1),
        );
        let many = (
            prop::sample::select(&["in", "not in"][..]),
            prop::collection::vec(literal(column), 1..12),
        );
        prop_oneof![
            1 => Just(Tree::Exists(column)),
            6 => prop_oneof![one, many]
                .prop_map(move |(operator, literals)| Tree::Compare(column, operator, literals)),
        ]
    });
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            inner.clone().prop_map(|part| Tree::Not(Box::new(part))),
            prop::collection::vec(inner.clone(), 2..4).prop_map(Tree::And),
            prop::collection::vec(inner, 2..4).prop_map(Tree::Or),
        ]
    })
}

fn rows() -> impl Strategy<Value = Vec<Row>> {
    // Now and then all documents have a value, and no presence is stored.
    prop::collection::vec(prop_oneof![Just(1.0), 0.2..0.9], 5).prop_flat_map(|shares| {
        let cell = |(column, share): (usize, f64)| {
            if share == 1.0 {
                value(column).prop_map(Some).boxed()
            } else {
                prop::option::weighted(share, value(column)).boxed()
            }
        };
        let row: Vec<_> = shares.into_iter().enumerate().map(cell).collect();
        prop::collection::vec(row, 0..140)
    })
}

proptest! {
    #[test]
    fn a_filter_keeps_what_it_says(
        rows in rows(),
        trees in prop::collection::vec(tree(), 1..6),
    ) {
        let schema = parse_schema(SCHEMA).unwrap();
        let (_folder, columns) = write(&schema, &rows);
        for tree in trees {
            let text = text(&tree, &schema);
            let expected: Vec<usize> = (0..rows.len()).filter(|&i| keeps(&tree, &rows[i])).collect();
            prop_assert_eq!(kept(&text, &schema, &columns), &expected[..], "{}", text);
            let json = text.parse::<Filter>().unwrap().to_json();
            prop_assert_eq!(kept(&json, &schema, &columns), expected, "{}", json);
        }
    }
}

/// The rules of docs/filters.md, one by one.
#[test]
fn the_documented_rules_hold() {
    let schema = parse_schema(SCHEMA).unwrap();
    let text = |text: &str| Some(Value::Keyword(text.to_owned()));
    let list = |list: &[&str]| Value::keywords(list.iter().map(ToString::to_string));
    let time = |text: &str| Some(Value::Time(text.parse().unwrap()));
    let rows = vec![
        vec![
            text("en"),
            Some(Value::Integer(2020)),
            Some(Value::Float(0.1)),
            Some(Value::Boolean(true)),
            time("2024-05-01"),
        ],
        vec![
            text("EN"),
            Some(Value::Integer((1 << 53) + 1)),
            Some(Value::Float(-0.0)),
            Some(Value::Boolean(false)),
            time("2016-12-31T23:59:60Z"),
        ],
        vec![
            list(&["de", "en"]),
            Some(Value::Integer(i64::MAX)),
            Some(Value::Float(1e300)),
            None,
            time("2024-05-01T00:00:00.000000001Z"),
        ],
        vec![None, None, None, None, None],
    ];
    let (_folder, columns) = write(&schema, &rows);
    for (filter, expected) in [
        // Missing values: no comparison holds, so that `not` of one does.
        ("lang = \"en\"", &[0, 2][..]),
        ("lang != \"en\"", &[1]),
        ("not lang = \"en\"", &[1, 3]),
        ("lang in (\"en\")", &[0, 2]),
        ("lang not in (\"en\", \"fr\")", &[1]),
        ("not lang in (\"en\", \"fr\")", &[1, 3]),
        ("not exists lang", &[3]),
        ("exists open", &[0, 1]),
        ("open != true", &[1]),
        ("not open = true", &[1, 2, 3]),
        // Lists: any of them.
        ("lang = \"de\" and lang = \"en\"", &[2]),
        ("lang < \"en\"", &[1, 2]),
        ("lang > \"de\"", &[0, 2]),
        // Case and bytes.
        ("lang = \"EN\"", &[1]),
        ("lang = \"En\"", &[]),
        // Integers against any number, exactly.
        ("year = 2020.0", &[0]),
        ("year = 2.02e3", &[0]),
        ("year = 2020.5", &[]),
        ("year != 2020.5", &[0, 1, 2]),
        ("year > 2019.999999999999999999999", &[0, 1, 2]),
        ("year < 2020.000000000000000000001", &[0]),
        ("year = 9007199254740993", &[1]),
        ("year = 9007199254740992", &[]),
        ("year > 9007199254740992.5", &[1, 2]),
        ("year >= 9223372036854775807", &[2]),
        ("year > 9223372036854775807", &[]),
        ("year <= 9223372036854775808", &[0, 1, 2]),
        ("year >= 1e30", &[]),
        ("year > -1e30", &[0, 1, 2]),
        ("year < -1e30", &[]),
        ("year in (1e30, 2020, 0.5)", &[0]),
        // Floats: a literal is read as a value of the column is.
        ("price = 0.1", &[0]),
        ("price = 0.10000000000000000001", &[0]),
        ("price = 0", &[1]),
        ("price = -0.0", &[1]),
        ("price < 1e400", &[0, 1, 2]),
        ("price > 1e400", &[]),
        // Times: an instant, however it is written; leap seconds count as the next second.
        ("at = \"2024-05-01T00:00:00Z\"", &[0]),
        ("at = \"2024-05-01T02:00:00+02:00\"", &[0]),
        ("at = \"2017-01-01T00:00:00Z\"", &[1]),
        ("at > \"2024-05-01\"", &[2]),
        ("at < \"0001-01-01\"", &[]),
        ("at <= \"9999-12-31T23:59:59.999999999Z\"", &[0, 1, 2]),
    ] {
        assert_eq!(kept(filter, &schema, &columns), expected, "{filter}");
    }
}

#[test]
fn columns_of_another_schema_are_not_read() {
    let schema = parse_schema("a:integer").unwrap();
    let (_folder, columns) = write(&schema, &[vec![Some(Value::Integer(1))]]);
    let other = [ColumnSpec { name: "a".to_owned(), kind: ColumnKind::Float }];
    let bound = "a = 1".parse::<Filter>().unwrap().bind(&other).unwrap();
    assert!(std::panic::catch_unwind(|| bound.select(&columns)).is_err());
}
