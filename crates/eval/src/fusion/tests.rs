use proptest::prelude::*;

use super::*;

fn run(hits: &[(&str, f64)]) -> Run {
    Run::from_hits(hits.iter().map(|&(docno, score)| ("q", docno, score))).unwrap()
}

/// The fused list of two runs of one topic.
#[track_caller]
fn check(
    method: FusionMethod,
    normalization: Normalization,
    weights: [f64; 2],
    expected: &[(&str, f64)],
) {
    let a = run(&[("w", 9.0), ("x", 5.0), ("y", 1.0)]);
    let b = run(&[("x", 0.5), ("z", 0.25), ("w", 0.0)]);
    let fusion = Fusion::new(method, normalization, weights.to_vec()).unwrap();
    let got = fusion.fuse("q", &[a.topic("q"), b.topic("q")]).unwrap();
    let docnos =
        |list: &[(&str, f64)]| list.iter().map(|(d, _)| (*d).to_owned()).collect::<Vec<_>>();
    assert_eq!(docnos(&got), docnos(expected));
    for ((docno, score), (_, expected)) in got.iter().zip(expected) {
        assert!((score - expected).abs() < 1e-12, "{docno}: {score}, expected {expected}");
    }
}

/// By hand; ranx 0.3.21 says the same.
#[test]
fn small_lists() {
    use FusionMethod::{Mnz, ReciprocalRank, Sum};
    let rrf = ReciprocalRank { k: 60.0 };
    let (third, fourth) = (1.0 / 63.0, 1.0 / 62.0);
    check(
        rrf,
        Normalization::None,
        [1.0, 1.0],
        &[
            ("x", 1.0 / 62.0 + 1.0 / 61.0),
            ("w", 1.0 / 61.0 + 1.0 / 63.0),
            ("z", fourth),
            ("y", third),
        ],
    );
    check(
        ReciprocalRank { k: 0.0 },
        Normalization::ZScore,
        [2.0, 0.5],
        &[("w", 2.0 + 0.5 / 3.0), ("x", 1.0 + 0.5), ("y", 2.0 / 3.0), ("z", 0.25)],
    );
    check(
        Sum,
        Normalization::MinMax,
        [1.0, 1.0],
        &[("x", 1.5), ("w", 1.0), ("z", 0.5), ("y", 0.0)],
    );
    check(
        Mnz,
        Normalization::MinMax,
        [1.0, 1.0],
        &[("x", 3.0), ("w", 2.0), ("z", 0.5), ("y", 0.0)],
    );
    check(
        Sum,
        Normalization::MinMax,
        [0.25, 2.0],
        &[("x", 0.125 + 2.0), ("z", 1.0), ("w", 0.25), ("y", 0.0)],
    );
    check(
        Mnz,
        Normalization::MinMax,
        [0.25, 2.0],
        &[("x", 2.25 * 1.5), ("w", 2.25), ("z", 2.0 * 0.5), ("y", 0.0)],
    );
    check(Sum, Normalization::None, [1.0, 1.0], &[("w", 9.0), ("x", 5.5), ("y", 1.0), ("z", 0.25)]);
    // Means 5 and 0.25; deviations √(32/3) and √(1/24).
    let step = 1.5_f64.sqrt();
    check(
        Sum,
        Normalization::ZScore,
        [1.0, 1.0],
        &[("x", step), ("z", 0.0), ("w", 0.0), ("y", -step)],
    );
    check(
        Mnz,
        Normalization::ZScore,
        [1.0, 1.0],
        &[("x", 2.0 * step), ("z", 0.0), ("w", 0.0), ("y", -step)],
    );
}

