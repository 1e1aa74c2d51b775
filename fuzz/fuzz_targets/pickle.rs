//! PyTorch checkpoints, which anyone may have made.

#![no_main]

use std::io::Write;

use libfuzzer_sys::fuzz_target;
use spork_model::pickle::read_checkpoint;
use zip::write::FileOptions;
use zip::{CompressionMethod, ZipWriter};

fuzz_target!(|data: &[u8]| {
    read(data);
    read(&archive(data));
});

/// A checkpoint of PyTorch 1.6 and later around a pickle.
fn archive(pickle: &[u8]) -> Vec<u8> {
    let mut writer = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let stored = FileOptions::default().compression_method(CompressionMethod::Stored);
    for (name, content) in
        [("archive/data.pkl", pickle), ("archive/data/0", &[0; 64]), ("archive/version", b"3\n")]
    {
        writer.start_file(name, stored).expect("memory to write to");
        writer.write_all(content).expect("memory to write to");
    }
    writer.finish().expect("memory to write to").into_inner()
}

fn read(checkpoint: &[u8]) {
    let mut file = tempfile::NamedTempFile::new().expect("a file");
    file.write_all(checkpoint).expect("a file");
    for tensor in read_checkpoint(file.path()).into_iter().flatten() {
        assert_eq!(
            tensor.bytes.len(),
            tensor.shape.iter().product::<usize>() * tensor.dtype.size()
        );
    }
}
