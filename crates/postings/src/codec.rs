//! The two ways to write posting lists.

/// How posting lists are written. The codec decides the size of an index and the speed of searches,
/// and changes no answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
pub enum Codec {
    /// Byte-aligned: fastest to read.
    #[default]
    Fast,
    /// Bit-packed: a third smaller; search takes up to twice as long with AVX-512, longer without.
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
