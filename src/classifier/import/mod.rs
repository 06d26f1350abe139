//! Networks out of the files in which people have them.
//!
//! A file says layers and weights, mostly in another vocabulary than
//! [`super::architecture`]'s; each format's reader translates. It does not say
//! how pixels go in, and seldom what the classes are called: see
//! [`Imported::architecture`] and the presets.
//!
//! Files are read in pieces ([`Source`]): they may be larger than half of what a
//! browser gives a page, so that no two copies of one fit.

pub mod caffe;
pub mod entry;
mod error;
pub mod files;
pub mod named;
pub mod names;
pub mod onnx;
pub mod own;
pub mod preset;
mod source;

pub use error::ImportError;
pub use source::{Bytes, Source};

use super::architecture::Architecture;
use super::weights::Weights;

/// A network read from a file.
#[derive(Debug, Clone, PartialEq)]
pub struct Imported {
    /// Its layers, which see pixels as they are ([0, 1], RGB): mean 0 and
    /// deviation 1, unless the file itself says how pixels go in.
    pub architecture: Architecture,
    pub weights: Weights,
    /// What the file calls the network; empty where it does not.
    pub title: String,
    /// One name a class, where the file has them.
    pub class_names: Option<Vec<String>>,
    /// What a person is told of what was left out or taken for granted, a
    /// sentence each.
    pub notes: Vec<String>,
}

/// Reads a network from a file, whose format its first bytes tell. `beside`
/// opens a file of a name that lies beside it, where formats keep numbers in
/// files of their own, or as Caffe the layers.
///
/// # Errors
/// When the format is not known, or the file gives no network in it.
pub fn read(
    file: &mut dyn Source,
    beside: &mut dyn FnMut(&str) -> Option<Box<dyn Source>>,
) -> Result<Imported, ImportError> {
    let mut first = [0; 64];
    let length = first
        .len()
        .min(usize::try_from(file.size()).unwrap_or(usize::MAX));
    let first = &mut first[..length];
    file.read_at(0, first)?;
    if onnx::begins_like(first) {
        return onnx::read(file, beside, &onnx::Options::default());
    }
    if own::is_own(first) {
        return Ok(own::Own::read(file)?.into());
    }
    if first.get(8) == Some(&b'{') {
        let whole = bytes(file)?;
        return named::recognise(Weights::from_safetensors(&whole)?);
    }
    if caffe::begins_like(first) {
        let mut bytes_beside = |name| beside(name).map(|mut file| bytes(&mut *file)).transpose();
        let text = bytes_beside("deploy.prototxt")?;
        let text = text.map(|text| String::from_utf8_lossy(&text).into_owned());
        let mean = bytes_beside("mean.binaryproto")?;
        return caffe::read(file, text.as_deref(), mean.as_deref());
    }
    Err(ImportError::Format)
}

/// A whole file, of a kind that must be in memory.
fn bytes(file: &mut dyn Source) -> Result<Vec<u8>, ImportError> {
    let size = usize::try_from(file.size()).map_err(|_| ImportError::Short)?;
    let mut bytes = vec![0; size];
    file.read_at(0, &mut bytes)?;
    Ok(bytes)
}

/// The files beside one, by name.
#[cfg(not(target_family = "wasm"))]
pub fn beside(path: &std::path::Path) -> impl FnMut(&str) -> Option<Box<dyn Source>> + use<> {
    let folder = path.parent().unwrap_or(path).to_owned();
    move |name| {
        let file = std::fs::File::open(folder.join(name)).ok()?;
        Some(Box::new(file) as Box<dyn Source>)
    }
}
