//! Which files of a repository make up a model. Repositories also hold the same weights for other
//! frameworks, training states and pictures; one copy of the weights, the configuration and the
//! tokenizer are enough.

use serde_json::Value;

use super::id::is_word;
use crate::directory::SEARCH_CONFIG;

/// The list of a sentence-transformers model's modules.
pub(super) const MODULES: &str = "modules.json";
/// The modules on each route of a sentence-transformers router.
pub(super) const ROUTER: &str = "router_config.json";

/// Configuration and tokenizer, wherever they are.
const SMALL_FILES: [&str; 14] = [
    "added_tokens.json",
    "config.json",
    "config_sentence_transformers.json",
    "idf.json",
    MODULES,
    ROUTER,
    "sentence_bert_config.json",
    "sentence_distilbert_config.json",
    "special_tokens_map.json",
    SEARCH_CONFIG,
    "tokenizer.json",
    "tokenizer_config.json",
    "vocab.txt",
    "query_token_weights.txt",
];

/// Weights, the better one first: of several only one is downloaded.
const WEIGHTS: [&str; 2] = ["model.safetensors", "pytorch_model.bin"];

/// Whether a file is the model's weights.
pub(super) fn is_weights(file: &str) -> bool {
    WEIGHTS.contains(&file.rsplit('/').next().unwrap_or(file))
}

/// The files to download from `folder`, of those that the repository has; weights last.
pub(super) fn wanted(available: &[&str], folder: &str) -> Vec<String> {
    let present = |name: &&str| available.contains(&join(folder, name).as_str());
    let weights = WEIGHTS.iter().copied().find(|name| present(name));
    let names = SMALL_FILES.iter().copied().filter(present).chain(weights);
    names.map(|name| join(folder, name)).collect()
}

/// A file's path in the repository; the root folder has an empty name.
pub(super) fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}

/// The folders that a `modules.json` names.
pub(super) fn module_folders(modules: &[u8]) -> Vec<String> {
    let modules: Value = serde_json::from_slice(modules).unwrap_or_default();
    let paths =
        modules.as_array().into_iter().flatten().filter_map(|module| module.get("path")?.as_str());
    paths.filter(|path| is_folder(path)).map(str::to_owned).collect()
}

/// The folders that a `router_config.json` in `folder` names.
pub(super) fn route_folders(folder: &str, router: &[u8]) -> Vec<String> {
    let router: Value = serde_json::from_slice(router).unwrap_or_default();
    let names = router
        .get("types")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
        .map(|(name, _)| name.as_str());
    names.filter(|name| is_folder(name)).map(|name| join(folder, name)).collect()
}

/// A plain relative path: what comes from elsewhere must not lead out of the model's folder.
fn is_folder(path: &str) -> bool {
    path.split('/').all(|part| is_word(part) && !part.starts_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_copy_of_the_weights_and_nothing_foreign() {
        let available = [
            "README.md",
            "config.json",
            "model.safetensors",
            "pytorch_model.bin",
            "tf_model.h5",
            "onnx/model.onnx",
            "tokenizer.json",
            "vocab.txt",
            "training_args.bin",
            "1_SpladePooling/config.json",
            "flax_model.msgpack",
        ];
        assert_eq!(
            wanted(&available, ""),
            ["config.json", "tokenizer.json", "vocab.txt", "model.safetensors"]
        );
        assert_eq!(wanted(&available, "1_SpladePooling"), ["1_SpladePooling/config.json"]);
        assert_eq!(wanted(&available[3..4], ""), ["pytorch_model.bin"]);
        assert!(is_weights("0_Transformer/model.safetensors") && !is_weights("training_args.bin"));
    }

    #[test]
    fn folders_come_from_the_modules() {
        let modules =
            br#"[{"path": ""}, {"path": "1_SpladePooling"}, {"path": "../../x"}, {"path": "/x"}, {"idx": 1}]"#;
        assert_eq!(module_folders(modules), ["1_SpladePooling"]);
        let router =
            br#"{"types": {"query_0_Static": "x", "document_0_MLMTransformer": "y", "..": "z"}}"#;
        let expected = ["document_0_MLMTransformer", "query_0_Static"];
        assert_eq!(route_folders("", router), expected);
        assert_eq!(
            route_folders("0_Router", router),
            expected.map(|name| format!("0_Router/{name}"))
        );
        assert!(module_folders(b"{").is_empty() && route_folders("", b"[]").is_empty());
    }
}
