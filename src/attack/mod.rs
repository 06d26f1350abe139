//! Attacks on one picture: the smallest noise that changes its label.
//!
//! Every attack takes a batch and gives for each picture what it would give
//! for that picture alone. None clips, as in the papers; whether the label
//! still changes when the sum is clipped, or rounded to 8 bits, is reported
//! beside (see [`Outcome`]).

pub mod deepfool;
mod label;
mod norm;
mod outcome;
mod seed;

use thiserror::Error;

#[cfg(target_family = "wasm")]
pub(crate) use label::batch;
pub(crate) use label::read_predictions;
pub use label::{Prediction, argmax, predictions};
pub use norm::{Norm, Norms};
pub use outcome::Outcome;
pub use seed::picture_seed;

use crate::classifier::architecture::Shape;
use crate::task::{ReadError, Stopped};

/// Why there is no result.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum AttackError {
    #[error(transparent)]
    Stopped(#[from] Stopped),
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error(
        "a picture has {found} values, but this classifier takes {expected} ({shape:?}: channels, height, width)"
    )]
    PictureSize {
        expected: usize,
        found: usize,
        shape: Shape,
    },
    #[error("a picture holds a value that is not a number")]
    PictureNotFinite,
    #[error("the classifier gave a logit that is not a finite number; its weights may be damaged")]
    LogitsNotFinite,
    #[error("a classifier with {0} class(es) cannot be fooled: it needs at least two")]
    TooFewClasses(usize),
    #[error("{name} must be {expected}, not {found}")]
    Option {
        name: &'static str,
        expected: &'static str,
        found: f64,
    },
}
