use std::io::Cursor;
use std::path::Path;

use proptest::prelude::*;

use super::*;

fn read_as(text: &[u8], precision: ScorePrecision) -> std::result::Result<Run, String> {
    Source::from_reader(Path::new("run"), Cursor::new(text.to_vec()))
        .map_err(Error::from)
        .and_then(|mut source| Run::read_as(&mut source, precision))
        .map_err(|error| error.to_string())
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
    let run = read("q1\td1\t2\nq2\td1\t1\nq1\td2\t1\nq1\td3\t3\n").unwrap();
    assert_eq!(docnos(&run, "q1"), ["d2", "d1", "d3"]);
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
        ("q a 1\nq b 1.5\n", r#"run:2: the third column, "1.5", is not a rank"#),
        ("qid\tdocno\tScore\nq\ta\t1\n", "run:1: a header; run files have none"),
        ("q a 1 2.5\n", r#"run:1: four columns, expected qid Q0 docno rank score tag; if"#),
        ("q a b 2.5\n", "run:1: expected qid Q0 docno rank score tag, got"),
        ("qid iter docno rank score tag\nq Q0 a 1 2 t\n", "run:1: a header"),
        ("q a -1\n", r#"run:1: the third column, "-1", is not a rank"#),
        ("q Q0 a b 1 2 t\n", r#"run:1: the rank "b" is not an integer"#),
        ("q Q0 a 1.5 2 t\n", r#"run:1: the rank "1.5" is not an integer"#),
        ("q Q0 a 747 1 2.5 t\n", r#"run:1: more than six columns, and "2.5" where the tag"#),
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

/// A third column that may be a score is never read as a rank.
#[test]
fn three_columns_must_count() {
    for (text, says) in [
        ("1 a 3592\n1 b 3579\n", "run:2: the third column is not a rank: of the 2 documents"),
        ("1 b 850\n1 a 900\n", "one has 850, which is no number from 1 to 2"),
        ("1 a 1\n1 b 1\n", "the third column is not a rank: of the 2 documents"),
        ("1 a 1\n1 b 3\n", "run:2: the third column is not a rank"),
        // Only some topics count.
        ("1 a 1\n1 b 2\n2 a 7\n", r#"run:3: the third column is not a rank: of the 1 documents"#),
        ("1 a 0\n1 b 1\n", r#"run:1: the third column counts the documents of topic "1" from 0"#),
        (
            "1 a 3\n1 b 2\n1 c 1\n",
            r#"run:3: the third column counts the documents of topic "1" down"#,
        ),
        (
            "1 a 1\n1 b 2\n2 a 2\n2 b 1\n",
            r#"run:4: the third column counts the documents of topic "2""#,
        ),
        ("1 a 1\n1 a 2\n", "appears twice"),
    ] {
        let error = read(text).unwrap_err();
        assert!(error.contains(says), "{text:?}: {error}");
        if says.contains("is not a rank") {
            assert!(error.contains(r#"awk '{print $1, "Q0", $2, 1, $3, "run"}'"#), "{error}");
        }
    }
    assert_eq!(docnos(&read("1 b 2\n1 c 3\n1 a 1\n").unwrap(), "1"), ["a", "b", "c"]);
}

#[test]
fn ranks_against_scores() {
    let order = |text: &str| {
        let mut builder = Builder::new(ScorePrecision::Single);
        for (line, text) in (1..).zip(text.lines()) {
            builder.add(line, &Record::parse(RunFormat::Trec, text).unwrap());
        }
        builder.finish(Some(RunFormat::Trec)).ok().unwrap().order.contradiction()
    };
    let swapped = "1 Q0 a 3592 1 t\n1 Q0 b 3579 2 t\n2 Q0 b 7 1 t\n";
    assert!(order(swapped).unwrap().contains("swapped"));
    let distances = "1 Q0 a 1 0.1 t\n1 Q0 b 2 0.2 t\n2 Q0 b 0 2 t\n2 Q0 c 1 7 t\n";
    assert!(order(distances).unwrap().contains("distances"));
    for text in [
        "1 Q0 a 1 0.2 t\n1 Q0 b 2 0.1 t\n2 Q0 b 1 2 t\n2 Q0 c 2 7 t\n",
        "1 Q0 a 0 0.2 t\n1 Q0 b 0 0.1 t\n",
        "1 Q0 a 1 2 t\n1 Q0 b 2 1 t\n",
        "1 Q0 a 1 5 t\n1 Q0 b 2 5 t\n",
        "1 Q0 a 1 5 t\n",
    ] {
        assert_eq!(order(text), None, "{text}");
    }
}

#[test]
fn own_documents_are_excluded() {
    let mut run = read("a Q0 a 1 3 t\na Q0 b 2 2 t\nb Q0 b 1 1 t\nc Q0 a 1 1 t\n").unwrap();
    assert_eq!(run.exclude_same_ids(), 2);
    assert_eq!(docnos(&run, "a"), ["b"]);
    assert!(run.topic("b").unwrap().is_empty());
    assert_eq!(run.exclude_same_ids(), 0);
}

#[test]
fn damaged_compression_is_an_error() {
    for head in [&[0x1f, 0x8b][..], &[0x28, 0xb5, 0x2f, 0xfd]] {
        let error = read_as(head, ScorePrecision::Single).unwrap_err();
        assert!(error.starts_with("run: "), "{error}");
    }
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
