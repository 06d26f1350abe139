//! The layer vocabulary in the tensor library's operations: the one definition
//! that the fast walks are tested against, and what training puts on a tape.
//!
//! Tensors are `[N, C, H, W]` everywhere; a constant's N is 1.

use burn::tensor::activation::{self, softmax};
use burn::tensor::module::{avg_pool2d, conv2d, max_pool2d};
use burn::tensor::ops::{AvgPoolOptions, ConvOptions, MaxPoolOptions};
use burn::tensor::{Device, Int, Tensor, TensorData};

use super::architecture::{Activation, Layer, Padding, Shape, Window};
use super::weights::{Weights, WeightsError};

/// A layer whose weights are on a device.
#[derive(Debug, Clone)]
pub(crate) struct BoundLayer {
    layer: Layer,
    /// In the order of [`Layer::weights`], each as one row.
    weights: Vec<Tensor<1>>,
}

impl BoundLayer {
    /// Takes the layer's weights to a device.
    ///
    /// # Errors
    /// Weights that are missing or have another shape.
    pub fn bind(layer: &Layer, weights: &Weights, device: &Device) -> Result<Self, WeightsError> {
        let take = |weight: super::architecture::WeightShape| {
            let values = weights.get(&weight.name, &weight.shape)?.to_vec();
            let count = values.len();
            Ok(Tensor::from_data(TensorData::new(values, [count]), device))
        };
        Ok(Self {
            layer: layer.clone(),
            weights: layer
                .weights()
                .into_iter()
                .map(take)
                .collect::<Result<_, WeightsError>>()?,
        })
    }

    /// The same layer for tensors on a tape.
    pub fn on_tape(&self) -> Self {
        let weights = self.weights.iter().cloned().map(Tensor::from_inner);
        Self {
            layer: self.layer.clone(),
            weights: weights.collect(),
        }
    }

    fn weight<const D: usize>(&self, index: usize, shape: [usize; D]) -> Tensor<D> {
        self.weights[index].clone().reshape(shape)
    }

    /// `[N, C, H, W]` each to the layer's output.
    pub fn forward(&self, inputs: &[Tensor<4>]) -> Tensor<4> {
        let x = || inputs[0].clone();
        match &self.layer {
            Layer::Constant {
                shape: [c, h, w], ..
            } => self.weight(0, [1, *c, *h, *w]),
            Layer::Convolution(conv) => conv2d(
                x(),
                self.weight(
                    0,
                    [
                        conv.output,
                        conv.input / conv.groups,
                        conv.kernel[0],
                        conv.kernel[1],
                    ],
                ),
                Some(self.weights[1].clone()),
                ConvOptions::new_with_padding(
                    conv.stride,
                    conv.padding,
                    conv.dilation,
                    conv.groups,
                ),
            ),
            Layer::Linear { input, output, .. } => {
                let [n, ..] = x().dims();
                let weight = self.weight(0, [*output, *input]);
                let y = x().reshape([n, *input]).matmul(weight.transpose());
                (y + self.weight(1, [1, *output])).reshape([n, *output, 1, 1])
            }
            Layer::LinearRows { input, output, .. } => {
                let [n, c, h, _] = x().dims();
                let weight = self.weight(0, [*output, *input]);
                let y = x().reshape([n * c * h, *input]).matmul(weight.transpose());
                (y + self.weight(1, [1, *output])).reshape([n, c, h, *output])
            }
            Layer::ChannelAffine { channels, .. } => {
                x() * self.weight(0, [1, *channels, 1, 1]) + self.weight(1, [1, *channels, 1, 1])
            }
            Layer::Activation(activation) => activated(*activation, x()),
            Layer::ParametricRelu { channels, .. } => {
                let below = -activation::relu(-x());
                activation::relu(x()) + below * self.weight(0, [1, *channels, 1, 1])
            }
            Layer::MaxPool(window) => max_pool(window, x()),
            Layer::AveragePool(window) => average_pool(window, x()),
            Layer::GlobalAverage => x().mean_dim(2).mean_dim(3),
            Layer::GlobalMax => {
                let [n, c, h, w] = x().dims();
                x().reshape([n, c, h * w]).max_dim(2).reshape([n, c, 1, 1])
            }
            Layer::Mean { axes } => {
                let axes = (0..3).filter(|&axis| axes[axis]);
                axes.fold(x(), |x, axis| x.mean_dim(axis + 1))
            }
            Layer::LocalResponse {
                size,
                alpha,
                beta,
                k,
            } => {
                let band = band(x().dims()[1], *size, *alpha, &x().device());
                let plain = ConvOptions::new([1, 1], [0, 0], [1, 1], 1);
                let sums = conv2d(x() * x(), band, None, plain) + *k as f32;
                x() * sums.powf_scalar(-*beta as f32)
            }
            Layer::LayerNorm { size, epsilon, .. } => {
                let dims = x().dims();
                let runs = dims.iter().product::<usize>() / size;
                let x = x().reshape([runs, *size]);
                let x = x.clone() - x.mean_dim(1);
                let variance = (x.clone() * x.clone()).mean_dim(1);
                let y = x / (variance + *epsilon as f32).sqrt();
                (y * self.weight(0, [1, *size]) + self.weight(1, [1, *size])).reshape(dims)
            }
            Layer::Softmax { axis } => softmax(x(), axis + 1),
            Layer::Flatten => {
                let [n, c, h, w] = x().dims();
                x().reshape([n, c * h * w, 1, 1])
            }
            Layer::Reshape([c, h, w]) => {
                let [n, ..] = x().dims();
                x().reshape([n, *c, *h, *w])
            }
            Layer::Transpose { from, order, to } => transposed(x(), from, order, *to),
            Layer::Slice {
                axis,
                start,
                step,
                length,
            } => {
                let places = (0..*length).map(|index| start + index * step);
                select(x(), *axis, places)
            }
            Layer::Pad {
                before,
                after,
                with,
            } => (0..3).fold(x(), |x, axis| {
                padded(x, axis, [before[axis], after[axis]], *with)
            }),
            Layer::Add => x() + inputs[1].clone(),
            Layer::Subtract => x() - inputs[1].clone(),
            Layer::Multiply => x() * inputs[1].clone(),
            Layer::Divide => x() / inputs[1].clone(),
            Layer::Concatenate { axis } => {
                // Constants are repeated for each picture.
                let n = inputs.iter().map(|x| x.dims()[0]).max().unwrap_or(1);
                let repeated = inputs.iter().map(|x| {
                    let [_, c, h, w] = x.dims();
                    x.clone().expand([n, c, h, w])
                });
                Tensor::cat(repeated.collect(), axis + 1)
            }
            Layer::MatrixProduct => x().matmul(inputs[1].clone()),
        }
    }
}

