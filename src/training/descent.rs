//! One step down the gradient, by burn's optimisers.

use burn::optim::decay::WeightDecayConfig;
use burn::optim::momentum::{MomentumConfig, MomentumState};
use burn::optim::{
    Muon, MuonConfig, MuonState, Optimizer, RecordState, Sgd, SgdConfig, SgdState, StateSink,
};
use burn::tensor::{Device, Tensor, TensorData};

use crate::task::{ReadError, read};

/// How steps are made of gradients.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Rule {
    /// From 0 to below 1.
    pub momentum: f64,
    /// Whether the step looks ahead (Nesterov).
    pub looks_ahead: bool,
    /// The share of a weight that is added to its gradient. What is only added
    /// (a bias) or scales (a batch norm) does not decay.
    pub decay: f32,
}

/// How a tensor changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// By stochastic gradient descent.
    Plain,
    /// The same, and it decays.
    Decaying,
    /// Of filters before a batch norm, of which only directions matter: by the
    /// orthogonal matrix nearest to the velocity (Muon: Jordan and others 2024).
    /// The whole keeps its length, so that the rate is that of turning.
    Turning {
        /// How many filters.
        rows: usize,
    },
}

/// What is kept of a tensor.
enum State {
    None,
    Plain(SgdState<1>),
    Turning(MuonState<2>),
}

/// The optimisers and what they keep of each tensor.
pub(super) struct Descent {
    decaying: Sgd,
    plain: Sgd,
    turning: Muon,
    ways: Vec<Way>,
    states: Vec<State>,
}

impl Descent {
    pub fn new(rule: Rule, ways: Vec<Way>) -> Self {
        let momentum = MomentumConfig::new()
            .with_momentum(rule.momentum)
            .with_dampening(0.0)
            .with_nesterov(rule.looks_ahead);
        let config = |decay: f32| {
            let mut config = SgdConfig::new();
            if rule.momentum > 0.0 {
                config = config.with_momentum(Some(momentum.clone()));
            }
            if decay > 0.0 {
                config = config.with_weight_decay(Some(WeightDecayConfig::new(decay)));
            }
            config.build()
        };
        Self {
            decaying: config(rule.decay),
            plain: config(0.0),
            turning: MuonConfig::new().with_momentum(momentum.clone()).build(),
            states: ways.iter().map(|_| State::None).collect(),
            ways,
        }
    }

    /// Changes each tensor by its gradient.
    pub async fn step(
        &mut self,
        rate: f64,
        learned: &mut [Vec<f32>],
        gradients: Vec<Vec<f32>>,
    ) -> Result<(), ReadError> {
        let tensors = learned.iter_mut().zip(gradients).zip(&self.ways);
        for (((values, gradient), way), kept) in tensors.zip(&mut self.states) {
            let old = std::mem::take(values);
            let before = std::mem::replace(kept, State::None);
            *values = match *way {
                Way::Plain | Way::Decaying => {
                    let optimiser = match way {
                        Way::Decaying => &self.decaying,
                        _ => &self.plain,
                    };
                    let state = match before {
                        State::Plain(state) => Some(state),
                        _ => None,
                    };
                    let (new, state) = optimiser.step(rate, tensor(old), tensor(gradient), state);
                    *kept = state.map_or(State::None, State::Plain);
                    read(new).await?
                }
                Way::Turning { rows } => {
                    let state = match before {
                        State::Turning(state) => Some(state),
                        _ => None,
                    };
                    let length = length(&old);
                    let (w, g) = (matrix(old, rows), matrix(gradient, rows));
                    let (new, state) = self.turning.step(rate, w, g, state);
                    *kept = state.map_or(State::None, State::Turning);
                    let mut new = read(new).await?;
                    let scale = (length / self::length(&new).max(f64::MIN_POSITIVE)) as f32;
                    new.iter_mut().for_each(|value| *value *= scale);
                    new
                }
            };
        }
        Ok(())
    }

    /// The velocity of each tensor; none before the first step.
    pub fn velocities(&self) -> Vec<Option<Vec<f32>>> {
        let states = self.states.iter();
        states
            .map(|state| {
                let mut sink = StateSink::default();
                match state {
                    State::None => return None,
                    State::Plain(state) => state.state_flatten("", &mut sink),
                    State::Turning(state) => state.state_flatten("", &mut sink),
                }
                let (_, data) = sink.tensors.pop()?;
                data.try_to_vec::<f32>().ok()
            })
            .collect()
    }

