//! Teachers of whole batches: the score of any query and document of a run, as a product of vectors
//! that are made once.

mod bm25;
mod models;
mod rows;

use std::path::Path;

use crate::config::{TeacherConfig, TeacherKind};
use crate::error::Result;
use crate::examples::Examples;
use crate::target_vectors::TargetVectors;
use crate::texts::TextId;

pub use models::TeacherNetworks;
use rows::Rows;

/// All teachers of a run.
#[derive(Debug, Default)]
pub(crate) struct Teachers(Vec<Teacher>);

#[derive(Debug)]
struct Teacher {
    kind: TeacherKind,
    weight: f32,
    standardize: bool,
    queries: Rows,
    documents: Rows,
}

impl Teachers {
    /// Makes the vectors of all texts; those of models are kept in `folder`, for when the run is
    /// resumed.
    pub(crate) fn prepare(
        configs: &[TeacherConfig],
        examples: &Examples,
        networks: TeacherNetworks<'_>,
        folder: &Path,
    ) -> Result<Self> {
        let mut teachers = Vec::new();
        for (number, config) in configs.iter().enumerate() {
            let kept = folder.join(format!("{}.safetensors", number + 1));
            let (queries, documents) = match &config.model {
                Some(model) => models::vectors(config, model, examples, networks, &kept)?,
                None => bm25::vectors(&examples.queries, &examples.documents),
            };
            let TeacherConfig { kind, weight, standardize, .. } = *config;
            teachers.push(Teacher { kind, weight, standardize, queries, documents });
        }
        Ok(Self(teachers))
    }

    /// Whether there is none.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The joint scores [queries × documents]: the sum of the teachers', each times its weight.
    pub(crate) fn scores(&self, queries: &[TextId], documents: &[TextId]) -> Vec<f32> {
        let mut sum = vec![0.0; queries.len() * documents.len()];
        for teacher in &self.0 {
            let mut scores = teacher.queries.products(queries, &teacher.documents, documents);
            if teacher.standardize {
                scores.chunks_mut(documents.len().max(1)).for_each(standardize);
            }
            sum.iter_mut().zip(&scores).for_each(|(sum, score)| *sum += teacher.weight * score);
        }
        sum
    }

    /// The embeddings of queries by the first teacher that is a dense model, one after the other,
    /// and how many numbers each has.
    pub(crate) fn embeddings(&self, queries: &[TextId]) -> Option<(Vec<f32>, usize)> {
        self.0.iter().find_map(|teacher| match &teacher.queries {
            Rows::Dense { width, values } => {
                let rows = values.chunks((*width).max(1)).collect::<Vec<_>>();
                let row = |id: &TextId| rows.get(id.0 as usize).copied().unwrap_or_default();
                Some((queries.iter().flat_map(row).copied().collect(), *width))
            }
            Rows::Sparse(_) => None,
        })
    }

    /// The vectors of queries, then of documents, by each teacher that is a sparse model.
    pub(crate) fn vectors(&self, queries: &[TextId], documents: &[TextId]) -> Vec<TargetVectors> {
        let sparse = self.0.iter().filter(|teacher| teacher.kind == TeacherKind::Sparse);
        let vectors = sparse.map(|teacher| {
            let mut vectors = TargetVectors::default();
            for (place, &id) in queries.iter().enumerate() {
                vectors.push(place, teacher.queries.entries(id));
            }
            for (place, &id) in documents.iter().enumerate() {
                vectors.push(queries.len() + place, teacher.documents.entries(id));
            }
            vectors
        });
        vectors.collect()
    }
}

/// Scores to z-scores: how many standard deviations each lies above the mean; zeros where all are
/// equal.
fn standardize(scores: &mut [f32]) {
    let count = scores.len() as f64;
    let mean = scores.iter().map(|&score| f64::from(score)).sum::<f64>() / count;
    let square = |&score: &f32| (f64::from(score) - mean).powi(2);
    let deviation = (scores.iter().map(square).sum::<f64>() / count).sqrt();
    // Equal scores differ from their mean by rounding only.
    let equal = deviation <= 1e-6 * mean.abs().max(1e-6);
    for score in scores {
        *score = if equal { 0.0 } else { ((f64::from(*score) - mean) / deviation) as f32 };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn teachers_are_added_each_on_its_own_scale() {
        let dense = |values: &[f32]| Rows::Dense { width: 1, values: values.to_vec() };
        let teacher = |weight, standardize| Teacher {
            kind: TeacherKind::Dense,
            weight,
            standardize,
            queries: dense(&[1.0, 0.0]),
            documents: dense(&[3.0, 1.0]),
        };
        let teachers = Teachers(vec![teacher(2.0, false), teacher(0.5, true)]);
        let ids = [TextId(0), TextId(1)];
        // The second query scores all documents alike.
        assert_eq!(teachers.scores(&ids, &ids), [6.5, 1.5, 0.0, 0.0]);
        assert!(teachers.scores(&ids, &[]).is_empty());
        assert!(teachers.vectors(&ids, &ids).is_empty());
    }

    #[test]
    fn z_scores_have_mean_0_and_deviation_1() {
        let mut scores = [2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0];
        standardize(&mut scores);
        assert_eq!((scores[0], scores[7]), (-1.5, 2.0));
        let mut equal = [0.1 + 0.2, 0.3, 0.3];
        standardize(&mut equal);
        assert_eq!(equal, [0.0; 3]);
    }
}
