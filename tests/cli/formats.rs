//! Other engines' formats: converted, exported, indexed and searched, with the same answers.

use super::*;

const QUERIES: &str = "{\"id\": \"q1\", \"vector\": {\"cat\": 2, \"##s\": 1}}\n\
                       {\"id\": \"q2\", \"vector\": {\"dog\": 3}}\n";

/// Two documents of integers, and one without terms.
const DOCUMENTS: &str = "{\"id\": \"d1\", \"vector\": {\"cat\": 7, \"##s\": 300}}\n\
                         {\"id\": \"d2\", \"vector\": {\"dog\": 2, \"cat\": 1}}\n\
                         {\"id\": \"d3\", \"vector\": {}}\n";

fn read(bench: &Bench, name: &str) -> String {
    std::fs::read_to_string(bench.path(name)).unwrap()
}

fn run_of(bench: &Bench, input: &str, more: &str) -> String {
    bench.ok(&format!("index --input {input} --output i {more}"));
    bench.ok("search --index i --vectors q.jsonl --output run.trec");
    read(bench, "run.trec")
}

#[test]
fn every_format_gives_the_same_answers() {
    let bench = Bench::new();
    bench.write("d.jsonl", DOCUMENTS);
    bench.write("q.jsonl", QUERIES);
    let expected = run_of(&bench, "d.jsonl", "");
    bench.ok("index --input d.jsonl --output first");
    for (format, name) in [
        ("svec", "d.svec"),
        ("ciff", "d.ciff"),
        ("ciff", "d.ciff.gz"),
        ("anserini", "a.jsonl"),
        ("seismic-bin", "d.bin"),
        ("csr", "d.csr"),
        ("csr", "d.csr.zst"),
    ] {
        bench.ok(&format!("convert --input d.jsonl --to {format} --output {name}"));
        assert_eq!(run_of(&bench, name, ""), expected, "{name}");
        bench.ok(&format!("export --index first --format {format} --output e-{name}"));
        assert_eq!(run_of(&bench, &format!("e-{name}"), ""), expected, "e-{name}");
        bench.ok(&format!("convert --input {name} --output back.jsonl"));
        assert_eq!(run_of(&bench, "back.jsonl", ""), expected, "back from {name}");
    }
    std::fs::create_dir(bench.path("folder")).unwrap();
    std::fs::rename(bench.path("a.jsonl"), bench.path("folder/a.jsonl")).unwrap();
    assert_eq!(run_of(&bench, "folder", ""), expected);
}

#[test]
fn every_format_of_queries_gives_the_same_answers() {
    let bench = Bench::new();
    bench.write("d.jsonl", DOCUMENTS);
    bench.write("q.jsonl", QUERIES);
    let expected = run_of(&bench, "d.jsonl", "");
    bench.ok("convert --input d.jsonl --output d.bin");
    let tokens = "--tokens d.bin.tokens.json";
    for (name, more) in [("q.pisa", ""), ("q.tsv", ""), ("q.bin", tokens), ("q.csr", tokens)] {
        bench.ok(&format!("convert --input q.jsonl --output {name} {more}"));
        bench.ok(&format!("search --index i --vectors {name} --output run.trec {more}"));
        assert_eq!(read(&bench, "run.trec"), expected, "{name}");
    }
    assert_eq!(read(&bench, "q.pisa"), "q1:cat cat ##s\nq2:dog dog dog\n");
}

#[test]
fn an_encoder_goes_with_its_vectors() {
    let bench = Bench::new();
    bench.write("d.jsonl", DOCUMENTS);
    bench.write("d.jsonl.model.json", "{\"name\": \"m\"}\n");
    for name in ["d.ciff", "d.bin", "d.svec"] {
        bench.ok(&format!("convert --input d.jsonl --output {name}"));
        bench.ok(&format!("index --input {name} --output i"));
        let shown = bench.ok("inspect --index i");
        assert!(shown.contains("{\"name\":\"m\"}"), "{name}: {shown}");
        bench.ok("export --index i --output e.ciff --force");
        bench.ok("index --input e.ciff --output again");
        assert!(bench.ok("inspect --index again").contains("{\"name\":\"m\"}"), "{name}");
    }
}

