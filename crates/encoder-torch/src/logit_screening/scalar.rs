//! The products in plain code.

use super::pack::{Block, GROUP, LANES, PackedText, TERMS, VECTORS};

/// See [`super::maxima`].
pub(super) fn maxima(block: &Block, text: &PackedText) -> [f32; TERMS] {
    let mut maxima = [f32::NEG_INFINITY; TERMS];
    for (token, &scale) in text.groups.chunks(text.depth()).zip(&text.scales) {
        let mut products = block.offsets;
        for (group, lines) in token.iter().zip(block.lines.chunks(VECTORS)) {
            for (term, product) in products.iter_mut().enumerate() {
                let weights = &lines[term / LANES].0[term % LANES * GROUP..];
                for (byte, &weight) in group.to_le_bytes().into_iter().zip(weights) {
                    *product += i32::from(byte) * i32::from(weight);
                }
            }
        }
        for (most, product) in maxima.iter_mut().zip(products) {
            *most = most.max(product as f32 * scale);
        }
    }
    maxima
}
