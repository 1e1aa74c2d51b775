//! An index that lives, and what should be in it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::{Path, PathBuf};

use spork_bm25::{Analyzer, Bm25};
use spork_core::{DocId, Random};
use spork_filter::Filter;
use spork_index::{
    Field, FieldSource, Index, Segment, StoredSchema, Value, WeightKind, parse_schema,
};
use spork_indexer::{
    Deleting, Merging, Options, Silent, Source, add_documents, delete_documents, index_fields,
    index_nothing, merge_segments,
};
use spork_searcher::{
    Certificate, FieldQuery, Limits, Query, QueryPruning, Scratch, Searcher, SelectedDocuments,
    Simd, Strategy,
};
use tempfile::TempDir;

use super::documents::{Document, Kind, query_vector, query_words};
use super::expected;
use super::filters::{Keeps, filter};
use super::setting::Setting;

/// The file of records.
const RECORDS: &str = "records.jsonl";
/// Docnos in use: few enough that they come again.
const DOCNOS: usize = 60;

pub(super) struct Living {
    setting: Setting,
    folder: TempDir,
    index: PathBuf,
    /// The living documents, in the order of the index.
    documents: Vec<Document>,
    /// Docnos are below this.
    docnos: usize,
    scratch: Scratch,
    description: String,
}

impl Living {
    /// Starts a history, with so many documents at least.
    pub(super) fn new(seed: u64, random: &mut Random, documents: usize) -> Self {
        let setting = Setting::of(seed, random);
        let folder = tempfile::tempdir().unwrap();
        let index = folder.path().join("index");
        let mut living = Self {
            setting,
            index,
            folder,
            documents: Vec::new(),
            docnos: DOCNOS + documents,
            scratch: Scratch::default(),
            description: format!("history {seed}, {setting:?}"),
        };
        let first = documents + 1 + random.below(30);
        let docnos: Vec<usize> = (0..first).collect();
        let fresh = living.fresh(docnos, random);
        // What an index is built of has to have all of its fields.
        let has = |part: fn(&Document) -> bool| fresh.iter().any(part);
        let all_fields = (!setting.kind.has_vectors() || has(|document| document.vector.is_some()))
            && (!setting.kind.has_text() || has(|document| document.words.is_some()));
        // Of vectors without a fraction an index of integers would be built.
        let fractions = setting.kind == Kind::Integer
            || !setting.kind.has_vectors()
            || has(Document::has_fraction);
        if setting.starts_empty || !all_fields || !fractions {
            index_nothing(living.fields(), &living.index, &living.options()).unwrap();
            living.add(fresh, false);
        } else {
            living.build(fresh);
        }
        living
    }

    fn fresh(&self, docnos: Vec<usize>, random: &mut Random) -> Vec<Document> {
        let kind = self.setting.kind;
        docnos.into_iter().map(|i| Document::random(format!("d{i}"), kind, random)).collect()
    }

    fn options(&self) -> Options {
        let Setting { codec, order, stored, .. } = self.setting;
        let options = Options { codec, order, threads: 1, ..Options::default() };
        if !stored {
            return options;
        }
        let columns = parse_schema("year:integer,tag:keyword").unwrap();
        let stored = StoredSchema { columns, texts: true, vectors: true };
        let records = vec![self.folder.path().join(RECORDS)];
        Options { stored, records, ..options }
    }

    /// Writes the records of documents where [`Self::options`] says that they are.
    fn write_records(&self, documents: &[Document]) {
        let mut lines = String::new();
        for document in documents {
            let (docno, text) = (&document.docno, document.text());
            write!(lines, "{{\"_id\": {docno:?}, \"text\": {text:?}").unwrap();
            if let Some(year) = document.year {
                write!(lines, ", \"year\": {year}").unwrap();
            }
            let tag = document.tag.map_or("null".to_owned(), |tag| format!("{tag:?}"));
            writeln!(lines, ", \"tag\": {tag}}}").unwrap();
        }
        std::fs::write(self.folder.path().join(RECORDS), lines).unwrap();
    }

