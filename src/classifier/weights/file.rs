//! Weights from whatever file a person has them in. Natively only: the page reads
//! the files that are dropped there by [`crate::classifier::import::files`].

use super::{Fitted, Weights, WeightsError, other, pytorch, refusal};
use crate::classifier::architecture::Architecture;
use crate::classifier::catalogue::{self, CATALOGUE};
use crate::classifier::import::own::is_own;
use crate::photo::FIRST_BYTES;
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// Makes of a file of weights what the page downloads: the weights of a network
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
    let weights = read(&entry.architecture(), path)?.weights;
    weights.to_safetensors_f16(&[
        ("network", entry.id),
        ("source", entry.source),
        ("licence", entry.licence),
        ("changes", "batch norm folded, numbers rounded to 16 bits"),
    ])
}

/// The weights of an architecture from a safetensors, PyTorch or burnpack file,
/// told by its content: floats of 16 to 64 bits, batch norm folded, in full
/// precision, whatever the names begin with ([`Weights::fit`]).
///
/// # Errors
/// With the file's name: when it cannot be read or is of another kind, or a
/// tensor is missing, of another shape, or not finite; or when it holds a whole
/// network, into which other pixels may go.
pub fn read(architecture: &Architecture, path: &Path) -> Result<Fitted, WeightsError> {
    let is_whole = beginning(path).is_ok_and(|first| is_own(&first));
    let weights = match is_whole {
        true => Err(WeightsError::Network(
            "a file that `lab import` or the page wrote",
        )),
        false => tensors(path),
    };
    weights
        .and_then(|weights| weights.fit(architecture))
        .map_err(|error| WeightsError::InFile {
            file: path.display().to_string(),
            error: Box::new(error),
        })
}

/// All tensors of floats in such a file, whatever network they are of.
///
/// # Errors
/// When it cannot be read or is of another kind, or a tensor is not finite.
pub fn tensors(path: &Path) -> Result<Weights, WeightsError> {
    if path.is_dir() {
        let reason = "it is a folder: name the file in it";
        return Err(WeightsError::File(reason.to_owned()));
    }
    let first = beginning(path)?;
    let is_named_ours = path
        .extension()
        .is_some_and(|ending| ending.eq_ignore_ascii_case("safetensors"));
    let is_pytorch = pytorch::begins_like(&first);
    // A safetensors file begins with the length of a JSON text, which is any.
    let is_safetensors = first.get(8) == Some(&b'{');
    if first.starts_with(b"NRUB") {
        Weights::from_burnpack(path)
    } else if let Some(what) = other(&first).filter(|_| !is_safetensors) {
        Err(refusal(what))
    } else if is_safetensors || (is_named_ours && !is_pytorch) {
        Weights::from_safetensors_source(&mut File::open(path).map_err(failed)?)
    } else {
        Weights::from_pytorch(&mut File::open(path).map_err(failed)?)
    }
}

fn beginning(path: &Path) -> Result<Vec<u8>, WeightsError> {
    let mut first = Vec::new();
    let file = File::open(path);
    file.and_then(|file| file.take(FIRST_BYTES as u64).read_to_end(&mut first))
        .map_err(failed)?;
    Ok(first)
}

fn failed(error: std::io::Error) -> WeightsError {
    WeightsError::File(error.to_string())
}

#[cfg(not(feature = "compute"))]
impl Weights {
    fn from_burnpack(_: &Path) -> Result<Self, WeightsError> {
        Err(WeightsError::Other("a burnpack file"))
    }
}
