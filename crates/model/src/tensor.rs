//! Tensors as plain memory: what a checkpoint holds and a network is built from.

use std::collections::BTreeMap;
use std::collections::btree_map::IntoIter;

use half::slice::{HalfBitsSliceExt, HalfFloatSliceExt};
use half::{bf16, f16};

/// The type of a tensor's values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dtype {
    /// 64-bit float.
    F64,
    /// 32-bit float.
    F32,
    /// 16-bit IEEE float.
    F16,
    /// 16-bit brain float.
    BF16,
    /// 64-bit integer.
    I64,
    /// 32-bit integer.
    I32,
    /// 16-bit integer.
    I16,
    /// 8-bit integer.
    I8,
    /// 8-bit unsigned integer.
    U8,
    /// One byte, 0 or 1.
    Bool,
}

impl Dtype {
    /// Bytes of one value.
    pub fn size(self) -> usize {
        match self {
            Self::F64 | Self::I64 => 8,
            Self::F32 | Self::I32 => 4,
            Self::F16 | Self::BF16 | Self::I16 => 2,
            Self::I8 | Self::U8 | Self::Bool => 1,
        }
    }

    /// PyTorch's word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::F64 => "float64",
            Self::F32 => "float32",
            Self::F16 => "float16",
            Self::BF16 => "bfloat16",
            Self::I64 => "int64",
            Self::I32 => "int32",
            Self::I16 => "int16",
            Self::I8 => "int8",
            Self::U8 => "uint8",
            Self::Bool => "bool",
        }
    }

    /// Whether it holds floats, which [`Self::floats`] can read.
    pub(crate) fn is_float(self) -> bool {
        matches!(self, Self::F64 | Self::F32 | Self::F16 | Self::BF16)
    }

    /// Little-endian values of this type as 32-bit floats, the nearest ones; none of a type that
    /// holds no floats.
    pub(crate) fn floats(self, bytes: &[u8]) -> Vec<f32> {
        match self {
            Self::F32 => {
                bytes.as_chunks().0.iter().map(|&value| f32::from_le_bytes(value)).collect()
            }
            Self::F64 => {
                bytes.as_chunks().0.iter().map(|&value| f64::from_le_bytes(value) as f32).collect()
            }
            Self::F16 => from_halves(bytes, |halves, values| {
                halves.reinterpret_cast::<f16>().convert_to_f32_slice(values);
            }),
            Self::BF16 => from_halves(bytes, |halves, values| {
                halves.reinterpret_cast::<bf16>().convert_to_f32_slice(values);
            }),
            Self::I64 | Self::I32 | Self::I16 | Self::I8 | Self::U8 | Self::Bool => Vec::new(),
        }
    }
}

/// Floats of two bytes each, some at a time: a model has many.
fn from_halves(bytes: &[u8], convert: impl Fn(&[u16], &mut [f32])) -> Vec<f32> {
    const AT_ONCE: usize = 1024;
    let mut halves = [0; AT_ONCE];
    let mut values = vec![0.0; bytes.len() / 2];
    let parts = bytes.as_chunks().0.chunks(AT_ONCE).zip(values.chunks_mut(AT_ONCE));
    for (bytes, values) in parts {
        let halves = &mut halves[..bytes.len()];
        for (half, &bytes) in halves.iter_mut().zip(bytes) {
            *half = u16::from_le_bytes(bytes);
        }
        convert(halves, values);
    }
    values
}

/// A tensor of 32-bit floats.
#[derive(Clone, Debug, PartialEq)]
pub struct FloatTensor {
    /// Its dimensions; none for a scalar.
    pub shape: Vec<i64>,
    /// Its values, row-major: as many as the product of its dimensions.
    pub values: Vec<f32>,
}

/// The tensors of a network by name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tensors(BTreeMap<String, FloatTensor>);

impl Tensors {
    /// The tensor of this name.
    pub fn get(&self, name: &str) -> Option<&FloatTensor> {
        self.0.get(name)
    }

    /// The tensor of this name, to be changed.
    pub(crate) fn get_mut(&mut self, name: &str) -> Option<&mut FloatTensor> {
        self.0.get_mut(name)
    }

