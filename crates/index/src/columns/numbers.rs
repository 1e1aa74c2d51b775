//! Values as ordered numbers: a value is less than another of its kind if its number is.

use super::schema::ColumnKind;
use super::time::Time;
use super::value::Value;

/// The number of a value; none for keywords, whose numbers are ranks, and for NaN.
pub(super) fn number_of(value: &Value) -> Option<i128> {
    match *value {
        Value::Keyword(_) | Value::Keywords(_) => None,
        Value::Integer(number) => Some(number.into()),
        Value::Float(number) => (!number.is_nan()).then(|| ordered(number).into()),
        Value::Boolean(truth) => Some(truth.into()),
        Value::Time(Time(time)) => Some(time),
    }
}

/// The value of a number; none if a column of the kind has no such number.
pub(super) fn value_of(kind: ColumnKind, number: i128) -> Option<Value> {
    match kind {
        ColumnKind::Keyword => None,
        ColumnKind::Integer => i64::try_from(number).ok().map(Value::Integer),
        ColumnKind::Float => {
            let number = f64::from_bits(bits_of(u64::try_from(number).ok()?));
            let minus_zero = number == 0.0 && number.is_sign_negative();
            (number.is_finite() && !minus_zero).then_some(Value::Float(number))
        }
        ColumnKind::Boolean => u8::try_from(number).ok().filter(|&bit| bit < 2).map(truth),
        ColumnKind::Time => Some(Value::Time(Time(number))),
    }
}

fn truth(bit: u8) -> Value {
    Value::Boolean(bit == 1)
}

const SIGN: u64 = 1 << 63;

/// The bits of a double, so changed that they ascend with it. Minus zero is zero: the two are
/// equal.
fn ordered(number: f64) -> u64 {
    let bits = if number == 0.0 { 0 } else { number.to_bits() };
    if bits & SIGN == 0 { bits | SIGN } else { !bits }
}

fn bits_of(ordered: u64) -> u64 {
    if ordered & SIGN == 0 { !ordered } else { ordered & !SIGN }
}

/// The greatest common divisor (Euclid), most of the time in 64 bits.
pub(super) fn common_divisor(mut a: u128, mut b: u128) -> u128 {
    while b != 0 {
        let rest = match (u64::try_from(a), u64::try_from(b)) {
            (Ok(a), Ok(b)) => u128::from(a % b),
            _ => a % b,
        };
        (a, b) = (b, rest);
    }
    a
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn floats_keep_their_order_and_come_back(a in any::<f64>(), b in any::<f64>()) {
            prop_assume!(a.is_finite() && b.is_finite());
            let (a, b) = (a + 0.0, b + 0.0);
            let number = |x| number_of(&Value::Float(x)).unwrap();
            prop_assert_eq!(number(a).cmp(&number(b)), a.partial_cmp(&b).unwrap());
            prop_assert_eq!(value_of(ColumnKind::Float, number(a)), Some(Value::Float(a)));
        }
    }

    #[test]
    fn zeros_are_equal_and_infinities_at_the_ends() {
        let number = |x| number_of(&Value::Float(x)).unwrap();
        assert_eq!(number(-0.0), number(0.0));
        assert!(number(f64::INFINITY) > number(f64::MAX));
        assert!(number(f64::NEG_INFINITY) < number(f64::MIN));
        assert_eq!(number_of(&Value::Float(f64::NAN)), None);
        assert_eq!(value_of(ColumnKind::Float, number(f64::INFINITY)), None);
    }

    #[test]
    fn divisors_are_common() {
        let big = 1u128 << 100;
        for (a, b, expected) in
            [(0, 0, 0), (0, 7, 7), (7, 0, 7), (12, 18, 6), (big, 3 * big, big), (big, 6, 2)]
        {
            assert_eq!(common_divisor(a, b), expected, "{a} {b}");
        }
    }
}
