//! Rates of the encoder's products on one core, beside what the core can do: rows of numbers, shape
//! and billions of operations a second, separated by tabs.
//!
//!     cargo bench -p spork-encoder-cpu --features rates

use spork_encoder_cpu::rates;

fn main() {
    match rates() {
        Ok(rates) => {
            for rate in rates {
                println!("{}\t{}\t{:.1}", rate.numbers, rate.what, rate.giga);
            }
        }
        Err(error) => {
            eprintln!("{error}");
            std::process::exit(2);
        }
    }
}