fn activated(activation: Activation, x: Tensor<4>) -> Tensor<4> {
    let relu = activation::relu::<4>;
    match activation {
        Activation::Relu => relu(x),
        Activation::Relu6 => x.clamp(0.0, 6.0),
        Activation::LeakyRelu { slope } => relu(x.clone()) - relu(-x) * slope,
        Activation::Elu { alpha } => relu(x.clone()) + ((-relu(-x)).exp() - 1.0) * alpha,
        Activation::Clip { low, high } => x.clamp(low, high),
        Activation::Sigmoid => activation::sigmoid(x),
        Activation::HardSigmoid { alpha, beta } => (x * alpha + beta).clamp(0.0, 1.0),
        Activation::HardSwish => x.clone() * (x / 6.0 + 0.5).clamp(0.0, 1.0),
        Activation::Silu => x.clone() * activation::sigmoid(x),
        Activation::Gelu => {
            let root = std::f32::consts::FRAC_1_SQRT_2;
            x.clone() * ((x * root).erf() + 1.0) * 0.5
        }
        Activation::GeluTanh => {
            let inner = (x.clone() + x.clone().powf_scalar(3.0) * 0.044_715)
                * (2.0 / std::f32::consts::PI).sqrt();
            x * (inner.tanh() + 1.0) * 0.5
        }
        Activation::Tanh => x.tanh(),
        Activation::Softplus => relu(x.clone()) + ((-x.abs()).exp() + 1.0).log(),
        Activation::Erf => x.erf(),
        Activation::Exponential => x.exp(),
        Activation::Logarithm => x.log(),
        Activation::SquareRoot => x.sqrt(),
        Activation::Absolute => x.abs(),
        Activation::Reciprocal => x.recip(),
        Activation::Power { exponent } => x.powf_scalar(exponent),
        Activation::Affine { scale, shift } => x * scale + shift,
    }
}

fn max_pool(window: &Window, x: Tensor<4>) -> Tensor<4> {
    if is_even(window) {
        return max_pool2d(
            x,
            MaxPoolOptions {
                kernel_size: window.kernel,
                stride: window.stride,
                padding: window.padding,
                dilation: window.dilation,
                ceil_mode: window.ceil,
            },
        );
    }
    let (places, _, [n, c, h, w]) = windows(window, x, f32::MIN);
    places.max_dim(3).reshape([n, c, h, w])
}

fn average_pool(window: &Window, x: Tensor<4>) -> Tensor<4> {
    if is_even(window) && window.dilation == [1, 1] && !window.counts_padding {
        return avg_pool2d(
            x,
            AvgPoolOptions {
                kernel_size: window.kernel,
                stride: window.stride,
                padding: window.padding,
                count_include_pad: false,
                ceil_mode: window.ceil,
            },
        );
    }
    let (places, counts, [n, c, h, w]) = windows(window, x, 0.0);
    (places.sum_dim(3).reshape([n, c, h, w])) / counts
}

