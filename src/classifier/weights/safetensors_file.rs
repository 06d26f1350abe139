//! Weights as the bytes of a safetensors file.

use super::number::Number;
use super::{Weights, WeightsError, other, refusal};
use half::f16;
use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensors};
use std::collections::HashMap;

impl Weights {
    /// The tensors of a safetensors file: floats of 16, 32 or 64 bits.
    ///
    /// # Errors
    /// When the file is cut short or damaged, or of another kind; a tensor with
    /// a number that is not finite is named.
    pub fn from_safetensors(bytes: &[u8]) -> Result<Self, WeightsError> {
        let file = SafeTensors::deserialize(bytes).map_err(|error| match other(bytes) {
            Some(what) => refusal(what),
            None => WeightsError::NotSafetensors(error.to_string()),
        })?;
        let mut weights = Self::new();
        for (name, tensor) in file.tensors() {
            let Some(number) = Number::of(tensor.dtype()) else {
                weights.pass_over(name, format!("{:?}", tensor.dtype()));
                continue;
            };
            weights.insert(name, tensor.shape(), number.read(tensor.data()))?;
        }
        Ok(weights)
    }

    /// The bytes of a safetensors file with every number rounded to 16 bits,
    /// and with notes for its reader, such as the source and the licence.
    ///
    /// # Errors
    /// A tensor with a number that 16 bits cannot hold (above 65504) is named.
    pub fn to_safetensors_f16(&self, notes: &[(&str, &str)]) -> Result<Vec<u8>, WeightsError> {
        let mut rounded = Vec::new();
        for (name, shape, values) in self.iter() {
            let mut bytes = Vec::with_capacity(values.len() * 2);
            for &value in values {
                let half = f16::from_f32(value);
                if !half.is_finite() {
                    return Err(WeightsError::TooLargeForHalf {
                        name: name.to_owned(),
                        value,
                    });
                }
                bytes.extend(half.to_le_bytes());
            }
            rounded.push((name, shape, bytes));
        }
        serialized(Dtype::F16, &rounded, notes)
    }

    /// The same with 32 bits a number.
    ///
    /// # Errors
    /// None that is known: every number fits.
    pub fn to_safetensors_f32(&self, notes: &[(&str, &str)]) -> Result<Vec<u8>, WeightsError> {
        let tensors: Vec<_> = self
            .iter()
            .map(|(name, shape, values)| {
                let bytes = values.iter().flat_map(|value| value.to_le_bytes());
                (name, shape, bytes.collect())
            })
            .collect();
        serialized(Dtype::F32, &tensors, notes)
    }

    /// The notes of a safetensors file that was written here, in order.
    ///
    /// # Errors
    /// When it is no such file.
    pub fn notes(bytes: &[u8]) -> Result<Vec<(String, String)>, WeightsError> {
        let (_, header) = SafeTensors::read_metadata(bytes)
            .map_err(|error| WeightsError::NotSafetensors(error.to_string()))?;
        let about = header.metadata().as_ref().and_then(|it| it.get("about"));
        let lines = about.map_or("", String::as_str).lines();
        let pairs = lines.filter_map(|line| line.split_once(": "));
        Ok(pairs
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .collect())
    }
}

