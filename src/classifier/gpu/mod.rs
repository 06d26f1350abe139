//! A GPU's own walk through a network, forward and back: the fast path.
//!
//! What the tensor library does layer by layer, with kernels, buffers and bind
//! groups chosen at each call, is laid out here once: convolutions with their
//! bias, rectifier and sum in one kernel, cotangents gated and added up where
//! they are made, and a walk is one submission of launches that were bound
//! beforehand. Pictures and gradients are the tensor library's tensors, copied
//! within the GPU. What is computed is what `classifier::layer` says.

mod device;
mod functions;
mod further;
mod interop;
mod kernels;
mod launches;
mod layout;
mod numbers;
mod plan;
#[cfg(test)]
mod tests;
mod workspace;

use std::sync::{Mutex, PoisonError};

use burn::tensor::Tensor;

use super::architecture::{Architecture, Shape};
use super::weights::{Weights, WeightsError};
use device::Handles;
pub use device::adopt;
pub(crate) use device::handles;
#[cfg(not(target_family = "wasm"))]
pub use device::open;
use interop::Shared;
use plan::Plan;
use workspace::{Outside, Workspace};

/// No buffer holds more numbers: WebGPU promises 128 MiB.
const NUMBERS: usize = 16 << 20;

/// The most pictures that walk together.
const PICTURES: usize = 8;

/// The most cotangents that walk together.
const COTANGENTS: usize = 64;

/// Workspaces that wait for the next pass.
const SPARE: usize = 3;

/// A network with its weights on a GPU.
#[derive(Debug)]
pub(super) struct GpuNetwork {
    input: Shape,
    classes: usize,
    plan: Plan,
    handles: Handles,
    spare: Mutex<Vec<Workspace>>,
}

impl GpuNetwork {
    /// # Errors
    /// Weights that are missing or have another shape; a layer that has no
    /// kernel here.
    pub fn new(
        architecture: &Architecture,
        weights: &Weights,
        handles: Handles,
    ) -> Result<Self, WeightsError> {
        let plan = Plan::new(architecture, weights, &handles.device, &handles.queue)?;
        Ok(Self {
            input: architecture.input,
            classes: architecture.classes()?,
            plan,
            handles,
            spare: Mutex::default(),
        })
    }

    /// `[N, C, H, W]` to `[N, classes]`, kept for walks back.
    pub fn forward(&self, x: Tensor<4>) -> GpuPass<'_> {
        let [n, ..] = x.dims();
        let x = Shared::of(x);
        let logits = Shared::beside(&x, &[n, self.classes]);
        x.flush();
        let (from, to) = (x.place(), logits.place());
        let size: usize = self.input.iter().product();
        let most = self.plan.forward.most(NUMBERS).min(PICTURES);
        let mut encoder = self.encoder();
        let mut parts = Vec::with_capacity(n.div_ceil(most));
        for first in (0..n).step_by(most) {
            let count = most.min(n - first);
            let mut space = self.space(if count == 1 { 1 } else { most });
            space.forward(
                &self.handles.queue,
                &mut encoder,
                &self.plan,
                count,
                Outside {
                    buffer: &from.buffer,
                    offset: from.offset + bytes(first * size),
                },
                Outside {
                    buffer: &to.buffer,
                    offset: to.offset + bytes(first * self.classes),
                },
            );
            parts.push((space, count));
        }
        self.handles.queue.submit([encoder.finish()]);
        GpuPass {
            network: self,
            logits: logits.into_tensor(),
            parts: Mutex::new(parts),
        }
    }

    fn encoder(&self) -> wgpu::CommandEncoder {
        self.handles
            .device
            .create_command_encoder(&wgpu::CommandEncoderDescriptor { label: None })
    }

    /// One that is free, or a new one.
    fn space(&self, capacity: usize) -> Workspace {
        let mut spare = self.spare.lock().unwrap_or_else(PoisonError::into_inner);
        let fits = spare.iter().position(|space| space.capacity == capacity);
        match fits {
            Some(at) => spare.remove(at),
            None => Workspace::new(&self.handles.device, &self.plan, capacity),
        }
    }
}

/// One forward walk, kept for walks back.
pub(super) struct GpuPass<'a> {
    network: &'a GpuNetwork,
    logits: Tensor<2>,
    /// With how many pictures each holds.
    parts: Mutex<Vec<(Workspace, usize)>>,
}

impl GpuPass<'_> {
    pub fn logits(&self) -> Tensor<2> {
        self.logits.clone()
    }

    /// Cotangents `[N, K, classes]` to gradients `[N, K, C, H, W]`.
    pub fn pull_back(&self, cotangents: Tensor<3>) -> Tensor<5> {
        let GpuNetwork {
            input: [c, h, w],
            classes,
            plan,
            handles,
            ..
        } = self.network;
        let [n, each, _] = cotangents.dims();
        let cotangents = Shared::of(cotangents);
        let gradients = Shared::beside(&cotangents, &[n, each, *c, *h, *w]);
        cotangents.flush();
        let (from, to) = (cotangents.place(), gradients.place());
        let size = c * h * w;
        let most = plan.back.most(NUMBERS).min(COTANGENTS);
        let mut parts = self.parts.lock().unwrap_or_else(PoisonError::into_inner);
        let mut done = 0;
        for (space, pictures) in parts.iter_mut() {
            let all = *pictures * each;
            for first in (0..all).step_by(most) {
                let count = most.min(all - first);
                // One submission each: where the batch begins is written before it.
                let mut encoder = self.network.encoder();
                space.back(
                    &handles.device,
                    &handles.queue,
                    &mut encoder,
                    plan,
                    [first, each],
                    count,
                    Outside {
                        buffer: &from.buffer,
                        offset: from.offset + bytes((done + first) * classes),
                    },
                    Outside {
                        buffer: &to.buffer,
                        offset: to.offset + bytes((done + first) * size),
                    },
                );
                handles.queue.submit([encoder.finish()]);
            }
            done += all;
        }
        gradients.into_tensor()
    }
}

impl Drop for GpuPass<'_> {
    fn drop(&mut self) {
        let parts = self.parts.get_mut().unwrap_or_else(PoisonError::into_inner);
        let spaces = std::mem::take(parts).into_iter().map(|(space, _)| space);
        let mut spare = self
            .network
            .spare
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        spare.extend(spaces);
        let surplus = spare.len().saturating_sub(SPARE);
        spare.drain(..surplus);
    }
}

fn bytes(numbers: usize) -> u64 {
    (numbers * size_of::<f32>()) as u64
}
