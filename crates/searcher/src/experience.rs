//! What earlier queries tell of the next: whether bounds leave enough of the collection out to pay for themselves.
//!
//! How much bounds leave out depends on the collection, the order of its documents and k far more than on the query, and shows
//! only once the best are nearly found. So what they left to score is remembered, and where it is too much, most of the next
//! queries go without them. It is counted in postings, not measured in time: the same queries go the same way again.

/// Where bounds leave a larger share of the postings to score, scoring all of them is faster.
const MOST_SCORED: f64 = 0.5;
/// Queries that try bounds whatever comes of it.
const TRIALS: u32 = 4;
/// Of so many queries in a row that do without bounds, the last tries them again.
const RETRY: u32 = 32;
/// Queries that the mean follows.
const MEMORY: f64 = 16.0;

/// The shares of postings that bounds left to score.
#[derive(Debug, Default)]
pub(crate) struct Experience {
    /// Of which depth and number of documents this is.
    about: (usize, u32),
    /// How many queries went by bounds.
    tried: u32,
    /// Mean share over the latest of them.
    scored: f64,
    /// Queries without bounds since.
    without: u32,
}

impl Experience {
    /// Whether the next query for `k` of so many documents should go by bounds.
    pub(crate) fn tries_bounds(&mut self, k: usize, documents: u32) -> bool {
        if self.about != (k, documents) {
            *self = Self { about: (k, documents), ..Self::default() };
        }
        if self.tried < TRIALS || self.scored <= MOST_SCORED {
            return true;
        }
        self.without += 1;
        self.without.is_multiple_of(RETRY)
    }

    /// Takes in how many of a query's postings were scored where it went by bounds.
    pub(crate) fn learn(&mut self, scored: u64, of: u64) {
        let share = scored as f64 / of.max(1) as f64;
        self.tried = self.tried.saturating_add(1);
        self.scored += (share - self.scored) / f64::from(self.tried).min(MEMORY);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many of `queries` go by bounds where they leave `scored` of 100 postings.
    fn tried(experience: &mut Experience, k: usize, scored: u64, queries: usize) -> usize {
        let mut query = || {
            let tries = experience.tries_bounds(k, 1000);
            if tries {
                experience.learn(scored, 100);
            }
            tries
        };
        (0..queries).filter(|_| query()).count()
    }

    #[test]
    fn bounds_that_do_not_pay_are_tried_seldom() {
        let mut experience = Experience::default();
        assert_eq!(tried(&mut experience, 10, 10, 100), 100);
        assert_eq!(tried(&mut experience, 100, 90, 100), 4 + 96 / 32);
        // Another depth is another matter.
        assert_eq!(tried(&mut experience, 10, 10, 100), 100);
    }

    #[test]
    fn what_changes_is_noticed() {
        let mut experience = Experience::default();
        tried(&mut experience, 10, 90, 20);
        let later = tried(&mut experience, 10, 10, 2000);
        assert!(later > 1000, "{later} of 2000");
    }
}
