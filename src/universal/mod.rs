//! One perturbation for all pictures (Moosavi-Dezfooli, Fawzi, Fawzi and
//! Frossard, CVPR 2017): a v with ‖v‖_p ≤ ξ for which k(x + v) ≠ k(x) on most
//! pictures x.
//!
//! [`original`] is the published algorithm; [`stochastic`] reaches more with
//! far fewer gradients. Both learn from some pictures and, where there are
//! others, measure v on those after every pass ([`Pictures`]). Where there are
//! no pictures at all, [`artificial`] ones do. [`fooling()`] says on how many
//! pictures a v works, [`diversity`] how much several of them have in common,
//! and [`random_noise`] is what to compare it with. [`resampled`] brings v to
//! the size of another network's pictures.

pub mod artificial;
mod ball;
pub mod diversity;
pub mod fooling;
mod looks;
mod loss;
mod numbers;
mod optimiser;
pub mod original;
mod passes;
mod race;
mod random;
mod recipe;
mod resampling;
mod seen;
mod split;
pub mod stochastic;
mod trial;
mod views;

use thiserror::Error;

pub use ball::Ball;
pub use fooling::{Fooling, fooling};
pub use loss::Loss;
pub use numbers::Numbers;
pub use optimiser::Rule;
pub use random::random_noise;
pub use recipe::{Method, Recipe};
pub use resampling::{ChannelsError, read_resampled, resampled};
pub use split::Split;

use crate::attack::AttackError;
use crate::classifier::Classifier;
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
    #[error("there is no class {target}: this classifier has {classes}, counted from 0")]
    Target { target: usize, classes: usize },
    #[error("of {count} pictures, {hold_out} cannot be kept for measuring: none would be left")]
    HoldOut { hold_out: usize, count: usize },
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

/// The pictures of a run, planar `[C, H, W]` in pixel units. A slice of
/// pictures, or a `&Vec` of them, is one without others.
#[derive(Debug)]
pub struct Pictures<'a, P> {
    /// Those that v is made from.
    pub own: &'a [P],
    /// Those that it is only measured on, after every pass. There may be none.
    pub others: &'a [P],
}

impl<P> Clone for Pictures<'_, P> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<P> Copy for Pictures<'_, P> {}

impl<'a, P> From<&'a [P]> for Pictures<'a, P> {
    fn from(own: &'a [P]) -> Self {
        Self { own, others: &[] }
    }
}

impl<'a, P> From<&'a Vec<P>> for Pictures<'a, P> {
    fn from(own: &'a Vec<P>) -> Self {
        own.as_slice().into()
    }
}

impl<'a, P, const N: usize> From<&'a [P; N]> for Pictures<'a, P> {
    fn from(own: &'a [P; N]) -> Self {
        own.as_slice().into()
    }
}

/// How a universal perturbation comes about, after each update.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Progress {
    /// Passes over the pictures that are complete.
    pub passes: usize,
    pub max_passes: usize,
    /// Pictures seen in the present pass.
    pub pictures: usize,
    pub pictures_a_pass: usize,
    pub gradient_evaluations: usize,
    /// The share of the pictures that came up last, whole, that v fooled at that
    /// moment: an estimate that costs nothing, one update late. None before the first.
    pub running_rate: Option<f64>,
    /// The fooling rate on the other pictures after the last complete pass.
    pub other_rate: Option<f64>,
    /// v itself, planar `[C, H, W]`, after every so many updates as the options
    /// say.
    pub perturbation: Option<Vec<f32>>,
}

/// A universal perturbation and how it came about.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Universal {
    /// v, planar `[C, H, W]` in pixel units.
    pub perturbation: Vec<f32>,
    pub passes: usize,
    /// Walks back from a logit, or from a combination of several, to one
    /// picture. One that the stochastic method's bound has silenced needs none.
    pub gradient_evaluations: usize,
    /// The fooling rate on the pictures it was made from, one a pass: by the
    /// original counted anew when the pass is complete, by the stochastic method
    /// as the pictures came up whole, each against the v of that moment. None
    /// where all of them are the target already.
    pub rates: Vec<Option<f64>>,
    /// The fooling rate on the other pictures, one a pass; empty where there
    /// are none.
    pub other_rates: Vec<Option<f64>>,
    /// How many gradients had been evaluated by the end of each pass.
    pub gradients_by_pass: Vec<usize>,
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

/// Every picture has the classifier's size, and only numbers in it.
fn check_pictures(
    classifier: &dyn Classifier,
    pictures: &[impl AsRef<[f32]>],
) -> Result<(), AttackError> {
    let shape = classifier.input_shape();
    let expected = shape.iter().product();
    for picture in pictures {
        let picture = picture.as_ref();
        if picture.len() != expected {
            return Err(AttackError::PictureSize {
                expected,
                found: picture.len(),
                shape,
            });
        }
        if picture.iter().any(|value| !value.is_finite()) {
            return Err(AttackError::PictureNotFinite);
        }
    }
    Ok(())
}

fn check_target(classifier: &dyn Classifier, target: Option<usize>) -> Result<(), UniversalError> {
    let classes = classifier.class_count();
    match target {
        Some(target) if target >= classes => Err(UniversalError::Target { target, classes }),
        _ => Ok(()),
    }
}
