//! Every strategy against brute force over the vectors themselves: equal docids and equal scores.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod explain;
mod fields;
mod shards;

use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;

use proptest::prelude::{Strategy as Generate, *};
use spork_core::{DocId, Hit};
use spork_index::Index;
use spork_indexer::{Options, Silent, index_vectors};
use spork_postings::{Codec, WINDOW};
use spork_searcher::{Certificate, Limits, Query, Scratch, Searcher, Simd, Strategy};
use spork_vectors::write_vector_line;
use tempfile::TempDir;

const STRATEGIES: [Strategy; 4] =
    [Strategy::Auto, Strategy::Exhaustive, Strategy::Taat, Strategy::BlockMax];

type Vector = BTreeMap<String, f32>;

/// Indexes of `documents` with docnos d0, d1, …, one in each codec, and the folder that they live
/// in.
fn build(documents: &[Vector]) -> (TempDir, [Index; 2]) {
    let folder = tempfile::tempdir().unwrap();
    let input = write_input(&folder, documents);
    let indexes = Codec::ALL.map(|codec| {
        let output = folder.path().join(codec.name());
        let options = Options { codec, ..Options::default() };
        index_vectors(std::slice::from_ref(&input), &output, &options, &Silent).unwrap();
        let index = Index::open(&output).unwrap();
        assert_eq!(index.manifest().codec(), codec);
        spork_index::verify(&index).unwrap();
        index
    });
    (folder, indexes)
}

fn write_input(folder: &TempDir, documents: &[Vector]) -> PathBuf {
    let input = folder.path().join("vectors.jsonl");
    let mut file = std::io::BufWriter::new(std::fs::File::create(&input).unwrap());
    for (i, document) in documents.iter().enumerate() {
        let weights = document.iter().map(|(term, &weight)| (term.as_str(), weight));
        write_vector_line(&mut file, &format!("d{i}"), weights).unwrap();
    }
    file.flush().unwrap();
    input
}

/// The ranking by definition: integer vectors, integer scores, score descending, docno
/// descending.
fn by_definition(documents: &[Vector], query: &[(String, f32)], k: usize) -> Vec<Hit> {
    let score = |document: &Vector| -> u32 {
        query
            .iter()
            .map(|(term, weight)| (weight * document.get(term).unwrap_or(&0.0)) as u32)
            .sum()
    };
    let scored = documents
        .iter()
        .enumerate()
        .map(|(i, document)| Hit { docid: DocId(i as u32), score: score(document) });
    let mut hits: Vec<Hit> = scored.filter(|hit| hit.score > 0).collect();
    let docno = |hit: &Hit| format!("d{}", hit.docid.0);
    hits.sort_by(|a, b| b.score.cmp(&a.score).then_with(|| docno(b).cmp(&docno(a))));
    hits.truncate(k);
    hits
}

/// Each strategy with each set of instructions of this machine.
fn ways() -> impl Iterator<Item = (Strategy, Simd)> {
    STRATEGIES.into_iter().flat_map(|strategy| {
        Simd::permitted().unwrap().into_iter().map(move |simd| (strategy, simd))
    })
}

/// Checks all strategies and codecs on one query at several depths, with scratch memory that other
/// queries have used.
fn check(
    indexes: &[Index; 2],
    documents: &[Vector],
    query: &[(String, f32)],
    scratch: &mut Scratch,
) {
    indexes.iter().for_each(|index| check_index(index, documents, query, scratch));
}

fn check_index(
    index: &Index,
    documents: &[Vector],
    query: &[(String, f32)],
    scratch: &mut Scratch,
) {
    let searcher = Searcher::new(index);
    let parsed = Query::new(index, query).unwrap();
    assert!(parsed.is_exact());
    for k in [0, 1, 10, 1000, documents.len() + 5] {
        let expected = by_definition(documents, query, k);
        for (strategy, simd) in ways() {
            let got = searcher.with_simd(simd).search(&parsed, k, strategy, scratch).unwrap();
            assert_eq!(got.hits, expected, "{strategy:?}, {simd:?}, k = {k}, query {query:?}");
        }
    }
    let scored: Vec<Hit> = by_definition(documents, query, documents.len());
    for docid in (0..documents.len() as u32 + 1).map(DocId) {
        let expected = scored.iter().find(|hit| hit.docid == docid).map_or(0, |hit| hit.score);
        assert_eq!(searcher.score(&parsed, docid).unwrap(), expected, "{docid:?}, query {query:?}");
    }
}