    /// Goes on with such velocities.
    pub fn set_velocities(&mut self, velocities: Vec<Vec<f32>>) {
        let velocities = velocities.into_iter().zip(&self.ways);
        self.states = velocities
            .map(|(values, way)| match *way {
                Way::Turning { rows } => {
                    State::Turning(MuonState::new(MomentumState::new(matrix(values, rows))))
                }
                Way::Plain | Way::Decaying => {
                    State::Plain(SgdState::new(Some(MomentumState::new(tensor(values)))))
                }
            })
            .collect();
    }
}

fn tensor(values: Vec<f32>) -> Tensor<1> {
    let count = values.len();
    Tensor::from_data(TensorData::new(values, [count]), &Device::flex())
}

fn matrix(values: Vec<f32>, rows: usize) -> Tensor<2> {
    let shape = [rows, values.len() / rows];
    Tensor::from_data(TensorData::new(values, shape), &Device::flex())
}

/// The Euclidean length.
fn length(values: &[f32]) -> f64 {
    let squares = values.iter().map(|&value| f64::from(value).powi(2));
    squares.sum::<f64>().sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::attack::Gaussian;
    use crate::task::block_on;

    fn drawn(count: usize, seed: u64) -> Vec<f32> {
        let mut gaussian = Gaussian::new(seed);
        (0..count).map(|_| gaussian.draw() as f32).collect()
    }

    /// Two filters of three weights turn by the polar factor of the gradient,
    /// `(G Gᵀ)^(−1/2) G`, up to what Newton and Schulz's five iterations leave of
    /// the singular values: from 0.7 to 1.2 in place of 1.
    #[test]
    fn filters_turn_by_the_nearest_orthogonal_matrix_and_keep_their_length() {
        let rule = Rule {
            momentum: 0.0,
            looks_ahead: false,
            decay: 0.1,
        };
        let mut descent = Descent::new(rule, vec![Way::Turning { rows: 2 }]);
        let (old, g) = (drawn(6, 1), drawn(6, 2));
        let mut learned = vec![old.clone()];
        let rate = 1e-3;
        block_on(descent.step(rate, &mut learned, vec![g.clone()])).unwrap();
        assert!((length(&learned[0]) - length(&old)).abs() < 1e-6);

        // The part of the step across the weights, which rescaling leaves.
        let across = |step: &[f64]| -> Vec<f64> {
            let w: Vec<f64> = old.iter().map(|&w| f64::from(w)).collect();
            let along: f64 = step.iter().zip(&w).map(|(s, w)| s * w).sum();
            let square: f64 = w.iter().map(|w| w * w).sum();
            let parts = step.iter().zip(&w);
            parts.map(|(s, w)| s - along / square * w).collect()
        };
        let step: Vec<f64> = learned[0]
            .iter()
            .zip(&old)
            .map(|(new, old)| f64::from(old - new) / rate)
            .collect();
        let g: Vec<f64> = g.iter().map(|&g| f64::from(g)).collect();
        let dot = |i: usize, j: usize| -> f64 { (0..3).map(|k| g[3 * i + k] * g[3 * j + k]).sum() };
        // The inverse square root of a symmetric 2 × 2 matrix, in closed form.
        let (a, b, d) = (dot(0, 0), dot(0, 1), dot(1, 1));
        let root = (a * d - b * b).sqrt();
        let t = (a + d + 2.0 * root).sqrt();
        let inverse = [(d + root), -b, (a + root)].map(|it| it / (root * t));
        let polar: Vec<f64> = (0..6)
            .map(|at| {
                let (i, k) = (at / 3, at % 3);
                let row = if i == 0 {
                    [inverse[0], inverse[1]]
                } else {
                    [inverse[1], inverse[2]]
                };
                row[0] * g[k] + row[1] * g[3 + k]
            })
            .collect();
        let (step, polar) = (across(&step), across(&polar));
        let size = |v: &[f64]| v.iter().map(|v| v * v).sum::<f64>().sqrt();
        let cosine = step.iter().zip(&polar).map(|(a, b)| a * b).sum::<f64>();
        assert!(cosine / size(&step) / size(&polar) > 0.95);
        assert!((0.65..1.25).contains(&(size(&step) / size(&polar))));
    }
}
