//! A network in the tensor library's hands, and gradients by its tape.
//!
//! The tape is consumed by one backward pass, so K cotangents a picture are K
//! copies of the picture, the sum of whose products with them is walked back.

use burn::tensor::{Device, Tensor, TensorData};

use crate::classifier::architecture::{Architecture, Shape, Value};
use crate::classifier::layer::BoundLayer;
use crate::classifier::weights::{Weights, WeightsError};
use crate::classifier::{ForwardPass, Waiting, ready};

#[derive(Debug)]
pub(super) struct Layers {
    input: Shape,
    /// `[1, C, 1, 1]`: the first layer sees `x · scale + shift`.
    scale: Tensor<4>,
    shift: Tensor<4>,
    layers: Vec<BoundPlaced>,
    logits: Value,
}

#[derive(Debug)]
struct BoundPlaced {
    layer: BoundLayer,
    inputs: Vec<Value>,
}

impl Layers {
    /// # Errors
    /// Weights that are missing or have another shape; layers that do not fit.
    pub fn bind(
        architecture: &Architecture,
        weights: &Weights,
        device: &Device,
    ) -> Result<Self, WeightsError> {
        architecture.shapes()?;
        let channels = architecture.input[0];
        let per_channel = |values: Vec<f32>| {
            Tensor::<4>::from_data(TensorData::new(values, [1, channels, 1, 1]), device)
        };
        let pairs = architecture.mean.iter().zip(&architecture.std);
        let layers = architecture.layers.iter().map(|placed| {
            Ok(BoundPlaced {
                layer: BoundLayer::bind(&placed.layer, weights, device)?,
                inputs: placed.inputs.clone(),
            })
        });
        Ok(Self {
            input: architecture.input,
            scale: per_channel(architecture.std.iter().map(|std| 1.0 / std).collect()),
            shift: per_channel(pairs.map(|(mean, std)| -mean / std).collect()),
            layers: layers.collect::<Result<_, WeightsError>>()?,
            logits: architecture.logits,
        })
    }

    /// `[N, C, H, W]` to what the logits are made of.
    pub fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let mut values = vec![x * self.scale.clone() + self.shift.clone()];
        for placed in &self.layers {
            let inputs = placed.inputs.iter().map(|input| values[input.0].clone());
            let inputs: Vec<Tensor<4>> = inputs.collect();
            values.push(placed.layer.forward(&inputs));
        }
        values.swap_remove(self.logits.0)
    }

    /// The same, kept.
    pub fn pass(&self, x: Tensor<4>) -> LayersPass<'_> {
        let [n, ..] = x.dims();
        let y = self.forward(x.clone());
        let classes = y.dims().iter().product::<usize>() / n;
        LayersPass {
            layers: self,
            x,
            logits: y.reshape([n, classes]),
        }
    }

    fn on_tape(&self) -> Self {
        let layers = self.layers.iter().map(|placed| BoundPlaced {
            layer: placed.layer.on_tape(),
            inputs: placed.inputs.clone(),
        });
        Self {
            input: self.input,
            scale: Tensor::from_inner(self.scale.clone()),
            shift: Tensor::from_inner(self.shift.clone()),
            layers: layers.collect(),
            logits: self.logits,
        }
    }
}

/// A forward pass whose pictures are at hand for the next.
pub(super) struct LayersPass<'a> {
    layers: &'a Layers,
    x: Tensor<4>,
    logits: Tensor<2>,
}

impl ForwardPass for LayersPass<'_> {
    fn logits(&self) -> Tensor<2> {
        self.logits.clone()
    }

    fn pull_back(&self, cotangents: Tensor<3>) -> Waiting<'_, Tensor<5>> {
        let [n, k, classes] = cotangents.dims();
        let [c, h, w] = self.layers.input;
        let copies = self.x.clone().reshape([n, 1, c, h, w]).repeat_dim(1, k);
        let copies = Tensor::from_inner(copies.reshape([n * k, c, h, w])).require_grad();
        let logits = self.layers.on_tape().forward(copies.clone());
        let weighted = logits.reshape([n, k, classes]) * Tensor::from_inner(cotangents);
        let walked = weighted.sum().backward();
        let gradients = copies.grad(&walked);
        // Logits that the picture has no part in.
        let gradients = gradients.unwrap_or_else(|| copies.inner().zeros_like());
        ready(gradients.reshape([n, k, c, h, w]))
    }
}
