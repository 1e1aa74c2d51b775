//! The two ways to write posting lists.

/// How posting lists are written: it changes how long an index is and how fast it is searched, and
/// no answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Codec {
    /// Bytes that are read as they are.
    #[default]
    Fast,
    /// Numbers in as many bits as they need.
    Compact,
}

impl Codec {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Fast, Self::Compact];

    /// The name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Fast => "fast",
            Self::Compact => "compact",
        }
    }
}
