//! Sparse vectors and what may stand in them.

use crate::TermId;

/// Why a number can't be the weight of a term.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum WeightError {
    /// The number is not a number.
    #[error("is NaN")]
    NotANumber,
    /// The number is infinite, or too large for a 32-bit float.
    #[error("is infinite")]
    Infinite,
    /// Retrieval with an inverted index needs weights that only add.
    #[error("is negative ({0})")]
    Negative(f32),
}

/// Accepts finite weights of zero and above.
///
/// # Errors
/// Says what is wrong with any other number.
pub fn check_weight(weight: f32) -> Result<(), WeightError> {
    if weight.is_nan() {
        Err(WeightError::NotANumber)
    } else if weight < 0.0 {
        Err(WeightError::Negative(weight))
    } else if weight.is_infinite() {
        Err(WeightError::Infinite)
    } else {
        Ok(())
    }
}

/// Term weights over one vocabulary: ascending by term id, each term once, every weight finite and above zero.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SparseVector {
    entries: Vec<(TermId, f32)>,
}

impl SparseVector {
    /// Sorts `entries` and drops zero weights. The weights of a term that stands there several times are added.
    ///
    /// # Errors
    /// The first weight that is NaN, infinite or negative, with its term.
    pub fn new(mut entries: Vec<(TermId, f32)>) -> Result<Self, (TermId, WeightError)> {
        for &(term, weight) in &entries {
            check_weight(weight).map_err(|error| (term, error))?;
        }
        entries.sort_by_key(|&(term, _)| term);
        entries.dedup_by(|later, kept| {
            let same = later.0 == kept.0;
            if same {
                kept.1 += later.1;
            }
            same
        });
        entries.retain(|&(_, weight)| weight > 0.0);
        if let Some(&(term, _)) = entries.iter().find(|(_, weight)| weight.is_infinite()) {
            return Err((term, WeightError::Infinite));
        }
        Ok(Self { entries })
    }

    /// The entries, ascending by term.
    pub fn entries(&self) -> &[(TermId, f32)] {
        &self.entries
    }

    /// Number of non-zero terms.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether no term has weight.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Keeps the `n` heaviest terms; of equal weights, the smaller term ids.
    pub fn keep_top(&mut self, n: usize) {
        if self.entries.len() > n {
            self.entries.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
            self.entries.truncate(n);
            self.entries.sort_by_key(|&(term, _)| term);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sorts_adds_and_drops_zeros() {
        let v =
            SparseVector::new(vec![(TermId(5), 1.0), (TermId(2), 0.0), (TermId(5), 0.5), (TermId(1), 2.0)])
                .unwrap();
        assert_eq!(v.entries(), [(TermId(1), 2.0), (TermId(5), 1.5)]);
    }

    #[test]
    fn refuses_what_is_no_weight() {
        for (bad, error) in [
            (f32::NAN, WeightError::NotANumber),
            (f32::INFINITY, WeightError::Infinite),
            (f32::NEG_INFINITY, WeightError::Negative(f32::NEG_INFINITY)),
            (-1.0, WeightError::Negative(-1.0)),
        ] {
            let got = SparseVector::new(vec![(TermId(3), 1.0), (TermId(9), bad)]);
            let (term, got) = got.unwrap_err();
            assert_eq!(term, TermId(9));
            assert_eq!(got.to_string(), error.to_string());
        }
        let sum = SparseVector::new(vec![(TermId(3), f32::MAX), (TermId(3), f32::MAX)]);
        assert_eq!(sum.unwrap_err().1, WeightError::Infinite);
    }

    #[test]
    fn keep_top_breaks_ties_by_term() {
        let mut v = SparseVector::new(vec![(TermId(1), 1.0), (TermId(2), 3.0), (TermId(3), 1.0)]).unwrap();
        v.keep_top(2);
        assert_eq!(v.entries(), [(TermId(1), 1.0), (TermId(2), 3.0)]);
        v.keep_top(0);
        assert!(v.is_empty());
    }
}
