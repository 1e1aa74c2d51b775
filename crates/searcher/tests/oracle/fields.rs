//! Indexes of several fields: every strategy against brute force over the vectors of all fields.

use std::collections::BTreeMap;

use spork_bm25::{Analyzer, Bm25, CollectionStatistics};
use spork_core::idf;
use spork_index::Order;
use spork_indexer::{Source, index_fields};
use spork_searcher::{FieldQuery, QueryPruning};

use super::*;

/// Vectors and texts by docno; either may lack documents of the other.
#[derive(Debug, Default)]
struct Collection {
    vectors: Vec<(String, Vector)>,
    texts: Vec<(String, Vec<&'static str>)>,
}

/// Words that the analyzer leaves as they are.
const WORDS: [&str; 8] = ["cat", "dog", "fish", "bird", "eel", "ant", "bee", "fox"];

impl Collection {
    /// `n` documents, of which each side lacks some; the texts come in another order.
    fn random(n: usize, terms: u64, random: &mut Random) -> Self {
        let mut collection = Self::default();
        for (i, vector) in random_vectors(n, terms, 12, random).into_iter().enumerate() {
            let vector = vector.into_iter().map(|(term, weight)| (term, weight / 100.0)).collect();
            let length = random.below(9);
            let word = |random: &mut Random| WORDS[random.skewed(WORDS.len() as u64) as usize];
            let text = (0..length).map(|_| word(random)).collect();
            if random.below(8) > 0 {
                collection.vectors.push((format!("d{i}"), vector));
            }
            if random.below(8) > 0 {
                collection.texts.push((format!("d{i}"), text));
            }
        }
        let half = collection.texts.len() / 2;
        collection.texts.rotate_left(half);
        collection
    }

    fn build(&self, fields: &[&str], codec: Codec, order: Order) -> (TempDir, Index) {
        let folder = tempfile::tempdir().unwrap();
        let (vectors, texts) = (folder.path().join("v.jsonl"), folder.path().join("t.tsv"));
        let mut file = std::fs::File::create(&vectors).unwrap();
        for (docno, vector) in &self.vectors {
            let weights = vector.iter().map(|(term, &weight)| (term.as_str(), weight));
            write_vector_line(&mut file, docno, weights).unwrap();
        }
        let lines: Vec<String> = self
            .texts
            .iter()
            .map(|(docno, text)| format!("{docno}\t{}\n", text.join(" ")))
            .collect();
        std::fs::write(&texts, lines.concat()).unwrap();
        let (vectors, texts) = ([vectors], [texts]);
        let (analyzer, properties) = (Analyzer::english(), BTreeMap::new());
        let bm25 = Bm25::default();
        let sources: Vec<Source<'_>> = fields
            .iter()
            .map(|&field| match field {
                "splade" => Source::Vectors { inputs: &vectors, properties: &properties },
                _ => Source::Text { inputs: &texts, analyzer: &analyzer, bm25 },
            })
            .collect();
        let output = folder.path().join("index");
        let options = Options { codec, order, ..Options::default() };
        index_fields(&sources, &output, &options, &Silent).unwrap();
        let index = Index::open(&output).unwrap();
        spork_index::verify(&index).unwrap();
        (folder, index)
    }

    /// The weights of a document in a field, by the definition of each.
    fn weights(&self, field: &str, docno: &str) -> Vector {
        if field == "splade" {
            let vector = self.vectors.iter().find(|(name, _)| name == docno);
            return vector.map(|(_, vector)| vector.clone()).unwrap_or_default();
        }
        let length = self.texts.iter().map(|(_, text)| text.len() as u64).sum();
        let statistics = CollectionStatistics { documents: self.texts.len() as u64, length };
        let Some((_, text)) = self.texts.iter().find(|(name, _)| name == docno) else {
            return Vector::new();
        };
        let weight = |&word: &&str| {
            let count = text.iter().filter(|&&other| other == word).count();
            let weight =
                Bm25::default().weight(statistics.mean_length(), count as f64, text.len() as f64);
            (word.to_owned(), weight)
        };
        text.iter().map(weight).collect()
    }

