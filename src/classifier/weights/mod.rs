//! A network's weights: named tensors, and the files they are read from and
//! written to.
//!
//! A safetensors file is what the page downloads, with batch norm folded and
//! numbers of 16 bits. [`import`] makes one from the file in which a person has
//! a network: safetensors, PyTorch's or (natively) burn's. Each format's reader
//! gives all tensors of floats, and [`Weights::fit`] takes from them what a network
//! asks for.

mod batch_norm;
#[cfg(all(feature = "compute", not(target_family = "wasm")))]
mod burnpack;
mod error;
#[cfg(not(target_family = "wasm"))]
mod file;
mod fit;
mod number;
mod pieces;
pub(super) mod pytorch;
mod safetensors_file;
mod safetensors_source;

use crate::classifier::architecture::Architecture;
use crate::photo::Kind;
use std::collections::BTreeMap;
use std::sync::Arc;

pub use error::WeightsError;
#[cfg(not(target_family = "wasm"))]
pub use file::{import, read, tensors};
pub use fit::Fitted;
pub(super) use safetensors_source::header;

/// Its shape, and its values row by row: shared with the networks that use them as they lie, since
/// a large one would not fit into a page's memory twice.
type Tensor = (Vec<usize>, Arc<Vec<f32>>);

/// Tensors of f32 by name; every number is finite.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Weights {
    tensors: BTreeMap<String, Tensor>,
    /// Tensors of other numbers than floats, and of which; counters mostly.
    others: BTreeMap<String, String>,
}

impl Weights {
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a tensor, or replaces the one of that name.
    ///
    /// # Errors
    /// When its shape does not hold as many values as there are, or one of
    /// them is not finite.
    pub fn insert(
        &mut self,
        name: impl Into<String>,
        shape: &[usize],
        values: Vec<f32>,
    ) -> Result<(), WeightsError> {
        let name = name.into();
        let count = shape
            .iter()
            .try_fold(1usize, |n, &axis| n.checked_mul(axis));
        if count != Some(values.len()) {
            return Err(WeightsError::Count {
                name,
                shape: shape.to_vec(),
                found: values.len(),
            });
        }
        if let Some(&value) = values.iter().find(|value| !value.is_finite()) {
            return Err(WeightsError::NotFinite { name, value });
        }
        self.tensors
            .insert(name, (shape.to_vec(), Arc::new(values)));
        Ok(())
    }

    /// Notes a tensor whose numbers no layer can use.
    fn pass_over(&mut self, name: String, numbers: String) {
        self.others.insert(name, numbers);
    }

    /// The names of all tensors, whatever their numbers.
    fn names(&self) -> impl Iterator<Item = &str> {
        let names = self.tensors.keys().chain(self.others.keys());
        names.map(String::as_str)
    }

    /// The values of a tensor, row by row.
    ///
    /// # Errors
    /// When there is none of that name, or it has another shape, or its numbers
    /// are no floats.
    pub fn get(&self, name: &str, shape: &[usize]) -> Result<&[f32], WeightsError> {
        Ok(self.tensor(name, shape)?.as_slice())
    }

    /// The same, to be held without a copy.
    ///
    /// # Errors
    /// As [`Weights::get`].
    #[cfg(feature = "compute")]
    pub(crate) fn share(&self, name: &str, shape: &[usize]) -> Result<Arc<Vec<f32>>, WeightsError> {
        Ok(Arc::clone(self.tensor(name, shape)?))
    }

    fn tensor(&self, name: &str, shape: &[usize]) -> Result<&Arc<Vec<f32>>, WeightsError> {
        let Some((found, values)) = self.tensors.get(name) else {
            let name = name.to_owned();
            return Err(match self.others.get(&name).cloned() {
                Some(found) => WeightsError::Type { name, found },
                None => WeightsError::Missing {
                    name,
                    shape: shape.to_vec(),
                },
            });
        };
        if found != shape {
            return Err(WeightsError::Shape {
                name: name.to_owned(),
                expected: shape.to_vec(),
                found: found.clone(),
            });
        }
        Ok(values)
    }

