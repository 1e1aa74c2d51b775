//! The topics of one split of a BEIR folder: those that its judgments name.

use std::collections::HashSet;

use spork_files::{BeirFolder, Source, read_topics};

use crate::error::{Error, Result};
use crate::qrels::Qrels;

/// The topics of a split.
#[derive(Clone, Debug, PartialEq)]
pub struct SplitTopics {
    /// Ids and texts, in the order of `queries.jsonl`.
    pub topics: Vec<(String, String)>,
    /// Topics that are judged and have no text.
    pub missing: usize,
}

impl SplitTopics {
    /// Reads the topics of the folder's split.
    ///
    /// # Errors
    /// The folder lacks a file, or one can't be read; none of the split's topics has a text.
    pub fn read(folder: &BeirFolder) -> Result<Self> {
        let qids = split_qids(folder)?;
        let mut topics = read_topics(&folder.queries()?)?;
        topics.retain(|(qid, _)| qids.contains(qid));
        if topics.is_empty() {
            return Err(Error::NoSplitTopics { qrels: folder.qrels()?, judged: qids.len() });
        }
        let missing = qids.len() - topics.len();
        Ok(Self { topics, missing })
    }
}

/// The ids of the topics of the folder's split.
///
/// # Errors
/// The folder has no judgments of that split, or they can't be read.
fn split_qids(folder: &BeirFolder) -> Result<HashSet<String>> {
    let qrels = Qrels::read(&mut Source::open(&folder.qrels()?)?)?;
    Ok(qrels.topics().map(|(qid, _)| qid.to_owned()).collect())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn only_the_topics_of_the_split_are_taken() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let query = |id: u32| format!("{{\"_id\": \"{id}\", \"text\": \"text {id}\"}}\n");
        fs::write(path("queries.jsonl"), (1..6).map(query).collect::<String>()).unwrap();
        fs::create_dir(path("qrels")).unwrap();
        let header = "query-id\tcorpus-id\tscore\n";
        for (split, judged) in [("test", "4\ta\t1\n2\ta\t0\n77\tb\t1\n"), ("dev", "78\ta\t1\n")] {
            fs::write(path(&format!("qrels/{split}.tsv")), format!("{header}{judged}")).unwrap();
        }
        let read = |split| SplitTopics::read(&BeirFolder::open(folder.path(), split).unwrap());
        let topic = |id: &str| (id.to_owned(), format!("text {id}"));
        let test = read("test").unwrap();
        assert_eq!(test, SplitTopics { topics: vec![topic("2"), topic("4")], missing: 1 });
        let said = read("dev").unwrap_err().to_string();
        assert!(said.contains("dev.tsv") && said.contains("queries.jsonl"), "{said}");
        let said = read("train").unwrap_err().to_string();
        assert!(said.contains("--split can be dev, test"), "{said}");
    }
}
