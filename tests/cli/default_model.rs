//! The model that comes with Spork.

use super::*;

fn model() -> PathBuf {
    project("data/model")
}

#[test]
fn it_expands_a_query() {
    let bench = Bench::new();
    let mut command = bench.command("inspect --kind query --device cpu --model");
    let output = command.arg(model()).arg("how long does jet lag last").output().unwrap();
    let words = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    for own in ["jet\ttext", "long\ttext"] {
        assert!(words.lines().take(5).any(|line| line.ends_with(own)), "{own}: {words}");
    }
    assert!(words.lines().any(|line| line.ends_with("expansion")), "{words}");
}

#[test]
fn it_finds_by_meaning_and_without_a_network_too() {
    let bench = Bench::new();
    bench.write(
        "corpus.tsv",
        concat!(
            "pasta\tBoil the pasta for nine minutes, then stir in olive oil and garlic.\n",
            "engine\tThe mechanic changed the oil and the brakes of the automobile.\n",
            "sleep\tTravellers who cross time zones sleep badly for some days.\n",
        ),
    );
    bench.write("topics.tsv", "q1\tcar repair\nq2\ttravel and sleep\n");
    let model = model().display().to_string();
    bench.ok(&format!("encode --model {model} --input corpus.tsv --output d.jsonl --device cpu"));
    bench.ok("index --input d.jsonl --output i");
    let first = |run: &str, qid: &str| {
        let line =
            run.lines().find(|line| line.starts_with(&format!("{qid} Q0 "))).map(str::to_owned);
        line.map(|line| line.split(' ').nth(2).unwrap().to_owned())
    };
    let run =
        bench.ok(&format!("search --index i --topics topics.tsv --model {model} --device cpu"));
    for (qid, docno) in [("q1", "engine"), ("q2", "sleep")] {
        assert_eq!(first(&run, qid).as_deref(), Some(docno), "{run}");
    }
    let vectors = format!(
        "encode --model {model} --kind query --input topics.tsv --output q.jsonl --device cpu"
    );
    bench.ok(&vectors);
    assert_eq!(
        run,
        bench.ok("search --index i --vectors q.jsonl --query-idf 0.5"),
        "what spork.json says"
    );
    let weights = format!("--query-tokens={model}/query_weights.json");
    let run = bench.ok(&format!(
        "search --index i --topics topics.tsv --model {model} {weights} --device cpu"
    ));
    assert_eq!(first(&run, "q1").as_deref(), Some("engine"), "{run}");
}

#[test]
fn it_is_small_and_says_where_it_comes_from() {
    let size = std::fs::metadata(model().join("model.safetensors")).unwrap().len();
    assert!(size <= 48_000_000, "{size}");
    let card = std::fs::read_to_string(model().join("README.md")).unwrap();
    for word in ["Apache-2.0", "CC BY-SA", "MS MARCO", "all-MiniLM-L6-v2"] {
        assert!(card.contains(word), "the model card lacks {word}");
    }
}
