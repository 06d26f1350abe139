//! Batch normalisation while training (Ioffe and Szegedy, ICML 2015,
//! algorithm 1): by the moments of the batch, through which the gradient goes.

use rayon::prelude::*;

use super::values::Values;
use crate::training::learned::Moments;

/// A batch norm's input with what normalises it.
pub(super) struct Normalised {
    input: Values,
    mean: Vec<f32>,
    /// `1 / √(variance + ε)`
    scale: Vec<f32>,
}

impl Normalised {
    /// By the moments of a batch, which are given as well, the variance as the
    /// running one counts it: divided by one less than the number of values.
    pub fn new(input: Values, epsilon: f64) -> (Self, Moments) {
        let count = input.count() * input.pixels();
        let channels = input.data.par_chunks_exact(count);
        let found: Vec<(f64, f64)> = channels.map(mean_and_variance).collect();
        let mean: Vec<f32> = found.iter().map(|&(mean, _)| mean as f32).collect();
        let unbiased = count as f64 / (count as f64 - 1.0).max(1.0);
        let moments = Moments {
            mean: mean.clone(),
            variance: found.iter().map(|&(_, v)| (v * unbiased) as f32).collect(),
        };
        let scale = found
            .iter()
            .map(|&(_, v)| (1.0 / (v + epsilon).sqrt()) as f32);
        let scale = scale.collect();
        (Self { input, mean, scale }, moments)
    }

    /// `γ (x − mean) scale + β`
    pub fn forward(&self, gamma: &[f32], beta: &[f32]) -> Values {
        let count = self.input.count() * self.input.pixels();
        let mut y = self.input.buffers().any(self.input.data.len());
        let channels = y.par_chunks_exact_mut(count);
        let channels = channels.zip(self.input.data.par_chunks_exact(count));
        channels.enumerate().for_each(|(c, (y, x))| {
            let factor = gamma[c] * self.scale[c];
            let shift = beta[c] - self.mean[c] * factor;
            for (y, x) in y.iter_mut().zip(x) {
                *y = x * factor + shift;
            }
        });
        Values::new(self.input.shape, y)
    }

    /// The cotangents of the input, and the gradients of γ and of β.
    pub fn backward(self, mut g: Values, gamma: &[f32]) -> (Values, Vec<f32>, Vec<f32>) {
        let count = self.input.count() * self.input.pixels();
        let channels = g.data_mut().par_chunks_exact_mut(count);
        let channels = channels.zip(self.input.data.par_chunks_exact(count));
        let sums = channels.enumerate().map(|(c, (g, x))| {
            let (mean, scale) = (self.mean[c], self.scale[c]);
            let of_beta = sum(g, |g| g);
            let of_gamma = sum_of_two(g, x, |g, x| g * (x - mean)) * f64::from(scale);
            let by_mean = (of_beta / count as f64) as f32;
            let by_scale = (of_gamma / count as f64) as f32 * scale;
            let factor = gamma[c] * scale;
            for (g, x) in g.iter_mut().zip(x) {
                *g = factor * (*g - by_mean - (x - mean) * by_scale);
            }
            (of_gamma as f32, of_beta as f32)
        });
        let (of_gamma, of_beta) = sums.unzip();
        (g, of_gamma, of_beta)
    }
}

fn mean_and_variance(values: &[f32]) -> (f64, f64) {
    let count = values.len() as f64;
    let mean = sum(values, |x| x) / count;
    let center = mean as f32;
    let squares = sum(values, |x| (x - center) * (x - center));
    (mean, squares / count)
}

/// Sums that go on side by side: one alone would wait for each of its additions.
const LANES: usize = 16;

fn sum(values: &[f32], of: impl Fn(f32) -> f32) -> f64 {
    let (chunks, rest) = values.as_chunks::<LANES>();
    let mut sums = [0.0f64; LANES];
    for chunk in chunks {
        for (sum, value) in sums.iter_mut().zip(chunk) {
            *sum += f64::from(of(*value));
        }
    }
    let rest = rest.iter().map(|&value| f64::from(of(value)));
    sums.iter().sum::<f64>() + rest.sum::<f64>()
}

fn sum_of_two(left: &[f32], right: &[f32], of: impl Fn(f32, f32) -> f32) -> f64 {
    let (lefts, left_rest) = left.as_chunks::<LANES>();
    let (rights, right_rest) = right.as_chunks::<LANES>();
    let mut sums = [0.0f64; LANES];
    for (left, right) in lefts.iter().zip(rights) {
        for (sum, (left, right)) in sums.iter_mut().zip(left.iter().zip(right)) {
            *sum += f64::from(of(*left, *right));
        }
    }
    let rest = left_rest.iter().zip(right_rest);
    let rest = rest.map(|(&left, &right)| f64::from(of(left, right)));
    sums.iter().sum::<f64>() + rest.sum::<f64>()
}
