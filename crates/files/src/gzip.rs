//! gzip of several members, as parallel compressors write it, with zeros behind them, as tapes and
//! block devices leave them.

use std::io::{self, BufRead, Read};

use flate2::bufread::GzDecoder;

/// Decompresses one member after the other. Zeros after a member are passed over, as gzip does.
pub(crate) struct GzipMembers<R> {
    /// The member that is being read; none at the end.
    member: Option<GzDecoder<R>>,
}

impl<R: BufRead> GzipMembers<R> {
    pub(crate) fn new(reader: R) -> Self {
        Self { member: Some(GzDecoder::new(reader)) }
    }
}

impl<R: BufRead> Read for GzipMembers<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while let Some(member) = &mut self.member {
            let read = member.read(buffer)?;
            if read > 0 || buffer.is_empty() {
                return Ok(read);
            }
            let Some(ended) = self.member.take() else { break };
            let mut rest = ended.into_inner();
            match first_after_zeros(&mut rest)? {
                None => {}
                Some(0x1f) => self.member = Some(GzDecoder::new(rest)),
                Some(_) => {
                    let what = "bytes after the compressed data that are not gzip; the file is \
                                damaged, download it again";
                    return Err(io::Error::new(io::ErrorKind::InvalidData, what));
                }
            }
        }
        Ok(0)
    }
}

/// Passes over zeros and looks at the byte behind them.
fn first_after_zeros(reader: &mut impl BufRead) -> io::Result<Option<u8>> {
    loop {
        let buffer = reader.fill_buf()?;
        let length = buffer.len();
        let zeros = buffer.iter().take_while(|&&byte| byte == 0).count();
        let found = buffer.get(zeros).copied();
        reader.consume(zeros);
        if found.is_some() || length == 0 {
            return Ok(found);
        }
    }
}
