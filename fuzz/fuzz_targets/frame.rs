//! The frame around a file of an index: see docs/format/index.md.

/// Makes length and checksums in a frame right for what follows its header.
pub(crate) fn seal(bytes: &mut [u8]) {
    let length = bytes.len() as u64 - 32;
    bytes[16..24].copy_from_slice(&length.to_le_bytes());
    let payload = crc32fast::hash(&bytes[32..]);
    bytes[24..28].copy_from_slice(&payload.to_le_bytes());
    let header = crc32fast::hash(&bytes[..28]);
    bytes[28..32].copy_from_slice(&header.to_le_bytes());
}
