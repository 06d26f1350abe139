//! Going on with the training of a network on pictures, some of them perturbed
//! (Moosavi-Dezfooli et al., CVPR 2017, section 4: fine-tuning with universal
//! perturbations).
//!
//! The mean cross-entropy is descended by stochastic gradients with momentum.
//! Batch normalisation is folded into the weights, so its statistics stay what
//! they are.

use burn::optim::momentum::MomentumConfig;
use burn::optim::{Optimizer, Sgd, SgdConfig};
use burn::tensor::activation::log_softmax;
use burn::tensor::{Device, Tensor, TensorData};
use rand::seq::{IndexedRandom, SliceRandom};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::{TrainingError, check};
use crate::classifier::Classifier;
use crate::classifier::architecture::Architecture;
use crate::classifier::network::Network;
use crate::classifier::weights::Weights;
use crate::task::{Task, read};

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
    let tape = device.clone().autodiff();
    let mut network = Network::by_layers(architecture, weights, &tape)?;
    let [c, h, w] = architecture.input;
    let size = c * h * w;
    check_data(&network, size, pictures, perturbations)?;
    for parameter in network.parameters() {
        parameter.follow();
    }
    let optimiser = sgd(options.momentum);
    let mut states: Vec<Option<<Sgd as Optimizer>::State<1>>> = Vec::new();
    states.resize_with(architecture.weights().len(), || None);

    let mut random = ChaCha8Rng::seed_from_u64(options.seed);
    let mut order: Vec<usize> = (0..pictures.len()).collect();
    let steps = pictures.len().div_ceil(options.batch) * options.epochs;
    let (mut step, mut done) = (0, 0);
    for _ in 0..options.epochs {
        order.shuffle(&mut random);
        for chunk in order.chunks(options.batch) {
            let mut values = Vec::with_capacity(chunk.len() * size);
            for &index in chunk {
                let picture = pictures[index].0.as_ref();
                let is_perturbed = random.random_bool(options.perturbed);
                match perturbations.choose(&mut random) {
                    Some(v) if is_perturbed => {
                        let sum = picture.iter().zip(v.as_ref());
                        values.extend(sum.map(|(x, v)| x + v));
                    }
                    _ => values.extend_from_slice(picture),
                }
            }
            let data = TensorData::new(values, [chunk.len(), c, h, w]);
            let logits = network.logits(Tensor::from_data(data, &tape));
            let labels: Vec<usize> = chunk.iter().map(|&index| pictures[index].1).collect();
            let loss = cross_entropy(logits, &labels);
            let gradients = loss.backward();
            let turn = std::f64::consts::PI * step as f64 / steps as f64;
            let rate = options.rate * 0.5 * (1.0 + turn.cos());
            for (parameter, state) in network.parameters().into_iter().zip(&mut states) {
                parameter.replace(&gradients, |values, gradient| {
                    let (values, next) = optimiser.step(rate, values, gradient, state.take());
                    *state = next;
                    values
                });
            }
            step += 1;
            done += chunk.len();
            let loss = f64::from(read(loss.inner()).await?[0]);
            if !loss.is_finite() {
                return Err(TrainingError::Diverged);
            }
            let of = pictures.len() * options.epochs;
            task.checkpoint(Progress {
                pictures: done,
                of,
                loss,
            })
            .await?;
        }
    }
    collected(architecture, &mut network).await
}

fn sgd(momentum: f64) -> Sgd {
    let config = SgdConfig::new();
    if momentum == 0.0 {
        return config.build();
    }
    let momentum = MomentumConfig::new()
        .with_momentum(momentum)
        .with_dampening(0.0);
    config.with_momentum(Some(momentum)).build()
}

/// The mean of `−log p` of the labels.
fn cross_entropy(logits: Tensor<2>, labels: &[usize]) -> Tensor<1> {
    let [n, classes] = logits.dims();
    let mut chosen = vec![0f32; n * classes];
    for (row, label) in labels.iter().enumerate() {
        chosen[row * classes + label] = -1.0 / n as f32;
    }
    let device = logits.device();
    let chosen = Tensor::from_data(TensorData::new(chosen, [n, classes]), &device);
    (log_softmax(logits, 1) * chosen).sum()
}

fn check_data(
    network: &Network,
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
    let last = network.class_count() - 1;
    match pictures.iter().find(|(_, label)| *label > last) {
        Some(&(_, found)) => Err(TrainingError::Label { found, last }),
        None => Ok(()),
    }
}

/// The network's weights as they are now, by name.
async fn collected(
    architecture: &Architecture,
    network: &mut Network,
) -> Result<Weights, TrainingError> {
    let mut weights = Weights::new();
    for (named, parameter) in architecture.weights().into_iter().zip(network.parameters()) {
        let values = read(parameter.values()).await?;
        weights.insert(named.name, &named.shape, values)?;
    }
    Ok(weights)
}
