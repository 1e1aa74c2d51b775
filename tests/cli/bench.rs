//! `spork bench`: a row a load, figures that add up.

use super::*;

fn indexed(bench: &Bench) {
    let documents: String = (0..500)
        .map(|i| {
            format!(
                "{{\"id\": \"d{i}\", \"vector\": {{\"a\": {}, \"b{}\": 3}}}}\n",
                1 + i % 9,
                i % 50
            )
        })
        .collect();
    bench.write("v.jsonl", documents);
    bench.write("q.tsv", "q\ta b1\np\tb2\nr\ta a b3 b4\n");
    bench.ok("index --input v.jsonl --output i");
}

#[test]
fn a_row_a_load() {
    let bench = Bench::new();
    indexed(&bench);
    let table = bench.ok(
        "bench --index i --vectors q.tsv --k 1,20 --strategy taat,block-max,exhaustive --threads 1,2 --repetitions 2 --json b.json",
    );
    let rows: Vec<Vec<&str>> = table.lines().map(|line| line.split('\t').collect()).collect();
    assert_eq!(rows.len(), 1 + 2 * 3 * 2, "{table}");
    let column = |name: &str| rows[0].iter().position(|&column| column == name).unwrap();
    for row in &rows[1..] {
        assert_eq!(row.len(), rows[0].len());
        let number = |name: &str| row[column(name)].parse::<f64>().unwrap();
        assert!(number("p50_us") <= number("p99.9_us") && number("qps") > 0.0, "{row:?}");
        // Two queries have a, in all 500 documents; b1 to b4 are in ten each.
        let expected = (2.0 * 500.0 + 4.0 * 10.0) / 3.0;
        assert!((number("flops") - expected / 500.0).abs() < 1e-4);
        if row[column("strategy")] == "exhaustive" {
            assert!((number("postings") - expected).abs() <= 0.5, "{row:?}");
        }
    }
    let json: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(bench.path("b.json")).unwrap()).unwrap();
    assert_eq!(json["rows"].as_array().unwrap().len(), 12);
    assert_eq!(json["queries"], 3);
    assert!(json["machine"]["cores"].as_u64().unwrap() > 0);
    for row in json["rows"].as_array().unwrap() {
        let sum: f64 = row["samples"]["postings"]
            .as_array()
            .unwrap()
            .iter()
            .map(|n| n.as_f64().unwrap())
            .sum();
        assert!((sum / 3.0 - row["postings"].as_f64().unwrap()).abs() < 1e-9, "{row}");
        assert_eq!(row["samples"]["us"].as_array().unwrap().len(), 3);
    }
}

/// The line through times and postings is the same in the table and the JSON, in order.
#[test]
fn what_a_posting_takes() {
    let bench = Bench::new();
    indexed(&bench);
    bench.write(
        "q.tsv",
        (0..40).map(|i| format!("q{i}\tb{}{}\n", i % 50, " a".repeat(i % 2))).collect::<String>(),
    );
    let table =
        bench.ok("bench --index i --vectors q.tsv --k 5 --strategy exhaustive --json b.json");
    let (names, row) = table.split_once('\n').unwrap();
    let row: Vec<&str> = row.trim_end().split('\t').collect();
    let number = |name: &str| -> f64 {
        row[names.split('\t').position(|column| column == name).unwrap()].parse().unwrap()
    };
    let [slope, low, high] = ["ns_per_posting", "ns_low", "ns_high"].map(number);
    assert!(low <= slope && slope <= high, "{table}");
    assert!((0.0..=1.0).contains(&number("r_squared")), "{table}");
    // A least-squares line goes through the means.
    let json: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(bench.path("b.json")).unwrap()).unwrap();
    let row = &json["rows"][0];
    let times: Vec<f64> =
        row["samples"]["us"].as_array().unwrap().iter().map(|us| us.as_f64().unwrap()).collect();
    let mean = times.iter().sum::<f64>() / times.len() as f64;
    let figure = |name: &str| row["fit"][name].as_f64().unwrap();
    let line =
        figure("intercept_us") + figure("ns_per_posting") * row["postings"].as_f64().unwrap() / 1e3;
    assert!((line - mean).abs() < 1e-6 * mean, "{line} {mean}");
    let open = bench.ok("bench --index i --vectors q.tsv --k 5 --rate 1000 --repetitions 1");
    assert!(open.trim_end().ends_with("\t-\t-\t-\t-\t-"), "times with waiting in them: {open}");
}

/// At a fixed rate a pass lasts as long as its queries take to arrive.
#[test]
fn a_fixed_rate() {
    let bench = Bench::new();
    indexed(&bench);
    let start = std::time::Instant::now();
    let table =
        bench.ok("bench --index i --vectors q.tsv --k 10 --rate 20 --repetitions 1 --check 0");
    assert!(start.elapsed().as_secs_f64() >= 0.2, "two passes of three queries, 50 ms apart");
    assert!(table.contains("\t20\t"), "{table}");
    bench.fails("bench --index i --vectors q.tsv --rate 0", 2);
    bench.fails("bench --index i --vectors q.tsv --threads 0", 2);
    bench.write("empty.tsv", "");
    bench.fails("bench --index i --vectors empty.tsv", 1);
}

/// Limits belong to block-max pruning, and their cost is in the table and in the statistics.
#[test]
fn limits() {
    let bench = Bench::new();
    indexed(&bench);
    let table = bench.ok("bench --index i --vectors q.tsv --k 2 --max-postings 1 --repetitions 1");
    let (names, row) = table.split_once('\n').unwrap();
    let at = |name: &str| names.split('\t').position(|column| column == name).unwrap();
    let row: Vec<&str> = row.trim_end().split('\t').collect();
    let share = |name: &str| row[at(name)].parse::<f64>().unwrap();
    assert!(
        (0.0..=1.0).contains(&share("recall")) && (0.0..=1.0).contains(&share("exact")),
        "{table}"
    );
    bench.ok("search --index i --vectors q.tsv --k 2 --alpha 0.5 --output r.trec --stats s.json");
    let stats: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(bench.path("s.json")).unwrap()).unwrap();
    for query in stats["per_query"].as_array().unwrap() {
        assert_eq!(query["exact"].as_bool().unwrap(), query["unseen_at_most"].is_null(), "{query}");
    }
    let said = bench.fails("search --index i --vectors q.tsv --alpha 0.5 --strategy taat", 1);
    assert!(said.contains("--strategy block-max"), "{said}");
    bench.fails("search --index i --vectors q.tsv --alpha 1.5", 2);
    bench.fails("search --index i --vectors q.tsv --max-time -1", 2);
}
