//! Forward vectors: the postings of each document, by docid.
//!
//! ```text
//! 0     D         documents, one after the other
//! D     8         zeros
//! …     8·⌈N/64⌉  per 64 documents: where they start, 56 bits; shift s, the high 8 bits
//! …     2·N       per document: its start from there, in units of 2^s bytes, u16
//! …     4·F       number of terms of each field, u32
//! …     16        D u64, documents N u32, fields F u32
//! ```
//!
//! A document is a part for each field, in their order. A part begins with its number n of postings
//! as a LEB128 number, and ends there where n is 0. Terms are counted from the field's first. They
//! ascend, and are coded as Elias and Fano do: ℓ low bits of each, and the rest in unary.
//!
//! | bytes | content |
//! |---|---|
//! | 1 | bits 0 to 4: ℓ; bit 7: whether impacts have 16 bits |
//! | n or 2·n | impacts, `u8` or `u16` |
//! | ⌈n·ℓ/8⌉ | the ℓ low bits of each term, bit-packed |
//! | … | bits: the rest h of term i (from 0) as a 1 at bit h + i, zeros between and up to a byte |
//!
//! ℓ is the number that makes the part shortest, the lowest of several. Impacts have 16 bits where
//! one passes 255. s is the smallest that lets the last of 64 documents be reached; a document
//! starts at a multiple of 2^s bytes from the first, after zeros.
//!
//! P. Elias, Efficient storage and retrieval by content and address of static files, JACM 1974.

mod part;
mod reader;
mod writer;

pub use reader::ForwardVectors;
pub use writer::ForwardVectorsWriter;

/// Documents that share a start.
const GROUP: usize = 64;

/// Zeros behind the documents, so that words of eight bytes can be read anywhere in them.
const PADDING: usize = 8;

const FOOTER: u64 = 16;

#[cfg(test)]
mod tests;
