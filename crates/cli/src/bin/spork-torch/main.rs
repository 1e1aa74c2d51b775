//! `spork-torch`: the whole of `spork` with the network linked in.

mod encode;
mod encoder;
mod inspect;

use std::process::ExitCode;

use anyhow::Result;
use spork::Encoding;
use spork::args::{EncodeArgs, InspectArgs, SearchArgs};
use spork::inputs::WeightedQuery;
use spork_encoder::Kind;
use spork_index::Index;

use crate::encoder::TextEncoder;

fn main() -> ExitCode {
    // CUDA is found only if its library is loaded before libtorch is asked for anything.
    spork_encoder::load_cuda();
    spork::main(Some(&Network))
}

/// Encodes with libtorch.
struct Network;

impl Encoding for Network {
    fn encode(&self, args: &EncodeArgs) -> Result<()> {
        encode::run(args)
    }

    fn queries(
        &self,
        args: &SearchArgs,
        index: &Index,
        model: &str,
        topics: &[(String, String)],
    ) -> Result<Vec<WeightedQuery>> {
        let encoder = TextEncoder::open(model, Kind::Query, &args.encoder)?;
        encoder.check_fits(index)?;
        let texts: Vec<&str> = topics.iter().map(|(_, text)| text.as_str()).collect();
        let weights = encoder.encode(&texts, &mut |_| {})?;
        let qids = topics.iter().map(|(qid, _)| qid.clone());
        Ok(qids.zip(weights).map(|(qid, weights)| WeightedQuery { qid, weights }).collect())
    }

    fn inspect(&self, args: &InspectArgs, model: &str) -> Result<()> {
        inspect::run(args, model)
    }
}
