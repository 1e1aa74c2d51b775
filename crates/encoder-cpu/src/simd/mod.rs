//! Vector instructions behind one trait: sixteen lanes of 32 bits, whatever the processor.
//!
//! [`Simd`] is written three times: for AVX-512, for AVX2 with FMA, and in plain Rust. Everything
//! else in this crate is written once over it. Its operations on floats are IEEE's, each rounded
//! once, so that code over it gives the same bits at every level; only sums of bfloat16 products
//! may differ, since the instructions for them round in their own ways.
//!
//! A [`Task`] is run by [`Level::run`], in which the instructions of its level are switched on.
//! What a task calls has to be inlined into it to be compiled with them: hence `inline(always)`
//! throughout.
//!
//! All of `std::arch` is in here, and all `unsafe` of this crate. With `--cfg spork_portable`, and
//! on other processors, plain Rust remains.

#[cfg(all(target_arch = "x86_64", not(spork_portable)))]
mod amx;
#[cfg(all(target_arch = "x86_64", not(spork_portable)))]
mod avx2;
#[cfg(all(target_arch = "x86_64", not(spork_portable)))]
mod avx512;
mod lanes;
mod level;
mod line;
mod portable;

pub(crate) use lanes::{Simd, TILED_ROWS, Task, TileRows};
pub(crate) use level::Level;
pub(crate) use line::{LANES, Line, floats, room};
pub(crate) use portable::bfloat;

#[cfg(test)]
mod tests {
    use super::*;

    struct Transpose([Line; LANES]);

    impl Task for Transpose {
        type Output = [Line; LANES];

        #[inline(always)]
        fn run<S: Simd>(self, simd: S) -> [Line; LANES] {
            let mut lanes = [simd.splat(0.0); LANES];
            for (lanes, line) in lanes.iter_mut().zip(&self.0) {
                *lanes = simd.load(line);
            }
            let mut lines = self.0;
            for (line, lanes) in lines.iter_mut().zip(simd.transpose(lanes)) {
                simd.store(lanes, line);
            }
            lines
        }
    }

    #[test]
    fn every_level_transposes() {
        let mut rows = [Line::ZERO; LANES];
        let mut columns = rows;
        for (i, row) in rows.iter_mut().enumerate() {
            for (j, (number, column)) in row.0.iter_mut().zip(&mut columns).enumerate() {
                *number = (100 * i + j) as u32;
                column.0[i] = *number;
            }
        }
        for level in Level::permitted().unwrap() {
            assert_eq!(level.run(Transpose(rows)), columns, "{level:?}");
        }
    }
}
