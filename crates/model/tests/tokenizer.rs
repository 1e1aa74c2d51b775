//! Tokenizers as directories hold them.

#![allow(clippy::unwrap_used, reason = "a test that can't go on should stop")]

use std::path::Path;

use spork_model::TextTokenizer;

/// The ids of `text` by the tokenizer in `folder`, at most 40.
fn ids(folder: &Path, lowercase: bool, text: &str) -> Vec<u32> {
    TextTokenizer::open(folder, lowercase).unwrap().framed(text, 40).unwrap()
}

#[test]
fn stored_truncation_and_padding_are_ignored_and_the_configuration_counts() {
    let folder = tempfile::tempdir().unwrap();
    let text = "The Quick BROWN fox jumps over the lazy dog, and the dog sleeps";
    let stored = std::fs::read_to_string("tests/golden/bert-tied/tokenizer.json").unwrap();
    let mut tokenizer: serde_json::Value = serde_json::from_str(&stored).unwrap();
    let file = folder.path().join("tokenizer.json");
    std::fs::write(&file, &stored).unwrap();
    let plain = ids(folder.path(), false, text);

    tokenizer["truncation"] = serde_json::json!({"direction": "Right", "max_length": 4, "strategy": "LongestFirst", "stride": 0});
    tokenizer["padding"] = serde_json::json!({
        "strategy": {"Fixed": 30}, "direction": "Right", "pad_to_multiple_of": null, "pad_id": 0, "pad_type_id": 0,
        "pad_token": "[PAD]"
    });
    std::fs::write(&file, tokenizer.to_string()).unwrap();
    assert_eq!(ids(folder.path(), false, text), plain);

    let config = folder.path().join("tokenizer_config.json");
    std::fs::write(&config, r#"{"tokenizer_class": "BertTokenizer", "do_lower_case": false}"#)
        .unwrap();
    let cased = ids(folder.path(), false, text);
    assert_ne!(cased, plain);
    assert_eq!(ids(folder.path(), true, text), plain, "lower-casing on request");
    std::fs::write(
        &config,
        r#"{"tokenizer_class": "PreTrainedTokenizerFast", "do_lower_case": false}"#,
    )
    .unwrap();
    assert_eq!(ids(folder.path(), false, text), plain, "a class whose tokenizer.json alone counts");
}
