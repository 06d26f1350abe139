//! The mean of networks that a training went through.

use burn::tensor::Device;

use super::TrainingError;
use super::gradients::Engine;
use super::learned;
use super::set::LabelledPictures;
use super::unfolded::{Sample, unfolded};
use crate::classifier::architecture::Architecture;
use crate::classifier::weights::Weights;

/// The network whose weights are the means of those of several (stochastic
/// weight averaging: Izmailov et al., UAI 2018), such as the ends of the cycles of
/// one training, between which the loss is as low: it often errs less than each.
///
/// Of a filter before a batch norm the direction is averaged, and of a channel
/// the mean and the deviation that it leaves the norm with. Batch norms are
/// measured on some of the pictures, drawn by the seed; a network without them
/// needs none.
///
/// # Errors
/// No network at all, weights of another one, or pictures that are not for it.
pub async fn average(
    architecture: &Architecture,
    networks: &[Weights],
    pictures: &LabelledPictures,
    device: &Device,
    seed: u64,
) -> Result<Weights, TrainingError> {
    if networks.is_empty() {
        return Err(TrainingError::NoNetworks);
    }
    let has_norms = !learned::batch_norms(architecture).is_empty();
    if has_norms {
        if pictures.is_empty() {
            return Err(TrainingError::Unmeasured);
        }
        pictures.check(architecture)?;
    }
    let engine = Engine::new(device);
    let mut mean: Vec<Vec<f64>> = Vec::new();
    for weights in networks {
        let (own, _) = unfolded(architecture, weights, pictures, &engine, seed).await?;
        mean.resize_with(own.len(), Vec::new);
        for (mean, own) in mean.iter_mut().zip(own) {
            mean.resize(own.len(), 0.0);
            for (mean, value) in mean.iter_mut().zip(own) {
                *mean += f64::from(value) / networks.len() as f64;
            }
        }
    }
    let rounded = |values: Vec<f64>| values.into_iter().map(|value| value as f32).collect();
    let mean: Vec<Vec<f32>> = mean.into_iter().map(rounded).collect();
    let moments = if has_norms {
        let sample = Sample::drawn(architecture, pictures, seed);
        sample.moments(architecture, &mean, &engine).await?
    } else {
        Vec::new()
    };
    Ok(learned::weights(architecture, &mean, &moments)?)
}
