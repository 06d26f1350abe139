//! Going on with the training of a network on pictures, some of them perturbed
//! (Moosavi-Dezfooli et al., CVPR 2017, section 4: fine-tuning with universal
//! perturbations).
//!
//! The mean cross-entropy is descended by stochastic gradients with momentum.
//! Batch normalisation is folded into the weights, so its statistics stay what
//! they are.

use burn::tensor::Device;
use rand::seq::{IndexedRandom, SliceRandom};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::descent::{Descent, Rule, Way};
use super::gradients::{Batch, Engine};
use super::{TrainingError, check, learned};
use crate::classifier::architecture::Architecture;
use crate::classifier::weights::{Weights, WeightsError};
use crate::task::Task;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Options {
    /// Times that every picture comes up. At least 1.
    pub epochs: usize,
    /// Pictures a step. At least 1.
    pub batch: usize,
    /// The first step's learning rate; it falls to zero along a half cosine.
    /// Positive.
    pub rate: f64,
    /// From 0 to below 1.
    pub momentum: f64,
    /// The chance that a picture is perturbed when it comes up, from 0 to 1.
    pub perturbed: f64,
    /// Of the order, and of which picture gets which perturbation.
    pub seed: u64,
}

impl Default for Options {
    /// The paper's share of perturbed pictures; the rate is for weights that
    /// are trained already.
    fn default() -> Self {
        Self {
            epochs: 1,
            batch: 16,
            rate: 1e-4,
            momentum: 0.9,
            perturbed: 0.5,
            seed: 0,
        }
    }
}

impl Options {
    pub(super) fn check(&self) -> Result<(), TrainingError> {
        check(
            "the number of epochs",
            "at least 1",
            self.epochs as f64,
            self.epochs > 0,
        )?;
        check(
            "the batch size",
            "at least 1",
            self.batch as f64,
            self.batch > 0,
        )?;
        let rate = self.rate;
        check(
            "the learning rate",
            "positive",
            rate,
            rate > 0.0 && rate.is_finite(),
        )?;
        let momentum = self.momentum;
        let range = (0.0..1.0).contains(&momentum);
        check("the momentum", "from 0 to below 1", momentum, range)?;
        let share = self.perturbed;
        let range = (0.0..=1.0).contains(&share);
        check(
            "the share of perturbed pictures",
            "from 0 to 1",
            share,
            range,
        )
    }
}

/// Where it is, after each step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Progress {
    /// Pictures that came up, of all that will.
    pub pictures: usize,
    pub of: usize,
    /// The mean cross-entropy of the last step's pictures, in nats.
    pub loss: f64,
}

/// New weights from `weights`, by pictures, planar `[C, H, W]` in pixel units,
/// with a label each. A perturbation is drawn for each that is perturbed; where
/// there is none to draw from, all stay clean.
///
/// The same seed gives the same weights on the same device with the same number
/// of threads.
///
/// # Errors
/// Bad options, pictures, labels or weights; a loss that is not finite; or a
/// wish to stop.
pub async fn fine_tune(
    architecture: &Architecture,
    weights: &Weights,
    device: &Device,
    pictures: &[(impl AsRef<[f32]>, usize)],
    perturbations: &[impl AsRef<[f32]>],
    options: &Options,
    task: &mut Task<'_, Progress>,
) -> Result<Weights, TrainingError> {
    options.check()?;
    let architecture = &learned::folded(architecture);
    weights.check(architecture)?;
    let [c, h, w] = architecture.input;
    let size = c * h * w;
    let classes = architecture.classes().map_err(WeightsError::from)?;
    check_data(classes, size, pictures, perturbations)?;
    let tensors = architecture.weights();
    let mut learned = Vec::with_capacity(tensors.len());
    for tensor in &tensors {
        learned.push(weights.get(&tensor.name, &tensor.shape)?.to_vec());
    }
    let rule = Rule {
        momentum: options.momentum,
        looks_ahead: false,
        decay: 0.0,
    };
    let mut descent = Descent::new(rule, vec![Way::Plain; tensors.len()]);
    let engine = Engine::new(device);

    let mut random = ChaCha8Rng::seed_from_u64(options.seed);
    let mut order: Vec<usize> = (0..pictures.len()).collect();
    let steps = pictures.len().div_ceil(options.batch) * options.epochs;
    let (mut step, mut done) = (0, 0);
    for _ in 0..options.epochs {
        order.shuffle(&mut random);
        for chunk in order.chunks(options.batch) {
            let mut x = Vec::with_capacity(chunk.len() * size);
            for &index in chunk {
                let picture = pictures[index].0.as_ref();
                let is_perturbed = random.random_bool(options.perturbed);
                match perturbations.choose(&mut random) {
                    Some(v) if is_perturbed => {
                        let sum = picture.iter().zip(v.as_ref());
                        x.extend(sum.map(|(x, v)| x + v));
                    }
                    _ => x.extend_from_slice(picture),
                }
            }
            normalise(architecture, &mut x);
            let labels: Vec<usize> = chunk.iter().map(|&index| pictures[index].1).collect();
            let batch = Batch {
                x,
                shape: architecture.input,
                labels: &labels,
                smoothing: 0.0,
            };
            let found = engine.gradients(architecture, &learned, &batch).await?;
            if !found.loss.is_finite() {
                return Err(TrainingError::Diverged);
            }
            let turn = std::f64::consts::PI * step as f64 / steps as f64;
            let rate = options.rate * 0.5 * (1.0 + turn.cos());
            descent.step(rate, &mut learned, found.of).await?;
            step += 1;
            done += chunk.len();
            let of = pictures.len() * options.epochs;
            task.checkpoint(Progress {
                pictures: done,
                of,
                loss: found.loss,
            })
            .await?;
        }
    }
    Ok(learned::weights(architecture, &learned, &[])?)
}

/// Pixels to what the first layer sees.
fn normalise(architecture: &Architecture, x: &mut [f32]) {
    let [channels, height, width] = architecture.input;
    for (index, plane) in x.chunks_exact_mut(height * width).enumerate() {
        let channel = index % channels;
        let (mean, std) = (architecture.mean[channel], architecture.std[channel]);
        plane.iter_mut().for_each(|x| *x = (*x - mean) / std);
    }
}

fn check_data(
    classes: usize,
    size: usize,
    pictures: &[(impl AsRef<[f32]>, usize)],
    perturbations: &[impl AsRef<[f32]>],
) -> Result<(), TrainingError> {
    if pictures.is_empty() {
        return Err(TrainingError::NoPictures);
    }
    let sizes = pictures.iter().map(|(x, _)| x.as_ref().len());
    let mut sizes = sizes.chain(perturbations.iter().map(|v| v.as_ref().len()));
    if let Some(found) = sizes.find(|found| *found != size) {
        return Err(TrainingError::Size {
            expected: size,
            found,
        });
    }
    let last = classes - 1;
    match pictures.iter().find(|(_, label)| *label > last) {
        Some(&(_, found)) => Err(TrainingError::Label { found, last }),
        None => Ok(()),
    }
}
