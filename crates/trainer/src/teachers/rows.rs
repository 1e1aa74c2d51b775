//! Vectors of many texts, and the products of some of them.

use std::collections::HashMap;

use rayon::prelude::*;
use rustc_hash::FxBuildHasher;

use crate::texts::TextId;

/// One vector a text.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Rows {
    /// Of `width` numbers each.
    Dense { width: usize, values: Vec<f32> },
    /// Of few terms each.
    Sparse(SparseRows),
}

/// Terms and weights of one text after the other.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct SparseRows {
    /// By text: where its terms end.
    pub(crate) ends: Vec<u64>,
    pub(crate) terms: Vec<u32>,
    pub(crate) weights: Vec<f32>,
}

impl SparseRows {
    pub(crate) fn push(&mut self, entries: impl Iterator<Item = (u32, f32)>) {
        for (term, weight) in entries {
            self.terms.push(term);
            self.weights.push(weight);
        }
        self.ends.push(self.terms.len() as u64);
    }

    fn get(&self, id: TextId) -> impl Iterator<Item = (u32, f32)> {
        let number = id.0 as usize;
        let end = self.ends.get(number).copied().unwrap_or(0) as usize;
        let start = number.checked_sub(1).and_then(|before| self.ends.get(before)).copied();
        let range = start.unwrap_or(0) as usize..end;
        let terms = self.terms.get(range.clone()).unwrap_or_default();
        let weights = self.weights.get(range).unwrap_or_default();
        terms.iter().copied().zip(weights.iter().copied())
    }
}

impl Rows {
    /// Number of texts.
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Dense { width, values } => values.len() / (*width).max(1),
            Self::Sparse(rows) => rows.ends.len(),
        }
    }

    /// The terms and weights of a text; none of dense vectors.
    pub(crate) fn entries(&self, id: TextId) -> impl Iterator<Item = (u32, f32)> {
        let sparse = match self {
            Self::Sparse(rows) => Some(rows.get(id)),
            Self::Dense { .. } => None,
        };
        sparse.into_iter().flatten()
    }

    /// The products [queries × documents] of rows of `self`, the queries', and of `documents`; 0
    /// where the two are of different kinds.
    pub(crate) fn products(&self, queries: &[TextId], documents: &Self, of: &[TextId]) -> Vec<f32> {
        let rows = queries.par_iter().flat_map_iter(|&query| match (self, documents) {
            (Self::Dense { width, values }, Self::Dense { width: other, values: documents }) => {
                let query = row(*width, values, query);
                of.iter().map(|&id| dot(query, row(*other, documents, id))).collect()
            }
            (Self::Sparse(rows), Self::Sparse(documents)) => {
                let query: HashMap<u32, f32, FxBuildHasher> = rows.get(query).collect();
                of.iter().map(|&id| sparse_dot(&query, documents.get(id))).collect()
            }
            _ => vec![0.0; of.len()],
        });
        rows.collect()
    }
}

fn row(width: usize, values: &[f32], id: TextId) -> &[f32] {
    let start = id.0 as usize * width;
    values.get(start..start + width).unwrap_or_default()
}

fn dot(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn sparse_dot(
    query: &HashMap<u32, f32, FxBuildHasher>,
    document: impl Iterator<Item = (u32, f32)>,
) -> f32 {
    document.filter_map(|(term, weight)| Some(query.get(&term)? * weight)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_of_chosen_rows() {
        let ids = |numbers: &[u32]| numbers.iter().copied().map(TextId).collect::<Vec<_>>();
        let dense = |values: &[f32]| Rows::Dense { width: 2, values: values.to_vec() };
        let queries = dense(&[1.0, 0.0, 0.5, 2.0]);
        let documents = dense(&[1.0, 1.0, 3.0, 0.0, 0.0, 4.0]);
        let products = queries.products(&ids(&[1, 0]), &documents, &ids(&[2, 0]));
        assert_eq!(products, [8.0, 2.5, 0.0, 1.0]);

        let sparse = |rows: &[&[(u32, f32)]]| {
            let mut sparse = SparseRows::default();
            rows.iter().for_each(|row| sparse.push(row.iter().copied()));
            Rows::Sparse(sparse)
        };
        let queries = sparse(&[&[(7, 2.0)], &[], &[(3, 1.0), (7, 1.0)]]);
        let documents = sparse(&[&[(3, 0.5), (7, 4.0)], &[(8, 1.0)]]);
        assert_eq!((queries.len(), documents.len()), (3, 2));
        let products = queries.products(&ids(&[0, 1, 2]), &documents, &ids(&[0, 1]));
        assert_eq!(products, [8.0, 0.0, 0.0, 0.0, 4.5, 0.0]);
    }
}
