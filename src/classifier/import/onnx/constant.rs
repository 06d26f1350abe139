//! Tensors whose numbers the file has, or that follow from it.

use super::error::plain;
use super::proto;
use super::shape::is_possible;
use super::{Files, OnnxError};
use crate::classifier::architecture::count;
use crate::classifier::import::{ImportError, Source};
use half::{bf16, f16};
use prost::encoding::decode_varint;
use std::rc::Rc;

/// A tensor that is the same for every picture.
#[derive(Debug, Clone)]
pub struct Constant {
    pub dims: Vec<usize>,
    pub data: Data,
}

/// Its numbers, or where they are.
#[derive(Debug, Clone)]
pub enum Data {
    Floats(Rc<Vec<f32>>),
    /// Whole numbers; true and false as 1 and 0.
    Integers(Rc<Vec<i64>>),
    /// As the file has them.
    Stored(Rc<proto::Tensor>),
    /// All the same.
    Filled(f32),
}

impl Constant {
    pub fn floats(dims: Vec<usize>, values: Vec<f32>) -> Self {
        let data = Data::Floats(Rc::new(values));
        Self { dims, data }
    }

    pub fn integers(dims: Vec<usize>, values: Vec<i64>) -> Self {
        let data = Data::Integers(Rc::new(values));
        Self { dims, data }
    }

    /// A tensor of the file, whose claims are checked.
    pub fn stored(tensor: proto::Tensor) -> Result<Self, ImportError> {
        let name = plain(&tensor.name);
        let dims: Option<Vec<usize>> = tensor
            .dims
            .iter()
            .map(|&dim| usize::try_from(dim).ok())
            .collect();
        let Some(dims) = dims.filter(|dims| is_possible(dims)) else {
            let why = format!("tensor {name} has an impossible shape");
            return Err(OnnxError::damaged(why).into());
        };
        let data = Data::Stored(Rc::new(tensor));
        Ok(Self { dims, data })
    }

    pub fn count(&self) -> usize {
        count(&self.dims).unwrap_or(usize::MAX)
    }

    pub fn is_float(&self) -> bool {
        match &self.data {
            Data::Floats(_) | Data::Filled(_) => true,
            Data::Integers(_) => false,
            Data::Stored(tensor) => matches!(tensor.numbers, FLOAT | FLOAT16 | DOUBLE | BFLOAT16),
        }
    }
}

const FLOAT: i32 = 1;
const UINT8: i32 = 2;
const INT8: i32 = 3;
const UINT16: i32 = 4;
const INT16: i32 = 5;
const INT32: i32 = 6;
const INT64: i32 = 7;
const BOOL: i32 = 9;
const FLOAT16: i32 = 10;
const DOUBLE: i32 = 11;
const UINT32: i32 = 12;
const UINT64: i32 = 13;
const BFLOAT16: i32 = 16;

/// Whether a kind of number is one that layers compute with.
pub fn is_float(numbers: i64) -> bool {
    [FLOAT, FLOAT16, DOUBLE, BFLOAT16]
        .map(i64::from)
        .contains(&numbers)
}

/// Bytes of each number; none where they are not read.
fn width(numbers: i32) -> Option<usize> {
    Some(match numbers {
        UINT8 | INT8 | BOOL => 1,
        UINT16 | INT16 | FLOAT16 | BFLOAT16 => 2,
        FLOAT | INT32 | UINT32 => 4,
        DOUBLE | INT64 | UINT64 => 8,
        _ => return None,
    })
}

/// One number of the bytes that it has in the file.
trait Number: Sized + Copy {
    fn of(numbers: i32, bytes: &[u8]) -> Self;
    fn of_integer(numbers: i32, value: i64) -> Self;
    fn of_float(value: f64) -> Self;
}

