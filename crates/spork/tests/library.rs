//! The library as its user meets it.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::Path;

use spork_search::{
    Analyzer, Codec, Fusion, FusionMethod, Index, LoadOptions, Model, Normalization, Order, Qrels,
    Query, Results, Sides, Strategy, build, evaluate, fuse, open, open_model, read_topics,
};

const CORPUS: [(&str, &str); 3] = [
    ("d1", "Sparse vectors fit an inverted index."),
    ("d2", "A fork and a bowl."),
    ("d3", "An index of forks."),
];

fn vectors() -> [(&'static str, Vec<(&'static str, f32)>); 3] {
    [("d1", vec![("a", 1.5), ("b", 0.5)]), ("d2", vec![("b", 2.0)]), ("d3", vec![])]
}

fn found(index: &Index, query: &str) -> Vec<String> {
    index.search(query, 10).unwrap().into_iter().map(|hit| hit.docno).collect()
}

#[test]
fn text_is_searched_by_the_analyzer_that_indexed_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("index");
    build(&path).text(CORPUS).unwrap();
    // Both have it once among two terms: the later docno comes first.
    assert_eq!(found(&open(&path).unwrap(), "forks"), ["d3", "d2"]);
    // Built anew in its place, with another analyzer.
    let vocabulary = folder.path().join("vocab.txt");
    std::fs::write(&vocabulary, "[UNK]\nfork\n##s\nbowl\n").unwrap();
    build(&path).analyzer(Analyzer::wordpiece(&vocabulary).unwrap()).text(CORPUS).unwrap();
    let index = open(&path).unwrap();
    assert_eq!(found(&index, "bowls"), ["d3", "d2"], "bowl ##s");
    assert_eq!(index.len(), 3);
}

#[test]
fn vectors_are_searched_by_vectors() {
    let folder = tempfile::tempdir().unwrap();
    for codec in [Codec::Fast, Codec::Compact] {
        for order in [Order::Input, Order::Bisection] {
            let path = folder.path().join(format!("{codec:?}{order:?}"));
            let report = build(&path).codec(codec).order(order).vectors(vectors()).unwrap();
            assert_eq!(
                (report.summary.counts.documents, report.summary.counts.empty_documents),
                (3, 1)
            );
            let hits = open(&path).unwrap().search([("a", 1.0), ("b", 1.0)], 10).unwrap();
            let docnos: Vec<&str> = hits.iter().map(|hit| hit.docno.as_str()).collect();
            assert_eq!(docnos, ["d2", "d1"], "equal scores: docno descending");
            assert!(
                (hits[0].score - 2.0).abs() < 0.02 && (hits[1].score - 2.0).abs() < 0.02,
                "{hits:?}"
            );
        }
    }
}

#[test]
fn every_strategy_gives_the_same_answer() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("index");
    let document = |i: usize| {
        (format!("d{i}"), vec![("a", 1.0 + (i % 7) as f32), ("b", 1.0 + (i % 11) as f32)])
    };
    build(&path).vectors((0..500).map(document)).unwrap();
    let search = |strategy| {
        open(&path).unwrap().with_strategy(strategy).search([("a", 2.0), ("b", 1.0)], 50).unwrap()
    };
    let expected = search(Strategy::Exhaustive);
    assert_eq!(expected.len(), 50);
    for strategy in [Strategy::Auto, Strategy::Taat, Strategy::BlockMax] {
        assert_eq!(search(strategy), expected);
    }
}

/// The default model's query side, which needs no network.
fn query_model() -> Model {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/model");
    let table = directory.join("query_weights.json");
    let options = LoadOptions {
        sides: Sides::Query,
        query_tokens: Some(spork_search::TokenWeights::File(table)),
        ..LoadOptions::default()
    };
    Model::open(&directory, &options, None).unwrap()
}

/// The default model's queries need no network: tokens, weighted by a table.
#[test]
fn a_model_without_network_encodes_queries() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("index");
    build(&path).vectors([("d1", [("fork", 2.0)]), ("d2", [("bowl", 1.0)])]).unwrap();
    let model = query_model();
    let index = open(&path).unwrap().with_model(model).unwrap();
    assert_eq!(found(&index, "A fork!"), ["d1"]);
}

#[test]
fn a_model_encodes_documents_and_queries_out_of_the_box() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/model");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("index");
    let model = open_model(&directory, &LoadOptions::default()).unwrap();
    let corpus = [
        ("engine", "The mechanic changed the oil and the brakes of the automobile."),
        ("pasta", "Boil the pasta for nine minutes, then stir in olive oil and garlic."),
    ];
    build(&path).encoded(&model, corpus).unwrap();
    let index = open(&path).unwrap().with_model(model).unwrap();
    assert_eq!(found(&index, "car repair")[0], "engine", "no word in common");
    let missing = open_model("data/no-such-model", &LoadOptions::default()).err().unwrap();
    assert!(missing.to_string().contains("no-such-model"), "{missing}");
    // A bare folder does not say how it pools.
    let bare = directory.join("../../crates/model/tests/golden/bert-tied");
    let error = open_model(&bare, &LoadOptions::default()).err().unwrap().to_string();
    assert!(error.contains("pooling"), "{error}");
}

