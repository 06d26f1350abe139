//! Networks with weights drawn by chance, for the tests of the fast walks.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::architecture::Architecture;
#[cfg(feature = "compute")]
use super::architecture::{Builder, Layer};
use super::weights::Weights;

/// Numbers up to `reach` on both sides of 0.
pub(super) fn random(count: usize, reach: f32, seed: u64) -> Vec<f32> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    (0..count)
        .map(|_| rng.random_range(-reach..reach))
        .collect()
}

/// Weights that leave a layer's values about as large as its inputs.
pub(super) fn random_weights(architecture: &Architecture) -> Weights {
    let mut weights = Weights::new();
    for (seed, needed) in architecture.weights().into_iter().enumerate() {
        let inputs: usize = needed.shape[1..].iter().product();
        let reach = (3.0 / inputs.max(1) as f32).sqrt();
        let count = needed.shape.iter().product();
        let values = random(count, reach, seed as u64);
        weights.insert(needed.name, &needed.shape, values).unwrap();
    }
    weights
}

/// Layers one after the other.
#[cfg(feature = "compute")]
pub(super) fn sequence(input: [usize; 3], layers: Vec<Layer>) -> Architecture {
    let (mean, std) = (vec![0.45; input[0]], vec![0.25; input[0]]);
    let mut net = Builder::new(input).normalised(&mean, &std);
    let logits = net.chain(net.picture(), layers);
    net.finish(logits)
}
