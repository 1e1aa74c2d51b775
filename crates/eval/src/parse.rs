//! Names of metrics: ir-measures' `R(rel=2)@1000`, trec_eval's `recall_1000` and `recall.1000`, and
//! a few aliases.

use std::num::NonZeroU32;
use std::str::FromStr;

use crate::error::{MetricError, MetricProblem};
use crate::metric::{Cutoff, Measure, Metric};

/// Names in lower case.
const NAMES: &[(&str, Measure)] = &[
    ("rr", Measure::Rr),
    ("mrr", Measure::Rr),
    ("recip_rank", Measure::Rr),
    ("ndcg", Measure::Ndcg),
    ("ndcg_cut", Measure::Ndcg),
    ("r", Measure::R),
    ("recall", Measure::R),
    ("ap", Measure::Ap),
    ("map", Measure::Ap),
    ("map_cut", Measure::Ap),
    ("p", Measure::P),
    ("precision", Measure::P),
    ("success", Measure::Success),
    ("judged", Measure::Judged),
    ("rprec", Measure::Rprec),
    ("bpref", Measure::Bpref),
    ("numq", Measure::NumQ),
    ("num_q", Measure::NumQ),
    ("numret", Measure::NumRet),
    ("num_ret", Measure::NumRet),
    ("numrel", Measure::NumRel),
    ("num_rel", Measure::NumRel),
    ("numrelret", Measure::NumRelRet),
    ("num_rel_ret", Measure::NumRelRet),
];

impl Metric {
    /// Parses metrics separated by white space or commas. Numbers after a comma are further cutoffs
    /// of the metric before it, as in trec_eval's `recall.100,1000`. A metric that comes again is
    /// left out.
    ///
    /// # Errors
    /// The first metric that is not supported, or a text without any.
    pub fn parse_list(text: &str) -> Result<Vec<Self>, MetricError> {
        let mut metrics = Vec::new();
        for group in split_outside_brackets(text, char::is_whitespace) {
            let mut before: Option<String> = None;
            for name in split_outside_brackets(group, |character| character == ',') {
                let name = match before.as_deref().and_then(|before| with_cutoff(before, name)) {
                    Some(again) => again,
                    None => name.to_owned(),
                };
                let metric = name.parse()?;
                if !metrics.contains(&metric) {
                    metrics.push(metric);
                }
                before = Some(name);
            }
        }
        if metrics.is_empty() {
            return Err(MetricError { metric: text.to_owned(), problem: MetricProblem::Empty });
        }
        Ok(metrics)
    }
}

/// The parts of `text` between gaps that no brackets hold, without empty ones.
fn split_outside_brackets(text: &str, is_gap: impl Fn(char) -> bool) -> impl Iterator<Item = &str> {
    let mut depth = 0_usize;
    let gap = move |character: char| {
        match character {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0 && is_gap(character)
    };
    text.split(gap).filter(|part| !part.is_empty())
}

/// The metric of the text `before` with another cutoff, if `text` is a number and nothing else.
fn with_cutoff(before: &str, text: &str) -> Option<String> {
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let (_, cutoff) = before.rsplit_once(['@', '.', '_'])?;
    let name = before.strip_suffix(cutoff)?;
    (is_number(text) && !cutoff.is_empty() && is_number(cutoff)).then(|| format!("{name}{text}"))
}

impl FromStr for Metric {
    type Err = MetricError;

    fn from_str(text: &str) -> Result<Self, MetricError> {
        parse(text.trim()).map_err(|problem| MetricError { metric: text.to_owned(), problem })
    }
}

fn parse(text: &str) -> Result<Metric, MetricProblem> {
    let (name, parameters, cutoff) = split(text)?;
    let lower = name.to_ascii_lowercase();
    let found = NAMES.iter().find(|(name, _)| *name == lower);
    let mut measure = found.ok_or(MetricProblem::Unknown)?.1;
    let level = parameters.map(parse_level).transpose()?;
    // ir-measures counts relevant documents in this way too.
    if measure == Measure::NumRet && level.is_some() {
        measure = Measure::NumRelRet;
    }
    if level.is_some() && !measure.has_level() {
        return Err(MetricProblem::TakesNoLevel(measure.name()));
    }
    let cutoff = cutoff.map(parse_cutoff).transpose()?;
    match (measure.cutoff(), cutoff) {
        (Cutoff::Always, None) => Err(MetricProblem::NeedsCutoff(measure.name())),
        (Cutoff::Never, Some(_)) => Err(MetricProblem::TakesNoCutoff(measure.name())),
        _ if cutoff.is_none() && lower.ends_with("_cut") => {
            Err(MetricProblem::NeedsCutoff(measure.name()))
        }
        _ => Ok(Metric { measure, level, cutoff }),
    }
}

/// Name, parameters and cutoff.
type Parts<'a> = (&'a str, Option<&'a str>, Option<&'a str>);

fn split(text: &str) -> Result<Parts<'_>, MetricProblem> {
    if let Some((name, rest)) = text.split_once('(') {
        let (parameters, rest) = rest.split_once(')').ok_or(MetricProblem::Shape)?;
        let cutoff = rest.strip_prefix('@');
        if cutoff.is_none() && !rest.is_empty() {
            return Err(MetricProblem::Shape);
        }
        return Ok((name, Some(parameters), cutoff));
    }
    if let Some((name, cutoff)) = text.split_once('@') {
        return Ok((name, None, Some(cutoff)));
    }
    match text.rsplit_once(['_', '.']) {
        Some((name, digits)) if digits.bytes().all(|byte| byte.is_ascii_digit()) => {
            Ok((name, None, Some(digits)))
        }
        _ => Ok((text, None, None)),
    }
}

