//! Tokens that are multiplied together.

use crate::product::height;

/// Rows of a tile, at most.
pub(super) const ROWS: usize = 6;

/// Does something with the height of a tile, from one to [`ROWS`], as a constant.
macro_rules! by_height {
    ($height:expr, $name:ident => $does:expr) => {
        by_height!(@ $height, $name => $does, 1 2 3 4 5 6)
    };
    (@ $height:expr, $name:ident => $does:expr, $($number:literal)+) => {
        match $height {
            $($number => {
                const $name: usize = $number;
                $does
            })+
            _ => unreachable!("tiles have at most as many rows"),
        }
    };
}
pub(super) use by_height;

/// Tokens of one text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tile {
    pub(super) first: usize,
    pub(super) height: usize,
    pub(super) text: usize,
}

/// The tiles of texts of these lengths.
pub(super) fn tiles(lengths: &[usize]) -> Vec<Tile> {
    let (mut tiles, mut first) = (Vec::new(), 0);
    for (text, &length) in lengths.iter().enumerate() {
        let end = first + length;
        while first < end {
            let height = height(end - first, ROWS);
            tiles.push(Tile { first, height, text });
            first += height;
        }
    }
    tiles
}
