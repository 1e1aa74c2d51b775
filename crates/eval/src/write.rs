//! Run files: the ranking of a search, written so that evaluators see the same order.

use std::fmt::Display;
use std::io::Write;

use crate::error::WriteError;

/// A score that prints with digits enough to be read back: an integer, or the shortest decimal of a
/// float.
pub trait Score: Copy + PartialOrd + Display + sealed::Sealed {}

impl Score for u32 {}
impl Score for u64 {}
impl Score for f32 {}
impl Score for f64 {}

mod sealed {
    pub trait Sealed {}
    impl Sealed for u32 {}
    impl Sealed for u64 {}
    impl Sealed for f32 {}
    impl Sealed for f64 {}
}

/// Writes the hits of one topic as `qid Q0 docno rank score tag`, whatever order they come in:
/// scores fall, equal scores stand in falling docno order, and ranks count from 1. That is the
/// order in which evaluators will sort them, as long as the scores fit their precision: trec_eval
/// before version 10 ties integers above 2²⁴.
///
/// # Errors
/// The output can't be written, an id or the tag is one that a run file can't carry, or a score is
/// NaN.
pub fn write_trec<D: AsRef<str>, S: Score>(
    output: &mut impl Write,
    qid: &str,
    hits: impl IntoIterator<Item = (D, S)>,
    tag: &str,
) -> Result<(), WriteError> {
    check("tag", tag)?;
    for (rank, (docno, score)) in (1_u64..).zip(ranked(qid, hits)?) {
        writeln!(output, "{qid} Q0 {} {rank} {score} {tag}", docno.as_ref())?;
    }
    Ok(())
}

/// Writes the hits of one topic as `qid<TAB>docno<TAB>rank`, in the order of [`write_trec`].
///
/// # Errors
/// The same as of [`write_trec`].
pub fn write_msmarco<D: AsRef<str>, S: Score>(
    output: &mut impl Write,
    qid: &str,
    hits: impl IntoIterator<Item = (D, S)>,
) -> Result<(), WriteError> {
    for (rank, (docno, _)) in (1_u64..).zip(ranked(qid, hits)?) {
        writeln!(output, "{qid}\t{}\t{rank}", docno.as_ref())?;
    }
    Ok(())
}

/// The hits in the order of ranks.
fn ranked<D: AsRef<str>, S: Score>(
    qid: &str,
    hits: impl IntoIterator<Item = (D, S)>,
) -> Result<Vec<(D, S)>, WriteError> {
    check("qid", qid)?;
    let mut hits: Vec<(D, S)> = hits.into_iter().collect();
    for (docno, score) in &hits {
        check("docno", docno.as_ref())?;
        if score.partial_cmp(score).is_none() {
            return Err(WriteError::Score {
                qid: qid.to_owned(),
                docno: docno.as_ref().to_owned(),
            });
        }
    }
    hits.sort_by(|(docno_a, a), (docno_b, b)| {
        let scores = b.partial_cmp(a).unwrap_or(std::cmp::Ordering::Equal);
        scores.then_with(|| docno_b.as_ref().cmp(docno_a.as_ref()))
    });
    Ok(hits)
}

