//! A tensor is a window on a storage: an offset, a shape, and a stride for each dimension. Here the
//! window is checked against the storage and copied out as plain rows.

use super::object::{Storage, View};
use crate::tensor::Dtype;

/// The bytes that `view` will take as rows, once it is known to lie within its storage.
pub(super) fn byte_length(view: &View, storage: &Storage) -> Result<u64, &'static str> {
    let count = element_count(view).ok_or("has more elements than can be")?;
    if count == 0 {
        return Ok(0);
    }
    let last = last_element(view).ok_or("has more elements than can be")?;
    if last >= storage.length {
        return Err("reaches beyond the end of its values");
    }
    // Strides of zero repeat values; more of them than there are values is nothing that anyone
    // saves.
    if count > storage.length {
        return Err("repeats its values");
    }
    count.checked_mul(storage.dtype.size() as u64).ok_or("has more elements than can be")
}

fn element_count(view: &View) -> Option<u64> {
    if view.shape.contains(&0) {
        return Some(0);
    }
    view.shape.iter().try_fold(1u64, |count, &size| count.checked_mul(size as u64))
}

/// The highest place in the storage that a view without empty dimensions touches.
fn last_element(view: &View) -> Option<u64> {
    let dimensions = view.shape.iter().zip(&view.strides);
    dimensions.into_iter().try_fold(view.offset, |place, (&size, &stride)| {
        (size as u64 - 1).checked_mul(stride).and_then(|span| place.checked_add(span))
    })
}

/// Copies a view that [`byte_length`] has accepted out of its storage's bytes.
pub(super) fn copy(view: &View, dtype: Dtype, values: &[u8]) -> Vec<u8> {
    let width = dtype.size();
    let count = element_count(view).unwrap_or(0) as usize;
    let mut rows = Vec::with_capacity(count * width);
    if count == 0 {
        return rows;
    }
    let (outer, run) = contiguous_tail(view);
    let mut index = vec![0; outer];
    let mut place = view.offset as usize;
    loop {
        rows.extend_from_slice(&values[place * width..(place + run) * width]);
        if !advance(&mut index, view, &mut place) {
            return rows;
        }
    }
}

/// How many leading dimensions must be stepped through, and how many elements lie in one piece
/// behind each step.
fn contiguous_tail(view: &View) -> (usize, usize) {
    let mut run = 1;
    let mut outer = view.shape.len();
    while outer > 0 && (view.strides[outer - 1] == run as u64 || view.shape[outer - 1] == 1) {
        outer -= 1;
        run *= view.shape[outer];
    }
    (outer, run)
}

/// The next index in row-major order; `false` after the last.
fn advance(index: &mut [usize], view: &View, place: &mut usize) -> bool {
    for dimension in (0..index.len()).rev() {
        let stride = view.strides[dimension] as usize;
        if index[dimension] + 1 < view.shape[dimension] {
            index[dimension] += 1;
            *place += stride;
            return true;
        }
        *place -= index[dimension] * stride;
        index[dimension] = 0;
    }
    false
}
