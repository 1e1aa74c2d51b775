//! `spork mine`: what becomes a negative, what never does, and what is said about it.

use super::*;

/// d1 and d2 are positives; d3 is d1 under another name, without its title.
const CORPUS: &str = concat!(
    "{\"_id\": \"d1\", \"title\": \"Pets\", \"text\": \"Cats chase mice at night.\"}\n",
    "{\"_id\": \"d2\", \"title\": \"Pets\", \"text\": \"Mice fear all cats.\"}\n",
    "{\"_id\": \"d3\", \"title\": \"\", \"text\": \"cats chase mice, at night\"}\n",
    "{\"_id\": \"d4\", \"title\": \"Dogs\", \"text\": \"Dogs chase cats.\"}\n",
    "{\"_id\": \"d5\", \"title\": \"Food\", \"text\": \"Mice eat cheese and more cheese.\"}\n",
    "{\"_id\": \"d6\", \"title\": \"Sea\", \"text\": \"Fish swim.\"}\n",
    "{\"_id\": \"d7\", \"title\": \"Tales\", \"text\": \"The night the cats slept.\"}\n",
    "{\"_id\": \"d8\", \"title\": \"Tales\", \"text\": \"Of mice and men.\"}\n",
);

const PAIRS: &str = concat!(
    "{\"query\": \"cats chase mice\", \"positive\": \"Cats chase mice at night.\", \"kind\": \"x\"}\n",
    "{\"query\": \"Cats chase mice?\", \"positive\": \"Mice fear all cats.\"}\n",
    "\n",
    "{\"query\": \"fish\", \"positive\": \"Fish swim.\"}\n",
    "{\"query\": \"mice eat\", \"positive\": \"A text that is nowhere: mice eat.\"}\n",
);

fn bench() -> Bench {
    let bench = Bench::new();
    bench.write("corpus.jsonl", CORPUS);
    bench.write("pairs.jsonl", PAIRS);
    bench
}

/// Mines, and returns the lines and what was said.
fn mine(bench: &Bench, flags: &str) -> (Vec<serde_json::Value>, String) {
    let output = bench
        .spork(&format!("mine --bm25 corpus.jsonl --pairs pairs.jsonl --output out.jsonl {flags}"));
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(output.stdout.is_empty());
    let lines = std::fs::read_to_string(bench.path("out.jsonl")).unwrap();
    (lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect(), stderr(&output))
}

fn negatives(line: &serde_json::Value) -> Vec<&str> {
    line["negatives"].as_array().unwrap().iter().map(|text| text.as_str().unwrap()).collect()
}

#[test]
fn a_positive_is_never_a_negative() {
    let bench = bench();
    let (lines, said) = mine(&bench, "");
    assert_eq!(lines.len(), 4);
    assert_eq!(lines[0]["query"], "cats chase mice");
    assert_eq!(lines[1]["positive"], "Mice fear all cats.");
    // Both positives of the same words, the same text under another name, and no title, as the
    // positives have none.
    let expected = [
        "Dogs chase cats.",
        "Mice eat cheese and more cheese.",
        "Of mice and men.",
        "The night the cats slept.",
    ];
    for line in &lines[..2] {
        let mut got = negatives(line);
        assert_eq!(got[0], "Dogs chase cats.", "listed by rank");
        got.sort_unstable();
        assert_eq!(got, expected);
    }
    assert!(lines.iter().all(|line| line.get("scores").is_none()));
    assert!(negatives(&lines[2]).is_empty());
    assert!(said.contains("1 of 4 pairs have no negatives"), "{said}");
    assert!(said.contains("3 of 4 positives are documents of the corpus"), "{said}");
    assert!(said.contains("without their titles"), "{said}");
    assert!(
        said.contains(
            "4 pairs, 13 negatives; 7 documents within the ranks were positives, no --margin"
        ),
        "{said}"
    );
}

#[test]
fn titles_stay_where_positives_have_them() {
    let bench = bench();
    bench.write("pairs.jsonl", "{\"query\": \"cats\", \"positive\": \"Dogs Dogs chase cats.\"}\n");
    let (lines, _) = mine(&bench, "");
    assert!(negatives(&lines[0]).contains(&"Pets Mice fear all cats."));
    assert!(!negatives(&lines[0]).iter().any(|text| text.contains("Dogs")));
}

#[test]
fn the_margin_drops_what_scores_like_the_positive() {
    let bench = bench();
    let (all, _) = mine(&bench, "");
    let (some, said) = mine(&bench, "--margin 0.6");
    let count =
        |lines: &[serde_json::Value]| lines.iter().map(|line| negatives(line).len()).sum::<usize>();
    assert!(count(&some) < count(&all), "{said}");
    let dropped = count(&all) - count(&some);
    assert!(said.contains(&format!("{dropped} of 13 candidates dropped by --margin")), "{said}");
    let (none, said) = mine(&bench, "--margin 0");
    assert_eq!(count(&none), 0);
    assert!(said.contains("4 of 4 pairs have no negatives"), "{said}");
}