fn parse_level(parameters: &str) -> Result<u32, MetricProblem> {
    let level = parameters.split_once('=').filter(|(key, _)| key.trim() == "rel");
    let level = level.and_then(|(_, level)| level.trim().parse().ok());
    level.ok_or_else(|| MetricProblem::Parameter(parameters.to_owned()))
}

fn parse_cutoff(cutoff: &str) -> Result<NonZeroU32, MetricProblem> {
    cutoff.parse().map_err(|_| MetricProblem::Cutoff(cutoff.to_owned()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn canonical(text: &str) -> String {
        text.parse::<Metric>().map_or_else(|error| error.to_string(), |metric| metric.to_string())
    }

    #[test]
    fn aliases_have_one_name() {
        for (name, texts) in [
            ("RR@10", &["RR@10", "MRR@10", "recip_rank_10", "mrr.10"][..]),
            ("RR", &["RR", "recip_rank"]),
            ("RR(rel=2)@10", &["RR(rel=2)@10", "MRR( rel = 2 )@10"]),
            ("nDCG", &["nDCG", "ndcg", "NDCG"]),
            ("nDCG@10", &["nDCG@10", "ndcg_cut_10", "ndcg_cut.10", "ndcg@10"]),
            ("R@1000", &["R@1000", "Recall@1000", "recall_1000", "recall.1000"]),
            ("AP", &["AP", "MAP", "map"]),
            ("AP(rel=2)@100", &["AP(rel=2)@100"]),
            ("AP@100", &["map_cut_100", "MAP@100"]),
            ("P@10", &["P@10", "P_10", "P.10"]),
            ("Success@5", &["Success@5", "success_5"]),
            ("Judged@10", &["Judged@10"]),
            ("Rprec", &["Rprec"]),
            ("Bpref(rel=2)", &["Bpref(rel=2)", "bpref(rel=2)"]),
            ("NumQ", &["NumQ", "num_q"]),
            ("NumRet", &["NumRet", "num_ret"]),
            ("NumRel", &["NumRel", "num_rel"]),
            ("NumRelRet", &["NumRelRet", "num_rel_ret"]),
            ("NumRelRet(rel=1)", &["NumRet(rel=1)", "NumRelRet(rel=1)"]),
        ] {
            for text in texts {
                assert_eq!(canonical(text), name, "{text}");
            }
        }
    }

    #[test]
    fn every_bad_name_is_explained() {
        for (text, says) in [
            ("ERR@20", r#"metric "ERR@20": unknown; supported are RR, RR@K"#),
            ("iprec_at_recall_0.10", "unknown"),
            ("gm_map", "unknown"),
            ("ndcg_rel", "unknown"),
            ("relstring_20", "unknown"),
            ("R", "needs a cutoff: R@K"),
            ("map_cut", "needs a cutoff: AP@K"),
            ("Rprec@10", "Rprec takes no cutoff"),
            ("P@0", r#"the cutoff "0" is not an integer from 1"#),
            ("P@", r#"the cutoff "" is not"#),
            ("P@-1", "is not an integer from 1"),
            ("P@99999999999", "is not an integer from 1"),
            ("P(rel=x)@10", r#"the parameter "rel=x" is not supported"#),
            ("AP(judged_only=True)", "is not supported; only rel=N"),
            ("nDCG(rel=2)@10", "nDCG takes no rel="),
            ("P(rel=2@10", "expected NAME, NAME@K or NAME(rel=N)@K"),
            ("P(rel=2)10", "expected NAME, NAME@K or NAME(rel=N)@K"),
        ] {
            let got = canonical(text);
            assert!(got.contains(says), "{text}: {got}");
        }
    }

    #[test]
    fn lists_are_set_apart_by_blanks_or_commas() {
        let list = Metric::parse_list(" RR@10, nDCG@10\tR(rel=2)@1000,P( rel=2 )@5 ").unwrap();
        let names: Vec<String> = list.iter().map(ToString::to_string).collect();
        assert_eq!(names, ["RR@10", "nDCG@10", "R(rel=2)@1000", "P(rel=2)@5"]);
        for (text, expected) in [
            ("recall.100,1000", "R@100 R@1000"),
            ("ndcg_cut.3,5,10 P.5,10", "nDCG@3 nDCG@5 nDCG@10 P@5 P@10"),
            ("map_cut_10,20,recip_rank,RR(rel=2)@5,10", "AP@10 AP@20 RR RR(rel=2)@5 RR(rel=2)@10"),
            ("RR@10,AP,RR@10", "RR@10 AP"),
        ] {
            let list = Metric::parse_list(text).unwrap();
            let names: Vec<String> = list.iter().map(ToString::to_string).collect();
            assert_eq!(names.join(" "), expected, "{text}");
        }
        for text in ["10", "AP,10", "RR@10 20", "recall.100,0", "RR@10,,x"] {
            assert!(Metric::parse_list(text).is_err(), "{text}");
        }
        assert!(Metric::parse_list(" ,").unwrap_err().to_string().contains("no metric given"));
        assert_eq!(Metric::parse_list("RR@10 X").unwrap_err().metric, "X");
    }

    proptest! {
        #[test]
        fn no_text_panics(text in ".{0,40}", close in "[a-zA-Z]{1,4}[(_.@]?(rel=)?[0-9]{0,12}[)@]{0,2}[0-9]{0,3}") {
            let _ = Metric::parse_list(&text);
            if let Ok(metric) = close.parse::<Metric>() {
                prop_assert_eq!(metric.to_string().parse::<Metric>(), Ok(metric));
            }
        }
    }
}
