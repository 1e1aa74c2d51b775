use std::io::Cursor;
use std::path::Path;

use proptest::prelude::*;

use super::*;

fn read(bytes: &[u8]) -> std::result::Result<Qrels, String> {
    Source::from_reader(Path::new("qrels"), Cursor::new(bytes.to_vec()))
        .map_err(Error::from)
        .and_then(|mut source| Qrels::read(&mut source))
        .map_err(|error| error.to_string())
}

#[test]
fn every_form_says_the_same() {
    let expected = Qrels::from_judgments([("1", "a", 2), ("1", "b", -1), ("2", "a", 0)]).unwrap();
    for text in [
        "# pool of 2019\n2 Q0 a 0\r\n1\t0\tb  -1\n\n1 0 a 2",
        "\u{feff}1\t0\ta\t2\r\n1\t0\tb\t-1\r\n2\t0\ta\t0\r\n",
        "query-id\tcorpus-id\tscore\n1\ta\t2\n1\tb\t-1\n2\ta\t0\n",
        "\u{feff}query_id\tdoc_id\trelevance\r\n1\ta\t2\r\n1\tb\t-1\r\n2\ta\t0\r\n",
        "docno qid label\na 1 2\nb 1 -1\na 2 0.0\n",
        "{\"query-id\": \"1\", \"corpus-id\": \"a\", \"score\": 2.0}\n\
         {\"query-id\": 1, \"corpus-id\": \"b\", \"score\": -1}\n\
         {\"query-id\": 2, \"corpus-id\": \"a\", \"score\": \"0\"}\n",
        "# from the Hub\n{\"docid\": \"a\", \"query\": \"what\", \"qid\": 1, \"rel\": 2, \"score\": 0.7}\n\
         {\"qid\": \"1\", \"docid\": \"b\", \"label\": -1, \"split\": null}\n\
         {\"topic_id\": 2, \"doc_id\": \"a\", \"relevance\": 0e0}\n",
    ] {
        assert_eq!(read(text.as_bytes()), Ok(expected.clone()), "{text}");
    }
    assert_eq!(expected.topic("1").unwrap().grade("b"), Some(-1));
    assert_eq!(expected.topic("1").unwrap().grade("c"), None);
    assert!(read(b"").unwrap().is_empty());
}

#[test]
fn every_bad_line_is_named() {
    for (text, says) in [
        ("1 0 a 1\n1 0 a 0\n", r#"qrels:2: document "a" appears twice in topic "1""#),
        ("1 0 a 1\n1 0 a 1\n", r#"qrels:2: document "a" appears twice in topic "1""#),
        ("1 0 a\n", r#"qrels:1: three columns without a header, "1 0 a""#),
        ("1\ta\t1\n", "query-id<TAB>corpus-id<TAB>score"),
        ("q d r\n1 a 1\n", "query-id<TAB>corpus-id<TAB>score"),
        ("1 0 a 1 x\n", "qrels:1: expected qid iter docno grade"),
        ("1\t0\ta b\t1\n", r#""a b" holds a blank"#),
        ("1 0 a one\n", r#"qrels:1: the grade "one" is not an integer"#),
        ("1 0 a 1.5\n", r#"qrels:1: the grade "1.5" is not an integer"#),
        ("1 0 a 3000000000\n", "is not an integer of 32 bits"),
        ("query-id corpus-id score\n1 0 a 1\n", "qrels:2: expected query-id corpus-id score"),
        ("query-id\tcorpus-id\tscore\n1\ta b\t1\n", "qrels:2: expected query-id corpus-id score"),
        ("docno qid rel\n1 0 a 1\n", "qrels:2: expected docno qid rel"),
        ("1 0 a 1\nquery-id corpus-id score\n", "qrels:2: expected qid iter docno grade"),
        ("qid iter docno rel\n1 0 a 1\n", "qrels:1: a header over more than three columns"),
        ("query_id,doc_id,relevance\n1,a,1\n", "not by commas"),
        (
            "{\"qid\": 1, \"docno\": \"a\"}\n",
            r#"qrels:1: an object with the keys ["qid", "docno"]"#,
        ),
        (
            "{\"qid\": 1, \"docno\": \"a b\", \"rel\": 1}\n",
            r#"the id "a b" is empty or holds white"#,
        ),
        ("{\"qid\": 1.5, \"docno\": \"a\", \"rel\": 1}\n", "the id 1.5 is no string"),
        ("{\"qid\": 1, \"docno\": \"a\", \"rel\": 0.5}\n", r#"the grade "0.5" is not an integer"#),
        (
            "{\"qid\": 1, \"docno\": \"a\", \"rel\": true}\n",
            r#"the grade "true" is not an integer"#,
        ),
        (
            "{\"qid\": 1, \"docno\": \"a\", \"rel\": 1, \"rel\": 0}\n",
            r#"the key "rel" is there twice"#,
        ),
        ("{\"1\": {\"a\": 1}}\n", "qrels:1: an object of objects"),
        ("{\n\"1\": 2}", "in one line"),
        ("[{\"qid\": 1}]", "qrels:1: a JSON array"),
    ] {
        let error = read(text.as_bytes()).unwrap_err();
        assert!(error.contains(says), "{text:?}: {error}");
    }
    assert!(read(b"1 0 \xff 1\n").unwrap_err().contains("not valid UTF-8"));
}

proptest! {
    #[test]
    fn no_bytes_panic(
        bytes in prop::collection::vec(any::<u8>(), 0..100),
        text in "[ab \t\n#0-9-]{0,80}",
        header in "(query-id|qid|iter) (docno|doc_id) (rel|label)\n[ab 0-9.\n]{0,40}",
        json in r#"\{("qid"|"docno"|"rel"|[a1:,"{}\[\] -]){0,20}\}"#,
    ) {
        let _ = read(&bytes);
        for text in [text, header, json] {
            let _ = read(text.as_bytes());
        }
    }
}