#[test]
fn seed_and_line_decide_and_threads_do_not() {
    let bench = bench();
    let bytes = |flags: &str| {
        mine(&bench, flags);
        std::fs::read(bench.path("out.jsonl")).unwrap()
    };
    let one = bytes("--negatives 2 --seed 5 --threads 1");
    assert_eq!(one, bytes("--negatives 2 --seed 5 --threads 4"));
    assert!((0..20).any(|seed| bytes(&format!("--negatives 2 --seed {seed}")) != one));
    let (lines, said) = mine(&bench, "--negatives 2 --depth 2..5");
    assert!(lines.iter().all(|line| negatives(line).len() <= 2));
    assert!(said.contains("fewer than 2 negatives") || said.contains("no negatives"), "{said}");
    bench.ok("mine --bm25 corpus.jsonl --pairs pairs.jsonl --output out.jsonl.gz --quiet");
    assert_eq!(std::fs::read(bench.path("out.jsonl.gz")).unwrap()[..2], [0x1f, 0x8b]);
}

/// A golden encoder as sentence-transformers keeps a dense one.
fn dense_model(folder: &Path) {
    copy_folder(&project("crates/model/tests/golden/bert-tied"), folder);
    std::fs::create_dir(folder.join("1_Pooling")).unwrap();
    let module = |number: u32, path: &str, kind: &str| {
        format!(
            r#"{{"idx": {number}, "name": "{number}", "path": "{path}",
                "type": "sentence_transformers.models.{kind}"}}"#
        )
    };
    let modules =
        format!("[{}, {}]", module(0, "", "Transformer"), module(1, "1_Pooling", "Pooling"));
    for (path, content) in [
        ("modules.json", modules.as_str()),
        ("1_Pooling/config.json", r#"{"pooling_mode_mean_tokens": true}"#),
    ] {
        std::fs::write(folder.join(path), content).unwrap();
    }
}

#[test]
fn a_teacher_scores_positive_and_negatives() {
    let bench = bench();
    dense_model(&bench.path("dense"));
    let (lines, said) = mine(&bench, "--teacher dense --precision fp32");
    assert!(said.contains("fp32, backend rust (the default)"), "{said}");
    assert!(said.contains("texts embedded in"), "{said}");
    for line in &lines {
        let scores = line["scores"].as_array().unwrap();
        assert_eq!(scores.len(), 1 + negatives(line).len());
        assert!(scores.iter().all(|score| score.as_f64().unwrap().is_finite()));
    }
}

#[test]
fn wrong_lines_and_flags_are_named() {
    let bench = bench();
    let run = "mine --pairs pairs.jsonl --output o";
    for flags in [
        "",
        "--index i",
        "--index i --model m",
        "--bm25 corpus.jsonl --model m",
        "--index i --bm25 c",
    ] {
        bench.fails(&format!("{run} {flags}"), 2);
    }
    for flags in ["--depth 0..3", "--depth 5", "--negatives 0", "--margin -1", "--pool 4"] {
        bench.fails(&format!("{run} --bm25 corpus.jsonl {flags}"), 2);
    }
    bench.write("bad.jsonl", format!("{PAIRS}{{\"query\": \"a\"}}\n"));
    bench.write("empty.jsonl", "\n");
    bench.write("twice.tsv", "d1\tcats\nd1\tdogs\n");
    for (line, says) in [
        (
            "mine --bm25 corpus.jsonl --pairs bad.jsonl --output o",
            "bad.jsonl:6: column 14: missing field `positive`",
        ),
        ("mine --bm25 corpus.jsonl --pairs empty.jsonl --output o", "empty.jsonl: no pair in it"),
        ("mine --bm25 corpus.jsonl --pairs no.jsonl --output o", "no.jsonl: No such file"),
        ("mine --bm25 no.jsonl --pairs pairs.jsonl --output o", "no.jsonl: No such file"),
        ("mine --bm25 twice.tsv --pairs pairs.jsonl --output o", "twice.tsv:2: docno \"d1\""),
        ("mine --bm25 - --pairs pairs.jsonl --output o", "-: the corpus is read twice"),
        ("mine --bm25 corpus.jsonl --pairs pairs.jsonl --output no/o", "No such file"),
    ] {
        let said = bench.fails(line, 1);
        assert!(said.contains(says), "spork {line}: {said}");
        assert!(!bench.path("o").exists() && !bench.path("o.partial").exists());
    }
    assert!(bench.ok("mine --help").contains("above X times the positive's"));
}
