//! Ranges of values, of numbers and of codes.

use std::ops::Bound;

use super::numbers::number_of;
use super::value::Value;

/// Values between two bounds.
#[derive(Clone, Debug, PartialEq)]
pub struct ValueRange {
    /// The lower bound.
    pub from: Bound<Value>,
    /// The upper bound.
    pub to: Bound<Value>,
}

impl ValueRange {
    /// The range of one value.
    pub fn of(value: Value) -> Self {
        Self { from: Bound::Included(value.clone()), to: Bound::Included(value) }
    }

    /// The values that bound it.
    pub(super) fn bounds(&self) -> impl Iterator<Item = &Value> {
        [&self.from, &self.to].into_iter().filter_map(|bound| match bound {
            Bound::Included(value) | Bound::Excluded(value) => Some(value),
            Bound::Unbounded => None,
        })
    }

    /// The numbers of its values, first and last; none if it is empty or its values have none.
    pub(super) fn numbers(&self) -> Option<(i128, i128)> {
        let first = match &self.from {
            Bound::Included(value) => number_of(value)?,
            Bound::Excluded(value) => number_of(value)?.checked_add(1)?,
            Bound::Unbounded => i128::MIN,
        };
        let last = match &self.to {
            Bound::Included(value) => number_of(value)?,
            Bound::Excluded(value) => number_of(value)?.checked_sub(1)?,
            Bound::Unbounded => i128::MAX,
        };
        (first <= last).then_some((first, last))
    }
}

/// Codes from the first to the last, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct CodeRange {
    pub(super) first: u128,
    pub(super) last: u128,
}

/// The same codes as ranges that ascend and neither overlap nor touch.
pub(super) fn merged(mut ranges: Vec<CodeRange>) -> Vec<CodeRange> {
    ranges.sort_unstable();
    let mut merged: Vec<CodeRange> = Vec::with_capacity(ranges.len());
    for range in ranges {
        match merged.last_mut() {
            Some(before) if range.first <= before.last.saturating_add(1) => {
                before.last = before.last.max(range.last);
            }
            _ => merged.push(range),
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_merged() {
        let range = |(first, last)| CodeRange { first, last };
        let of = |list: &[(u128, u128)]| list.iter().copied().map(range).collect::<Vec<_>>();
        let given = of(&[(7, 9), (1, 2), (3, 3), (8, 20), (30, u128::MAX), (40, 50)]);
        assert_eq!(merged(given), of(&[(1, 3), (7, 20), (30, u128::MAX)]));
    }

    #[test]
    fn bounds_become_first_and_last() {
        use Bound::{Excluded, Included, Unbounded};
        let numbers = |from, to| ValueRange { from, to }.numbers();
        let of = Value::Integer;
        assert_eq!(numbers(Included(of(3)), Excluded(of(5))), Some((3, 4)));
        assert_eq!(numbers(Excluded(of(i64::MAX)), Unbounded), Some((1 << 63, i128::MAX)));
        assert_eq!(numbers(Unbounded, Included(of(5))), Some((i128::MIN, 5)));
        assert_eq!(numbers(Excluded(of(3)), Excluded(of(4))), None);
        assert_eq!(numbers(Included(of(4)), Included(of(3))), None);
    }
}
