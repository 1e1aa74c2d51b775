//! The digest of the texts that a block's vectors were made of, so that a resumed run can tell
//! whether its input is still the same.

use super::varint;

/// A skippable frame of zstd, which every decoder passes over: its magic, the length of what
/// follows, then the digest. The last byte of the magic is free to choose: `T`, for texts.
const MAGIC: u32 = 0x184D_2A54;
const LENGTH: usize = 12;

/// The length and the checksum of a block's ids and texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TextDigest {
    bytes: u64,
    checksum: u32,
}

/// Makes a [`TextDigest`]: ids and texts are added in their order.
#[derive(Clone, Debug, Default)]
pub struct TextHasher {
    bytes: u64,
    checksum: crc32fast::Hasher,
}

impl TextHasher {
    /// Adds a text and its id.
    pub fn add(&mut self, id: &str, text: &str) {
        for part in [id, text] {
            let mut length = Vec::with_capacity(5);
            varint::write(&mut length, part.len() as u32);
            self.checksum.update(&length);
            self.checksum.update(part.as_bytes());
            self.bytes += (length.len() + part.len()) as u64;
        }
    }

    /// The digest of all that was added.
    pub fn finish(self) -> TextDigest {
        TextDigest { bytes: self.bytes, checksum: self.checksum.finalize() }
    }
}

impl TextDigest {
    /// The digest as a skippable frame.
    pub(super) fn to_frame(self) -> Vec<u8> {
        let mut frame = Vec::with_capacity(8 + LENGTH);
        frame.extend_from_slice(&MAGIC.to_le_bytes());
        frame.extend_from_slice(&(LENGTH as u32).to_le_bytes());
        frame.extend_from_slice(&self.bytes.to_le_bytes());
        frame.extend_from_slice(&self.checksum.to_le_bytes());
        frame
    }

    /// The digest behind the first frame of `stored`, if there is one.
    pub(super) fn behind_content(stored: &[u8]) -> Option<Self> {
        let content = zstd::zstd_safe::find_frame_compressed_size(stored).ok()?;
        let frame = stored.get(content..)?;
        let (magic, rest) = frame.split_first_chunk::<4>()?;
        let (length, rest) = rest.split_first_chunk::<4>()?;
        let (bytes, rest) = rest.split_first_chunk::<8>()?;
        let checksum = rest.first_chunk::<4>()?;
        let known = *magic == MAGIC.to_le_bytes() && *length == (LENGTH as u32).to_le_bytes();
        known.then(|| Self {
            bytes: u64::from_le_bytes(*bytes),
            checksum: u32::from_le_bytes(*checksum),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest(texts: &[(&str, &str)]) -> TextDigest {
        let mut hasher = TextHasher::default();
        texts.iter().for_each(|(id, text)| hasher.add(id, text));
        hasher.finish()
    }

    #[test]
    fn ids_texts_and_their_borders_count() {
        let known = digest(&[("1", "a b"), ("2", "c")]);
        for other in [
            digest(&[("1", "a b"), ("2", "d")]),
            digest(&[("1", "a b"), ("3", "c")]),
            digest(&[("1", "a"), ("b2", "c")]),
            digest(&[("2", "c"), ("1", "a b")]),
            digest(&[("1", "a b")]),
        ] {
            assert_ne!(known, other);
        }
        assert_eq!(known, digest(&[("1", "a b"), ("2", "c")]));
    }

    #[test]
    fn a_decoder_passes_over_it() {
        let content = b"what a block holds".repeat(9);
        let mut stored = zstd::bulk::compress(&content, 3).unwrap();
        assert_eq!(TextDigest::behind_content(&stored), None);
        let known = digest(&[("1", "a")]);
        stored.extend(known.to_frame());
        assert_eq!(zstd::bulk::decompress(&stored, content.len()).unwrap(), content);
        assert_eq!(TextDigest::behind_content(&stored), Some(known));
    }
}
