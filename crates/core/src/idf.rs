//! How much it tells that a document has a term.

/// Inverse document frequency of a term that `df` of `documents` hold: ln(1 + (N − df + ½) / (df +
/// ½)), which never falls below zero (Lucene's form of Robertson and Zaragoza 2009, section 3).
pub fn idf(documents: u64, df: u32) -> f64 {
    let (n, df) = (documents as f64, f64::from(df));
    (1.0 + (n - df + 0.5) / (df + 0.5)).ln()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_values() {
        assert!((idf(4, 1) - (1.0f64 + 3.5 / 1.5).ln()).abs() < 1e-12);
        assert!(idf(4, 4) > 0.0);
        assert!(idf(1000, 10) > idf(1000, 11));
    }
}
