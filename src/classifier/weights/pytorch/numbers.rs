//! The numbers of a tensor, from where they lie in the file.

use super::pickle::Tensor;
use super::{Place, WeightsError, refuse, unread};
use crate::classifier::import::Source;
use crate::classifier::weights::number::Number;
use crate::classifier::weights::pieces::{self, Missing, room};

/// Why a tensor cannot be read.
pub enum Fault {
    /// What it says of itself cannot be.
    Claim(&'static str),
    File(WeightsError),
}

impl Fault {
    /// Said of a tensor by its name.
    pub fn of(self, name: &str) -> WeightsError {
        match self {
            Fault::Claim(claim) => refuse(format!("tensor {name} {claim}")),
            Fault::File(error) => error,
        }
    }
}

impl From<Missing> for Fault {
    fn from(missing: Missing) -> Self {
        match missing {
            Missing::Memory => Fault::Claim("is larger than the memory that is left"),
            Missing::File(error) => Fault::File(unread(error)),
        }
    }
}

const OUTSIDE: Fault = Fault::Claim("lies outside of its numbers");

/// The values of a tensor row by row, whatever order they lie in. `most` is how
/// many the file may still give.
pub fn read(
    source: &mut dyn Source,
    place: Place,
    tensor: &Tensor,
    number: Number,
    most: &mut u64,
) -> Result<Vec<f32>, Fault> {
    let sizes = tensor.shape.iter().map(|&size| size as u64);
    let count = sizes.clone().try_fold(1u64, u64::checked_mul);
    let left = count.and_then(|count| most.checked_sub(count));
    *most = left.ok_or(Fault::Claim("has more numbers than the file"))?;
    let count = count.unwrap_or(0);
    if count == 0 {
        return Ok(Vec::new());
    }
    // From the first to the last of them.
    let steps = sizes.zip(&tensor.strides);
    let span = steps.into_iter().try_fold(1u64, |span, (size, stride)| {
        span.checked_add((size - 1).checked_mul(*stride)?)
    });
    let span = span.ok_or(OUTSIDE)?;
    let end = tensor.offset.checked_add(span).ok_or(OUTSIDE)?;
    if tensor.count.is_some_and(|count| end > count) {
        return Err(OUTSIDE);
    }
    let size = number.size();
    let begin = tensor.begin.checked_add(tensor.offset);
    let bytes = begin.and_then(|begin| Some((begin.checked_mul(size)?, span.checked_mul(size)?)));
    let (begin, length) = bytes.ok_or(OUTSIDE)?;
    if begin.checked_add(length).is_none_or(|end| end > place.size) {
        return Err(OUTSIDE);
    }
    let at = place.at.checked_add(begin).ok_or(OUTSIDE)?;
    let values = pieces::numbers(source, at, length, number)?;
    match is_in_order(tensor) {
        true => Ok(values),
        false => gather(&values, tensor, count),
    }
}

/// Whether the values lie row by row.
fn is_in_order(tensor: &Tensor) -> bool {
    let mut each = 1;
    let mut axes = tensor.shape.iter().zip(&tensor.strides).rev();
    axes.all(|(&size, &stride)| {
        let is_next = size == 1 || stride == each;
        each *= size as u64;
        is_next
    })
}

/// Row by row what lies in steps of its own along each axis.
fn gather(values: &[f32], tensor: &Tensor, count: u64) -> Result<Vec<f32>, Fault> {
    let mut gathered = room(count)?;
    let mut index = vec![0; tensor.shape.len()];
    let mut at = 0;
    for _ in 0..count {
        gathered.push(values[at]);
        for (axis, index) in index.iter_mut().enumerate().rev() {
            // Of an axis of one place it may be any number.
            let stride = tensor.strides[axis] as usize;
            if *index + 1 < tensor.shape[axis] {
                *index += 1;
                at += stride;
                break;
            }
            if *index > 0 {
                at -= *index * stride;
                *index = 0;
            }
        }
    }
    Ok(gathered)
}
