//! Pruning: of the index, of queries, and what is said of it.

use super::*;

/// 400 documents whose second term is light in most.
fn collection(bench: &Bench) {
    let line = |i: usize| {
        let (light, heavy) = (1 + i % 40, 50 + i % 7);
        format!(
            "{{\"id\": \"d{i}\", \"vector\": {{\"a\": {heavy}, \"b{}\": 9, \"c\": {light}}}}}\n",
            i % 20
        )
    };
    bench.write("v.jsonl", (0..400).map(line).collect::<String>());
    bench.write(
        "q.jsonl",
        (0..20)
            .map(|i| {
                format!("{{\"id\": \"q{i}\", \"vector\": {{\"a\": 1, \"b{i}\": 3, \"c\": 9}}}}\n")
            })
            .collect::<String>(),
    );
    bench.ok("index --input v.jsonl --output all");
}

fn json(bench: &Bench, name: &str) -> serde_json::Value {
    serde_json::from_str(&std::fs::read_to_string(bench.path(name)).unwrap()).unwrap()
}

/// The value of a column in the table's rows.
fn column<'t>(table: &'t str, name: &str) -> Vec<&'t str> {
    let mut lines = table.lines();
    let place = lines.next().unwrap().split('\t').position(|column| column == name).unwrap();
    lines.map(|line| line.split('\t').nth(place).unwrap()).collect()
}

#[test]
fn a_pruned_index_says_so() {
    let bench = Bench::new();
    collection(&bench);
    let output =
        bench.spork("index --input v.jsonl --output some --prune-documents 0.8 --prune-terms 0.25");
    assert!(output.status.success() && output.stdout.is_empty());
    let said = stderr(&output);
    assert!(said.contains("pruned (documents 0.8, terms 0.25)"), "{said}");
    let number = |text: &str, key: &str| -> u64 {
        let line = text.lines().find(|line| line.starts_with(&format!("{key}\t"))).unwrap();
        line.split('\t').nth(1).unwrap().parse().unwrap()
    };
    let (all, some) = (bench.ok("inspect --index all"), bench.ok("inspect --index some"));
    let dropped = number(&some, "pruned_postings");
    assert!(dropped > 0);
    assert_eq!(number(&all, "postings"), number(&some, "postings") + dropped);
    assert!(
        said.contains(&format!("{dropped} of {} postings", number(&all, "postings"))),
        "{said}"
    );
    assert!(
        some.contains("pruned_documents\t0.8\n") && some.contains("pruned_terms\t0.25\n"),
        "{some}"
    );
    assert!(!all.contains("pruned"), "{all}");
    bench.ok("verify --index some");

    let output =
        bench.spork("search --index some --vectors q.jsonl --output r.trec --stats s.json");
    assert!(stderr(&output).contains("the index was pruned (documents 0.8, terms 0.25)"));
    let stats = json(&bench, "s.json");
    assert_eq!(stats["pruned"]["documents"], 0.8);
    assert_eq!(stats["pruned"]["terms"], 0.25);
    assert_eq!(stats["pruned"]["postings"], dropped);
    bench.ok("search --index all --vectors q.jsonl --output r.trec --stats s.json");
    assert!(json(&bench, "s.json")["pruned"].is_null());
}

#[test]
fn shares_and_quantiles_out_of_range() {
    let bench = Bench::new();
    collection(&bench);
    for flags in [
        "--prune-documents 0",
        "--prune-documents 1.1",
        "--prune-documents NaN",
        "--prune-terms 1",
        "--prune-terms -1",
    ] {
        bench.fails(&format!("index --input v.jsonl --output x {flags}"), 2);
    }
    assert!(!bench.path("x").exists());
    for flags in ["--query-mass 0", "--query-mass 2", "--query-terms 0", "--query-terms many"] {
        bench.fails(&format!("search --index all --vectors q.jsonl {flags}"), 2);
        bench.fails(&format!("bench --index all --vectors q.jsonl {flags}"), 2);
    }
    // What drops nothing is no pruning, and changes no byte.
    bench.ok("index --input v.jsonl --output x --prune-documents 1 --prune-terms 0");
    assert_eq!(bench.ok("inspect --index x"), bench.ok("inspect --index all"));
}

