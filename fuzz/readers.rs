//! What every reader of a file promises of any bytes: a value that makes sense,
//! or an error in one sentence. The fuzz targets run these, and so does
//! `tests/corpus.rs`, on the bytes that were kept.

use foolscope::classifier::architecture::{Architecture, Layer};
use foolscope::classifier::import::{self, Bytes, onnx::single};
use foolscope::classifier::weights::Weights;
use foolscope::data::{archive, idx as idx_file};
use foolscope::{npy as npy_file, photo as picture};
use std::error::Error;

/// One line, and not an endless one.
fn is_one_sentence(error: &dyn Error) {
    let text = error.to_string();
    assert!(!text.is_empty() && text.len() < 1000, "{text}");
    assert!(!text.contains('\n'), "{text}");
}

/// A picture, to the pixels that a network sees.
pub fn photo(bytes: &[u8]) {
    let found = picture::recover_bytes(bytes);
    let square = found.and_then(|found| found.picture.crop(16, 12)?.to_photo(3));
    match square {
        Ok(square) => {
            assert_eq!(square.shape(), [3, 12, 12]);
            assert!(
                square
                    .values()
                    .iter()
                    .all(|value| (0.0..=1.0).contains(value))
            );
        }
        Err(error) => is_one_sentence(&error),
    }
}

/// A perturbation of 1 × 2 × 3.
pub fn npy(bytes: &[u8]) {
    match npy_file::read(bytes, [1, 2, 3]) {
        Ok(found) => {
            let values = found.perturbation.into_values();
            assert_eq!(values.len(), 6);
            assert!(values.iter().all(|value| value.is_finite()));
        }
        Err(error) => is_one_sentence(&error),
    }
    // One in colours, whose axes can lie in more ways.
    if let Err(error) = npy_file::read(bytes, [3, 2, 3]) {
        is_one_sentence(&error);
    }
}

/// Weights, for a network of one linear layer.
pub fn safetensors(bytes: &[u8]) {
    let linear = Architecture::sequence([1, 1, 2], vec![Layer::Flatten, Layer::linear("fc", 2, 3)]);
    let weights = Weights::from_safetensors(bytes);
    // Where the file lies, piece by piece, there is the same in it, or nothing.
    let in_pieces = Weights::from_safetensors_source(&mut Bytes(bytes));
    assert_eq!(in_pieces.as_ref().ok(), weights.as_ref().ok());
    if let Err(error) = &in_pieces {
        is_one_sentence(error);
    }
    match weights.and_then(|weights| weights.fit(&linear)) {
        Ok(fitted) => {
            let finite = |(_, _, values): (&str, &[usize], &[f32])| {
                values.iter().all(|value| value.is_finite())
            };
            assert!(fitted.weights.iter().all(finite));
            assert_eq!(fitted.weights.check(&linear), Ok(()));
        }
        Err(error) => is_one_sentence(&error),
    }
}

/// Weights as PyTorch saves them.
pub fn pytorch(bytes: &[u8]) {
    match Weights::from_pytorch(&mut Bytes(bytes)) {
        Ok(weights) => {
            let numbers = |(name, shape, values): (&str, &[usize], &[f32])| {
                assert_eq!(shape.iter().product::<usize>(), values.len(), "{name}");
                assert!(values.iter().all(|value| value.is_finite()), "{name}");
                values.len()
            };
            // Nothing is made by a claim.
            let count: usize = weights.iter().map(numbers).sum();
            assert!(count <= bytes.len() + (1 << 20), "{count} numbers");
        }
        Err(error) => is_one_sentence(&error),
    }
}

/// Pictures and labels as MNIST has them.
pub fn idx(bytes: &[u8]) {
    match idx_file::Images::from_bytes(bytes) {
        Ok(images) => {
            for index in 0..images.len() {
                let size = images.get(index).expect("it is one of them").len();
                assert_eq!(size, images.height * images.width);
            }
        }
        Err(error) => is_one_sentence(&error),
    }
    if let Err(error) = idx_file::labels(bytes) {
        is_one_sentence(&error);
    }
}

/// Pictures in a tar file, packed or not.
pub fn tar(bytes: &[u8]) {
    match archive::pictures(bytes) {
        Ok(members) => {
            assert!(members.is_sorted_by(|a, b| a.path <= b.path));
            assert!(!members.is_empty());
        }
        Err(error) => is_one_sentence(&error),
    }
}

/// A network of Caffe's: the weights, then, after a byte 0xff twice, the text of
/// its layers.
pub fn caffe(bytes: &[u8]) {
    let cut = bytes.windows(2).position(|pair| pair == [0xff, 0xff]);
    let (model, text) = match cut {
        Some(at) => (&bytes[..at], std::str::from_utf8(&bytes[at + 2..]).ok()),
        None => (bytes, None),
    };
    match import::caffe::read(&mut import::Bytes(model), text, None) {
        Ok(found) => assert_eq!(found.weights.check(&found.architecture), Ok(())),
        Err(error) => is_one_sentence(&error),
    }
}

/// A network of our own format.
pub fn own_network(bytes: &[u8]) {
    match import::own::Own::read(&mut import::Bytes(bytes)) {
        Ok(found) => assert_eq!(found.weights.check(&found.card.architecture), Ok(())),
        Err(error) => is_one_sentence(&error),
    }
}

/// A network in ONNX's format, and a file of one operator.
pub fn onnx(bytes: &[u8]) {
    match import::onnx::read(
        &mut Bytes(bytes),
        &mut |_| None,
        &import::onnx::Options::default(),
    ) {
        Ok(found) => {
            assert_eq!(found.weights.check(&found.architecture), Ok(()));
            assert!(
                found
                    .architecture
                    .classes()
                    .is_ok_and(|classes| classes > 1)
            );
            assert!(found.title.len() < 1000);
        }
        Err(error) => is_one_sentence(&error),
    }
    if let Err(error) = single::read(&mut Bytes(bytes), &mut |_| None, &[], false) {
        is_one_sentence(&error);
    }
}
