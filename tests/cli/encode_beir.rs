//! A BEIR folder as the input of `spork encode`.

use super::*;

fn bench() -> Bench {
    let bench = Bench::new();
    std::fs::create_dir_all(bench.path("set/qrels")).unwrap();
    let line = |id: &str, text: &str| format!("{{\"_id\": \"{id}\", \"text\": \"{text}\"}}\n");
    bench.write("set/corpus.jsonl", line("d1", "the cat") + &line("d2", "more water"));
    let queries = ["cat", "water", "dog", "the"];
    let queries =
        queries.iter().enumerate().map(|(number, text)| line(&format!("q{number}"), text));
    bench.write("set/queries.jsonl", queries.collect::<String>());
    let header = "query-id\tcorpus-id\tscore\n";
    bench.write("set/qrels/test.tsv", format!("{header}q2\td1\t1\nq0\td1\t1\nabsent\td1\t1\n"));
    bench.write("set/qrels/dev.tsv", format!("{header}q3\td1\t1\n"));
    bench
}

#[test]
fn documents_or_the_topics_of_a_split_are_encoded() {
    let bench = bench();
    let model = project("crates/model/tests/golden/st-splade");
    let encode = |rest: &str| {
        let line = format!("encode --model {} --precision fp32 {rest}", model.display());
        let output = bench.spork(&line);
        assert!(output.status.success(), "{line}: {}", stderr(&output));
        (String::from_utf8(output.stdout.clone()).unwrap(), stderr(&output))
    };
    let ids = |rest: &str| -> Vec<String> {
        let id = |line: &str| {
            let record: serde_json::Value = serde_json::from_str(line).unwrap();
            record["id"].as_str().unwrap().to_owned()
        };
        encode(rest).0.lines().map(id).collect()
    };
    assert_eq!(ids("--beir set"), ["d1", "d2"]);
    assert_eq!(encode("--beir set").0, encode("--input set/corpus.jsonl").0);
    assert_eq!(ids("--beir set --kind query"), ["q0", "q2"]);
    assert_eq!(ids("--beir set --kind query --split dev"), ["q3"]);
    let (_, said) = encode("--beir set --kind query");
    assert!(said.contains("2 topics of the split test"), "{said}");
    assert!(said.contains("WARN set: 1 topics of the split test are not in"), "{said}");
    // Devices get what the command got.
    encode("--beir set --kind query --device cpu,cpu --output q.svec");
    assert_eq!(bench.ok("convert --input q.svec").lines().count(), 2);

    let line = format!("encode --model {}", model.display());
    let said = bench.fails(&format!("{line} --beir set --kind query --split train"), 1);
    assert!(said.contains("set/qrels/train.tsv: not there; --split can be dev, test"), "{said}");
    std::fs::remove_file(bench.path("set/corpus.jsonl")).unwrap();
    let said = bench.fails(&format!("{line} --beir set"), 1);
    assert!(said.contains("set/corpus.jsonl: not there"), "{said}");
    let said = bench.fails(&format!("{line} --input set/queries.jsonl --split dev"), 1);
    assert!(said.contains("--beir"), "{said}");
    for rest in ["--beir set --input set/queries.jsonl", ""] {
        bench.fails(&format!("{line} {rest}"), 2);
    }
    let said = bench.fails(&format!("{line} --beir set --output set/queries.jsonl --force"), 1);
    assert!(said.contains("--beir"), "{said}");
}