/// Vectors over few terms, so that ties and shared terms abound.
fn vectors(documents: std::ops::Range<usize>, largest: u16) -> impl Generate<Value = Vec<Vector>> {
    let vector = prop::collection::btree_map(0..12u8, 1..=largest, 0..8).prop_map(|vector| {
        vector.into_iter().map(|(t, w)| (format!("t{t}"), f32::from(w))).collect()
    });
    prop::collection::vec(vector, documents)
}

fn queries() -> impl Generate<Value = Vec<Vec<(String, f32)>>> {
    // Term 13 is in no document; a term may be given twice; weights may be zero.
    let query = prop::collection::vec((0..14u8, 0..200u8), 0..10).prop_map(|query| {
        query.into_iter().map(|(t, w)| (format!("t{t}"), f32::from(w))).collect()
    });
    prop::collection::vec(query, 1..6)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn byte_impacts(documents in vectors(1..80, 255), queries in queries()) {
        let (_folder, indexes) = build(&documents);
        let mut scratch = Scratch::default();
        queries.iter().for_each(|query| check(&indexes, &documents, query, &mut scratch));
    }

    #[test]
    fn word_impacts(documents in vectors(1..80, 65_535), queries in queries()) {
        let (_folder, indexes) = build(&documents);
        let mut scratch = Scratch::default();
        queries.iter().for_each(|query| check(&indexes, &documents, query, &mut scratch));
    }

    #[test]
    fn all_ties(n in 1..200usize, queries in queries()) {
        let documents = vec![Vector::from([("t1".to_owned(), 7.0), ("t2".to_owned(), 7.0)]); n];
        let (_folder, indexes) = build(&documents);
        let mut scratch = Scratch::default();
        queries.iter().for_each(|query| check(&indexes, &documents, query, &mut scratch));
    }
}

/// SplitMix64: seeded, so that a failure comes back.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: u64) -> u64 {
        self.next() % n
    }

    /// Small numbers often, large ones seldom, as terms are.
    fn skewed(&mut self, n: u64) -> u64 {
        let a = self.below(n);
        let b = self.below(a + 1);
        self.below(b + 1)
    }
}

fn random_vectors(n: usize, terms: u64, length: u64, random: &mut Random) -> Vec<Vector> {
    let vector = |random: &mut Random| {
        let length = random.below(length);
        (0..length)
            .map(|_| (format!("t{}", random.skewed(terms)), 1.0 + random.below(255) as f32))
            .collect()
    };
    (0..n).map(|_| vector(random)).collect()
}

/// Documents on both sides of window borders; one term in every document.
#[test]
fn window_borders() {
    for n in [WINDOW - 1, WINDOW, WINDOW + 1, 2 * WINDOW + 3] {
        let mut random = Random(n as u64);
        let mut documents = random_vectors(n, 40, 3, &mut random);
        for document in &mut documents {
            document.insert("everywhere".to_owned(), 1.0 + random.below(3) as f32);
        }
        let (_folder, indexes) = build(&documents);
        let mut scratch = Scratch::default();
        for query in [
            vec![("everywhere".to_owned(), 1.0)],
            vec![("t1".to_owned(), 2.0), ("t3".to_owned(), 1.0)],
        ] {
            check(&indexes, &documents, &query, &mut scratch);
        }
    }
}

