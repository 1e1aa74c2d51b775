//! The record of BM25 in an index that it weighed, so that queries go through the same analyzer.

use std::collections::BTreeMap;

use crate::{Analyzer, AnalyzerError, Bm25};

const ANALYZER: &str = "analyzer";
const TOKENIZER: &str = "tokenizer";
const K1: &str = "k1";
const B: &str = "b";

impl Bm25 {
    /// The parameters as an index records them.
    pub fn parameters(self) -> BTreeMap<String, String> {
        BTreeMap::from([(K1.to_owned(), self.k1.to_string()), (B.to_owned(), self.b.to_string())])
    }

    /// The parameters that an index's properties record; `None` if they record none.
    pub fn of_properties(properties: &BTreeMap<String, String>) -> Option<Self> {
        let number = |key| properties.get(key)?.parse().ok();
        Some(Self { k1: number(K1)?, b: number(B)? })
    }

    /// The properties that an index of text records.
    ///
    /// # Errors
    /// The analyzer's tokenizer can't be written as JSON.
    pub fn properties(
        self,
        analyzer: &Analyzer,
    ) -> Result<BTreeMap<String, String>, AnalyzerError> {
        let (name, tokenizer) = analyzer.describe()?;
        let mut properties = self.parameters();
        properties.insert(ANALYZER.to_owned(), name.to_owned());
        properties.extend(tokenizer.map(|tokenizer| (TOKENIZER.to_owned(), tokenizer)));
        Ok(properties)
    }
}

impl Analyzer {
    /// The analyzer that an index's properties record; `None` if the index is not of text.
    ///
    /// # Errors
    /// There is no such analyzer, or its tokenizer can't be read.
    pub fn of_properties(
        properties: &BTreeMap<String, String>,
    ) -> Result<Option<Self>, AnalyzerError> {
        let Some(name) = properties.get(ANALYZER) else { return Ok(None) };
        Self::from_description(name, properties.get(TOKENIZER).map(String::as_str)).map(Some)
    }

    /// A query's terms, ascending, each weighted by its count in the query; idf is multiplied in by
    /// the search.
    pub fn query(&self, text: &str) -> Vec<(String, f32)> {
        self.count_terms(text).into_iter().map(|(term, count)| (term, count as f32)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn properties_bring_the_analyzer_back() {
        let properties = Bm25 { k1: 1.2, b: 0.75 }.properties(&Analyzer::english()).unwrap();
        assert_eq!(properties["k1"], "1.2");
        assert_eq!(properties["b"], "0.75");
        assert_eq!(Bm25::of_properties(&properties), Some(Bm25 { k1: 1.2, b: 0.75 }));
        assert_eq!(Bm25::of_properties(&BTreeMap::new()), None);
        let again = Analyzer::of_properties(&properties).unwrap().unwrap();
        assert_eq!(again.query("running a run"), [("run".to_owned(), 2.0)]);
        assert!(Analyzer::of_properties(&BTreeMap::new()).unwrap().is_none());
    }
}