#[test]
fn missing_and_constant_lists() {
    let (a, b) = (run(&[("x", 0.1), ("y", 0.1), ("z", 0.1)]), run(&[("y", 7.0)]));
    for normalization in [Normalization::MinMax, Normalization::ZScore] {
        let fusion = Fusion::new(FusionMethod::Sum, normalization, vec![1.0, 1.0]).unwrap();
        let got = fusion.fuse("q", &[a.topic("q"), b.topic("q")]).unwrap();
        assert_eq!(got, [("z", 0.0), ("y", 0.0), ("x", 0.0)]);
        assert_eq!(fusion.fuse("q", &[None, b.topic("q")]).unwrap(), [("y", 0.0)]);
        assert_eq!(fusion.fuse("q", &[None, None]).unwrap(), []);
    }
    assert_eq!(topics_of(&[a, b]).into_iter().collect::<Vec<_>>(), ["q"]);
}

#[test]
fn what_cannot_be_fused() {
    let new = |method, weights: &[f64]| {
        Fusion::new(method, Normalization::None, weights.to_vec())
            .map_err(|error| error.to_string())
    };
    let said = |method, weights: &[f64]| new(method, weights).unwrap_err();
    assert!(said(FusionMethod::Sum, &[1.0]).contains("at least two"));
    assert!(said(FusionMethod::Sum, &[1.0, -1.0]).contains("the weight -1 is not"));
    assert!(said(FusionMethod::Sum, &[1.0, f64::NAN]).contains("the weight NaN"));
    assert!(said(FusionMethod::Mnz, &[0.0, 0.0]).contains("all weights are 0"));
    let negative = FusionMethod::ReciprocalRank { k: -1.0 };
    assert!(said(negative, &[1.0, 1.0]).contains("the constant of reciprocal ranks is -1"));
    let sum = new(FusionMethod::Sum, &[1.0, 1.0]).unwrap();
    let endless = run(&[("x", f64::INFINITY)]);
    let error = sum.fuse("q", &[endless.topic("q"), None]).unwrap_err().to_string();
    assert!(error.contains(r#"document "x" in topic "q" is infinite"#), "{error}");
    let error = sum.fuse("q", &[None]).unwrap_err().to_string();
    assert!(error.contains("2 weights for 1 runs"), "{error}");
}

fn list() -> impl Strategy<Value = Vec<(String, f64)>> {
    let list = prop::collection::btree_map("[a-e]{1,2}", -5_i8..5, 0..8);
    list.prop_map(|list| list.into_iter().map(|(d, s)| (d, f64::from(s))).collect())
}

proptest! {
    /// Every document of any list is there once, in the order of the rule; the order of runs and
    /// the scale of min-max lists do not matter.
    #[test]
    fn lists_in_any_order(a in list(), b in list(), scale in 1_u8..9) {
        let of = |list: &[(String, f64)], scale: f64| {
            Run::from_hits(list.iter().map(|(d, s)| ("q", d.as_str(), s * scale))).unwrap()
        };
        let (a, b, c) = (of(&a, 1.0), of(&b, 1.0), of(&b, f64::from(scale)));
        let all: BTreeSet<&str> =
            [&a, &b].into_iter().flat_map(|run| run.topic("q")).flat_map(|r| r.iter().map(|(d, _)| d)).collect();
        for method in [FusionMethod::ReciprocalRank { k: 60.0 }, FusionMethod::Sum, FusionMethod::Mnz] {
            let fusion = Fusion::new(method, Normalization::MinMax, vec![1.0, 1.0]).unwrap();
            let fused = fusion.fuse("q", &[a.topic("q"), b.topic("q")]).unwrap();
            let scaled = fusion.fuse("q", &[c.topic("q"), a.topic("q")]).unwrap();
            prop_assert!(fused.windows(2).all(|p| p[0].1 > p[1].1 || (p[0].1 == p[1].1 && p[0].0 > p[1].0)));
            prop_assert_eq!(fused.iter().map(|(d, _)| *d).collect::<BTreeSet<_>>(), all.clone());
            prop_assert_eq!(fused.len(), all.len());
            let by_docno = |list: &[(&str, f64)]| list.iter().map(|&(d, s)| (d.to_owned(), s)).collect::<HashMap<_, _>>();
            let (fused, scaled) = (by_docno(&fused), by_docno(&scaled));
            prop_assert!(fused.iter().all(|(d, s)| (scaled[d] - s).abs() < 1e-12));
        }
    }
}