/// 100,000 random documents, 1,000 queries, four depths: windowed search equals the oracle, answer
/// for answer.
#[test]
fn a_hundred_thousand_documents() {
    let mut random = Random(42);
    let documents = random_vectors(100_000, 3_000, 40, &mut random);
    let (_folder, indexes) = build(&documents);
    let mut scratch = Scratch::default();
    let mut compared = 0usize;
    for _ in 0..1000 {
        let length = 1 + random.below(20);
        let query: Vec<(String, f32)> = (0..length)
            .map(|_| (format!("t{}", random.skewed(3_000)), 1.0 + random.below(255) as f32))
            .collect();
        let query = Query::new(&indexes[0], &query).unwrap();
        let most = documents.len() + 5;
        let oracle = Searcher::new(&indexes[0]);
        let all = oracle.search(&query, most, Strategy::Exhaustive, &mut scratch).unwrap().hits;
        for searcher in indexes.iter().map(Searcher::new) {
            for k in [1, 10, 1000, most] {
                for (strategy, simd) in
                    ways().filter(|(strategy, _)| *strategy != Strategy::Exhaustive)
                {
                    let got = searcher
                        .with_simd(simd)
                        .search(&query, k, strategy, &mut scratch)
                        .unwrap()
                        .hits;
                    assert_eq!(got, all[..k.min(all.len())], "{strategy:?}, {simd:?}, k = {k}");
                    compared += got.len();
                }
            }
        }
    }
    println!("1000 queries at 4 depths: {compared} hits compared, 0 differ");
}

/// Whatever limits leave out, scores are right, and what the certificate says of the rest holds.
#[test]
fn certificates() {
    let mut random = Random(11);
    let documents = random_vectors(20_000, 500, 30, &mut random);
    let (_folder, indexes) = build(&documents);
    for index in &indexes {
        check_certificates(index, || {
            let query: Vec<(String, f32)> = (0..8)
                .map(|_| (format!("t{}", random.skewed(500)), 1.0 + random.below(255) as f32))
                .collect();
            Query::new(index, &query).unwrap()
        });
    }
}

fn check_certificates(index: &Index, mut query: impl FnMut() -> Query) {
    let exact = Searcher::new(index);
    let mut scratch = Scratch::default();
    let (mut proven, mut missed) = (0, 0);
    for _ in 0..100 {
        let query = query();
        for k in [1, 10, 300] {
            let expected =
                exact.search(&query, k, Strategy::Exhaustive, &mut scratch).unwrap().hits;
            for limits in [
                Limits { alpha: 0.9, ..Limits::default() },
                Limits { alpha: 0.5, ..Limits::default() },
                Limits { alpha: 0.0, ..Limits::default() },
                Limits { postings: 0, ..Limits::default() },
                Limits { postings: 5_000, ..Limits::default() },
                Limits { time: Duration::ZERO, ..Limits::default() },
                // None in effect: everything is scored, the best first.
                Limits { postings: u64::MAX - 1, ..Limits::default() },
            ] {
                let got = exact
                    .with_limits(limits)
                    .search(&query, k, Strategy::Auto, &mut scratch)
                    .unwrap();
                assert_eq!(got.strategy, Strategy::BlockMax);
                for hit in &got.hits {
                    assert_eq!(exact.score(&query, hit.docid).unwrap(), hit.score);
                }
                match got.certificate {
                    Certificate::Exact => {
                        assert_eq!(got.hits, expected, "{limits:?}, k = {k}");
                        proven += 1;
                    }
                    Certificate::AtMost(most) => {
                        assert_ne!(limits.postings, u64::MAX - 1, "everything was scored");
                        for hit in expected.iter().filter(|hit| !got.hits.contains(hit)) {
                            assert!(hit.score <= most, "{limits:?}, k = {k}: {hit:?} above {most}");
                            missed += 1;
                        }
                    }
                }
            }
        }
    }
    assert!(proven > 0 && missed > 0, "{proven} proven, {missed} missed: the limits did nothing");
}

