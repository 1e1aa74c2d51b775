//! Vectors to `.bin`, and to JSONL with integer ids.

use std::io::{self, Write};

use crate::collected::Collected;
use crate::error::{Error, Result};
use crate::numbering::Numbering;
use crate::vector::write_weights;

/// Writes `.bin`, with terms as `numbering` has them.
pub(crate) fn write_bin(
    collected: &mut Collected,
    numbering: &Numbering,
    writer: &mut impl Write,
) -> Result<()> {
    let path = collected.path.clone();
    let io = |error: io::Error| Error::io(&path, error);
    writer.write_all(&collected.rows.rows().to_le_bytes()).map_err(io)?;
    let mut numbered = Vec::new();
    collected.each(|_, _, _, weights| {
        numbering.number(weights, &mut numbered);
        let count = (numbered.len() as u32).to_le_bytes();
        let terms = numbered.iter().map(|&(term, _)| term.to_le_bytes());
        let weights = numbered.iter().map(|&(_, weight)| weight.to_le_bytes());
        let bytes: Vec<u8> = std::iter::once(count).chain(terms).chain(weights).flatten().collect();
        writer.write_all(&bytes).map_err(io)
    })
}

/// Writes JSONL. Ids that are no integers give way to the numbers of vectors, from 0.
pub(crate) fn write_jsonl(collected: &mut Collected, writer: &mut impl Write) -> Result<()> {
    let path = collected.path.clone();
    let integers = collected.all_ids.are_integers;
    collected.each(|terms, number, id, weights| {
        let id = if integers { id.to_owned() } else { number.to_string() };
        let weights = weights.iter().map(|&(term, weight)| (terms[term as usize].as_str(), weight));
        write!(writer, "{{\"id\": {id}, \"content\": \"\", \"vector\": ")
            .and_then(|()| write_weights(&mut *writer, weights))
            .and_then(|()| writeln!(writer, "}}"))
            .map_err(|error| Error::io(&path, error))
    })
}
