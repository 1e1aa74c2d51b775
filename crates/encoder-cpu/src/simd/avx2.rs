//! AVX2 with FMA: two registers hold the sixteen lanes.

#![allow(unsafe_code, reason = "vector instructions")]
use std::arch::x86_64::*;

use super::lanes::{Simd, Task};
use super::line::{LANES, Line};

/// Calls instructions.
macro_rules! instructions {
    ($($call:tt)*) => {
        // SAFETY: a value of `Avx2` exists only where the processor has the instructions, and all
        // that is called here is reached through one. Addresses come from references to lines,
        // which have the alignment that loads and stores of whole registers need.
        unsafe { $($call)* }
    };
}

/// AVX2 and FMA.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Avx2(());

impl Avx2 {
    /// The token, where the processor has the instructions.
    pub(super) fn detect() -> Option<Self> {
        let has = is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma");
        has.then_some(Self(()))
    }

    /// Runs a task with these instructions switched on.
    pub(super) fn run<T: Task>(self, task: T) -> T::Output {
        #[target_feature(enable = "avx2,fma")]
        fn inner<T: Task>(task: T) -> T::Output {
            task.run(Avx2(()))
        }
        instructions! { inner(task) }
    }
}

/// One operation on both halves.
macro_rules! both {
    ($operation:ident, $($operand:expr),+) => {
        instructions! { [$operation($($operand[0]),+), $operation($($operand[1]),+)] }
    };
}

/// The two bfloat16 of each lane, as floats.
#[inline(always)]
fn halves(lanes: [__m256; 2]) -> [[__m256; 2]; 2] {
    let words = both!(_mm256_castps_si256, lanes);
    let low = both!(low_half, words);
    let high = both!(high_half, words);
    [both!(_mm256_castsi256_ps, low), both!(_mm256_castsi256_ps, high)]
}

#[inline(always)]
unsafe fn low_half(words: __m256i) -> __m256i {
    instructions! { _mm256_slli_epi32::<16>(words) }
}

#[inline(always)]
unsafe fn high_half(words: __m256i) -> __m256i {
    instructions! { _mm256_and_si256(words, _mm256_set1_epi32(-65_536)) }
}

#[inline(always)]
unsafe fn power_of_two(n: __m256) -> __m256 {
    instructions! {
        let biased = _mm256_add_epi32(_mm256_castps_si256(n), _mm256_set1_epi32(127));
        _mm256_castsi256_ps(_mm256_slli_epi32::<23>(biased))
    }
}

#[inline(always)]
unsafe fn dot_bytes(sum: __m256, a: __m256, b: __m256) -> __m256 {
    instructions! {
        // Two products of bytes up to 127 do not saturate 16 bits.
        let pairs = _mm256_maddubs_epi16(_mm256_castps_si256(a), _mm256_castps_si256(b));
        let fours = _mm256_madd_epi16(pairs, _mm256_set1_epi16(1));
        _mm256_castsi256_ps(_mm256_add_epi32(_mm256_castps_si256(sum), fours))
    }
}

#[inline(always)]
unsafe fn above(a: __m256, b: __m256) -> u16 {
    instructions! { _mm256_movemask_ps(_mm256_cmp_ps::<_CMP_NLE_UQ>(a, b)) as u16 }
}

#[inline(always)]
unsafe fn abs(a: __m256) -> __m256 {
    instructions! { _mm256_andnot_ps(_mm256_set1_ps(-0.0), a) }
}

#[inline(always)]
unsafe fn round_to_words(a: __m256) -> __m256 {
    instructions! { _mm256_castsi256_ps(_mm256_cvtps_epi32(a)) }
}

#[inline(always)]
unsafe fn floats_of_words(a: __m256) -> __m256 {
    instructions! { _mm256_cvtepi32_ps(_mm256_castps_si256(a)) }
}

impl Simd for Avx2 {
    type Lanes = [__m256; 2];
    const NARROW: bool = true;
    // Twice this is the largest byte whose products, two together, fit into 16 bits.
    const LARGEST_STATE: i32 = 63;

    #[inline(always)]
    fn load(self, line: &Line) -> Self::Lanes {
        let (low, high) = line.0.split_at(LANES / 2);
        instructions! { [_mm256_load_ps(low.as_ptr().cast()), _mm256_load_ps(high.as_ptr().cast())] }
    }

    #[inline(always)]
    fn store(self, lanes: Self::Lanes, line: &mut Line) {
        let (low, high) = line.0.split_at_mut(LANES / 2);
        instructions! {
            _mm256_store_ps(low.as_mut_ptr().cast(), lanes[0]);
            _mm256_store_ps(high.as_mut_ptr().cast(), lanes[1]);
        }
    }

