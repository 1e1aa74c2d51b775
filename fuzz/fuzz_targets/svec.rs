//! Any bytes as a binary file of vectors.

#![no_main]

use std::path::Path;

use libfuzzer_sys::fuzz_target;
use spork_vectors::binary::BinaryReader;

fuzz_target!(|input: &[u8]| {
    let Ok(mut reader) = BinaryReader::new(Path::new("fuzz.svec"), input) else { return };
    let mut known = 0;
    while let Ok(Some(block)) = reader.next_block() {
        known += block.new_terms.len();
        let mut terms = block.vectors.iter().flat_map(|vector| &vector.entries).map(|&(term, _)| term as usize);
        assert!(terms.all(|term| term < known), "a term without a name");
    }
});
