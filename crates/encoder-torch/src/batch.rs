//! Token ids of several texts as tensors on a device.

use tch::{Device, Kind, Tensor};

use crate::error::Result;

/// Token ids of several texts, padded to the longest.
#[derive(Debug)]
pub struct Batch {
    /// [texts, tokens], 64-bit integers. The id at padded positions does not matter.
    pub ids: Tensor,
    /// [texts, tokens], true at padded positions; none where every text has the same length.
    pub padding: Option<Tensor>,
}

impl Batch {
    /// A batch of at least one text, each of at least one token.
    ///
    /// # Errors
    /// libtorch fails, usually because memory is full.
    pub fn new(texts: &[&[u32]], device: Device) -> Result<Self> {
        let tokens = texts.iter().map(|ids| ids.len()).max().unwrap_or(0);
        let shape = [texts.len() as i64, tokens as i64];
        let mut ids = vec![0i64; texts.len() * tokens];
        let mut padding = vec![true; ids.len()];
        for (row, text) in texts.iter().enumerate() {
            let places = row * tokens..row * tokens + text.len();
            padding[places.clone()].fill(false);
            for (place, &id) in ids[places].iter_mut().zip(*text) {
                *place = i64::from(id);
            }
        }
        let padded = padding.contains(&true);
        let on_device = |tensor: Tensor| copy_to(&tensor.f_reshape(shape)?, device);
        let padding = padded.then(|| on_device(Tensor::f_from_slice(&padding)?)).transpose()?;
        Ok(Self { ids: on_device(Tensor::f_from_slice(&ids)?)?, padding })
    }

    /// [texts, 1, 1, tokens] in `kind`, to be added to attention scores: 0 at tokens, the lowest
    /// number at padding. Not −∞, which would make a row of padding alone NaN.
    pub(crate) fn attention_bias(&self, kind: Kind) -> Result<Option<Tensor>> {
        let Some(padding) = &self.padding else { return Ok(None) };
        let (texts, tokens) = padding.size2()?;
        let zeros = Tensor::f_zeros([texts, 1, 1, tokens], (kind, padding.device()))?;
        let padding = padding.f_reshape([texts, 1, 1, tokens])?;
        let lowest = match kind {
            Kind::Half => -65_504.0,
            Kind::BFloat16 => -3.38e38,
            _ => f64::from(f32::MIN),
        };
        Ok(Some(zeros.f_masked_fill(&padding, lowest)?))
    }
}

/// `tensor`, which the CPU has, on `device`. A GPU fetches it from pinned memory by itself, while
/// the CPU continues.
fn copy_to(tensor: &Tensor, device: Device) -> Result<Tensor> {
    if !device.is_cuda() {
        return Ok(tensor.f_to_device(device)?);
    }
    // libtorch gives pinned memory back to its pool only when the copy is done.
    Ok(tensor.f_pin_memory(device)?.f_to_device_(device, tensor.kind(), true, false)?)
}
