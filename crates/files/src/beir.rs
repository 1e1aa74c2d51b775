//! A test collection as BEIR lays it out: a folder with `corpus.jsonl`, `queries.jsonl` and
//! `qrels/SPLIT.tsv`, each of them plain, `.gz` or `.zst`.

use std::fs;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};

/// Endings under which a file is looked for; the first that is there is taken.
const COMPRESSED: [&str; 3] = ["", ".gz", ".zst"];
const QRELS: &str = "qrels";

/// A BEIR folder and the split of its topics that counts.
#[derive(Clone, Debug)]
pub struct BeirFolder {
    root: PathBuf,
    split: String,
}

impl BeirFolder {
    /// The folder `root`, of which the topics and judgments of `split` count, such as `test`.
    ///
    /// # Errors
    /// There is no such folder.
    pub fn open(root: &Path, split: &str) -> Result<Self> {
        let folder = fs::metadata(root).map_err(|error| Error::io(root, error))?;
        if !folder.is_dir() {
            return Err(Error::NoBeirFile {
                path: root.to_owned(),
                hint: "it is a file; expected a folder with corpus.jsonl, queries.jsonl and \
                       qrels/test.tsv"
                    .to_owned(),
            });
        }
        Ok(Self { root: root.to_owned(), split: split.to_owned() })
    }

    /// The folder `root`, of which only the documents count.
    ///
    /// # Errors
    /// There is no such folder.
    pub fn of_documents(root: &Path) -> Result<Self> {
        Self::open(root, "test")
    }

    /// Where a folder may have its pieces: files, and the folder of judgments.
    pub fn places(root: &Path) -> Vec<PathBuf> {
        let files = ["corpus.jsonl", "queries.jsonl"].into_iter();
        let files = files.flat_map(|name| COMPRESSED.map(|ending| format!("{name}{ending}")));
        files.chain([QRELS.to_owned()]).map(|name| root.join(name)).collect()
    }

    /// The folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The split.
    pub fn split(&self) -> &str {
        &self.split
    }

    /// The file of documents.
    ///
    /// # Errors
    /// The folder has none.
    pub fn corpus(&self) -> Result<PathBuf> {
        self.piece("corpus.jsonl")
    }

    /// The file of the topics of all splits.
    ///
    /// # Errors
    /// The folder has none.
    pub fn queries(&self) -> Result<PathBuf> {
        self.piece("queries.jsonl")
    }

    /// The judgments of the split, which also say which topics belong to it.
    ///
    /// # Errors
    /// The folder has none; the error names the splits that it has.
    pub fn qrels(&self) -> Result<PathBuf> {
        let name = format!("{QRELS}/{}.tsv", self.split);
        // A split is a name, not a way out of the folder.
        let plain = !self.split.is_empty() && !self.split.contains(['/', '\\']);
        let found = if plain { self.find(&name) } else { None };
        found.ok_or_else(|| Error::NoBeirFile {
            path: self.root.join(&name),
            hint: match self.splits().as_slice() {
                [] => self.hint(),
                splits => format!("--split can be {}", splits.join(", ")),
            },
        })
    }

    fn piece(&self, name: &str) -> Result<PathBuf> {
        self.find(name)
            .ok_or_else(|| Error::NoBeirFile { path: self.root.join(name), hint: self.hint() })
    }

    fn find(&self, name: &str) -> Option<PathBuf> {
        let path = |ending| self.root.join(format!("{name}{ending}"));
        COMPRESSED.into_iter().map(path).find(|path| path.is_file())
    }

    /// The splits that have judgments.
    fn splits(&self) -> Vec<String> {
        let name = |path: PathBuf| {
            let name = path.file_name()?.to_str()?;
            let split = COMPRESSED.iter().find_map(|ending| {
                name.strip_suffix(ending).and_then(|name| name.strip_suffix(".tsv"))
            })?;
            path.is_file().then(|| split.to_owned())
        };
        let mut splits: Vec<String> =
            entries(&self.root.join(QRELS)).into_iter().filter_map(name).collect();
        splits.sort();
        splits.dedup();
        splits
    }

    /// Where a folder that lacks a piece may have it.
    fn hint(&self) -> String {
        let is_collection = |path: &PathBuf| {
            let folder = Self { root: path.clone(), split: self.split.clone() };
            folder.find("corpus.jsonl").is_some()
        };
        let mut inner: Vec<PathBuf> =
            entries(&self.root).into_iter().filter(is_collection).collect();
        inner.sort();
        match inner.as_slice() {
            [] => "expected corpus.jsonl, queries.jsonl and qrels/test.tsv in the folder, each \
                   plain, .gz or .zst"
                .to_owned(),
            [first] => format!("did you mean {}?", first.display()),
            [first, ..] => format!(
                "the folder holds {} collections; give one of them, such as {}",
                inner.len(),
                first.display()
            ),
        }
    }
}

/// What is in a folder; nothing where it can't be read.
fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(files: &[&str]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for file in files {
            let path = folder.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        }
        folder
    }

    #[test]
    fn pieces_are_found_compressed_or_not() {
        let folder =
            folder(&["corpus.jsonl.gz", "queries.jsonl", "queries.jsonl.gz", "qrels/test.tsv.zst"]);
        let beir = BeirFolder::open(folder.path(), "test").unwrap();
        let names = [beir.corpus(), beir.queries(), beir.qrels()].map(|path| {
            path.unwrap().strip_prefix(folder.path()).unwrap().to_str().unwrap().to_owned()
        });
        assert_eq!(names, ["corpus.jsonl.gz", "queries.jsonl", "qrels/test.tsv.zst"]);
    }

    #[test]
    fn what_is_missing_is_named() {
        let said = |files: &[&str], split: &str| {
            let folder = folder(files);
            let beir = BeirFolder::open(folder.path(), split).unwrap();
            [beir.corpus(), beir.queries(), beir.qrels()]
                .map(|piece| piece.map_or_else(|error| error.to_string(), |_| String::new()))
        };
        let [corpus, queries, qrels] = said(&["corpus.jsonl"], "test");
        assert_eq!(corpus, "");
        assert!(queries.contains("queries.jsonl: not there"), "{queries}");
        assert!(qrels.contains("qrels/test.tsv: not there"), "{qrels}");
        let [.., qrels] = said(&["qrels/dev.tsv", "qrels/train.tsv.gz", "qrels/note"], "test");
        assert!(qrels.contains("--split can be dev, train"), "{qrels}");
        let [.., qrels] = said(&["qrels/dev.tsv", "other/x.tsv"], "../other/x");
        assert!(qrels.contains("not there"), "{qrels}");
        let [corpus, ..] = said(&["scifact/corpus.jsonl"], "test");
        assert!(corpus.contains("did you mean") && corpus.contains("scifact?"), "{corpus}");
        let [corpus, ..] = said(&["android/corpus.jsonl", "english/corpus.jsonl"], "test");
        assert!(corpus.contains("2 collections") && corpus.contains("android"), "{corpus}");
        let file = folder(&["corpus.jsonl"]);
        let said = BeirFolder::open(&file.path().join("corpus.jsonl"), "test").unwrap_err();
        assert!(said.to_string().contains("expected a folder"), "{said}");
    }
}
