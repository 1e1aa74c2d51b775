//! Runs: the ranked documents of each topic, in the order in which evaluators see them.

mod builder;
mod precision;
mod ranking;
mod record;

use std::collections::BTreeMap;

use spork_files::Source;

use crate::error::{Error, RecordError, Result};
use builder::{Builder, Duplicate, Topics};
use record::{Record, RunFormat};

pub use precision::ScorePrecision;
pub use ranking::Ranking;

/// Rankings of all topics, in qid order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Run {
    tag: Option<String>,
    topics: BTreeMap<String, Ranking>,
}

impl Run {
    /// Reads `qid Q0 docno rank score tag` a line (the rank is ignored, as is anything after the
    /// tag), or MS MARCO's `qid docno rank`, told apart by the first line's columns; the score is
    /// then minus the rank. Lines that start with `#` are comments.
    ///
    /// # Errors
    /// The file can't be read, a line is not of that shape, or it ranks a document for the second
    /// time.
    pub fn read(source: &mut Source) -> Result<Self> {
        Self::read_as(source, ScorePrecision::default())
    }

    /// Reads a run as [`read`](Self::read) does, with scores of the given precision.
    ///
    /// # Errors
    /// The same as of [`read`](Self::read).
    pub fn read_as(source: &mut Source, precision: ScorePrecision) -> Result<Self> {
        let mut builder = Builder::new(precision);
        let mut format = None;
        let mut buffer = Vec::new();
        while let Some(line) = source.next_line(&mut buffer)? {
            let fail = |error| Error::line(source.path(), line.number, error);
            let text = line.text().map_err(|error| fail(error.into()))?;
            if text.trim_ascii_start().starts_with('#') {
                continue;
            }
            let format = *format.get_or_insert_with(|| RunFormat::detect(text));
            let record = Record::parse(format, text).map_err(fail)?;
            builder.add(line.number, &record);
        }
        let in_file = |again: Duplicate| Error::line(source.path(), again.line, again.error);
        Ok(Self::of(builder.finish().map_err(in_file)?))
    }

