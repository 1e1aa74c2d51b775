//! The two ways to write posting lists.

/// How posting lists are written. The codec decides the size of an index and the speed of searches,
/// and changes no answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
pub enum Codec {
    /// Bytes that are read as they are stored: fastest.
    #[default]
    Fast,
    /// Numbers in as few bits as they need: a third smaller, slower by up to a half with AVX-512,
    /// more without.
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
