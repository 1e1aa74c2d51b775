//! AdamW with a state that can be saved, and gradient clipping.
//!
//! tch has an AdamW but no way to its moments, without which a resumed run would not continue as it
//! was.

use tch::{Kind, Tensor};

use crate::error::Result;

/// The settings of [`AdamW`]; by default those of PyTorch.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AdamWOptions {
    /// How long the mean of gradients remembers.
    pub beta1: f64,
    /// How long the mean of their squares remembers.
    pub beta2: f64,
    /// Added to the root of the squares' mean.
    pub epsilon: f64,
    /// The share of a parameter, times the learning rate, that each step takes off.
    pub weight_decay: f64,
}

impl Default for AdamWOptions {
    fn default() -> Self {
        Self { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weight_decay: 0.01 }
    }
}

/// AdamW (Loshchilov and Hutter 2019): Adam with weight decay apart from the gradient.
#[derive(Debug)]
pub struct AdamW {
    options: AdamWOptions,
    slots: Vec<Slot>,
    steps: u64,
}

/// A parameter and what is remembered of its gradients.
#[derive(Debug)]
struct Slot {
    name: String,
    parameter: Tensor,
    decays: bool,
    mean: Tensor,
    square: Tensor,
}

impl AdamW {
    /// For these parameters, which it shares. Biases and layer norms do not decay.
    ///
    /// # Errors
    /// libtorch fails, usually because memory is full.
    pub fn new(parameters: &[(String, Tensor)], options: AdamWOptions) -> Result<Self> {
        let slot = |(name, parameter): &(String, Tensor)| -> Result<Slot> {
            let zeros = || -> Result<Tensor> { Ok(parameter.f_zeros_like()?.f_detach()?) };
            Ok(Slot {
                name: name.clone(),
                parameter: parameter.shallow_clone(),
                decays: decays(name),
                mean: zeros()?,
                square: zeros()?,
            })
        };
        Ok(Self { options, slots: parameters.iter().map(slot).collect::<Result<_>>()?, steps: 0 })
    }

    /// Moves every parameter that has a gradient.
    ///
    /// # Errors
    /// libtorch fails, usually because memory is full.
    pub fn step(&mut self, learning_rate: f64) -> Result<()> {
        let _guard = tch::no_grad_guard();
        self.steps += 1;
        let AdamWOptions { beta1, beta2, epsilon, weight_decay } = self.options;
        let power = self.steps as f64;
        let mean_correction = 1.0 - beta1.powf(power);
        let square_correction = (1.0 - beta2.powf(power)).sqrt();
        for slot in &mut self.slots {
            let gradient = slot.parameter.grad();
            if !gradient.defined() {
                continue;
            }
            if slot.decays {
                let _ = slot.parameter.f_mul_scalar_(1.0 - learning_rate * weight_decay)?;
            }
            let _ = slot.mean.f_lerp_(&gradient, 1.0 - beta1)?;
            let _ = slot.square.f_mul_scalar_(beta2)?;
            let _ = slot.square.f_addcmul_(&gradient, &gradient.f_mul_scalar(1.0 - beta2)?)?;
            let scale =
                slot.square.f_sqrt()?.f_div_scalar(square_correction)?.f_add_scalar(epsilon)?;
            let change = slot.mean.f_div(&scale)?.f_mul_scalar(-learning_rate / mean_correction)?;
            let _ = slot.parameter.f_add_(&change)?;
        }
        Ok(())
    }

    /// Forgets all gradients.
    pub fn zero_gradients(&mut self) {
        for slot in &mut self.slots {
            slot.parameter.zero_grad();
        }
    }

    /// Steps taken.
    pub fn steps(&self) -> u64 {
        self.steps
    }

    /// The moments by name (`NAME.mean`, `NAME.square`), to be saved.
    pub fn state(&self) -> Vec<(String, Tensor)> {
        let both = |slot: &Slot| {
            let (mean, square) = (slot.mean.shallow_clone(), slot.square.shallow_clone());
            [(format!("{}.mean", slot.name), mean), (format!("{}.square", slot.name), square)]
        };
        self.slots.iter().flat_map(both).collect()
    }

    /// Takes up saved moments: `find` gives them by the names of [`Self::state`].
    ///
    /// # Errors
    /// The error of `find`, or a shape that does not fit.
    pub fn restore(
        &mut self,
        steps: u64,
        mut find: impl FnMut(&str) -> Result<Tensor>,
    ) -> Result<()> {
        let _guard = tch::no_grad_guard();
        for slot in &mut self.slots {
            slot.mean.f_copy_(&find(&format!("{}.mean", slot.name))?)?;
            slot.square.f_copy_(&find(&format!("{}.square", slot.name))?)?;
        }
        self.steps = steps;
        Ok(())
    }
}

/// Weight decay is for matrices: a bias, the gain of a layer norm or the weight of a query's token
/// has no reason to be small.
fn decays(name: &str) -> bool {
    let vectors = [".bias", "LayerNorm", "layer_norm", "query_weights"];
    !vectors.iter().any(|part| name.contains(part))
}

/// Scales all gradients down so that their joint norm is at most `most`, and returns the norm that
/// they had.
///
/// # Errors
/// libtorch fails, usually because memory is full.
pub fn clip_gradients<'t>(parameters: impl Iterator<Item = &'t Tensor>, most: f64) -> Result<f64> {
    let _guard = tch::no_grad_guard();
    let mut gradients: Vec<Tensor> = parameters.map(Tensor::grad).filter(Tensor::defined).collect();
    let norms: Vec<Tensor> =
        gradients.iter().map(|gradient| Ok(gradient.f_norm()?)).collect::<Result<_>>()?;
    if norms.is_empty() {
        return Ok(0.0);
    }
    let norm = f64::try_from(&Tensor::f_stack(&norms, 0)?.f_norm()?.f_to_kind(Kind::Double)?)?;
    if norm > most {
        for gradient in &mut gradients {
            let _ = gradient.f_mul_scalar_(most / (norm + 1e-6))?;
        }
    }
    Ok(norm)
}
