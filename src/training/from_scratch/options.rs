//! How a network is trained, and the rate of its steps.

use burn::lr_scheduler::LrSchedulerConfig;
use burn::lr_scheduler::cosine::CosineAnnealingLrSchedulerConfig;
use burn::lr_scheduler::linear::LinearLrSchedulerConfig;
use burn::lr_scheduler::module_lr_scheduler::ModuleLrScheduler;
use burn::lr_scheduler::sequential::SequentialLrSchedulerConfig;
use serde::{Deserialize, Serialize};

use crate::classifier::architecture::{Architecture, Shape};
use crate::training::set::Augmentation;
use crate::training::{TrainingError, check};

/// What makes steps of gradients.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(
    all(feature = "lab", not(target_family = "wasm")),
    derive(clap::ValueEnum)
)]
pub enum Optimiser {
    /// Stochastic gradient descent with Nesterov's momentum.
    #[default]
    Sgd,
    /// The same, but filters before a batch norm turn by the orthogonal matrix
    /// nearest to their velocity (Muon: Jordan and others 2024) and keep their
    /// length.
    Muon,
}

/// A one-cycle schedule (Smith and Topin 2019): the rate rises in a straight
/// line, then falls to zero along a half cosine.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Options {
    /// Times that every picture comes up. At least 1.
    pub epochs: usize,
    /// Pictures a step. At least 2, for a batch norm has to see several.
    pub batch: usize,
    /// The highest learning rate, above 0 and at most 1.
    pub rate: f64,
    /// The share of the steps in which it rises, from 0 to below 1.
    pub warm_up: f64,
    /// Nesterov's, from 0 to below 1.
    pub momentum: f64,
    /// Of filters and matrices: the share of a weight that is added to its
    /// gradient. Not negative.
    pub weight_decay: f64,
    pub optimiser: Optimiser,
    /// The share of the target that is spread over all classes (label smoothing:
    /// Szegedy et al., CVPR 2016, section 7), from 0 to below 1.
    pub smoothing: f64,
    pub augmentation: Augmentation,
    /// The height and width of the parts of pictures that are seen in the
    /// beginning; 0 for all of it. Smaller ones are learnt from faster, by
    /// networks that end in a global average.
    pub part: usize,
    /// The last epochs, in which pictures are seen whole.
    pub whole_epochs: usize,
    pub seed: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            epochs: 10,
            batch: 64,
            rate: 0.05,
            warm_up: 0.3,
            momentum: 0.9,
            weight_decay: 5e-4,
            optimiser: Optimiser::default(),
            smoothing: 0.0,
            augmentation: Augmentation::default(),
            part: 0,
            whole_epochs: 2,
            seed: 0,
        }
    }
}

impl Options {
    pub(super) fn check(&self, architecture: &Architecture) -> Result<(), TrainingError> {
        let (rate, decay, part) = (self.rate, self.weight_decay, self.part);
        let epochs = self.epochs;
        check(
            "the number of epochs",
            "at least 1",
            epochs as f64,
            epochs > 0,
        )?;
        let batch = self.batch;
        check("the batch size", "at least 2", batch as f64, batch > 1)?;
        let range = rate > 0.0 && rate <= 1.0;
        check("the learning rate", "above 0 and at most 1", rate, range)?;
        for (name, share) in [
            ("the warm-up", self.warm_up),
            ("the momentum", self.momentum),
            ("the label smoothing", self.smoothing),
        ] {
            check(
                name,
                "from 0 to below 1",
                share,
                (0.0..1.0).contains(&share),
            )?;
        }
        let range = decay >= 0.0 && decay.is_finite();
        check("the weight decay", "0 or more", decay, range)?;
        let [channels, height, width] = architecture.input;
        let fits = part == 0
            || (part <= height.min(width) && is_taken(architecture, [channels, part, part]));
        check(
            "the side of the parts",
            "0, or one that the network takes",
            part as f64,
            fits,
        )
    }
}

/// Whether a network takes pictures of another size.
fn is_taken(architecture: &Architecture, input: Shape) -> bool {
    let mut other = architecture.clone();
    other.input = input;
    other.shapes().is_ok()
}

/// The rate of each step.
pub(super) fn schedule(
    options: &Options,
    steps: usize,
) -> Result<ModuleLrScheduler, TrainingError> {
    let rise = (options.warm_up * steps as f64).round() as usize;
    let fall = CosineAnnealingLrSchedulerConfig::new(options.rate, (steps - rise).max(1));
    let made = if rise == 0 {
        fall.init()
    } else {
        let rise_by = LinearLrSchedulerConfig::new(options.rate / 25.0, options.rate, rise);
        SequentialLrSchedulerConfig::new(
            vec![
                LrSchedulerConfig::Linear(rise_by),
                LrSchedulerConfig::Cosine(fall),
            ],
            vec![rise],
        )
        .init()
    };
    made.map_err(|error| TrainingError::Schedule(error.to_string()))
}
