//! From text with a network: the small golden models, through the binary.

use super::*;

const TOPICS: &str = "q1\tthe cat and the dog\nq2\tmore water\n";
const CORPUS: &str = concat!(
    "{\"_id\": \"d1\", \"title\": \"The cat\", \"text\": \"A cat is with the dog.\"}\n",
    "{\"_id\": \"d2\", \"title\": \"\", \"text\": \"Water, and more water!\"}\n",
    "{\"_id\": \"d3\", \"text\": \"\"}\n",
);

fn model(name: &str) -> String {
    project("crates/model/tests/golden").join(name).display().to_string()
}

#[test]
fn text_to_run() {
    let bench = Bench::new();
    bench.write("corpus.jsonl", CORPUS);
    bench.write("topics.tsv", TOPICS);
    let model = model("st-splade");
    bench.ok(&format!("encode --model {model} --input corpus.jsonl --output d.jsonl"));
    let piped = bench.with_input(&format!("encode --model {model} --input -"), CORPUS.as_bytes());
    assert_eq!(
        piped.stdout,
        std::fs::read(bench.path("d.jsonl")).unwrap(),
        "standard output is the file"
    );
    bench.ok("index --input d.jsonl --output i");
    let from_text = bench.ok(&format!("search --index i --topics topics.tsv --model {model}"));
    bench.ok(&format!("encode --model {model} --kind query --input topics.tsv --output q.jsonl"));
    let from_vectors = bench.ok("search --index i --vectors q.jsonl");
    assert_eq!(from_text, from_vectors);
    assert!(from_text.lines().any(|line| line.starts_with("q1 Q0 ")), "{from_text}");
}

/// Makes another model of the one in `folder`, by the lowest bits of its last weight.
fn change_last_weight(folder: &Path) {
    let weights = folder.join("model.safetensors");
    let mut changed = std::fs::read(&weights).unwrap();
    *changed.last_mut().unwrap() ^= 1;
    std::fs::write(&weights, changed).unwrap();
}

/// The model's folder is found by the name that the index records: here, or in `data`.
#[test]
fn the_model_of_the_index_is_found_by_its_name() {
    let bench = Bench::new();
    bench.write("corpus.jsonl", CORPUS);
    bench.write("topics.tsv", TOPICS);
    let own = model("st-splade");
    bench.ok(&format!("encode --model {own} --input corpus.jsonl --output d.jsonl"));
    bench.ok("index --input d.jsonl --output i");
    bench.ok("index --input d.jsonl --bm25 corpus.jsonl --output hybrid");
    bench.fails("search --index i cat", 1);
    copy_folder(own.as_ref(), &bench.path("data/st-splade"));
    for index in ["i", "hybrid"] {
        let output = bench.spork(&format!("search --index {index} the cat"));
        let said = stderr(&output);
        assert!(output.status.success() && output.stdout.starts_with(b"rank "), "{said}");
        assert!(said.contains("--model data/st-splade, by the name that the index"), "{said}");
        let named = format!("search --index {index} --topics topics.tsv --model {own}");
        let run = bench.ok(&named);
        assert_eq!(bench.ok(&format!("search --index {index} --topics topics.tsv")), run);
        let piped =
            bench.with_input(&format!("search --index {index} --topics -"), TOPICS.as_bytes());
        assert_eq!(String::from_utf8(piped.stdout).unwrap(), run);
    }
    // Another model of that name is not taken for it.
    change_last_weight(&bench.path("data/st-splade"));
    let said = bench.fails("search --index i cat", 1);
    assert!(said.contains("scores between the two mean little"), "{said}");
    bench.ok(&format!("search --index i --model {own} cat"));
    bench.ok("search --index hybrid --mix splade=0,bm25=1 cat");
}

