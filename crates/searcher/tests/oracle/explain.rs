//! Explanations add up to the scores that searches give, whatever the index.

use spork_indexer::{Deleting, add_documents, delete_documents, index_fields};
use spork_searcher::Explanation;

use super::fields::{Collection, Mixed};
use super::*;

/// An index of two segments, of which one document in five is deleted.
fn build(fields: &[&str], integers: bool, random: &mut Random) -> (TempDir, Index) {
    let folder = tempfile::tempdir().unwrap();
    let output = folder.path().join("index");
    let mut docnos = Vec::new();
    for segment in ["a", "b"] {
        let mut collection = Collection::random(60, 30, random);
        for (docno, vector) in &mut collection.vectors {
            *docno = format!("{segment}{docno}");
            if integers {
                vector.values_mut().for_each(|weight| *weight = (*weight * 100.0).round());
            }
        }
        collection.texts.iter_mut().for_each(|(docno, _)| *docno = format!("{segment}{docno}"));
        collection.with_sources(&folder, fields, |sources| {
            let options = Options::default();
            match segment {
                "a" => index_fields(sources, &output, &options, &Silent).unwrap(),
                _ => add_documents(sources, &output, false, &options, &Silent).unwrap(),
            };
        });
        let index = Index::open(&output).unwrap();
        let first = index.segments().last().unwrap().first_docid();
        let added = (first..index.docids()).map(|docid| index.docno(DocId(docid)).unwrap());
        docnos.extend(added.map(str::to_owned));
    }
    docnos.retain(|_| random.below(5) == 0);
    let deleting = Deleting::default();
    delete_documents(&output, &docnos, deleting, &Options::default(), &Silent).unwrap();
    (folder, Index::open(&output).unwrap())
}

/// Checks the explanation of each document, and says how many had a score.
fn check(index: &Index, query: &Query) -> usize {
    let searcher = Searcher::new(index);
    let all = index.docids() as usize;
    let ranking =
        searcher.search(query, all, Strategy::Exhaustive, &mut Scratch::default()).unwrap();
    let mut explained = 0;
    for docid in (0..index.docids()).map(DocId) {
        let living = index.living().unwrap().contains(&docid);
        let explanation = Explanation::new(index, query, docid).unwrap();
        assert_eq!(explanation.is_some(), living, "{docid:?}");
        let Some(Explanation { score, matched, missing }) = explanation else { continue };
        assert_eq!(score, searcher.score(query, docid).unwrap());
        let found = ranking.hits.iter().find(|hit| hit.docid == docid);
        assert_eq!(score, found.map_or(0, |hit| hit.score), "{docid:?}");
        assert_eq!(score, matched.iter().map(|part| part.product).sum::<u32>());
        let product = |part: &spork_searcher::Contribution<'_>| {
            part.product == part.term.weight * u32::from(part.impact) && part.product > 0
        };
        assert!(matched.iter().all(product), "{matched:?}");
        assert!(matched.is_sorted_by(|a, b| a.product >= b.product));
        assert!(missing.is_sorted_by(|a, b| a.weight >= b.weight));
        assert_eq!(matched.len() + missing.len(), query.terms().len());
        // What it says of the document is in the document.
        let place = index.place(docid).unwrap();
        let vector = place.segment.vector(place.docid).unwrap();
        let counts = &place.segment.summary().counts;
        let has = |field, term: &str| {
            let id = place.segment.lexicon().find(counts.term_ids(field), term).unwrap();
            vector.iter().find(|&&(of, _)| Some(of) == id).map(|&(_, impact)| impact)
        };
        for part in &matched {
            assert_eq!(has(part.term.field, &part.term.term), Some(part.impact));
        }
        assert!(missing.iter().all(|term| has(term.field, &term.term).is_none()));
        explained += usize::from(score > 0);
    }
    assert!(Explanation::new(index, query, DocId(index.docids())).unwrap().is_none());
    explained
}

