//! `spork advise`: choices, measured, and the commands that make them.

use serde_json::Value;

use super::*;

/// Documents and queries over a hundred terms, the same in every run; each query is most like the
/// document of its number.
fn collection() -> Bench {
    let bench = Bench::new();
    let (mut documents, mut queries, mut topics, mut corpus, mut qrels) =
        (String::new(), String::new(), String::new(), String::new(), String::new());
    for number in 0..60usize {
        let terms = (0..12).map(|place| (number * 7 + place * 8) % 100);
        let terms: Vec<String> =
            terms.zip(1..).map(|(term, weight)| format!("\"t{term}\": {weight}.25")).collect();
        documents += &format!("{{\"id\": \"d{number}\", \"vector\": {{{}}}}}\n", terms.join(", "));
        let words: Vec<String> =
            (0..12).map(|place| format!("t{}", (number * 7 + place * 8) % 100)).collect();
        corpus += &format!("d{number}\t{}\n", words.join(" "));
        if number < 20 {
            let query = &terms[4..];
            queries += &format!("{{\"id\": \"{number}\", \"vector\": {{{}}}}}\n", query.join(", "));
            topics += &format!("{number}\t{}\n", words[4..].join(" "));
            qrels += &format!("{number} 0 d{number} 1\n");
        }
    }
    bench.write("d.jsonl", documents);
    bench.write("q.jsonl", queries);
    bench.write("t.tsv", topics);
    bench.write("c.tsv", corpus);
    bench.write("qrels.txt", qrels);
    bench
}

/// Runs a line as a shell does, with the program under test.
fn run_line(bench: &Bench, line: &str) {
    let line = line.replace("spork ", &format!("{SPORK} "));
    let output = Command::new("sh").arg("-ec").arg(&line).current_dir(bench.path("")).output();
    let output = output.unwrap();
    assert!(output.status.success(), "{line}: {}", stderr(&output));
}

/// Runs a command line of the advice.
fn run_advised(bench: &Bench, advice: &str, number: usize) {
    let line = advice.lines().find_map(|line| line.strip_prefix(&format!("{number}: "))).unwrap();
    run_line(bench, line);
    let run = std::fs::read_to_string(bench.path("run.trec")).unwrap();
    assert!(run.lines().count() >= 20, "{line}: {run}");
    std::fs::remove_file(bench.path("run.trec")).unwrap();
}

#[test]
fn an_index_of_vectors_is_built_otherwise_by_itself() {
    let bench = collection();
    bench.ok("index --input d.jsonl --output i");
    let advice = bench.ok("advise --index i --vectors q.jsonl --k 3,10 --json a.json");
    assert!(advice.contains("recall") && advice.contains("now"), "{advice}");
    assert!(advice.contains("k = 3:") && advice.contains("k = 10:"), "{advice}");
    let record = std::fs::read(bench.path("a.json")).unwrap();
    let record: Value = serde_json::from_slice(&record).unwrap();
    let trials = record["trials"].as_array().unwrap();
    // Two cutoffs, of: the index as it is and 13 others, each exact and stopping short in six ways.
    assert_eq!(trials.len(), 2 * 14 * 7);
    assert_eq!((&record["quality"], &record["queries"]), (&"recall".into(), &20.into()));
    for trial in trials {
        let (index, search) = (trial["index"].as_str(), trial["search"].as_str().unwrap());
        let recall = trial["quality"]["mean"].as_f64().unwrap();
        assert!((0.0..=1.0).contains(&recall), "{trial}");
        let pruned = index.is_some_and(|index| index.contains("--prune"));
        if search.is_empty() && !pruned {
            assert_eq!(recall, 1.0, "{trial}");
        }
        assert!(trial["micros"]["mean"].as_f64().unwrap() > 0.0, "{trial}");
        assert!(trial["bytes"].as_u64().unwrap() > 0, "{trial}");
    }
    for number in 1..=advice.lines().filter(|line| line.contains("run.trec")).count().min(4) {
        let _ = std::fs::remove_dir_all(bench.path("i.advised"));
        let _ = std::fs::remove_file(bench.path("vectors.svec"));
        run_advised(&bench, &advice, number);
    }
}