/// A file of tensors, each with its name, shape and bytes.
fn serialized(
    numbers: Dtype,
    tensors: &[(&str, &[usize], Vec<u8>)],
    notes: &[(&str, &str)],
) -> Result<Vec<u8>, WeightsError> {
    let views = tensors.iter().map(|(name, shape, bytes)| {
        let view = TensorView::new(numbers, shape.to_vec(), bytes);
        (*name, view.expect("each value was written whole"))
    });
    // One entry, because the library writes several in an order that changes
    // from run to run, and with it the file's hash.
    let about: Vec<String> = notes
        .iter()
        .map(|(key, value)| format!("{key}: {value}"))
        .collect();
    let notes = HashMap::from([("about".to_owned(), about.join("\n"))]);
    safetensors::serialize(views, Some(notes))
        .map_err(|error| WeightsError::NotSafetensors(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn file(dtype: Dtype, bytes: &[u8], shape: Vec<usize>) -> Vec<u8> {
        let view = TensorView::new(dtype, shape, bytes).unwrap();
        safetensors::serialize([("layer.weight", view)], None).unwrap()
    }

    fn refused(bytes: &[u8]) -> String {
        Weights::from_safetensors(bytes).unwrap_err().to_string()
    }

    #[test]
    fn floats_of_32_bits_are_read_as_they_are() {
        let bytes: Vec<u8> = [0.1f32, -2.5]
            .iter()
            .flat_map(|v| v.to_le_bytes())
            .collect();
        let weights = Weights::from_safetensors(&file(Dtype::F32, &bytes, vec![2, 1])).unwrap();
        assert_eq!(weights.get("layer.weight", &[2, 1]).unwrap(), [0.1, -2.5]);
    }

    #[test]
    fn other_numbers_and_nan_name_the_tensor() {
        let whole = file(Dtype::I32, &[0; 8], vec![2]);
        let error = Weights::from_safetensors(&whole).unwrap();
        assert_eq!(
            error.get("layer.weight", &[2]).unwrap_err().to_string(),
            "tensor layer.weight has numbers of type I32, but floats are read: convert it first"
        );
        let nan = f16::NAN.to_le_bytes();
        assert_eq!(
            refused(&file(Dtype::F16, &nan, vec![1])),
            "tensor layer.weight holds NaN: the file is damaged, or its training failed"
        );
        let infinity = f32::NEG_INFINITY.to_le_bytes();
        assert!(refused(&file(Dtype::F32, &infinity, vec![1])).contains("layer.weight holds -inf"));
    }

    #[test]
    fn numbers_too_large_for_16_bits_are_not_made_infinite() {
        let mut weights = Weights::new();
        weights.insert("big", &[2], vec![1.0, 70_000.0]).unwrap();
        assert_eq!(
            weights.to_safetensors_f16(&[]).unwrap_err().to_string(),
            "tensor big holds 70000, which 16 bits cannot"
        );
    }

    #[test]
    fn the_notes_are_in_the_file() {
        let bytes = Weights::new()
            .to_safetensors_f16(&[("licence", "CC0")])
            .unwrap();
        let (_, metadata) = SafeTensors::read_metadata(&bytes).unwrap();
        assert_eq!(
            metadata.metadata().as_ref().unwrap()["about"],
            "licence: CC0"
        );
        let notes = Weights::notes(&bytes).unwrap();
        assert_eq!(notes, [("licence".to_owned(), "CC0".to_owned())]);
    }

    #[test]
    fn numbers_of_32_bits_are_kept_exactly() {
        let mut weights = Weights::new();
        weights.insert("w", &[3], vec![0.1, -1e-30, 3e38]).unwrap();
        let bytes = weights.to_safetensors_f32(&[]).unwrap();
        assert_eq!(Weights::from_safetensors(&bytes).unwrap(), weights);
        assert_eq!(Weights::notes(&bytes).unwrap(), []);
    }

    #[test]
    fn every_cut_is_noticed() {
        let whole = file(Dtype::F32, &[0; 64], vec![4, 4]);
        for length in 0..whole.len() {
            let error = refused(&whole[..length]);
            let part = match length {
                0 => "an empty file",
                _ => "not a whole safetensors file",
            };
            assert!(error.contains(part), "{length}: {error}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_to_11_bits(values in prop::collection::vec(-100f32..100.0, 1..50)) {
            let mut weights = Weights::new();
            weights.insert("w", &[1, values.len()], values.clone()).unwrap();
            let bytes = weights.to_safetensors_f16(&[("network", "test")]).unwrap();
            let read = Weights::from_safetensors(&bytes).unwrap();
            for (a, b) in read.get("w", &[1, values.len()]).unwrap().iter().zip(&values) {
                prop_assert!((a - b).abs() <= b.abs() / 2048.0 + 1e-7);
            }
        }

        #[test]
        fn damage_never_panics(at in 0usize..300, byte in any::<u8>()) {
            let mut bytes = file(Dtype::F32, &[0; 64], vec![4, 4]);
            let last = bytes.len() - 1;
            bytes[at.min(last)] = byte;
            let _ = Weights::from_safetensors(&bytes);
        }
    }
}
