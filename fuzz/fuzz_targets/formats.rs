//! Files of vectors that other engines write: any bytes as each format, and as what they are
//! recognized as.

#![no_main]

use std::io::Cursor;
use std::path::Path;

use libfuzzer_sys::fuzz_target;
use spork_files::Source;
use spork_vectors::{Format, ReadOptions, Scratch, Values, VectorReader, recognize};

const FORMATS: [Format; 7] = [
    Format::Ciff,
    Format::Csr,
    Format::SeismicBin,
    Format::Pisa,
    Format::AnseriniTopics,
    Format::Jsonl,
    Format::Anserini,
];
/// Names that say nothing, that objects may take several lines, and what they hold.
const NAMES: [&str; 3] = ["fuzz", "fuzz.json", "fuzz.bin"];

fuzz_target!(|data: &[u8]| {
    let [choice, data @ ..] = data else { return };
    let format = FORMATS[usize::from(*choice) % FORMATS.len()];
    let name = NAMES[usize::from(*choice) / FORMATS.len() % NAMES.len()];
    read(source(name, data), format);
    let mut source = source(name, data);
    if let Ok(format) = recognize(&mut source) {
        read(source, format);
    }
});

/// A source that may be compressed: it says so by its first bytes.
fn source(name: &str, data: &[u8]) -> Source {
    Source::from_reader(Path::new(name), Cursor::new(data.to_vec())).expect("memory to read from")
}

fn read(source: Source, format: Format) {
    let options = ReadOptions {
        values: Some(Values::Impacts),
        scratch: Scratch { memory: 8 << 20, ..Scratch::default() },
        ..ReadOptions::default()
    };
    let Ok(mut reader) = VectorReader::from_source(source, format, &options) else { return };
    let mut terms = 0;
    while let Ok(Some(block)) = reader.next_block() {
        terms += block.new_terms.len();
        for vector in &block.vectors {
            let entries = vector.vector.entries();
            assert!(entries.is_sorted_by(|a, b| a.0 < b.0));
            assert!(entries.iter().all(|&(_, weight)| weight.is_finite() && weight > 0.0));
            assert!(entries.iter().all(|&(term, _)| (term.0 as usize) < terms));
        }
    }
}
