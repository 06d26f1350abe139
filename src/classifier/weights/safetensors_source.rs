//! Weights from a safetensors file where it lies, a piece at a time; the library
//! wants the whole file in memory.

use super::number::Number;
use super::pieces::{self, Missing};
use super::{Weights, WeightsError};
use crate::classifier::import::{ImportError, Source};
use safetensors::tensor::Metadata;
use std::cmp::Ordering;

/// More bytes than a description of any network has.
const MOST_HEADER: u64 = 1 << 26;

impl Weights {
    /// The tensors of a safetensors file: floats of 16, 32 or 64 bits.
    ///
    /// # Errors
    /// When the file cannot be read, is cut short or damaged; a tensor with a
    /// number that is not finite is named.
    pub fn from_safetensors_source(source: &mut dyn Source) -> Result<Self, WeightsError> {
        let (metadata, begin) = header(source)?;
        let mut tensors: Vec<_> = metadata.tensors().into_iter().collect();
        tensors.sort_by_key(|(_, info)| info.data_offsets);
        let mut weights = Self::new();
        for (name, info) in tensors {
            let Some(number) = Number::of(info.dtype) else {
                weights.pass_over(name, format!("{:?}", info.dtype));
                continue;
            };
            let (start, end) = info.data_offsets;
            let length = (end - start) as u64;
            let values = pieces::numbers(source, begin + start as u64, length, number);
            let values = values.map_err(|missing| match missing {
                Missing::File(error) => unread(error),
                Missing::Memory => refuse(format!("tensor {name} is larger than the memory left")),
            })?;
            weights.insert(name, &info.shape, values)?;
        }
        Ok(weights)
    }
}

/// The header of a file, and where its numbers begin.
///
/// # Errors
/// When it is no such file, or its tensors do not fill it.
pub(in crate::classifier) fn header(
    source: &mut dyn Source,
) -> Result<(Metadata, u64), WeightsError> {
    let mut length = [0; 8];
    source.read_at(0, &mut length).map_err(unread)?;
    let begin = u64::from_le_bytes(length).checked_add(8);
    let begin = begin.filter(|&it| it <= source.size());
    let begin = begin.ok_or_else(|| unread(ImportError::Short))?;
    if begin > MOST_HEADER {
        return Err(refuse(format!("its description has {begin} bytes")));
    }
    let mut bytes = vec![0; begin as usize - 8];
    source.read_at(8, &mut bytes).map_err(unread)?;
    let metadata: Metadata =
        serde_json::from_slice(&bytes).map_err(|error| refuse(error.to_string()))?;
    // The library has seen that they lie one after the other, each as long as its
    // shape says.
    let tensors = metadata.tensors();
    let end = tensors.values().map(|info| info.data_offsets.1).max();
    let end = end.unwrap_or(0);
    let whole = begin.checked_add(end as u64);
    match whole.map(|end| end.cmp(&source.size())) {
        Some(Ordering::Less) => Err(refuse("bytes follow its weights")),
        Some(Ordering::Equal) => Ok((metadata, begin)),
        _ => Err(unread(ImportError::Short)),
    }
}

fn refuse(reason: impl Into<String>) -> WeightsError {
    WeightsError::NotSafetensors(reason.into())
}

fn unread(error: ImportError) -> WeightsError {
    match error {
        ImportError::Unreadable(reason) => WeightsError::File(reason),
        _ => refuse("it ends too early"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::classifier::import::Bytes;
    use safetensors::Dtype;
    use safetensors::tensor::TensorView;

    fn in_pieces(bytes: &[u8]) -> Result<Weights, WeightsError> {
        Weights::from_safetensors_source(&mut Bytes(bytes))
    }

    #[test]
    fn tensors_that_do_not_fill_their_places_are_refused_whatever_their_numbers() {
        for (kind, shape, place) in [
            ("I32", "[3]", "[0,8]"),
            ("F32", "[1]", "[0,8]"),
            ("F64", "[4294967296,4294967296]", "[0,8]"),
            ("F32", "[1]", "[4,8]"),
            ("F32", "[1]", "[8,4]"),
        ] {
            let header =
                format!(r#"{{"w":{{"dtype":"{kind}","shape":{shape},"data_offsets":{place}}}}}"#);
            let length = (header.len() as u64).to_le_bytes();
            let bytes = [&length[..], header.as_bytes(), &[0; 8]].concat();
            let error = in_pieces(&bytes).unwrap_err().to_string();
            assert!(error.contains("not a whole safetensors file"), "{error}");
            assert!(Weights::from_safetensors(&bytes).is_err());
        }
    }

    /// Tensors of every kind of float, of whole numbers and of none, more than a
    /// piece holds.
    fn many() -> Vec<u8> {
        let count = 300_001;
        let of = |bytes: usize| {
            (0..count * bytes)
                .map(|it| (it % 61) as u8)
                .collect::<Vec<_>>()
        };
        let kinds = [
            ("half", Dtype::F16, 2),
            ("brain", Dtype::BF16, 2),
            ("single", Dtype::F32, 4),
            ("double", Dtype::F64, 8),
            ("whole", Dtype::I32, 4),
        ];
        let bytes = kinds.map(|(_, _, size)| of(size));
        let views = kinds.iter().zip(&bytes).map(|(&(name, kind, _), bytes)| {
            (name, TensorView::new(kind, vec![1, count], bytes).unwrap())
        });
        let empty = (
            "empty",
            TensorView::new(Dtype::F32, vec![0, 3], &[]).unwrap(),
        );
        safetensors::serialize(views.chain([empty]), None).unwrap()
    }

    #[test]
    fn in_pieces_it_is_what_the_library_reads_at_once() {
        let bytes = many();
        let weights = in_pieces(&bytes).unwrap();
        assert_eq!(weights, Weights::from_safetensors(&bytes).unwrap());
        assert_eq!(weights.iter().count(), 5);
    }

    #[test]
    fn cuts_additions_and_flips_are_noticed_or_harmless() {
        let view = TensorView::new(Dtype::F32, vec![2, 2], &[0; 16]).unwrap();
        let bytes = safetensors::serialize([("w", view)], None).unwrap();
        for length in 0..bytes.len() {
            let error = in_pieces(&bytes[..length]).unwrap_err().to_string();
            assert!(error.contains("not a whole safetensors file"), "{error}");
        }
        let more = [&bytes[..], &[0]].concat();
        let error = in_pieces(&more).unwrap_err().to_string();
        assert!(error.contains("bytes follow its weights"), "{error}");
        for at in 0..bytes.len() {
            for bit in 0..8 {
                let mut damaged = bytes.clone();
                damaged[at] ^= 1 << bit;
                // Where the library refuses a file, so do we.
                let (ours, theirs) = (in_pieces(&damaged), Weights::from_safetensors(&damaged));
                assert_eq!(
                    ours.is_ok(),
                    theirs.is_ok(),
                    "{at}, {bit}: {ours:?} {theirs:?}"
                );
            }
        }
    }

    #[test]
    fn a_number_that_is_none_names_its_tensor() {
        let nan = f32::NAN.to_le_bytes();
        let view = TensorView::new(Dtype::F32, vec![1], &nan).unwrap();
        let bytes = safetensors::serialize([("w", view)], None).unwrap();
        let error = in_pieces(&bytes).unwrap_err().to_string();
        assert!(error.starts_with("tensor w holds NaN"), "{error}");
    }
}
