//! AMX: tiles of sixteen rows and sixteen columns, whose bfloat16 one instruction multiplies.
//!
//! Rust has no stable functions for these instructions, so they are written as assembly.

#![allow(unsafe_code, reason = "tile instructions")]
use std::arch::asm;
use std::arch::x86_64::__cpuid_count;
use std::sync::LazyLock;

use super::lanes::TileRows;
use super::line::{LANES, Line};

/// Rows of a tile.
const HEIGHT: usize = 16;
/// Bytes of a row of a tile: a line.
const WIDTH: u16 = 64;

/// Whether the processor has tiles for bfloat16, and the system lets this process use them.
pub(super) fn permitted() -> bool {
    static PERMITTED: LazyLock<bool> = LazyLock::new(|| in_processor() && ask_system());
    *PERMITTED
}

fn in_processor() -> bool {
    const BFLOATS: u32 = 1 << 22;
    const TILES: u32 = 1 << 24;
    let highest = __cpuid_count(0, 0).eax;
    highest >= 7 && __cpuid_count(7, 0).edx & (BFLOATS | TILES) == BFLOATS | TILES
}

/// Asks Linux for the tiles' registers, which it withholds until then.
#[cfg(target_os = "linux")]
fn ask_system() -> bool {
    const ARCH_PRCTL: u64 = 158;
    const REQUEST_PERMISSION: u64 = 0x1023;
    const TILE_DATA: u64 = 18;
    let mut result = ARCH_PRCTL;
    // SAFETY: the call takes two numbers, and changes nothing but what this process may use.
    unsafe {
        asm!(
            "syscall",
            inlateout("rax") result,
            in("rdi") REQUEST_PERMISSION,
            in("rsi") TILE_DATA,
            lateout("rcx") _,
            lateout("r11") _,
            options(nostack),
        );
    }
    result == 0
}

#[cfg(not(target_os = "linux"))]
fn ask_system() -> bool {
    false
}

/// The shapes of the tiles, as `ldtilecfg` reads them.
#[repr(C, align(64))]
struct Shapes {
    palette: u8,
    start: u8,
    reserved: [u8; 14],
    widths: [u16; 16],
    heights: [u8; 16],
}

impl Shapes {
    /// Tiles 0 to 6 of so many rows, tile 7, which is of the panel, of sixteen.
    fn new(rows: usize) -> Self {
        let (mut widths, mut heights) = ([0; 16], [0; 16]);
        widths[..8].fill(WIDTH);
        heights[..7].fill(rows as u8);
        heights[7] = HEIGHT as u8;
        Self { palette: 1, start: 0, reserved: [0; 14], widths, heights }
    }
}

