//! One perturbation for all pictures (Moosavi-Dezfooli, Fawzi, Fawzi and
//! Frossard, CVPR 2017): a v with ‖v‖_p ≤ ξ for which k(x + v) ≠ k(x) on most
//! pictures x.
//!
//! [`original`] is the published algorithm; [`stochastic`] reaches more with
//! far fewer gradients. [`fooling`] says on how many pictures a v works.

mod ball;
pub mod fooling;
pub mod original;
pub mod stochastic;

use thiserror::Error;

pub use ball::Ball;
pub use fooling::{Fooling, fooling};

use crate::attack::AttackError;
use crate::task::{ReadError, Stopped};

/// Why there is no universal perturbation.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum UniversalError {
    #[error(transparent)]
    Attack(#[from] AttackError),
    #[error("a universal perturbation needs at least one picture to learn from")]
    NoPictures,
    #[error("the perturbation has {found} values, but this classifier's pictures have {expected}")]
    PerturbationSize { expected: usize, found: usize },
    #[error("{name} must be {expected}, not {found}")]
    Option {
        name: &'static str,
        expected: &'static str,
        found: f64,
    },
}

impl From<ReadError> for UniversalError {
    fn from(error: ReadError) -> Self {
        Self::Attack(error.into())
    }
}

impl From<Stopped> for UniversalError {
    fn from(error: Stopped) -> Self {
        Self::Attack(error.into())
    }
}

/// How a universal perturbation comes about, after each update.
#[derive(Debug, Clone, PartialEq)]
pub struct Progress {
    /// Passes over the pictures that are complete.
    pub passes: usize,
    pub max_passes: usize,
    /// Pictures seen in the present pass.
    pub pictures: usize,
    pub pictures_a_pass: usize,
    pub gradient_evaluations: usize,
    /// The share of the pictures of the present pass that v fooled when they
    /// came up: an estimate that costs nothing.
    pub running_rate: f64,
}

/// A universal perturbation and how it came about.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Universal {
    /// v, planar `[C, H, W]` in pixel units.
    pub perturbation: Vec<f32>,
    pub passes: usize,
    pub gradient_evaluations: usize,
    /// The fooling rate on the pictures it was made from, one a pass: by the
    /// original counted anew when the pass is complete, by the stochastic method
    /// as the pictures came up, each against the v of that moment.
    pub rates: Vec<f64>,
    /// Whether somebody stopped it before it was finished.
    pub stopped: bool,
}

/// Where v begins: at a given start, brought into the ball, or at zero.
pub(crate) fn first(
    start: Option<&[f32]>,
    size: usize,
    ball: &Ball,
) -> Result<Vec<f32>, UniversalError> {
    let Some(start) = start else {
        return Ok(vec![0.0; size]);
    };
    if start.len() != size {
        return Err(UniversalError::PerturbationSize {
            expected: size,
            found: start.len(),
        });
    }
    if start.iter().any(|value| !value.is_finite()) {
        return Err(AttackError::PictureNotFinite.into());
    }
    let mut v = start.to_vec();
    ball.project_values(&mut v);
    Ok(v)
}
