//! From text, with a network: placeholder until the encoder's own goldens are wired in.