impl Number for f32 {
    fn of(numbers: i32, bytes: &[u8]) -> Self {
        match (numbers, bytes) {
            (FLOAT, &[a, b, c, d]) => f32::from_le_bytes([a, b, c, d]),
            (FLOAT16, &[a, b]) => f16::from_le_bytes([a, b]).to_f32(),
            (BFLOAT16, &[a, b]) => bf16::from_le_bytes([a, b]).to_f32(),
            (DOUBLE, &[a, b, c, d, e, f, g, h]) => {
                f64::from_le_bytes([a, b, c, d, e, f, g, h]) as f32
            }
            _ => i64::of(numbers, bytes) as f32,
        }
    }

    fn of_integer(numbers: i32, value: i64) -> Self {
        match numbers {
            FLOAT16 => f16::from_bits(value as u16).to_f32(),
            BFLOAT16 => bf16::from_bits(value as u16).to_f32(),
            _ => value as f32,
        }
    }

    fn of_float(value: f64) -> Self {
        value as f32
    }
}

impl Number for i64 {
    fn of(numbers: i32, bytes: &[u8]) -> Self {
        match (numbers, bytes) {
            (INT8, &[a]) => i64::from(a as i8),
            (_, &[a]) => i64::from(a),
            (INT16, &[a, b]) => i64::from(i16::from_le_bytes([a, b])),
            (UINT16, &[a, b]) => i64::from(u16::from_le_bytes([a, b])),
            (INT32, &[a, b, c, d]) => i64::from(i32::from_le_bytes([a, b, c, d])),
            (UINT32, &[a, b, c, d]) => i64::from(u32::from_le_bytes([a, b, c, d])),
            (INT64 | UINT64, &[a, b, c, d, e, f, g, h]) => {
                i64::from_le_bytes([a, b, c, d, e, f, g, h])
            }
            _ => f32::of(numbers, bytes) as i64,
        }
    }

    fn of_integer(numbers: i32, value: i64) -> Self {
        match numbers {
            FLOAT16 | BFLOAT16 => f32::of_integer(numbers, value) as i64,
            _ => value,
        }
    }

    fn of_float(value: f64) -> Self {
        value as i64
    }
}