    /// Takes a tensor out.
    pub(crate) fn remove(&mut self, name: &str) -> Option<FloatTensor> {
        self.0.remove(name)
    }

    /// All tensors, to be changed.
    pub(crate) fn all_mut(&mut self) -> impl Iterator<Item = &mut FloatTensor> {
        self.0.values_mut()
    }

    /// Adds or replaces a tensor.
    pub fn insert(&mut self, name: impl Into<String>, tensor: FloatTensor) {
        self.0.insert(name.into(), tensor);
    }

    /// Names and tensors, ascending by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &FloatTensor)> {
        self.0.iter().map(|(name, tensor)| (name.as_str(), tensor))
    }

    /// A number that tells one model's weights from another's, whatever file type and float type
    /// they came from: the CRC-32 of, ascending by name, each tensor's name, its dimensions as
    /// 64-bit integers and its values as 32-bit floats, all little-endian.
    pub fn checksum(&self) -> u32 {
        let mut crc = crc32fast::Hasher::new();
        for (name, tensor) in self.iter() {
            crc.update(name.as_bytes());
            for dimension in &tensor.shape {
                crc.update(&dimension.to_le_bytes());
            }
            update(&mut crc, &tensor.values);
        }
        crc.finalize()
    }
}

/// Names and tensors, ascending by name.
impl IntoIterator for Tensors {
    type Item = (String, FloatTensor);
    type IntoIter = IntoIter<String, FloatTensor>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

/// The CRC-32 of values as little-endian 32-bit floats.
pub(crate) fn checksum(values: &[f32]) -> u32 {
    let mut crc = crc32fast::Hasher::new();
    update(&mut crc, values);
    crc.finalize()
}

fn update(crc: &mut crc32fast::Hasher, values: &[f32]) {
    const AT_ONCE: usize = 1024;
    let mut bytes = [[0; 4]; AT_ONCE];
    for values in values.chunks(AT_ONCE) {
        for (bytes, value) in bytes.iter_mut().zip(values) {
            *bytes = value.to_le_bytes();
        }
        crc.update(bytes[..values.len()].as_flattened());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_of_float_is_read_to_the_nearest() {
        let values = [0.0f32, -1.5, 65_504.0, 6.103_515_6e-5, f32::INFINITY];
        let wide: Vec<u8> =
            values.iter().flat_map(|&value| f64::from(value).to_le_bytes()).collect();
        let plain: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        let half: Vec<u8> =
            values.iter().flat_map(|&value| f16::from_f32(value).to_le_bytes()).collect();
        for (dtype, bytes) in [(Dtype::F64, wide), (Dtype::F32, plain), (Dtype::F16, half)] {
            assert_eq!(dtype.floats(&bytes), values, "{dtype:?}");
        }
        assert_eq!(Dtype::BF16.floats(&[0x80, 0x3f, 0x00, 0xc0]), [1.0, -2.0]);
        assert_eq!(Dtype::F64.floats(&0.1f64.to_le_bytes()), [0.1]);
        // Float16 below its normal numbers: 2⁻²⁴.
        assert_eq!(Dtype::F16.floats(&[1, 0]), [5.960_464_5e-8]);
    }

    #[test]
    fn a_checksum_is_of_names_shapes_and_values() {
        let tensor = |shape: &[i64], first: f32| FloatTensor {
            shape: shape.to_vec(),
            values: (0..3000).map(|value| first + value as f32).collect(),
        };
        let sum = |name: &str, tensor: FloatTensor| {
            let mut tensors = Tensors::default();
            tensors.insert(name, tensor);
            tensors.checksum()
        };
        let whole = sum("a", tensor(&[30, 100], 0.0));
        let mut bytes = b"a".to_vec();
        bytes.extend([30i64, 100].iter().flat_map(|dimension| dimension.to_le_bytes()));
        bytes.extend((0..3000).flat_map(|value| (value as f32).to_le_bytes()));
        assert_eq!(whole, crc32fast::hash(&bytes));
        for other in [
            sum("b", tensor(&[30, 100], 0.0)),
            sum("a", tensor(&[100, 30], 0.0)),
            sum("a", tensor(&[30, 100], 0.5)),
        ] {
            assert_ne!(whole, other);
        }
    }
}
