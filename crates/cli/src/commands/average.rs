//! `spork average`: the mean of several models.

use anyhow::Result;
use spork_model::average;

use crate::args::AverageArgs;

pub(crate) fn run(args: &AverageArgs) -> Result<()> {
    average(&args.models, &args.output)?;
    tracing::info!("{}: the mean of {} models", args.output.display(), args.models.len());
    Ok(())
}
