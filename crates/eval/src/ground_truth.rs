//! Ground truth of BigANN's benchmarks: the true nearest documents of each query.
//!
//! Little-endian: the number of queries and of neighbors a query as `u32`, then all ids as `i32`,
//! query by query, then all scores as `f32` in the same order. Queries and documents have no other
//! name than their number from 0, in the order of their files.

use std::io::{BufRead, Read};
use std::path::{Path, PathBuf};

use spork_files::Source;

/// An error of a file of ground truth.
#[derive(Debug, thiserror::Error)]
pub enum GroundTruthError {
    /// The file can't be read.
    #[error(transparent)]
    File(#[from] spork_files::Error),
    /// The file is not what its header says.
    #[error("{path}: {fault}", path = path.display())]
    Fault {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        fault: GroundTruthFault,
    },
}

/// The fault of a file of ground truth.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GroundTruthFault {
    /// Fewer than the eight bytes of a header.
    #[error(
        "{0} bytes, expected BigANN's ground truth, which begins with the number of queries and \
         of neighbors"
    )]
    NoHeader(usize),
    /// More or fewer bytes than the header says.
    #[error(
        "{queries} queries of {neighbors} neighbors take {expected} bytes, got {got}; expected \
         BigANN's ground truth (copy the file again if it should be one)"
    )]
    Length {
        /// Queries, as the header says.
        queries: u32,
        /// Neighbors a query, as the header says.
        neighbors: u32,
        /// The bytes that they take, the header's included.
        expected: u64,
        /// The bytes that there are; `more than` the expected where the rest was not counted.
        got: String,
    },
    /// No neighbor to compare with.
    #[error("its header says {queries} queries of {neighbors} neighbors; expected one at least")]
    Empty {
        /// Queries, as the header says.
        queries: u32,
        /// Neighbors a query, as the header says.
        neighbors: u32,
    },
    /// An id below zero before one that is not.
    #[error("query {query} (from 0): the id {id} at rank {rank} is below zero")]
    Id {
        /// The query.
        query: usize,
        /// The rank, from 1.
        rank: usize,
        /// The id.
        id: i32,
    },
    /// A document that is there twice.
    #[error("query {query} (from 0): document {id} is there twice")]
    Repeated {
        /// The query.
        query: usize,
        /// The document.
        id: u32,
    },
    /// A score that is not a number.
    #[error("query {query} (from 0): the score of document {id} is not a number")]
    Score {
        /// The query.
        query: usize,
        /// The document.
        id: u32,
    },
}

/// A document near a query.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Neighbor {
    /// The document's number in its file, from 0.
    pub document: u32,
    /// Its score, an inner product.
    pub score: f32,
}

/// The nearest documents of each query.
#[derive(Clone, Debug, PartialEq)]
pub struct GroundTruth {
    depth: usize,
    neighbors: Vec<Vec<Neighbor>>,
}

impl GroundTruth {
    /// Reads a file, plain, gzip or zstd. Ids of −1 at a query's end fill up where fewer documents
    /// exist, and are left out.
    ///
    /// # Errors
    /// The file can't be read, its length is not the one that its header says, or a query's
    /// neighbors are not documents, each once, with scores.
    pub fn read(source: Source) -> Result<Self, GroundTruthError> {
        let (path, reader) = source.into_parts();
        let (numbers, depth) = read_numbers(&path, reader)?;
        let fault = |fault| GroundTruthError::Fault { path, fault };
        let (ids, scores) = numbers.split_at(numbers.len() / 2);
        let rows = ids.chunks_exact(depth).zip(scores.chunks_exact(depth)).enumerate();
        let neighbors = rows.map(|(query, (ids, scores))| row(query, ids, scores));
        let neighbors = neighbors.collect::<Result<_, _>>().map_err(fault)?;
        Ok(Self { depth, neighbors })
    }

    /// Number of queries.
    pub fn queries(&self) -> usize {
        self.neighbors.len()
    }

    /// Neighbors a query; a query may have fewer where fewer documents exist.
    pub fn depth(&self) -> usize {
        self.depth
    }

    /// The neighbors of each query, in the order of the query file; best first.
    pub fn neighbors(&self) -> impl Iterator<Item = &[Neighbor]> {
        self.neighbors.iter().map(Vec::as_slice)
    }
}

type Word = [u8; 4];

