//! Text: vectors, texts, judgments, runs and names of metrics, one a line.

#![no_main]

use std::io::Cursor;
use std::path::Path;

use libfuzzer_sys::fuzz_target;
use spork_eval::{Metric, Qrels, Run};
use spork_files::{Source, TextFormat, TextLine};
use spork_vectors::{VectorFormat, VectorLine, write_vector_line};

fuzz_target!(|data: &[u8]| {
    vectors(data);
    texts(data);
    if let Some(mut source) = source(data) {
        let _ = Qrels::read(&mut source);
    }
    if let Some(mut source) = source(data) {
        let _ = Run::read(&mut source);
    }
    if let Ok(text) = std::str::from_utf8(data) {
        let _ = Metric::parse_list(text);
    }
});

/// A source that may be compressed: it says so by its first bytes. None where they say that it
/// holds no lines, or where the compression is damaged.
fn source(data: &[u8]) -> Option<Source> {
    Source::from_reader(Path::new("fuzz"), Cursor::new(data.to_vec())).ok()
}

fn vectors(data: &[u8]) {
    let Some(mut source) = source(data) else { return };
    let Ok(format) = VectorFormat::detect(&mut source) else { return };
    let mut buffer = Vec::new();
    while let Ok(Some(line)) = source.next_line(&mut buffer) {
        if let Ok(vector) = VectorLine::parse(format, line) {
            written_again_it_is_the_same(&vector);
        }
    }
}

fn written_again_it_is_the_same(vector: &VectorLine<'_>) {
    let mut written = Vec::new();
    let weights = vector.weights.iter().map(|(term, weight)| (term.as_ref(), *weight));
    write_vector_line(&mut written, &vector.id, weights).expect("memory to write to");
    let mut source = source(&written).expect("a line of JSON");
    let mut buffer = Vec::new();
    let line = source.next_line(&mut buffer).expect("what was written").expect("a line");
    let again = VectorLine::parse(VectorFormat::Jsonl, line).expect("what was written");
    assert_eq!((&again.id, &again.weights), (&vector.id, &vector.weights));
}

fn texts(data: &[u8]) {
    let Some(mut source) = source(data) else { return };
    let Ok(format) = TextFormat::detect(&mut source) else { return };
    let mut buffer = Vec::new();
    while let Ok(Some(line)) = source.next_line(&mut buffer) {
        if let Ok(text) = TextLine::parse(format, line) {
            assert!(text.text.is_char_boundary(text.body));
        }
    }
}