/// Lists of all shapes that end in the middle of blocks, groups and units, with bytes and with
/// words of impacts, and weights beyond what vector instructions multiply with.
#[test]
fn shapes_and_borders() {
    for n in [63, 64, 65, 255, 257, 1023, 1024, 1025, 4095, 4097, 5000] {
        for (largest, heaviest) in [(255, 255), (255, 40_000), (700, 255)] {
            let mut random = Random(n as u64);
            // Term t0 is in every document, t1 in every second and so on: lists of all shapes.
            let mut documents: Vec<Vector> = vec![Vector::new(); n];
            for document in &mut documents {
                for t in 0..12 {
                    if random.below(1 << t) == 0 {
                        document.insert(format!("t{t}"), 1.0 + random.below(largest) as f32);
                    }
                }
            }
            let (_folder, indexes) = build(&documents);
            let mut scratch = Scratch::default();
            for length in [1, 4, 12] {
                let query: Vec<(String, f32)> = (0..length)
                    .map(|t| (format!("t{t}"), 1.0 + random.below(heaviest) as f32))
                    .collect();
                check(&indexes, &documents, &query, &mut scratch);
            }
        }
    }
}

/// A batch gives what its queries give one by one.
#[test]
fn batches() {
    // In one window, and in two; more queries than go together, and fewer.
    for (number, count) in [(500, 50), (WINDOW + 300, 300)] {
        let documents = random_vectors(number, 50, 3, &mut Random(7));
        let (_folder, indexes) = build(&documents);
        for index in &indexes {
            let query = |i: usize| {
                Query::new(index, &[(format!("t{}", i % 50), 3.0), (format!("t{}", i % 7), 1.0)])
                    .unwrap()
            };
            let queries: Vec<Query> = (0..count).map(query).collect();
            let searcher = Searcher::new(index);
            for strategy in [Strategy::Taat, Strategy::BlockMax] {
                let batch = searcher.search_batch(&queries, 10, strategy).unwrap();
                assert_eq!(batch.len(), queries.len());
                let mut scratch = Scratch::default();
                for (query, ranking) in queries.iter().zip(batch) {
                    let oracle =
                        searcher.search(query, 10, Strategy::Exhaustive, &mut scratch).unwrap();
                    let alone = searcher.search(query, 10, strategy, &mut scratch).unwrap();
                    assert_eq!((&ranking.hits, ranking.strategy), (&oracle.hits, strategy));
                    assert_eq!(ranking.statistics, alone.statistics);
                    assert_eq!(ranking.certificate, alone.certificate);
                }
            }
        }
    }
}

/// Twenty documents far above the others; or weights at random, whose largest in a block add up to
/// more than any document has.
#[test]
fn auto_goes_the_way_that_pays() {
    let mut random = Random(3);
    let mut weight = |i: usize, flat: bool| match flat {
        true => 1.0 + random.below(255) as f32,
        false => {
            if i < 20 {
                200.0
            } else {
                1.0
            }
        }
    };
    for (flat, expected) in [(false, Strategy::BlockMax), (true, Strategy::Taat)] {
        let document = |i| (0..6).map(|t| (format!("t{t}"), weight(i, flat))).collect();
        let (_folder, indexes) = build(&(0..WINDOW + 300).map(document).collect::<Vec<Vector>>());
        for index in &indexes {
            let weights = |i: usize| {
                (0..6).map(|t| (format!("t{t}"), (1 + i % (t + 2)) as f32)).collect::<Vec<_>>()
            };
            let queries: Vec<Query> =
                (0..200).map(|i| Query::new(index, &weights(i)).unwrap()).collect();
            let searcher = Searcher::new(index);
            let batch = searcher.search_batch(&queries, 10, Strategy::Auto).unwrap();
            let (mut scratch, mut as_expected) = (Scratch::default(), 0);
            for (query, ranking) in queries.iter().zip(batch) {
                let oracle =
                    searcher.search(query, 10, Strategy::Exhaustive, &mut scratch).unwrap();
                let alone = searcher.search(query, 10, Strategy::Auto, &mut scratch).unwrap();
                assert_eq!((&ranking.hits, ranking.strategy), (&oracle.hits, expected));
                assert_eq!(alone.hits, oracle.hits);
                as_expected += usize::from(alone.strategy == expected);
            }
            // One by one, the first queries and a few later ones try bounds.
            assert!(as_expected >= 180, "{as_expected} of 200");
        }
    }
}