impl Files<'_> {
    /// A constant's numbers as floats.
    pub fn floats(&mut self, constant: &Constant) -> Result<Vec<f32>, ImportError> {
        match &constant.data {
            Data::Floats(values) => Ok(values.to_vec()),
            Data::Integers(values) => Ok(values.iter().map(|&value| value as f32).collect()),
            Data::Filled(value) => {
                self.spend(constant.count())?;
                Ok(vec![*value; constant.count()])
            }
            Data::Stored(tensor) => self.numbers(tensor, constant.count()),
        }
    }

    /// A constant's numbers as integers.
    pub fn integers(&mut self, constant: &Constant) -> Result<Vec<i64>, ImportError> {
        match &constant.data {
            Data::Integers(values) => Ok(values.to_vec()),
            Data::Floats(values) => Ok(values.iter().map(|&value| value as i64).collect()),
            Data::Filled(value) => {
                self.spend(constant.count())?;
                Ok(vec![*value as i64; constant.count()])
            }
            Data::Stored(tensor) => self.numbers(tensor, constant.count()),
        }
    }

    fn numbers<T: Number>(
        &mut self,
        tensor: &proto::Tensor,
        count: usize,
    ) -> Result<Vec<T>, ImportError> {
        let name = plain(&tensor.name);
        let numbers = tensor.numbers;
        let Some(width) = width(numbers) else {
            let why = format!("has a tensor {name} of numbers that are not read here");
            return Err(OnnxError::unfit(why));
        };
        let damaged = |found: usize| {
            let shape = &tensor.dims;
            let why = format!("tensor {name} of shape {shape:?} has {found} values");
            ImportError::from(OnnxError::damaged(why))
        };
        if tensor.location == 1 {
            let (file, at, length) = self.beside(tensor)?;
            let bytes = count as u128 * width as u128;
            if u128::from(length.unwrap_or(bytes as u64)) != bytes {
                return Err(damaged(length.unwrap_or(0) as usize / width));
            }
            let values = fixed(file, at, numbers, width, count);
            return values.map_err(|error| match error {
                ImportError::Short => {
                    let location = tensor.external.iter().find(|it| it.key == "location");
                    let location = plain(location.map_or("", |it| &it.value));
                    let why = format!("tensor {name} goes on beyond the end of '{location}'");
                    OnnxError::damaged(why).into()
                }
                error => error,
            });
        }
        if let Some(place) = tensor.elsewhere {
            let length = place.length as usize;
            let raw = match place.field {
                9 => true,
                4 => numbers == FLOAT,
                10 => numbers == DOUBLE,
                _ => false,
            };
            if raw {
                if count.checked_mul(width) != Some(length) {
                    return Err(damaged(length / width));
                }
                return fixed(self.file, place.at, numbers, width, count);
            }
            // A number a varint, at least a byte each.
            if count > length || matches!(place.field, 4 | 10) {
                return Err(damaged(length));
            }
            let mut bytes = vec![0; length];
            self.file.read_at(place.at, &mut bytes)?;
            let mut left = bytes.as_slice();
            let mut values = Vec::with_capacity(count);
            while !left.is_empty() {
                let value = decode_varint(&mut left).map_err(|_| damaged(values.len()))?;
                values.push(T::of_integer(numbers, value as i64));
            }
            return check(values, count, damaged);
        }
        let values = if let Some(raw) = tensor.raw.as_ref().filter(|raw| !raw.is_empty()) {
            if !raw.len().is_multiple_of(width) {
                return Err(damaged(raw.len() / width));
            }
            raw.chunks_exact(width)
                .map(|bytes| T::of(numbers, bytes))
                .collect()
        } else {
            match numbers {
                FLOAT => tensor
                    .floats
                    .iter()
                    .map(|&x| T::of_float(f64::from(x)))
                    .collect(),
                DOUBLE => tensor.doubles.iter().map(|&x| T::of_float(x)).collect(),
                INT64 => tensor
                    .int64s
                    .iter()
                    .map(|&x| T::of_integer(numbers, x))
                    .collect(),
                UINT32 | UINT64 => {
                    let integers = tensor.uint64s.iter();
                    integers
                        .map(|&x| T::of_integer(numbers, x as i64))
                        .collect()
                }
                _ => {
                    let integers = tensor.int32s.iter();
                    integers
                        .map(|&x| T::of_integer(numbers, i64::from(x)))
                        .collect()
                }
            }
        };
        check(values, count, damaged)
    }
}

fn check<T>(
    values: Vec<T>,
    count: usize,
    damaged: impl Fn(usize) -> ImportError,
) -> Result<Vec<T>, ImportError> {
    if values.len() == count {
        Ok(values)
    } else {
        Err(damaged(values.len()))
    }
}

/// Numbers of equal width one after the other, read in pieces.
fn fixed<T: Number>(
    file: &mut dyn Source,
    at: u64,
    numbers: i32,
    width: usize,
    count: usize,
) -> Result<Vec<T>, ImportError> {
    let end = at.checked_add((count as u64).saturating_mul(width as u64));
    if end.is_none_or(|end| end > file.size()) {
        return Err(ImportError::Short);
    }
    // The file has them all, so there is that much to hold.
    let mut values = Vec::with_capacity(count);
    let most = (1 << 20) / width;
    let mut piece = vec![0; most.min(count) * width];
    let mut at = at;
    while values.len() < count {
        let some = most.min(count - values.len());
        let bytes = &mut piece[..some * width];
        file.read_at(at, bytes)?;
        values.extend(bytes.chunks_exact(width).map(|bytes| T::of(numbers, bytes)));
        at += bytes.len() as u64;
    }
    Ok(values)
}