#[test]
fn pruned_queries() {
    let bench = Bench::new();
    collection(&bench);
    // Of 9, 3 and 1, the 9 alone holds 0.6, and with the 3 it holds 0.9.
    bench.write(
        "c.jsonl",
        "{\"id\": \"q1\", \"vector\": {\"c\": 9}}\n{\"id\": \"q2\", \"vector\": {\"c\": 9}}\n",
    );
    bench.write("two.jsonl", "{\"id\": \"q1\", \"vector\": {\"c\": 9, \"b1\": 3, \"a\": 1}}\n{\"id\": \"q2\", \"vector\": {\"c\": 9}}\n");
    let heaviest = bench.ok("search --index all --vectors c.jsonl");
    for flags in ["--query-terms 1", "--query-mass 0.6", "--query-mass 0.95 --query-terms 1"] {
        for strategy in ["exhaustive", "taat", "block-max"] {
            let line = format!(
                "search --index all --vectors two.jsonl --stats s.json {flags} --strategy {strategy} --output r.trec"
            );
            let output = bench.spork(&line);
            assert!(output.status.success(), "{line}: {}", stderr(&output));
            assert_eq!(std::fs::read_to_string(bench.path("r.trec")).unwrap(), heaviest, "{line}");
            assert!(
                stderr(&output).contains("2 of 4 query terms are pruned"),
                "{}",
                stderr(&output)
            );
            assert!(
                stderr(&output).contains("1 of 2 answers are certified exact"),
                "{}",
                stderr(&output)
            );
            let queries = &json(&bench, "s.json")["per_query"];
            assert_eq!(
                (&queries[0]["pruned_terms"], &queries[0]["exact"]),
                (&2.into(), &false.into())
            );
            assert_eq!(
                (&queries[1]["pruned_terms"], &queries[1]["exact"]),
                (&0.into(), &true.into())
            );
        }
    }
    let table = bench
        .ok("bench --index all --vectors two.jsonl --k 10 --query-terms 2 --repetitions 1 --json b.json");
    assert_eq!(column(&table, "exact"), ["0.500"]);
    assert_eq!(json(&bench, "b.json")["limits"]["query_terms"], 2);
}

/// Recall against another index is that of the answers, counted by hand with the run files and the
/// scores of the whole index.
#[test]
fn recall_against_a_reference() {
    let bench = Bench::new();
    collection(&bench);
    bench.ok("index --input v.jsonl --output some --prune-terms 0.9 --order bisection");
    let table = bench
        .ok("bench --index all some --reference all --vectors q.jsonl --k 30 --repetitions 1 --json b.json");
    assert_eq!(column(&table, "pruned"), ["-", "terms 0.9"]);
    let recalls: Vec<f64> =
        column(&table, "recall").iter().map(|recall| recall.parse().unwrap()).collect();
    assert_eq!(recalls[0], 1.0);
    let run = |line: &str| {
        let run = bench.ok(line);
        let hit = |line: &str| {
            let cells: Vec<&str> = line.split(' ').collect();
            ((cells[0].to_owned(), cells[2].to_owned()), cells[4].parse::<f64>().unwrap())
        };
        run.lines().map(hit).collect::<Vec<_>>()
    };
    let scores: std::collections::HashMap<_, _> =
        run("search --index all --vectors q.jsonl --k 400").into_iter().collect();
    let mut cutoffs = std::collections::HashMap::new();
    for ((qid, _), score) in run("search --index all --vectors q.jsonl --k 30") {
        let cutoff = cutoffs.entry(qid).or_insert(f64::INFINITY);
        *cutoff = cutoff.min(score);
    }
    let found = run("search --index some --vectors q.jsonl --k 30");
    let found = found.iter().filter(|(key, _)| scores[key] >= cutoffs[&key.0]).count();
    let expected = found as f64 / (20.0 * 30.0);
    assert!(expected < 1.0 && (recalls[1] - expected).abs() < 1e-4, "{recalls:?} {expected}");
    assert_eq!(json(&bench, "b.json")["reference"], "all");

    // Without a reference, recall is with respect to the pruned index, and bench says so.
    let output = bench.spork("bench --index some --vectors q.jsonl --k 30 --repetitions 1");
    assert!(stderr(&output).contains(
        "some was pruned (terms 0.9): recall and exact are with respect to the pruned index"
    ));
    assert_eq!(column(&String::from_utf8(output.stdout).unwrap(), "recall"), ["1.0000"]);
    // The report draws recall against time and FLOPS, and names the reference.
    bench.ok("bench report --input b.json --output r.html");
    let page = std::fs::read_to_string(bench.path("r.html")).unwrap();
    assert_eq!(page.matches("recall of the exact answer").count(), 2, "time and FLOPS");
    assert!(page.contains("the exact answers of all") && page.contains("terms 0.9"));
}

#[test]
fn a_reference_of_other_documents() {
    let bench = Bench::new();
    collection(&bench);
    bench.write("w.jsonl", VECTORS.replace("cat", "a"));
    bench.ok("index --input w.jsonl --output other");
    let said = bench.fails("bench --index all --reference other --vectors q.jsonl", 1);
    assert!(said.contains("other") && said.contains("the same documents"), "{said}");
    bench.fails("bench --index all --reference absent --vectors q.jsonl", 1);
}
