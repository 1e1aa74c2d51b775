//! The formulas, per topic. R is the number of relevant documents; rel(i) is 1 if the document at
//! rank i is relevant, which means that its grade reaches the level. As in trec_eval, what is not
//! judged is not relevant, ranks beyond the ranking hold nothing relevant, and a topic without
//! relevant documents scores 0.

use crate::judged::JudgedRanking;
use crate::metric::Measure;

/// The value of `measure` for a ranking, where grades from `level` on are relevant and at most
/// `cutoff` documents are looked at.
pub(crate) fn measure(
    measure: Measure,
    ranking: &JudgedRanking,
    level: u32,
    cutoff: Option<usize>,
) -> f64 {
    let all = cutoff.unwrap_or(usize::MAX);
    match measure {
        Measure::Rr => reciprocal_rank(ranking, level, all),
        Measure::Ndcg => ndcg(ranking, all),
        Measure::R => ratio(hits(ranking, level, all), ranking.relevant(level)),
        Measure::Ap => average_precision(ranking, level, all),
        Measure::P => ratio(hits(ranking, level, all), all),
        Measure::Success => f64::from(u8::from(hits(ranking, level, all) > 0)),
        Measure::Judged => judged(ranking, all),
        Measure::Rprec => r_precision(ranking, level),
        Measure::Bpref => binary_preference(ranking, level),
        Measure::NumQ => 1.0,
        Measure::NumRet => ranking.found().len() as f64,
        Measure::NumRel => ranking.relevant(level) as f64,
        Measure::NumRelRet => hits(ranking, level, all) as f64,
    }
}