/// The words behind the header, and the number of neighbors a query.
fn read_numbers(
    path: &Path,
    mut reader: Box<dyn BufRead + Send>,
) -> Result<(Vec<Word>, usize), GroundTruthError> {
    let io = |error| GroundTruthError::File(spork_files::Error::io(path, error));
    let fault = |fault| GroundTruthError::Fault { path: path.to_owned(), fault };
    let mut header = Vec::new();
    (&mut reader).take(8).read_to_end(&mut header).map_err(io)?;
    let (&[queries, neighbors], []) = header.as_chunks::<4>() else {
        return Err(fault(GroundTruthFault::NoHeader(header.len())));
    };
    let (queries, neighbors) = (u32::from_le_bytes(queries), u32::from_le_bytes(neighbors));
    if queries == 0 || neighbors == 0 {
        return Err(fault(GroundTruthFault::Empty { queries, neighbors }));
    }
    // Eight bytes a neighbor can pass 64 bits; no file is that long.
    let expected = (u64::from(queries) * u64::from(neighbors)).saturating_mul(8);
    let mut bytes = Vec::new();
    reader.take(expected.saturating_add(1)).read_to_end(&mut bytes).map_err(io)?;
    let expected = expected.saturating_add(8);
    let got = bytes.len() as u64 + 8;
    if got != expected {
        let got = if got > expected { format!("more than {expected}") } else { got.to_string() };
        return Err(fault(GroundTruthFault::Length { queries, neighbors, expected, got }));
    }
    Ok((bytes.as_chunks::<4>().0.to_vec(), neighbors as usize))
}

fn row(query: usize, ids: &[Word], scores: &[Word]) -> Result<Vec<Neighbor>, GroundTruthFault> {
    let ids: Vec<i32> = ids.iter().map(|&id| i32::from_le_bytes(id)).collect();
    let there = ids.iter().rposition(|&id| id != -1).map_or(0, |last| last + 1);
    let mut neighbors = Vec::with_capacity(there);
    for (rank, (&id, &score)) in ids[..there].iter().zip(scores).enumerate() {
        let document =
            u32::try_from(id).map_err(|_| GroundTruthFault::Id { query, rank: rank + 1, id })?;
        let score = f32::from_le_bytes(score);
        if score.is_nan() {
            return Err(GroundTruthFault::Score { query, id: document });
        }
        neighbors.push(Neighbor { document, score });
    }
    let mut documents: Vec<u32> = neighbors.iter().map(|neighbor| neighbor.document).collect();
    documents.sort_unstable();
    match documents.windows(2).find(|pair| pair[0] == pair[1]) {
        Some(pair) => Err(GroundTruthFault::Repeated { query, id: pair[0] }),
        None => Ok(neighbors),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use proptest::prelude::*;

    use super::*;

    fn read(bytes: Vec<u8>) -> Result<GroundTruth, String> {
        Source::from_reader(Path::new("gt"), Cursor::new(bytes))
            .map_err(GroundTruthError::from)
            .and_then(GroundTruth::read)
            .map_err(|error| error.to_string())
    }

    fn file(queries: u32, neighbors: u32, ids: &[i32], scores: &[f32]) -> Vec<u8> {
        let header = [queries, neighbors].map(u32::to_le_bytes);
        let ids = ids.iter().map(|id| id.to_le_bytes());
        let scores = scores.iter().map(|score| score.to_le_bytes());
        header.into_iter().chain(ids).chain(scores).flatten().collect()
    }

    #[test]
    fn queries_have_their_neighbors() {
        let truth = read(file(2, 2, &[7, 0, 5, -1], &[3.5, 2.0, 1.0, 0.0])).unwrap();
        assert_eq!((truth.queries(), truth.depth()), (2, 2));
        let rows: Vec<Vec<(u32, f32)>> = truth
            .neighbors()
            .map(|row| row.iter().map(|near| (near.document, near.score)).collect())
            .collect();
        assert_eq!(rows, [vec![(7, 3.5), (0, 2.0)], vec![(5, 1.0)]]);
    }

    #[test]
    fn every_fault_is_named() {
        let good = file(1, 2, &[7, 0], &[3.5, 2.0]);
        for (bytes, says) in [
            (b"qid".to_vec(), "gt: 3 bytes, expected BigANN's ground truth"),
            (good[..23].to_vec(), "1 queries of 2 neighbors take 24 bytes, got 23"),
            ([&good[..], b"x"].concat(), "take 24 bytes, got more than 24"),
            (b"q1 0 d1 1\n".to_vec(), "copy the file again if it should be one"),
            (file(0, 10, &[], &[]), "0 queries of 10 neighbors; expected one at least"),
            (file(1, 2, &[-1, 0], &[1.0, 1.0]), "query 0 (from 0): the id -1 at rank 1"),
            (file(1, 2, &[3, -7], &[1.0, 1.0]), "the id -7 at rank 2 is below zero"),
            (file(1, 2, &[3, 3], &[1.0, 1.0]), "document 3 is there twice"),
            (file(1, 1, &[3], &[f32::NAN]), "the score of document 3 is not a number"),
            (file(u32::MAX, u32::MAX, &[3], &[1.0]), "neighbors take 18446744073709551615 bytes"),
        ] {
            let error = read(bytes).unwrap_err();
            assert!(error.contains(says), "{says}: {error}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..60), k in 0u32..4) {
            let _ = read(bytes.clone());
            let _ = read([&file(2, k, &[], &[])[..], &bytes].concat());
        }
    }
}
