//! The teacher of `spork mine`: a dense model on libtorch.

use std::num::NonZeroUsize;

use anyhow::Result;
use spork::args::MineArgs;
use spork_encoder::{DenseModel, DeviceChoice};
use spork_miner::{Teacher, TeacherError};

use crate::encoder::precision;

/// A dense model with its settings.
pub(crate) struct DenseTeacher {
    model: DenseModel,
    batch_tokens: Option<usize>,
}

impl DenseTeacher {
    pub(crate) fn open(model: &str, args: &MineArgs) -> Result<Self> {
        let device = args.encoder.device.parse::<DeviceChoice>()?.select()?;
        let precision = precision(args.encoder.precision, device.device);
        let directory = spork_encoder::hub::resolve(model)?;
        let model = DenseModel::open_with_precision(&directory, device.device, precision)?;
        tracing::info!("teacher on {device}");
        Ok(Self { model, batch_tokens: args.encoder.batch_tokens.map(NonZeroUsize::get) })
    }
}

impl Teacher for DenseTeacher {
    fn embed(
        &self,
        texts: &[&str],
        progress: &mut dyn FnMut(usize),
    ) -> std::result::Result<Vec<Vec<f32>>, TeacherError> {
        let mut tell = |done: spork_encoder::Progress| progress(done.texts);
        Ok(self.model.embed_with_progress(texts, self.batch_tokens, &mut tell)?)
    }
}
