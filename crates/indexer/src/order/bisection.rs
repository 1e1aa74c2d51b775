//! Recursive graph bisection (Dhulipala et al., KDD 2016, with the pairwise swaps of their section
//! 3): a range of docids is halved, documents are exchanged between the halves while that makes the
//! gaps of posting lists cheaper to write, and then each half is treated the same way.
//!
//! Halves are powers of two where the number of documents allows it, so that what has come together
//! also lies in one aligned block. Every sum is taken in an order that does not depend on the
//! threads, so the result doesn't either.

use std::sync::{LazyLock, Mutex};

use rayon::prelude::*;
use spork_core::Stopped;

use super::lists::TermLists;
use crate::progress::Progress;

/// Ranges this short stay as they are.
const LEAF: usize = 16;

/// Exchanges between two halves at most.
const ROUNDS: usize = 20;

/// A round that exchanges less than this share of the documents is the last.
const LEAST_SHARE: f64 = 1e-3;

/// From this many documents on, the work on one range is spread over threads.
const SPREAD: usize = 1 << 14;

/// The order: the document at each docid.
pub(crate) fn order(lists: &TermLists, progress: &dyn Progress) -> Result<Vec<u32>, Stopped> {
    let mut documents: Vec<u32> = (0..lists.documents() as u32).collect();
    Bisection { lists, progress, scratches: Mutex::default() }.split(&mut documents)?;
    Ok(documents)
}

struct Bisection<'a> {
    lists: &'a TermLists,
    progress: &'a dyn Progress,
    /// Scratch that no thread uses at the moment.
    scratches: Mutex<Vec<Scratch>>,
}

/// Degrees and gains of one term in the current range of documents.
#[derive(Clone, Copy, Default)]
struct Term {
    /// Documents of each half that have it.
    degrees: [u32; 2],
    /// The gain if one document that has it leaves the half.
    gains: [f32; 2],
}

/// A table of all terms, with a note of those in use.
struct Scratch {
    terms: Vec<Term>,
    used: Vec<u32>,
}

impl Bisection<'_> {
    fn split(&self, documents: &mut [u32]) -> Result<(), Stopped> {
        if documents.len() <= LEAF {
            documents.sort_unstable();
            return self.progress.advance(documents.len() as u64);
        }
        let middle = documents.len().next_power_of_two() / 2;
        self.exchange(documents, middle)?;
        let (left, right) = documents.split_at_mut(middle);
        let (left, right) = rayon::join(|| self.split(left), || self.split(right));
        left.and(right)
    }

    /// Exchanges documents between the halves until it no longer pays.
    fn exchange(&self, documents: &mut [u32], middle: usize) -> Result<(), Stopped> {
        let mut scratch = self.scratch();
        let sizes = [middle, documents.len() - middle];
        for (half, range) in [(0, 0..middle), (1, middle..documents.len())] {
            self.count(&mut scratch, half, &documents[range]);
        }
        for _ in 0..ROUNDS {
            self.progress.advance(0)?;
            scratch.weigh(sizes);
            let exchanged = self.round(&mut scratch, documents, middle);
            if (exchanged as f64) < LEAST_SHARE * documents.len() as f64 || exchanged == 0 {
                break;
            }
        }
        scratch.clear();
        if let Ok(mut scratches) = self.scratches.lock() {
            scratches.push(scratch);
        }
        Ok(())
    }

    fn scratch(&self) -> Scratch {
        let spare = self.scratches.lock().ok().and_then(|mut scratches| scratches.pop());
        spare.unwrap_or_else(|| Scratch {
            terms: vec![Term::default(); self.lists.vocabulary()],
            used: Vec::new(),
        })
    }

    /// Counts the terms of a half.
    fn count(&self, scratch: &mut Scratch, half: usize, documents: &[u32]) {
        for &document in documents {
            for &term in self.lists.of(document) {
                let entry = &mut scratch.terms[term as usize];
                if entry.degrees == [0, 0] {
                    scratch.used.push(term);
                }
                entry.degrees[half] += 1;
            }
        }
    }

    /// Exchanges the pairs that gain, best with best; returns how many.
    fn round(&self, scratch: &mut Scratch, documents: &mut [u32], middle: usize) -> usize {
        let gains = self.gains(scratch, documents, middle);
        let (mut left, mut right) = (gains[..middle].to_vec(), gains[middle..].to_vec());
        sort_by_gain(&mut left);
        sort_by_gain(&mut right);
        let exchanged = left.iter().zip(&right).take_while(|(a, b)| a.0 + b.0 > 0.0).count();
        for i in 0..exchanged {
            scratch.move_document(self.lists.of(left[i].1), 0);
            scratch.move_document(self.lists.of(right[i].1), 1);
            std::mem::swap(&mut left[i], &mut right[i]);
        }
        for (place, (_, document)) in documents.iter_mut().zip(left.iter().chain(&right)) {
            *place = *document;
        }
        exchanged
    }

    /// The gain of moving each document to the other half.
    fn gains(&self, scratch: &Scratch, documents: &[u32], middle: usize) -> Vec<(f32, u32)> {
        let gain = |(place, &document): (usize, &u32)| {
            let half = usize::from(place >= middle);
            let terms = self.lists.of(document);
            (terms.iter().map(|&term| scratch.terms[term as usize].gains[half]).sum(), document)
        };
        if documents.len() < SPREAD {
            documents.iter().enumerate().map(gain).collect()
        } else {
            documents.par_iter().enumerate().map(gain).collect()
        }
    }
}

