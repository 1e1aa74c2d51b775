//! Filters as text, and what they mean.

use spork_core::Random;

use super::documents::{Document, TAGS};

/// Whether a document is kept.
pub(super) type Keeps = Box<dyn Fn(&Document) -> bool>;

/// A random filter, and whether it keeps a document.
pub(super) fn filter(random: &mut Random) -> (String, Keeps) {
    let (text, keeps) = comparison(random);
    let (other, also) = comparison(random);
    match random.below(4) {
        0 => (text, keeps),
        1 => (format!("{text} and {other}"), Box::new(move |d| keeps(d) && also(d))),
        2 => (format!("{text} or {other}"), Box::new(move |d| keeps(d) || also(d))),
        _ => (format!("not ({text} or {other})"), Box::new(move |d| !(keeps(d) || also(d)))),
    }
}

fn comparison(random: &mut Random) -> (String, Keeps) {
    let year = random.below(7) as i64 - 3;
    let tag = TAGS[random.below(TAGS.len())];
    let of_year = |keeps: fn(i64, i64) -> bool| -> Keeps {
        Box::new(move |document| document.year.is_some_and(|of| keeps(of, year)))
    };
    match random.below(6) {
        0 => (format!("year = {year}"), of_year(|of, year| of == year)),
        1 => (format!("year != {year}"), of_year(|of, year| of != year)),
        2 => (format!("year > {year}"), of_year(|of, year| of > year)),
        3 => (format!("tag = \"{tag}\""), Box::new(move |d| d.tag == Some(tag))),
        4 => (
            format!("tag in (\"{tag}\", \"none\") and exists year"),
            Box::new(move |d| d.tag == Some(tag) && d.year.is_some()),
        ),
        _ => ("not exists tag".to_owned(), Box::new(|d| d.tag.is_none())),
    }
}
