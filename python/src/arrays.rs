//! Arrays of numbers from Python.

use numpy::{
    Element, PyArray1, PyArrayDescrMethods, PyArrayMethods, PyUntypedArray, PyUntypedArrayMethods,
};
use pyo3::prelude::*;

use crate::errors::bad_value;

/// An array of one axis, whose memory is numpy's own: it is read without Python's lock, so that
/// another thread may change its numbers meanwhile. Then some are read as they were and some as
/// they are.
pub(crate) struct SharedArray<T> {
    data: *const T,
    length: usize,
    /// Keeps the memory.
    _array: Py<PyUntypedArray>,
}

// SAFETY: the memory is numpy's and lives as long as `_array`, which may be dropped on any thread;
// reads are volatile, of plain numbers of which every pattern of bits is one.
unsafe impl<T: Send> Send for SharedArray<T> {}
// SAFETY: as above; nothing is written.
unsafe impl<T: Sync> Sync for SharedArray<T> {}

impl<T: Number> SharedArray<T> {
    fn new(array: &Bound<'_, PyUntypedArray>, name: &str) -> PyResult<Self> {
        let typed = array
            .cast::<PyArray1<T>>()
            .map_err(|_| bad_value(format!("{name}: expected one axis, got {}", array.ndim())))?;
        if !typed.is_c_contiguous() {
            return Err(bad_value(format!("{name}: expected contiguous numbers")));
        }
        if !(typed.data() as usize).is_multiple_of(align_of::<T>()) {
            return Err(bad_value(format!("{name}: expected aligned numbers")));
        }
        Ok(Self { data: typed.data(), length: typed.len(), _array: array.clone().unbind() })
    }

    fn len(&self) -> usize {
        self.length
    }

    fn get(&self, place: usize) -> Option<T> {
        // SAFETY: the place is within the array, whose length can't change while it is held.
        (place < self.length).then(|| unsafe { self.data.add(place).read_volatile() })
    }
}

/// Numbers that arrays may hold.
pub(crate) trait Number: Element + Copy {}

impl Number for i32 {}
impl Number for i64 {}
impl Number for u8 {}
impl Number for u32 {}
impl Number for u64 {}
impl Number for u16 {}
impl Number for f32 {}
impl Number for f64 {}

/// Integers of any of the types that arrays of places have.
pub(crate) enum Integers {
    I32(SharedArray<i32>),
    I64(SharedArray<i64>),
    U32(SharedArray<u32>),
    U64(SharedArray<u64>),
}

impl Integers {
    pub(crate) fn of(array: &Bound<'_, PyUntypedArray>, name: &str) -> PyResult<Self> {
        let is = |kind: &Bound<'_, numpy::PyArrayDescr>| array.dtype().is_equiv_to(kind);
        let py = array.py();
        Ok(match () {
            () if is(&numpy::dtype::<i32>(py)) => Self::I32(SharedArray::new(array, name)?),
            () if is(&numpy::dtype::<i64>(py)) => Self::I64(SharedArray::new(array, name)?),
            () if is(&numpy::dtype::<u32>(py)) => Self::U32(SharedArray::new(array, name)?),
            () if is(&numpy::dtype::<u64>(py)) => Self::U64(SharedArray::new(array, name)?),
            () => {
                let got = array.dtype();
                let expected = "expected integers of 32 or 64 bits";
                return Err(bad_value(format!("{name}: {expected}, got {got}")));
            }
        })
    }

    pub(crate) fn len(&self) -> usize {
        match self {
            Self::I32(array) => array.len(),
            Self::I64(array) => array.len(),
            Self::U32(array) => array.len(),
            Self::U64(array) => array.len(),
        }
    }

    /// The number at a place; none beyond the end or where it is negative.
    pub(crate) fn get(&self, place: usize) -> Option<usize> {
        match self {
            Self::I32(array) => usize::try_from(array.get(place)?).ok(),
            Self::I64(array) => usize::try_from(array.get(place)?).ok(),
            Self::U32(array) => usize::try_from(array.get(place)?).ok(),
            Self::U64(array) => usize::try_from(array.get(place)?).ok(),
        }
    }
}