/// The sums of rows and the columns of a panel: `panel.wide` lines a row.
///
/// # Panics
/// The rows, the panel or the sums are shorter than they say, or are of another shape than tiles.
#[inline(always)]
pub(super) fn sums(rows: TileRows<'_>, panel: &[Line], wide: usize, sums: &mut [Line]) {
    let TileRows { lines, stride, count, depth } = rows;
    let fits = (1..=2 * HEIGHT).contains(&count)
        && (2..=3).contains(&wide)
        && depth > 0
        && lines.len() >= (count - 1) * stride + depth
        && panel.len() >= depth * LANES * wide
        && sums.len() >= count * wide;
    assert!(fits, "tiles of another shape");
    // Two tiles of equal height; where the count is odd, they share a row.
    let height = if count > HEIGHT { count.div_ceil(2) } else { count };
    let second = count - height;
    let shapes = Shapes::new(height);
    let line = size_of::<Line>();
    // SAFETY: `fits` says that all rows, all lines of the panel and all sums are there. Tile rows
    // from `first` and `second` on are `height` rows of the `count` there are; each has `depth`
    // lines. Tiles are this process's to use, since `permitted` came first, and are released.
    unsafe {
        let first = lines.as_ptr();
        let other = first.add(second * stride);
        let out = sums.as_mut_ptr();
        let other_out = out.add(second * wide);
        macro_rules! multiply {
            ($($step:literal)+; $($end:literal)+) => {
                asm!(
                    "ldtilecfg [{shapes}]",
                    "tilezero tmm0",
                    "tilezero tmm1",
                    "tilezero tmm2",
                    "tilezero tmm3",
                    "tilezero tmm4",
                    "tilezero tmm5",
                    "2:",
                    $($step,)+
                    "add {first}, 64",
                    "add {other}, 64",
                    "add {panel}, {step}",
                    "dec {depth}",
                    "jnz 2b",
                    $($end,)+
                    "tilerelease",
                    shapes = in(reg) &raw const shapes,
                    first = inout(reg) first => _,
                    other = inout(reg) other => _,
                    stride = in(reg) stride * line,
                    panel = inout(reg) panel.as_ptr() => _,
                    wide = in(reg) wide * line,
                    step = in(reg) LANES * wide * line,
                    depth = inout(reg) depth => _,
                    out = in(reg) out,
                    other_out = in(reg) other_out,
                    out("tmm0") _, out("tmm1") _, out("tmm2") _, out("tmm3") _,
                    out("tmm4") _, out("tmm5") _, out("tmm6") _, out("tmm7") _,
                    options(nostack),
                )
            };
        }
        match (count > HEIGHT, wide) {
            (false, 2) => multiply!(
                "tileloadd tmm6, [{first} + {stride}*1]"
                "tileloadd tmm7, [{panel} + {wide}*1]"
                "tdpbf16ps tmm0, tmm6, tmm7"
                "tileloadd tmm7, [{panel} + {wide}*1 + 64]"
                "tdpbf16ps tmm1, tmm6, tmm7";
                "tilestored [{out} + {wide}*1], tmm0"
                "tilestored [{out} + {wide}*1 + 64], tmm1"
                "# {other_out}"
            ),
            (false, _) => multiply!(
                "tileloadd tmm6, [{first} + {stride}*1]"
                "tileloadd tmm7, [{panel} + {wide}*1]"
                "tdpbf16ps tmm0, tmm6, tmm7"
                "tileloadd tmm7, [{panel} + {wide}*1 + 64]"
                "tdpbf16ps tmm1, tmm6, tmm7"
                "tileloadd tmm7, [{panel} + {wide}*1 + 128]"
                "tdpbf16ps tmm2, tmm6, tmm7";
                "tilestored [{out} + {wide}*1], tmm0"
                "tilestored [{out} + {wide}*1 + 64], tmm1"
                "tilestored [{out} + {wide}*1 + 128], tmm2"
                "# {other_out}"
            ),
            (true, 2) => multiply!(
                "tileloadd tmm6, [{first} + {stride}*1]"
                "tileloadd tmm7, [{panel} + {wide}*1]"
                "tdpbf16ps tmm0, tmm6, tmm7"
                "tileloadd tmm2, [{other} + {stride}*1]"
                "tdpbf16ps tmm3, tmm2, tmm7"
                "tileloadd tmm7, [{panel} + {wide}*1 + 64]"
                "tdpbf16ps tmm1, tmm6, tmm7"
                "tdpbf16ps tmm4, tmm2, tmm7";
                "tilestored [{out} + {wide}*1], tmm0"
                "tilestored [{out} + {wide}*1 + 64], tmm1"
                "tilestored [{other_out} + {wide}*1], tmm3"
                "tilestored [{other_out} + {wide}*1 + 64], tmm4"
            ),
            (true, _) => multiply!(
                "tileloadd tmm6, [{first} + {stride}*1]"
                "tileloadd tmm7, [{panel} + {wide}*1]"
                "tdpbf16ps tmm0, tmm6, tmm7"
                "tileloadd tmm6, [{other} + {stride}*1]"
                "tdpbf16ps tmm3, tmm6, tmm7"
                "tileloadd tmm7, [{panel} + {wide}*1 + 64]"
                "tdpbf16ps tmm4, tmm6, tmm7"
                "tileloadd tmm6, [{first} + {stride}*1]"
                "tdpbf16ps tmm1, tmm6, tmm7"
                "tileloadd tmm7, [{panel} + {wide}*1 + 128]"
                "tdpbf16ps tmm2, tmm6, tmm7"
                "tileloadd tmm6, [{other} + {stride}*1]"
                "tdpbf16ps tmm5, tmm6, tmm7";
                "tilestored [{out} + {wide}*1], tmm0"
                "tilestored [{out} + {wide}*1 + 64], tmm1"
                "tilestored [{out} + {wide}*1 + 128], tmm2"
                "tilestored [{other_out} + {wide}*1], tmm3"
                "tilestored [{other_out} + {wide}*1 + 64], tmm4"
                "tilestored [{other_out} + {wide}*1 + 128], tmm5"
            ),
        }
    }
}
