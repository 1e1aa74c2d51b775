//! AVX-512: a register holds all sixteen lanes. With AMX, tiles multiply bfloat16.

#![allow(unsafe_code, reason = "vector instructions")]
use std::arch::x86_64::*;

use super::amx;
use super::lanes::{Simd, Task, TileRows};
use super::line::{LANES, Line};

/// Calls instructions.
macro_rules! instructions {
    ($($call:tt)*) => {
        // SAFETY: a value of `Avx512` exists only where the processor has the instructions, and all
        // that is called here is reached through one. Addresses come from references to lines,
        // which have the alignment that loads and stores of whole registers need.
        unsafe { $($call)* }
    };
}

/// AVX-512 F, BW, DQ, VL and VNNI; with BF16 if `BFLOATS`; with AMX, too, if `TILES`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Avx512<const BFLOATS: bool, const TILES: bool = false>(());

impl<const BFLOATS: bool, const TILES: bool> Avx512<BFLOATS, TILES> {
    /// The token, where the processor has the instructions.
    pub(super) fn detect() -> Option<Self> {
        let has = is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512bw")
            && is_x86_feature_detected!("avx512dq")
            && is_x86_feature_detected!("avx512vl")
            && is_x86_feature_detected!("avx512vnni")
            && is_x86_feature_detected!("avx2")
            && is_x86_feature_detected!("fma")
            && (!BFLOATS || is_x86_feature_detected!("avx512bf16"))
            && (!TILES || amx::permitted());
        has.then_some(Self(()))
    }

    /// Runs a task with these instructions switched on.
    pub(super) fn run<T: Task>(self, task: T) -> T::Output {
        #[target_feature(
            enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx512bf16,avx2,fma"
        )]
        fn with_bfloats<T: Task, const TILES: bool>(task: T) -> T::Output {
            task.run(Avx512::<true, TILES>(()))
        }
        #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx2,fma")]
        fn without<T: Task>(task: T) -> T::Output {
            task.run(Avx512::<false, false>(()))
        }
        if BFLOATS {
            instructions! { with_bfloats::<T, TILES>(task) }
        } else {
            instructions! { without(task) }
        }
    }
}

/// The two bfloat16 of each lane, as floats.
#[inline(always)]
fn halves(lanes: __m512) -> [__m512; 2] {
    instructions! {
        let words = _mm512_castps_si512(lanes);
        let high = _mm512_and_si512(words, _mm512_set1_epi32(-65_536));
        [_mm512_castsi512_ps(_mm512_slli_epi32::<16>(words)), _mm512_castsi512_ps(high)]
    }
}

impl<const BFLOATS: bool, const TILES: bool> Simd for Avx512<BFLOATS, TILES> {
    type Lanes = __m512;
    const NARROW: bool = false;
    const TILES: bool = TILES;
    const LARGEST_STATE: i32 = 127;

    #[inline(always)]
    fn load(self, line: &Line) -> __m512 {
        instructions! { _mm512_load_ps(line.0.as_ptr().cast()) }
    }

    #[inline(always)]
    fn store(self, lanes: __m512, line: &mut Line) {
        instructions! { _mm512_store_ps(line.0.as_mut_ptr().cast(), lanes) }
    }

    #[inline(always)]
    fn splat_word(self, word: u32) -> __m512 {
        instructions! { _mm512_castsi512_ps(_mm512_set1_epi32(word as i32)) }
    }

    #[inline(always)]
    fn add(self, a: __m512, b: __m512) -> __m512 {
        instructions! { _mm512_add_ps(a, b) }
    }

    #[inline(always)]
    fn sub(self, a: __m512, b: __m512) -> __m512 {
        instructions! { _mm512_sub_ps(a, b) }
    }

    #[inline(always)]
    fn mul(self, a: __m512, b: __m512) -> __m512 {
        instructions! { _mm512_mul_ps(a, b) }
    }

    #[inline(always)]
    fn div(self, a: __m512, b: __m512) -> __m512 {
        instructions! { _mm512_div_ps(a, b) }
    }

    #[inline(always)]
    fn fma(self, a: __m512, b: __m512, c: __m512) -> __m512 {
        instructions! { _mm512_fmadd_ps(a, b, c) }
    }

    #[inline(always)]
    fn max(self, a: __m512, b: __m512) -> __m512 {
        instructions! { _mm512_max_ps(a, b) }
    }

    #[inline(always)]
    fn min(self, a: __m512, b: __m512) -> __m512 {
        instructions! { _mm512_min_ps(a, b) }
    }