fn check(column: &'static str, value: &str) -> Result<(), WriteError> {
    let comment = column == "qid" && value.starts_with('#');
    if value.is_empty() || value.contains(char::is_whitespace) || comment {
        return Err(WriteError::Column { column, value: value.to_owned() });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;
    use std::path::Path;

    use proptest::prelude::*;
    use spork_files::Source;

    use super::*;
    use crate::run::{Run, ScorePrecision};

    fn trec<S: Score>(hits: &[(&str, S)]) -> Result<String, WriteError> {
        let mut output = Vec::new();
        write_trec(&mut output, "q1", hits.iter().copied(), "spork")?;
        Ok(String::from_utf8(output).unwrap())
    }

    #[test]
    fn writes_the_order_of_evaluators() {
        let expected = "q1 Q0 c 1 7 spork\nq1 Q0 b 2 5 spork\nq1 Q0 a 3 5 spork\n";
        assert_eq!(trec(&[("a", 5_u32), ("b", 5), ("c", 7)]).unwrap(), expected);
        assert_eq!(trec(&[("a", 0.1_f32), ("b", 1e-7)]).unwrap().split(' ').nth(4), Some("0.1"));
        let mut output = Vec::new();
        write_msmarco(&mut output, "q1", [("a", 5_u64), ("b", 5)]).unwrap();
        assert_eq!(output, b"q1\tb\t1\nq1\ta\t2\n");
    }

    #[test]
    fn what_a_run_cannot_carry_is_refused() {
        assert!(
            trec(&[("a b", 1.0_f32)])
                .unwrap_err()
                .to_string()
                .contains(r#"docno "a b" can't be written to a run file"#)
        );
        assert!(trec(&[("", 1.0_f64)]).is_err());
        assert!(
            trec(&[("a", f32::NAN)])
                .unwrap_err()
                .to_string()
                .contains(r#""a" in topic "q1" is not a number"#)
        );
        assert!(write_trec(&mut Vec::new(), "q 1", [("a", 1_u32)], "spork").is_err());
        assert!(write_trec(&mut Vec::new(), "#q", [("a", 1_u32)], "spork").is_err());
        assert!(write_trec(&mut Vec::new(), "q1", [("a", 1_u32)], "").is_err());
    }

    fn read(bytes: Vec<u8>, precision: ScorePrecision) -> Run {
        Run::read_as(
            &mut Source::from_reader(Path::new("run"), Cursor::new(bytes)).unwrap(),
            precision,
        )
        .unwrap()
    }

    fn list<'a>(run: &'a Run, qid: &str) -> Vec<(&'a str, f64)> {
        run.topic(qid).map(|ranking| ranking.iter().collect()).unwrap_or_default()
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(
            singles in prop::collection::btree_map("[!-~é]{1,6}", any::<f32>().prop_filter("NaN", |s| !s.is_nan()), 1..20),
            integers in prop::collection::btree_map("[a-c]{1,3}", 0_u32..1 << 24, 1..20),
            doubles in prop::collection::btree_map("[a-c]{1,3}", any::<f64>().prop_filter("NaN", |s| !s.is_nan()), 1..20),
        ) {
            let mut output = Vec::new();
            write_trec(&mut output, "1", singles.iter().map(|(d, &s)| (d, s)), "t").unwrap();
            write_trec(&mut output, "2", integers.iter().map(|(d, &s)| (d, s)), "t").unwrap();
            let run = read(output.clone(), ScorePrecision::Single);
            let from = Run::from_hits(
                singles.iter().map(|(d, &s)| ("1", d.as_str(), f64::from(s)))
                    .chain(integers.iter().map(|(d, &s)| ("2", d.as_str(), f64::from(s)))),
            ).unwrap();
            prop_assert_eq!(list(&run, "1"), list(&from, "1"));
            prop_assert_eq!(list(&run, "2"), list(&from, "2"));
            // The lines stand in the order in which they are ranked.
            let text = String::from_utf8(output).unwrap();
            let written: Vec<&str> = text.lines().map(|line| line.split(' ').nth(2).unwrap()).collect();
            prop_assert!(written.iter().copied().eq(list(&run, "1").iter().chain(&list(&run, "2")).map(|(d, _)| *d)));

            let mut output = Vec::new();
            write_trec(&mut output, "1", doubles.iter().map(|(d, &s)| (d, s)), "t").unwrap();
            for (docno, score) in list(&read(output, ScorePrecision::Double), "1") {
                prop_assert_eq!(doubles[docno], score);
            }

            let mut output = Vec::new();
            write_msmarco(&mut output, "1", singles.iter().map(|(d, &s)| (d, s))).unwrap();
            let docnos = |run: &Run| list(run, "1").iter().map(|(d, _)| (*d).to_owned()).collect::<Vec<_>>();
            prop_assert_eq!(docnos(&read(output, ScorePrecision::Single)), docnos(&from));
        }
    }
}