#[test]
fn rare_terms_weigh_more_where_asked_for() {
    let bench = Bench::new();
    // "common" is in three of four documents, "rare" in one: idf ln(1 + 1.5 / 3.5) and ln(1 + 3.5 /
    // 1.5).
    let documents = [
        "a\": {\"common\": 2}",
        "b\": {\"common\": 1}",
        "c\": {\"common\": 1}",
        "d\": {\"rare\": 1}",
    ];
    let line = |document: &&str| {
        let (id, vector) = document.split_once("\": ").unwrap();
        format!("{{\"id\": \"{id}\", \"vector\": {vector}}}\n")
    };
    bench.write("d.jsonl", documents.iter().map(line).collect::<String>());
    bench.write(
        "q.jsonl",
        "{\"id\": \"q\", \"vector\": {\"common\": 1, \"rare\": 1, \"absent\": 1}}\n",
    );
    bench.ok("index --input d.jsonl --output i");
    let scores = |options: &str| -> Vec<(String, f64)> {
        let run = bench.ok(&format!("search --index i --vectors q.jsonl -k 2 {options}"));
        let fields = run.lines().map(|line| line.split(' ').collect::<Vec<&str>>());
        fields.map(|fields| (fields[2].to_owned(), fields[4].parse().unwrap())).collect()
    };
    let (common, rare) = ((1.0f64 + 1.5 / 3.5).ln(), (1.0f64 + 3.5 / 1.5).ln());
    let close = |found: &[(String, f64)], expected: [(&str, f64); 2]| {
        let same = |((id, score), (expected_id, expected)): (&(String, f64), (&str, f64))| {
            id == expected_id && (score / expected - 1.0).abs() < 2e-3
        };
        assert!(found.len() == 2 && found.iter().zip(expected).all(same), "{found:?}");
    };
    close(&scores(""), [("a", 2.0), ("d", 1.0)]);
    close(&scores("--query-idf 0"), [("a", 2.0), ("d", 1.0)]);
    close(&scores("--query-idf 1"), [("d", rare), ("a", 2.0 * common)]);
    close(&scores("--query-idf 0.5"), [("a", 2.0 * common.sqrt()), ("d", rare.sqrt())]);
    let said = bench.fails("search --index i --vectors q.jsonl --query-idf 5", 2);
    assert!(said.contains("from 0 to 4"), "{said}");
}

#[test]
fn an_index_refuses_an_encoder_of_another_vocabulary() {
    let bench = Bench::new();
    bench.write("corpus.jsonl", CORPUS);
    bench.write("topics.tsv", TOPICS);
    let (own, other) = (model("st-splade"), model("bert-untied-bin"));
    bench.ok(&format!("encode --model {own} --input corpus.jsonl --output d.jsonl"));
    bench.ok("index --input d.jsonl --output i");
    let said = bench
        .fails(&format!("search --index i --topics topics.tsv --model {other} --pooling max"), 1);
    assert!(said.contains("st-splade") && said.contains("bert-untied-bin"), "both names: {said}");
    let said = bench.fails("search --index i --topics topics.tsv", 1);
    assert!(said.contains("the folder of st-splade"), "{said}");
}

#[test]
fn an_index_refuses_other_weights_unless_they_are_a_query_model() {
    let bench = Bench::new();
    bench.write("corpus.jsonl", CORPUS);
    bench.write("topics.tsv", TOPICS);
    let own = model("st-splade");
    copy_folder(own.as_ref(), &bench.path("trained-on"));
    change_last_weight(&bench.path("trained-on"));
    bench.ok(&format!("encode --model {own} --input corpus.jsonl --output d.jsonl"));
    bench.ok("index --input d.jsonl --output i");
    let search = "search --index i --topics topics.tsv";
    let said = bench.fails(&format!("{search} --model trained-on"), 1);
    for part in ["st-splade", "trained-on", "--query-model"] {
        assert!(said.contains(part), "{part}: {said}");
    }
    bench.ok(&format!("{search} --query-model trained-on"));
    bench.ok(&format!("{search} --model {own} --lexical --max-length 8"));
    let encode = "encode --model trained-on --kind query --input topics.tsv --output";
    for name in ["q.svec", "q.jsonl"] {
        bench.ok(&format!("{encode} {name}"));
        let said = bench.fails(&format!("search --index i --vectors {name}"), 1);
        assert!(said.contains("trained-on") && said.contains("--allow-mismatch"), "{said}");
        bench.ok(&format!("search --index i --vectors {name} --allow-mismatch"));
    }
}

