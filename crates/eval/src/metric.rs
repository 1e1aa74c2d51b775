//! Measures and their parameters.

use std::fmt;
use std::num::NonZeroU32;

/// A measure, without its parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Measure {
    /// Reciprocal rank of the first relevant document.
    Rr,
    /// Normalized discounted cumulative gain.
    Ndcg,
    /// Share of the relevant documents that are found.
    R,
    /// Average precision over the relevant documents.
    Ap,
    /// Share of the first documents that are relevant.
    P,
    /// Whether a relevant document is found.
    Success,
    /// Share of the first documents that are judged.
    Judged,
    /// ScorePrecision at the number of relevant documents.
    Rprec,
    /// Binary preference.
    Bpref,
    /// Number of topics.
    NumQ,
    /// Number of documents found.
    NumRet,
    /// Number of relevant documents.
    NumRel,
    /// Number of relevant documents found.
    NumRelRet,
}

/// The list of metrics in errors.
pub(crate) const SUPPORTED: &str = "\
    RR, RR@K, nDCG, nDCG@K, AP, AP@K, R@K, P@K, Success@K, Judged@K, Rprec, Bpref, NumQ, NumRet, \
    NumRel, NumRelRet, each of them but nDCG, Judged and NumQ also with (rel=N) before the cutoff, \
    and trec_eval's names for them (recip_rank, ndcg_cut_K, map, recall_K, …)";

/// Whether a measure has a cutoff.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cutoff {
    Never,
    Optional,
    Always,
}

impl Measure {
    /// Its name, as in ir-measures.
    pub fn name(self) -> &'static str {
        match self {
            Self::Rr => "RR",
            Self::Ndcg => "nDCG",
            Self::R => "R",
            Self::Ap => "AP",
            Self::P => "P",
            Self::Success => "Success",
            Self::Judged => "Judged",
            Self::Rprec => "Rprec",
            Self::Bpref => "Bpref",
            Self::NumQ => "NumQ",
            Self::NumRet => "NumRet",
            Self::NumRel => "NumRel",
            Self::NumRelRet => "NumRelRet",
        }
    }

    /// Whether topics are counted together rather than averaged.
    pub fn is_count(self) -> bool {
        matches!(self, Self::NumQ | Self::NumRet | Self::NumRel | Self::NumRelRet)
    }

    pub(crate) fn cutoff(self) -> Cutoff {
        match self {
            Self::R | Self::P | Self::Success | Self::Judged => Cutoff::Always,
            Self::Rr | Self::Ndcg | Self::Ap => Cutoff::Optional,
            _ => Cutoff::Never,
        }
    }

    /// Whether the measure tells relevant from non-relevant documents, by a least grade.
    pub(crate) fn has_level(self) -> bool {
        !matches!(self, Self::Ndcg | Self::Judged | Self::NumQ | Self::NumRet)
    }
}

/// A measure with its parameters, such as `RR(rel=2)@10`. Made by [`str::parse`] or
/// [`Metric::parse_list`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Metric {
    pub(crate) measure: Measure,
    pub(crate) level: Option<u32>,
    pub(crate) cutoff: Option<NonZeroU32>,
}

impl Metric {
    /// The measure.
    pub fn measure(self) -> Measure {
        self.measure
    }

    /// The least grade that counts as relevant, where the metric says so itself.
    pub fn level(self) -> Option<u32> {
        self.level
    }

    /// How many documents are looked at, where there is a limit.
    pub fn cutoff(self) -> Option<u32> {
        self.cutoff.map(NonZeroU32::get)
    }
}

/// The name in ir-measures' syntax, whatever alias the metric was parsed from.
impl fmt::Display for Metric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut name = self.measure.name().to_owned();
        if let Some(level) = self.level {
            name += &format!("(rel={level})");
        }
        if let Some(cutoff) = self.cutoff {
            name += &format!("@{cutoff}");
        }
        f.pad(&name)
    }
}
