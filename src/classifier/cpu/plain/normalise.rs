//! Numbers divided by what others are.

use super::{Back, Level, Looks, Plain};
use crate::classifier::architecture::{Shape, exp};

/// Over windows of channels.
#[derive(Debug)]
pub(super) struct LocalResponse {
    pub channels: usize,
    pub size: usize,
    /// alpha / size
    pub share: f32,
    pub beta: f32,
    pub k: f32,
}

impl LocalResponse {
    /// The channels of the window around one.
    fn window(&self, channel: usize) -> std::ops::Range<usize> {
        let first = channel.saturating_sub((self.size - 1) / 2);
        first..(channel + self.size / 2 + 1).min(self.channels)
    }

    /// The channels in whose window one is.
    fn seen_by(&self, channel: usize) -> std::ops::Range<usize> {
        let first = channel.saturating_sub(self.size / 2);
        first..(channel + (self.size - 1) / 2 + 1).min(self.channels)
    }

    /// `k + alpha / size · Σ x²`, which is raised to the power afterwards.
    fn denominators(&self, x: &[f32]) -> Vec<f32> {
        let pixels = x.len() / self.channels;
        let mut sums = vec![self.k; x.len()];
        for (channel, sums) in sums.chunks_exact_mut(pixels).enumerate() {
            for other in self.window(channel) {
                let x = &x[other * pixels..(other + 1) * pixels];
                for (sum, x) in sums.iter_mut().zip(x) {
                    *sum += self.share * x * x;
                }
            }
        }
        sums
    }
}

impl Plain for LocalResponse {
    fn forward(&self, inputs: &[&[f32]], y: &mut [f32], _: Level) {
        let sums = self.denominators(inputs[0]);
        for ((y, x), sum) in y.iter_mut().zip(inputs[0]).zip(sums) {
            *y = x * sum.powf(-self.beta);
        }
    }

    fn backward(&self, back: &Back<'_>, to: &mut [f32]) {
        // y_i = x_i s_i^-β, so ∂y_i/∂x_j = δ_ij s_i^-β − 2β share x_i x_j s_i^-(β+1)
        // for each i in whose window j is.
        let x = back.inputs[0];
        let sums = self.denominators(x);
        let pixels = x.len() / self.channels;
        let inner: Vec<f32> = (0..x.len())
            .map(|at| back.g[at] * x[at] * sums[at].powf(-self.beta - 1.0))
            .collect();
        for (channel, to) in to.chunks_exact_mut(pixels).enumerate() {
            let start = channel * pixels;
            for (at, to) in to.iter_mut().enumerate() {
                let seen = self.seen_by(channel);
                let spread: f32 = seen.map(|other| inner[other * pixels + at]).sum();
                let at = start + at;
                *to += back.g[at] * sums[at].powf(-self.beta)
                    - 2.0 * self.beta * self.share * x[at] * spread;
            }
        }
    }

    fn looks_at(&self) -> Looks {
        Looks::INPUTS
    }
}

/// Over runs as long as the weight.
#[derive(Debug)]
pub(super) struct LayerNorm {
    pub weight: Vec<f32>,
    pub bias: Vec<f32>,
    pub epsilon: f32,
}

impl LayerNorm {
    /// The mean of a run and what its deviations are multiplied with.
    fn moments(&self, x: &[f32]) -> (f32, f32) {
        let count = x.len() as f32;
        let mean = x.iter().sum::<f32>() / count;
        let squares: f32 = x.iter().map(|x| (x - mean) * (x - mean)).sum();
        (mean, (squares / count + self.epsilon).sqrt().recip())
    }
}

impl Plain for LayerNorm {
    fn forward(&self, inputs: &[&[f32]], y: &mut [f32], _: Level) {
        let size = self.weight.len();
        let runs = inputs[0].chunks_exact(size);
        for (x, y) in runs.zip(y.chunks_exact_mut(size)) {
            let (mean, scale) = self.moments(x);
            for (at, (y, x)) in y.iter_mut().zip(x).enumerate() {
                *y = (x - mean) * scale * self.weight[at] + self.bias[at];
            }
        }
    }

    fn backward(&self, back: &Back<'_>, to: &mut [f32]) {
        let size = self.weight.len();
        let count = size as f32;
        let runs = back.inputs[0].chunks_exact(size);
        let runs = runs.zip(back.g.chunks_exact(size));
        for ((x, g), to) in runs.zip(to.chunks_exact_mut(size)) {
            let (mean, scale) = self.moments(x);
            // With h = g · weight and z the normalised x:
            // scale (h − mean(h) − z mean(h z)).
            let pairs = || {
                let each = g.iter().zip(&self.weight).zip(x);
                each.map(|((g, weight), x)| (g * weight, (x - mean) * scale))
            };
            let level = pairs().map(|(h, _)| h).sum::<f32>() / count;
            let along = pairs().map(|(h, z)| h * z).sum::<f32>() / count;
            for (to, (h, z)) in to.iter_mut().zip(pairs()) {
                *to += scale * (h - level - z * along);
            }
        }
    }

    fn looks_at(&self) -> Looks {
        Looks::INPUTS
    }
}

/// Over one axis.
#[derive(Debug)]
pub(super) struct Softmax {
    /// How many there are along the axis, and how far apart.
    count: usize,
    stride: usize,
}

impl Softmax {
    pub fn new(input: Shape, axis: usize) -> Self {
        Self {
            count: input[axis],
            stride: input[axis + 1..].iter().product(),
        }
    }

    /// The first place of each run along the axis.
    fn runs(&self, size: usize) -> impl Iterator<Item = usize> + use<> {
        let (stride, whole) = (self.stride, self.count * self.stride);
        (0..size / whole).flat_map(move |block| (0..stride).map(move |at| block * whole + at))
    }

    fn places(&self, start: usize) -> impl Iterator<Item = usize> + use<> {
        let stride = self.stride;
        (0..self.count).map(move |index| start + index * stride)
    }
}

impl Plain for Softmax {
    fn forward(&self, inputs: &[&[f32]], y: &mut [f32], _: Level) {
        let x = inputs[0];
        for start in self.runs(x.len()) {
            let most = self.places(start).map(|at| x[at]);
            let most = most.fold(f32::NEG_INFINITY, f32::max);
            let mut sum = 0.0;
            for at in self.places(start) {
                y[at] = exp(x[at] - most);
                sum += y[at];
            }
            for at in self.places(start) {
                y[at] /= sum;
            }
        }
    }

    fn backward(&self, back: &Back<'_>, to: &mut [f32]) {
        let (y, g) = (back.output, back.g);
        for start in self.runs(y.len()) {
            let mean: f32 = self.places(start).map(|at| y[at] * g[at]).sum();
            for at in self.places(start) {
                to[at] += y[at] * (g[at] - mean);
            }
        }
    }

    fn looks_at(&self) -> Looks {
        Looks::OUTPUT
    }
}
