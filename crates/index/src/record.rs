//! Records of a file: bincode with fixed-width little-endian integers, the bytes that
//! docs/format/index.md lists.

use bincode::{Decode, Encode};

use crate::frame::Frame;
use crate::{Error, Result};

/// The most bytes of a record. It keeps a damaged length from reserving memory.
const LIMIT: usize = 16 << 20;

fn config() -> impl bincode::config::Config {
    bincode::config::standard().with_little_endian().with_fixed_int_encoding().with_limit::<LIMIT>()
}

/// The bytes of a record, which errors call `what`.
pub(crate) fn encode(record: &impl Encode, what: &str) -> Result<Vec<u8>> {
    let bytes = bincode::encode_to_vec(record, config()).ok().filter(|bytes| bytes.len() <= LIMIT);
    bytes.ok_or_else(|| Error::TooLarge { what: what.to_owned(), limit: LIMIT as u64 })
}

/// The record that is all of a file's payload, once its checksum is checked.
pub(crate) fn decode<R: Decode<()>>(frame: &Frame, what: &str) -> Result<R> {
    frame.verify_checksum()?;
    let payload = frame.payload();
    let decoded = bincode::decode_from_slice::<R, _>(payload, config());
    let (record, read) = decoded.map_err(|error| frame.corrupt(0, what, error))?;
    if read == payload.len() {
        Ok(record)
    } else {
        Err(frame.corrupt(read as u64, format!("the end of {what}"), "more bytes"))
    }
}
