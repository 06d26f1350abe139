//! Any of the ways in which one perturbation for all pictures is made.

use super::original::{self, original};
use super::stochastic::{self, stochastic};
use super::{Ball, Pictures, Progress, Universal, UniversalError, random_noise};
use crate::classifier::Classifier;
use crate::task::Task;
use serde::Serialize;

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(
    all(feature = "lab", not(target_family = "wasm")),
    derive(clap::ValueEnum)
)]
pub enum Method {
    #[default]
    Stochastic,
    Original,
    /// Nothing is learnt: noise as large, in a random direction
    Random,
}

/// A method with its settings.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Recipe {
    Stochastic(stochastic::Options),
    Original(original::Options),
    Random {
        #[serde(flatten)]
        ball: Ball,
        #[serde(skip)]
        seed: u64,
    },
}

impl Recipe {
    pub fn max_passes(&self) -> usize {
        match self {
            Self::Stochastic(options) => options.max_passes,
            Self::Original(options) => options.max_passes,
            Self::Random { .. } => 0,
        }
    }

    /// One for planar pictures `[C, H, W]`, from `start` or from where the method
    /// begins.
    ///
    /// # Errors
    /// As the methods'.
    pub async fn make<'a, P: AsRef<[f32]> + 'a>(
        &self,
        classifier: &dyn Classifier,
        pictures: impl Into<Pictures<'a, P>>,
        start: Option<&[f32]>,
        task: &mut Task<'_, Progress>,
    ) -> Result<Universal, UniversalError> {
        match self {
            Self::Stochastic(options) => {
                stochastic(classifier, pictures, start, options, task).await
            }
            Self::Original(options) => original(classifier, pictures, start, options, task).await,
            Self::Random { ball, seed } => {
                let size = classifier.input_shape().iter().product();
                Ok(Universal {
                    perturbation: random_noise(ball, size, *seed),
                    ..Universal::default()
                })
            }
        }
    }
}