    /// A run that is in memory already: qid, docno, score. Equals what [`read`](Self::read) would
    /// make of it.
    ///
    /// # Errors
    /// A score is not a number, or a document is ranked twice for one topic.
    pub fn from_hits<'a>(
        hits: impl IntoIterator<Item = (&'a str, &'a str, f64)>,
    ) -> std::result::Result<Self, RecordError> {
        let mut builder = Builder::new(ScorePrecision::default());
        for (qid, docno, score) in hits {
            if score.is_nan() {
                return Err(RecordError::Score(score.to_string()));
            }
            builder.add(0, &Record { qid, docno, score, tag: None });
        }
        Ok(Self::of(builder.finish().map_err(|again| again.error)?))
    }

    fn of(Topics { tag, topics }: Topics) -> Self {
        Self { tag, topics }
    }

    /// The run's name as its first line says; MS MARCO's format has none.
    pub fn tag(&self) -> Option<&str> {
        self.tag.as_deref()
    }

    /// Number of topics.
    pub fn len(&self) -> usize {
        self.topics.len()
    }

    /// Whether the run has no topic.
    pub fn is_empty(&self) -> bool {
        self.topics.is_empty()
    }

    /// Topics with their rankings, in qid order.
    pub fn topics(&self) -> impl Iterator<Item = (&str, &Ranking)> {
        self.topics.iter().map(|(qid, ranking)| (qid.as_str(), ranking))
    }

    /// The ranking of one topic.
    pub fn topic(&self, qid: &str) -> Option<&Ranking> {
        self.topics.get(qid)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;
    use std::path::Path;

    use proptest::prelude::*;

    use super::*;

    fn read_as(text: &[u8], precision: ScorePrecision) -> std::result::Result<Run, String> {
        let mut source = Source::from_reader(Path::new("run"), Cursor::new(text.to_vec())).unwrap();
        Run::read_as(&mut source, precision).map_err(|error| error.to_string())
    }

    fn read(text: &str) -> std::result::Result<Run, String> {
        read_as(text.as_bytes(), ScorePrecision::Single)
    }

    fn docnos<'a>(run: &'a Run, qid: &str) -> Vec<&'a str> {
        run.topic(qid).unwrap().iter().map(|(docno, _)| docno).collect()
    }

    #[test]
    fn scores_fall_and_ties_stand_in_falling_docno_order() {
        let run = read(
            "# a comment\nq2 Q0 x 1 1 tag more junk\nq1 Q0 d1 1 0.5 tag\nq1\tQ0\td10 2 0.5 tag\r\nq1 Q0 d2 3 -0 tag\n\
             q1 Q0 d3 4 0 tag\nq1 Q0 d9 5 1e-3 tag\nq2 Q0 y 9 inf tag\n",
        )
        .unwrap();
        assert_eq!(docnos(&run, "q1"), ["d10", "d1", "d9", "d3", "d2"]);
        assert_eq!(docnos(&run, "q2"), ["y", "x"]);
        assert_eq!((run.tag(), run.len()), (Some("tag"), 2));
        assert_eq!(run.topics().map(|(qid, _)| qid).collect::<Vec<_>>(), ["q1", "q2"]);
        assert!(read("").unwrap().is_empty());
    }

    #[test]
    fn single_precision_ties_what_it_cannot_tell_apart() {
        let text = b"q Q0 a 1 16777217 t\nq Q0 b 2 16777216 t\n";
        assert_eq!(docnos(&read_as(text, ScorePrecision::Single).unwrap(), "q"), ["b", "a"]);
        assert_eq!(docnos(&read_as(text, ScorePrecision::Double).unwrap(), "q"), ["a", "b"]);
    }

    #[test]
    fn reads_msmarco() {
        let run = read("q1\td1\t2\nq1\td2\t1\nq1\td3\t2\n").unwrap();
        assert_eq!(docnos(&run, "q1"), ["d2", "d3", "d1"]);
        assert_eq!(run.tag(), None);
    }

    #[test]
    fn every_bad_line_is_named() {
        for (text, says) in [
            (
                "q Q0 a 1 2 t\nq Q0 b 1 1\n",
                r#"run:2: expected qid Q0 docno rank score tag, got "q Q0 b 1 1""#,
            ),
            ("q Q0 a 1 NaN t\n", r#"run:1: the score "NaN" is not a number"#),
            ("q Q0 a 1 x t\n", r#"run:1: the score "x" is not a number"#),
            ("q a 1\nq b 0\n", r#"run:2: the rank "0" is not an integer from 1"#),
            ("q a 1\nq b 1.5\n", r#"run:2: the rank "1.5""#),
            ("q a 1\nq Q0 b 2 1 t\n", "run:2: expected qid<TAB>docno<TAB>rank"),
            ("q a\n", "run:1: expected qid Q0 docno rank score tag"),
            (
                "q Q0 a 1 3 t\nr Q0 a 1 3 t\nr Q0 a 2 1 t\nq Q0 a 2 9 t\n",
                r#"run:3: document "a" appears twice in topic "r""#,
            ),
        ] {
            let error = read(text).unwrap_err();
            assert!(error.contains(says), "{text:?}: {error}");
        }
        assert!(
            read_as(b"q Q0 \xff 1 2 t", ScorePrecision::Single)
                .unwrap_err()
                .contains("not valid UTF-8")
        );
        assert!(Run::from_hits([("q", "a", f64::NAN)]).is_err());
        assert!(Run::from_hits([("q", "a", 1.0), ("q", "a", 2.0)]).is_err());
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..100), text in "[ab \t\n#0-9.eN-]{0,100}") {
            let _ = read_as(&bytes, ScorePrecision::Double);
            let _ = read(&text);
        }

        #[test]
        fn the_order_of_lines_does_not_matter(
            hits in prop::collection::btree_map("[a-c]{1,3}", 0_u8..4, 0..20), rotate in 0_usize..20,
        ) {
            let mut hits: Vec<_> = hits.iter().map(|(docno, &score)| ("q", docno.as_str(), f64::from(score))).collect();
            let run = Run::from_hits(hits.iter().copied()).unwrap();
            let shift = rotate.min(hits.len());
            hits.rotate_left(shift);
            let rotated = Run::from_hits(hits.iter().copied()).unwrap();
            let list = |run: &Run| run.topic("q").map(|r| r.iter().map(|(d, s)| (d.to_owned(), s)).collect::<Vec<_>>());
            prop_assert_eq!(list(&run), list(&rotated));
            if let Some(ranking) = list(&run) {
                prop_assert!(ranking.windows(2).all(|p| p[0].1 > p[1].1 || (p[0].1 == p[1].1 && p[0].0 > p[1].0)));
            }
        }
    }
}