    #[inline(always)]
    fn splat_word(self, word: u32) -> Self::Lanes {
        let lanes = instructions! { _mm256_castsi256_ps(_mm256_set1_epi32(word as i32)) };
        [lanes, lanes]
    }

    #[inline(always)]
    fn add(self, a: Self::Lanes, b: Self::Lanes) -> Self::Lanes {
        both!(_mm256_add_ps, a, b)
    }

    #[inline(always)]
    fn sub(self, a: Self::Lanes, b: Self::Lanes) -> Self::Lanes {
        both!(_mm256_sub_ps, a, b)
    }

    #[inline(always)]
    fn mul(self, a: Self::Lanes, b: Self::Lanes) -> Self::Lanes {
        both!(_mm256_mul_ps, a, b)
    }

    #[inline(always)]
    fn div(self, a: Self::Lanes, b: Self::Lanes) -> Self::Lanes {
        both!(_mm256_div_ps, a, b)
    }

    #[inline(always)]
    fn fma(self, a: Self::Lanes, b: Self::Lanes, c: Self::Lanes) -> Self::Lanes {
        both!(_mm256_fmadd_ps, a, b, c)
    }

    #[inline(always)]
    fn max(self, a: Self::Lanes, b: Self::Lanes) -> Self::Lanes {
        both!(_mm256_max_ps, a, b)
    }

    #[inline(always)]
    fn min(self, a: Self::Lanes, b: Self::Lanes) -> Self::Lanes {
        both!(_mm256_min_ps, a, b)
    }

    #[inline(always)]
    fn abs(self, a: Self::Lanes) -> Self::Lanes {
        both!(abs, a)
    }

    #[inline(always)]
    fn round_to_words(self, a: Self::Lanes) -> Self::Lanes {
        both!(round_to_words, a)
    }

    #[inline(always)]
    fn floats_of_words(self, a: Self::Lanes) -> Self::Lanes {
        both!(floats_of_words, a)
    }

    #[inline(always)]
    fn power_of_two(self, n: Self::Lanes) -> Self::Lanes {
        both!(power_of_two, n)
    }

    #[inline(always)]
    fn above(self, a: Self::Lanes, b: Self::Lanes) -> u16 {
        let [low, high] = both!(above, a, b);
        low | high << (LANES / 2)
    }

    #[inline(always)]
    fn dot_bfloats(self, sum: Self::Lanes, a: Self::Lanes, b: Self::Lanes) -> Self::Lanes {
        let ([a, c], [b, d]) = (halves(a), halves(b));
        self.fma(c, d, self.fma(a, b, sum))
    }

    #[inline(always)]
    fn dot_bytes(self, sum: Self::Lanes, a: Self::Lanes, b: Self::Lanes) -> Self::Lanes {
        both!(dot_bytes, sum, a, b)
    }

    #[inline(always)]
    fn bfloats(self, lanes: Self::Lanes) -> [u32; LANES / 2] {
        super::portable::Portable.bfloats(self.numbers(lanes))
    }

    #[inline(always)]
    fn transpose(self, rows: [Self::Lanes; LANES]) -> [Self::Lanes; LANES] {
        let mut columns = rows;
        for right in 0..2 {
            for lower in 0..2 {
                let mut block = [rows[0][0]; 8];
                for (i, row) in block.iter_mut().enumerate() {
                    *row = rows[8 * lower + i][right];
                }
                for (i, column) in transpose_eight(block).into_iter().enumerate() {
                    columns[8 * right + i][lower] = column;
                }
            }
        }
        columns
    }
}

/// Eight rows of eight lanes.
#[inline(always)]
fn transpose_eight(rows: [__m256; 8]) -> [__m256; 8] {
    let mut pairs = rows;
    let mut fours = rows;
    let mut columns = rows;
    instructions! {
        for i in 0..4 {
            pairs[2 * i] = _mm256_unpacklo_ps(rows[2 * i], rows[2 * i + 1]);
            pairs[2 * i + 1] = _mm256_unpackhi_ps(rows[2 * i], rows[2 * i + 1]);
        }
        for i in 0..2 {
            for half in 0..2 {
                let a = _mm256_castps_pd(pairs[4 * i + half]);
                let b = _mm256_castps_pd(pairs[4 * i + half + 2]);
                fours[4 * i + 2 * half] = _mm256_castpd_ps(_mm256_unpacklo_pd(a, b));
                fours[4 * i + 2 * half + 1] = _mm256_castpd_ps(_mm256_unpackhi_pd(a, b));
            }
        }
        for c in 0..4 {
            columns[c] = _mm256_permute2f128_ps::<0x20>(fours[c], fours[4 + c]);
            columns[4 + c] = _mm256_permute2f128_ps::<0x31>(fours[c], fours[4 + c]);
        }
    }
    columns
}
