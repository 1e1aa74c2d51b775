//! Which terms of a query are left out, whatever the index: shards then search for the same.

use spork_core::mass_threshold;

/// Which terms of a query stay; all by default. What is left is searched exactly, but an answer to
/// it need not be one to the whole query.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct QueryPruning {
    /// The heaviest terms that hold this share of the sum of weights, above 0 to 1; terms as heavy
    /// as the lightest of them stay too: see [`mass_threshold`].
    pub mass: f64,
    /// The heaviest terms, so many at most; of equal ones those that come first in the query (query
    /// cut in Seismic, Bruch et al., SIGIR 2024).
    pub terms: usize,
}

impl Default for QueryPruning {
    fn default() -> Self {
        Self { mass: 1.0, terms: usize::MAX }
    }
}

impl QueryPruning {
    /// Whether every term stays.
    pub fn keeps_all(self) -> bool {
        self == Self::default()
    }

    /// The places of the terms that stay, ascending. Weights are finite and not negative; those of
    /// zero stay if all do.
    pub(crate) fn kept(self, weights: &[f32]) -> Vec<usize> {
        let threshold = mass_threshold(&mut weights.to_vec(), self.mass);
        let mut kept: Vec<usize> =
            (0..weights.len()).filter(|&place| weights[place] >= threshold).collect();
        if kept.len() > self.terms {
            kept.sort_by(|&a, &b| weights[b].total_cmp(&weights[a]));
            kept.truncate(self.terms);
            kept.sort_unstable();
        }
        kept
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heaviest_terms_stay() {
        let weights = [1.0, 4.0, 2.0, 2.0, 3.0];
        let kept = |mass, terms| QueryPruning { mass, terms }.kept(&weights);
        assert_eq!(kept(1.0, usize::MAX), [0, 1, 2, 3, 4]);
        assert_eq!(kept(1.0, 3), [1, 2, 4], "the first of two equal terms");
        assert_eq!(kept(0.6, usize::MAX), [1, 2, 3, 4], "4 of 12 a term, then 3, then both of 2");
        assert_eq!(kept(0.58, 5), [1, 4]);
        assert_eq!(kept(0.6, 1), [1]);
        assert!(QueryPruning::default().keeps_all());
    }
}
