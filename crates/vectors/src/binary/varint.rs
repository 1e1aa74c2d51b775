//! Integers of seven bits a byte, the low ones first; the high bit says that more follow.

use super::damage::Damage;

/// Appends `number`.
pub(super) fn write(bytes: &mut Vec<u8>, mut number: u32) {
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

/// Bytes that are read from the front.
pub(super) struct Bytes<'a>(pub(super) &'a [u8]);

impl<'a> Bytes<'a> {
    /// The next `count` bytes.
    pub(super) fn take(&mut self, count: usize) -> Result<&'a [u8], Damage> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or_else(too_short)?;
        self.0 = rest;
        Ok(taken)
    }

    /// The next integer.
    pub(super) fn varint(&mut self) -> Result<u32, Damage> {
        let mut number = 0;
        for (place, &byte) in self.0.iter().enumerate().take(5) {
            number |= u64::from(byte & 0x7f) << (7 * place);
            if byte & 0x80 == 0 {
                self.0 = &self.0[place + 1..];
                return u32::try_from(number)
                    .map_err(|_| Damage::Content("holds a number above 32 bits".to_owned()));
            }
        }
        Err(if self.0.len() < 5 {
            too_short()
        } else {
            Damage::Content("holds a number above 32 bits".to_owned())
        })
    }

    /// A length that the bytes left can hold, at `least` bytes each.
    pub(super) fn count(&mut self, least: usize) -> Result<usize, Damage> {
        let count = self.varint()? as usize;
        if count.saturating_mul(least) > self.0.len() {
            return Err(Damage::Content(format!(
                "says that it holds {count} things in {} bytes",
                self.0.len()
            )));
        }
        Ok(count)
    }

    /// A length and as many bytes of text.
    pub(super) fn text(&mut self) -> Result<&'a str, Damage> {
        let length = self.count(1)?;
        std::str::from_utf8(self.take(length)?)
            .map_err(|_| Damage::Content("holds text that is not UTF-8".to_owned()))
    }

    /// A 32-bit float.
    pub(super) fn float(&mut self) -> Result<f32, Damage> {
        let mut bytes = [0; 4];
        bytes.copy_from_slice(self.take(4)?);
        Ok(f32::from_le_bytes(bytes))
    }
}

fn too_short() -> Damage {
    Damage::Content("is shorter than what it says it holds".to_owned())
}
