//! Weights from the file in which PyTorch saved a network. Natively only: the
//! page gets what [`import`] makes of it.

use super::{Weights, WeightsError, numbers};
use crate::classifier::architecture::Architecture;
use crate::classifier::catalogue::{self, CATALOGUE};
use half::{bf16, f16};
use pytorch_reader::{DType, PytorchReader, Tensor};
use std::path::Path;

/// Makes of a PyTorch file what the page downloads: the weights of a network
/// of the catalogue, batch norm folded, as a safetensors file of 16-bit
/// numbers with the network, the source and the licence noted in it.
///
/// # Errors
/// When the network is unknown, or the file is not of its weights.
pub fn import(network: &str, path: &Path) -> Result<Vec<u8>, WeightsError> {
    let entry = catalogue::find(network).ok_or_else(|| WeightsError::UnknownNetwork {
        id: network.to_owned(),
        known: CATALOGUE
            .iter()
            .map(|entry| entry.id)
            .collect::<Vec<_>>()
            .join(", "),
    })?;
    read(&(entry.architecture)(), path)?.to_safetensors_f16(&[
        ("network", entry.id),
        ("source", entry.source),
        ("licence", entry.licence),
        ("changes", "batch norm folded, numbers rounded to 16 bits"),
    ])
}

/// The weights of an architecture from a PyTorch file, batch norm folded, in
/// full precision.
///
/// # Errors
/// When the file cannot be read, or a tensor is missing, of another shape, or
/// not part of the architecture.
pub fn read(architecture: &Architecture, path: &Path) -> Result<Weights, WeightsError> {
    let mut weights = Weights::from_pytorch(path)?;
    for layer in architecture.body.layers() {
        weights.fold_batch_norm(layer)?;
    }
    weights.check(architecture)?;
    Ok(weights)
}

impl Weights {
    /// Every tensor of floats in a file of `torch.save`, of any version. The
    /// counters that batch norm keeps are left out.
    ///
    /// # Errors
    /// When the file cannot be read; a tensor of other numbers, or with one
    /// that is not finite, is named.
    pub fn from_pytorch(path: &Path) -> Result<Self, WeightsError> {
        let refuse = |reason: String| WeightsError::NotPytorch {
            file: path.display().to_string(),
            reason,
        };
        let file = PytorchReader::new(path).map_err(|error| refuse(error.to_string()))?;
        if file.is_empty() {
            return Err(refuse("it holds no tensors".to_owned()));
        }
        let mut tensors: Vec<&Tensor> = file.tensors().values().collect();
        // For errors that do not depend on the order of a hash.
        tensors.sort_by(|a, b| a.name.cmp(&b.name));
        let mut weights = Self::new();
        for tensor in tensors {
            if tensor.name.ends_with(".num_batches_tracked") {
                continue;
            }
            let decode: fn(&[u8]) -> Vec<f32> = match tensor.dtype() {
                DType::F16 => |bytes| numbers(bytes, |b| f16::from_ne_bytes(b).to_f32()),
                DType::BF16 => |bytes| numbers(bytes, |b| bf16::from_ne_bytes(b).to_f32()),
                DType::F32 => |bytes| numbers(bytes, f32::from_ne_bytes),
                DType::F64 => |bytes| numbers(bytes, |b| f64::from_ne_bytes(b) as f32),
                other => {
                    return Err(WeightsError::Type {
                        name: tensor.name.clone(),
                        expected: "floats",
                        found: format!("{other:?}"),
                    });
                }
            };
            let bytes = tensor.read().map_err(|error| refuse(error.to_string()))?;
            weights.insert(&tensor.name, tensor.shape(), decode(&bytes))?;
        }
        Ok(weights)
    }
}
