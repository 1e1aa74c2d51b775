//! `spork average`: one model of several.

use super::*;

#[test]
fn the_mean_is_a_model_and_that_of_equal_ones_is_equal_to_them() {
    let bench = Bench::new();
    let golden = project("crates/model/tests/golden/st-splade").display().to_string();
    bench.ok(&format!("average {golden} {golden} --output one"));
    bench.ok("average one one one --output two");
    let weights = |model: &str| std::fs::read(bench.path(model).join("model.safetensors")).unwrap();
    assert!(weights("one") == weights("two"), "float16 stays as it is");
    // The golden weights are float32: terms keep their order where they weigh something.
    let heaviest = |model: &str| -> Vec<String> {
        let said = bench.ok(&format!("inspect --device cpu --model {model} house"));
        let terms = said.lines().skip(1).take(3);
        terms.map(|line| line.split('\t').nth(1).unwrap().to_owned()).collect()
    };
    assert_eq!(heaviest("one").len(), 3);
    assert_eq!(heaviest("one"), heaviest(&golden));
}

#[test]
fn what_has_no_mean_is_refused_and_nothing_is_overwritten() {
    let bench = Bench::new();
    let [splade, distil] = ["st-splade", "distilbert"]
        .map(|name| project("crates/model/tests/golden").join(name).display().to_string());
    let alone = bench.fails(&format!("average {splade} --output mean"), 1);
    assert!(alone.contains("expected two models or more, got 1"), "{alone}");
    let other = bench.fails(&format!("average {splade} {distil} --output mean"), 1);
    assert!(other.contains("has another network"), "{other}");
    let absent = bench.fails(&format!("average {splade} nowhere --output mean"), 1);
    assert!(absent.contains("nowhere"), "{absent}");
    assert!(!bench.path("mean").exists());
    bench.write("there", "");
    let there = bench.fails(&format!("average {splade} {splade} --output there"), 1);
    assert!(there.contains("is there already"), "{there}");
}