/// Weights of any of the types that arrays of weights have.
pub(crate) enum Weights {
    F32(SharedArray<f32>),
    F64(SharedArray<f64>),
    /// Halves, by their bits.
    F16(SharedArray<u16>),
    U8(SharedArray<u8>),
    I32(SharedArray<i32>),
    I64(SharedArray<i64>),
}

impl Weights {
    pub(crate) fn of(array: &Bound<'_, PyUntypedArray>, name: &str) -> PyResult<Self> {
        let is = |kind: &Bound<'_, numpy::PyArrayDescr>| array.dtype().is_equiv_to(kind);
        let py = array.py();
        Ok(match () {
            () if is(&numpy::dtype::<f32>(py)) => Self::F32(SharedArray::new(array, name)?),
            () if is(&numpy::dtype::<f64>(py)) => Self::F64(SharedArray::new(array, name)?),
            () if array.dtype().char() == b'e' => {
                let bits = array.call_method1("view", ("uint16",))?;
                Self::F16(SharedArray::new(bits.cast()?, name)?)
            }
            () if is(&numpy::dtype::<u8>(py)) => Self::U8(SharedArray::new(array, name)?),
            () if is(&numpy::dtype::<i32>(py)) => Self::I32(SharedArray::new(array, name)?),
            () if is(&numpy::dtype::<i64>(py)) => Self::I64(SharedArray::new(array, name)?),
            () => {
                let got = array.dtype();
                let expected = "expected floats, or integers of 8, 32 or 64 bits";
                return Err(bad_value(format!("{name}: {expected}, got {got}")));
            }
        })
    }

    pub(crate) fn len(&self) -> usize {
        match self {
            Self::F32(array) => array.len(),
            Self::F64(array) => array.len(),
            Self::F16(array) => array.len(),
            Self::U8(array) => array.len(),
            Self::I32(array) => array.len(),
            Self::I64(array) => array.len(),
        }
    }

    /// The weight at a place; none beyond the end.
    pub(crate) fn get(&self, place: usize) -> Option<f32> {
        Some(match self {
            Self::F32(array) => array.get(place)?,
            Self::F64(array) => array.get(place)? as f32,
            Self::F16(array) => half::f16::from_bits(array.get(place)?).to_f32(),
            Self::U8(array) => array.get(place)?.into(),
            Self::I32(array) => array.get(place)? as f32,
            Self::I64(array) => array.get(place)? as f32,
        })
    }
}

/// The three arrays of a sparse matrix: places of rows, columns, weights.
pub(crate) type RowArrays<'py> =
    (Bound<'py, PyUntypedArray>, Bound<'py, PyUntypedArray>, Bound<'py, PyUntypedArray>);

/// The rows of a sparse matrix in compressed form, as scipy's `csr_matrix` has it.
pub(crate) struct SparseRows {
    indptr: Integers,
    indices: Integers,
    data: Weights,
}

impl SparseRows {
    pub(crate) fn new((indptr, indices, data): &RowArrays<'_>) -> PyResult<Self> {
        let rows = Self {
            indptr: Integers::of(indptr, "indptr")?,
            indices: Integers::of(indices, "indices")?,
            data: Weights::of(data, "data")?,
        };
        if rows.indices.len() != rows.data.len() {
            return Err(bad_value(format!(
                "{} indices and {} weights: expected as many of both",
                rows.indices.len(),
                rows.data.len()
            )));
        }
        Ok(rows)
    }

    /// Number of rows.
    pub(crate) fn len(&self) -> usize {
        self.indptr.len().saturating_sub(1)
    }

    /// The columns and weights of a row; or what is wrong with it.
    pub(crate) fn row(
        &self,
        row: usize,
    ) -> Result<impl ExactSizeIterator<Item = Result<(usize, f32), String>>, String> {
        let bounds = self.indptr.get(row).zip(self.indptr.get(row + 1));
        let (start, end) = bounds
            .filter(|&(start, end)| start <= end && end <= self.indices.len())
            .ok_or("indptr does not rise, or passes the end")?;
        Ok((start..end).map(|place| {
            let column = self.indices.get(place).ok_or("a negative column")?;
            Ok((column, self.data.get(place).unwrap_or_default()))
        }))
    }
}
