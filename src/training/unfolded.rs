//! Batch norms again, where a file holds them folded, so that training can go on
//! from it.

use rand::SeedableRng;
use rand::seq::index;
use rand_chacha::ChaCha8Rng;

use super::TrainingError;
use super::gradients::{Batch, Engine};
use super::learned::{self, Moments};
use super::set::{LabelledPictures, Seen};
use crate::classifier::architecture::{Architecture, Layer, Shape};
use crate::classifier::weights::Weights;

/// Pictures that moments are measured on.
const MEASURED: usize = 500;

/// What is learned, and the moments of each batch norm's input, such that the
/// network is the one whose folded weights are given.
///
/// Of a folded filter w′ and its bias b′, the filter is w = c w′, as long as
/// filters are in the beginning (its length is free, as a batch norm follows it);
/// with the mean μ and variance σ² − ε of what it answers to some of the
/// pictures, γ = σ / c and β = μ / c + b′ give γ (w x − μ) / σ + β = w′ x + b′.
/// What follows a layer sees only what the layer gives, so the norms are
/// measured in their order.
///
/// # Errors
/// Weights of another network.
pub(super) async fn unfolded(
    architecture: &Architecture,
    weights: &Weights,
    pictures: &LabelledPictures,
    engine: &Engine,
    seed: u64,
) -> Result<(Vec<Vec<f32>>, Vec<Moments>), TrainingError> {
    weights.check(architecture)?;
    let mut learned = learned::initial(architecture, seed);
    let mut norms = Vec::new();
    let mut at = 0;
    for layer in architecture.layers.iter().map(|placed| &placed.layer) {
        let own = layer.weights();
        let values = |index: usize| weights.get(&own[index].name, &own[index].shape);
        if let Layer::Convolution(conv) = layer
            && let Some(norm) = &conv.batch_norm
        {
            let factors;
            (learned[at], factors) = lengthened(values(0)?, own[0].shape[0]);
            norms.push((at, factors, values(1)?, norm.epsilon as f32));
            at += 3;
        } else {
            for index in 0..own.len() {
                learned[at] = values(index)?.to_vec();
                at += 1;
            }
        }
    }

    let sample = Sample::drawn(architecture, pictures, seed);
    let mut moments = Vec::new();
    for (norm, (at, factors, bias, epsilon)) in norms.into_iter().enumerate() {
        let mut all = sample.moments(architecture, &learned, engine).await?;
        let of = all.swap_remove(norm);
        let each = of.variance.iter().zip(&of.mean).zip(&factors).zip(bias);
        (learned[at + 1], learned[at + 2]) = each
            .map(|(((variance, mean), c), b)| ((variance + epsilon).sqrt() / c, mean / c + b))
            .unzip();
        moments.push(of);
    }
    Ok((learned, moments))
}

/// Some of the pictures, as they are.
pub(super) struct Sample {
    x: Vec<f32>,
    shape: Shape,
    labels: Vec<usize>,
}

impl Sample {
    pub fn drawn(architecture: &Architecture, pictures: &LabelledPictures, seed: u64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let count = MEASURED.min(pictures.len());
        let mut x = Vec::new();
        let mut labels = Vec::new();
        for index in index::sample(&mut rng, pictures.len(), count) {
            pictures.view(index, Seen::whole(pictures.shape()), architecture, &mut x);
            labels.push(pictures.labels()[index]);
        }
        Self {
            x,
            shape: pictures.shape(),
            labels,
        }
    }

    /// Of each batch norm's input, where each normalises by these.
    pub async fn moments(
        &self,
        architecture: &Architecture,
        learned: &[Vec<f32>],
        engine: &Engine,
    ) -> Result<Vec<Moments>, TrainingError> {
        let batch = Batch {
            x: self.x.clone(),
            shape: self.shape,
            labels: &self.labels,
            smoothing: 0.0,
        };
        let found = engine.gradients(architecture, learned, &batch).await?;
        Ok(found.moments)
    }
}

/// Filters as long as they are in the beginning, whose values then have variance
/// 2 / n, and by which factor each was lengthened. One that is zero stays so.
fn lengthened(filters: &[f32], count: usize) -> (Vec<f32>, Vec<f32>) {
    let size = filters.len() / count;
    let factors = filters.chunks_exact(size).map(|filter| {
        let squares: f32 = filter.iter().map(|w| w * w).sum();
        if squares > 0.0 {
            (2.0 / squares).sqrt()
        } else {
            1.0
        }
    });
    let factors: Vec<f32> = factors.collect();
    let each = filters.chunks_exact(size).zip(&factors);
    let filters = each.flat_map(|(filter, factor)| filter.iter().map(move |w| w * factor));
    (filters.collect(), factors)
}
