//! Binary vectors: any bytes as a file, and any bytes as the content of blocks whose frames and
//! checksums are right.

#![no_main]

use std::io::Cursor;
use std::path::Path;

use libfuzzer_sys::fuzz_target;
use spork_vectors::binary::BinaryReader;

const HEADERS: [&[u8]; 3] =
    [br#"{"weights":"f32"}"#, br#"{"weights":"f16"}"#, br#"{"weights":"u8"}"#];

fuzz_target!(|data: &[u8]| {
    read(data.to_vec());
    let Some((&choice, content)) = data.split_first() else { return };
    let mut file = b"SPORKVEC\x01\x00".to_vec();
    file.extend(frame(1, HEADERS[usize::from(choice) % 3]));
    // Two blocks: the second goes by the terms that the first brings.
    let (first, second) = content.split_at(content.len() * usize::from(choice >> 2) / 64);
    file.extend(frame(2, first));
    file.extend(frame(2, second));
    read(file);
});

/// A frame as docs/format/vectors.md has it.
fn frame(kind: u32, content: &[u8]) -> Vec<u8> {
    let stored = zstd::bulk::compress(content, 1).expect("memory to compress to");
    let mut frame: Vec<u8> = [kind, content.len() as u32, stored.len() as u32]
        .into_iter()
        .flat_map(u32::to_le_bytes)
        .collect();
    let mut checksum = crc32fast::Hasher::new();
    checksum.update(&frame);
    checksum.update(&stored);
    frame.extend(checksum.finalize().to_le_bytes());
    frame.extend(stored);
    frame
}

fn read(file: Vec<u8>) {
    let Ok(mut reader) = BinaryReader::new(Path::new("fuzz.svec"), Cursor::new(file)) else {
        return;
    };
    while let Ok(Some(block)) = reader.next_block() {
        for vector in &block.vectors {
            assert!(vector.vector.entries().is_sorted_by_key(|&(term, _)| term));
            assert!(
                vector
                    .vector
                    .entries()
                    .iter()
                    .all(|&(_, weight)| weight.is_finite() && weight > 0.0)
            );
        }
    }
}
