//! Weights from the file in which PyTorch saved a network. Natively only.

use super::number::Number;
use super::{Weights, WeightsError};
use pytorch_reader::{DType, PytorchReader, Tensor};
use std::path::Path;

impl Weights {
    /// Every tensor in a file of `torch.save`, of any version, by its name and
    /// those of the dictionaries that it lies in.
    ///
    /// # Errors
    /// When the file cannot be read; a tensor with a number that is not finite
    /// is named.
    pub fn from_pytorch(path: &Path) -> Result<Self, WeightsError> {
        let refuse =
            |reason: String| WeightsError::NotPytorch(reason.lines().collect::<Vec<_>>().join(" "));
        let file = PytorchReader::new(path).map_err(|error| refuse(error.to_string()))?;
        if file.is_empty() {
            return Err(refuse("it holds no tensors".to_owned()));
        }
        let mut tensors: Vec<&Tensor> = file.tensors().values().collect();
        // For errors that do not depend on the order of a hash.
        tensors.sort_by(|a, b| a.name.cmp(&b.name));
        let mut weights = Self::new();
        for tensor in tensors {
            let number = match tensor.dtype() {
                DType::F16 => Number::F16,
                DType::BF16 => Number::Bf16,
                DType::F32 => Number::F32,
                DType::F64 => Number::F64,
                other => {
                    weights.pass_over(tensor.name.clone(), format!("{other:?}"));
                    continue;
                }
            };
            let bytes = tensor.read().map_err(|error| refuse(error.to_string()))?;
            weights.insert(&tensor.name, tensor.shape(), number.read(&bytes))?;
        }
        Ok(weights)
    }
}
