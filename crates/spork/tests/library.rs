//! The library as its user meets it.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::Path;

use spork_search::{
    Analyzer, Codec, Fusion, FusionMethod, Index, LoadOptions, Model, Normalization, Order, Origin,
    Qrels, Query, Results, Sides, Strategy, build, diff, evaluate, fuse, open, open_model,
    read_topics,
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

/// Both sides of a hybrid query: words of the text, and what the model added.
#[test]
fn explanations_sum_to_the_score_of_a_search() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("index");
    let vectors = [vec![("fork", 2.0), ("spoon", 1.0)], vec![("bowl", 1.0), ("spoon", 0.5)]];
    let texts = ["Two forks, and a fork.", "A bowl for forks."];
    let documents = ["d1", "d2"].into_iter().zip(texts).zip(vectors);
    build(&path).hybrid(documents.map(|((docno, text), vector)| (docno, text, vector))).unwrap();
    let index = open(&path).unwrap().with_model(query_model()).unwrap();
    let query =
        Query::Both("forks".to_owned(), vec![("fork".to_owned(), 1.0), ("spoon".to_owned(), 2.0)]);
    let hits = index.search(query.clone(), 10).unwrap();
    for hit in &hits {
        let explanation = index.explain(query.clone(), &hit.docno).unwrap();
        assert_eq!(explanation.score, hit.score);
        let points: u32 = explanation.terms.iter().map(|term| term.product).sum();
        assert_eq!(points, explanation.points);
        let value: f64 = explanation.terms.iter().map(|term| term.value).sum();
        assert!((value - hit.score).abs() < 1e-9);
        for term in &explanation.terms {
            let product = term.query_value * term.document_value;
            assert!((product - term.value).abs() < 1e-9, "{term:?}");
            assert!((term.value / hit.score - term.share).abs() < 1e-9, "{term:?}");
        }
    }
    let explanation = index.explain_with_text(query.clone(), "d1", texts[0]).unwrap();
    let origins: Vec<_> = explanation
        .terms
        .iter()
        .map(|term| (term.field.as_str(), term.term.as_str(), term.in_query, term.in_document))
        .collect();
    let (text, expansion) = (Origin::Text, Origin::Expansion);
    for expected in [
        // The query has the piece "forks" alone, the text both.
        ("splade", "fork", expansion, text),
        ("splade", "spoon", expansion, expansion),
        ("bm25", "fork", text, text),
    ] {
        assert!(origins.contains(&expected), "{origins:?}");
    }
    let unknown = index.explain(query.clone(), "d1").unwrap();
    assert!(unknown.terms.iter().any(|term| term.in_document == Origin::Unknown));
    let missing = index.explain(query.clone(), "d2").unwrap().missing;
    assert_eq!(missing[0].term, "fork");
    let error = index.explain(query, "d3").unwrap_err().to_string();
    assert!(error.contains("no document \"d3\""), "{error}");
}

/// The text that an index stores says which terms stand in it.
#[test]
fn stored_texts_tell_expansion() {
    let folder = tempfile::tempdir().unwrap();
    let (path, vectors) = (folder.path().join("index"), folder.path().join("v.jsonl"));
    std::fs::write(&vectors, r#"{"id": "d1", "vector": {"fork": 2.0, "spoon": 1.0}}"#).unwrap();
    let texts = folder.path().join("t.tsv");
    std::fs::write(&texts, "d1\tTwo forks, and a fork.\n").unwrap();
    let properties = std::collections::BTreeMap::new();
    let source = spork_indexer::Source::Vectors { inputs: &[vectors], properties: &properties };
    let stored = spork_index::StoredSchema { texts: true, ..Default::default() };
    let options = spork_indexer::Options { stored, records: vec![texts], ..Default::default() };
    spork_indexer::index_fields(&[source], &path, &options, &spork_indexer::Silent).unwrap();
    let index = open(&path).unwrap().with_model(query_model()).unwrap();
    let explanation = index.explain([("fork", 1.0), ("spoon", 1.0)], "d1").unwrap();
    let origins: Vec<_> =
        explanation.terms.iter().map(|term| (term.term.as_str(), term.in_document)).collect();
    assert_eq!(origins, [("fork", Origin::Text), ("spoon", Origin::Expansion)]);
    assert!(explanation.terms.iter().all(|term| term.in_query == Origin::Unknown));
}

/// Two mixes of one index.
#[test]
fn two_ways_to_search_differ() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("index");
    let documents =
        CORPUS.iter().zip(vectors()).map(|(&(docno, text), (_, vector))| (docno, text, vector));
    build(&path).hybrid(documents).unwrap();
    let mixed = |mix| open(&path).unwrap().with_mix(mix).unwrap();
    let (splade, bm25) = (mixed("splade=1,bm25=0"), mixed("splade=0,bm25=1"));
    let query = Query::Both("forks".to_owned(), vec![("b".to_owned(), 1.0)]);
    // d2 d1 | d3 d2
    let difference = diff(&splade, &bm25, [("q", query)], 10).unwrap();
    let topic = &difference.topics[0];
    assert_eq!((topic.agreement.qid.as_str(), topic.agreement.overlap), ("q", 0.5));
    let moved: Vec<_> = topic
        .agreement
        .moves
        .iter()
        .map(|moved| (moved.docno.as_str(), moved.ranks, moved.is_up()))
        .collect();
    assert_eq!(
        moved,
        [
            ("d3", [None, Some(1)], true),
            ("d1", [Some(2), None], false),
            ("d2", [Some(1), Some(2)], false)
        ]
    );
    assert_eq!((topic.terms[0][0].term.as_str(), topic.terms[0][0].parts), ("fork", [0.0, 1.0]));
    let fell = &topic.terms[1][0];
    assert_eq!(fell.term, "b");
    // Impacts are rounded to 1/255 of the largest weight.
    assert!((fell.change() + 0.25).abs() < 0.002, "{fell:?}");
    assert_eq!(difference.agreement().equal(), 0);
    assert_eq!(bm25.like("d2", 1).unwrap()[0].docno, "d3");
}
