//! Stored texts of documents, compressed, each read without its neighbors' blocks.
//!
//! Texts are gathered in **blocks** of about 8 KiB, and blocks in **chunks** of about 32 MiB. A
//! chunk begins with a dictionary trained on its own blocks, so that small blocks compress about as
//! well as large ones do, and a writer needs no more memory than a chunk. The bytes of the file
//! depend on the sequence of texts and the version of zstd, on nothing else.
//!
//! ```text
//! 0     …         chunks: each its dictionary, then its blocks
//! …     8·(B+1)   where each of the B blocks starts, u64, and where the last ends; the first block
//!                 of a chunk starts with the chunk's dictionary
//! …     4·B       the first document of each block, u32
//! …     8·C       per chunk: its first block u32, length of its dictionary u32
//! …     24        texts u32, blocks u32, chunks u32, zeros u32, bytes of all texts u64
//! ```
//!
//! A block is one zstd frame that states its length. Decompressed, it is a LEB128 number for each
//! of its documents, the text's length plus 1, or 0 where there is no text; then the texts.

mod reader;
mod tables;
mod writer;

pub use reader::{TextReader, Texts};
pub use writer::TextsWriter;

/// Bytes of a block before compression, unless one text alone has more.
const BLOCK: usize = 8 << 10;

/// Bytes of a chunk before compression, unless one block alone has more.
const CHUNK: usize = 32 << 20;

/// The longest dictionary.
const MAX_DICTIONARY: usize = 64 << 10;

/// The longest text.
const MAX_TEXT: usize = 1 << 30;

#[cfg(test)]
mod tests;
