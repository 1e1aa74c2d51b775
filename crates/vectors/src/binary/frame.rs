//! The frame of a block's content: its kind, its lengths and a checksum.

use std::io::{self, Read, Write};

use super::damage::Damage;
use super::digest::TextDigest;

/// FrameKind, raw length, stored length, checksum: 32-bit integers, little-endian.
pub(super) const LENGTH: usize = 16;
/// The most bytes of a block: a damaged length is refused before memory is allocated.
const LONGEST: u32 = 1 << 30;
const LEVEL: i32 = 3;

/// The kind of a frame's content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FrameKind {
    Header = 1,
    Block = 2,
    End = 3,
}

/// Writes `content`, compressed, and behind it the digest of the texts that it was made of.
pub(super) fn write(
    mut writer: impl Write,
    kind: FrameKind,
    content: &[u8],
    texts: Option<TextDigest>,
) -> io::Result<()> {
    let mut stored = zstd::bulk::compress(content, LEVEL)?;
    if let Some(texts) = texts {
        stored.extend(texts.to_frame());
    }
    let too_long = || io::Error::other("a block of more than a gigabyte");
    let length = |bytes: &[u8]| {
        u32::try_from(bytes.len()).ok().filter(|&length| length <= LONGEST).ok_or_else(too_long)
    };
    let mut frame = Vec::with_capacity(LENGTH + stored.len());
    for number in [kind as u32, length(content)?, length(&stored)?] {
        frame.extend_from_slice(&number.to_le_bytes());
    }
    let checksum = checksum(&frame, &stored);
    frame.extend_from_slice(&checksum.to_le_bytes());
    frame.extend_from_slice(&stored);
    writer.write_all(&frame)
}

/// A frame as it is read.
pub(super) struct Frame {
    pub(super) kind: FrameKind,
    pub(super) content: Vec<u8>,
    /// What the content was made of, if the file says it.
    pub(super) texts: Option<TextDigest>,
    /// Bytes that it takes in the file.
    pub(super) length: u64,
}

/// The next frame.
///
/// # Errors
/// `reader` can't be read; the inner error is damage.
pub(super) fn read(mut reader: impl Read) -> io::Result<Result<Frame, Damage>> {
    let mut head = [0; LENGTH];
    if !fill(&mut reader, &mut head)? {
        return Ok(Err(Damage::CutShort));
    }
    let number = |place: usize| {
        u32::from_le_bytes([head[place], head[place + 1], head[place + 2], head[place + 3]])
    };
    let kind = match number(0) {
        1 => FrameKind::Header,
        2 => FrameKind::Block,
        3 => FrameKind::End,
        other => return Ok(Err(Damage::Content(format!("is of the unknown kind {other}")))),
    };
    let (raw, length, expected) = (number(4), number(8), number(12));
    if raw > LONGEST || length > LONGEST {
        return Ok(Err(Damage::Content("says that it has more than a gigabyte".to_owned())));
    }
    let mut stored = Vec::new();
    (&mut reader).take(u64::from(length)).read_to_end(&mut stored)?;
    if stored.len() < length as usize {
        return Ok(Err(Damage::CutShort));
    }
    let got = checksum(&head[..12], &stored);
    if got != expected {
        return Ok(Err(Damage::Checksum { expected, got }));
    }
    let content = zstd::bulk::decompress(&stored, raw as usize);
    Ok(match content {
        Ok(content) if content.len() == raw as usize => {
            let texts = TextDigest::behind_content(&stored);
            Ok(Frame { kind, content, texts, length: (LENGTH + stored.len()) as u64 })
        }
        _ => Err(Damage::Content("can't be decompressed".to_owned())),
    })
}

fn checksum(head: &[u8], stored: &[u8]) -> u32 {
    let mut crc = crc32fast::Hasher::new();
    crc.update(head);
    crc.update(stored);
    crc.finalize()
}

/// Whether `buffer` could be filled.
fn fill(reader: &mut impl Read, buffer: &mut [u8]) -> io::Result<bool> {
    match reader.read_exact(buffer) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
        Err(error) => Err(error),
    }
}
