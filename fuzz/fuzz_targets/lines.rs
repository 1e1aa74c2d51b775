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
    let _ = Qrels::read(&mut source(data));
    let _ = Run::read(&mut source(data));
    if let Ok(text) = std::str::from_utf8(data) {
        let _ = Metric::parse_list(text);
    }
});

/// A source that may be compressed: it says so by its first bytes.
fn source(data: &[u8]) -> Source {
    Source::from_reader(Path::new("fuzz"), Cursor::new(data.to_vec())).expect("memory to read from")
}

fn vectors(data: &[u8]) {
    let mut source = source(data);
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
    let mut source = source(&written);
    let mut buffer = Vec::new();
    let line = source.next_line(&mut buffer).expect("what was written").expect("a line");
    let again = VectorLine::parse(VectorFormat::Jsonl, line).expect("what was written");
    assert_eq!((&again.id, &again.weights), (&vector.id, &vector.weights));
}

fn texts(data: &[u8]) {
    let mut source = source(data);
    let Ok(format) = TextFormat::detect(&mut source) else { return };
    let mut buffer = Vec::new();
    while let Ok(Some(line)) = source.next_line(&mut buffer) {
        if let Ok(text) = TextLine::parse(format, line) {
            assert!(text.text.is_char_boundary(text.body));
        }
    }
}
