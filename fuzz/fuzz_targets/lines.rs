//! Any bytes as what is read line by line: vectors, texts, runs, judgements. The first byte chooses.

#![no_main]

use std::io::Cursor;
use std::path::Path;

use libfuzzer_sys::fuzz_target;
use spork_eval::{Qrels, Run};
use spork_vectors::{Source, TextFormat, TextLine, VectorFormat, VectorLine};

fuzz_target!(|input: &[u8]| {
    let Some((&kind, bytes)) = input.split_first() else { return };
    let Ok(mut source) = Source::from_reader(Path::new("fuzz"), Cursor::new(bytes.to_vec())) else { return };
    let mut buffer = Vec::new();
    match kind % 4 {
        0 => drop(Run::read(&mut source)),
        1 => drop(Qrels::read(&mut source)),
        2 => {
            let Ok(format) = VectorFormat::detect(&mut source) else { return };
            while let Ok(Some(line)) = source.next_line(&mut buffer) {
                let _ = VectorLine::parse(format, line);
            }
        }
        _ => {
            let Ok(format) = TextFormat::detect(&mut source) else { return };
            while let Ok(Some(line)) = source.next_line(&mut buffer) {
                let _ = TextLine::parse(format, line);
            }
        }
    }
});
