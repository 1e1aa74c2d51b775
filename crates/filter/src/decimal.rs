//! Numbers in decimal, compared with integers exactly.

/// A number's place among the integers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Among {
    /// The greatest integer that is not above it; beyond 2¹⁰⁰ some such number of its sign.
    pub(crate) floor: i128,
    /// Whether the two are equal.
    pub(crate) is_integer: bool,
}

const BEYOND: i128 = 1 << 100;

/// Digits of which there may be more than 2¹⁰⁰ has.
const MANY: i64 = 30;

/// Places a number, written as JSON writes it.
pub(crate) fn among_integers(number: &str) -> Among {
    let (is_negative, number) = match number.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, number),
    };
    let (digits, exponent) = number.split_once(['e', 'E']).unwrap_or((number, "0"));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let all: Vec<u8> =
        whole.bytes().chain(fraction.bytes()).map(|digit| digit.wrapping_sub(b'0')).collect();
    let zeros = all.iter().take_while(|&&digit| digit == 0).count();
    let digits = &all[zeros..];
    if digits.is_empty() {
        return Among { floor: 0, is_integer: true };
    }
    // How many digits are before the point. An exponent beyond 64 bits is beyond all else, too.
    let negative_exponent = exponent.starts_with('-');
    let far = if negative_exponent { i64::MIN / 2 } else { i64::MAX / 2 };
    let exponent =
        exponent.parse::<i64>().map_or(far, |exponent| exponent.clamp(i64::MIN / 2, i64::MAX / 2));
    let before = whole.len() as i64 - zeros as i64 + exponent;
    let (size, is_integer) = if before > MANY {
        (BEYOND, true)
    } else {
        let before = usize::try_from(before).unwrap_or(0);
        let digit = |place: usize| i128::from(digits.get(place).copied().unwrap_or(0));
        let size = (0..before).fold(0, |size, place| size * 10 + digit(place));
        let rest = digits.get(before..).unwrap_or_default();
        (size, rest.iter().all(|&digit| digit == 0))
    };
    let size = size.min(BEYOND);
    let floor = match (is_negative, is_integer) {
        (false, _) => size,
        (true, true) => -size,
        (true, false) => -size - 1,
    };
    Among { floor, is_integer }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_are_placed() {
        for (number, floor, is_integer) in [
            ("0", 0, true),
            ("-0", 0, true),
            ("-0.0", 0, true),
            ("0e999999999999999999999", 0, true),
            ("7", 7, true),
            ("7.5", 7, false),
            ("-7.5", -8, false),
            ("7.50e1", 75, true),
            ("750e-2", 7, false),
            ("700e-2", 7, true),
            ("0.001", 0, false),
            ("-0.001", -1, false),
            ("0.001e3", 1, true),
            ("1e-400", 0, false),
            ("-1e-99999999999999999999", -1, false),
            ("9007199254740993", 9_007_199_254_740_993, true),
            ("9007199254740993.0", 9_007_199_254_740_993, true),
            ("9223372036854775808", 1 << 63, true),
            ("-9223372036854775808.1", -(1 << 63) - 1, false),
            ("1e400", BEYOND, true),
            ("-1e99999999999999999999", -BEYOND, true),
            ("123456789012345678901234567890123456789", BEYOND, true),
            ("1.5e+1", 15, true),
        ] {
            assert_eq!(among_integers(number), Among { floor, is_integer }, "{number}");
        }
    }

    proptest! {
        #[test]
        fn integers_are_themselves(number in any::<i64>(), zeros in 0..4usize) {
            let expected = Among { floor: number.into(), is_integer: true };
            prop_assert_eq!(among_integers(&number.to_string()), expected);
            let fraction = format!("{number}.{}", "0".repeat(zeros + 1));
            prop_assert_eq!(among_integers(&fraction), expected);
            let shifted = format!("{number}{}e-{zeros}", "0".repeat(zeros));
            prop_assert_eq!(among_integers(&shifted), expected);
        }
    }
}
