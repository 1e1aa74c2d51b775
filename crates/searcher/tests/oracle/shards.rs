//! Shards of a collection: searched as one, and each by itself with the statistics of all, they
//! give the answers of one index.

use spork_indexer::{index_fields, index_like, index_statistics};
use spork_searcher::{FieldQuery, GlobalStatistics, QueryPruning};

use super::fields::{Collection, Mixed};
use super::*;

type Answer = Vec<(String, u32)>;

/// One index of a collection, and its shards.
struct Sharded {
    _folder: TempDir,
    whole: Index,
    shards: Vec<PathBuf>,
}

impl Sharded {
    fn build(collection: &Collection, fields: &[&str], codec: Codec, parts: usize) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let (whole, fixed) = (path("whole"), path("fixed"));
        let shards: Vec<PathBuf> = (1..=parts).map(|part| path(&format!("shard{part}"))).collect();
        let options = Options { codec, ..Options::default() };
        collection.with_sources(&folder, fields, |sources| {
            index_fields(sources, &whole, &options, &Silent).unwrap();
            index_statistics(sources, &fixed, &options, &Silent).unwrap();
            let fixed = Index::open(&fixed).unwrap();
            for (part, output) in shards.iter().enumerate() {
                let shard = format!("{}/{parts}", part + 1).parse().unwrap();
                let options = Options { shard: Some(shard), ..Options::default() };
                index_like(&fixed, sources, output, &options, &Silent).unwrap();
                spork_index::verify(&Index::open(output).unwrap()).unwrap();
            }
        });
        Self { whole: Index::open(&whole).unwrap(), shards, _folder: folder }
    }

    fn as_one(&self) -> Index {
        Index::open_as_one(&self.shards).unwrap()
    }
}

fn answer(index: &Index, hits: &[Hit]) -> Answer {
    hits.iter().map(|hit| (index.docno(hit.docid).unwrap().to_owned(), hit.score)).collect()
}

fn inputs<'m>(mixed: &'m Mixed, index: &Index) -> Vec<FieldQuery<'m, String>> {
    let of_field = |(field, weights, share): &'m (&str, Vec<(String, f32)>, f32)| {
        let field = index.manifest().field_named(field)?;
        Some(FieldQuery { field, weights, share: *share })
    };
    mixed.inputs.iter().filter_map(of_field).collect()
}

/// The answers of all shards, each searched by itself with the statistics of all, joined by rank.
fn apart(shards: &[Index], mixed: &Mixed, k: usize, scratch: &mut Scratch) -> (Answer, f64) {
    let mut statistics = GlobalStatistics::default();
    for shard in shards {
        statistics.add(&GlobalStatistics::of(shard, &inputs(mixed, shard)).unwrap());
    }
    let (mut all, mut unit) = (Vec::new(), None);
    for shard in shards {
        let (inputs, pruning) = (inputs(mixed, shard), QueryPruning::default());
        let query = Query::in_shard(shard, &inputs, pruning, Some(&statistics)).unwrap();
        let unit = *unit.get_or_insert(query.unit());
        assert_eq!(query.unit(), unit);
        let found = Searcher::new(shard).search(&query, k, Strategy::Auto, scratch).unwrap();
        all.extend(answer(shard, &found.hits));
    }
    all.sort_by(|a, b| (b.1, &b.0).cmp(&(a.1, &a.0)));
    all.truncate(k);
    (all, unit.unwrap())
}

#[test]
fn shards_answer_like_one_index() {
    let (mut random, mut scratch) = (Random(23), Scratch::default());
    for (n, parts) in [(3, 7), (60, 1), (60, 2), (150, 3), (150, 7)] {
        let collection = Collection::random(n, 30, &mut random);
        for fields in [&["splade"][..], &["bm25"], &["splade", "bm25"]] {
            let codec = if parts % 2 == 0 { Codec::Compact } else { Codec::Fast };
            let sharded = Sharded::build(&collection, fields, codec, parts);
            let (whole, joined) = (&sharded.whole, sharded.as_one());
            assert_eq!(whole.manifest().fields, joined.manifest().fields);
            assert_eq!(whole.documents(), joined.documents());
            let open = |path: &PathBuf| Index::open(path).unwrap();
            let shards: Vec<Index> = sharded.shards.iter().map(open).collect();
            for _ in 0..20 {
                let mixed = Mixed::random(30, &mut random);
                let query = |index: &Index| {
                    let (inputs, pruning) = (inputs(&mixed, index), QueryPruning::default());
                    Query::mixed(index, &inputs, pruning).unwrap()
                };
                let (of_whole, of_all) = (query(whole), query(&joined));
                assert_eq!(of_whole.unit(), of_all.unit());
                for k in [1, 10, 1000] {
                    let found = Searcher::new(whole)
                        .search(&of_whole, k, Strategy::Exhaustive, &mut scratch)
                        .unwrap();
                    let expected = answer(whole, &found.hits);
                    for (strategy, simd) in ways() {
                        let searcher = Searcher::new(&joined).with_simd(simd);
                        let got = searcher.search(&of_all, k, strategy, &mut scratch).unwrap();
                        assert_eq!(answer(&joined, &got.hits), expected, "{strategy:?}, k = {k}");
                    }
                    let (got, unit) = apart(&shards, &mixed, k, &mut scratch);
                    assert_eq!((got, unit), (expected, of_whole.unit()), "{parts} shards, k = {k}");
                }
            }
        }
    }
}

#[test]
fn what_does_not_belong_together_is_refused() {
    let mut random = Random(5);
    let collection = Collection::random(50, 30, &mut random);
    let sharded = Sharded::build(&collection, &["splade", "bm25"], Codec::Fast, 2);
    let other = Sharded::build(
        &Collection::random(50, 30, &mut random),
        &["splade", "bm25"],
        Codec::Fast,
        2,
    );
    let text = Sharded::build(&collection, &["bm25"], Codec::Fast, 2);
    let refusal = |folders: &[&PathBuf]| Index::open_as_one(folders).unwrap_err().to_string();
    let [one, two] = [&sharded.shards[0], &sharded.shards[1]];
    assert!(refusal(&[one, one]).contains("are the same index"));
    assert!(refusal(&[two, &other.shards[0]]).contains("scales in the field splade"));
    assert!(refusal(&[one, &text.shards[1]]).contains("other fields, splade, bm25 and bm25"));
    assert!(refusal(&[]).contains("no index is named"));
    // An index that is no shard may have a document twice; that shows when it is found.
    let whole = sharded.whole.folder().to_owned();
    let twice = Index::open_as_one(&[one, &whole]).unwrap();
    let weights = vec![("t0".to_owned(), 1.0)];
    let input = FieldQuery { field: 0, weights: &weights, share: 1.0 };
    let query = Query::mixed(&twice, &[input], QueryPruning::default()).unwrap();
    for strategy in STRATEGIES {
        let found = Searcher::new(&twice).search(&query, 50, strategy, &mut Scratch::default());
        let refused = found.unwrap_err().to_string();
        assert!(refused.contains("is a document of"), "{strategy:?}: {refused}");
    }
}