/// part / whole, or 0 of nothing.
fn ratio(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

/// The sum, which is 0 of nothing: [`Iterator::sum`] would make that -0, and -0 would be printed.
pub(crate) fn total(values: impl Iterator<Item = f64>) -> f64 {
    values.fold(0.0, |sum, value| sum + value)
}

/// Ranks of relevant documents, from 1.
fn relevant_ranks(
    ranking: &JudgedRanking,
    level: u32,
    cutoff: usize,
) -> impl Iterator<Item = usize> {
    let relevant = move |grade: &Option<u32>| grade.is_some_and(|grade| grade >= level);
    (1..).zip(ranking.top(cutoff)).filter(move |(_, grade)| relevant(grade)).map(|(rank, _)| rank)
}

/// Σ_{i ≤ k} rel(i).
fn hits(ranking: &JudgedRanking, level: u32, cutoff: usize) -> usize {
    relevant_ranks(ranking, level, cutoff).count()
}

/// 1 / min{i ≤ k : rel(i)} (Kantor and Voorhees, TREC-5 confusion track, 2000).
fn reciprocal_rank(ranking: &JudgedRanking, level: u32, cutoff: usize) -> f64 {
    relevant_ranks(ranking, level, cutoff).next().map_or(0.0, |rank| 1.0 / rank as f64)
}

/// 1/R · Σ_{i ≤ k} rel(i) · P@i (Buckley and Voorhees, SIGIR 2000).
fn average_precision(ranking: &JudgedRanking, level: u32, cutoff: usize) -> f64 {
    let relevant = ranking.relevant(level);
    if relevant == 0 {
        return 0.0;
    }
    let precisions =
        (1..).zip(relevant_ranks(ranking, level, cutoff)).map(|(found, rank)| ratio(found, rank));
    total(precisions) / relevant as f64
}

/// P@R.
fn r_precision(ranking: &JudgedRanking, level: u32) -> f64 {
    let relevant = ranking.relevant(level);
    ratio(hits(ranking, level, relevant), relevant)
}

/// DCG@k of the ranking over DCG@k of the ideal one (Järvelin and Kekäläinen, TOIS 2002). The gain
/// is the grade itself, so a relevance level has no part in it; the ideal ranking is of all judged
/// documents.
fn ndcg(ranking: &JudgedRanking, cutoff: usize) -> f64 {
    let ideal = dcg(ranking.pool().iter().copied().take(cutoff));
    if ideal == 0.0 {
        return 0.0;
    }
    dcg(ranking.top(cutoff).iter().map(|grade| grade.unwrap_or(0))) / ideal
}

/// Σ grade(i) / log₂(i + 1).
fn dcg(grades: impl Iterator<Item = u32>) -> f64 {
    total((2_u32..).zip(grades).map(|(next, grade)| f64::from(grade) / f64::from(next).log2()))
}

/// Share of the documents found up to rank k that are judged; as in ir-measures, a ranking of fewer
/// than k is judged by its own length.
fn judged(ranking: &JudgedRanking, cutoff: usize) -> f64 {
    let top = ranking.top(cutoff);
    ratio(top.iter().flatten().count(), top.len())
}

/// 1/R · Σ_{relevant found} (1 − min(n, R) / min(N, R)), with n judged non-relevant documents above
/// the relevant one and N in all; a term with n = 0 is 1 (Buckley and Voorhees, SIGIR 2004, as
/// corrected in trec_eval 8.0).
fn binary_preference(ranking: &JudgedRanking, level: u32) -> f64 {
    let relevant = ranking.relevant(level);
    if relevant == 0 {
        return 0.0;
    }
    let bound = relevant.min(ranking.pool().len() - relevant);
    let mut above = 0;
    let mut sum = 0.0;
    for &grade in ranking.found().iter().flatten() {
        if grade >= level {
            sum += 1.0 - ratio(above.min(relevant), bound);
        } else {
            above += 1;
        }
    }
    sum / relevant as f64
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::metric::Metric;
    use crate::qrels::Qrels;
    use crate::run::Run;

    /// The ranking of `grades`, and judged documents with the grades `missed` that it did not find;
    /// `None` is a document outside the pool.
    fn ranking(grades: &[Option<i32>], missed: &[i32]) -> JudgedRanking {
        let docnos: Vec<String> =
            (0..grades.len() + missed.len()).map(|i| format!("d{i:04}")).collect();
        let all = grades.iter().copied().chain(missed.iter().copied().map(Some));
        let judged =
            docnos.iter().zip(all).filter_map(|(docno, grade)| Some(("q", docno.as_str(), grade?)));
        let qrels = Qrels::from_judgments(judged).unwrap();
        let scores = (1..=grades.len()).rev().map(|score| score as f64);
        let run = Run::from_hits(
            docnos.iter().zip(scores).map(|(docno, score)| ("q", docno.as_str(), score)),
        );
        let empty = crate::Judgments::default();
        JudgedRanking::new(qrels.topic("q").unwrap_or(&empty), run.unwrap().topic("q"), usize::MAX)
    }

    fn value(metric: &str, ranking: &JudgedRanking) -> f64 {
        let metric: Metric = metric.parse().unwrap();
        let cutoff = metric.cutoff().map(|cutoff| cutoff as usize);
        measure(metric.measure(), ranking, metric.level().unwrap_or(1), cutoff)
    }

    #[track_caller]
    fn check(ranking: &JudgedRanking, expected: &[(&str, f64)]) {
        for &(metric, expected) in expected {
            let got = value(metric, ranking);
            assert!((got - expected).abs() < 1e-15, "{metric}: got {got}, expected {expected}");
        }
    }

    const LOG3: f64 = 1.584_962_500_721_156; // log₂ 3

    #[test]
    fn graded() {
        // Ranks: 1 not judged, 2 grade 0, 3 grade 2, 4 in the pool without a judgment, 5 grade 1;
        // missed: 3, 0.
        let ranking = ranking(&[None, Some(0), Some(2), Some(-1), Some(1)], &[3, 0, -2]);
        check(
            &ranking,
            &[
                ("RR", 1.0 / 3.0),
                ("RR@3", 1.0 / 3.0),
                ("RR@2", 0.0),
                ("RR(rel=3)", 0.0),
                ("RR(rel=0)", 0.5),
                ("P@3", 1.0 / 3.0),
                ("P@10", 0.2),
                ("P(rel=2)@5", 0.2),
                ("R@3", 1.0 / 3.0),
                ("R@5", 2.0 / 3.0),
                ("R(rel=2)@5", 0.5),
                ("R(rel=4)@5", 0.0),
                ("AP", (1.0 / 3.0 + 2.0 / 5.0) / 3.0),
                ("AP@4", 1.0 / 9.0),
                ("AP(rel=2)", 1.0 / 6.0),
                ("Success@2", 0.0),
                ("Success@3", 1.0),
                ("Success(rel=3)@5", 0.0),
                ("Judged@1", 0.0),
                ("Judged@4", 0.5),
                ("Judged@10", 0.6),
                ("Rprec", 1.0 / 3.0),
                ("Rprec(rel=3)", 0.0),
                // One of two non-relevant documents ranks above each of the two found.
                ("Bpref", (0.5 + 0.5) / 3.0),
                // Grade 1 is non-relevant now: three of them, one above the one relevant document
                // found.
                ("Bpref(rel=2)", 0.5 / 2.0),
                ("NumQ", 1.0),
                ("NumRet", 5.0),
                ("NumRel", 3.0),
                ("NumRel(rel=2)", 2.0),
                ("NumRelRet", 2.0),
                ("nDCG@2", 0.0),
                ("nDCG@3", (2.0 / 2.0) / (3.0 + 2.0 / LOG3 + 1.0 / 2.0)),
                ("nDCG", (2.0 / 2.0 + 1.0 / 6.0_f64.log2()) / (3.0 + 2.0 / LOG3 + 1.0 / 2.0)),
            ],
        );
        assert!((value("nDCG@1", &ranking)).abs() < 1e-15);
    }

    #[test]
    fn perfect_and_hopeless() {
        let perfect = ranking(&[Some(3), Some(2), Some(1), Some(0)], &[0]);
        let all =
            ["RR", "nDCG", "nDCG@2", "AP", "R@3", "P@3", "Success@1", "Judged@4", "Rprec", "Bpref"];
        check(&perfect, &all.map(|metric| (metric, 1.0)));
        // No relevant document, nothing found, nothing judged.
        for ranking in
            [ranking(&[Some(0), None], &[0, -1]), ranking(&[], &[1]), ranking(&[None], &[-1])]
        {
            check(
                &ranking,
                &["RR", "nDCG", "nDCG@9", "AP", "R@3", "P@3", "Rprec", "Bpref"]
                    .map(|metric| (metric, 0.0)),
            );
        }
        for metric in ["Judged@3", "AP", "nDCG", "R@3"] {
            assert_eq!(format!("{:.4}", value(metric, &ranking(&[], &[1]))), "0.0000", "{metric}");
        }
    }

    #[test]
    fn binary_preference_is_bounded_by_what_is_judged() {
        // R = 1 and N = 3: the second non-relevant document does not count again.
        check(&ranking(&[Some(0), Some(0), Some(1)], &[0]), &[("Bpref", 0.0)]);
        // No non-relevant document is judged.
        check(&ranking(&[None, Some(1)], &[1]), &[("Bpref", 0.5)]);
    }

    proptest! {
        #[test]
        fn every_metric_lies_between_0_and_1(
            grades in prop::collection::vec(prop::option::of(-2_i32..5), 0..30),
            missed in prop::collection::vec(-2_i32..5, 0..30),
            level in 0_u32..6, cutoff in 1_u32..40,
        ) {
            let ranking = ranking(&grades, &missed);
            for name in ["RR", "AP", "Rprec", "Bpref"] {
                let value = value(&format!("{name}(rel={level})"), &ranking);
                prop_assert!((0.0..=1.0).contains(&value), "{}: {}", name, value);
            }
            for name in ["RR", "R", "AP", "P", "Success"] {
                let value = value(&format!("{name}(rel={level})@{cutoff}"), &ranking);
                prop_assert!((0.0..=1.0).contains(&value), "{}: {}", name, value);
            }
            for name in ["nDCG", "Judged"] {
                let value = value(&format!("{name}@{cutoff}"), &ranking);
                prop_assert!((0.0..=1.0 + 1e-12).contains(&value), "{}: {}", name, value);
            }
        }
    }
}
