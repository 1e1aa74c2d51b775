//! The network of a dense encoder: a transformer, the mean of its tokens' states, length 1.

use spork_encoder::{Batch, DenseNetwork, Placement};
use tch::{Device, Kind, Tensor};

use crate::batch;
use crate::error::Result;
use crate::transformer::Transformer;

/// A transformer without head.
pub(crate) struct DenseTransformer {
    pub(crate) transformer: Transformer,
    pub(crate) device: Device,
    /// Numbers of an embedding.
    pub(crate) width: usize,
    pub(crate) placement: Placement,
}

impl DenseNetwork for DenseTransformer {
    fn placement(&self) -> &Placement {
        &self.placement
    }

    fn embed(&self, batch: &Batch<'_>) -> spork_encoder::Result<Vec<Vec<f32>>> {
        let values = self.means(batch)?;
        Ok(values.chunks(self.width).map(<[f32]>::to_vec).collect())
    }
}

impl DenseTransformer {
    /// The normalized means, one text after the other.
    fn means(&self, rows: &[&[u32]]) -> Result<Vec<f32>> {
        let _guard = tch::no_grad_guard();
        let batch = batch::Batch::new(rows, self.device)?;
        let states = self.transformer.states(&batch)?.f_to_kind(Kind::Float)?;
        let means = mean_of_tokens(&states, batch.padding.as_ref())?;
        let lengths = means.f_norm_scalaropt_dim(2.0, [1i64], true)?.f_clamp_min(1e-12)?;
        let mut values = vec![0.0; rows.len() * self.width];
        means
            .f_div(&lengths)?
            .f_to_device(Device::Cpu)?
            .f_copy_data(&mut values, rows.len() * self.width)?;
        Ok(values)
    }
}

/// [texts, tokens, width] → [texts, width]: the mean over tokens that are no padding.
fn mean_of_tokens(states: &Tensor, padding: Option<&Tensor>) -> Result<Tensor> {
    let Some(padding) = padding else {
        return Ok(states.f_mean_dim([1i64].as_slice(), false, Kind::Float)?);
    };
    let real = padding.f_logical_not()?.f_to_kind(Kind::Float)?.f_unsqueeze(2)?;
    let sums = states.f_mul(&real)?.f_sum_dim_intlist([1i64].as_slice(), false, Kind::Float)?;
    Ok(sums.f_div(&real.f_sum_dim_intlist([1i64].as_slice(), false, Kind::Float)?)?)
}
