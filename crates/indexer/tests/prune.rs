//! Static pruning: what is dropped is what the definition says, whatever threads and memory, and it
//! is counted and recorded.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;

use proptest::prelude::*;
use spork_index::{Index, Order};
use spork_indexer::{Options, Pruned, Pruning, Silent, index_vectors};

mod common;

use common::{build, contents, files, many_lines, write};

type Collection = BTreeMap<String, BTreeMap<String, u16>>;

/// The terms of each document in order of weight until they hold the share; then those as heavy as
/// the last.
fn documents_by_definition(collection: &mut Collection, share: f64) {
    for vector in collection.values_mut() {
        let mut weights: Vec<u16> = vector.values().copied().collect();
        weights.sort_unstable_by(|a, b| b.cmp(a));
        let sum = |weights: &[u16]| weights.iter().map(|&weight| f64::from(weight)).sum::<f64>();
        let fewest = (1..=weights.len()).find(|&n| sum(&weights[..n]) >= share * sum(&weights));
        let lightest = fewest.map_or(0, |n| weights[n - 1]);
        vector.retain(|_, weight| *weight >= lightest);
    }
}

/// The weights of each list under the quantile.
fn terms_by_definition(collection: &mut Collection, quantile: f64) {
    let mut lists: BTreeMap<&String, Vec<u16>> = BTreeMap::new();
    for (term, &weight) in collection.values().flatten() {
        lists.entry(term).or_default().push(weight);
    }
    let threshold = |mut weights: Vec<u16>| {
        weights.sort_unstable();
        weights[(quantile * weights.len() as f64) as usize]
    };
    let thresholds: BTreeMap<String, u16> =
        lists.into_iter().map(|(term, weights)| (term.clone(), threshold(weights))).collect();
    for vector in collection.values_mut() {
        vector.retain(|term, weight| *weight >= thresholds[term]);
    }
}

fn count(collection: &Collection) -> u64 {
    collection.values().map(|vector| vector.len() as u64).sum()
}

fn pruned(document_mass: f64, term_quantile: f64) -> Options {
    Options { pruning: Pruning { document_mass, term_quantile }, ..Options::default() }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn what_stays_is_what_the_definition_says(
        documents in prop::collection::btree_map("[a-z]{1,6}",
            prop::collection::btree_map("[a-h]", 1..40u16, 0..8), 1..40),
        share in prop_oneof![Just(1.0), 0.05..1.0],
        quantile in prop_oneof![Just(0.0), 0.05..0.95])
    {
        let lines: String = documents.iter().map(|(docno, vector)| {
            format!("{{\"id\": {docno:?}, \"vector\": {}}}\n", serde_json::to_string(vector).unwrap())
        }).collect();
        let (folder, report) = build(&lines, &pruned(share, quantile)).unwrap();
        let mut expected = documents.clone();
        if share < 1.0 {
            documents_by_definition(&mut expected, share);
        }
        terms_by_definition(&mut expected, quantile);
        let index = Index::open(&folder.path().join("index")).unwrap();
        spork_index::verify(&index).unwrap();
        prop_assert_eq!(contents(&index), expected.clone());
        prop_assert_eq!(report.summary.counts.postings(), count(&expected));
        prop_assert_eq!(report.pruned(), count(&documents) - count(&expected));
        let recorded = Pruned::read(&index.manifest().properties);
        let given = Pruning { document_mass: share, term_quantile: quantile };
        let said = (!given.keeps_all()).then_some(Pruned { pruning: given, postings: report.pruned() });
        prop_assert_eq!(recorded, said);
    }
}

#[test]
fn same_bytes_for_any_threads_and_memory() {
    let folder = tempfile::tempdir().unwrap();
    let input = write(folder.path(), "v.jsonl", &many_lines());
    let built = |name: &str, order, threads, memory| {
        let output = folder.path().join(name);
        let options = Options { order, threads, memory, ..pruned(0.8, 0.3) };
        index_vectors(std::slice::from_ref(&input), &output, &options, &Silent).unwrap();
        files(&output)
    };
    let whole = built("whole", Order::Input, 2, 4 << 30);
    assert!(whole == built("small", Order::Input, 1, 80 << 20));
    let whole = built("ordered", Order::Bisection, 2, 4 << 30);
    assert!(whole == built("ordered-small", Order::Bisection, 1, 100 << 20));
}

/// A posting that stays has the impact that it has without pruning: the scale does not move.
#[test]
fn impacts_stay() {
    let lines: String = (1..200)
        .map(|i| {
            format!(
                "{{\"id\": {i}, \"vector\": {{\"a\": {}, \"b\": 0.{}, \"c\": 1.5}}}}\n",
                f64::from(i) / 100.0,
                i % 9 + 1
            )
        })
        .collect();
    let (all, _) = build(&lines, &Options::default()).unwrap();
    let (some, report) = build(&lines, &pruned(0.7, 0.5)).unwrap();
    let open = |folder: &tempfile::TempDir| Index::open(&folder.path().join("index")).unwrap();
    let (all, some) = (contents(&open(&all)), contents(&open(&some)));
    assert!(report.pruned() > 0);
    for (docno, vector) in &some {
        for (term, impact) in vector {
            assert_eq!(all[docno][term], *impact, "{docno} {term}");
        }
    }
}
