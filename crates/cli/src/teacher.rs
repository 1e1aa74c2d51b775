//! The teacher of `spork mine`: a dense model.

use std::num::NonZeroUsize;

use anyhow::Result;
use spork_encoder::{DenseModel, Progress};
use spork_miner::{Teacher, TeacherError};
use spork_model::hub;

use crate::args::EncoderArgs;
use crate::networks::Networks;

/// A dense model with its settings.
pub(crate) struct DenseTeacher {
    model: DenseModel,
    batch_tokens: Option<usize>,
}

impl DenseTeacher {
    pub(crate) fn open(model: &str, args: &EncoderArgs, networks: Networks<'_>) -> Result<Self> {
        let (device, precision) = (args.device.parse()?, args.precision.into());
        let model = DenseModel::open(&hub::resolve(model)?, device, precision, networks.backend)?;
        networks.tell(model.placement());
        Ok(Self { model, batch_tokens: args.batch_tokens.map(NonZeroUsize::get) })
    }
}

impl Teacher for DenseTeacher {
    fn embed(
        &self,
        texts: &[&str],
        progress: &mut dyn FnMut(usize),
    ) -> std::result::Result<Vec<Vec<f32>>, TeacherError> {
        let mut tell = |done: Progress| progress(done.texts);
        Ok(self.model.embed_with_progress(texts, self.batch_tokens, &mut tell)?)
    }
}
