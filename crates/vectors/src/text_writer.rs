//! Vectors of integers as text: Anserini's collections, and queries that repeat their terms.

use std::io::{self, Write};

use crate::collected::Collected;
use crate::error::{Error, Result};
use crate::integers::Integers;
use crate::vector::write_weights;

/// Writes Anserini's JsonVectorCollection.
pub(crate) fn write_collection(
    collected: &mut Collected,
    integers: Integers,
    writer: &mut impl Write,
) -> Result<()> {
    let path = collected.path.clone();
    let mut write = |terms: &[String], id: &str, weights: &[(u32, f32)]| -> io::Result<()> {
        let id = serde_json::to_string(id)?;
        let weights =
            weights.iter().map(|&(term, weight)| (&*terms[term as usize], integers.of(weight)));
        write!(writer, "{{\"id\": {id}, \"contents\": \"\", \"vector\": ")?;
        write_weights(&mut *writer, weights.filter(|&(_, weight)| weight > 0))?;
        writeln!(writer, "}}")
    };
    collected.each(|terms, _, id, weights| {
        write(terms, id, weights).map_err(|error| Error::io(&path, error))
    })
}

/// Writes queries as `id`, `separator`, and each term as often as its integer says.
pub(crate) fn write_queries(
    collected: &mut Collected,
    integers: Integers,
    separator: char,
    writer: &mut impl Write,
) -> Result<()> {
    let path = collected.path.clone();
    let mut write = |terms: &[String], id: &str, weights: &[(u32, f32)]| -> io::Result<()> {
        write!(writer, "{id}{separator}")?;
        let mut blank = "";
        for &(term, weight) in weights {
            let term = &terms[term as usize];
            if !fits_in_line(term) {
                continue;
            }
            for _ in 0..integers.of(weight) {
                write!(writer, "{blank}{term}")?;
                blank = " ";
            }
        }
        writeln!(writer)
    };
    collected.each(|terms, _, id, weights| {
        if id.contains(separator) {
            return Err(Error::Unfit {
                format: "pisa",
                what: format!("the id {id:?}, which holds a colon"),
                remedy: "rename it".to_owned(),
            });
        }
        write(terms, id, weights).map_err(|error| Error::io(&path, error))
    })
}

/// Whether a line of terms can carry a term.
pub(crate) fn fits_in_line(term: &str) -> bool {
    !term.is_empty() && !term.contains(char::is_whitespace)
}
