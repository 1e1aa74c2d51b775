//! Equality with the reference: the golden values that scripts/golden_training.py made with
//! PyTorch's losses, autograd, AdamW and clipping, and with transformers' schedule.

#![allow(clippy::unwrap_used, reason = "a test that can't go on should stop")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use spork_encoder_torch::Parameters;
use spork_encoder_torch::batch::Batch;
use spork_encoder_torch::network::Network;
use spork_model::{Checkpoint, NetworkConfig, Pooling, PoolingStrategy};
use spork_trainer::{
    AdamW, AdamWOptions, LearningRate, Regularizer, clip_gradients, loss, quadratic_warmup,
};
use tch::{Device, Kind, Tensor};

// ------------------------------------------------------------------------------------------------
// golden files

/// golden.json: the cases and their settings.
#[derive(Deserialize)]
struct Golden {
    losses: Vec<String>,
    regularizers: Vec<RegularizerCase>,
    parameters: Vec<String>,
    rates: Vec<f64>,
    optimizers: Vec<OptimizerCase>,
    clips: Vec<ClipCase>,
    rates_by_step: Vec<RateCase>,
    lambdas_by_step: Vec<LambdaCase>,
    network: NetworkCase,
}

#[derive(Deserialize)]
struct RegularizerCase {
    name: String,
    settings: Regularizer,
}

#[derive(Deserialize)]
struct OptimizerCase {
    name: String,
    beta1: f64,
    beta2: f64,
    epsilon: f64,
    weight_decay: f64,
}

#[derive(Deserialize)]
struct ClipCase {
    name: String,
    most: f64,
    norm: f64,
}

#[derive(Deserialize)]
struct RateCase {
    peak: f64,
    warmup: u64,
    steps: u64,
    rates: Vec<f64>,
}

#[derive(Deserialize)]
struct LambdaCase {
    lambda: f64,
    warmup: u64,
    values: Vec<f64>,
}

#[derive(Deserialize)]
struct NetworkCase {
    model: String,
    texts: Vec<Vec<u32>>,
    temperature: f64,
    loss: f64,
    tensors: Vec<TensorCase>,
}

/// A parameter's gradient: its norm and first values as float64.
#[derive(Deserialize)]
struct TensorCase {
    name: String,
    norm: f64,
    first: Vec<f64>,
}

fn golden_root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden")
}

fn read_golden() -> Golden {
    serde_json::from_slice(&std::fs::read(golden_root().join("golden.json")).unwrap()).unwrap()
}

/// The tensors of a golden file by name.
struct Tensors(BTreeMap<String, Tensor>);

impl Tensors {
    fn read(name: &str) -> Self {
        let path = golden_root().join(name);
        let tensors =
            Tensor::read_safetensors(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        Self(tensors.into_iter().collect())
    }

    fn get(&self, name: &str) -> &Tensor {
        self.0.get(name).unwrap_or_else(|| panic!("golden files lack {name}"))
    }

    /// A copy that gradients go to.
    fn variable(&self, name: &str) -> Tensor {
        self.get(name).copy().set_requires_grad(true)
    }
}

// ------------------------------------------------------------------------------------------------
// comparing

/// The largest difference of two values, relative to the reference.
const TOLERANCE: f64 = 1e-5;
/// And besides: what float64 leaves where the reference is 0.
const ZERO: f64 = 1e-14;

/// The outcome of comparing values with their reference.
#[derive(Default, Debug)]
struct Tally {
    values: usize,
    /// Over values above [`ZERO`].
    largest_relative: f64,
    beyond_tolerance: usize,
}

impl Tally {
    fn value(&mut self, got: f64, reference: f64) {
        let difference = (got - reference).abs();
        self.values += 1;
        if reference.abs() > ZERO {
            self.largest_relative = self.largest_relative.max(difference / reference.abs());
        }
        // So that a NaN is beyond.
        let within = difference <= TOLERANCE * reference.abs() + ZERO;
        self.beyond_tolerance += usize::from(!within);
    }

    fn tensor(&mut self, got: &Tensor, reference: &Tensor) {
        assert!(got.defined(), "no gradient");
        assert_eq!((got.size(), got.kind()), (reference.size(), reference.kind()));
        for (got, reference) in values(got).into_iter().zip(values(reference)) {
            self.value(got, reference);
        }
    }

    fn print(&self, name: &str) {
        println!(
            "{name:<26} {:>5} values, largest relative difference {:.1e}",
            self.values, self.largest_relative
        );
    }

