//! `spork bench report`: a page that needs nothing else.

use super::*;

/// A result of two indexes whose names a browser must not take for tags.
fn measured(bench: &Bench) {
    let documents: String = (0..300)
        .map(|i| {
            format!(
                "{{\"id\": \"d{i}\", \"vector\": {{\"a\": {}, \"b{}\": 3}}}}\n",
                1 + i % 9,
                i % 50
            )
        })
        .collect();
    bench.write("v.jsonl", &documents);
    bench.write(
        "half.jsonl",
        documents.lines().take(160).map(|line| format!("{line}\n")).collect::<String>(),
    );
    bench.write(
        "q.tsv",
        (0..20).map(|i| format!("q{i}\tb{}{}\n", i % 50, " a".repeat(i % 2))).collect::<String>(),
    );
    bench.ok("index --input v.jsonl --output <i>&1");
    bench.ok("index --input half.jsonl --output half");
    bench.ok("bench --index <i>&1 half --vectors q.tsv --k 5,50 --strategy taat,block-max --repetitions 1 --json b.json");
    bench.ok("bench --index half --vectors q.tsv --k 5 --alpha 0.5 --repetitions 1 --json a.json");
}

#[test]
fn one_page_of_several_results() {
    let bench = Bench::new();
    measured(&bench);
    bench.write("e.tsv", "index\tRR@10\n<i>&1\t0.25\nhalf\t0.125\n");
    bench.ok("bench report --input b.json a.json --evaluations e.tsv --output r.html");
    let page = std::fs::read_to_string(bench.path("r.html")).unwrap();
    assert!(page.starts_with("<!DOCTYPE html>") && page.trim_end().ends_with("</html>"));
    assert!(page.contains("&lt;i&gt;&amp;1") && !page.contains("<i>"), "names are text");
    // Nothing is fetched and nothing runs.
    let outside = page.replace("http://www.w3.org/2000/svg", "");
    for word in ["http:", "https:", "//cdn", "<script", "<link", "<img", "url(", "@import"] {
        assert!(!outside.contains(word), "{word}");
    }
    // Three for the measure, one for each index and depth, one for each index, and sizes, FLOPS,
    // recall.
    assert_eq!(page.matches("<figure>").count(), 3 + 4 + 2 + 3);
    // In each result a table of indexes and one of loads, with 2 + 8 and 1 + 1 rows, and a line of
    // names each.
    assert_eq!(page.matches("<table>").count(), 4);
    assert_eq!(page.matches("<tr>").count(), 4 + 2 + 8 + 1 + 1);
    let command = "spork bench --index &#39;&lt;i&gt;&amp;1&#39; half --vectors q.tsv";
    for text in ["RR@10", "block-max, α 0.5", "ns a posting", "bytes a posting", command] {
        assert!(page.contains(text), "{text}");
    }
    let json: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(bench.path("b.json")).unwrap()).unwrap();
    for row in json["rows"].as_array().unwrap() {
        let mean = format!("{:.3}</td>", row["mean_us"].as_f64().unwrap() / 1e3);
        assert!(page.contains(&mean), "{mean}");
    }
    // Without evaluations, on standard output.
    let plain = bench.ok("bench report --input a.json");
    assert!(!plain.contains("Effectiveness") && plain.contains("Indexes"));
}

