//! Making a network's weights, and changing them. Natively only: by burn's
//! optimisers and schedules, on gradients of burn's tape or, on the CPU, our own.

pub mod average;
mod descent;
pub mod feedback;
pub mod fine_tuning;
pub mod from_scratch;
mod gradients;
mod learned;
pub mod set;
mod test_error;
mod unfolded;

pub use test_error::test_error;

use thiserror::Error;

use crate::attack::AttackError;
use crate::classifier::weights::WeightsError;
use crate::task::{ReadError, Stopped};
use crate::universal::UniversalError;

/// Why there are no new weights.
#[derive(Debug, Error)]
pub enum TrainingError {
    #[error(transparent)]
    Stopped(#[from] Stopped),
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error(transparent)]
    Weights(#[from] WeightsError),
    #[error(transparent)]
    Attack(#[from] AttackError),
    #[error(transparent)]
    Universal(#[from] UniversalError),
    #[error("there is no network to average")]
    NoNetworks,
    #[error("this network has batch norms, which are measured on pictures: give some")]
    Unmeasured,
    #[error("there is no picture to learn from")]
    NoPictures,
    #[error("a picture or a perturbation has {found} values, but this network takes {expected}")]
    Size { expected: usize, found: usize },
    #[error("a label is {found}, but the last class is {last}")]
    Label { found: usize, last: usize },
    #[error(
        "the checkpoint is of another network, or of a training with other options or pictures"
    )]
    OtherTraining,
    #[error("there is no such schedule: {0}")]
    Schedule(String),
    #[error("the loss is no longer a finite number: learn at a smaller rate")]
    Diverged,
    #[error("{name} must be {expected}, not {found}")]
    Option {
        name: &'static str,
        expected: &'static str,
        found: f64,
    },
}

fn check(
    name: &'static str,
    expected: &'static str,
    found: f64,
    is_right: bool,
) -> Result<(), TrainingError> {
    if is_right {
        Ok(())
    } else {
        Err(TrainingError::Option {
            name,
            expected,
            found,
        })
    }
}
