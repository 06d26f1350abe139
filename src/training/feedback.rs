//! Does it help to train with universal perturbations? (Moosavi-Dezfooli et
//! al., CVPR 2017, section 4.) One round computes several, fine-tunes the
//! network on pictures that are perturbed with them half of the time, and
//! measures a new one against the new weights.

use burn::tensor::Device;
use serde::{Deserialize, Serialize};

use super::fine_tuning::{self, fine_tune};
use super::{TrainingError, check};
use crate::attack::predictions;
use crate::classifier::architecture::Architecture;
use crate::classifier::network::Network;
use crate::classifier::weights::Weights;
use crate::measure::Estimate;
use crate::task::Task;
use crate::universal::Pictures;
use crate::universal::fooling::{Sum, fooling};
use crate::universal::stochastic::{self, stochastic};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Options {
    /// Perturbations that a round trains with, each of another seed. At least 1.
    pub perturbations: usize,
    /// How they, and the one that is measured, are made.
    pub universal: stochastic::Options,
    pub fine_tuning: fine_tuning::Options,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            perturbations: 5,
            universal: stochastic::Options::default(),
            fine_tuning: fine_tuning::Options::default(),
        }
    }
}

/// A network's state between two rounds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct State {
    /// Of a universal perturbation made for this network, on pictures that it
    /// was not made from.
    pub fooling_rate: Estimate,
    /// On those pictures, where labels are known.
    pub accuracy: Estimate,
}

/// What is being done.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Progress {
    /// A perturbation is made: which of how many, and the share done.
    Perturbing(usize, usize, f64),
    /// The share done, and the loss.
    Training(f64, f64),
}

/// A picture, planar `[C, H, W]` in pixel units, and its label.
pub type Labelled = (Vec<f32>, usize);

/// Pictures to train with, and others to measure on.
#[derive(Debug, Clone, Copy)]
pub struct Data<'a> {
    pub own: &'a [Labelled],
    pub others: &'a [Labelled],
}

/// The fooling rate of a new perturbation, whose seed is `seed`, for a network.
///
/// # Errors
/// As those of making and measuring one.
pub async fn state(
    network: &Network,
    data: Data<'_>,
    options: &Options,
    seed: u64,
    task: &mut Task<'_, Progress>,
) -> Result<State, TrainingError> {
    let v = perturbation(network, data, options, seed, (1, 1), task).await?;
    let others: Vec<&[f32]> = data.others.iter().map(|(x, _)| x.as_slice()).collect();
    let mut part = Task::new(task.stop_flag(), |_| ());
    let (fooled, all) = fooling(network, &others, &v, Sum::Raw, &mut part)
        .await?
        .reached(None);
    drop(part);
    let answers = predictions(network, &others).await?;
    let labels = data.others.iter().map(|(_, label)| *label);
    let right = answers
        .iter()
        .zip(labels)
        .filter(|(answer, label)| answer.label == *label);
    Ok(State {
        fooling_rate: Estimate::share(fooled, all, seed),
        accuracy: Estimate::share(right.count(), data.others.len(), seed),
    })
}

/// One round: new weights, trained on `data.own` with perturbations that were
/// made for the old ones.
///
/// # Errors
/// As those of making perturbations and of fine-tuning.
pub async fn round(
    architecture: &Architecture,
    weights: &Weights,
    device: &Device,
    data: Data<'_>,
    options: &Options,
    seed: u64,
    task: &mut Task<'_, Progress>,
) -> Result<Weights, TrainingError> {
    let count = options.perturbations;
    check(
        "the number of perturbations",
        "at least 1",
        count as f64,
        count > 0,
    )?;
    options.fine_tuning.check()?;
    let network = Network::new(architecture, weights, device)?;
    let mut made = Vec::with_capacity(count);
    for index in 0..count {
        // Not the seed of the one that is measured.
        let own = seed.wrapping_add(1 + index as u64);
        made.push(perturbation(&network, data, options, own, (index + 1, count), task).await?);
    }
    drop(network);
    let settings = fine_tuning::Options {
        seed,
        ..options.fine_tuning.clone()
    };
    let stop = task.stop_flag();
    let mut part = Task::new(stop, |step: fine_tuning::Progress| {
        let share = step.pictures as f64 / step.of as f64;
        task.report(Progress::Training(share, step.loss));
    });
    fine_tune(
        architecture,
        weights,
        device,
        data.own,
        &made,
        &settings,
        &mut part,
    )
    .await
}

async fn perturbation(
    network: &Network,
    data: Data<'_>,
    options: &Options,
    seed: u64,
    (which, of): (usize, usize),
    task: &mut Task<'_, Progress>,
) -> Result<Vec<f32>, TrainingError> {
    let own: Vec<&[f32]> = data.own.iter().map(|(x, _)| x.as_slice()).collect();
    let settings = stochastic::Options {
        seed,
        ..options.universal.clone()
    };
    let total = (settings.max_passes * own.len()) as f64;
    let stop = task.stop_flag();
    let mut part = Task::new(stop.clone(), |step: crate::universal::Progress| {
        let done = step.passes * step.pictures_a_pass + step.pictures;
        task.report(Progress::Perturbing(which, of, done as f64 / total));
    });
    let pictures = Pictures::<&[f32]> {
        own: &own,
        others: &[],
    };
    let made = stochastic(network, pictures, None, &settings, &mut part).await?;
    if stop.is_stopped() {
        return Err(crate::task::Stopped.into());
    }
    Ok(made.perturbation)
}