    #[inline(always)]
    fn abs(self, a: __m512) -> __m512 {
        instructions! { _mm512_abs_ps(a) }
    }

    #[inline(always)]
    fn round_to_words(self, a: __m512) -> __m512 {
        instructions! { _mm512_castsi512_ps(_mm512_cvtps_epi32(a)) }
    }

    #[inline(always)]
    fn floats_of_words(self, a: __m512) -> __m512 {
        instructions! { _mm512_cvtepi32_ps(_mm512_castps_si512(a)) }
    }

    #[inline(always)]
    fn power_of_two(self, n: __m512) -> __m512 {
        instructions! {
            let biased = _mm512_add_epi32(_mm512_castps_si512(n), _mm512_set1_epi32(127));
            _mm512_castsi512_ps(_mm512_slli_epi32::<23>(biased))
        }
    }

    #[inline(always)]
    fn above(self, a: __m512, b: __m512) -> u16 {
        instructions! { _mm512_cmp_ps_mask::<_CMP_NLE_UQ>(a, b) }
    }

    #[inline(always)]
    fn dot_bfloats(self, sum: __m512, a: __m512, b: __m512) -> __m512 {
        if BFLOATS {
            instructions! {
                use std::mem::transmute;
                _mm512_dpbf16_ps(
                    sum,
                    transmute::<__m512, __m512bh>(a),
                    transmute::<__m512, __m512bh>(b),
                )
            }
        } else {
            let ([a, c], [b, d]) = (halves(a), halves(b));
            self.fma(c, d, self.fma(a, b, sum))
        }
    }

    #[inline(always)]
    fn tiled_sums(self, rows: TileRows<'_>, panel: &[Line], wide: usize, sums: &mut [Line]) {
        amx::sums(rows, panel, wide, sums);
    }

    #[inline(always)]
    fn dot_bytes(self, sum: __m512, a: __m512, b: __m512) -> __m512 {
        instructions! {
            _mm512_castsi512_ps(_mm512_dpbusd_epi32(
                _mm512_castps_si512(sum),
                _mm512_castps_si512(a),
                _mm512_castps_si512(b),
            ))
        }
    }

    #[inline(always)]
    fn bfloats(self, lanes: __m512) -> [u32; LANES / 2] {
        if BFLOATS {
            instructions! { std::mem::transmute::<__m256bh, [u32; LANES / 2]>(_mm512_cvtneps_pbh(lanes)) }
        } else {
            super::portable::Portable.bfloats(self.numbers(lanes))
        }
    }

    #[inline(always)]
    fn transpose(self, rows: [__m512; LANES]) -> [__m512; LANES] {
        let mut pairs = rows;
        let mut fours = rows;
        let mut columns = rows;
        instructions! {
            for i in 0..8 {
                pairs[2 * i] = _mm512_unpacklo_ps(rows[2 * i], rows[2 * i + 1]);
                pairs[2 * i + 1] = _mm512_unpackhi_ps(rows[2 * i], rows[2 * i + 1]);
            }
            for i in 0..4 {
                for half in 0..2 {
                    let a = _mm512_castps_pd(pairs[4 * i + half]);
                    let b = _mm512_castps_pd(pairs[4 * i + half + 2]);
                    fours[4 * i + 2 * half] = _mm512_castpd_ps(_mm512_unpacklo_pd(a, b));
                    fours[4 * i + 2 * half + 1] = _mm512_castpd_ps(_mm512_unpackhi_pd(a, b));
                }
            }
            // Lane group g of fours[4·i + c] holds column 4·g + c of rows 4·i to 4·i + 3.
            for c in 0..4 {
                let even = [
                    _mm512_shuffle_f32x4::<0x88>(fours[c], fours[4 + c]),
                    _mm512_shuffle_f32x4::<0x88>(fours[8 + c], fours[12 + c]),
                ];
                let odd = [
                    _mm512_shuffle_f32x4::<0xdd>(fours[c], fours[4 + c]),
                    _mm512_shuffle_f32x4::<0xdd>(fours[8 + c], fours[12 + c]),
                ];
                columns[c] = _mm512_shuffle_f32x4::<0x88>(even[0], even[1]);
                columns[8 + c] = _mm512_shuffle_f32x4::<0xdd>(even[0], even[1]);
                columns[4 + c] = _mm512_shuffle_f32x4::<0x88>(odd[0], odd[1]);
                columns[12 + c] = _mm512_shuffle_f32x4::<0xdd>(odd[0], odd[1]);
            }
        }
        columns
    }
}