    /// Fields of an index without documents.
    fn fields(&self) -> Vec<Field> {
        let kind = self.setting.kind;
        let mut fields = Vec::new();
        if kind.has_vectors() {
            let (weights, scale) = match kind {
                Kind::Integer => (WeightKind::Integer, 1.0),
                _ => (WeightKind::Float, 0.01),
            };
            fields.push(Field { weights, scale, calibration: 3.5, ..Field::default() });
        }
        if kind.has_text() {
            let mut properties = Bm25::default().properties(&Analyzer::english()).unwrap();
            properties.insert("mean_length".to_owned(), "4.25".to_owned());
            fields.push(Field {
                name: "bm25".to_owned(),
                source: FieldSource::Bm25,
                weights: WeightKind::Float,
                scale: 1.0 / 255.0,
                calibration: 1.5,
                properties,
            });
        }
        fields
    }

    fn build(&mut self, documents: Vec<Document>) {
        let input = Input::write(self.folder.path(), self.setting.kind, &documents);
        self.write_records(&documents);
        let options = self.options();
        input
            .read(|sources| index_fields(sources, &self.index, &options, &Silent).map(drop))
            .unwrap();
        self.documents = documents;
        self.sort_as_indexed();
    }

    fn add(&mut self, documents: Vec<Document>, update: bool) {
        let input = Input::write(self.folder.path(), self.setting.kind, &documents);
        self.write_records(&documents);
        let (index, options) = (self.index.clone(), self.options());
        let known: BTreeSet<&str> =
            self.documents.iter().map(|document| document.docno.as_str()).collect();
        let clash = documents.iter().filter(|new| known.contains(new.docno.as_str())).count();
        let outcome = input
            .read(|sources| add_documents(sources, &index, update, &options, &Silent).map(drop));
        if clash > 0 && !update {
            let error = outcome.unwrap_err().to_string();
            assert!(error.contains("--update"), "{error}");
            return;
        }
        outcome.unwrap();
        let new: BTreeSet<&str> =
            documents.iter().map(|document| document.docno.as_str()).collect();
        self.documents.retain(|document| !new.contains(document.docno.as_str()));
        self.documents.extend(documents);
        self.sort_as_indexed();
    }

    /// Bisection and the joining of fields put documents in an order of their own.
    fn sort_as_indexed(&mut self) {
        let index = Index::open(&self.index).unwrap();
        let docids = index.living().unwrap();
        let place: BTreeMap<&str, usize> = docids
            .iter()
            .enumerate()
            .map(|(place, &docid)| (index.docno(docid).unwrap(), place))
            .collect();
        assert_eq!(place.len(), self.documents.len(), "{}", self.description);
        self.documents.sort_by_key(|document| place[document.docno.as_str()]);
    }

    /// Changes the index in some way.
    pub(super) fn change(&mut self, random: &mut Random) {
        let some = 1 + random.below(6);
        match random.below(20) {
            0..8 => {
                let docnos = (0..some).map(|_| random.below(self.docnos));
                let docnos = docnos.collect::<BTreeSet<_>>().into_iter().collect();
                let fresh = self.fresh(docnos, random);
                let update = random.below(3) > 0;
                self.add(fresh, update);
            }
            8..14 => self.delete(some, false, random),
            14 => self.delete(self.documents.len(), false, random),
            15 => self.delete(some, true, random),
            16 => self.merge(),
            _ => {
                merge_segments(&self.index, Merging::Due, &self.options(), &Silent).unwrap();
            }
        }
    }

    fn delete(&mut self, most: usize, purge: bool, random: &mut Random) {
        let mut chosen: Vec<String> =
            self.documents.iter().map(|document| document.docno.clone()).collect();
        // All of them seldom.
        let most = if most == chosen.len() && random.below(4) > 0 { most / 2 } else { most };
        random.sample(&mut chosen, most);
        let deleted = chosen.len();
        chosen.push("missing".to_owned());
        let deleting = Deleting { ignore_missing: true, purge };
        let report =
            delete_documents(&self.index, &chosen, deleting, &self.options(), &Silent).unwrap();
        assert_eq!((report.deleted, report.missing), (deleted, 1));
        let deleted: BTreeSet<&str> = chosen.iter().map(String::as_str).collect();
        self.documents.retain(|document| !deleted.contains(document.docno.as_str()));
        if purge {
            self.check_purged(&deleted);
        }
    }

