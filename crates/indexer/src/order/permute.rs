//! A forward file in another order, by sequential reading and writing alone: records are dealt out
//! to bucket files by their new places, and each bucket is then put in order in memory.

use std::fs::File;
use std::io::{BufReader, BufWriter, Read, Seek, Write};
use std::path::Path;

use crate::forward::{Forward, ForwardWriter};
use crate::progress::{Phase, Progress};
use crate::{Error, Result};

/// Bytes of buffer a bucket has while records are dealt out.
const BUFFER: usize = 64 << 10;

/// Buckets at most: each is an open file.
const MOST_BUCKETS: u64 = 256;

/// The records of `forward` so that record i of the result is record `order[i]`. A bucket may take
/// half of `memory` bytes.
pub(crate) fn permute(
    forward: &Forward,
    order: &[u32],
    memory: u64,
    folder: &Path,
    progress: &dyn Progress,
) -> Result<Forward> {
    progress.phase(Phase::Moving, Some(forward.documents()));
    let wanted = (2 * forward.bytes()).div_ceil(memory.max(1)).clamp(1, MOST_BUCKETS);
    let share = order.len().div_ceil(wanted as usize).max(1);
    let mut places = vec![0u32; order.len()];
    for (place, &document) in order.iter().enumerate() {
        places[document as usize] = place as u32;
    }
    let mut buckets: Vec<Bucket> =
        order.chunks(share).map(|_| Bucket::create(folder)).collect::<Result<_>>()?;
    let (mut reader, mut record) = (forward.all(), Vec::new());
    for &place in &places {
        if !reader.next_into(&mut record)? {
            break;
        }
        buckets[place as usize / share]
            .push(place, &record)
            .map_err(|source| failed(folder, source))?;
        progress.advance(1)?;
    }
    drop(places);
    let mut writer = ForwardWriter::create(folder)?;
    for bucket in buckets {
        for (_, record) in bucket.in_order().map_err(|source| failed(folder, source))? {
            writer.push(&record)?;
        }
    }
    writer.finish()
}

fn failed(folder: &Path, source: std::io::Error) -> Error {
    Error::Temporary { folder: folder.to_owned(), source }
}

type Record = Vec<(u32, f32)>;

/// Records on disk, each with its place.
struct Bucket {
    file: BufWriter<File>,
    records: u64,
}

impl Bucket {
    fn create(folder: &Path) -> Result<Self> {
        let file = tempfile::tempfile_in(folder).map_err(|source| failed(folder, source))?;
        Ok(Self { file: BufWriter::with_capacity(BUFFER, file), records: 0 })
    }

    fn push(&mut self, place: u32, record: &[(u32, f32)]) -> std::io::Result<()> {
        self.records += 1;
        self.file.write_all(&place.to_le_bytes())?;
        self.file.write_all(&(record.len() as u32).to_le_bytes())?;
        for (term, weight) in record {
            self.file.write_all(&term.to_le_bytes())?;
            self.file.write_all(&weight.to_le_bytes())?;
        }
        Ok(())
    }

    fn in_order(self) -> std::io::Result<Vec<(u32, Record)>> {
        let mut file = self.file.into_inner().map_err(std::io::IntoInnerError::into_error)?;
        file.rewind()?;
        let mut file = BufReader::with_capacity(BUFFER, file);
        let mut records = Vec::with_capacity(self.records as usize);
        for _ in 0..self.records {
            let (place, pairs) = (word(&mut file)?, word(&mut file)?);
            let pair = |_| Ok((word(&mut file)?, f32::from_bits(word(&mut file)?)));
            records.push((place, (0..pairs).map(pair).collect::<std::io::Result<Record>>()?));
        }
        records.sort_unstable_by_key(|&(place, _)| place);
        Ok(records)
    }
}

fn word(file: &mut impl Read) -> std::io::Result<u32> {
    let mut bytes = [0; 4];
    file.read_exact(&mut bytes)?;
    Ok(u32::from_le_bytes(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Silent;

    #[test]
    fn records_move_whatever_the_buckets() {
        let folder = tempfile::tempdir().unwrap();
        let record = |i: u32| (0..i % 5).map(|j| (i * 10 + j, i as f32 + 0.5)).collect::<Record>();
        let mut writer = ForwardWriter::create(folder.path()).unwrap();
        for i in 0..1000 {
            writer.push(&record(i)).unwrap();
        }
        let forward = writer.finish().unwrap();
        let order: Vec<u32> = (0..1000).map(|i| (i * 7 + 3) % 1000).collect();
        for memory in [1, 5_000, u64::MAX] {
            let moved = permute(&forward, &order, memory, folder.path(), &Silent).unwrap();
            let (mut reader, mut found) = (moved.all(), Vec::new());
            for &document in &order {
                assert!(reader.next_into(&mut found).unwrap());
                assert_eq!(found, record(document), "{memory}");
            }
            assert!(!reader.next_into(&mut found).unwrap());
        }
    }
}
