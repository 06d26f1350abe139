//! Gradients by burn's autodiff, on any device: the definition that the CPU's
//! own are tested against.

use burn::tensor::activation::log_softmax;
use burn::tensor::module::conv2d;
use burn::tensor::ops::ConvOptions;
use burn::tensor::{Device, Tensor, TensorData};

use super::{Batch, Gradients};
use crate::classifier::architecture::{Architecture, BatchNorm, Convolution, Layer};
use crate::classifier::layer::BoundLayer;
use crate::classifier::weights::Weights;
use crate::task::{ReadError, read};
use crate::training::learned::{Moments, tensors};

/// Loss and gradients of a batch, on a device.
///
/// # Errors
/// When the device does not give its results.
pub(in crate::training) async fn gradients(
    architecture: &Architecture,
    learned: &[Vec<f32>],
    batch: &Batch<'_>,
    device: &Device,
) -> Result<Gradients, ReadError> {
    let device = device.clone().autodiff();
    let leaves = tensors(architecture).into_iter().zip(learned);
    let leaves: Vec<Tensor<1>> = leaves
        .map(|(tensor, values)| {
            let count = tensor.shape.iter().product::<usize>();
            Tensor::from_data(TensorData::new(values.clone(), [count]), &device).require_grad()
        })
        .collect();
    let [c, h, w] = batch.shape;
    let n = batch.labels.len();
    let x = Tensor::from_data(TensorData::new(batch.x.clone(), [n, c, h, w]), &device);
    let mut walk = Walk {
        leaves: &leaves,
        at: 0,
        moments: Vec::new(),
    };
    let logits = walk.forward(architecture, x);
    let [_, classes, ..] = logits.dims();
    let logits = logits.reshape([n, classes]);
    let loss = cross_entropy(logits.clone(), batch);
    let walked = loss.backward();

    let mut of = Vec::with_capacity(leaves.len());
    for (leaf, values) in leaves.iter().zip(learned) {
        of.push(match leaf.grad(&walked) {
            Some(gradient) => read(gradient).await?,
            // The loss does not depend on it.
            None => vec![0.0; values.len()],
        });
    }
    let mut moments = Vec::with_capacity(walk.moments.len());
    for (mean, variance) in walk.moments {
        moments.push(Moments {
            mean: read(mean.inner()).await?,
            variance: read(variance.inner()).await?,
        });
    }
    let answers = read(logits.inner()).await?;
    let answers = answers.chunks_exact(classes);
    let right = answers
        .zip(batch.labels)
        .filter(|(logits, label)| crate::attack::argmax(logits) == **label);
    Ok(Gradients {
        right: right.count(),
        loss: f64::from(read(loss.inner()).await?[0]),
        of,
        moments,
    })
}

/// The mean of `−Σ t log p` with the target t.
fn cross_entropy(logits: Tensor<2>, batch: &Batch<'_>) -> Tensor<1> {
    let [n, classes] = logits.dims();
    let spread = batch.smoothing / classes as f32;
    let mut chosen = vec![-spread / n as f32; n * classes];
    for (row, label) in batch.labels.iter().enumerate() {
        chosen[row * classes + label] -= (1.0 - batch.smoothing) / n as f32;
    }
    let device = logits.device();
    let chosen = Tensor::from_data(TensorData::new(chosen, [n, classes]), &device);
    (log_softmax(logits, 1) * chosen).sum()
}

struct Walk<'a> {
    leaves: &'a [Tensor<1>],
    /// The next of these.
    at: usize,
    moments: Vec<(Tensor<1>, Tensor<1>)>,
}

impl Walk<'_> {
    fn next<const D: usize>(&mut self, shape: [usize; D]) -> Tensor<D> {
        let leaf = self.leaves[self.at].clone();
        self.at += 1;
        leaf.reshape(shape)
    }

    fn forward(&mut self, architecture: &Architecture, x: Tensor<4>) -> Tensor<4> {
        let mut values = vec![x];
        for placed in &architecture.layers {
            let inputs = placed.inputs.iter().map(|input| values[input.0].clone());
            let inputs: Vec<Tensor<4>> = inputs.collect();
            values.push(self.layer(&placed.layer, &inputs));
        }
        values.swap_remove(architecture.logits.0)
    }

    fn layer(&mut self, layer: &Layer, inputs: &[Tensor<4>]) -> Tensor<4> {
        let x = || inputs[0].clone();
        match layer {
            Layer::Convolution(conv) => self.convolution(conv, x()),
            Layer::Linear { input, output, .. } => {
                let [n, ..] = x().dims();
                let weight = self.next([*output, *input]);
                let bias = self.next([1, *output]);
                let y = x().reshape([n, *input]).matmul(weight.transpose()) + bias;
                y.reshape([n, *output, 1, 1])
            }
            _ => {
                let bound = BoundLayer::bind(layer, &Weights::new(), &x().device());
                bound.expect("a layer without weights").forward(inputs)
            }
        }
    }

    fn convolution(&mut self, conv: &Convolution, x: Tensor<4>) -> Tensor<4> {
        let [kh, kw] = conv.kernel;
        let weight = self.next([conv.output, conv.input / conv.groups, kh, kw]);
        let options =
            ConvOptions::new_with_padding(conv.stride, conv.padding, conv.dilation, conv.groups);
        let Some(norm) = &conv.batch_norm else {
            let bias = self.next([conv.output]);
            return conv2d(x, weight, Some(bias), options);
        };
        let y = conv2d(x, weight, None, options);
        self.batch_norm(norm, y)
    }

    fn batch_norm(&mut self, norm: &BatchNorm, x: Tensor<4>) -> Tensor<4> {
        let [n, c, h, w] = x.dims();
        let count = n * h * w;
        let gamma = self.next([1, c, 1, 1]);
        let beta = self.next([1, c, 1, 1]);
        let by_channel = |x: Tensor<4>| x.swap_dims(0, 1).reshape([c, count]);
        let mean = by_channel(x.clone()).mean_dim(1).reshape([1, c, 1, 1]);
        let centred = x - mean.clone();
        let variance = by_channel(centred.clone() * centred.clone()).mean_dim(1);
        let variance = variance.reshape([1, c, 1, 1]);
        let unbiased = count as f64 / (count as f64 - 1.0).max(1.0);
        self.moments.push((
            mean.reshape([c]),
            variance.clone().mul_scalar(unbiased).reshape([c]),
        ));
        let deviation = variance.add_scalar(norm.epsilon).sqrt();
        centred / deviation * gamma + beta
    }
}