    /// That no segment has the docnos, not even as those of deleted documents.
    fn check_purged(&self, docnos: &BTreeSet<&str>) {
        let index = Index::open(&self.index).unwrap();
        for segment in index.segments() {
            for docno in docnos {
                assert_eq!(segment.docnos().find(docno).unwrap(), None, "{docno}");
            }
        }
    }

    /// Merges all segments, whose one must then be that of an index made of the documents at once.
    fn merge(&mut self) {
        self.sort_as_indexed();
        let report = merge_segments(&self.index, Merging::All, &self.options(), &Silent).unwrap();
        if self.documents.is_empty() || report.documents == 0 {
            return;
        }
        let merged = Index::open(&self.index).unwrap();
        assert_eq!((merged.segments().len(), merged.docids()), (1, merged.documents()));
        let (_folder, reference) = self.reference();
        let folder = |index: &Index| {
            index.folder().join(format!("segment-{:06}", index.segments()[0].number()))
        };
        let stored: &[&str] = match self.setting.stored {
            true => &["columns.bin", "texts.bin", "vectors.bin"],
            false => &[],
        };
        let files = ["segment.bin", "lexicon.bin", "docnos.bin", "postings.bin"];
        for name in files.iter().chain(stored) {
            let [merged, built] =
                [&merged, &reference].map(|index| std::fs::read(folder(index).join(name)).unwrap());
            assert!(merged == built, "{}: {name} of the merged index", self.description);
        }
        self.sort_as_indexed();
    }

