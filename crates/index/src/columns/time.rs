//! Points in time: RFC 3339 to nanoseconds and back.

use std::fmt;
use std::str::FromStr;

use bincode::{Decode, Encode};

const DAY: i64 = 86_400;
const NANOSECONDS: i128 = 1_000_000_000;

/// Nanoseconds since 1970-01-01T00:00:00Z, days of 86,400 seconds each; all times that RFC 3339 can
/// write (years 0 to 9999) are exact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
pub struct Time(pub i128);

/// A text that is no time.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TimeError {
    /// Not of the form.
    #[error("expected a time as in \"2024-05-01T12:00:00Z\" or \"2024-05-01\" (RFC 3339)")]
    Form,
    /// No offset from UTC.
    #[error("the time has no offset from UTC; end it with Z (UTC) or as in +02:00")]
    NoOffset,
    /// A number beyond what the calendar or the clock has.
    #[error("there is no {0}")]
    NoSuch(String),
    /// Digits behind the nanoseconds.
    #[error("finer than a nanosecond; write at most nine digits of a second")]
    TooFine,
}

impl FromStr for Time {
    type Err = TimeError;

    /// Reads `2024-05-01T12:00:00.5+02:00` as RFC 3339 has it (T and Z may be small, and T a
    /// blank), and `2024-05-01`, which is the start of that day in UTC. A leap second counts as
    /// the second after it.
    fn from_str(text: &str) -> Result<Self, TimeError> {
        let mut rest = Rest(text.as_bytes());
        let (year, month, day) = (rest.number(4)?, rest.after(b"-", 2)?, rest.after(b"-", 2)?);
        if !(1..=12).contains(&month) {
            return Err(TimeError::NoSuch(format!("month {month:02}")));
        }
        if !(1..=days_of(year, month)).contains(&day) {
            return Err(TimeError::NoSuch(format!("day {year:04}-{month:02}-{day:02}")));
        }
        let date = days_since_1970(year, month, day) * DAY;
        if rest.0.is_empty() {
            return Ok(Self(i128::from(date) * NANOSECONDS));
        }
        let (hour, minute) = (rest.after(b"Tt ", 2)?, rest.after(b":", 2)?);
        let second = rest.after(b":", 2)?;
        let fraction = rest.fraction()?;
        let offset = rest.offset()?;
        if hour > 23 || minute > 59 || second > 60 {
            return Err(TimeError::NoSuch(format!("time {hour:02}:{minute:02}:{second:02}")));
        }
        let seconds = date + hour * 3600 + minute * 60 + second - offset;
        // Leap seconds are the last of a day in UTC.
        if second == 60 && seconds.rem_euclid(DAY) != 0 {
            return Err(TimeError::NoSuch("second 60 but before midnight UTC".to_owned()));
        }
        Ok(Self(i128::from(seconds) * NANOSECONDS + i128::from(fraction)))
    }
}

/// What is left of a text.
struct Rest<'a>(&'a [u8]);

impl Rest<'_> {
    /// As many digits as `digits` says.
    fn number(&mut self, digits: usize) -> Result<i64, TimeError> {
        let (number, rest) = self.0.split_at_checked(digits).ok_or(TimeError::Form)?;
        self.0 = rest;
        number.iter().try_fold(0, |number, &digit| match digit {
            b'0'..=b'9' => Ok(number * 10 + i64::from(digit - b'0')),
            _ => Err(TimeError::Form),
        })
    }

    /// A number after one of some bytes.
    fn after(&mut self, marks: &[u8], digits: usize) -> Result<i64, TimeError> {
        match self.0.split_first() {
            Some((mark, rest)) if marks.contains(mark) => self.0 = rest,
            _ => return Err(TimeError::Form),
        }
        self.number(digits)
    }

    /// The fraction of a second in nanoseconds; 0 where there is none.
    fn fraction(&mut self) -> Result<i64, TimeError> {
        let Some(rest) = self.0.strip_prefix(b".") else { return Ok(0) };
        let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        if digits == 0 {
            return Err(TimeError::Form);
        }
        let (digits, rest) = rest.split_at(digits);
        self.0 = rest;
        let (kept, finer) = digits.split_at(digits.len().min(9));
        if finer.iter().any(|&digit| digit != b'0') {
            return Err(TimeError::TooFine);
        }
        let padding = std::iter::repeat_n(&b'0', 9 - kept.len());
        let number = |number, &digit: &u8| number * 10 + i64::from(digit - b'0');
        Ok(kept.iter().chain(padding).fold(0, number))
    }

    /// The offset from UTC in seconds, with which the text ends.
    fn offset(&mut self) -> Result<i64, TimeError> {
        let sign = match self.0 {
            [] => return Err(TimeError::NoOffset),
            b"Z" | b"z" => return Ok(0),
            [b'+', ..] => 1,
            [b'-', ..] => -1,
            _ => return Err(TimeError::Form),
        };
        let (hours, minutes) = (self.after(b"+-", 2)?, self.after(b":", 2)?);
        match self.0 {
            [] if hours < 24 && minutes < 60 => Ok(sign * (hours * 3600 + minutes * 60)),
            [] => Err(TimeError::NoSuch(format!("offset {hours:02}:{minutes:02}"))),
            _ => Err(TimeError::Form),
        }
    }
}

