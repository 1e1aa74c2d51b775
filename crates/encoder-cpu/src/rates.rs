//! How fast products are, beside what the core could do: for benchmarks.

use std::hint::black_box;
use std::marker::PhantomData;
use std::time::Instant;

use spork_core::SimdCapError;
use spork_model::Precision;
use spork_model::config::Activation;

use crate::format::{BFloat, Bytes, Float, Format, InFormat, Multiply, in_format};
use crate::panels::{Dense, Parts};
use crate::product::{Finish, Product, ProductIn, Target};
use crate::screening::Screen;
use crate::simd::{LANES, Level, Line, Simd, Task};

/// Times each rate is measured; the fastest counts.
const REPETITIONS: usize = 9;

/// A rate on one core.
#[derive(Clone, Debug, PartialEq)]
pub struct Rate {
    /// `fp32`, `bf16` or `int8`.
    pub numbers: &'static str,
    /// What is computed: `registers` for products of what registers hold, the most that the core
    /// can do; or the shape of a matrix product, rows × inputs × outputs.
    pub what: String,
    /// Billions of multiplications and additions a second.
    pub giga: f64,
}

/// Measures the products of some networks' layers, and of logit screening, on this thread.
///
/// # Errors
/// `SPORK_MAX_SIMD` names no level, or one that the machine lacks.
pub fn rates() -> Result<Vec<Rate>, SimdCapError> {
    let level = Level::best()?;
    let mut rates = vec![
        registers::<Float>(level, "fp32", Float::PER_WORD),
        registers::<BFloat>(level, "bf16", BFloat::PER_WORD),
        registers::<Bytes>(level, "int8", 4),
    ];
    for precision in [Precision::Float32, Precision::BFloat16] {
        for rows in [1_840, 9] {
            for (inputs, outputs) in [(384, 1_152), (384, 384), (384, 1_536), (1_536, 384)] {
                rates.push(in_format(precision, Layer { level, precision, rows, inputs, outputs }));
            }
        }
        for (inputs, outputs) in [(768, 2_304), (768, 768), (768, 3_072), (3_072, 768)] {
            rates.push(in_format(
                precision,
                Layer { level, precision, rows: 1_840, inputs, outputs },
            ));
        }
    }
    rates.push(screening(level));
    Ok(rates)
}

/// The fastest of several runs, in seconds.
fn fastest(mut run: impl FnMut()) -> f64 {
    let time = |_| {
        let start = Instant::now();
        run();
        start.elapsed().as_secs_f64()
    };
    (0..REPETITIONS).map(time).fold(f64::INFINITY, f64::min)
}

fn giga(operations: f64, seconds: f64) -> f64 {
    operations / seconds / 1e9
}

/// Products and sums of registers alone.
struct Registers<M>(usize, PhantomData<M>);

/// Sums that do not wait for each other: more than any processor has in flight.
const SUMS: usize = 24;

impl<M: Multiply> Task for Registers<M> {
    type Output = f32;

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) -> f32 {
        let (a, b) = (simd.splat_word(black_box(0)), simd.splat_word(black_box(0)));
        let mut sums = [simd.splat(0.0); SUMS];
        // With fewer registers than this some sums would go through memory.
        let sums = if S::NARROW { &mut sums[..6] } else { &mut sums[..] };
        for _ in 0..self.0 {
            for sum in sums.iter_mut() {
                *sum = M::accumulate(simd, *sum, a, b);
            }
        }
        let mut total = simd.splat(0.0);
        for sum in sums {
            total = simd.add(total, *sum);
        }
        simd.sum(total)
    }
}

fn registers<M: Multiply>(level: Level, numbers: &'static str, per_word: usize) -> Rate {
    const ROUNDS: usize = 1_000_000;
    let sums = if level.is_narrow() { 6 } else { SUMS };
    let seconds = fastest(|| {
        black_box(level.run(Registers::<M>(ROUNDS, PhantomData)));
    });
    let operations = (ROUNDS * sums * LANES * per_word * 2) as f64;
    Rate { numbers, what: "registers".to_owned(), giga: giga(operations, seconds) }
}

/// A dense layer with bias; with GELU where it widens a row fourfold.
struct Layer {
    level: Level,
    precision: Precision,
    rows: usize,
    inputs: usize,
    outputs: usize,
}

impl InFormat for Layer {
    type Output = Rate;

    fn run<F: Format>(self) -> Rate {
        let Self { level, precision, rows, inputs, outputs } = self;
        let number = |place: usize| (place * 7 % 13) as f32 / 13.0 - 0.5;
        let weights: Vec<f32> = (0..inputs * outputs).map(number).collect();
        let bias: Vec<f32> = (0..outputs).map(number).collect();
        let (from, to) = (Parts::whole(inputs), Parts::whole(outputs));
        let dense = Dense::new::<F>(&weights, &bias, from, to, level.is_narrow());
        let stride = dense.panels().depth;
        let lines = vec![Line([F::word(&[0.5, 0.5]); LANES]); rows * stride];
        let out_stride = F::lines(to.sixteens());
        let mut out = vec![Line::ZERO; rows * out_stride];
        let activation = (outputs == 4 * inputs).then_some(Activation::Gelu);
        let finish = Finish {
            bias: Some(dense.bias()),
            activation,
            target: Target::Format,
            ..Finish::default()
        };
        let times = 1 + 400 / rows;
        let seconds = fastest(|| {
            for _ in 0..times {
                let product = Product {
                    rows: &lines,
                    stride,
                    count: rows,
                    panels: dense.panels(),
                    finish,
                    out: &mut out,
                    out_stride,
                };
                level.run(ProductIn::<F>(product, PhantomData));
            }
        });
        black_box(&out);
        Rate {
            numbers: if precision == Precision::Float32 { "fp32" } else { "bf16" },
            what: format!("{rows} × {inputs} × {outputs}"),
            giga: giga((times * 2 * rows * inputs * outputs) as f64, seconds),
        }
    }
}

/// Logit screening of sixteen texts of 115 tokens, over a vocabulary of BERT's size, of which no
/// term has a weight.
fn screening(level: Level) -> Rate {
    const TERMS: usize = 30_522;
    const WIDTH: usize = 384;
    const LENGTHS: [usize; 16] = [115; 16];
    let number = |place: usize| (place * 7 % 13) as f32 / 13.0 - 0.5;
    let decoder: Vec<f32> = (0..TERMS * WIDTH).map(number).collect();
    let tokens: usize = LENGTHS.iter().sum();
    let states: Vec<f32> = (0..tokens * WIDTH).map(number).collect();
    let seconds = Screen::at(level, &decoder, &[-1e6; TERMS]).map_or(f64::NAN, |screen| {
        fastest(|| {
            black_box(screen.candidates(&states, WIDTH, &LENGTHS));
        })
    });
    Rate {
        numbers: "int8",
        what: format!("{tokens} × {WIDTH} × {TERMS}, and maxima"),
        giga: giga((2 * tokens * WIDTH * TERMS) as f64, seconds),
    }
}