    /// An index of the living documents alone, made at once with the same values fixed.
    fn reference(&self) -> (TempDir, Index) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("index");
        let fields = Index::open(&self.index).unwrap().manifest().fields.clone();
        index_nothing(fields, &path, &self.options()).unwrap();
        // A document without a vector has an empty one here: joined files keep their order.
        let mut documents = self.documents.clone();
        if self.setting.kind == Kind::Hybrid {
            documents.iter_mut().for_each(|document| {
                document.vector.get_or_insert_with(BTreeMap::new);
            });
        }
        if !documents.is_empty() {
            let input = Input::write(folder.path(), self.setting.kind, &documents);
            self.write_records(&documents);
            let options = self.options();
            input
                .read(|sources| add_documents(sources, &path, false, &options, &Silent).map(drop))
                .unwrap();
        }
        let index = Index::open(&path).unwrap();
        (folder, index)
    }

    /// Compares answers to some queries with those of brute force, and with the index of the living
    /// documents alone.
    pub(super) fn check(&mut self, random: &mut Random, queries: usize) -> usize {
        // Merges order documents anew where that is asked for.
        self.sort_as_indexed();
        let index = Index::open(&self.index).unwrap();
        spork_index::verify(&index).unwrap();
        assert_eq!(index.documents() as usize, self.documents.len(), "{}", self.description);
        let (_folder, reference) = self.reference();
        let stated = |index: &Index| {
            let counts = index.counts();
            let fields = counts.fields.iter().map(|field| (field.documents, field.postings));
            (counts.documents, counts.empty_documents, fields.collect::<Vec<_>>())
        };
        assert_eq!(stated(&index), stated(&reference), "{}", self.description);
        self.check_stored(&index);
        let mut compared = 0;
        for _ in 0..queries {
            let inputs = self.inputs(random);
            let query = parse(&index, &inputs);
            let alone = parse(&reference, &inputs);
            let shape = |query: &Query| {
                let terms = query.terms().iter();
                let terms: Vec<_> =
                    terms.map(|t| (t.field, t.term.clone(), t.weight, t.df)).collect();
                (terms, query.unit().to_bits(), query.is_exact(), query.unknown())
            };
            assert_eq!(shape(&query), shape(&alone), "{}", self.description);
            compared += self.check_query(&index, &query, random);
            compared += self.check_query(&reference, &alone, random);
        }
        compared
    }

    /// That texts and columns are those of the documents.
    fn check_stored(&self, index: &Index) {
        if !self.setting.stored {
            return;
        }
        let living = index.living().unwrap();
        for (docid, document) in living.into_iter().zip(&self.documents) {
            let place = index.place(docid).unwrap();
            let text = place.segment.texts().unwrap().get(place.docid).unwrap();
            assert_eq!(text, Some(document.text()), "{}", self.description);
            let row = place.segment.columns().unwrap().row(place.docid.0).unwrap();
            let tag = document.tag.and_then(|tag| Value::keywords([tag.to_owned()]));
            assert_eq!(row, [document.year.map(Value::Integer), tag], "{}", self.description);
        }
    }

    /// What a query gives each field, and the field's share.
    fn inputs(&self, random: &mut Random) -> Vec<(Vec<(String, f32)>, f32)> {
        let kind = self.setting.kind;
        let share = |random: &mut Random| random.below(4) as f32 / 2.0;
        let mut inputs = Vec::new();
        if kind.has_vectors() {
            inputs.push((query_vector(kind, random), share(random)));
        }
        if kind.has_text() {
            inputs.push((query_words(random), share(random)));
        }
        if inputs.iter().all(|&(_, share)| share == 0.0) {
            inputs[0].1 = 1.0;
        }
        inputs
    }

    fn check_query(&mut self, index: &Index, query: &Query, random: &mut Random) -> usize {
        let (selection, is_chosen) = self.selection(index, random);
        let kept = self.documents.iter().filter(|document| is_chosen(document)).count();
        assert_eq!(selection.documents(), kept as u64, "{}", self.description);
        let mut compared = 0;
        for filtered in [false, true] {
            let all = expected::best(index, query, &self.documents, usize::MAX, |document| {
                !filtered || is_chosen(document)
            });
            let searcher = Searcher::new(index);
            let searcher = if filtered { searcher.with_selected(&selection) } else { searcher };
            for k in [0, 1, 3, 10, all.len(), 1000] {
                let best = &all[..k.min(all.len())];
                for strategy in
                    [Strategy::Auto, Strategy::Exhaustive, Strategy::Taat, Strategy::BlockMax]
                {
                    for simd in Simd::permitted().unwrap() {
                        let got = searcher
                            .with_simd(simd)
                            .search(query, k, strategy, &mut self.scratch)
                            .unwrap();
                        self.compare(
                            index,
                            &got.hits,
                            best,
                            &format!("{strategy:?} {simd:?}, k = {k}"),
                        );
                        compared += 1;
                    }
                }
                let batch =
                    searcher.search_batch(&vec![query.clone(); 3], k, Strategy::Taat).unwrap();
                batch.iter().for_each(|got| self.compare(index, &got.hits, best, "a batch"));
                self.check_limits(index, &searcher, query, (k, best), random);
            }
        }
        compared
    }

    /// Documents that a search may find, by a filter or any, and whether one is among them.
    fn selection(&self, index: &Index, random: &mut Random) -> (SelectedDocuments, Keeps) {
        if self.setting.stored && random.below(3) > 0 {
            let (text, keeps) = filter(random);
            let bound = text.parse::<Filter>().unwrap();
            let bound = bound.bind(&index.manifest().stored.columns).unwrap();
            let select = |segment: &Segment| bound.select(segment.columns().unwrap());
            return (SelectedDocuments::new(index, select).unwrap(), keeps);
        }
        let selected = self.some_documents(index, random);
        let named = selected.iter().filter(|&&docid| {
            let place = index.place(docid).unwrap();
            place.segment.is_living(place.docid).unwrap()
        });
        let named: BTreeSet<String> =
            named.map(|&docid| index.docno(docid).unwrap().to_owned()).collect();
        let selection = SelectedDocuments::of_docids(index, &selected).unwrap();
        (selection, Box::new(move |document| named.contains(&document.docno)))
    }

    /// Documents that a filter may leave: all, none, few or many of the living.
    fn some_documents(&self, index: &Index, random: &mut Random) -> Vec<DocId> {
        let of = [1, 2, 10, 1000][random.below(4)];
        let mut docids = index.living().unwrap();
        docids.retain(|_| random.below(of) == 0);
        // Deleted documents that are named count for nothing.
        docids.extend((0..index.docids().min(3)).map(DocId).filter(|docid| {
            let place = index.place(*docid).unwrap();
            !place.segment.is_living(place.docid).unwrap()
        }));
        docids
    }

    fn check_limits(
        &mut self,
        index: &Index,
        searcher: &Searcher<'_>,
        query: &Query,
        (k, best): (usize, &[(String, u32)]),
        random: &mut Random,
    ) {
        let limits = match random.below(3) {
            0 => Limits { alpha: 0.5, ..Limits::default() },
            1 => Limits { alpha: 0.0, ..Limits::default() },
            _ => Limits { postings: random.below(20) as u64, ..Limits::default() },
        };
        let searcher = searcher.with_limits(limits);
        let got = searcher.search(query, k, Strategy::Auto, &mut self.scratch).unwrap();
        for hit in &got.hits {
            assert_eq!(searcher.score(query, hit.docid).unwrap(), hit.score);
        }
        match got.certificate {
            Certificate::Exact => self.compare(index, &got.hits, best, "certified"),
            Certificate::AtMost(most) => {
                let found: BTreeSet<&str> =
                    got.hits.iter().map(|hit| index.docno(hit.docid).unwrap()).collect();
                for (docno, score) in
                    best.iter().filter(|(docno, _)| !found.contains(docno.as_str()))
                {
                    assert!(*score <= most, "{}: {docno} above {most}", self.description);
                }
            }
        }
    }

    fn compare(&self, index: &Index, got: &[spork_core::Hit], best: &[(String, u32)], how: &str) {
        let got: Vec<(&str, u32)> =
            got.iter().map(|hit| (index.docno(hit.docid).unwrap(), hit.score)).collect();
        let best: Vec<(&str, u32)> =
            best.iter().map(|(docno, score)| (docno.as_str(), *score)).collect();
        assert_eq!(got, best, "{}: {how}", self.description);
    }
}

