//! Searches among the documents that a filter keeps.

use super::*;

fn index(bench: &Bench) {
    let record = |i: usize| {
        let (lang, cats) = (["en", "de", "fr"][i % 3], "cat ".repeat(1 + i % 4));
        format!(
            "{{\"_id\": \"d{i}\", \"text\": \"{cats}\", \"year\": {i}, \"lang\": \"{lang}\"}}\n"
        )
    };
    bench.write("a.jsonl", (0..90).map(record).collect::<String>());
    bench.write("b.jsonl", (90..120).map(record).collect::<String>());
    bench.write("t.tsv", "1\tcats\n");
    bench.ok("index --bm25 a.jsonl --columns year:integer,lang:keyword --output i");
    bench.ok("add --index i --bm25 b.jsonl");
    bench.ok("delete --index i --docno d3 d117");
}

fn filtered(bench: &Bench, line: &str, filter: &str) -> std::process::Output {
    bench.command(line).args(["--filter", filter]).output().unwrap()
}

#[test]
fn the_answer_is_the_ranking_of_all_without_what_is_not_kept() {
    let bench = Bench::new();
    index(&bench);
    let all = bench.ok("search --index i --topics t.tsv --k 1000");
    assert_eq!(all.lines().count(), 118);
    let year = |line: &str| line.split(' ').nth(2).unwrap()[1..].parse::<usize>().unwrap();
    let without_rank = |line: &str| {
        let columns: Vec<&str> = line.split(' ').collect();
        format!("{} {}", columns[2], columns[4])
    };
    let kept = |line: &&str| year(line) >= 60 && year(line) % 3 == 0;
    let expected: Vec<String> = all.lines().filter(kept).map(without_rank).collect();
    let json = r#"{"and": [{"column": "year", "op": ">=", "value": 60}, {"column": "lang", "op": "=", "value": "en"}]}"#;
    for filter in [r#"year >= 60 and lang = "en""#, json] {
        for (strategy, k) in [("exhaustive", 1000), ("taat", 7), ("block-max", 7), ("auto", 3)] {
            let line = format!(
                "search --index i --topics t.tsv --k {k} --strategy {strategy} --stats s.json --output r"
            );
            let output = filtered(&bench, &line, filter);
            assert!(output.status.success(), "{}", stderr(&output));
            assert!(
                stderr(&output).contains("the filter keeps 19 of 118 documents"),
                "{}",
                stderr(&output)
            );
            let run = std::fs::read_to_string(bench.path("r")).unwrap();
            let found: Vec<String> = run.lines().map(without_rank).collect();
            assert_eq!(found, expected[..expected.len().min(k)], "{strategy}");
            let said: serde_json::Value =
                serde_json::from_str(&std::fs::read_to_string(bench.path("s.json")).unwrap())
                    .unwrap();
            assert_eq!(
                (&said["matched"], &said["per_query"][0]["exact"]),
                (&19.into(), &true.into())
            );
        }
    }
    let output = filtered(&bench, "search --index i --topics t.tsv", "year > 1000");
    assert!(output.status.success() && output.stdout.is_empty());
}

#[test]
fn a_filter_that_does_not_go_is_told_with_its_place() {
    let bench = Bench::new();
    index(&bench);
    for (filter, says) in [
        ("year >", "filter, character 7"),
        ("jear = 1", "there is no column \"jear\""),
        ("lang = 3", "column \"lang\" is keyword"),
    ] {
        let output = filtered(&bench, "search --index i --topics t.tsv", filter);
        assert_eq!(output.status.code(), Some(1), "{filter}");
        assert!(stderr(&output).contains(says), "{filter}: {}", stderr(&output));
    }
    bench.ok("index --bm25 a.jsonl --output plain");
    let output = filtered(&bench, "search --index plain --topics t.tsv", "year = 1");
    assert!(stderr(&output).contains("there is no column \"year\""), "{}", stderr(&output));
}
