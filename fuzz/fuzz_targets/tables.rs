//! Files beside vectors: token tables, and BigANN's ground truth.

#![no_main]

use std::io::{Cursor, Write};
use std::path::Path;

use libfuzzer_sys::fuzz_target;
use spork_eval::GroundTruth;
use spork_files::Source;
use spork_vectors::{Format, ReadOptions, VectorReader};

/// A `.bin` of one vector of terms 0 and 7.
const BIN: [u8; 24] =
    [1, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 0, 0, 128, 63, 0, 0, 128, 63];

fuzz_target!(|data: &[u8]| {
    ground_truth(data);
    let mut tokens = tempfile::NamedTempFile::new().expect("a file");
    tokens.write_all(data).expect("a file");
    let options =
        ReadOptions { tokens: Some(tokens.path().to_owned()), ..ReadOptions::default() };
    let bin = Source::from_reader(Path::new("fuzz.bin"), Cursor::new(BIN)).expect("memory");
    if let Ok(mut reader) = VectorReader::from_source(bin, Format::SeismicBin, &options)
        && let Ok(Some(block)) = reader.next_block()
    {
        assert_eq!((block.new_terms.len(), block.vectors[0].vector.len()), (2, 2));
    }
});

fn ground_truth(data: &[u8]) {
    let source = Source::from_reader(Path::new("fuzz"), Cursor::new(data.to_vec()));
    let Ok(truth) = GroundTruth::read(source.expect("memory to read from")) else { return };
    for neighbors in truth.neighbors() {
        assert!(neighbors.len() <= truth.depth());
        assert!(neighbors.iter().all(|neighbor| !neighbor.score.is_nan()));
    }
}
