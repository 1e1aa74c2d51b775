//! `spork-torch`: the whole of `spork` with the network linked in.

mod encode;
mod encoder;
mod inspect;
mod teacher;
mod train;
mod validation;

use std::process::ExitCode;

use anyhow::Result;
use spork::args::{EncodeArgs, EncoderArgs, InspectArgs, MineArgs, TrainArgs};
use spork::{EncodedQueries, Encoding};
use spork_encoder::Kind;
use spork_index::Index;
use spork_miner::Teacher;

use crate::encoder::TextEncoder;
use crate::teacher::DenseTeacher;

fn main() -> ExitCode {
    // CUDA is found only if its library is loaded before libtorch is asked for anything.
    spork_encoder::load_cuda();
    spork::main(Some(&Network))
}

/// Encodes with libtorch.
struct Network;

impl Encoding for Network {
    fn train(&self, args: &TrainArgs) -> Result<()> {
        train::run(args)
    }

    fn encode(&self, args: &EncodeArgs) -> Result<()> {
        encode::run(args)
    }

    fn queries(
        &self,
        args: &EncoderArgs,
        index: &Index,
        model: &str,
        queries: &[&str],
    ) -> Result<EncodedQueries> {
        let encoder = TextEncoder::open(model, Kind::Query, args)?;
        encoder.check_fits(index)?;
        let weights = encoder.encode(queries, &mut |_| {})?;
        Ok(EncodedQueries { weights, idf_power: encoder.query_idf() })
    }

    fn teacher(&self, args: &MineArgs, model: &str) -> Result<Box<dyn Teacher>> {
        Ok(Box::new(DenseTeacher::open(model, args)?))
    }

    fn inspect(&self, args: &InspectArgs, model: &str) -> Result<()> {
        inspect::run(args, model)
    }
}