#[test]
fn a_bare_directory_needs_its_pooling() {
    let bench = Bench::new();
    bench.write("corpus.jsonl", CORPUS);
    let model = model("bert-tied");
    let said =
        bench.fails(&format!("encode --model {model} --input corpus.jsonl --output d.jsonl"), 1);
    assert!(said.contains("--pooling"), "{said}");
    assert!(!bench.path("d.jsonl").exists());
    let max = bench.ok(&format!("encode --model {model} --input corpus.jsonl --pooling max"));
    let sum = bench.ok(&format!("encode --model {model} --input corpus.jsonl --pooling sum"));
    assert!(max != sum && max.lines().count() == 3);
    let top = bench
        .ok(&format!("encode --model {model} --input corpus.jsonl --pooling max --top-terms 2"));
    for line in top.lines() {
        let record: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_eq!(record["vector"].as_object().unwrap().len(), 2, "{line}");
    }
}

#[test]
fn a_model_without_its_pooling_folder_is_refused() {
    let bench = Bench::new();
    bench.write("corpus.jsonl", CORPUS);
    copy_folder(model("st-splade").as_ref(), &bench.path("model"));
    bench.ok("encode --model model --input corpus.jsonl --output d.jsonl");
    std::fs::remove_dir_all(bench.path("model/1_SpladePooling")).unwrap();
    let said = bench.fails("encode --model model --input corpus.jsonl --output e.jsonl", 1);
    assert!(said.contains("1_SpladePooling") && said.contains("folder"), "{said}");
}

#[test]
fn the_device_is_said_in_a_few_words() {
    let bench = Bench::new();
    bench.write("corpus.jsonl", CORPUS);
    let output =
        bench.spork(&format!("encode --model {} --input corpus.jsonl", model("st-splade")));
    let said = stderr(&output);
    assert!(said.contains("device: c"), "{said}");
    // Where there is a card, a word on why it is not used is welcome.
    assert!(!said.contains("CUDA") || Path::new("/proc/driver/nvidia").exists(), "{said}");
}

#[test]
fn queries_without_a_network() {
    let bench = Bench::new();
    bench.write("corpus.jsonl", CORPUS);
    bench.write("topics.tsv", TOPICS);
    let model = model("st-inference-free");
    bench.ok(&format!("encode --model {model} --input corpus.jsonl --output d.jsonl"));
    bench.ok("index --input d.jsonl --output i");
    let run = bench.ok(&format!("search --index i --topics topics.tsv --model {model}"));
    assert!(run.starts_with("q1 Q0 "), "{run}");
    let tokens =
        bench.ok(&format!("encode --model {model} --kind query --query-tokens --input topics.tsv"));
    assert!(tokens.lines().next().unwrap().contains("\"cat\": 1"), "{tokens}");
}

#[test]
fn inspect_tells_expansion_from_text() {
    let bench = Bench::new();
    let line = ["inspect", "--model", &model("st-splade"), "the cat"];
    let output = Command::new(SPORK).args(line).output().unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    let shown = String::from_utf8(output.stdout).unwrap();
    assert!(shown.lines().next().unwrap().ends_with("expansion"), "{shown}");
    assert!(shown.contains("\tcat\ttext\n") || !shown.contains("\tcat\t"), "{shown}");
    assert!(shown.contains("\texpansion\n"), "{shown}");
    bench.fails("inspect --model nowhere text", 1);
}

#[test]
fn bad_text_has_a_place() {
    let bench = Bench::new();
    let model = model("st-splade");
    for (content, says) in [
        (
            &b"{\"_id\": \"a\", \"text\": \"fine\"}\n{\"_id\": \"b\", \"text\": \"\xff\"}\n"[..],
            "bad:2: not valid UTF-8",
        ),
        (b"{\"_id\": \"a\"}\n", "bad:1: "),
        (b"no tab\n", "bad:1: expected id<TAB>text"),
    ] {
        bench.write("bad", content);
        let said = bench.fails(&format!("encode --model {model} --input bad --output v"), 1);
        assert!(said.contains(says), "{said}");
        assert!(!bench.path("v").exists());
    }
    bench.write("c.tsv", "a\ttext\n");
    assert!(bench.fails("encode --model ./nowhere --input c.tsv", 1).contains("nowhere"));
}
