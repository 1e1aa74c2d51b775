//! What a written file does not have of the vectors that it was made of.

use crate::format::Format;

/// What was changed or left out, and how much of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Losses {
    /// The format that was written.
    pub(crate) format: Option<Format>,
    /// Vectors that were written.
    pub vectors: u64,
    /// Weights of all vectors, before any was left out.
    pub weights: u64,
    /// What weights were multiplied by before they were rounded to integers; none where all were
    /// integers already.
    pub factor: Option<f64>,
    /// Weights that rounded to zero.
    pub zeroed: u64,
    /// Weights that were clipped, and to what.
    pub clipped: (u64, u32),
    /// Weights of terms that the token table lacks.
    pub unknown: u64,
    /// Weights of terms with white space, which a line of terms can't carry.
    pub spaced: u64,
    /// Terms that are longer than the format's readers take: how many, and how many characters.
    pub long: (u64, usize),
    /// Whether the format has no room for the ids, and where they are then.
    pub ids: Option<IdsWritten>,
}

/// Where ids are that the format has no room for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IdsWritten {
    /// In a file beside the output, one a line.
    Beside(std::path::PathBuf),
    /// Nowhere: the output is a stream.
    Nowhere,
}

impl Losses {
    /// A sentence for each loss.
    pub fn messages(&self) -> Vec<String> {
        let format = self.format.map_or("the format", Format::name);
        let mut messages = Vec::new();
        let all = self.weights;
        if let Some(factor) = self.factor {
            messages.push(format!("{format} holds integers: weights times {factor}, rounded"));
        }
        if self.zeroed > 0 {
            messages
                .push(format!("{} of {all} weights round to zero and are left out", self.zeroed));
        }
        if let (clipped @ 1.., largest) = self.clipped {
            messages.push(format!("{clipped} of {all} weights clipped to {largest}"));
        }
        if self.unknown > 0 {
            messages.push(format!(
                "{} of {all} weights left out: the token table lacks their terms",
                self.unknown
            ));
        }
        if self.spaced > 0 {
            messages.push(format!(
                "{} of {all} weights left out: their terms are empty or hold white space, which \
                 {format} can't carry",
                self.spaced
            ));
        }
        if let (long @ 1.., characters) = self.long {
            messages.push(format!(
                "{long} terms have more than {characters} characters; readers of {format} cut them"
            ));
        }
        match &self.ids {
            Some(IdsWritten::Beside(path)) => messages.push(format!(
                "{format} has no room for these ids: vectors are numbered from 0, and the ids are \
                 in {}",
                path.display()
            )),
            Some(IdsWritten::Nowhere) => messages.push(format!(
                "{} ids dropped: {format} has no room for them; vectors are numbered from 0 (an \
                 --output FILE gets a file of ids beside it)",
                self.vectors
            )),
            None => {}
        }
        messages
    }
}