    fn assert_equal(&self, name: &str) {
        self.print(name);
        assert!(self.values > 0, "{name}: nothing compared");
        assert_eq!(self.beyond_tolerance, 0, "{name}: {self:?}");
    }
}

fn values(tensor: &Tensor) -> Vec<f64> {
    Vec::try_from(tensor.detach().to_kind(Kind::Double).flatten(0, -1).contiguous()).unwrap()
}

// ------------------------------------------------------------------------------------------------
// losses

const QUERIES: i64 = 4;
const EACH: i64 = 3;

fn loss_of(name: &str, queries: &Tensor, documents: &Tensor, golden: &Tensors) -> Tensor {
    let scores = queries.matmul(&documents.tr());
    let positives = Tensor::arange_start_step(0, QUERIES * EACH, EACH, (Kind::Int64, Device::Cpu));
    let own = Tensor::arange(QUERIES * EACH, (Kind::Int64, Device::Cpu)).view([QUERIES, EACH]);
    let own = scores.gather(1, &own, false);
    match name {
        "info-nce" => loss::info_nce(&scores, &positives, None),
        "info-nce-candidates" => {
            loss::info_nce(&scores, &positives, Some(golden.get("candidates")))
        }
        "margin-mse" => loss::margin_mse(&own, golden.get("teacher")),
        "kl-divergence" => loss::kl_divergence(&own, golden.get("teacher")),
        _ => panic!("no loss {name}"),
    }
    .unwrap()
}

/// A loss and its gradients with `change` times the first query's largest weight in its place.
fn compare_loss(name: &str, golden: &Tensors, change: f64) -> Tally {
    let queries = golden.get("queries").copy();
    let place = queries.get(0).argmax(0, false).int64_value(&[]);
    let _ = queries.get(0).get(place).f_mul_scalar_(change).unwrap();
    let (queries, documents) = (queries.set_requires_grad(true), golden.variable("documents"));
    let value = loss_of(name, &queries, &documents, golden);
    value.backward();
    let mut tally = Tally::default();
    tally.tensor(&value, golden.get(&format!("{name}.value")));
    tally.tensor(&queries.grad(), golden.get(&format!("{name}.queries")));
    tally.tensor(&documents.grad(), golden.get(&format!("{name}.documents")));
    tally
}

#[test]
fn losses_equal_pytorch() {
    let golden = Tensors::read("losses.safetensors");
    let names = read_golden().losses;
    assert_eq!(names.len(), 4);
    for name in names {
        compare_loss(&name, &golden, 1.0).assert_equal(&name);
        assert!(
            compare_loss(&name, &golden, 1.001).beyond_tolerance > 0,
            "{name}: no difference is seen"
        );
    }
}

fn compare_penalty(case: &RegularizerCase, side: &str, golden: &Tensors, change: f64) -> Tally {
    let weights = golden.get(side).copy();
    // The one term that every document is said to have counts fully in each regularizer.
    let _ = weights.select(1, 12).f_mul_scalar_(change).unwrap();
    let weights = weights.set_requires_grad(true);
    let value = case.settings.penalty(&weights, Some(golden.get("shares"))).unwrap();
    value.backward();
    let mut tally = Tally::default();
    tally.tensor(&value, golden.get(&format!("{}.{side}.value", case.name)));
    tally.tensor(&weights.grad(), golden.get(&format!("{}.{side}.{side}", case.name)));
    tally
}

#[test]
fn regularizers_equal_pytorch() {
    let golden = Tensors::read("losses.safetensors");
    let cases = read_golden().regularizers;
    assert_eq!(cases.len(), 4);
    for case in cases {
        for side in ["queries", "documents"] {
            let name = format!("{} of {side}", case.name);
            compare_penalty(&case, side, &golden, 1.0).assert_equal(&name);
            let changed = compare_penalty(&case, side, &golden, 1.001);
            assert!(changed.beyond_tolerance > 0, "{name}: no difference is seen");
        }
    }
}

#[test]
fn df_flops_without_frequencies_is_flops() {
    let golden = Tensors::read("losses.safetensors");
    let weights = golden.get("documents");
    let penalty = Regularizer::DfFlops { alpha: 0.1, beta: 10.0 }.penalty(weights, None).unwrap();
    let mut tally = Tally::default();
    tally.tensor(&penalty, golden.get("flops.documents.value"));
    tally.assert_equal("df-flops without shares");
    let none = Regularizer::None.penalty(weights, None).unwrap();
    assert_eq!((none.kind(), none.double_value(&[])), (Kind::Double, 0.0));
}

// ------------------------------------------------------------------------------------------------
// optimizer

/// Named copies of the golden parameters.
fn parameters(golden: &Tensors, names: &[String]) -> Vec<(String, Tensor)> {
    names.iter().map(|name| (name.clone(), golden.variable(&format!("start.{name}")))).collect()
}

/// Gives each parameter the gradient of a golden step: that of its product with it.
fn give_gradients(parameters: &[(String, Tensor)], golden: &Tensors, step: usize) {
    for (name, parameter) in parameters {
        let gradient = golden.get(&format!("gradient.{step}.{name}"));
        (parameter * gradient).sum(Kind::Double).backward();
    }
}

/// All steps with `change` times the learning rate.
fn compare_optimizer(
    case: &OptimizerCase,
    golden: &Golden,
    tensors: &Tensors,
    change: f64,
) -> Tally {
    let parameters = parameters(tensors, &golden.parameters);
    let OptimizerCase { beta1, beta2, epsilon, weight_decay, .. } = *case;
    let mut optimizer =
        AdamW::new(&parameters, AdamWOptions { beta1, beta2, epsilon, weight_decay }).unwrap();
    let mut tally = Tally::default();
    for (step, rate) in (1..).zip(&golden.rates) {
        optimizer.zero_gradients();
        give_gradients(&parameters, tensors, step);
        optimizer.step(rate * change).unwrap();
        for (name, parameter) in &parameters {
            tally.tensor(parameter, tensors.get(&format!("{}.{step}.{name}", case.name)));
        }
    }
    let state = optimizer.state();
    assert_eq!(state.len(), 2 * parameters.len());
    for (name, moment) in state {
        tally.tensor(&moment, tensors.get(&format!("{}.{name}", case.name)));
    }
    tally
}

#[test]
fn adamw_equals_pytorch() {
    let (golden, tensors) = (read_golden(), Tensors::read("optimizer.safetensors"));
    assert_eq!((golden.optimizers.len(), golden.rates.len()), (2, 3));
    for case in &golden.optimizers {
        compare_optimizer(case, &golden, &tensors, 1.0).assert_equal(&case.name);
        let changed = compare_optimizer(case, &golden, &tensors, 1.001);
        assert!(changed.beyond_tolerance > 0, "{}: no difference is seen", case.name);
        let decay = OptimizerCase { name: case.name.clone(), weight_decay: 0.0, ..*case };
        let changed = compare_optimizer(&decay, &golden, &tensors, 1.0);
        assert!(changed.beyond_tolerance > 0, "{}: no decay is not seen", case.name);
    }
    assert_eq!(AdamWOptions::default().weight_decay, golden.optimizers[0].weight_decay);
}

#[test]
fn clipping_equals_pytorch() {
    let (golden, tensors) = (read_golden(), Tensors::read("optimizer.safetensors"));
    assert_eq!(golden.clips.len(), 3);
    for case in &golden.clips {
        let compare = |most: f64| {
            let parameters = parameters(&tensors, &golden.parameters);
            give_gradients(&parameters, &tensors, 1);
            let mut tally = Tally::default();
            let norm =
                clip_gradients(parameters.iter().map(|(_, parameter)| parameter), most).unwrap();
            tally.value(norm, case.norm);
            for (name, parameter) in &parameters {
                tally.tensor(&parameter.grad(), tensors.get(&format!("{}.{name}", case.name)));
            }
            tally
        };
        compare(case.most).assert_equal(&case.name);
        let changed = compare(case.most.min(case.norm) * 0.999);
        assert!(changed.beyond_tolerance > 0, "{}: no difference is seen", case.name);
    }
}

// ------------------------------------------------------------------------------------------------
// schedules

#[test]
fn schedules_equal_transformers_and_naver_splade() {
    let golden = read_golden();
    let mut tally = Tally::default();
    for RateCase { peak, warmup, steps, rates } in golden.rates_by_step {
        assert_eq!(rates.len() as u64, steps);
        let schedule = LearningRate { peak, warmup, steps };
        for (step, rate) in (1..).zip(rates) {
            assert!(rate > 0.0);
            tally.value(schedule.at(step), rate);
        }
    }
    tally.assert_equal("learning rate");
    let mut tally = Tally::default();
    for LambdaCase { lambda, warmup, values } in golden.lambdas_by_step {
        for (step, value) in (1..).zip(values) {
            tally.value(quadratic_warmup(lambda, step, warmup), value);
        }
    }
    tally.assert_equal("quadratic warm-up");
}

// ------------------------------------------------------------------------------------------------
// the whole network

/// How a gradient of a whole tensor differs.
struct Difference {
    name: String,
    /// Norm of the difference.
    norm: f64,
    /// The reference's norm.
    reference: f64,
}

/// Gradients of info_nce + FLOPS with respect to all parameters of the golden model, in precision
/// `kind`, with `change` times one of its weights.
fn network_differences(kind: Kind, change: f64) -> (f64, Vec<Difference>) {
    let case = read_golden().network;
    let reference = Tensors::read("network.safetensors");
    let model =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../model/tests/golden").join(&case.model);
    let config = NetworkConfig::read(&model).unwrap();
    let loaded = Checkpoint::open(&model).unwrap().load(&config.expected_tensors()).unwrap();
    let loaded = Parameters::from_tensors(loaded).unwrap();
    let mut parameters = Parameters::default();
    for (name, tensor) in loaded.iter() {
        let tensor = tensor.to_kind(kind).copy();
        if name == "bert.encoder.layer.0.output.dense.weight" {
            let _ = tensor.get(0).get(0).f_mul_scalar_(change).unwrap();
        }
        parameters.insert(name, tensor.set_requires_grad(true));
    }
    let texts: Vec<&[u32]> = case.texts.iter().map(Vec::as_slice).collect();
    let batch = Batch::new(&texts, Device::Cpu).unwrap();
    assert!(batch.padding.is_some());
    let network = Network::new(&config, &parameters).unwrap();
    let weights = network.term_weights(&batch, Pooling::from(PoolingStrategy::Max)).unwrap();
    let scores = weights.matmul(&weights.tr()) / case.temperature;
    let contrast = loss::info_nce(&scores, &Tensor::from_slice(&[1i64, 0]), None).unwrap();
    let loss = contrast + Regularizer::Flops.penalty(&weights, None).unwrap();
    assert_eq!(loss.kind(), kind);
    loss.backward();

    let names: Vec<&str> = parameters.iter().map(|(name, _)| name).collect();
    let expected: Vec<&str> = reference.0.keys().map(String::as_str).collect();
    assert_eq!(names, expected);
    let differences = case.tensors.iter().map(|tensor| {
        let (got, stored) =
            (parameters.get(&tensor.name).unwrap().grad(), reference.get(&tensor.name));
        assert_eq!(got.size(), stored.size());
        let (got, stored) = (got.to_kind(Kind::Double), stored.to_kind(Kind::Double));
        // The file against golden.json, which has float64.
        assert!(
            (stored.norm().double_value(&[]) - tensor.norm).abs() <= 1e-6 * tensor.norm,
            "{}",
            tensor.name
        );
        for (stored, first) in values(&stored).into_iter().zip(&tensor.first) {
            assert!((stored - first).abs() <= 1e-7 * first.abs() + 1e-30, "{}", tensor.name);
        }
        let norm = (got - stored).norm().double_value(&[]);
        Difference { name: tensor.name.clone(), norm, reference: tensor.norm }
    });
    let relative = (loss.double_value(&[]) - case.loss).abs() / case.loss;
    (relative, differences.collect())
}

/// The difference that is allowed besides [`TOLERANCE`] times the norm, by precision: the gradient
/// of a key's bias is 0 (a softmax does not change when all its inputs move alike), and what is
/// computed for it is rounding.
fn rounding(kind: Kind) -> f64 {
    if kind == Kind::Float { 1e-5 } else { 1e-12 }
}

#[test]
fn gradients_of_the_network_equal_pytorch() {
    for kind in [Kind::Double, Kind::Float] {
        let (loss, differences) = network_differences(kind, 1.0);
        let ordinary = differences.iter().filter(|difference| difference.reference > 1e-9);
        let worst = ordinary
            .max_by(|a, b| (a.norm / a.reference).total_cmp(&(b.norm / b.reference)))
            .unwrap();
        let zero = differences.iter().filter(|difference| difference.reference <= 1e-9);
        println!(
            "network, {kind:?}: loss {loss:.1e}; of {} gradients largest relative {:.1e} ({}); where 0: {:.1e}",
            differences.len(),
            worst.norm / worst.reference,
            worst.name,
            zero.map(|difference| difference.norm).fold(0.0, f64::max)
        );
        assert!(loss <= TOLERANCE, "{kind:?}: the loss differs by {loss:.1e}");
        for Difference { name, norm, reference } in &differences {
            let allowed = TOLERANCE * reference + rounding(kind);
            assert!(
                *norm <= allowed,
                "{kind:?} {name}: off by {norm:.1e}, the norm is {reference:.3}"
            );
        }
        // A weight of its thousands, changed by a hundredth.
        let (_, changed) = network_differences(kind, 1.01);
        let beyond =
            changed.iter().filter(|d| d.norm > TOLERANCE * d.reference + rounding(kind)).count();
        assert!(
            beyond > changed.len() / 2,
            "{kind:?}: a changed weight is seen in {beyond} tensors only"
        );
    }
}
