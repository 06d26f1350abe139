//! The loss of a batch and its gradients with respect to all that is learned.
//!
//! Twice: [`tape`] by burn's autodiff, on any device; [`cpu`] by hand, on a CPU up
//! to twice as fast, and tested against the other.

pub(super) mod cpu;
pub(super) mod tape;

use burn::tensor::Device;

use super::learned::Moments;
use crate::classifier::architecture::{Architecture, Shape};
use crate::task::ReadError;

/// Pictures as the first layer sees them, and their labels.
pub(super) struct Batch<'a> {
    /// `[N, C, H, W]`
    pub x: Vec<f32>,
    /// Of one picture; its height and width may be smaller than the network's
    /// input where the network allows it.
    pub shape: Shape,
    pub labels: &'a [usize],
    /// The share of the target that is spread over all classes.
    pub smoothing: f32,
}

/// What a batch says.
pub(super) struct Gradients {
    /// The mean cross-entropy with the smoothed target, in nats.
    pub loss: f64,
    /// How many were classified as labelled, while training.
    pub right: usize,
    /// Of the mean loss, in the order of [`super::learned::tensors`].
    pub of: Vec<Vec<f32>>,
    /// Of each batch norm's input, in this batch.
    pub moments: Vec<Moments>,
}

/// Where gradients are computed: by whichever is faster there.
pub(super) struct Engine {
    device: Device,
    buffers: cpu::Buffers,
}

impl Engine {
    pub fn new(device: &Device) -> Self {
        Self {
            device: device.clone(),
            buffers: cpu::Buffers::default(),
        }
    }

    /// Loss and gradients of a batch.
    pub async fn gradients(
        &self,
        architecture: &Architecture,
        learned: &[Vec<f32>],
        batch: &Batch<'_>,
    ) -> Result<Gradients, ReadError> {
        if self.device == Device::flex() && cpu::is_possible(architecture) {
            let buffers = &self.buffers;
            Ok(cpu::gradients(architecture, learned, batch, buffers))
        } else {
            tape::gradients(architecture, learned, batch, &self.device).await
        }
    }
}
