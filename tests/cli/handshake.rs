//! `spork` and `spork-torch` work together only if they are of one build.

use super::*;

#[test]
fn a_spork_of_another_build_is_refused_with_both_versions() {
    let bench = Bench::new();
    let mut command = bench.command("--version");
    let output = command.env("SPORK_DELEGATED_BY", "0.0.7 (build of last week)").output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = stderr(&output);
    for word in
        ["0.0.7 (build of last week)", env!("CARGO_PKG_VERSION"), "spork-torch", "./scripts/build"]
    {
        assert!(said.contains(word), "{word}: {said}");
    }
    assert!(bench.ok("--version").contains(env!("CARGO_PKG_VERSION")), "by hand, nobody is asked");
}
