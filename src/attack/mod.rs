//! Attacks on one picture: the smallest noise that changes its label.
//!
//! Every attack takes a batch and gives for each picture what it would give
//! for that picture alone. None clips unless its paper does; whether the label
//! still changes when the sum is clipped, or rounded to 8 bits, is reported
//! beside (see [`Outcome`]).

mod bisection;
pub mod decoupled_direction_norm;
pub mod deepfool;
mod false_position;
pub mod fast_gradient;
pub mod fast_minimum_norm;
mod found;
mod gaussian;
mod label;
pub mod lbfgs;
mod line;
mod margin;
pub mod methods;
mod minimum_norm;
mod norm;
pub mod occlusion;
mod outcome;
pub mod random_noise;
mod search;
mod seed;
pub mod semi_random;
pub mod smallest;
pub mod subspace;
pub mod super_deepfool;
pub mod transformation;
mod vectors;
mod walk;
mod within;
pub mod words;

use thiserror::Error;

pub(crate) use gaussian::Gaussian;
pub use gaussian::random_direction;
pub(crate) use label::{BATCH, batch, read_predictions};
pub use label::{Prediction, argmax, predictions};
pub use norm::{Distance, Norm, Norms};
pub use outcome::Outcome;
pub use seed::picture_seed;

use crate::classifier::Classifier;
use crate::classifier::architecture::Shape;
use crate::task::{ReadError, Stopped};

/// Why there is no result.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum AttackError {
    #[error(transparent)]
    Stopped(#[from] Stopped),
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error(transparent)]
    Subspace(#[from] subspace::SubspaceError),
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
    #[error("{0} measures in l2 and in no other norm")]
    OnlyL2(&'static str),
    #[error("{0} measures in l2 and linf, not in l1")]
    NotL1(&'static str),
    #[error("a picture has a value outside of [0, 1], where this attack has to stay")]
    OutsideBox,
    #[error("{name} must be {expected}, not {found}")]
    Option {
        name: &'static str,
        expected: &'static str,
        found: f64,
    },
}

/// Whether a classifier has a choice, and the class that a picture should become.
fn check_target(classifier: &dyn Classifier, target: Option<usize>) -> Result<(), AttackError> {
    let classes = classifier.class_count();
    if classes < 2 {
        return Err(AttackError::TooFewClasses(classes));
    }
    match target {
        Some(target) if target >= classes => Err(AttackError::Option {
            name: "the target class",
            expected: "one that the classifier has",
            found: target as f64,
        }),
        _ => Ok(()),
    }
}

fn check_positive(name: &'static str, found: f64) -> Result<(), AttackError> {
    if found > 0.0 && found.is_finite() {
        Ok(())
    } else {
        Err(AttackError::Option {
            name,
            expected: "positive",
            found,
        })
    }
}