/// Weights whose scores could wrap are refused before anything is scored.
#[test]
fn overflow_is_refused() {
    let documents: Vec<Vector> =
        vec![BTreeMap::from([("a".to_owned(), 65_535.0), ("b".to_owned(), 65_535.0)])];
    let (_folder, [index, _]) = build(&documents);
    let fits = [("a", 65_536.0), ("b", 1.0)];
    let query = Query::new(&index, &fits).unwrap();
    for strategy in STRATEGIES {
        let ranking =
            Searcher::new(&index).search(&query, 1, strategy, &mut Scratch::default()).unwrap();
        assert_eq!(u64::from(ranking.hits[0].score), 65_537 * 65_535);
    }
    for weights in [[("a", 65_537.0), ("b", 1.0)], [("a", 1.0), ("b", 3e38)]] {
        let error = Query::new(&index, &weights).unwrap_err().to_string();
        assert!(error.contains("accumulators"), "{error}");
    }
}

/// Float weights come back within the quantizers' bounds.
#[test]
fn floats_are_scored_within_the_bound() {
    let mut random = Random(3);
    let float = |random: &mut Random| (1 + random.below(3_000_000)) as f32 / 1e6;
    let documents: Vec<Vector> = (0..300)
        .map(|_| (0..20).map(|_| (format!("t{}", random.below(60)), float(&mut random))).collect())
        .collect();
    let (_folder, [index, _]) = build(&documents);
    let document_step = f64::from(index.manifest().fields[0].scale);
    for _ in 0..50 {
        let terms: std::collections::BTreeSet<u64> = (0..15).map(|_| random.below(60)).collect();
        let query: Vec<(String, f32)> =
            terms.iter().map(|t| (format!("t{t}"), float(&mut random))).collect();
        let parsed = Query::new(&index, &query).unwrap();
        let query_step = parsed.unit() / document_step;
        let hits = Searcher::new(&index)
            .search(&parsed, 300, Strategy::Auto, &mut Scratch::default())
            .unwrap()
            .hits;
        for (i, document) in documents.iter().enumerate() {
            let (mut exact, mut bound) = (0.0, 0.0);
            for (term, q) in &query {
                let (q, d) = (f64::from(*q), f64::from(*document.get(term).unwrap_or(&0.0)));
                exact += q * d;
                if d > 0.0 {
                    bound += q * document_step / 2.0
                        + d * query_step / 2.0
                        + document_step * query_step / 4.0;
                }
            }
            let hit = hits.iter().find(|hit| hit.docid.0 as usize == i);
            let got = hit.map_or(0.0, |hit| f64::from(hit.score)) * parsed.unit();
            assert!(
                (got - exact).abs() <= bound * 1.0001,
                "document {i}: {got} for {exact}, bound {bound}"
            );
        }
    }
}

/// A heavy term, known or not, takes nothing from the light ones; what rounds to zero all the same
/// is counted.
#[test]
fn heavy_and_light_query_terms() {
    let documents: Vec<Vector> =
        ["a", "b", "c"].map(|term| BTreeMap::from([(term.to_owned(), 2.5)])).into_iter().collect();
    let (_folder, [index, _]) = build(&documents);
    let searcher = Searcher::new(&index);
    let found = |weights: &[(&str, f32)]| {
        let query = Query::new(&index, weights).unwrap();
        let hits = searcher
            .search(&query, 10, Strategy::Auto, &mut Scratch::default())
            .unwrap()
            .hits
            .len();
        (hits, query.unknown(), query.rounded_to_zero())
    };
    assert_eq!(found(&[("nowhere", 5000.5), ("a", 1.0), ("b", 2.0)]), (2, 1, 0));
    assert_eq!(found(&[("c", 1000.5), ("a", 0.3), ("b", 0.4)]), (3, 0, 0));
    assert_eq!(found(&[("c", 1e9), ("a", 0.3), ("b", 0.4)]), (1, 0, 2));
}
