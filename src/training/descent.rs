//! One step down the gradient, by burn's stochastic gradient descent.

use burn::optim::decay::WeightDecayConfig;
use burn::optim::momentum::{MomentumConfig, MomentumState};
use burn::optim::{Optimizer, RecordState, Sgd, SgdConfig, SgdState, StateSink};
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

/// The optimiser and what it keeps of each tensor.
pub(super) struct Descent {
    decaying: Sgd,
    plain: Sgd,
    states: Vec<Option<SgdState<1>>>,
}

impl Descent {
    pub fn new(rule: Rule, tensors: usize) -> Self {
        let config = |decay: f32| {
            let mut config = SgdConfig::new();
            if rule.momentum > 0.0 {
                let momentum = MomentumConfig::new()
                    .with_momentum(rule.momentum)
                    .with_dampening(0.0)
                    .with_nesterov(rule.looks_ahead);
                config = config.with_momentum(Some(momentum));
            }
            if decay > 0.0 {
                config = config.with_weight_decay(Some(WeightDecayConfig::new(decay)));
            }
            config.build()
        };
        Self {
            decaying: config(rule.decay),
            plain: config(0.0),
            states: (0..tensors).map(|_| None).collect(),
        }
    }

    /// Changes each tensor, given with the number of its axes, by its gradient.
    pub async fn step(
        &mut self,
        rate: f64,
        learned: &mut [Vec<f32>],
        axes: &[usize],
        gradients: Vec<Vec<f32>>,
    ) -> Result<(), ReadError> {
        let tensors = learned.iter_mut().zip(gradients).zip(axes);
        for (((values, gradient), axes), state) in tensors.zip(&mut self.states) {
            let optimiser = if *axes > 1 {
                &self.decaying
            } else {
                &self.plain
            };
            let (new, next) = optimiser.step(
                rate,
                tensor(std::mem::take(values)),
                tensor(gradient),
                state.take(),
            );
            *state = next;
            *values = read(new).await?;
        }
        Ok(())
    }

    /// The velocity of each tensor; none before the first step.
    pub fn velocities(&self) -> Vec<Option<Vec<f32>>> {
        let states = self.states.iter();
        states
            .map(|state| {
                let mut sink = StateSink::default();
                state.as_ref()?.state_flatten("", &mut sink);
                let (_, data) = sink.tensors.pop()?;
                data.try_to_vec::<f32>().ok()
            })
            .collect()
    }

    /// Goes on with such velocities.
    pub fn set_velocities(&mut self, velocities: Vec<Vec<f32>>) {
        self.states = velocities
            .into_iter()
            .map(|values| Some(SgdState::new(Some(MomentumState::new(tensor(values))))))
            .collect();
    }
}

fn tensor(values: Vec<f32>) -> Tensor<1> {
    let count = values.len();
    Tensor::from_data(TensorData::new(values, [count]), &Device::flex())
}
