//! The yardstick: plain term-at-a-time scoring over uncompressed postings, with accumulators for
//! the whole collection.
//!
//! `yardstick FOLDER K REPETITIONS` takes the files of `flat` and prints JSON: bytes of the
//! postings (a docid of 4 bytes and an impact of 1), seconds to invert, and the microseconds and
//! the (docid, score) pairs of each query, times of every pass after one that warms up. It is the
//! code that a careful reader would write in an afternoon; an engine should have a reason to be
//! slower.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::path::Path;
use std::time::Instant;

use anyhow::{Context, Result, bail};

fn main() -> Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [folder, k, repetitions] = args.as_slice() else {
        bail!("usage: yardstick FOLDER K REPETITIONS");
    };
    let (k, repetitions) =
        (k.parse().context("K")?, repetitions.parse::<usize>().context("REPETITIONS")?);
    let start = Instant::now();
    let lists = Lists::read(Path::new(folder))?;
    let seconds = start.elapsed().as_secs_f64();
    let queries = read_queries(Path::new(folder))?;
    let mut scores = vec![0; lists.documents];
    let mut answer_all = || -> (Vec<f64>, Vec<Vec<(u32, u32)>>) {
        let timed = |query: &Vec<(usize, u32)>| {
            let start = Instant::now();
            let best = lists.search(query, k, &mut scores);
            (start.elapsed().as_nanos() as f64 / 1e3, best)
        };
        queries.iter().map(timed).unzip()
    };
    let (_, answers) = answer_all();
    let times: Vec<Vec<f64>> = (0..repetitions).map(|_| answer_all().0).collect();
    let result = serde_json::json!({
        "bytes": lists.docids.len() * 5, "build_s": seconds, "us": times, "answers": answers,
    });
    println!("{result}");
    Ok(())
}

/// All posting lists, end to end.
struct Lists {
    documents: usize,
    /// Where each term's list starts, and the end of the last.
    starts: Vec<usize>,
    docids: Vec<u32>,
    impacts: Vec<u8>,
}

impl Lists {
    /// Inverts the rows of documents.
    fn read(folder: &Path) -> Result<Self> {
        let offsets = words::<8>(&folder.join("offsets.u64"))?
            .into_iter()
            .map(u64::from_le_bytes)
            .collect::<Vec<_>>();
        let terms = words::<4>(&folder.join("terms.u32"))?
            .into_iter()
            .map(u32::from_le_bytes)
            .collect::<Vec<_>>();
        let weights = words::<1>(&folder.join("impacts.u8"))?.concat();
        let vocabulary = terms.iter().max().map_or(0, |&term| term as usize + 1);
        let mut starts = vec![0; vocabulary + 1];
        terms.iter().for_each(|&term| starts[term as usize + 1] += 1);
        (0..vocabulary).for_each(|term| starts[term + 1] += starts[term]);
        let mut next = starts.clone();
        let (mut docids, mut impacts) = (vec![0; terms.len()], vec![0; terms.len()]);
        for (docid, row) in offsets.windows(2).enumerate() {
            for place in row[0] as usize..row[1] as usize {
                let next = &mut next[terms[place] as usize];
                (docids[*next], impacts[*next]) = (docid as u32, weights[place]);
                *next += 1;
            }
        }
        Ok(Self { documents: offsets.len() - 1, starts, docids, impacts })
    }

    /// The best k (docid, score), score descending, docid ascending among equals.
    fn search(&self, query: &[(usize, u32)], k: usize, scores: &mut [u32]) -> Vec<(u32, u32)> {
        scores.fill(0);
        for &(term, weight) in query {
            let list = self.starts[term]..self.starts[term + 1];
            for (&docid, &impact) in self.docids[list.clone()].iter().zip(&self.impacts[list]) {
                scores[docid as usize] += weight * u32::from(impact);
            }
        }
        let mut best = BinaryHeap::with_capacity(k + 1);
        let mut least = 0;
        for (docid, &score) in scores.iter().enumerate() {
            if score > least {
                best.push(Reverse((score, Reverse(docid as u32))));
                if best.len() > k {
                    best.pop();
                    least = best.peek().map_or(0, |Reverse((score, _))| *score);
                }
            }
        }
        best.into_sorted_vec()
            .into_iter()
            .map(|Reverse((score, Reverse(docid)))| (docid, score))
            .collect()
    }
}

/// Terms and weights of each query.
fn read_queries(folder: &Path) -> Result<Vec<Vec<(usize, u32)>>> {
    let offsets = words::<8>(&folder.join("query-offsets.u64"))?
        .into_iter()
        .map(u64::from_le_bytes)
        .collect::<Vec<_>>();
    let terms = words::<4>(&folder.join("query-terms.u32"))?
        .into_iter()
        .map(|word| u32::from_le_bytes(word) as usize);
    let weights =
        words::<4>(&folder.join("query-weights.u32"))?.into_iter().map(u32::from_le_bytes);
    let entries: Vec<(usize, u32)> = terms.zip(weights).collect();
    Ok(offsets.windows(2).map(|row| entries[row[0] as usize..row[1] as usize].to_vec()).collect())
}

/// A file's words of N bytes.
fn words<const N: usize>(path: &Path) -> Result<Vec<[u8; N]>> {
    let bytes = std::fs::read(path).with_context(|| path.display().to_string())?;
    let (words, rest) = bytes.as_chunks::<N>();
    if !rest.is_empty() {
        bail!("{}: {} bytes, which is no multiple of {N}", path.display(), bytes.len());
    }
    Ok(words.to_vec())
}
