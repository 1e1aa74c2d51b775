//! `spork fuse`.

use super::*;

/// Two runs of q1; q2 is only in the second.
fn runs(bench: &Bench) {
    bench.write("a", "q1 Q0 w 1 9 a\nq1 Q0 x 2 5 a\nq1 Q0 y 3 1 a\n");
    bench.write("b", "q1 Q0 x 1 0.5 b\nq1 Q0 z 2 0.25 b\nq1 Q0 w 3 0 b\nq2 Q0 v 1 7 b\n");
}

#[test]
fn every_method() {
    let bench = Bench::new();
    runs(&bench);
    let fused = "q1 Q0 x 1 1.5 fused\nq1 Q0 w 2 1 fused\nq1 Q0 z 3 0.5 fused\nq1 Q0 y 4 0 fused\n\
                 q2 Q0 v 1 0 fused\n";
    assert_eq!(bench.ok("fuse --run a b --method sum"), fused);
    assert_eq!(bench.ok("fuse --run a b --method sum --normalize minmax"), fused);
    let run =
        bench.ok("fuse --run a b --method sum --normalize none --weights 2,0.5 --k 2 --tag t");
    assert_eq!(run, "q1 Q0 w 1 18 t\nq1 Q0 x 2 10.25 t\nq2 Q0 v 1 3.5 t\n");
    let run = bench.ok("fuse --run a b --method mnz --weights 1 3 --k 1");
    assert_eq!(run, "q1 Q0 x 1 6 fused\nq2 Q0 v 1 0 fused\n");
    let run = bench.ok("fuse --run a b --method rrf --rrf-k 1 --k 2");
    assert_eq!(
        run,
        "q1 Q0 x 1 0.8333333333333333 fused\nq1 Q0 w 2 0.75 fused\nq2 Q0 v 1 0.5 fused\n"
    );
    assert_eq!(
        bench.ok("fuse --run a b --format msmarco --k 1"),
        "q1\tx\t1\nq2\tv\t1\n",
        "reciprocal ranks are the default"
    );
    let scores = bench.ok("fuse --run a b --method sum --normalize zscore");
    assert!(scores.starts_with("q1 Q0 x 1 1.22474487139158") && scores.contains("q1 Q0 z 2 0 "));
    bench.ok("fuse --run a b --output out.trec");
    assert_eq!(
        std::fs::read_to_string(bench.path("out.trec")).unwrap(),
        bench.ok("fuse --run a b")
    );
}

#[test]
fn what_is_missing_or_ignored_is_told() {
    let bench = Bench::new();
    runs(&bench);
    bench.write("ranks", "q1\tx\t1\nq1\ty\t2\n");
    let said = stderr(&bench.spork("fuse --run a b ranks --method sum --rrf-k 60"));
    for told in
        ["a lacks 1 of 2 topics", "ranks lacks 1", "ranks has ranks and no scores", "--rrf-k"]
    {
        assert!(said.contains(told), "{told}: {said}");
    }
    let said = stderr(&bench.spork("fuse --run a b --normalize zscore"));
    assert!(said.contains("--normalize changes nothing"), "{said}");
}

#[test]
fn what_cannot_be_fused_is_refused() {
    let bench = Bench::new();
    runs(&bench);
    bench.write("endless", "q1 Q0 x 1 inf e\n");
    for (line, says) in [
        ("fuse --run a", "fusion needs at least two"),
        ("fuse --run a b --weights 1", "1 weights for 2 runs"),
        ("fuse --run a b --weights 1,-1", "the weight -1 is not a number from 0 up"),
        ("fuse --run a b --weights 0,0", "all weights are 0"),
        ("fuse --run a b --rrf-k=-1", "the constant of reciprocal ranks is -1"),
        ("fuse --run a endless --method sum", r#"document "x" in topic "q1" is infinite"#),
        ("fuse --run a no", "no: No such file"),
    ] {
        let said = bench.fails(line, 1);
        assert!(said.contains(says), "{line}: {said}");
    }
    bench.fails("fuse --run a b --method borda", 2);
}
