//! Indexes of two fields, and what queries give each.

use super::*;

const DOCUMENTS: &str = concat!(
    "{\"id\": \"a\", \"vector\": {\"cat\": 1.5, \"dog\": 0.5}}\n",
    "{\"id\": \"b\", \"vector\": {\"dog\": 2.5}}\n",
    "{\"id\": \"c\", \"vector\": {\"fish\": 1.0}}\n",
);
const CORPUS: &str = "b\tcats and dogs\nd\tcats\na\tfish\n";
const TOPICS: &str = "1\tcats\n2\tfish\n";
const VECTORS: &str = concat!(
    "{\"id\": \"2\", \"vector\": {\"fish\": 1.0}}\n",
    "{\"id\": \"1\", \"vector\": {\"cat\": 1.0, \"dog\": 0.25}}\n",
);

fn hybrid() -> Bench {
    let bench = Bench::new();
    bench.write("v.jsonl", DOCUMENTS);
    bench.write("c.tsv", CORPUS);
    bench.write("t.tsv", TOPICS);
    bench.write("q.jsonl", VECTORS);
    let said = stderr(&bench.spork("index --input v.jsonl --bm25 c.tsv --output i"));
    assert!(said.contains("field splade: 1 of 4 documents are not in its input"), "{said}");
    assert!(said.contains("field bm25: 1 of 4 documents are not in its input"), "{said}");
    bench
}

/// The docnos of a run, by query.
fn docnos(run: &str) -> Vec<String> {
    let mut columns = run.lines().map(|line| line.split(' ').collect::<Vec<_>>());
    columns.by_ref().map(|columns| format!("{}:{}", columns[0], columns[2])).collect()
}

#[test]
fn a_field_left_alone_is_an_index_of_its_own() {
    let bench = hybrid();
    bench.ok("verify --index i");
    bench.ok("index --input v.jsonl --output splade");
    bench.ok("index --bm25 c.tsv --output bm25");
    let both = "search --index i --topics t.tsv --vectors q.jsonl";
    let splade = bench.ok("search --index splade --vectors q.jsonl");
    let from_both = bench.ok(&format!("{both} --mix splade=3,bm25=0"));
    let sorted = |run: &str| {
        let mut lines: Vec<String> = run.lines().map(str::to_owned).collect();
        lines.sort();
        lines
    };
    assert_eq!(sorted(&from_both), sorted(&splade), "in another order of queries");
    let alone = "search --index i --topics t.tsv --mix splade=0,bm25=1";
    assert_eq!(bench.ok(alone), bench.ok("search --index bm25 --topics t.tsv"));
    // What belongs to a field that does not count changes nothing.
    let more = format!("{both} --mix splade=0,bm25=1 --query-idf 0.5");
    assert_eq!(bench.ok(&more), bench.ok(alone));
}

#[test]
fn both_fields_are_added_up() {
    let bench = hybrid();
    let both = "search --index i --topics t.tsv --vectors q.jsonl";
    let equal = bench.ok(both);
    assert_eq!(docnos(&equal), ["1:b", "1:a", "1:d", "2:a", "2:c"], "{equal}");
    assert_eq!(bench.ok(&format!("{both} --mix bm25=1,splade=1")), equal);
    let more_text = bench.ok(&format!("{both} --mix splade=0.1,bm25=1"));
    assert_eq!(docnos(&more_text), ["1:d", "1:b", "1:a", "2:a", "2:c"], "{more_text}");
    for strategy in ["exhaustive", "taat", "block-max"] {
        assert_eq!(bench.ok(&format!("{both} --strategy {strategy}")), equal);
    }
    let said = stderr(&bench.spork(both));
    assert!(said.contains("mix splade=1,bm25=1"), "{said}");
}

#[test]
fn what_a_field_lacks_is_refused_with_the_remedy() {
    let bench = hybrid();
    for (given, says) in [
        ("--topics t.tsv", "for the field splade a query as text needs the model"),
        ("--vectors q.jsonl", "the field bm25 needs queries as text"),
        ("--topics t.tsv --vectors q.jsonl --mix splade=1", "nothing of the field bm25"),
        ("--topics t.tsv --vectors q.jsonl --mix splade=1,bm25=1,x=1", "no field \"x\""),
    ] {
        let said = bench.fails(&format!("search --index i {given}"), 1);
        assert!(said.contains(says), "{given}: {said}");
    }
    bench.fails("search --index i --topics t.tsv --mix splade", 2);
    bench.write("less.tsv", "1\tcats\n");
    let said = bench.fails("search --index i --topics less.tsv --vectors q.jsonl", 1);
    assert!(said.contains("less.tsv lacks the query \"2\" of q.jsonl"), "{said}");
    bench.write("more.tsv", "1\tcats\n2\tfish\n3\tdogs\n");
    let said = bench.fails("search --index i --topics more.tsv --vectors q.jsonl", 1);
    assert!(said.contains("q.jsonl lacks the query \"3\" of more.tsv"), "{said}");
    bench.ok("index --input v.jsonl --output splade");
    let said = bench.fails("search --index splade --topics t.tsv --vectors q.jsonl", 1);
    assert!(said.contains("no field is of text"), "{said}");
}

#[test]
fn work_is_told_by_field() {
    let bench = hybrid();
    let queries = "--index i --topics t.tsv --vectors q.jsonl";
    let flops = bench.ok(&format!("flops {queries}"));
    assert!(flops.contains("  of splade\t") && flops.contains("  of bm25\t"), "{flops}");
    bench.ok(&format!("search {queries} --stats s.json --output run"));
    let read = |name: &str| -> serde_json::Value {
        serde_json::from_str(&std::fs::read_to_string(bench.path(name)).unwrap()).unwrap()
    };
    let fields = &read("s.json")["per_query"][0]["fields"];
    assert_eq!((&fields["splade"]["terms"], &fields["bm25"]["terms"]), (&2.into(), &1.into()));
    assert_eq!(
        (&fields["splade"]["postings"], &fields["bm25"]["postings"]),
        (&3.into(), &2.into())
    );
    bench.ok(&format!("bench {queries} --repetitions 1 --json b.json"));
    let fields = &read("b.json")["indexes"][0]["fields"];
    assert_eq!((&fields[0]["name"], &fields[1]["name"]), (&"splade".into(), &"bm25".into()));
    assert_eq!(fields[1]["postings"], 4);
    // A vectors file has no place for two fields.
    let said = bench.fails("inspect --index i --docno a --json", 1);
    assert!(said.contains("splade, bm25"), "{said}");
    assert!(bench.ok("inspect --index i --docno a").contains("fish\t"));
}

/// Equal scores are cut off in the order in which they are listed.
#[test]
fn the_best_ten_are_the_first_of_a_thousand() {
    let bench = Bench::new();
    let data = |name: &str| project("data/scifact").join(name).display().to_string();
    bench.ok(&format!("index --bm25 {} --output i", data("corpus.jsonl.gz")));
    let first = |k: usize| -> Vec<String> {
        let run = bench.ok(&format!("search --index i --topics {} --k {k}", data("queries.tsv")));
        let rank = |line: &&str| line.split(' ').nth(3).unwrap().parse::<usize>().unwrap() <= 10;
        run.lines().filter(rank).map(str::to_owned).collect()
    };
    assert_eq!(first(10), first(1000));
}
