//! Finds the terms that can have a weight: the decoder in 8-bit integers, with a bound on the error
//! of rounding.
//!
//! A text keeps some hundred terms of thirty thousand, those with a logit above zero at one of its
//! tokens. [`Screen`] computes all logits in integers, adds the most that rounding can have taken
//! away, and names the terms that are still above zero. Those few are then computed in floats. So
//! the outcome is that of the whole decoder, term for term; only the time is another: one processor
//! instruction makes 64 of the integer products, and no logit is ever written to memory.
//!
//! With states x of a token and row w of a term, x̂ and ŵ as they are after rounding, Cauchy and
//! Schwarz give
//! |x·w − x̂·ŵ| ≤ ‖x − x̂‖·‖w‖ + ‖x̂‖·‖w − ŵ‖.
//!
//! Where many texts come, a [`StagedScreen`](staged::StagedScreen) first multiplies a third of the
//! numbers, along [axes] that hold most of the products, and all of them only where the
//! [bound](first_stage) on the rest leaves a logit above zero possible.

mod axes;
mod bound;
mod first_stage;
mod matrix;
mod projection;
mod rounding;
mod rows;
mod screen;
mod second_stage;
mod sift;
pub(crate) mod staged;
mod states;
#[cfg(test)]
mod tests;
mod tiles;

pub use screen::Screen;