    /// Takes a tensor out.
    ///
    /// # Errors
    /// As [`Weights::get`].
    pub(crate) fn take(&mut self, name: &str, shape: &[usize]) -> Result<Vec<f32>, WeightsError> {
        self.get(name, shape)?;
        let (_, values) = self.tensors.remove(name).unwrap_or_default();
        Ok(Arc::unwrap_or_clone(values))
    }

    /// Keeps the tensors of some names.
    pub(crate) fn retain(&mut self, keep: impl Fn(&str) -> bool) {
        self.tensors.retain(|name, _| keep(name));
    }

    /// Name, shape and values of each tensor, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[usize], &[f32])> {
        self.tensors
            .iter()
            .map(|(name, (shape, values))| (name.as_str(), shape.as_slice(), values.as_slice()))
    }

    /// Whether these are the weights of an architecture, all of them and
    /// nothing else.
    ///
    /// # Errors
    /// The first tensor that is missing, of another shape, or not part of it.
    pub fn check(&self, architecture: &Architecture) -> Result<(), WeightsError> {
        let expected = architecture.weights();
        for weight in &expected {
            self.get(&weight.name, &weight.shape)?;
        }
        let unknown = |name: &&str| expected.iter().all(|weight| weight.name != *name);
        match self.iter().map(|(name, ..)| name).find(unknown) {
            Some(name) => Err(WeightsError::Unknown {
                name: name.to_owned(),
            }),
            None => Ok(()),
        }
    }
}

const ONNX: &str = "an ONNX file";

/// Why no weights are read from such a file.
fn refusal(what: &'static str) -> WeightsError {
    match what {
        ONNX => WeightsError::Network(what),
        _ => WeightsError::Other(what),
    }
}

/// What a file is that holds no weights which are read, by its first bytes.
pub(super) fn other(first: &[u8]) -> Option<&'static str> {
    match first {
        // PyTorch's files are zip archives.
        _ if first.starts_with(b"PK") => None,
        _ if first.starts_with(b"\x89HDF") => Some("an HDF5 file, as Keras saves networks"),
        _ if first.starts_with(b"GGUF") => Some("a GGUF file"),
        // The version of its format, then who made it.
        [8, 1..=20, 18, ..] => Some(ONNX),
        _ => Kind::of(first).map(|kind| kind.name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::classifier::architecture::{Builder, Convolution, Layer};

    fn tiny() -> Architecture {
        let mut net = Builder::new([1, 2, 2]);
        let x = net.then(net.picture(), Convolution::new("a", 1, 2, 1));
        let x = net.then(x, Layer::GlobalAverage);
        net.finish(x)
    }

    #[test]
    fn every_misfit_is_named() {
        let mut weights = Weights::new();
        weights
            .insert("a.weight", &[2, 1, 1, 1], vec![1.0, 2.0])
            .unwrap();
        assert_eq!(
            weights.check(&tiny()).unwrap_err().to_string(),
            "tensor a.bias of shape [2] is missing: these are the weights of another network"
        );
        weights.insert("a.bias", &[2, 1], vec![1.0, 2.0]).unwrap();
        assert_eq!(
            weights.check(&tiny()).unwrap_err().to_string(),
            "tensor a.bias has shape [2, 1], but this network needs [2]: \
             these are the weights of another network"
        );
        weights.insert("a.bias", &[2], vec![1.0, 2.0]).unwrap();
        assert_eq!(weights.check(&tiny()), Ok(()));
        weights.insert("b.weight", &[], vec![1.0]).unwrap();
        assert_eq!(
            weights.check(&tiny()).unwrap_err().to_string(),
            "tensor b.weight is not part of this network: these are the weights of another one"
        );
    }

    #[test]
    fn impossible_tensors_are_refused() {
        let mut weights = Weights::new();
        assert_eq!(
            weights
                .insert("a", &[2, 3], vec![0.0; 5])
                .unwrap_err()
                .to_string(),
            "tensor a of shape [2, 3] has 5 values: the file is damaged"
        );
        assert!(weights.insert("a", &[usize::MAX, 2], vec![]).is_err());
        assert_eq!(
            weights
                .insert("a", &[1], vec![f32::NAN])
                .unwrap_err()
                .to_string(),
            "tensor a holds NaN: the file is damaged, or its training failed"
        );
        assert!(weights.insert("a", &[1], vec![f32::INFINITY]).is_err());
    }
}