#[test]
fn a_batch_becomes_a_run_and_figures() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("index");
    build(&path).text(CORPUS).unwrap();
    let topics = [("q2", "bowls"), ("q1", "inverted index")];
    let results = open(&path).unwrap().search_topics(topics, 10).unwrap();
    let qids: Vec<&str> = results.topics().map(|(qid, _)| qid).collect();
    assert_eq!(qids, ["q2", "q1"]);
    let mut run = Vec::new();
    results.write_trec(&mut run, "tag").unwrap();
    let run = String::from_utf8(run).unwrap();
    assert!(run.starts_with("q2 Q0 d2 1 ") && run.contains("q1 Q0 d1 1 "), "{run}");
    let qrels = Qrels::from_judgments([("q1", "d3", 1), ("q2", "d2", 1)]).unwrap();
    let evaluation = evaluate(&qrels, &results.run().unwrap(), "RR@10 R@1").unwrap();
    assert_eq!(evaluation.summaries(), [0.75, 0.5]);
}

#[test]
fn text_and_vectors_are_added_up() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("index");
    let documents =
        CORPUS.iter().zip(vectors()).map(|(&(docno, text), (_, vector))| (docno, text, vector));
    let report = build(&path).hybrid(documents).unwrap();
    assert_eq!(report.manifest.field_names(), "splade, bm25");
    let index = open(&path).unwrap();
    let both = || Query::Both("forks".to_owned(), vec![("b".to_owned(), 1.0)]);
    let docnos = |index: &Index, query: Query| -> Vec<String> {
        index.search(query, 10).unwrap().into_iter().map(|hit| hit.docno).collect()
    };
    assert_eq!(docnos(&index, both()), ["d2", "d3", "d1"]);
    let said = |query: Query| index.search(query, 10).unwrap_err().to_string();
    assert!(said("forks".into()).contains("the field splade"));
    assert!(said([("b", 1.0)].into()).contains("the field bm25"));
    assert!(open(&path).unwrap().with_mix("bm25=1").is_err());
    let text = open(&path).unwrap().with_mix("splade=0,bm25=1").unwrap();
    assert_eq!(docnos(&text, "forks".into()), ["d3", "d2"]);
    assert_eq!(docnos(&text, both()), ["d3", "d2"]);
}

#[test]
fn runs_are_fused_and_own_documents_left_out() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("index");
    build(&path).text(CORPUS).unwrap();
    let topics = || [("d3", "an index of forks"), ("q", "a bowl")];
    let docnos = |results: &Results, place: usize| -> Vec<String> {
        let (_, hits) = results.topics().nth(place).unwrap();
        hits.iter().map(|hit| hit.docno.clone()).collect()
    };
    let all = open(&path).unwrap().search_topics(topics(), 2).unwrap();
    let others = open(&path).unwrap().without_same_ids().search_topics(topics(), 2).unwrap();
    assert_eq!((docnos(&all, 0)[0].as_str(), docnos(&all, 0).len()), ("d3", 2));
    assert_eq!(docnos(&others, 0), ["d2", "d1"], "filled up");
    assert_eq!(docnos(&others, 1), docnos(&all, 1));

    let fusion = Fusion::new(FusionMethod::Sum, Normalization::MinMax, vec![1.0, 0.0]).unwrap();
    let runs = [all.run().unwrap(), others.run().unwrap()];
    let fused = fuse(&runs, &fusion, 1).unwrap();
    assert_eq!(docnos(&fused, 0), ["d3"]);
    assert!(fuse(&runs[..1], &fusion, 1).is_err(), "a weight too many");
}

#[test]
fn errors_say_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("index");
    let said = |error: spork_search::Error| error.to_string();
    assert!(said(open(&path).err().unwrap()).contains("no Spork index here"));
    let twice = build(&path).text([("d1", "one"), ("d1", "two")]);
    assert!(said(twice.err().unwrap()).contains("\"d1\""));
    assert!(build(&path).vectors([("d 1", [("a", 1.0)])]).is_err());
    assert!(build(&path).vectors([("d1", [("a", -1.0)])]).is_err());
    assert!(!path.exists(), "nothing is left of indexes that failed");
    build(&path).vectors(vectors()).unwrap();
    let text = open(&path).unwrap().search("text", 10);
    assert!(said(text.err().unwrap()).contains("give the model"));
    assert!(evaluate(&Qrels::default(), &spork_search::Run::default(), "NDCG").is_err());
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "temporary files are gone");
}

#[test]
fn topics_that_come_twice_and_models_for_text_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let topics = folder.path().join("topics.tsv");
    std::fs::write(&topics, "q1\tone\nq1\ttwo\n").unwrap();
    let error = read_topics(&topics).unwrap_err().to_string();
    assert!(error.contains("topics.tsv:2: id \"q1\" already appears in line 1"), "{error}");
    let path = folder.path().join("index");
    build(&path).text(CORPUS).unwrap();
    let error = open(&path).unwrap().with_model(query_model()).err().unwrap().to_string();
    assert!(error.contains("BM25"), "{error}");
}
