//! Numbers as the report writes them.

use crate::bench::{Fit, IndexRecord};

/// Nanoseconds a posting, and their 95 % interval.
pub(super) fn interval(fit: &Fit) -> String {
    format!("{:.2} ({:.2} to {:.2})", fit.ns_per_posting, fit.ns_low, fit.ns_high)
}

/// Bytes as MB.
pub(super) fn size(bytes: u64) -> String {
    format!("{:.1} MB", bytes as f64 / 1e6)
}

/// Bytes of posting lists and lexicon, a posting; unknown in results of older programs.
pub(super) fn bytes_a_posting(index: &IndexRecord) -> String {
    index.bytes_per_posting.map_or("–".to_owned(), |bytes| format!("{bytes:.2}"))
}

/// 1234567 as 1,234,567.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_in_threes() {
        let expected = [(0, "0"), (999, "999"), (1_000, "1,000"), (1_234_567, "1,234,567")];
        assert!(expected.into_iter().all(|(number, text)| grouped(number) == text));
    }
}
