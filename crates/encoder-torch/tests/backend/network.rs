//! What the trainer builds on: networks whose parameters have gradients, batches with padding.

use spork_encoder_torch::batch::Batch;
use spork_encoder_torch::network::Network;
use spork_encoder_torch::{Device, Parameters};
use spork_model::{Checkpoint, NetworkConfig, PoolingStrategy};

use crate::shared::small_model::SmallModel;
use crate::shared::tally::close;

#[test]
fn parameters_can_become_variables_of_a_trainer() {
    let model = SmallModel::distilbert();
    let config = NetworkConfig::read(model.path()).unwrap();
    let tensors = Checkpoint::open(model.path()).unwrap().load(&config.expected_tensors()).unwrap();
    let parameters = Parameters::from_tensors(tensors).unwrap();
    for (_, tensor) in parameters.iter() {
        let _ = tensor.set_requires_grad(true);
    }
    let network = Network::new(&config, &parameters).unwrap();
    for pooling in [PoolingStrategy::Max, PoolingStrategy::Sum] {
        let batch = Batch::new(&[&[2, 5, 6, 3], &[2, 7, 3]], Device::Cpu).unwrap();
        let weights = network.term_weights(&batch, pooling.into()).unwrap();
        assert_eq!(weights.size(), [2, 16]);
        weights.sum(tch::Kind::Float).backward();
        for (name, tensor) in parameters.iter() {
            assert!(tensor.grad().defined(), "{name} has no gradient");
        }
    }
}

#[test]
fn rows_of_padding_alone_are_finite_and_change_nothing() {
    let model = SmallModel::bert();
    let config = NetworkConfig::read(model.path()).unwrap();
    let tensors = Checkpoint::open(model.path()).unwrap().load(&config.expected_tensors()).unwrap();
    let parameters = Parameters::from_tensors(tensors).unwrap();
    let network = Network::new(&config, &parameters).unwrap();
    let device = Device::Cpu;
    for pooling in [PoolingStrategy::Max, PoolingStrategy::Sum] {
        let padded = Batch::new(&[&[2, 5, 6, 7, 3], &[]], device).unwrap();
        let alone = Batch::new(&[&[2, 5, 6, 7, 3]], device).unwrap();
        let padded: Vec<Vec<f32>> =
            network.term_weights(&padded, pooling.into()).unwrap().try_into().unwrap();
        let alone: Vec<Vec<f32>> =
            network.term_weights(&alone, pooling.into()).unwrap().try_into().unwrap();
        assert!(padded[0].iter().zip(&alone[0]).all(|(&a, &b)| close(a, b)));
        assert!(padded[1].iter().all(|&weight| weight == 0.0));
    }
}
