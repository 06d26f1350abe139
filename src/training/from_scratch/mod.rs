//! Training a network from random weights, or another cycle from weights that are
//! there, in steps that can be interrupted.

mod checkpoint;
mod options;

use burn::lr_scheduler::module_lr_scheduler::ModuleLrScheduler;
use burn::tensor::Device;
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use serde::Serialize;

use super::TrainingError;
use super::descent::{Descent, Rule, Way};
use super::gradients::{Batch, Engine};
use super::learned::{self, Moments};
use super::set::{LabelledPictures, Seen};
use super::unfolded::unfolded;
use crate::classifier::architecture::Architecture;
use crate::classifier::weights::Weights;
use options::schedule;

pub use options::{Optimiser, Options};

/// Where a training is, after a step.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Progress {
    /// Steps that are done, of all.
    pub step: usize,
    pub of: usize,
    /// The epoch of this step, counted from 0.
    pub epoch: usize,
    /// The mean cross-entropy of this step's pictures, in nats.
    pub loss: f64,
    /// The share of them that was classified wrongly, while training.
    pub error: f64,
}

/// A training that goes on step by step.
///
/// The same seed gives the same weights on the same device, with or without
/// interruptions.
pub struct Training<'a> {
    architecture: Architecture,
    engine: Engine,
    pictures: &'a LabelledPictures,
    options: Options,
    learned: Vec<Vec<f32>>,
    moments: Vec<Moments>,
    descent: Descent,
    schedule: ModuleLrScheduler,
    step: usize,
    /// The order of this epoch.
    order: Vec<usize>,
}

impl<'a> Training<'a> {
    /// At the beginning.
    ///
    /// # Errors
    /// Bad options, or pictures that are not for this network.
    pub fn new(
        architecture: &Architecture,
        pictures: &'a LabelledPictures,
        options: &Options,
        device: &Device,
    ) -> Result<Self, TrainingError> {
        options.check(architecture)?;
        pictures.check(architecture)?;
        let rule = Rule {
            momentum: options.momentum,
            looks_ahead: true,
            decay: options.weight_decay as f32,
        };
        let norms = learned::batch_norms(architecture);
        let mut training = Self {
            architecture: architecture.clone(),
            engine: Engine::new(device),
            pictures,
            options: options.clone(),
            learned: learned::initial(architecture, options.seed),
            moments: norms
                .iter()
                .map(|&(_, channels)| Moments::initial(channels))
                .collect(),
            descent: Descent::new(rule, ways(architecture, options.optimiser)),
            schedule: ModuleLrScheduler::from(options.rate),
            step: 0,
            order: Vec::new(),
        };
        training.schedule = schedule(options, training.steps())?;
        Ok(training)
    }

    /// At the beginning of a training that starts from a network instead of
    /// random weights: another cycle of the rate (Loshchilov and Hutter, ICLR
    /// 2017). Batch norms that are folded into its weights are measured anew.
    ///
    /// # Errors
    /// As [`Training::new`]; and weights of another network.
    pub async fn from_weights(
        architecture: &Architecture,
        weights: &Weights,
        pictures: &'a LabelledPictures,
        options: &Options,
        device: &Device,
    ) -> Result<Self, TrainingError> {
        let mut training = Self::new(architecture, pictures, options, device)?;
        (training.learned, training.moments) = unfolded(
            architecture,
            weights,
            pictures,
            &training.engine,
            options.seed,
        )
        .await?;
        Ok(training)
    }

    fn steps_an_epoch(&self) -> usize {
        // What is left over is too few for a batch norm, and comes up in the
        // next epoch.
        (self.pictures.len() / self.options.batch).max(1)
    }

    fn steps(&self) -> usize {
        self.steps_an_epoch() * self.options.epochs
    }

    fn epoch(&self) -> usize {
        self.step / self.steps_an_epoch()
    }

    pub fn is_done(&self) -> bool {
        self.step >= self.steps()
    }

    /// How many steps are done.
    pub fn done(&self) -> usize {
        self.step
    }

    /// Whether an epoch has just ended.
    pub fn is_between_epochs(&self) -> bool {
        self.step.is_multiple_of(self.steps_an_epoch())
    }

    /// One step.
    ///
    /// # Errors
    /// A loss that is not finite, or a device that gives no result.
    pub async fn step(&mut self) -> Result<Progress, TrainingError> {
        let epoch = self.epoch();
        if self.is_between_epochs() {
            self.order = self.order_of(epoch);
        }
        let batch = self.options.batch.min(self.pictures.len());
        let first = self.step % self.steps_an_epoch() * batch;
        let chosen = &self.order[first..first + batch];

        let shape = self.pictures.shape();
        let [channels, height, width] = shape;
        let is_whole =
            self.options.part == 0 || epoch + self.options.whole_epochs >= self.options.epochs;
        let size = if is_whole {
            [height, width]
        } else {
            [self.options.part; 2]
        };
        let mut rng = self.random(1, self.step as u64);
        let mut x = Vec::with_capacity(batch * channels * size[0] * size[1]);
        for &index in chosen {
            let seen = Seen::draw(self.options.augmentation, shape, size, &mut rng);
            self.pictures.view(index, seen, &self.architecture, &mut x);
        }
        let all = self.pictures.labels();
        let labels: Vec<usize> = chosen.iter().map(|&index| all[index]).collect();
        let batch = Batch {
            x,
            shape: [channels, size[0], size[1]],
            labels: &labels,
            smoothing: self.options.smoothing as f32,
        };
        let found = self
            .engine
            .gradients(&self.architecture, &self.learned, &batch)
            .await?;
        if !found.loss.is_finite() {
            return Err(TrainingError::Diverged);
        }
        let rate = self.schedule.step().base();
        self.descent.step(rate, &mut self.learned, found.of).await?;
        for (running, new) in self.moments.iter_mut().zip(&found.moments) {
            running.follow(new);
        }
        self.step += 1;
        Ok(Progress {
            step: self.step,
            of: self.steps(),
            epoch,
            loss: found.loss,
            error: 1.0 - found.right as f64 / labels.len() as f64,
        })
    }

    /// The weights of the network as it is, batch norms folded.
    ///
    /// # Errors
    /// When one is no longer finite.
    pub fn weights(&self) -> Result<Weights, TrainingError> {
        let weights = learned::weights(&self.architecture, &self.learned, &self.moments);
        Ok(weights?)
    }

    fn order_of(&self, epoch: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.pictures.len()).collect();
        order.shuffle(&mut self.random(0, epoch as u64));
        order
    }

    /// Chance of a kind, for one step or epoch.
    fn random(&self, kind: u64, index: u64) -> ChaCha8Rng {
        let mut rng = ChaCha8Rng::seed_from_u64(self.options.seed);
        rng.set_stream(2 * index + kind);
        rng
    }
}

/// How each tensor changes.
pub(super) fn ways(architecture: &Architecture, optimiser: Optimiser) -> Vec<Way> {
    let tensors = learned::tensors(architecture);
    let scale_free = learned::scale_free(architecture);
    let each = tensors.iter().zip(scale_free);
    each.map(|(tensor, scale_free)| match optimiser {
        Optimiser::Muon if scale_free => Way::Turning {
            rows: tensor.shape[0],
        },
        _ if tensor.shape.len() > 1 => Way::Decaying,
        _ => Way::Plain,
    })
    .collect()
}
