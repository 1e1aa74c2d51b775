//! Grades as files write them.

use crate::error::RecordError;

/// A grade: an integer, or a number with nothing after its point.
pub(super) fn parse(text: &str) -> Result<i32, RecordError> {
    let whole = || text.parse().ok().and_then(whole);
    text.parse().ok().or_else(whole).ok_or_else(|| RecordError::Grade(text.to_owned()))
}

/// A number as a grade, if it is an integer of 32 bits.
fn whole(number: f64) -> Option<i32> {
    let range = f64::from(i32::MIN)..=f64::from(i32::MAX);
    (number.fract() == 0.0 && range.contains(&number)).then_some(number as i32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_are_grades() {
        for (text, grade) in [
            ("1", Some(1)),
            ("-2", Some(-2)),
            ("1.0", Some(1)),
            ("3.", Some(3)),
            ("-0.0", Some(0)),
            ("2147483647", Some(i32::MAX)),
            ("2147483648", None),
            ("0.5", None),
            ("1.0000000000000002", None),
            ("nan", None),
            ("inf", None),
            ("one", None),
            ("", None),
        ] {
            assert_eq!(parse(text).ok(), grade, "{text}");
        }
    }
}
