//! Sparse vectors, and which numbers can be weights.

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

/// Weights of terms: ascending by term, each term once, every weight finite and above zero.
///
/// Terms are numbers of one vocabulary, or whatever else names them: `SparseVector<String>`.
#[derive(Clone, Debug, PartialEq)]
pub struct SparseVector<T = TermId> {
    entries: Vec<(T, f32)>,
}

impl<T> Default for SparseVector<T> {
    fn default() -> Self {
        Self { entries: Vec::new() }
    }
}

impl<T: Ord> SparseVector<T> {
    /// Sorts `entries` and drops zero weights. The weights of a repeated term are added up.
    ///
    /// # Errors
    /// The first weight that is NaN, infinite or negative, with its term.
    pub fn new(mut entries: Vec<(T, f32)>) -> Result<Self, (T, WeightError)> {
        check_weights(&mut entries)?;
        entries.sort_by(|(a, _), (b, _)| a.cmp(b));
        entries.dedup_by(|later, kept| {
            let same = later.0 == kept.0;
            if same {
                kept.1 += later.1;
            }
            same
        });
        entries.retain(|&(_, weight)| weight > 0.0);
        // A sum of finite weights can still be too large.
        check_weights(&mut entries)?;
        Ok(Self { entries })
    }

    /// Takes `entries` that are a vector already, at the cost of one look at each.
    ///
    /// # Errors
    /// Gives them back where terms do not ascend, or a weight is not finite and above zero.
    pub fn from_ascending(entries: Vec<(T, f32)>) -> Result<Self, Vec<(T, f32)>> {
        let ascending = entries.is_sorted_by(|(a, _), (b, _)| a < b);
        let weights = entries.iter().all(|&(_, weight)| weight > 0.0 && weight.is_finite());
        if ascending && weights { Ok(Self { entries }) } else { Err(entries) }
    }

    /// The vector whose weights are the counts of terms.
    pub fn from_counts(counts: impl IntoIterator<Item = (T, u32)>) -> Self {
        let entries = counts.into_iter().map(|(term, count)| (term, count as f32)).collect();
        // Counts are neither negative nor infinite, nor are their sums.
        Self::new(entries).unwrap_or_default()
    }

    /// Keeps the `n` heaviest terms; of equal weights, those of smaller terms.
    pub fn keep_top(&mut self, n: usize) {
        if self.entries.len() > n {
            self.entries.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
            self.entries.truncate(n);
            self.entries.sort_by(|(a, _), (b, _)| a.cmp(b));
        }
    }
}

impl<T> SparseVector<T> {
    /// The entries, ascending by term.
    pub fn entries(&self) -> &[(T, f32)] {
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
}

/// The entries, ascending by term.
impl<T> IntoIterator for SparseVector<T> {
    type Item = (T, f32);
    type IntoIter = std::vec::IntoIter<(T, f32)>;

    fn into_iter(self) -> Self::IntoIter {
        self.entries.into_iter()
    }
}

/// Takes the first entry out whose weight is NaN, infinite or negative.
fn check_weights<T>(entries: &mut Vec<(T, f32)>) -> Result<(), (T, WeightError)> {
    let fault =
        |(place, &(_, weight)): (usize, &(T, f32))| Some((place, check_weight(weight).err()?));
    match entries.iter().enumerate().find_map(fault) {
        Some((place, error)) => Err((entries.swap_remove(place).0, error)),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sorts_adds_and_drops_zeros() {
        let v = SparseVector::new(vec![
            (TermId(5), 1.0),
            (TermId(2), 0.0),
            (TermId(5), 0.5),
            (TermId(1), 2.0),
        ])
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
    fn terms_may_be_words() {
        let counts = SparseVector::from_counts([("b", 2), ("a", 1), ("b", 1), ("c", 0)]);
        assert_eq!(counts.entries(), [("a", 1.0), ("b", 3.0)]);
        let most = SparseVector::from_counts([("a", u32::MAX), ("a", u32::MAX)]);
        assert_eq!(most.into_iter().collect::<Vec<_>>(), [("a", 8_589_934_592.0)]);
    }

    #[test]
    fn ascending_entries_are_taken_as_they_are() {
        let good = vec![("a", 1.0), ("b", 2.0)];
        assert_eq!(SparseVector::from_ascending(good.clone()).unwrap().entries(), good);
        for bad in [
            vec![("b", 1.0), ("a", 1.0)],
            vec![("a", 1.0), ("a", 1.0)],
            vec![("a", 0.0)],
            vec![("a", f32::NAN)],
            vec![("a", f32::INFINITY)],
        ] {
            assert_eq!(SparseVector::from_ascending(bad.clone()).unwrap_err().len(), bad.len());
        }
    }

    #[test]
    fn keep_top_breaks_ties_by_term() {
        let mut v =
            SparseVector::new(vec![(TermId(1), 1.0), (TermId(2), 3.0), (TermId(3), 1.0)]).unwrap();
        v.keep_top(2);
        assert_eq!(v.entries(), [(TermId(1), 1.0), (TermId(2), 3.0)]);
        v.keep_top(0);
        assert!(v.is_empty());
    }
}
