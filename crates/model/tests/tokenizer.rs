//! Tokenizers as directories hold them.

#![allow(clippy::unwrap_used, reason = "a test that can't go on should stop")]

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use spork_model::{ModelError, TextTokenizer};

/// The folder of the committed golden files.
const GOLDEN: &str = "tests/golden";

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

/// A copy of a golden model's tokenizer, to be spoiled.
struct Folder(tempfile::TempDir);

impl Folder {
    fn of(model: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for file in ["config.json", "tokenizer.json", "tokenizer_config.json", "vocab.txt"] {
            let source = Path::new(GOLDEN).join(model).join(file);
            if source.exists() {
                fs::copy(&source, folder.path().join(file)).unwrap();
            }
        }
        Self(folder)
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn write(&self, file: &str, content: impl AsRef<[u8]>) {
        fs::write(self.path().join(file), content).unwrap();
    }

    fn remove(&self, file: &str) {
        let _ = fs::remove_file(self.path().join(file));
    }

    /// Changes a file of JSON.
    fn edit(&self, file: &str, change: impl FnOnce(&mut Value)) {
        let text = fs::read_to_string(self.path().join(file)).unwrap();
        let mut value = serde_json::from_str(&text).unwrap();
        change(&mut value);
        self.write(file, value.to_string());
    }

    /// Sets a key, given as a JSON pointer.
    fn set(&self, file: &str, pointer: &str, new: &Value) {
        self.edit(file, |value| {
            let (parent, key) = pointer.rsplit_once('/').unwrap();
            let parent = value.pointer_mut(parent).unwrap();
            parent.as_object_mut().unwrap().insert(key.to_owned(), new.clone());
        });
    }

    fn refusal(&self) -> ModelError {
        match TextTokenizer::open(self.path(), false) {
            Ok(_) => panic!("opened"),
            Err(error) => error,
        }
    }
}

/// Whatever a case of tokenizers.json does to a folder.
fn edited(case: &Value) -> Folder {
    let folder = Folder::of(case["base"].as_str().unwrap());
    let strings = |value: &Value| -> Vec<String> {
        value.as_array().into_iter().flatten().map(|s| s.as_str().unwrap().to_owned()).collect()
    };
    for file in strings(&case["absent"]) {
        folder.remove(&file);
    }
    for (file, settings) in case["set"].as_object().into_iter().flatten() {
        for (pointer, value) in settings.as_object().unwrap() {
            folder.set(file, pointer, value);
        }
    }
    for (file, keys) in case["unset"].as_object().into_iter().flatten() {
        folder.edit(file, |value| {
            for key in strings(keys) {
                value.as_object_mut().unwrap().remove(&key[1..]);
            }
        });
    }
    for (file, content) in case["write"].as_object().into_iter().flatten() {
        folder.write(file, content.to_string());
    }
    folder
}

#[test]
fn folders_of_every_shape_have_the_ids_of_transformers() {
    let text = fs::read_to_string(Path::new(GOLDEN).join("tokenizers.json")).unwrap();
    let golden: Value = serde_json::from_str(&text).unwrap();
    let cases = golden["cases"].as_array().unwrap();
    assert!(cases.len() > 40);
    for case in cases {
        let tokenizer = TextTokenizer::open(edited(case).path(), false)
            .unwrap_or_else(|error| panic!("{}: {error}", case["name"]));
        let ids = tokenizer.framed(golden["text"].as_str().unwrap(), usize::MAX).unwrap();
        assert_eq!(json!(ids), case["ids"], "{}", case["name"]);
        assert_eq!(json!(tokenizer.max_length()), case["max_length"], "{}", case["name"]);
    }
}

#[test]
fn tokenizers_that_split_in_their_own_way_are_refused_by_name() {
    let config = "tokenizer_config.json";
    for (file, pointer, value, says) in [
        (config, "/tokenizer_class", json!("BertJapaneseTokenizer"), "MeCab"),
        (config, "/tokenizer_class", json!("RobertaTokenizerFast"), "PreTrainedTokenizerFast"),
        (config, "/tokenizer_class", json!("PhobertTokenizer"), "its own code"),
        (config, "/word_tokenizer_type", json!("mecab"), "word_tokenizer_type"),
        (config, "/subword_tokenizer_type", json!("character"), "subword_tokenizer_type"),
    ] {
        let folder = Folder::of("bert-tied");
        folder.set(file, pointer, &value);
        let error = folder.refusal();
        assert!(matches!(error, ModelError::TokenizerClass { .. }), "{error}");
        let message = error.to_string();
        assert!(message.contains(file) && message.contains(says), "{message}");
        assert!(message.contains("spork index --input"), "{message}");
    }

    let folder = Folder::of("bert-tied");
    folder.set(config, "/auto_map", &json!(["tokenization.MyTokenizer", null]));
    folder.set(config, "/tokenizer_class", &json!("MyTokenizer"));
    assert!(folder.refusal().to_string().contains("auto_map"));

    // config.json says it where tokenizer_config.json does not.
    let folder = Folder::of("bert-untied-bin");
    folder.remove(config);
    folder.set("config.json", "/tokenizer_class", &json!("KoBertTokenizer"));
    let message = folder.refusal().to_string();
    assert!(message.contains("config.json: the tokenizer KoBertTokenizer"), "{message}");
}

#[test]
fn what_is_no_tokenizer_is_named() {
    const POINTER: &str = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n";
    for file in ["tokenizer.json", "tokenizer_config.json", "vocab.txt"] {
        let folder = Folder::of("bert-tied");
        if file == "vocab.txt" {
            folder.remove("tokenizer.json");
        }
        folder.write(file, POINTER);
        let message = folder.refusal().to_string();
        assert!(message.contains(file) && message.contains("git lfs pull"), "{message}");
    }

    let folder = Folder::of("bert-tied");
    folder.remove("tokenizer.json");
    folder.remove("vocab.txt");
    folder.write("spiece.model", "");
    assert!(folder.refusal().to_string().contains("SentencePiece"));

    for (key, value, says) in [
        ("do_lower_case", json!("yes"), "true or false"),
        ("strip_accents", json!(1), "true or false"),
        ("truncation_side", json!("both"), "\"right\" or \"left\""),
        ("added_tokens_decoder", json!({"589": "newtok"}), "content"),
    ] {
        let folder = Folder::of("bert-tied");
        folder.set("tokenizer_config.json", &format!("/{key}"), &value);
        let message = folder.refusal().to_string();
        assert!(message.contains(key) && message.contains(says), "{message}");
    }
}

#[test]
fn a_byte_order_mark_is_no_part_of_a_file() {
    let folder = Folder::of("bert-tied");
    let text = "The Quick fox";
    let plain = ids(folder.path(), false, text);
    for file in ["tokenizer.json", "tokenizer_config.json"] {
        let content = fs::read_to_string(folder.path().join(file)).unwrap();
        folder.write(file, format!("\u{feff}{content}"));
    }
    assert_eq!(ids(folder.path(), false, text), plain);
}

#[test]
fn tokens_beyond_the_rows_are_named() {
    let folder = Folder::of("bert-tied");
    folder.write("added_tokens.json", r#"{"newtok": 589}"#);
    let tokenizer = TextTokenizer::open(folder.path(), false).unwrap();
    assert!(tokenizer.check_rows(folder.path(), 590).is_ok());
    let message = tokenizer.check_rows(folder.path(), 589).unwrap_err().to_string();
    assert!(message.contains("\"newtok\" (589)") && message.contains("589"), "{message}");
}

#[test]
fn truncation_may_keep_the_end() {
    let folder = Folder::of("bert-tied");
    let right = TextTokenizer::open(folder.path(), false).unwrap();
    folder.set("tokenizer_config.json", "/truncation_side", &json!("left"));
    let left = TextTokenizer::open(folder.path(), false).unwrap();
    let text = "the quick brown fox ".repeat(5000);
    let all = right.bare(&text, usize::MAX).unwrap();
    assert_eq!(right.bare(&text, 6).unwrap(), all[..6]);
    assert_eq!(left.bare(&text, 6).unwrap(), all[all.len() - 6..]);
    assert_eq!(left.framed(&text, 8).unwrap()[1..7], all[all.len() - 6..]);
    assert_ne!(right.fingerprint().unwrap(), left.fingerprint().unwrap());
}
