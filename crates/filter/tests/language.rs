//! The language and its JSON form: what is read, what is printed, what is refused and where.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use proptest::prelude::*;
use spork_filter::{Filter, FilterError};
use spork_index::parse_schema;

fn read(text: &str) -> Filter {
    text.parse().unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn both_forms_say_the_same() {
    for (text, printed, json) in [
        ("year>=2020", "year >= 2020", r#"{"column": "year", "op": ">=", "value": 2020}"#),
        ("lang = 'en'", r#"lang = "en""#, r#"{"column": "lang", "op": "=", "value": "en"}"#),
        ("open != TRUE", "open != true", r#"{"column": "open", "op": "!=", "value": true}"#),
        (
            "a IN (1, -2.50e3 , 007)",
            "a in (1, -2.50e3, 7)",
            r#"{"column": "a", "op": "in", "value": [1, -2.50e3, 7]}"#,
        ),
        (
            "a Not  In ('x')",
            r#"a not in ("x")"#,
            r#"{"column": "a", "op": "not in", "value": ["x"]}"#,
        ),
        ("exists(a.b-c)", "exists a.b-c", r#"{"exists": "a.b-c"}"#),
        ("EXISTS \"in\"", "exists \"in\"", r#"{"exists": "in"}"#),
        (
            "a = 1 or b = 2 and not c = 3 or exists d",
            "a = 1 or b = 2 and not c = 3 or exists d",
            r#"{"or": [{"column": "a", "op": "=", "value": 1}, {"and": [{"column": "b", "op": "=", "value": 2}, {"not": {"column": "c", "op": "=", "value": 3}}]}, {"exists": "d"}]}"#,
        ),
        (
            "(a<1 or (b<2)) and not (c<3 and d<4)",
            "(a < 1 or b < 2) and not (c < 3 and d < 4)",
            r#"{"and": [{"or": [{"column": "a", "op": "<", "value": 1}, {"column": "b", "op": "<", "value": 2}]}, {"not": {"and": [{"column": "c", "op": "<", "value": 3}, {"column": "d", "op": "<", "value": 4}]}}]}"#,
        ),
        (
            r#"'größe 1' = "a\"b\\c\n\u00e9\ud83d\ude00" "#,
            "\"größe 1\" = \"a\\\"b\\\\c\\né😀\"",
            "{\"column\": \"größe 1\", \"op\": \"=\", \"value\": \"a\\\"b\\\\c\\né😀\"}",
        ),
        ("größe = 1", "größe = 1", r#"{"column": "größe", "op": "=", "value": 1}"#),
    ] {
        let filter = read(text);
        assert_eq!(filter.to_string(), printed);
        assert_eq!(filter.to_json(), json);
        assert_eq!(read(json), filter, "{json}");
        assert_eq!(read(printed), filter, "{printed}");
    }
    // Keys in any order, and one filter in a list.
    let filter = read(" {\"and\" : [ { \"value\":1 , \"op\" : \"<\",\"column\":\"a\" } ] } ");
    assert_eq!(filter, read("a < 1"));
}

const SCHEMA: &str = "year:integer,lang:keyword,open:boolean,price:float,at:time";

fn error(text: &str) -> FilterError {
    let filter: Result<Filter, _> = text.parse();
    let bound = filter.and_then(|filter| filter.bind(&parse_schema(SCHEMA).unwrap()));
    bound.expect_err(text)
}

#[test]
fn every_error_has_its_place_and_a_remedy() {
    for (text, character, says) in [
        (
            "",
            1,
            "expected a comparison (as in `year >= 2020`), `exists`, `not` or `(`, got the end",
        ),
        ("year", 5, "got the end; write `year = true` or `exists year`"),
        (
            "year =",
            7,
            "expected a value (a string in quotes, a number, true or false), got the end",
        ),
        ("year == 2020", 6, "got `==`; write `=`"),
        ("year <> 2020", 6, "got `<>`; write `!=`"),
        ("year =~ 2020", 6, "got `=~`"),
        ("year = 2020 && open = true", 13, "got `&&`; write `and`"),
        ("year = 2020 || open = true", 13, "got `||`; write `or`"),
        ("year = 2020, open = true", 12, "write `and` or `or` between comparisons"),
        ("year = 2020 open = true", 13, "expected `and`, `or` or the end, got `open`"),
        ("!(year = 2020)", 1, "got `!`; write `not`"),
        ("lang = en", 8, "got `en`; write \"en\" if it is a string"),
        ("lang = null", 8, "got `null`; a missing value compares with nothing; ask for `exists`"),
        ("price = NaN", 9, "got `NaN`; a missing value compares with nothing"),
        ("price < Infinity", 9, "columns hold no infinity"),
        ("price < -inf", 9, "expected a number, got -inf"),
        ("lang = \"en", 8, "got a string without end; end it with \""),
        ("lang = 'en", 8, "got a string without end; end it with '"),
        (r#"lang = "\x""#, 9, r"got \x; write \\ for a backslash"),
        ("lang = '\\\n'", 9, r"got \\n; write"),
        (r#"lang = "\ud800""#, 11, "a character as four hexadecimal digits"),
        ("lang in \"en\"", 9, "write the values in parentheses"),
        ("lang in ()", 10, "expected a value"),
        ("lang in (\"en\" \"de\")", 15, "expected `,` or `)`"),
        ("lang in (\"en\",)", 15, "expected a value"),
        ("lang not = \"en\"", 10, "expected `in` after `not`, got `=`"),
        ("(year = 2020", 13, "expected `)`, got the end"),
        ("year = 2020)", 12, "expected `and`, `or` or the end, got `)`"),
        (
            "at >= 2024-05-01",
            7,
            "expected a number, got 2024-05-01; write strings and times in quotes",
        ),
        ("year = 1.", 8, "expected a number, got 1."),
        ("year = 1e", 8, "expected a number, got 1e"),
        ("year = 12th", 8, "expected a number, got 12th"),
        ("and = 1", 1, "got `and`; write \"and\" if a column has this name"),
        ("2020 = year", 1, "got the number 2020; write \"2020\" if a column has this name"),
        ("year = $1", 8, "got '$'; write strings in quotes"),
        (
            "größe = 1",
            1,
            "there is no column \"größe\"; the index has \"year\", \"lang\", \"open\"",
        ),
        ("open = true and exists Year", 24, "there is no column \"Year\""),
        (
            "year = \"2020\"",
            8,
            "column \"year\" is integer: expected a number, got \"2020\"; write it without quotes",
        ),
        ("price < true", 9, "column \"price\" is float: expected a number, got true"),
        (
            "lang = 7",
            8,
            "column \"lang\" is keyword: expected a string in quotes, got 7; write \"7\"",
        ),
        ("lang = true", 8, "write \"true\""),
        ("lang in (\"en\", 7)", 16, "got 7"),
        ("open = 1", 8, "column \"open\" is boolean: expected true or false, got 1"),
        ("open = \"true\"", 8, "write true or false without quotes"),
        (
            "open > false",
            6,
            "expected `=`, `!=`, `in` or `not in`, got `>`; true and false have no order",
        ),
        ("at < 1714521600", 6, "got 1714521600; write it in quotes"),
        ("at < \"May\"", 6, "column \"at\" is time: expected a time as in"),
        ("at < \"2024-05-01T00:00:00\"", 6, "the time has no offset from UTC"),
        ("at < \"2024-02-30\"", 6, "there is no day 2024-02-30"),
        // JSON.
        ("{", 2, "expected \"and\", \"or\", \"not\", \"exists\""),
        ("{}", 2, "expected \"and\""),
        (r#"{"year": 2020}"#, 2, r#"got "year""#),
        (r#"{"and": {}}"#, 9, "expected `[`, got `{`"),
        (r#"{"and": []}"#, 10, "expected at least one element"),
        (r#"{"exists": 1}"#, 12, "expected the name of a column, got the number 1"),
        (r#"{"exists": "year", "not": {}}"#, 18, "got `,`; put several filters into \"and\""),
        (r#"{"column": "year", "or": []}"#, 27, "at least one element"),
        (r#"{"column": "year", "exists": "a"}"#, 20, "in an object of their own"),
        (r#"{"column": "year", "op": "="}"#, 1, "expected \"column\", \"op\" and \"value\""),
        (r#"{"column": "year", "column": "year"}"#, 20, "got \"column\""),
        (r#"{"column": "year", "op": "==", "value": 1}"#, 26, "expected \"=\", \"!=\""),
        (r#"{"column": "year", "op": "=", "value": [1]}"#, 40, "expected one value, got a list"),
        (r#"{"column": "year", "op": "in", "value": 1}"#, 41, "expected a list of values, got one"),
        (r#"{"column": "year", "op": "=", "value": null}"#, 40, "`null`; a missing value"),
        (r#"{"column": "year", "op": "=", "value": {}}"#, 40, "expected a value"),
        (r#"{"column": "year", "op": "=", "value": "1"}"#, 40, "write it without quotes"),
        (r#"{'exists': 'year'}"#, 2, "JSON has double quotes"),
        (r#"{"exists": "year"} and"#, 20, "expected the end"),
    ] {
        let error = error(text);
        assert!(error.to_string().contains(says), "{text}: {error}");
        assert_eq!(error.character, character, "{text}: {error}");
    }
}

#[test]
fn an_error_shows_where_it_is() {
    assert_eq!(
        error("lang = \"en\" and\nyear = \"2020\"").to_string(),
        "filter, character 24: column \"year\" is integer: expected a number, got \"2020\"; write \
         it without quotes\n  lang = \"en\" and year = \"2020\"\n                         ^^^^^^"
    );
    let long = format!(
        "{} and year = \"2020\" and {0}",
        "open = true and ".repeat(20).trim_end_matches(" and ")
    );
    let shown = error(&long).to_string();
    let lines: Vec<&str> = shown.lines().collect();
    assert!(lines.len() == 3 && lines.iter().skip(1).all(|line| line.len() < 100), "{shown}");
    let at = lines[2].find('^').unwrap();
    assert!(lines[1][at..].starts_with("\"2020\""), "{shown}");
}

#[test]
fn depth_length_and_work_are_bounded() {
    let deep = |open: &str, end: &str, n| format!("{}year = 1{}", open.repeat(n), end.repeat(n));
    assert!(deep("(", ")", 64).parse::<Filter>().is_ok());
    let json = |n| format!("{}{{\"exists\": \"a\"}}{}", "{\"not\": ".repeat(n), "}".repeat(n));
    assert!(json(64).parse::<Filter>().is_ok());
    let list = |n| format!("year in (1{})", ", 1".repeat(n));
    assert!(list(100_000).parse::<Filter>().is_ok());
    for (text, says) in [
        (deep("(", ")", 65), "more than 64 filters within filters"),
        (deep("not ", "", 1_000_000), "more than 64 filters within filters"),
        (deep("not (", ")", 33), "more than 64 filters within filters"),
        (json(65), "more than 64 filters within filters"),
        ("{\"and\": [".repeat(100_000), "more than 64 filters within filters"),
        (list(2_000_000), "more than 4194304 bytes; split"),
        (vec!["year = 1"; 1025].join(" or "), "more than 1024 comparisons; join those"),
    ] {
        let error = text.parse::<Filter>().unwrap_err().to_string();
        assert!(error.contains(says), "{error}");
    }
}

/// Any filter as JSON: the parts that a generator can make are few there.
fn filter() -> impl Strategy<Value = String> {
    let string = || {
        "\\PC{0,6}|[\"'\\\\\n\t\u{0}-\u{1f}]{0,3}|and|In|null"
            .prop_map(|text: String| spork_index::Value::Keyword(text).to_string())
    };
    let number = "-?(0|[1-9][0-9]{0,20})(\\.[0-9]{1,5})?([eE][-+]?[0-9]{1,4})?";
    let value = move || prop_oneof![string(), number, "true|false"];
    let one = (string(), prop::sample::select(vec!["=", "!=", "<", "<=", ">", ">="]), value());
    let many = (string(), "in|not in", prop::collection::vec(value(), 1..4));
    let leaf = prop_oneof![
        string().prop_map(|name| format!("{{\"exists\": {name}}}")),
        one.prop_map(|(name, op, value)| {
            format!("{{\"column\": {name}, \"op\": \"{op}\", \"value\": {value}}}")
        }),
        many.prop_map(|(name, op, values)| {
            format!("{{\"column\": {name}, \"op\": \"{op}\", \"value\": [{}]}}", values.join(", "))
        }),
    ];
    leaf.prop_recursive(5, 40, 4, |inner| {
        prop_oneof![
            inner.clone().prop_map(|part| format!("{{\"not\": {part}}}")),
            ("and|or", prop::collection::vec(inner, 2..5))
                .prop_map(|(word, parts)| format!("{{\"{word}\": [{}]}}", parts.join(", "))),
        ]
    })
}

proptest! {
    #[test]
    fn filters_come_back(json in filter()) {
        let filter = read(&json);
        prop_assert_eq!(filter.to_json(), json);
        let text = filter.to_string();
        prop_assert_eq!(&read(&text), &filter, "{}", text);
        prop_assert_eq!(read(&text).to_string(), text);
    }

    #[test]
    fn no_text_panics(
        text in "\\PC{0,40}",
        words in prop::collection::vec(prop::sample::select(vec![
            "and", "or", "not", "in", "exists", "a", "\"b\"", "'", "\"", "\\", "(", ")", ",", "=",
            "<", "!=", "1", "-", ".", "e", "{", "}", "[", "]", ":", "\"and\"", "\"not\"",
            "\"column\"", "\"op\"", "\"value\"", "\"in\"", "\u{e9}", "\n", "\\u12", "\\ud800",
        ]), 0..20),
        blanks in any::<bool>(),
    ) {
        for text in [text, words.join(if blanks { " " } else { "" })] {
            match text.parse::<Filter>() {
                Ok(filter) => {
                    prop_assert_eq!(&read(&filter.to_string()), &filter);
                    prop_assert_eq!(&read(&filter.to_json()), &filter);
                }
                Err(error) => {
                    prop_assert!(error.character <= text.chars().count() + 1);
                    prop_assert_eq!(error.to_string().lines().count(), 3, "{}", error);
                }
            }
        }
    }
}