#[test]
fn what_is_wrong_is_said() {
    let bench = Bench::new();
    measured(&bench);
    bench.write("other.json", "{\"k\": 10}");
    let said = bench.fails("bench report --input b.json other.json --output r.html", 1);
    assert!(said.contains("other.json: not a result of `spork bench --json`"), "{said}");
    let said = bench.fails("bench report --input absent.json --output r.html", 1);
    assert!(said.contains("absent.json"), "{said}");
    bench.write("e.tsv", "name\tRR@10\nhalf\t0.1\n");
    let said = bench.fails("bench report --input a.json --evaluations e.tsv --output r.html", 1);
    assert!(said.contains("e.tsv") && said.contains("\"index\""), "{said}");
    bench.write("e.tsv", "index\nhalf\n");
    let said = bench.fails("bench report --input a.json --evaluations e.tsv --output r.html", 1);
    assert!(said.contains("e.tsv: no column beside index"), "{said}");
    let text = std::fs::read_to_string(bench.path("a.json")).unwrap();
    bench.write("a.json", text.replacen("\"half\"", "\"full\"", 2));
    let said = bench.fails("bench report --input a.json --output r.html", 1);
    assert!(said.contains("about the index half"), "{said}");
    bench.fails("bench report", 2);
    bench.fails("bench --index half --vectors q.tsv report --input a.json", 2);
    bench.fails("bench --index half", 2);
    bench.fails("bench", 2);
    assert!(!bench.path("r.html").exists());
}

/// A pruned index is not called exact without saying of what, and sizes are those that the log
/// told.
#[test]
fn a_pruned_index() {
    let bench = Bench::new();
    measured(&bench);
    let log = stderr(&bench.spork("index --input v.jsonl --output some --prune-documents 0.7"));
    bench.ok("bench --index half some --vectors q.tsv --k 5 --repetitions 1 --json b.json");
    let page = bench.ok("bench report --input b.json");
    assert_eq!(page.matches("<td class=\"number\">1.000</td>").count(), 1, "half: {page}");
    assert_eq!(
        page.matches("<td class=\"number\">1.000 of the pruned index</td>").count(),
        1,
        "some: {page}"
    );
    let (before, _) = log.split_once(" bytes a posting").unwrap();
    let told = before.rsplit(' ').next().unwrap();
    assert!(page.contains(&format!("<td class=\"number\">{told}</td>")), "{told}: {page}");
    for word in ["noise, %", "p50, ms", "answered, queries/s", "intercept, µs"] {
        assert!(page.contains(word), "{word}");
    }
}

/// What `eval --tsv` writes is read, where runs are named as the indexes that they are of.
#[test]
fn evaluations_as_eval_writes_them() {
    let bench = Bench::new();
    measured(&bench);
    bench.ok("search --index half --vectors q.tsv --k 5 --output half.trec");
    bench.write("qrels", "q0 0 d0 1\n");
    bench.ok("eval --qrels qrels --run half.trec --metrics R@5 --tsv e.tsv");
    bench.ok("bench report --input a.json --evaluations e.tsv --output r.html");
    assert!(std::fs::read_to_string(bench.path("r.html")).unwrap().contains("R@5"));
}

/// An evaluation that no picture can show is told of.
#[test]
fn evaluations_of_other_indexes() {
    let bench = Bench::new();
    measured(&bench);
    bench.write("e.tsv", "index\tRR@10\nhalf\t0.1\nelsewhere\t0.2\n");
    let output = bench.spork("bench report --input a.json --evaluations e.tsv --output r.html");
    assert!(output.status.success());
    assert!(
        stderr(&output).contains("elsewhere is no index of the results, which are half"),
        "{}",
        stderr(&output)
    );
}

/// Results of programs that did not write fits, samples and limits yet.
#[test]
fn an_older_result() {
    let bench = Bench::new();
    measured(&bench);
    let mut json: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(bench.path("b.json")).unwrap()).unwrap();
    json.as_object_mut().unwrap().remove("limits");
    for row in json["rows"].as_array_mut().unwrap() {
        row.as_object_mut().unwrap().retain(|name, _| name != "fit" && name != "samples");
    }
    bench.write("old.json", json.to_string());
    let page = bench.ok("bench report --input old.json");
    // Distributions of two indexes, sizes, FLOPS; no query's time.
    assert_eq!(page.matches("<figure>").count(), 2 + 2);
    assert!(!page.contains("Latency and work"));
    assert_eq!(page.matches("<td class=\"number\">–</td>").count(), 8 * 3, "no fit");
}
