//! Relevance judgments: which grade a document has for a topic.

use std::collections::BTreeMap;

use spork_files::Source;

use crate::error::{Error, RecordError, Result};

/// The columns of a TREC file, and those of a BEIR file, which it names in its first line.
const TREC: &str = "qid iter docno grade";
const BEIR: &str = "query-id corpus-id score";

/// Judgments of all topics, in qid order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Qrels {
    topics: BTreeMap<String, Judgments>,
}

/// Judgments of one topic.
///
/// A negative grade means that the document was in the pool but nobody judged it: as in trec_eval
/// it counts neither as relevant nor as non-relevant, and has no gain.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Judgments {
    grades: BTreeMap<String, i32>,
}

impl Qrels {
    /// Reads `qid iter docno grade` a line, or BEIR's `query-id corpus-id score` below a line with
    /// just these names. Columns are set apart by any white space; lines that start with `#` are
    /// comments.
    ///
    /// # Errors
    /// The file can't be read, a line is not of that shape, or it judges a document for the second
    /// time.
    pub fn read(source: &mut Source) -> Result<Self> {
        let mut qrels = Self::default();
        let mut shape = None;
        let mut buffer = Vec::new();
        while let Some(line) = source.next_line(&mut buffer)? {
            let fail = |error| Error::line(source.path(), line.number, error);
            let text = line.text().map_err(|error| fail(error.into()))?;
            if text.starts_with('#') {
                continue;
            }
            if shape.is_none() && text.split_ascii_whitespace().eq(BEIR.split(' ')) {
                shape = Some(BEIR);
                continue;
            }
            let (qid, docno, grade) = parse(shape.get_or_insert(TREC), text).map_err(fail)?;
            qrels.insert(qid, docno, grade).map_err(fail)?;
        }
        Ok(qrels)
    }

    /// Judgments that are in memory already: qid, docno, grade.
    ///
    /// # Errors
    /// A document is judged twice for one topic.
    pub fn from_judgments<'a>(
        judgments: impl IntoIterator<Item = (&'a str, &'a str, i32)>,
    ) -> std::result::Result<Self, RecordError> {
        let mut qrels = Self::default();
        for (qid, docno, grade) in judgments {
            qrels.insert(qid, docno, grade)?;
        }
        Ok(qrels)
    }

    /// Number of topics.
    pub fn len(&self) -> usize {
        self.topics.len()
    }

    /// Whether nothing is judged.
    pub fn is_empty(&self) -> bool {
        self.topics.is_empty()
    }

    /// Topics with their judgments, in qid order.
    pub fn topics(&self) -> impl Iterator<Item = (&str, &Judgments)> {
        self.topics.iter().map(|(qid, judgments)| (qid.as_str(), judgments))
    }

    /// The judgments of one topic.
    pub fn topic(&self, qid: &str) -> Option<&Judgments> {
        self.topics.get(qid)
    }

    fn insert(
        &mut self,
        qid: &str,
        docno: &str,
        grade: i32,
    ) -> std::result::Result<(), RecordError> {
        let judgments = self.topics.entry(qid.to_owned()).or_default();
        if judgments.grades.insert(docno.to_owned(), grade).is_some() {
            return Err(RecordError::Duplicate { qid: qid.to_owned(), docno: docno.to_owned() });
        }
        Ok(())
    }
}

impl Judgments {
    /// A document's grade, negative grades included; `None` where it was not in the pool.
    pub fn grade(&self, docno: &str) -> Option<i32> {
        self.grades.get(docno).copied()
    }

    /// Documents with their grades, in docno order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, i32)> {
        self.grades.iter().map(|(docno, &grade)| (docno.as_str(), grade))
    }
}

/// The qid, docno and grade that stand in `text`.
fn parse<'a>(
    shape: &'static str,
    text: &'a str,
) -> std::result::Result<(&'a str, &'a str, i32), RecordError> {
    let columns: Vec<&str> = text.split_ascii_whitespace().collect();
    let (qid, docno, grade) = match columns[..] {
        [qid, _, docno, grade] if shape == TREC => (qid, docno, grade),
        [qid, docno, grade] if shape == BEIR => (qid, docno, grade),
        _ => return Err(spork_files::LineError::columns(shape, text).into()),
    };
    let grade = grade.parse().map_err(|_| RecordError::Grade(grade.to_owned()))?;
    Ok((qid, docno, grade))
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;
    use std::path::Path;

    use proptest::prelude::*;

    use super::*;

    fn read(bytes: &[u8]) -> std::result::Result<Qrels, String> {
        let mut source =
            Source::from_reader(Path::new("qrels"), Cursor::new(bytes.to_vec())).unwrap();
        Qrels::read(&mut source).map_err(|error| error.to_string())
    }

    #[test]
    fn reads_trec_and_beir() {
        let expected =
            Qrels::from_judgments([("1", "a", 2), ("1", "b", -1), ("2", "a", 0)]).unwrap();
        assert_eq!(read(b"# pool of 2019\n2 Q0 a 0\r\n1\t0\tb  -1\n\n1 0 a 2").unwrap(), expected);
        assert_eq!(
            read(b"query-id\tcorpus-id\tscore\n1\ta\t2\n1\tb\t-1\n2\ta\t0\n").unwrap(),
            expected
        );
        assert_eq!(expected.topic("1").unwrap().grade("b"), Some(-1));
        assert_eq!(expected.topic("1").unwrap().grade("c"), None);
        assert!(read(b"").unwrap().is_empty());
    }

    #[test]
    fn every_bad_line_is_named() {
        for (text, says) in [
            ("1 0 a 1\n1 0 a 0\n", r#"qrels:2: document "a" appears twice in topic "1""#),
            ("1 0 a\n", r#"qrels:1: expected qid iter docno grade, got "1 0 a""#),
            ("1 0 a 1 x\n", "qrels:1: expected qid iter docno grade"),
            ("1 0 a one\n", r#"qrels:1: the grade "one" is not an integer"#),
            ("1 0 a 1.5\n", r#"qrels:1: the grade "1.5" is not an integer"#),
            ("1 0 a 3000000000\n", "is not an integer of 32 bits"),
            ("query-id corpus-id score\n1 0 a 1\n", "qrels:2: expected query-id corpus-id score"),
            ("1 0 a 1\nquery-id corpus-id score\n", "qrels:2: expected qid iter docno grade"),
        ] {
            let error = read(text.as_bytes()).unwrap_err();
            assert!(error.contains(says), "{text:?}: {error}");
        }
        assert!(read(b"1 0 \xff 1\n").unwrap_err().contains("not valid UTF-8"));
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..100), text in "[ab \t\n#0-9-]{0,80}") {
            let _ = read(&bytes);
            let _ = read(text.as_bytes());
        }
    }
}
