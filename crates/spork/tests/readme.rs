//! The repository's README shows the example that this crate's README, a doctest, shows.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

fn example(page: &str) -> String {
    let page = std::fs::read_to_string(page).unwrap();
    let (_, from) = page.split_once("```rust\n").unwrap();
    from.split_once("```").unwrap().0.to_owned()
}

#[test]
fn both_pages_show_one_example() {
    let crate_folder = env!("CARGO_MANIFEST_DIR");
    let here = example(&format!("{crate_folder}/README.md"));
    assert_eq!(here, example(&format!("{crate_folder}/../../README.md")));
}
