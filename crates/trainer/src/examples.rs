//! Training examples: a query, its positive, its own negatives, and a teacher's scores of them.

use spork_core::Random;

use crate::error::{Result, TrainError};
use crate::random::choose;
use crate::texts::{TextId, Texts};

/// One query with its documents.
#[derive(Clone, Debug, PartialEq)]
pub struct Example {
    /// In [`Examples::queries`].
    pub query: TextId,
    /// In [`Examples::documents`].
    pub positive: TextId,
    /// In [`Examples::documents`].
    pub negatives: Vec<TextId>,
    /// The teacher's scores of positive and negatives, in this order; or none at all.
    pub scores: Vec<f32>,
}

/// All examples of a run, with their texts.
#[derive(Debug, Default)]
pub struct Examples {
    /// Texts of the queries.
    pub queries: Texts,
    /// Texts of the documents.
    pub documents: Texts,
    /// In the order of the files.
    pub list: Vec<Example>,
}

/// The texts of some examples, by number.
#[derive(Debug, Default)]
pub(crate) struct SampledExamples {
    pub(crate) queries: Vec<TextId>,
    /// The first query's positive and negatives, then the second's, and so on.
    pub(crate) documents: Vec<TextId>,
    /// The teacher's scores in the same order, if every example has them; else none.
    pub(crate) scores: Vec<f32>,
}

impl Examples {
    /// The examples of these numbers, each with `negatives` of its negatives at random.
    pub(crate) fn draw(
        &self,
        numbers: &[usize],
        negatives: usize,
        random: &mut Random,
    ) -> SampledExamples {
        let mut drawn = SampledExamples::default();
        for example in numbers.iter().filter_map(|&number| self.list.get(number)) {
            drawn.queries.push(example.query);
            drawn.documents.push(example.positive);
            drawn.scores.extend(example.scores.first());
            for negative in choose(random, negatives, example.negatives.len()) {
                drawn.documents.push(example.negatives[negative]);
                drawn.scores.extend(example.scores.get(negative + 1));
            }
        }
        if drawn.scores.len() != drawn.documents.len() {
            drawn.scores.clear();
        }
        drawn
    }

    /// Leaves out examples with fewer negatives than a step takes, or without the scores that it
    /// needs, and returns how many those were.
    ///
    /// # Errors
    /// None is left.
    pub fn keep_usable(&mut self, negatives: usize, scored: bool) -> Result<usize> {
        let before = self.list.len();
        self.list.retain(|example| {
            example.negatives.len() >= negatives && (!scored || !example.scores.is_empty())
        });
        if self.list.is_empty() {
            let scores = if scored { " and a teacher's scores" } else { "" };
            return Err(TrainError::Data(format!(
                "none of {before} examples has {negatives} negatives{scores}; mine some with \
                 `spork mine`, or lower objective.negatives"
            )));
        }
        Ok(before - self.list.len())
    }
}