fn parse(index: &Index, inputs: &[(Vec<(String, f32)>, f32)]) -> Query {
    let inputs: Vec<FieldQuery<'_, String>> = inputs
        .iter()
        .enumerate()
        .map(|(field, (weights, share))| FieldQuery { field, weights, share: *share })
        .collect();
    Query::mixed(index, &inputs, QueryPruning::default()).unwrap()
}

/// Files of documents.
struct Input {
    vectors: Option<PathBuf>,
    texts: Option<PathBuf>,
}

impl Input {
    fn write(folder: &Path, kind: Kind, documents: &[Document]) -> Self {
        let (mut vectors, mut texts) = (String::new(), String::new());
        for document in documents {
            let docno = &document.docno;
            if let Some(vector) = &document.vector {
                let weights: Vec<String> =
                    vector.iter().map(|(term, weight)| format!("{term:?}: {weight}")).collect();
                let weights = weights.join(", ");
                writeln!(vectors, "{{\"id\": {docno:?}, \"vector\": {{{weights}}}}}").unwrap();
            }
            if let Some(words) = &document.words {
                writeln!(texts, "{docno}\t{}", words.join(" ")).unwrap();
            }
        }
        let file = |name: &str, lines: String| {
            let path = folder.join(name);
            (!lines.is_empty()).then(|| std::fs::write(&path, lines).map(|()| path).unwrap())
        };
        Self {
            vectors: file("v.jsonl", vectors).filter(|_| kind.has_vectors()),
            texts: file("t.tsv", texts).filter(|_| kind.has_text()),
        }
    }

    fn read<R>(&self, work: impl FnOnce(&[Source<'_>]) -> R) -> R {
        let (vectors, texts): (Vec<PathBuf>, Vec<PathBuf>) =
            (self.vectors.iter().cloned().collect(), self.texts.iter().cloned().collect());
        let (properties, analyzer) = (BTreeMap::new(), Analyzer::english());
        let mut sources = Vec::new();
        if !vectors.is_empty() {
            sources.push(Source::Vectors { inputs: &vectors, properties: &properties });
        }
        if !texts.is_empty() {
            let bm25 = Bm25::default();
            sources.push(Source::Text { inputs: &texts, analyzer: &analyzer, bm25 });
        }
        work(&sources)
    }
}
