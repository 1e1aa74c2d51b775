//! What earlier queries tell of the next: whether bounds leave enough of the collection out to pay for themselves.
//!
//! How much bounds leave out depends on the collection, the order of its documents and k far more than on the query, and is known
//! only once they have been added up, which is a fifth of a query's work. So a query that goes by bounds is remembered, and
//! where bounds leave too little out, most of the next queries do without.

/// Where a larger share of all blocks may hold one of the best, going through all of them is faster.
pub(crate) const MOST_OPEN: f64 = 0.5;

/// Queries that try bounds whatever comes of it.
const TRIALS: u32 = 4;
/// Of so many queries in a row that do without bounds, the last tries them again.
const RETRY: u32 = 32;
/// Queries that the mean follows.
const MEMORY: f64 = 16.0;

/// The shares of blocks that bounds left open.
#[derive(Debug, Default)]
pub(crate) struct Experience {
    /// Of which depth and collection this is.
    about: (usize, u32),
    /// How many queries went by bounds.
    tried: u32,
    /// Mean share over the latest of them.
    open: f64,
    /// Queries without bounds since.
    without: u32,
}

impl Experience {
    /// Whether the next query for `k` of so many documents should go by bounds.
    pub(crate) fn tries_bounds(&mut self, k: usize, documents: u32) -> bool {
        if self.about != (k, documents) {
            *self = Self { about: (k, documents), ..Self::default() };
        }
        if self.tried < TRIALS || self.open <= MOST_OPEN {
            return true;
        }
        self.without += 1;
        self.without.is_multiple_of(RETRY)
    }

    /// Takes in the share of blocks that bounds left open.
    pub(crate) fn learn(&mut self, open: f64) {
        self.tried = self.tried.saturating_add(1);
        self.open += (open - self.open) / f64::from(self.tried).min(MEMORY);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many of `queries` go by bounds where they leave `open` of all blocks.
    fn tried(experience: &mut Experience, k: usize, open: f64, queries: usize) -> usize {
        let mut query = || {
            let tries = experience.tries_bounds(k, 1000);
            if tries {
                experience.learn(open);
            }
            tries
        };
        (0..queries).filter(|_| query()).count()
    }

    #[test]
    fn bounds_that_do_not_pay_are_tried_seldom() {
        let mut experience = Experience::default();
        assert_eq!(tried(&mut experience, 10, 0.1, 100), 100);
        assert_eq!(tried(&mut experience, 100, 0.9, 100), 4 + 96 / 32);
        // Another depth is another matter.
        assert_eq!(tried(&mut experience, 10, 0.1, 100), 100);
    }

    #[test]
    fn what_changes_is_noticed() {
        let mut experience = Experience::default();
        tried(&mut experience, 10, 0.9, 20);
        let later = tried(&mut experience, 10, 0.1, 2000);
        assert!(later > 1000, "{later} of 2000");
    }
}
