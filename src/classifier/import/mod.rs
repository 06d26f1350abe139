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
mod chosen;
pub mod entry;
mod error;
pub mod files;
#[cfg(not(target_family = "wasm"))]
pub mod folder;
pub mod named;
pub mod names;
pub mod onnx;
pub mod own;
pub mod preset;
mod sees;
mod source;

pub use chosen::{Chosen, usual_short_side};
pub use error::ImportError;
pub use sees::{MOST_SHORT_SIDE, check_pictures, check_short_side};
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
    /// To how many pixels a picture's short side is scaled before the centre is cut
    /// out, where the file or the network's name says it.
    pub short_side: Option<usize>,
    /// What a person is told of what was left out or taken for granted, a
    /// sentence each.
    pub notes: Vec<String>,
}

impl Imported {
    /// Whether how pixels go in is known: by the file, or by the network's name.
    pub fn knows_pixels(&self) -> bool {
        self.short_side.is_some() || entry::is_said(&self.architecture)
    }
}
