//! The file of query tokens' weights, which a trained model's folder has beside the network.

use std::collections::BTreeMap;

/// The file's name in a model's folder.
pub const FILE: &str = "query_weights.json";

/// The file's text: a JSON object with a token a line, those that weigh nothing left out.
#[must_use]
pub fn text<'a>(weights: impl IntoIterator<Item = (&'a str, f64)>) -> String {
    let weighing = weights.into_iter().filter(|&(token, weight)| !token.is_empty() && weight > 0.0);
    // Sorted, so that versions of a file can be compared.
    let lines: BTreeMap<&str, f64> = weighing.collect();
    let lines = lines
        .iter()
        .map(|(token, weight)| format!("{}:{weight:.3}", serde_json::json!(token)))
        .collect::<Vec<_>>();
    format!("{{\n{}\n}}\n", lines.join(",\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_a_line_in_order() {
        let weights = [("jet", 1.2345), ("", 1.0), ("\"", 0.5), ("the", 0.0), ("a", 2.0)];
        let text = text(weights);
        assert_eq!(text, "{\n\"\\\"\":0.500,\n\"a\":2.000,\n\"jet\":1.234\n}\n");
        let read: BTreeMap<String, f64> = serde_json::from_str(&text).unwrap();
        assert_eq!(read.len(), 3);
    }
}
