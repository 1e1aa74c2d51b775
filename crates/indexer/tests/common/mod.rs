//! Helpers of the indexing tests: small collections, and the contents of an index.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use spork_core::DocId;
use spork_index::Index;
use spork_indexer::{Options, Report, Silent, index_vectors};

pub(crate) fn write(folder: &Path, name: &str, lines: &str) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, lines).unwrap();
    path
}

pub(crate) fn build(lines: &str, options: &Options) -> Result<(tempfile::TempDir, Report), String> {
    let folder = tempfile::tempdir().unwrap();
    let input = write(folder.path(), "v.jsonl", lines);
    let report = index_vectors(&[input], &folder.path().join("index"), options, &Silent);
    let report = report
        .map_err(|error| error.to_string().replace(&folder.path().display().to_string(), ""))?;
    Ok((folder, report))
}

/// All postings as docno → term → impact.
pub(crate) fn contents(index: &Index) -> BTreeMap<String, BTreeMap<String, u16>> {
    let mut documents: BTreeMap<String, BTreeMap<String, u16>> = (0..index.documents())
        .map(|docid| (index.docno(DocId(docid)).unwrap().to_owned(), BTreeMap::new()))
        .collect();
    let segment = &index.segments()[0];
    for number in 0..segment.windows() {
        let window = segment.window(number).unwrap();
        for summary in window.summaries() {
            let term = segment.lexicon().term(summary.term).unwrap();
            for (docid, impact) in window.postings(summary).unwrap() {
                let docid = DocId(window.first_docid().0 + u32::from(docid));
                let docno = index.docno(docid).unwrap();
                documents.get_mut(docno).unwrap().insert(term.to_owned(), impact);
            }
        }
    }
    documents
}

pub(crate) fn files(index: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![index.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let bytes = std::fs::read(&path).unwrap();
                files.insert(path.strip_prefix(index).unwrap().to_owned(), bytes);
            }
        }
    }
    files
}

/// 70,000 small documents: two windows.
pub(crate) fn many_lines() -> String {
    let line = |i: u32| {
        format!(
            "{{\"id\": \"d{i}\", \"vector\": {{\"a{}\": {}, \"b{}\": 2.5, \"every\": 1}}}}\n",
            i % 700,
            1 + i % 9,
            i % 11
        )
    };
    (0..70_000).map(line).collect()
}
