//! The kinds of numbers that weights are stored as.

use half::{bf16, f16};
use safetensors::Dtype;

/// Floats that a network can be made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Number {
    F16,
    Bf16,
    F32,
    F64,
}

impl Number {
    /// By safetensors' name; none where it is no float of 16, 32 or 64 bits.
    pub fn of(kind: Dtype) -> Option<Self> {
        match kind {
            Dtype::F16 => Some(Number::F16),
            Dtype::BF16 => Some(Number::Bf16),
            Dtype::F32 => Some(Number::F32),
            Dtype::F64 => Some(Number::F64),
            _ => None,
        }
    }

    /// In bytes.
    pub fn size(self) -> u64 {
        match self {
            Number::F16 | Number::Bf16 => 2,
            Number::F32 => 4,
            Number::F64 => 8,
        }
    }

    /// As f32, from little-endian bytes, as every format here stores them.
    pub fn read(self, bytes: &[u8]) -> Vec<f32> {
        match self {
            Number::F16 => numbers(bytes, |bytes| f16::from_le_bytes(bytes).to_f32()),
            Number::Bf16 => numbers(bytes, |bytes| bf16::from_le_bytes(bytes).to_f32()),
            Number::F32 => numbers(bytes, f32::from_le_bytes),
            Number::F64 => numbers(bytes, |bytes| f64::from_le_bytes(bytes) as f32),
        }
    }
}

/// Bytes of numbers of `SIZE` bytes each.
fn numbers<const SIZE: usize>(bytes: &[u8], number: fn([u8; SIZE]) -> f32) -> Vec<f32> {
    let (chunks, _) = bytes.as_chunks();
    chunks.iter().copied().map(number).collect()
}
