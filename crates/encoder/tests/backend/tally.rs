//! Vectors beside those of a reference: how many weights were compared, and how far they are off.

use std::collections::{BTreeMap, BTreeSet};

/// Terms from here on must be the same on both sides.
const TERM_LIMIT: f32 = 1e-3;

/// Whether two weights count as equal.
pub(crate) fn close(a: f32, b: f32) -> bool {
    of_tolerance(a, b) <= 1.0
}

/// The difference of two weights as a share of what is allowed: 1e-5 + 1e-4·|b|.
fn of_tolerance(a: f32, b: f32) -> f32 {
    (a - b).abs() / (1e-5 + 1e-4 * b.abs())
}

/// The result of comparing many vectors with their reference.
#[derive(Default, Debug)]
pub(crate) struct Tally {
    pub(crate) vectors: usize,
    pub(crate) weights: usize,
    /// Over weights above 1e-3.
    largest_relative: f32,
    /// The largest [`of_tolerance`].
    largest_share: f32,
    beyond_tolerance: usize,
    /// Terms above 1e-3 on one side only.
    terms_differing: usize,
    /// Those of them that are not within 1e-5 of that limit.
    terms_wrong: usize,
}

impl Tally {
    /// Compares one vector with the reference's.
    pub(crate) fn compare(&mut self, got: &BTreeMap<u32, f32>, reference: &BTreeMap<u32, f32>) {
        self.vectors += 1;
        let terms: BTreeSet<u32> = got.keys().chain(reference.keys()).copied().collect();
        for term in terms {
            let weight = |side: &BTreeMap<u32, f32>| side.get(&term).copied().unwrap_or(0.0);
            let (a, b) = (weight(got), weight(reference));
            self.weights += 1;
            self.largest_share = self.largest_share.max(of_tolerance(a, b));
            if b > TERM_LIMIT {
                self.largest_relative = self.largest_relative.max((a - b).abs() / b);
            }
            self.beyond_tolerance += usize::from(!close(a, b));
            if (a > TERM_LIMIT) != (b > TERM_LIMIT) {
                self.terms_differing += 1;
                let near = |weight: f32| (weight - TERM_LIMIT).abs() <= 1e-5;
                self.terms_wrong += usize::from(!near(a) || !near(b));
            }
        }
    }

    fn row(&self, name: &str) -> String {
        format!(
            "{name:<22} {:>5} {:>8} {:>12.1e} {:>14.3} {:>10} {:>15}",
            self.vectors,
            self.weights,
            self.largest_relative,
            self.largest_share,
            self.beyond_tolerance,
            self.terms_differing
        )
    }

    fn assert_equal(&self, name: &str) {
        assert!(self.weights > 0, "{name}: nothing compared");
        assert_eq!((self.beyond_tolerance, self.terms_wrong), (0, 0), "{name}: {self:?}");
    }
}

/// Prints the table of `tallies`, called WHAT, and panics where one is beyond the tolerance.
pub(crate) fn print_and_assert(what: &str, tallies: &[(String, Tally)]) {
    println!(
        "{what:<22} {:>5} {:>8} {:>12} {:>14} {:>10} {:>15}",
        "cases", "weights", "max rel diff", "max/tolerance", "beyond tol", "terms differing"
    );
    tallies.iter().for_each(|(name, tally)| println!("{}", tally.row(name)));
    tallies.iter().for_each(|(name, tally)| tally.assert_equal(name));
}
