//! Scores as run files have them.

use std::io::Write;

use spork_eval::{WriteError, write_trec};

/// Integer scores as numbers in the weights' own unit: integers where all weights are, else the
/// float nearest to score × unit. Up to 2²³ different scores are different 32-bit floats, which is
/// what evaluators read; larger ones are 64-bit floats.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TrecScores {
    unit: f64,
    kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Integer,
    Single,
    Double,
}

/// Scores below this are told apart by 32-bit floats, whatever the unit.
const DISTINCT: u32 = 1 << 23;

impl TrecScores {
    /// For a query whose best hit has the score `best`.
    pub fn of(query: &spork_searcher::Query, best: u32) -> Self {
        Self::of_unit(query.unit(), query.is_exact(), best)
    }

    /// For a query whose score of 1 has the value `unit`, and whose scores may be integers.
    pub(crate) fn of_unit(unit: f64, integers: bool, best: u32) -> Self {
        let kind = match integers {
            true => Kind::Integer,
            false if best < DISTINCT => Kind::Single,
            false => Kind::Double,
        };
        Self { unit, kind }
    }

    /// The value of a score of 1.
    pub(crate) fn unit(self) -> f64 {
        self.unit
    }

    /// A score, as the number that a run file has.
    pub fn value(self, score: u32) -> f64 {
        match self.kind {
            Kind::Integer => score.into(),
            Kind::Single => f64::from((f64::from(score) * self.unit) as f32),
            Kind::Double => f64::from(score) * self.unit,
        }
    }

    /// Whether scores are 32-bit floats, and print as such.
    pub(crate) fn are_singles(self) -> bool {
        self.kind == Kind::Single
    }

    /// Writes the hits of one topic in the format of TREC.
    ///
    /// # Errors
    /// As [`write_trec`].
    pub fn write_trec<D: AsRef<str>>(
        self,
        output: &mut impl Write,
        qid: &str,
        hits: impl IntoIterator<Item = (D, u32)>,
        tag: &str,
    ) -> Result<(), WriteError> {
        let hits = hits.into_iter();
        match self.kind {
            Kind::Integer => write_trec(output, qid, hits, tag),
            Kind::Single => {
                let hits = hits.map(|(docno, score)| (docno, self.value(score) as f32));
                write_trec(output, qid, hits, tag)
            }
            Kind::Double => {
                let hits = hits.map(|(docno, score)| (docno, self.value(score)));
                write_trec(output, qid, hits, tag)
            }
        }
    }
}
