//! Weights from the file in which burn saved a module. Natively only.

use super::number::Number;
use super::{Weights, WeightsError};
use burn_pack::{DType, Reader};
use std::path::Path;

impl Weights {
    /// Every tensor in a burnpack file, as PyTorch has them: burn stores a
    /// linear layer's weights the other way round, input by output, and calls
    /// a batch norm's `gamma` and `beta`.
    ///
    /// # Errors
    /// When the file cannot be read; a tensor with a number that is not finite
    /// is named.
    pub fn from_burnpack(path: &Path) -> Result<Self, WeightsError> {
        let refuse = |error: burn_pack::Error| {
            let text = error.to_string();
            WeightsError::NotBurnpack(text.lines().collect::<Vec<_>>().join(" "))
        };
        let reader = Reader::from_file(path).map_err(refuse)?;
        let mut weights = Self::new();
        for tensor in reader.into_tensors().map_err(refuse)? {
            let (name, kind, shape, _, bytes) = tensor.into_parts().map_err(refuse)?;
            let name = match name.rsplit_once('.') {
                Some((layer, "gamma")) => format!("{layer}.weight"),
                Some((layer, "beta")) => format!("{layer}.bias"),
                _ => name,
            };
            let number = match kind {
                DType::F16 => Number::F16,
                DType::BF16 => Number::Bf16,
                DType::F32 => Number::F32,
                DType::F64 => Number::F64,
                other => {
                    weights.pass_over(name, format!("{other:?}"));
                    continue;
                }
            };
            let values = number.read(&bytes);
            match shape.to_vec()[..] {
                [input, output] if values.len() == input * output => {
                    let turned = (0..output)
                        .flat_map(|row| values[row..].iter().step_by(output))
                        .copied()
                        .collect();
                    weights.insert(name, &[output, input], turned)?;
                }
                ref shape => weights.insert(name, shape, values)?,
            }
        }
        Ok(weights)
    }
}
