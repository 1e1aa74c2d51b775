//! Progress of a call to encode.

/// The work that a call to encode has done so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Texts encoded.
    pub texts: usize,
    /// Their tokens, special tokens counted and padding not.
    pub tokens: usize,
    /// Places in batches that held no token.
    pub padding: usize,
}

impl std::ops::AddAssign for Progress {
    fn add_assign(&mut self, more: Self) {
        self.texts += more.texts;
        self.tokens += more.tokens;
        self.padding += more.padding;
    }
}
