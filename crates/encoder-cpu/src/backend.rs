//! This crate's network behind the seam of `spork-encoder`.

use spork_encoder::{Backend, DenseNetwork, NetworkSpec, Result, SpladeNetwork};
use spork_model::Pooling;

/// Computes networks on the processor.
#[derive(Clone, Copy, Debug, Default)]
pub struct Cpu;

impl Backend for Cpu {
    fn cuda_devices(&self) -> std::result::Result<usize, String> {
        Err("the backend rust runs on processors only".to_owned())
    }

    fn splade(
        &self,
        _network: NetworkSpec<'_>,
        _pooling: Pooling,
        _screening: bool,
    ) -> Result<Box<dyn SpladeNetwork>> {
        todo!()
    }

    fn dense(&self, _network: NetworkSpec<'_>) -> Result<Box<dyn DenseNetwork>> {
        todo!()
    }
}
