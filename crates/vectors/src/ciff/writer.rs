//! Vectors to bytes.

use std::io::{self, Write};

use super::description::Description;
use super::header::CiffHeader;
use super::message::Message;
use crate::collected::Collected;
use crate::error::{Error, Result};
use crate::integers::{Integers, Tally, unpack};
use crate::scratch::Columns;

/// Bytes of most postings in a message: a field's tag and length, a gap and a number with theirs.
const POSTING: u64 = 8;

/// Writes all vectors, lists in the order of their terms' bytes, as Lucene's exports have them. A
/// document's length is the sum of its integers.
pub(crate) fn write(
    mut collected: Collected,
    integers: Integers,
    tally: &Tally,
    description: &Description,
    writer: &mut impl Write,
) -> Result<()> {
    let path = collected.path.clone();
    let io = |error: io::Error| Error::io(&path, error);
    if tally.longest > i32::MAX as u64 {
        return Err(Error::Unfit {
            format: "ciff",
            what: format!("a document whose weights add up to {}", tally.longest),
            remedy: "scale weights down (--scale)".to_owned(),
        });
    }
    let documents = u64::from(collected.rows.rows());
    let has_term = |number: u32| tally.has_term.get(number as usize) == Some(&true);
    let lists = tally.has_term.iter().filter(|&&has| has).count() as u64;
    let header = CiffHeader {
        postings_lists: lists,
        documents,
        total_postings_lists: lists,
        total_documents: documents,
        total_terms: tally.sum,
        average_length: tally.sum as f64 / documents.max(1) as f64,
        description: serde_json::to_string(description).unwrap_or_default(),
    };
    header.message().write(&mut *writer).map_err(io)?;

    let mut order = collected.terms_in_order();
    // Terms that no vector has any more: weights of theirs rounded to zero.
    order.sort_by_key(|&number| !has_term(number));
    let Collected { rows, terms, memory, .. } = collected;
    // A list's message is in memory beside its entries.
    let longest = rows.counts().iter().max().map_or(0, |&most| POSTING * u64::from(most));
    let mut columns = Columns::in_order(rows, order, memory + longest, &path)?;
    for _ in 0..lists {
        let Some((term, entries)) = columns.next()? else { break };
        write_list(&terms[term as usize], entries, integers, writer).map_err(io)?;
    }
    (collected.rows, collected.terms) = (columns.into_rows(), terms);
    collected.each(|_, docid, docno, weights| {
        let length = weights.iter().map(|&(_, weight)| u64::from(integers.of(weight))).sum();
        let mut record = Message::default();
        record.number(1, u64::from(docid)).text(2, docno).number(3, length);
        record.write(&mut *writer).map_err(io)
    })
}

fn write_list(
    term: &str,
    entries: &[(u32, u32)],
    integers: Integers,
    writer: &mut impl Write,
) -> io::Result<()> {
    let numbers = entries.iter().map(|&(docid, value)| (docid, integers.of(unpack(value))));
    let (mut df, mut cf, mut postings) = (0, 0, Message::default());
    let (mut before, mut posting) = (0, Message::default());
    for (docid, number) in numbers.filter(|&(_, number)| number > 0) {
        posting.clear();
        posting.number(1, u64::from(docid - before)).number(2, u64::from(number));
        postings.message(4, &posting);
        before = docid;
        df += 1;
        cf += u64::from(number);
    }
    let mut list = Message::default();
    list.text(1, term).number(2, df).number(3, cf);
    list.write_with(&postings, writer)
}
