//! Weights from the file in which PyTorch saved a network, here and on the page.
//!
//! `torch.save` writes a pickle, a program that makes Python's values, and beside
//! it the numbers of each tensor: since version 1.6 in a zip archive, before that
//! one after the other. The pickle is followed and never run ([`pickle`]): what
//! makes tensors and dictionaries is known, and all else is passed over. Numbers
//! are read in pieces where they lie, and nothing is made as large as a file
//! merely claims.

mod archive;
mod cursor;
mod legacy;
mod named;
mod numbers;
mod pickle;
#[cfg(test)]
mod tests;
mod zip;

use super::{Weights, WeightsError};
use crate::classifier::import::{ImportError, Source};
use named::named;
use pickle::{Heap, Value};
use std::collections::HashMap;

/// Whether the bytes at the beginning of a file may be PyTorch's: those of a zip
/// file, or of a pickle.
pub fn begins_like(first: &[u8]) -> bool {
    first.starts_with(b"PK") || first.starts_with(&[0x80])
}

impl Weights {
    /// Every tensor in a file of `torch.save`, of any version, by its name and
    /// those of the dictionaries that it lies in.
    ///
    /// # Errors
    /// When the file cannot be read; a tensor with a number that is not finite
    /// is named.
    pub fn from_pytorch(source: &mut dyn Source) -> Result<Self, WeightsError> {
        let mut first = [0; 2];
        read_at(source, 0, &mut first)?;
        let saved = match begins_like(&first) {
            true if first == *b"PK" => archive::read(source)?,
            true => legacy::read(source)?,
            false => return Err(refuse("it is neither a zip file nor a pickle")),
        };
        let tensors = named(&saved.heap, saved.root)?;
        if tensors.is_empty() {
            return Err(refuse("it holds no tensors"));
        }
        // More numbers than this are the same ones time and again.
        let mut most = source.size() + SHARED;
        let mut weights = Self::new();
        for (name, tensor) in tensors {
            let number = match tensor.number() {
                Ok(number) => number,
                Err(other) => {
                    weights.pass_over(name, other.to_owned());
                    continue;
                }
            };
            let place = saved
                .place(tensor)
                .ok_or_else(|| refuse(format!("the numbers of tensor {name} are not in it")))?;
            let values = numbers::read(source, place, tensor, number, &mut most)
                .map_err(|fault| fault.of(&name))?;
            weights.insert(name, &tensor.shape, values)?;
        }
        Ok(weights)
    }
}

/// Tensors may share numbers, as those of tied layers do.
const SHARED: u64 = 1 << 20;

/// What a file holds.
struct Saved {
    heap: Heap,
    root: Value,
    /// Where the numbers of each storage are, by its key.
    places: HashMap<String, Place>,
}

impl Saved {
    fn place(&self, tensor: &pickle::Tensor) -> Option<Place> {
        let storage = self.heap.storage(tensor.storage?);
        self.places.get(&storage.key).copied()
    }
}

/// A part of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Place {
    at: u64,
    /// In bytes.
    size: u64,
}

fn refuse(reason: impl Into<String>) -> WeightsError {
    WeightsError::NotPytorch(reason.into())
}

fn read_at(source: &mut dyn Source, at: u64, into: &mut [u8]) -> Result<(), WeightsError> {
    source.read_at(at, into).map_err(unread)
}

fn unread(error: ImportError) -> WeightsError {
    match error {
        ImportError::Unreadable(reason) => WeightsError::File(reason),
        _ => refuse("it ends too early"),
    }
}
