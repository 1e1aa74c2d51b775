//! Vectors to `.csr`.

use std::io::{self, Write};

use crate::collected::Collected;
use crate::error::{Error, Result};
use crate::numbering::Numbering;

/// Writes a matrix, with columns as `numbering` has them: one pass for the starts of rows, one for
/// the columns, one for the weights.
pub(crate) fn write(
    collected: &mut Collected,
    numbering: &Numbering,
    writer: &mut impl Write,
) -> Result<()> {
    let path = collected.path.clone();
    let io = |error: io::Error| Error::io(&path, error);
    if numbering.end() > i32::MAX as u32 {
        return Err(Error::Unfit {
            format: "csr",
            what: format!("the number {} of a term", numbering.end() - 1),
            remedy: "give a token table with smaller ones (--tokens)".to_owned(),
        });
    }
    let mut entries = 0u64;
    collected.each(|_, _, _, weights| {
        entries += weights.iter().filter(|&&(term, _)| numbering.has(term)).count() as u64;
        Ok(())
    })?;
    let mut number = |number: u64| writer.write_all(&(number as i64).to_le_bytes()).map_err(io);
    number(u64::from(collected.rows.rows()))?;
    number(u64::from(numbering.end()))?;
    number(entries)?;
    let mut start = 0u64;
    number(start)?;
    collected.each(|_, _, _, weights| {
        start += weights.iter().filter(|&&(term, _)| numbering.has(term)).count() as u64;
        number(start)
    })?;
    let mut numbered = Vec::new();
    collected.each(|_, _, _, weights| {
        numbering.number(weights, &mut numbered);
        numbered.iter().try_for_each(|(term, _)| writer.write_all(&term.to_le_bytes())).map_err(io)
    })?;
    collected.each(|_, _, _, weights| {
        numbering.number(weights, &mut numbered);
        let mut weights = numbered.iter().map(|(_, weight)| weight.to_le_bytes());
        weights.try_for_each(|bytes| writer.write_all(&bytes)).map_err(io)
    })
}