/// Term counts of another engine become BM25 weights, with the lengths that the file states.
#[test]
fn term_counts_are_weighed() {
    let bench = Bench::new();
    // A list "a": document 0 has it five times, document 1 once; of 5 and 15 terms.
    let ciff = b"\x06\x08\x01\x10\x01\x18\x02\x11\x0a\x01a\x10\x02\x18\x06\x22\x02\x10\x05\x22\x04\x08\x01\x10\x01\
        \x06\x12\x02d0\x18\x05\x08\x08\x01\x12\x02d1\x18\x0f";
    bench.write("x.ciff", ciff);
    bench.ok("index --input x.ciff --values counts --output i --k1 1.0 --b 0.5");
    assert!(bench.ok("inspect --index i").contains("  mean_length\t10\n"));
    bench.write("q.tsv", "1\ta\n");
    let run = bench.ok("search --index i --vectors q.tsv");
    let idf = (1.0f64 + 0.5 / 2.5).ln();
    let expected = [("d0", 5.0, 5.0), ("d1", 1.0, 15.0)];
    assert_eq!(run.lines().count(), expected.len(), "{run}");
    for (line, (docno, count, length)) in run.lines().zip(expected) {
        let columns: Vec<&str> = line.split(' ').collect();
        let weight = idf * count / (count + 0.5 + 0.5 * length / 10.0);
        let score: f64 = columns[4].parse().unwrap();
        assert_eq!(columns[2], docno);
        assert!((score - weight).abs() < 0.004 * weight, "{line}: {weight}");
    }
    // More of them are weighed with the mean length of before; text would have other terms.
    bench.write("z.ciff", String::from_utf8_lossy(ciff).replace("d0", "d2").replace("d1", "d3"));
    bench.ok("add --index i --input z.ciff --values counts");
    for (docno, like) in [("d2", "d0"), ("d3", "d1")] {
        let vector = |docno| bench.ok(&format!("inspect --index i --docno {docno}"));
        assert_eq!(vector(docno), vector(like));
    }
    bench.write("c.tsv", "d9\ta\n");
    let said = bench.fails("add --index i --bm25 c.tsv", 1);
    assert!(said.contains("its BM25 field is of term counts, and text would"), "{said}");
    bench.ok("index --bm25 c.tsv --output text");
    let said = bench.fails("add --index text --input z.ciff --values counts", 1);
    assert!(said.contains("text by the analyzer english, and term counts would"), "{said}");
    // Other files have no place for lengths.
    let output = bench.spork("convert --input x.ciff --values counts --output y.ciff");
    assert!(stderr(&output).contains("1 documents have other lengths"), "{}", stderr(&output));
    // The text of queries is analyzed elsewhere.
    let said = bench.fails("search --index i --topics q.tsv", 1);
    assert!(said.contains("--vectors"), "{said}");
}

#[test]
fn what_is_not_said_is_asked_for() {
    let bench = Bench::new();
    // A list "a" of document 0, from another writer.
    let ciff =
        b"\x06\x08\x01\x10\x01\x18\x01\x0b\x0a\x01a\x10\x01\x18\x05\x22\x02\x10\x05\x04\x12\x02d0";
    bench.write("x.ciff", ciff);
    let error = bench.fails("index --input x.ciff --output i", 1);
    assert!(error.contains("--values counts") && error.contains("--values impacts"), "{error}");
    bench.ok("index --input x.ciff --values impacts --output i");
    bench.write("w.jsonl", "{\"id\": \"d1\", \"vector\": {\"a\": 2}}\n");
    let error = bench.fails("index --input w.jsonl x.ciff --values counts --output i", 1);
    assert!(error.contains("w.jsonl holds weights, not term counts"), "{error}");
    let error = bench.fails("convert --input x.ciff --output y.jsonl", 1);
    assert!(error.contains("neither the file nor --values says"), "{error}");
    std::fs::rename(bench.path("x.ciff"), bench.path("x.csr")).unwrap();
    let error = bench.fails("convert --input x.csr --values impacts --output y.jsonl", 1);
    assert!(
        error.contains("the name \"x.csr\" says csr, but the file begins like ciff"),
        "{error}"
    );
    bench.ok("convert --input x.csr --from ciff --values impacts --output y.jsonl");
    assert_eq!(read(&bench, "y.jsonl"), "{\"id\": \"d0\", \"vector\": {\"a\": 5}}\n");
}