impl Scratch {
    /// Works out the gains of the terms in use, from the sizes of the halves.
    fn weigh(&mut self, sizes: [usize; 2]) {
        let sizes = sizes.map(|size| log2(size as u32) as f32);
        for &term in &self.used {
            let entry = &mut self.terms[term as usize];
            let [left, right] = entry.degrees;
            let here = cost(left, sizes[0]) + cost(right, sizes[1]);
            entry.gains = [
                if left > 0 {
                    here - cost(left - 1, sizes[0]) - cost(right + 1, sizes[1])
                } else {
                    0.0
                },
                if right > 0 {
                    here - cost(left + 1, sizes[0]) - cost(right - 1, sizes[1])
                } else {
                    0.0
                },
            ];
        }
    }

    fn move_document(&mut self, terms: &[u32], from: usize) {
        for &term in terms {
            let degrees = &mut self.terms[term as usize].degrees;
            degrees[from] -= 1;
            degrees[1 - from] += 1;
        }
    }

    fn clear(&mut self) {
        for term in self.used.drain(..) {
            self.terms[term as usize] = Term::default();
        }
    }
}

/// Bits of the gaps of a list with `degree` postings in a half of 2^`log_size` documents: each
/// takes log₂(size / (degree + 1)).
fn cost(degree: u32, log_size: f32) -> f32 {
    degree as f32 * log_size - SAVED.get(degree as usize).copied().unwrap_or_else(|| saved(degree))
}

/// [`saved`] of small degrees, which are almost all.
static SAVED: LazyLock<Vec<f32>> = LazyLock::new(|| (0..4096).map(saved).collect());

fn saved(degree: u32) -> f32 {
    (f64::from(degree) * log2(degree.saturating_add(1))) as f32
}

/// log₂ by arithmetic that is the same on every machine, which the standard library's is not: the
/// index must be, too. 0 for 0.
fn log2(number: u32) -> f64 {
    let exponent = number.max(1).ilog2();
    let mantissa = f64::from(number.max(1)) / f64::from(1u32 << exponent);
    // ln m = 2·artanh z, z = (m − 1)/(m + 1) ≤ 1/3.
    let z = (mantissa - 1.0) / (mantissa + 1.0);
    let series = (0..18).rev().fold(0.0, |sum, k| sum * z * z + 1.0 / f64::from(2 * k + 1));
    f64::from(exponent) + 2.0 * z * series * std::f64::consts::LOG2_E
}

fn sort_by_gain(documents: &mut [(f32, u32)]) {
    let descending = |a: &(f32, u32), b: &(f32, u32)| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1));
    if documents.len() < SPREAD {
        documents.sort_unstable_by(descending);
    } else {
        documents.par_sort_unstable_by(descending);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Silent;
    use proptest::prelude::*;

    /// Bits of all gaps, as an encoder of Elias gamma codes would count them.
    fn bits(documents: &[Vec<u32>], order: &[u32], vocabulary: usize) -> f64 {
        let mut last = vec![-1i64; vocabulary];
        let mut bits = 0.0;
        for (docid, &document) in order.iter().enumerate() {
            for &term in &documents[document as usize] {
                bits += ((docid as i64 - last[term as usize]) as f64).log2();
                last[term as usize] = docid as i64;
            }
        }
        bits
    }

    /// Documents of `topics` topics, dealt out like cards; each has its topic's terms and some of
    /// everybody's.
    fn topical(documents: u32, topics: u32) -> Vec<Vec<u32>> {
        let document = |i: u32| {
            let topic = i % topics;
            let own = (0..10).map(|j| topic * 20 + (i * 7 + j * 3) % 20);
            let common = (0..3).map(|j| topics * 20 + (i * 31 + j * 17) % 50);
            let mut terms: Vec<u32> = own.chain(common).collect();
            terms.sort_unstable();
            terms.dedup();
            terms
        };
        (0..documents).map(document).collect()
    }

    #[test]
    fn topics_come_together() {
        let (documents, vocabulary) = (topical(3000, 12), 12 * 20 + 50);
        let order = order(&TermLists::from_documents(&documents, vocabulary), &Silent).unwrap();
        let input: Vec<u32> = (0..3000).collect();
        let ratio = bits(&documents, &order, vocabulary) / bits(&documents, &input, vocabulary);
        assert!(ratio < 0.5, "{ratio}");
    }

    #[test]
    fn logarithms() {
        for number in [1, 2, 3, 7, 1000, 4095, 4096, 123_456_789, u32::MAX] {
            assert!((log2(number) - f64::from(number).log2()).abs() < 1e-12, "{number}");
        }
    }

    #[test]
    fn threads_change_nothing() {
        let documents = topical(40_000, 30);
        let lists = TermLists::from_documents(&documents, 30 * 20 + 50);
        let orders: Vec<Vec<u32>> = [1, 4]
            .into_iter()
            .map(|threads| {
                let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
                pool.install(|| order(&lists, &Silent).unwrap())
            })
            .collect();
        assert!(orders[0] == orders[1]);
    }

    proptest! {
        #[test]
        fn every_document_has_one_place(
            documents in prop::collection::vec(prop::collection::btree_set(0u32..20, 0..8), 0..80)
        ) {
            let documents: Vec<Vec<u32>> = documents.into_iter().map(|terms| terms.into_iter().collect()).collect();
            let mut order = order(&TermLists::from_documents(&documents, 20), &Silent).unwrap();
            order.sort_unstable();
            prop_assert_eq!(order, (0..documents.len() as u32).collect::<Vec<_>>());
        }
    }
}
