//! What is searched for.

/// What is searched for.
#[derive(Clone, Debug, PartialEq)]
pub enum Query {
    /// Text: for the analyzer of a BM25 field, for the model, or for both.
    Text(String),
    /// Terms and weights.
    Vector(Vec<(String, f32)>),
    /// Text for a BM25 field, and terms and weights for a field of vectors.
    Both(String, Vec<(String, f32)>),
}

impl From<&str> for Query {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Query {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl<T: Into<String>> From<Vec<(T, f32)>> for Query {
    fn from(vector: Vec<(T, f32)>) -> Self {
        Self::Vector(vector.into_iter().map(|(term, weight)| (term.into(), weight)).collect())
    }
}

impl<T: Into<String>, const N: usize> From<[(T, f32); N]> for Query {
    fn from(vector: [(T, f32); N]) -> Self {
        Self::Vector(vector.into_iter().map(|(term, weight)| (term.into(), weight)).collect())
    }
}
