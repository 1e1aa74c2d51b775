//! `spork eval`: other people's files, topics that are missing, and every output.

use super::*;

/// Two topics: the first run finds both, the second run only the first one, at rank 2.
fn runs(bench: &Bench) {
    bench.write("qrels", "q1 0 a 1\nq2 0 a 1\nq3 0 a 1\n");
    bench.write("one.trec", "q1 Q0 a 1 2 x\nq2 Q0 b 1 2 x\nq2 Q0 a 2 1 x\n");
    bench.write("two.trec", "q1 Q0 b 1 2 y\nq1 Q0 a 2 1 y\n");
}

fn json(bench: &Bench, name: &str) -> serde_json::Value {
    serde_json::from_slice(&std::fs::read(bench.path(name)).unwrap()).unwrap()
}

/// Judgments in five forms, all of them saying the same.
#[test]
fn judgments_of_every_form() {
    let bench = Bench::new();
    bench.write("run", "q1 Q0 d2 1 2 t\nq1 Q0 d1 2 1 t\n");
    for qrels in [
        "q1\t0\td1\t1\r\nq1\t0\td2\t0\r\n",
        "\u{feff}query-id\tcorpus-id\tscore\r\nq1\td1\t1\r\nq1\td2\t0\r\n",
        "query_id\tdoc_id\trelevance\nq1\td1\t1.0\nq1\td2\t0.0\n",
        "{\"query-id\": \"q1\", \"corpus-id\": \"d1\", \"score\": 1.0}\n\
         {\"query-id\": \"q1\", \"corpus-id\": \"d2\", \"score\": 0.0}\n",
        "{\"qid\": \"q1\", \"doc_id\": \"d1\", \"label\": 1}\n",
    ] {
        bench.write("qrels", qrels);
        assert_eq!(bench.ok("eval --qrels qrels --run run --metrics RR"), "RR\tall\t0.5000\n");
    }
    bench.write("qrels", "q1 0 d1 0.5\n");
    let said = bench.fails("eval --qrels qrels --run run", 1);
    assert!(said.contains(r#"qrels:1: the grade "0.5""#), "{said}");
    bench.write("qrels", "q1\td1\t1\n");
    let said = bench.fails("eval --qrels qrels --run run", 1);
    assert!(
        said.contains("qrels:1") && said.contains("query-id<TAB>corpus-id<TAB>score"),
        "{said}"
    );
}

#[test]
fn three_columns_of_scores_are_refused() {
    let bench = Bench::new();
    bench.write("qrels", "1 0 a 1\n2 0 x 1\n");
    bench.write("ranks", "1\ta\t1\n1\tb\t2\n2\tx\t1\n");
    assert_eq!(bench.ok("eval --qrels qrels --run ranks --metrics RR"), "RR\tall\t1.0000\n");
    for scores in ["1\ta\t3592\n1\tb\t3579\n2\tx\t1\n", "1\ta\t2\n1\tb\t1\n2\tx\t1\n"] {
        bench.write("scores", scores);
        let said = bench.fails("eval --qrels qrels --run scores --metrics RR", 1);
        assert!(said.contains("scores:") && said.contains("write six columns"), "{said}");
    }
    bench.write("swapped", "1 Q0 a 3592 1 t\n1 Q0 b 3579 2 t\n");
    let said = stderr(&bench.spork("eval --qrels qrels --run swapped --metrics RR"));
    assert!(said.contains("swapped: scores count 1, 2, 3"), "{said}");
    bench.write("blank", "1 Q0 Red Fox 1 2.5 t\n");
    let said = bench.fails("eval --qrels qrels --run blank --metrics RR", 1);
    assert!(said.contains("blank:1: the rank \"Fox\""), "{said}");
}

#[test]
fn runs_side_by_side() {
    let bench = Bench::new();
    bench.write("qrels", "1 0 a 1\n2 0 a 1\n3 0 a 1\n");
    bench.write("one.trec", "1 Q0 a 1 2 x\n2 Q0 b 1 2 x\n2 Q0 a 2 1 x\n3 Q0 a 1 1 x\n");
    bench.write(
        "two.trec",
        "1 Q0 b 1 2 x\n1 Q0 a 2 1 x\n2 Q0 b 1 2 x\n2 Q0 a 2 1 x\n3 Q0 a 1 1 x\n",
    );
    let table = bench.ok("eval --qrels qrels --run one.trec two.trec --metrics RR");
    let words: Vec<&str> = table.split_whitespace().collect();
    assert!(words.starts_with(&["metric", "one", "two", "difference"]), "{table}");
    assert!(
        table.contains("0.8333") && table.contains("0.6667") && table.contains("-0.1667"),
        "{table}"
    );
}

/// Means are over the topics of all runs, and the table says how many these are.
#[test]
fn missing_topics_are_told_where_the_figures_stand() {
    let bench = Bench::new();
    runs(&bench);
    let table = bench.ok("eval --qrels qrels --run one.trec two.trec --metrics RR,NumQ");
    let lines: Vec<Vec<&str>> =
        table.lines().map(|line| line.split_whitespace().collect()).collect();
    assert!(table.starts_with("metric (1 of 3 topics)     one     two  difference"), "{table}");
    assert_eq!(lines[1], ["RR", "1.0000", "0.5000", "-0.5000", "1.0000"]);
    assert_eq!(lines[2], ["NumQ", "1", "1"]);
    let table = bench.ok("eval -c --qrels qrels --run one.trec two.trec --metrics RR");
    assert!(
        table.starts_with("metric  ") && table.contains("  0.5000  0.1667     -0.3333"),
        "{table}"
    );
    assert_eq!(
        bench.ok("eval --qrels qrels --run two.trec --metrics RR"),
        "RR\tall\t0.5000\t1 of 3 topics\n"
    );
    bench.write("three.trec", "q3 Q0 a 1 1 z\n");
    let said = bench.fails("eval --qrels qrels --run two.trec three.trec", 1);
    assert!(said.contains("no judged topic in common"), "{said}");
    bench.write("empty.trec", "");
    let said = bench.fails("eval --qrels qrels --run empty.trec", 1);
    assert!(said.contains("empty.trec and qrels: there is no hit in the run"), "{said}");
    let said = bench.fails("eval --qrels empty.trec --run one.trec", 1);
    assert!(said.contains("there is no judgment in the qrels"), "{said}");
}

#[test]
fn figures_as_json() {
    let bench = Bench::new();
    runs(&bench);
    let table = "eval --qrels qrels --run one.trec two.trec --metrics RR,P@1";
    let printed = bench.ok(table);
    assert_eq!(bench.ok(&format!("{table} --json e.json")), printed);
    let file = json(&bench, "e.json");
    assert_eq!((&file["judged_topics"], &file["topics"]), (&3.into(), &1.into()));
    let [one, two] = file["runs"].as_array().unwrap().as_slice() else { panic!("two runs") };
    assert_eq!((&one["name"], &one["tag"]), (&"one".into(), &"x".into()));
    assert_eq!((&two["missing_topics"], &two["all"]["RR"]), (&2.into(), &0.5.into()));
    assert_eq!(one["per_query"]["q2"]["RR"], 0.5);
    assert_eq!(one["comparisons"], serde_json::Value::Null);
    let compared = &two["comparisons"]["P@1"];
    assert_eq!((&compared["difference"], &compared["losses"]), (&(-1.0).into(), &1.into()));
    assert_eq!(compared["p_randomization"], 1.0);
    let printed = bench.ok(&format!("{table} --json"));
    assert_eq!(serde_json::from_str::<serde_json::Value>(&printed).unwrap(), file);
    let said = bench.fails(&format!("{table} --json --tsv"), 1);
    assert!(said.contains("one output fits standard output"), "{said}");
}

#[test]
fn figures_as_a_table_for_the_report() {
    let bench = Bench::new();
    runs(&bench);
    let eval = "eval -c --qrels qrels --run one.trec two.trec --metrics RR@10,NumRet";
    let table = "index\tRR@10\tNumRet\none\t0.5000\t3\ntwo\t0.1667\t2\n";
    assert_eq!(bench.ok(&format!("{eval} --tsv")), table);
    bench.ok(&format!("{eval} --tsv e.tsv"));
    assert_eq!(std::fs::read_to_string(bench.path("e.tsv")).unwrap(), table);
}

#[test]
fn lines_of_topics_apart_from_the_table() {
    let bench = Bench::new();
    runs(&bench);
    let one = bench.ok("eval --qrels qrels --run one.trec --metrics RR --per-query-output q.tsv");
    assert_eq!(one, "RR\tall\t0.7500\t2 of 3 topics\n");
    let lines = std::fs::read_to_string(bench.path("q.tsv")).unwrap();
    assert_eq!(lines, "RR\tq1\t1.0000\nRR\tq2\t0.5000\nRR\tall\t0.7500\n");
    bench.ok("eval --qrels qrels --run one.trec two.trec --metrics RR --per-query-output q.tsv");
    let lines = std::fs::read_to_string(bench.path("q.tsv")).unwrap();
    assert!(lines.contains("RR\tq1\t0.5000\ttwo\n") && lines.contains("RR\tall\t0.7500\tone\n"));
    let rows = bench.ok("eval -q --qrels qrels --run one.trec --metrics RR");
    assert!(rows.starts_with("RR\tq1\t1.0000\n") && rows.contains("\nRR\tall\t"), "{rows}");
}

/// Ties are cut as BigANN's evaluation does it.
#[test]
fn recall_against_ground_truth() {
    let bench = Bench::new();
    let ids = [0, 1, 2, 2, 1, 0].map(u32::to_le_bytes);
    let scores = [3_f32, 2.0, 2.0, 4.0, 2.0, 1.0].map(f32::to_le_bytes);
    let header = [2_u32, 3].map(u32::to_le_bytes);
    bench.write("gt", header.into_iter().chain(ids).chain(scores).flatten().collect::<Vec<u8>>());
    bench.write("run", "0 Q0 0 1 9 t\n0 Q0 2 2 8 t\n1 Q0 2 1 9 t\n1 Q0 0 2 8 t\n");
    let recall = "eval --truth gt --run run";
    assert_eq!(
        bench.ok(&format!("{recall} --metrics R@1,2")),
        "R@1\tall\t1.0000\nR@2\tall\t0.7500\n"
    );
    assert_eq!(bench.ok(recall), "R@3\tall\t0.6667\n");
    assert!(bench.fails(&format!("{recall} --metrics RR"), 1).contains("R@1 to R@3 can"));
    bench.fails(&format!("{recall} -c"), 2);
    bench.fails(&format!("{recall} --qrels q"), 2);
    bench.write("run", "0 Q0 0 1 9 t\n");
    let output = bench.spork(recall);
    assert_eq!(output.stdout, b"R@3\tall\t0.1667\n");
    assert!(stderr(&output).contains("run lacks 1 queries, which count as 0"));
}