/// Whether the tensor library has such windows.
fn is_even(window: &Window) -> bool {
    window.padding.iter().all(|(before, after)| before == after)
}

/// The places of each window, `[N, C, windows, places]` with `outside` where one
/// is none; of each window, `[1, 1, H, W]`, by how many a mean divides; and the
/// shape of the output.
fn windows(window: &Window, x: Tensor<4>, outside: f32) -> (Tensor<4>, Tensor<4>, [usize; 4]) {
    let [n, c, h, w] = x.dims();
    let [oh, ow] = window.output([h, w]).expect("the shapes were checked");
    let device = x.device();
    let (mut at, mut counts) = (Vec::new(), Vec::new());
    let each = window.kernel[0] * window.kernel[1];
    for row in 0..oh {
        for column in 0..ow {
            let (rows, high) = window.places(0, row, h);
            let (columns, wide) = window.places(1, column, w);
            counts.push((high * wide) as f32);
            let places = rows.flat_map(|y| columns.clone().map(move |z| (y * w + z) as i32));
            let end = at.len() + each;
            at.extend(places);
            // One more value than the picture has.
            at.resize(end, (h * w) as i32);
        }
    }
    let count = at.len();
    let at = Tensor::<1, Int>::from_data(TensorData::new(at, [count]), &device);
    let nothing = Tensor::full([n, c, 1], outside, &device);
    let x = Tensor::cat(vec![x.reshape([n, c, h * w]), nothing], 2);
    let places = x.select(2, at).reshape([n, c, oh * ow, each]);
    let counts = Tensor::from_data(TensorData::new(counts, [1, 1, oh, ow]), &device);
    (places, counts, [n, c, oh, ow])
}

/// `[C, C, 1, 1]`: alpha / size where channel j is in i's window. As a
/// convolution it sums over that window, on any device.
fn band(channels: usize, size: usize, alpha: f64, device: &Device) -> Tensor<4> {
    let mut band = vec![0f32; channels * channels];
    for i in 0..channels {
        let first = i.saturating_sub((size - 1) / 2);
        for j in first..(i + size / 2 + 1).min(channels) {
            band[i * channels + j] = (alpha / size as f64) as f32;
        }
    }
    Tensor::from_data(TensorData::new(band, [channels, channels, 1, 1]), device)
}

/// The values read as `from` with their axes in another order.
fn transposed(x: Tensor<4>, from: &[usize], order: &[usize], [c, h, w]: Shape) -> Tensor<4> {
    /// Axes that stay together count as one, so that few are left.
    const MOST: usize = 8;
    assert!(from.len() < MOST, "a transpose has fewer than {MOST} axes");
    let [n, ..] = x.dims();
    // Axes of 1 fill up what is missing.
    let mut sizes = [1; MOST];
    let mut axes: [isize; MOST] = std::array::from_fn(|axis| axis as isize);
    sizes[0] = n;
    for (axis, (&size, &from)) in from.iter().zip(order).enumerate() {
        sizes[axis + 1] = size;
        axes[axis + 1] = from as isize + 1;
    }
    x.reshape(sizes).permute(axes).reshape([n, c, h, w])
}

fn select(x: Tensor<4>, axis: usize, places: impl Iterator<Item = usize>) -> Tensor<4> {
    let places: Vec<i32> = places.map(|place| place as i32).collect();
    let count = places.len();
    let places = Tensor::<1, Int>::from_data(TensorData::new(places, [count]), &x.device());
    x.select(axis + 1, places)
}

fn padded(x: Tensor<4>, axis: usize, [before, after]: [usize; 2], with: Padding) -> Tensor<4> {
    if before == 0 && after == 0 {
        return x;
    }
    let size = x.dims()[axis + 1];
    match with {
        Padding::Value(value) => {
            let full = |count: usize| {
                let mut dims = x.dims();
                dims[axis + 1] = count;
                Tensor::<4>::full(dims, value, &x.device())
            };
            let sides = [(before, true), (after, false)];
            sides.into_iter().filter(|(count, _)| *count > 0).fold(
                x.clone(),
                |x, (count, is_before)| {
                    let mut parts = vec![full(count), x];
                    if !is_before {
                        parts.reverse();
                    }
                    Tensor::cat(parts, axis + 1)
                },
            )
        }
        Padding::Edge => {
            let last = before + size - 1;
            let places = 0..before + size + after;
            select(x, axis, places.map(|at| at.clamp(before, last) - before))
        }
        Padding::Reflect => {
            let middle = 0..size;
            let places = (1..=before).rev().chain(middle);
            let places = places.chain((0..after).map(|at| size - 2 - at));
            select(x, axis, places)
        }
    }
}