#[test]
fn fractions_are_rounded_and_told() {
    let bench = Bench::new();
    bench.write("d.jsonl", "{\"id\": \"d1\", \"vector\": {\"cat\": 1.234, \"dog\": 0.001}}\n");
    let told = stderr(&bench.spork("convert --input d.jsonl --to anserini --output a.jsonl"));
    assert!(told.contains("anserini holds integers: weights times 100, rounded"), "{told}");
    assert!(told.contains("1 of 2 weights round to zero and are left out"), "{told}");
    let line = "{\"id\": \"d1\", \"contents\": \"\", \"vector\": {\"cat\": 123}}\n";
    assert_eq!(read(&bench, "a.jsonl"), line);
    bench.ok("convert --input d.jsonl --to anserini --factor 1000 --output b.jsonl");
    assert!(read(&bench, "b.jsonl").contains("{\"cat\": 1234, \"dog\": 1}"));
    // An index has impacts, which are integers already.
    bench.ok("index --input d.jsonl --output i");
    bench.ok("export --index i --format anserini --output e.jsonl");
    assert!(read(&bench, "e.jsonl").contains("{\"cat\": 255}"), "{}", read(&bench, "e.jsonl"));
}

#[test]
fn one_field_is_exported() {
    let bench = Bench::new();
    bench.write("d.jsonl", DOCUMENTS);
    bench.write("t.tsv", "d1\tcats purr\nd4\tdogs\n");
    bench.ok("index --input d.jsonl --bm25 t.tsv --output i");
    let error = bench.fails("export --index i --output e.ciff", 1);
    assert!(error.contains("has the fields splade, bm25; say which with --field"), "{error}");
    let error = bench.fails("export --index i --field x --output e.ciff", 1);
    assert!(error.contains("no field \"x\"; there are splade, bm25"), "{error}");
    let exported = bench.ok("export --index i --field splade");
    let vectors = [
        "{\"id\": \"d1\", \"vector\": {\"##s\": 300, \"cat\": 7}}",
        "{\"id\": \"d2\", \"vector\": {\"cat\": 1, \"dog\": 2}}",
        "{\"id\": \"d3\", \"vector\": {}}",
        "{\"id\": \"d4\", \"vector\": {}}",
    ];
    assert_eq!(exported.lines().collect::<Vec<_>>(), vectors);
    let exported = bench.ok("export --index i --field bm25 --quiet");
    assert!(exported.lines().nth(3).unwrap().contains("\"dog\": "), "{exported}");
}

/// A record that an earlier output left does not stand for vectors of another encoder.
#[test]
fn what_is_replaced_leaves_nothing_beside_it() {
    let bench = Bench::new();
    bench.write("d.jsonl", DOCUMENTS);
    bench.write("m.jsonl", DOCUMENTS);
    bench.write("m.jsonl.model.json", "{\"name\": \"m\"}\n");
    for name in ["x.jsonl", "x.csr", "x.ciff"] {
        bench.ok(&format!("convert --input m.jsonl --output {name}"));
        let error = bench.fails(&format!("convert --input d.jsonl --output {name}"), 1);
        assert!(error.contains("holds vectors") && error.contains("--force"), "{error}");
        bench.ok(&format!("convert --input d.jsonl --output {name} --force"));
        bench.ok(&format!("index --input {name} --output i"));
        assert!(!bench.ok("inspect --index i").contains("\"m\""), "{name}");
    }
}

#[test]
fn an_id_is_taken_once() {
    let bench = Bench::new();
    bench.write("d.jsonl", DOCUMENTS);
    let error = bench.fails("convert --input d.jsonl d.jsonl --output x.ciff", 1);
    assert!(error.contains("id \"d1\" is that of an earlier vector"), "{error}");
}
