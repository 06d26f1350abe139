//! Training a network from random weights, or another cycle from weights that are
//! there, in steps that can be interrupted.

use burn::lr_scheduler::LrSchedulerConfig;
use burn::lr_scheduler::cosine::CosineAnnealingLrSchedulerConfig;
use burn::lr_scheduler::linear::LinearLrSchedulerConfig;
use burn::lr_scheduler::module_lr_scheduler::ModuleLrScheduler;
use burn::lr_scheduler::sequential::SequentialLrSchedulerConfig;
use burn::tensor::Device;
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::descent::{Descent, Rule, Way};
use super::gradients::{Batch, Engine};
use super::learned::{self, Moments};
use super::set::{Augmentation, LabelledPictures, Seen};
use super::unfolded::unfolded;
use super::{TrainingError, check};
use crate::classifier::architecture::{Architecture, Shape};
use crate::classifier::weights::Weights;

/// What makes steps of gradients.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "lab", derive(clap::ValueEnum))]
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
    fn check(&self, architecture: &Architecture) -> Result<(), TrainingError> {
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

    /// Goes on from [`Training::checkpoint`].
    ///
    /// # Errors
    /// As [`Training::new`]; and when the checkpoint is damaged, or of another
    /// network or other options.
    pub fn resumed(
        architecture: &Architecture,
        pictures: &'a LabelledPictures,
        options: &Options,
        device: &Device,
        checkpoint: &[u8],
    ) -> Result<Self, TrainingError> {
        let mut training = Self::new(architecture, pictures, options, device)?;
        let kept = Weights::from_safetensors(checkpoint)?;
        let notes = Weights::notes(checkpoint)?;
        let note = |key: &str| {
            notes
                .iter()
                .find(|(name, _)| name == key)
                .map(|(_, v)| v.as_str())
        };
        let step = note("step").and_then(|step| step.parse().ok());
        let is_same = note("options") == Some(&*training.about())
            && note("pictures") == Some(&*pictures.len().to_string());
        let (Some(step), true) = (step, is_same) else {
            return Err(TrainingError::OtherTraining);
        };
        let mut velocities = Vec::new();
        for (index, tensor) in learned::tensors(architecture).iter().enumerate() {
            let get = |kind: &str| kept.get(&format!("{kind}.{}", tensor.name), &tensor.shape);
            training.learned[index] = get("learned")?.to_vec();
            if step > 0 && options.momentum > 0.0 {
                velocities.push(get("velocity")?.to_vec());
            }
        }
        if !velocities.is_empty() {
            training.descent.set_velocities(velocities);
        }
        for (index, (name, channels)) in learned::batch_norms(architecture).iter().enumerate() {
            let get = |part: &str| kept.get(&format!("{part}.{name}"), &[*channels]);
            training.moments[index] = Moments {
                mean: get("mean")?.to_vec(),
                variance: get("variance")?.to_vec(),
            };
        }
        for _ in 0..step {
            training.schedule.step();
        }
        training.step = step;
        if step % training.steps_an_epoch() != 0 {
            training.order = training.order_of(training.epoch());
        }
        Ok(training)
    }

    /// All that is needed to go on: a safetensors file.
    ///
    /// # Errors
    /// When a weight is no longer finite.
    pub fn checkpoint(&self) -> Result<Vec<u8>, TrainingError> {
        let mut kept = Weights::new();
        let tensors = learned::tensors(&self.architecture);
        let velocities = self.descent.velocities();
        for ((tensor, values), velocity) in tensors.iter().zip(&self.learned).zip(velocities) {
            kept.insert(
                format!("learned.{}", tensor.name),
                &tensor.shape,
                values.clone(),
            )?;
            if let Some(velocity) = velocity {
                kept.insert(format!("velocity.{}", tensor.name), &tensor.shape, velocity)?;
            }
        }
        let norms = learned::batch_norms(&self.architecture);
        for ((name, channels), moments) in norms.iter().zip(&self.moments) {
            kept.insert(format!("mean.{name}"), &[*channels], moments.mean.clone())?;
            kept.insert(
                format!("variance.{name}"),
                &[*channels],
                moments.variance.clone(),
            )?;
        }
        let (step, count) = (self.step.to_string(), self.pictures.len().to_string());
        let notes = [
            ("step", &*step),
            ("pictures", &*count),
            ("options", &*self.about()),
        ];
        Ok(kept.to_safetensors_f32(&notes)?)
    }

    /// The options, in one line.
    fn about(&self) -> String {
        serde_json::to_string(&self.options).expect("plain numbers")
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
fn ways(architecture: &Architecture, optimiser: Optimiser) -> Vec<Way> {
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

fn schedule(options: &Options, steps: usize) -> Result<ModuleLrScheduler, TrainingError> {
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
