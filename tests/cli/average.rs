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
    let terms = |model: &str| {
        let output =
            bench.command("inspect --device cpu --model").arg(model).arg("a house").output();
        String::from_utf8(output.unwrap().stdout).unwrap()
    };
    assert!(terms("one").lines().count() > 1, "{}", terms("one"));
    assert_eq!(terms("one"), terms("two"));
}

#[test]
fn what_has_no_mean_is_refused_and_nothing_is_overwritten() {
    let bench = Bench::new();
    let [splade, distil] = ["st-splade", "distilbert"]
        .map(|name| project("crates/model/tests/golden").join(name).display().to_string());
    let alone = bench.fails(&format!("average {splade} --output mean"), 2);
    assert!(alone.contains("2 values required"), "{alone}");
    let other = bench.fails(&format!("average {splade} {distil} --output mean"), 1);
    assert!(other.contains("has another network"), "{other}");
    let absent = bench.fails(&format!("average {splade} nowhere --output mean"), 1);
    assert!(absent.contains("nowhere"), "{absent}");
    assert!(!bench.path("mean").exists());
    bench.write("there", "");
    let there = bench.fails(&format!("average {splade} {splade} --output there"), 1);
    assert!(there.contains("is there already"), "{there}");
}
