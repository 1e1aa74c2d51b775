//! Keys of an index's properties that more than one crate uses.

/// The property that holds the identity of the encoder that made the index's vectors, as JSON.
pub const ENCODER_PROPERTY: &str = "encoder";