#[test]
fn with_judgments_the_weights_of_queries_are_varied_too() {
    let bench = collection();
    bench.ok("index --input d.jsonl --bm25 c.tsv --output i");
    let sample = "--index i --topics t.tsv --vectors q.jsonl --qrels qrels.txt --sample 12";
    let output = bench.spork(&format!("advise {sample} --json a.json"));
    assert!(stderr(&output).contains("only searches are varied"), "{}", stderr(&output));
    let record: Value =
        serde_json::from_slice(&std::fs::read(bench.path("a.json")).unwrap()).unwrap();
    assert_eq!((&record["quality"], &record["queries"]), (&"nDCG@10".into(), &12.into()));
    let trials = record["trials"].as_array().unwrap();
    let searches: Vec<&str> = trials.iter().filter_map(|trial| trial["search"].as_str()).collect();
    assert!(searches.contains(&"--query-idf 1 --mix splade=1,bm25=2"), "{searches:?}");
    assert!(trials.iter().all(|trial| trial["index"].is_null()));
    let advice = String::from_utf8(output.stdout).unwrap();
    run_advised(&bench, &advice, 1);
    // What was asked for stays in the commands, unless a choice says otherwise.
    let advice = bench.ok(&format!("advise {sample} --query-idf 0.5 --mix splade=1,bm25=3"));
    for line in advice.lines().filter(|line| line.contains("run.trec")) {
        assert_eq!(line.matches("--query-idf").count(), 1, "{line}");
        assert_eq!(line.matches("--mix").count(), 1, "{line}");
    }
    run_advised(&bench, &advice, 1);

    bench.ok(&format!("advise {sample} --input d.jsonl --bm25 c.tsv --json b.json"));
    let record = std::fs::read_to_string(bench.path("b.json")).unwrap();
    assert!(record.contains("--order bisection --codec compact"), "{record}");
}

#[test]
fn an_index_is_built_otherwise_with_what_it_has() {
    let bench = collection();
    let texts = std::fs::read_to_string(bench.path("c.tsv")).unwrap();
    let records = texts.lines().zip(0..).map(|(line, number)| {
        let (docno, text) = line.split_once('\t').unwrap();
        format!("{{\"_id\": \"{docno}\", \"text\": \"{text}\", \"x y\": {number}}}\n")
    });
    bench.write("c.jsonl", records.collect::<String>());
    let inputs = "--input d.jsonl --bm25 c.jsonl";
    let kept = "--scale 0.0625 --k1 1.2 --b 0.5 --columns 'x y:integer' --store text,vectors";
    run_line(&bench, &format!("spork index {inputs} {kept} --output i"));
    let queries = "--index i --topics t.tsv --vectors q.jsonl --k 3";
    let advice = bench.ok(&format!("advise {queries} {inputs}"));
    // The smallest index is beaten by none, and is another one.
    let built = |advice: &str| -> (usize, String) {
        let line = advice.lines().find(|line| line.contains("spork index")).unwrap();
        let (number, command) = line.split_once(": ").unwrap();
        (number.parse().unwrap(), command.to_owned())
    };
    let (number, command) = built(&advice);
    assert!(command.contains(&format!(" {kept} --output i.advised ")), "{command}");
    run_advised(&bench, &advice, number);
    let of = |index: &str| -> Vec<Value> {
        let told: Value =
            serde_json::from_str(&bench.ok(&format!("inspect --json --index {index}"))).unwrap();
        let fields = &told["fields"];
        vec![fields[0]["scale"].clone(), fields[1]["properties"].clone(), told["columns"].clone()]
    };
    assert_eq!(of("i"), of("i.advised"));
    assert_eq!(of("i")[0], 0.0625);

    // An index does not know the files of its vocabulary and its columns.
    let digits: String = (0..10).map(|digit| format!("##{digit}\n")).collect();
    bench.write("vocab.txt", format!("[UNK]\nt\n{digits}"));
    bench.ok("index --bm25 c.tsv --analyzer wordpiece --vocabulary vocab.txt --output w");
    let (_, command) = built(&bench.ok("advise --index w --bm25 c.tsv --topics t.tsv --k 3"));
    let kept = "--analyzer wordpiece --vocabulary VOCABULARY";
    assert!(command.contains(&format!(" {kept} --output w.advised ")), "{command}");
    bench.ok("index --input d.jsonl --columns z:float --records c.jsonl --output v");
    let (_, command) = built(&bench.ok("advise --index v --vectors q.jsonl --k 3"));
    assert!(
        command.contains(" --columns z:float --records RECORDS --output v.advised "),
        "{command}"
    );
}

#[test]
fn what_does_not_fit_is_refused() {
    let bench = collection();
    bench.ok("index --input d.jsonl --output i");
    let said = bench.fails("advise --index i --vectors q.jsonl --bm25 c.tsv", 1);
    assert!(said.contains("--input") && said.contains("splade"), "{said}");
    bench.write("other.txt", "x 0 d1 1\n");
    let said = bench.fails("advise --index i --vectors q.jsonl --qrels other.txt", 1);
    assert!(said.contains("none of 20 queries is judged"), "{said}");
    bench.fails("advise --index i --vectors q.jsonl --metric RR@10", 2);
    bench.fails("advise --index i", 2);
    bench.fails("advise --index i --vectors q.jsonl --json q.jsonl", 1);
    assert!(std::fs::read_to_string(bench.path("q.jsonl")).unwrap().contains("t"));
}
