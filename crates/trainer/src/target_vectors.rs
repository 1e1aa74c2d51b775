//! Vectors of a sparse teacher as targets of the student's own: a signal in every term of every
//! text, whatever it is compared with.

use tch::{Device, Kind, Tensor};

use crate::error::{Result, TrainError};

/// The least norm that a vector counts with.
const LEAST: f64 = 1e-6;

/// A teacher's vectors of the texts of a step, by their entries.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct TargetVectors {
    texts: Vec<i64>,
    terms: Vec<i64>,
    weights: Vec<f32>,
}

impl TargetVectors {
    /// Adds the entries of a text, by its place in the step.
    pub(crate) fn push(&mut self, text: usize, entries: impl Iterator<Item = (u32, f32)>) {
        for (term, weight) in entries {
            self.texts.push(text as i64);
            self.terms.push(term.into());
            self.weights.push(weight);
        }
    }

    /// The vectors as a tensor of a shape [texts, vocabulary].
    fn tensor(&self, (texts, vocabulary): (i64, i64), device: Device) -> Result<Tensor> {
        if let Some(term) = self.terms.iter().find(|&&term| term >= vocabulary) {
            return Err(TrainError::Data(format!(
                "objective.loss.vectors: a teacher has the term {term}, the model a vocabulary of \
                 {vocabulary}; both need the same one"
            )));
        }
        let place = |numbers: &[i64]| Tensor::f_from_slice(numbers);
        let places = [Some(place(&self.texts)?), Some(place(&self.terms)?)];
        let weights = Tensor::f_from_slice(&self.weights)?;
        let zeros = Tensor::f_zeros([texts, vocabulary], (Kind::Float, Device::Cpu))?;
        Ok(zeros.f_index_put(&places, &weights, false)?.f_to_device(device)?)
    }

    /// The mean over the texts of 1 − cos between the student's weights [texts, vocabulary] and the
    /// targets: it leaves the length of vectors to the other losses.
    pub(crate) fn distance(&self, weights: &Tensor) -> Result<Tensor> {
        let targets = self.tensor(weights.size2()?, weights.device())?;
        let norm = |rows: &Tensor| -> Result<Tensor> {
            let square = rows.f_square()?.f_sum_dim_intlist(-1, false, None::<Kind>)?;
            Ok(square.f_clamp_min(LEAST * LEAST)?.f_sqrt()?)
        };
        let products = weights.f_mul(&targets)?.f_sum_dim_intlist(-1, false, None::<Kind>)?;
        let cosines = products.f_div(&norm(weights)?.f_mul(&norm(&targets)?)?)?;
        Ok(cosines.f_neg()?.f_add_scalar(1.0)?.f_mean(None::<Kind>)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::splade::value;

    #[test]
    fn distance_is_0_for_one_direction_and_1_for_none() {
        let mut targets = TargetVectors::default();
        targets.push(0, [(1, 3.0), (2, 4.0)].into_iter());
        targets.push(2, [(0, 1.0)].into_iter());
        let weights = |numbers: &[f32]| Tensor::from_slice(numbers).reshape([3, 3]);
        // The first and third point where the targets do; the second has no target.
        let along = weights(&[0.0, 0.3, 0.4, 1.0, 0.0, 0.0, 2.0, 0.0, 0.0]);
        let distance = value(&targets.distance(&along).unwrap()).unwrap();
        assert!((distance - 1.0 / 3.0).abs() < 1e-6, "{distance}");
        // cos = 3/5 for the first, 0 for the others.
        let across = weights(&[0.0, 2.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 7.0]);
        let distance = value(&targets.distance(&across).unwrap()).unwrap();
        assert!((distance - 2.4 / 3.0).abs() < 1e-6, "{distance}");
    }

    #[test]
    fn its_gradient_is_that_of_finite_differences() {
        let mut targets = TargetVectors::default();
        targets.push(0, [(0, 1.0), (2, 0.5)].into_iter());
        let at = |numbers: [f32; 3]| Tensor::from_slice(&numbers).reshape([1, 3]);
        let start = [0.4, 0.7, 0.1];
        let weights = at(start).set_requires_grad(true);
        targets.distance(&weights).unwrap().backward();
        let gradient = Vec::<f32>::try_from(weights.grad().reshape([-1])).unwrap();
        for (term, &slope) in gradient.iter().enumerate() {
            let moved = |by: f32| {
                let mut numbers = start;
                numbers[term] += by;
                value(&targets.distance(&at(numbers)).unwrap()).unwrap()
            };
            let difference = (moved(1e-2) - moved(-1e-2)) / 2e-2;
            assert!((f64::from(slope) - difference).abs() < 1e-3, "{term}: {slope} {difference}");
        }
    }

    #[test]
    fn another_vocabulary_is_refused() {
        let mut targets = TargetVectors::default();
        targets.push(0, [(7, 1.0)].into_iter());
        let said = targets.distance(&Tensor::from_slice(&[1f32; 5]).reshape([1, 5])).unwrap_err();
        assert!(said.to_string().contains("vocabulary of 5"), "{said}");
    }
}