    /// idf of a word; 1 in vectors, whose queries hold all.
    fn idf(&self, field: &str, term: &str) -> f64 {
        let df = self.texts.iter().filter(|(_, text)| text.contains(&term)).count();
        let documents = self.texts.iter().filter(|(_, text)| !text.is_empty()).count();
        if field == "splade" { 1.0 } else { idf(documents as u64, df as u32) }
    }
}

/// A field, what a query gives it, and its share.
type Input = (&'static str, Vec<(String, f32)>, f32);

/// A query of both fields.
struct Mixed {
    inputs: Vec<Input>,
}

impl Mixed {
    fn random(terms: u64, random: &mut Random) -> Self {
        let splade = (0..random.below(9))
            .map(|_| (format!("t{}", random.skewed(terms)), random.below(300) as f32 / 100.0))
            .collect();
        let words = (0..1 + random.below(4))
            .map(|_| (WORDS[random.below(8) as usize].to_owned(), 1.0 + random.below(2) as f32))
            .collect();
        let share = |random: &mut Random| (1 + random.below(40)) as f32 / 10.0;
        Self { inputs: vec![("splade", splade, share(random)), ("bm25", words, share(random))] }
    }

    fn parse(&self, index: &Index) -> Query {
        let inputs: Vec<FieldQuery<'_, String>> = self
            .inputs
            .iter()
            .map(|(field, weights, share)| FieldQuery {
                field: index.manifest().field_named(field).unwrap(),
                weights,
                share: *share,
            })
            .collect();
        Query::mixed(index, &inputs, QueryPruning::default()).unwrap()
    }
}

/// The ranking by definition over what the index holds: integer query weights times impacts.
fn by_impacts(index: &Index, query: &Query, k: usize) -> Vec<Hit> {
    let documents = index.documents();
    let score = |docid: DocId| -> u32 {
        let vector = index.segments()[0].vector(docid).unwrap();
        let impact = |term| vector.iter().find(|&&(id, _)| id == term).map_or(0, |&(_, i)| i);
        query.in_segment(0).iter().map(|&(term, weight)| weight * u32::from(impact(term))).sum()
    };
    let scored = (0..documents).map(DocId).map(|docid| Hit { docid, score: score(docid) });
    let mut hits: Vec<Hit> = scored.filter(|hit| hit.score > 0).collect();
    let docno = |hit: &Hit| index.docno(hit.docid).unwrap();
    hits.sort_by(|a, b| b.score.cmp(&a.score).then_with(|| docno(b).cmp(docno(a))));
    hits.truncate(k);
    hits
}

fn check_mixed(index: &Index, query: &Query, scratch: &mut Scratch) {
    let searcher = Searcher::new(index);
    let all = by_impacts(index, query, usize::MAX);
    for k in [0, 1, 10, 1000] {
        for (strategy, simd) in ways() {
            let got = searcher.with_simd(simd).search(query, k, strategy, scratch).unwrap();
            assert_eq!(got.hits, all[..k.min(all.len())], "{strategy:?}, {simd:?}, k = {k}");
        }
    }
}

/// Documents that one side lacks, in every codec and order; scores are those of the formula within
/// half a step of each weight.
#[test]
fn both_fields_at_once() {
    let mut random = Random(5);
    let mut scratch = Scratch::default();
    for n in [1, 40, 150] {
        let collection = Collection::random(n, 30, &mut random);
        if collection.vectors.is_empty() || collection.texts.is_empty() {
            continue;
        }
        let mut answers: Option<Vec<Vec<(String, u32)>>> = None;
        for (codec, order) in [
            (Codec::Fast, Order::Input),
            (Codec::Compact, Order::Input),
            (Codec::Fast, Order::Bisection),
        ] {
            let (_folder, index) = collection.build(&["splade", "bm25"], codec, order);
            let mut random = Random(n as u64);
            let mut found = Vec::new();
            for _ in 0..20 {
                let mixed = Mixed::random(30, &mut random);
                let query = mixed.parse(&index);
                check_mixed(&index, &query, &mut scratch);
                check_values(&collection, &index, &mixed, &query);
                let hits = by_impacts(&index, &query, usize::MAX);
                let named = |hit: &Hit| (index.docno(hit.docid).unwrap().to_owned(), hit.score);
                found.push(hits.iter().map(named).collect());
            }
            assert_eq!(
                *answers.get_or_insert_with(|| found.clone()),
                found,
                "{codec:?}, {order:?}"
            );
        }
    }
}

fn check_values(collection: &Collection, index: &Index, mixed: &Mixed, query: &Query) {
    let several = query.unit();
    for docid in (0..index.documents()).map(DocId) {
        let docno = index.docno(docid).unwrap();
        let (mut exact, mut bound) = (0.0, 1e-6);
        for (name, weights, share) in &mixed.inputs {
            let field = &index.manifest().fields[index.manifest().field_named(name).unwrap()];
            let document = collection.weights(name, docno);
            let factor = f64::from(*share) / f64::from(field.calibration);
            for (term, weight) in weights {
                let Some(&value) = document.get(term) else { continue };
                let q = f64::from(*weight) * collection.idf(name, term) * factor;
                let (value, scale) = (f64::from(value), f64::from(field.scale));
                exact += q * value;
                bound += q * scale / 2.0 + (value / scale + 0.5) * several / 2.0;
            }
        }
        let got = f64::from(Searcher::new(index).score(query, docid).unwrap()) * query.unit();
        assert!((got - exact).abs() <= bound * 1.001, "{docno}: {got} for {exact}, bound {bound}");
    }
}

/// A share of zero makes the query that of an index of the other field.
#[test]
fn a_field_alone() {
    let mut random = Random(17);
    let collection = Collection::random(120, 30, &mut random);
    let (_folder, both) = collection.build(&["splade", "bm25"], Codec::Fast, Order::Input);
    for (place, name) in ["splade", "bm25"].into_iter().enumerate() {
        let (_folder, alone) = collection.build(&[name], Codec::Fast, Order::Input);
        for _ in 0..30 {
            let mut mixed = Mixed::random(30, &mut random);
            let weights = mixed.inputs[place].1.clone();
            mixed.inputs[1 - place].2 = 0.0;
            let (in_both, in_one) = (mixed.parse(&both), Query::new(&alone, &weights).unwrap());
            assert_eq!(in_both.unit(), in_one.unit());
            let named = |index: &Index, query: &Query| -> Vec<(String, u32)> {
                let ranking = Searcher::new(index)
                    .search(query, 50, Strategy::Auto, &mut Scratch::default())
                    .unwrap();
                let named = |hit: &Hit| (index.docno(hit.docid).unwrap().to_owned(), hit.score);
                ranking.hits.iter().map(named).collect()
            };
            assert_eq!(named(&both, &in_both), named(&alone, &in_one), "{name}");
        }
    }
    assert!(Query::new(&both, &[("cat", 1.0)]).is_err(), "which field?");
}

#[test]
fn certificates_hold_over_fields() {
    let mut random = Random(23);
    let collection = Collection::random(20_000, 500, &mut random);
    for codec in Codec::ALL {
        let (_folder, index) = collection.build(&["splade", "bm25"], codec, Order::Input);
        check_certificates(&index, || Mixed::random(500, &mut random).parse(&index));
    }
}
