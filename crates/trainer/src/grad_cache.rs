//! Texts through the network in pieces that fit into memory, and gradients back through it
//! (GradCache, Gao et al. 2021): the loss sees the whole step, the network only a few texts at a
//! time.

use spork_encoder_cpu::Screen;
use spork_encoder_torch::transformer::Dropout;
use tch::Tensor;

use crate::error::Result;
use crate::random::{Purpose, torch_seed};
use crate::student::Student;

/// Texts whose weights enter one loss.
pub(crate) struct Forward<'s> {
    student: &'s Student,
    texts: &'s [Vec<u32>],
    /// Positions in `texts`, of similar length.
    parts: Vec<Vec<usize>>,
    /// By part: its weights with their graph, where they are kept.
    kept: Vec<Option<Tensor>>,
    /// Of the decoder, for the whole step.
    screen: Option<Screen>,
    seed: u64,
}

impl<'s> Forward<'s> {
    /// `tokens` at a time, padding counted. Dropout follows from `seed` and the part.
    pub(crate) fn new(
        student: &'s Student,
        texts: &'s [Vec<u32>],
        tokens: usize,
        seed: u64,
    ) -> Result<Self> {
        let parts = by_length(texts, tokens);
        let kept = parts.iter().map(|_| None).collect();
        Ok(Self { student, texts, parts, kept, screen: student.screen()?, seed })
    }

    /// The weights [texts, vocabulary] of all texts: a leaf that takes a gradient. If `cached`, no
    /// graph is kept.
    pub(crate) fn weights(&mut self, cached: bool) -> Result<Tensor> {
        let mut parts = Vec::new();
        for part in 0..self.parts.len() {
            let weights = if cached { tch::no_grad(|| self.run(part))? } else { self.run(part)? };
            parts.push(weights.f_detach()?);
            self.kept[part] = (!cached).then_some(weights);
        }
        let order: Vec<usize> = self.parts.concat();
        let mut places = vec![0i64; order.len()];
        for (place, &text) in order.iter().enumerate() {
            places[text] = place as i64;
        }
        let places = Tensor::f_from_slice(&places)?.f_to_device(self.student.device)?;
        Ok(Tensor::f_cat(&parts, 0)?.f_index_select(0, &places)?.f_set_requires_grad(true)?)
    }

    /// Adds to the variables' gradients, from the gradient [texts, vocabulary] of
    /// [`Self::weights`].
    pub(crate) fn backward(mut self, gradient: &Tensor) -> Result<()> {
        for part in 0..self.parts.len() {
            let weights = match self.kept[part].take() {
                Some(weights) => weights,
                None => self.run(part)?,
            };
            let rows: Vec<i64> = self.parts[part].iter().map(|&text| text as i64).collect();
            let rows = Tensor::f_from_slice(&rows)?.f_to_device(self.student.device)?;
            // The derivative of this product is the one that the chain rule needs.
            let product = weights.f_mul(&gradient.f_index_select(0, &rows)?)?;
            product.f_sum(None)?.f_backward()?;
        }
        Ok(())
    }

    fn run(&self, part: usize) -> Result<Tensor> {
        let dropout = self.student.dropout;
        if dropout != Dropout::default() {
            tch::manual_seed(torch_seed(self.seed, Purpose::Dropout, part as u64));
        }
        let rows: Vec<&[u32]> =
            self.parts[part].iter().map(|&text| self.texts[text].as_slice()).collect();
        self.student.weights(&rows, self.screen.as_ref(), dropout)
    }
}

/// Positions of texts, longest first, in parts of at most `tokens` tokens with padding. A longer
/// text has a part of its own.
pub(crate) fn by_length(texts: &[Vec<u32>], tokens: usize) -> Vec<Vec<usize>> {
    let mut order: Vec<usize> = (0..texts.len()).collect();
    order.sort_by_key(|&text| std::cmp::Reverse(texts[text].len()));
    let mut parts: Vec<Vec<usize>> = Vec::new();
    let mut longest = 0;
    for text in order {
        match parts.last_mut() {
            Some(part) if longest * (part.len() + 1) <= tokens => part.push(text),
            _ => {
                longest = texts[text].len();
                parts.push(vec![text]);
            }
        }
    }
    parts
}
