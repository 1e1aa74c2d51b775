//! Lists of few postings, packed: eight at a time, gaps and impacts in as many bits as the largest
//! of the eight needs.
//!
//! Such a list is read from its start: a search decodes all of it, once.

use spork_core::Impact;

use super::packing::{BitWriter, spread_to_bytes, spread_to_words, width_of};

/// Postings of a chunk.
const CHUNK: usize = 8;
/// The width that is written for gaps of 16 bits, and for those of 15, which are widened to 16.
const WIDEST: u8 = 15;

/// A list without bounds, in chunks of eight postings.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ChunksList<'f> {
    postings: usize,
    /// A byte a chunk: bits of a gap, and bits of an impact.
    widths: &'f [u8],
    /// The chunks, and what follows them in the file.
    chunks: &'f [u8],
}

/// Eight postings, of which the last of a list's last chunk may be none.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Chunk {
    /// Lower 16 bits of the docids, little-endian.
    pub(crate) docids: [u8; 2 * CHUNK],
    /// One impact a docid.
    pub(crate) impacts: [u8; CHUNK],
}

/// Appends the bytes of a list whose impacts are at most 255.
pub(crate) fn encode(data: &mut Vec<u8>, docids: &[u16], impacts: &[Impact]) {
    let mut next = 0;
    let gaps: Vec<u16> = docids
        .iter()
        .map(|&docid| docid - std::mem::replace(&mut next, docid.wrapping_add(1)))
        .collect();
    let impacts: Vec<u16> = impacts.iter().map(|impact| impact - 1).collect();
    let chunks = || gaps.chunks(CHUNK).zip(impacts.chunks(CHUNK));
    data.extend(chunks().map(|(gaps, impacts)| gap_code(gaps) | (widest(impacts) as u8) << 4));
    for (gaps, impacts) in chunks() {
        let gap_width = gap_width(gap_code(gaps));
        for (numbers, width) in [(gaps, gap_width), (impacts, widest(impacts))] {
            let mut writer = BitWriter::new(data);
            numbers.iter().for_each(|&number| writer.push(number, width));
            writer.align();
        }
    }
}

fn widest(numbers: &[u16]) -> u32 {
    width_of(numbers.iter().fold(0, |all, number| all | number).into())
}

fn gap_code(gaps: &[u16]) -> u8 {
    (widest(gaps) as u8).min(WIDEST)
}

/// Bits of each gap of a chunk whose widths are `widths`.
fn gap_width(widths: u8) -> u32 {
    match widths & 15 {
        WIDEST => 16,
        width => width.into(),
    }
}

impl<'f> ChunksList<'f> {
    /// A view on a list and on what follows it; `None` if it is too short.
    pub(crate) fn new(bytes: &'f [u8], postings: usize) -> Option<Self> {
        let (widths, chunks) = bytes.split_at_checked(postings.div_ceil(CHUNK))?;
        Some(Self { postings, widths, chunks })
    }

    /// Number of postings.
    pub(crate) fn len(&self) -> usize {
        self.postings
    }

    /// The bytes to prefetch, roughly those of the list: lists differ in how many bits their
    /// postings take.
    pub(crate) fn head(&self) -> [&'f [u8]; 2] {
        [self.widths, &self.chunks[..self.chunks.len().min(2 * self.postings)]]
    }

    /// The chunks. Of a damaged list, those that can be reached.
    #[inline]
    pub(crate) fn chunks(&self) -> impl Iterator<Item = Chunk> + use<'f> {
        let (chunks, mut left) = (self.chunks, self.postings);
        let (mut at, mut next) = (0, 0);
        self.widths.iter().map_while(move |&widths| {
            let here = left.min(CHUNK);
            left -= here;
            let gap_width = gap_width(widths);
            let gaps = u128::from_le_bytes(*chunks.get(at..)?.first_chunk()?);
            at += (here * gap_width as usize).div_ceil(8);
            let low = docids_from(next, spread_to_words(gaps as u64, gap_width));
            let high = docids_from(
                after(low),
                spread_to_words((gaps >> (4 * gap_width)) as u64, gap_width),
            );
            next = after(high);
            let impact_width = u32::from(widths >> 4);
            let impacts = u64::from_le_bytes(*chunks.get(at..)?.first_chunk()?);
            at += (here * impact_width as usize).div_ceil(8);
            let impacts =
                spread_to_bytes(impacts, impact_width).wrapping_add(0x0101_0101_0101_0101);
            let docids = u128::from(low) | u128::from(high) << 64;
            Some(Chunk { docids: docids.to_le_bytes(), impacts: impacts.to_le_bytes() })
        })
    }

    /// The postings in their order.
    pub(crate) fn iter(self) -> impl Iterator<Item = (u16, Impact)> + use<'f> {
        let postings = self.chunks().flat_map(|chunk| {
            let docids = chunk.docids.as_chunks().0.to_owned();
            docids
                .into_iter()
                .zip(chunk.impacts)
                .map(|(docid, impact)| (u16::from_le_bytes(docid), Impact::from(impact)))
        });
        postings.take(self.postings)
    }

    /// The impact of a document; `None` if it has no posting.
    pub(crate) fn get(&self, docid: u16) -> Option<Impact> {
        self.iter().find(|&(there, _)| there == docid).map(|(_, impact)| impact)
    }
}

/// Four docids, of which the first is at least `next`, from the number of documents left out before
/// each.
#[inline]
fn docids_from(next: u64, gaps: u64) -> u64 {
    let sums = gaps.wrapping_add(gaps << 16);
    let sums = sums.wrapping_add(sums << 32);
    sums.wrapping_add(next.wrapping_mul(0x0001_0001_0001_0001)).wrapping_add(0x0003_0002_0001_0000)
}

/// The least docid that may follow four.
#[inline]
fn after(docids: u64) -> u64 {
    ((docids >> 48) + 1) & 0xffff
}