impl fmt::Display for Time {
    /// RFC 3339 in UTC, with as many digits of a second as there are. A number of a file that is
    /// beyond year 9999 is printed as its nanoseconds.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Ok(seconds) = i64::try_from(self.0.div_euclid(NANOSECONDS)) else {
            return write!(f, "{} ns", self.0);
        };
        let (day, second) = (seconds.div_euclid(DAY), seconds.rem_euclid(DAY));
        let Some((year, month, date)) = date_of(day) else { return write!(f, "{} ns", self.0) };
        let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
        write!(f, "{year:04}-{month:02}-{date:02}T{hour:02}:{minute:02}:{second:02}")?;
        let fraction = self.0.rem_euclid(NANOSECONDS);
        if fraction != 0 {
            let digits = format!("{fraction:09}");
            write!(f, ".{}", digits.trim_end_matches('0'))?;
        }
        f.write_str("Z")
    }
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn days_of(year: i64, month: i64) -> i64 {
    match month {
        2 => 28 + i64::from(is_leap(year)),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from 1970-01-01 to a date of the proleptic Gregorian calendar: Howard Hinnant,
/// "chrono-Compatible Low-Level Date Algorithms", `days_from_civil`.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let year = year - i64::from(month <= 2);
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// Year, month and day: `civil_from_days` of the same source. None beyond four digits of a year.
fn date_of(days: i64) -> Option<(i64, i64, i64)> {
    let days = days.checked_add(719_468)?;
    let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = (month_from_march + 2) % 12 + 1;
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (0..=9999).contains(&year).then_some((year, month, day))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn seconds(text: &str) -> i128 {
        let Time(time) = text.parse().unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(time.rem_euclid(NANOSECONDS), 0, "{text}");
        time / NANOSECONDS
    }

    /// Expected values are those of `date -u -d TIME +%s`.
    #[test]
    fn times_are_read() {
        for (text, expected) in [
            ("1970-01-01T00:00:00Z", 0),
            ("1970-01-01", 0),
            ("1969-12-31T23:59:59Z", -1),
            ("2024-02-29T12:30:45Z", 1_709_209_845),
            ("2024-02-29t12:30:45z", 1_709_209_845),
            ("2024-02-29 12:30:45.000+00:00", 1_709_209_845),
            ("2024-02-29T14:30:45+02:00", 1_709_209_845),
            ("2024-02-29T07:00:45-05:30", 1_709_209_845),
            ("1985-04-12T23:20:50-00:00", 482_196_050),
            // RFC 3339's leap second, in UTC and elsewhere, is the start of the next day.
            ("1990-12-31T23:59:60Z", 662_688_000),
            ("1990-12-31T15:59:60-08:00", 662_688_000),
            ("1991-01-01T00:00:00Z", 662_688_000),
            ("0000-01-01T00:00:00Z", -62_167_219_200),
            ("0001-01-01T00:00:00Z", -62_135_596_800),
            ("9999-12-31T23:59:59Z", 253_402_300_799),
        ] {
            assert_eq!(seconds(text), expected, "{text}");
        }
        let fraction = "1970-01-01T00:00:00.123456789000Z".parse();
        assert_eq!(fraction, Ok(Time(123_456_789)));
        assert_eq!("1969-12-31T23:59:59.5Z".parse(), Ok(Time(-500_000_000)));
    }

    #[test]
    fn every_bad_time_is_named() {
        for (text, says) in [
            ("", "expected a time"),
            ("yesterday", "expected a time"),
            ("2024", "expected a time"),
            ("2024-5-1", "expected a time"),
            ("+2024-05-01", "expected a time"),
            ("2024-05-01T12:00Z", "expected a time"),
            ("2024-05-01T12:00:00.Z", "expected a time"),
            ("2024-05-01T12:00:00Z ", "expected a time"),
            ("2024-05-01T12:00:00+0200", "expected a time"),
            ("2024-05-01T12:00:00", "has no offset from UTC; end it with Z"),
            ("2024-13-01", "no month 13"),
            ("2023-02-29", "no day 2023-02-29"),
            ("1900-02-29", "no day 1900-02-29"),
            ("2024-05-01T24:00:00Z", "no time 24:00:00"),
            ("2024-05-01T12:60:00Z", "no time 12:60:00"),
            ("2024-05-01T12:00:60Z", "no second 60 but before midnight"),
            ("2024-05-01T12:00:00+24:00", "no offset 24:00"),
            ("2024-05-01T12:00:00.0000000001Z", "finer than a nanosecond"),
        ] {
            let error = text.parse::<Time>().unwrap_err().to_string();
            assert!(error.contains(says), "{text}: {error}");
        }
    }

    proptest! {
        #[test]
        fn times_come_back(seconds in -62_167_219_200i64..253_402_300_800, nanos in 0i64..1_000_000_000) {
            let time = Time(i128::from(seconds) * NANOSECONDS + i128::from(nanos));
            prop_assert_eq!(time.to_string().parse(), Ok(time));
        }

        #[test]
        fn no_text_and_no_number_panics(text in "[-+0-9TZ:. ]{0,32}|\\PC{0,12}", number in any::<i128>()) {
            let _ = text.parse::<Time>();
            let _ = Time(number).to_string();
        }
    }
}