#[test]
fn products_sum_to_the_score() {
    let mut random = Random(31);
    let both = ["splade", "bm25"];
    for (fields, integers) in
        [(&both[..], false), (&both[..1], false), (&both[..1], true), (&both[1..], false)]
    {
        let (_folder, index) = build(fields, integers, &mut random);
        assert!(index.segments().len() == 2 && index.documents() < index.docids());
        let mut explained = 0;
        for _ in 0..20 {
            let mut mixed = Mixed::random(30, &mut random);
            mixed.inputs.retain(|(field, ..)| fields.contains(field));
            let query = mixed.parse(&index);
            explained += check(&index, &query);
        }
        assert!(explained > 200, "{fields:?}: {explained}");
    }
}

/// Scores are the products of vectors as `Segment::vector` gives them, times idf in text.
#[test]
fn documents_are_queries() {
    let mut random = Random(41);
    for fields in [&["splade"][..], &["bm25"][..], &["splade", "bm25"][..]] {
        let (_folder, index) = build(fields, false, &mut random);
        let shares = vec![1.0; fields.len()];
        let vector = |docid: DocId| -> BTreeMap<(usize, String), f64> {
            let place = index.place(docid).unwrap();
            let counts = &place.segment.summary().counts;
            let weight = |(id, impact)| {
                let field = counts.field_of(id).unwrap();
                let term = place.segment.lexicon().term(id).unwrap().to_owned();
                let scale = f64::from(index.manifest().fields[field].scale);
                ((field, term), f64::from(impact) * scale)
            };
            place.segment.vector(place.docid).unwrap().into_iter().map(weight).collect()
        };
        let living = index.living().unwrap();
        for &docid in living.iter().take(20) {
            let query = Query::of_document(&index, docid, &shares).unwrap().unwrap();
            let own = vector(docid);
            // A query of one field is not calibrated: there is nothing to compare it with.
            let several = own.keys().any(|(field, _)| *field == 0)
                && own.keys().any(|(field, _)| *field == 1);
            for &other in &living {
                let got = f64::from(Searcher::new(&index).score(&query, other).unwrap());
                let product = |((field, term), weight): (&(usize, String), &f64)| {
                    let other = vector(other);
                    let other = other.get(&(*field, term.clone()))?;
                    let of = &index.manifest().fields[*field];
                    let df = index.document_frequency(*field, term).unwrap();
                    let documents = u64::from(index.field_documents(*field));
                    let idf = if of.is_text() { spork_core::idf(documents, df) } else { 1.0 };
                    let share = if several { f64::from(of.calibration) } else { 1.0 };
                    Some(weight * idf * other / share)
                };
                let expected: f64 = own.iter().filter_map(product).sum();
                let error = (got * query.unit() - expected).abs();
                assert!(error <= expected * 0.01 + 1e-3, "{got}, {expected}, {error}");
            }
        }
        let deleted = (0..index.docids()).map(DocId).find(|docid| !living.contains(docid));
        for docid in [deleted.unwrap(), DocId(index.docids())] {
            assert_eq!(Query::of_document(&index, docid, &shares).unwrap(), None);
        }
    }
}

/// The largest impacts there are, in long vectors: weights are halved until all scores fit.
#[test]
fn a_document_of_large_impacts_is_a_query() {
    let document: Vector = (0..50).map(|term| (format!("t{term}"), 65_535.0)).collect();
    let (_folder, indexes) = super::build(&[document.clone(), document]);
    for index in indexes {
        let query = Query::of_document(&index, DocId(0), &[1.0]).unwrap().unwrap();
        assert!(!query.is_exact());
        let score = f64::from(Searcher::new(&index).score(&query, DocId(1)).unwrap());
        let expected = 50.0 * 65_535.0f64.powi(2);
        assert!((score * query.unit() / expected - 1.0).abs() < 0.01, "{score}");
    }
}
