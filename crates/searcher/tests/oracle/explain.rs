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
