//! The layer vocabulary with its weights on a device: what each layer does
//! forward, and how a cotangent walks back through it to its input.
//!
//! Tensors are `[N, C, H, W]` everywhere; a vector is `[N, C, 1, 1]`. Going
//! back, K cotangents a picture travel together as `[N·K, C, H, W]`, those of
//! one picture side by side, so that one forward pass serves them all.

use burn::tensor::module::{
    avg_pool2d, avg_pool2d_backward, conv_transpose2d, conv2d, max_pool2d, max_pool2d_with_indices,
    max_pool2d_with_indices_backward,
};
use burn::tensor::ops::{AvgPoolOptions, ConvOptions, ConvTransposeOptions, MaxPoolOptions};
use burn::tensor::{Device, Int, Tensor, TensorData};

use super::architecture::{Convolution, Layer, Shape, Window};
use super::weights::{Weights, WeightsError};

/// A layer whose weights are on a device.
#[derive(Debug)]
pub(crate) enum BoundLayer {
    Convolution(Box<BoundConvolution>),
    Linear(Box<BoundLinear>),
    Relu,
    Relu6,
    MaxPool(Window),
    AveragePool(Window),
    GlobalAverage,
    LocalResponse(Box<BoundResponse>),
    Flatten,
}

/// `y = x W + b`
#[derive(Debug)]
pub(crate) struct BoundLinear {
    /// `[input, output]`
    weight: Tensor<2>,
    /// `[output, input]`, for the walk back: transposing it there would copy it
    /// each time.
    back: Tensor<2>,
    /// `[1, output]`
    bias: Tensor<2>,
}

/// A local response normalisation for a number of channels.
#[derive(Debug)]
pub(crate) struct BoundResponse {
    /// `[C, C, 1, 1]`: alpha / size where channel j is in i's window. As a
    /// convolution it sums over that window, on any device.
    band: Tensor<4>,
    beta: f32,
    k: f32,
}

impl BoundResponse {
    /// `k + alpha / size · Σ x²` over the window of channels.
    fn denominators(&self, x: Tensor<4>) -> Tensor<4> {
        over_channels(x.clone() * x, self.band.clone()) + self.k
    }
}

/// What a layer keeps of its forward pass for the walk back.
#[derive(Debug)]
pub(crate) enum Kept {
    /// Its input's shape.
    Shape(Shape),
    /// Its output, which tells where a rectifier was open.
    Output(Tensor<4>),
    /// Where each maximum came from, and the input's shape.
    Indices(Tensor<4, Int>, Shape),
    /// A normalisation's input and its denominators before the power.
    Response(Box<(Tensor<4>, Tensor<4>)>),
}

impl BoundLayer {
    /// Takes the layer's weights to a device. `input` is the shape that will
    /// reach the layer.
    pub fn bind(
        layer: &Layer,
        input: Shape,
        weights: &Weights,
        device: &Device,
    ) -> Result<Self, WeightsError> {
        Ok(match layer {
            Layer::Convolution(conv) => {
                Self::Convolution(Box::new(BoundConvolution::bind(conv, weights, device)?))
            }
            Layer::Linear {
                name,
                input,
                output,
            } => {
                let weight = weights.get(&format!("{name}.weight"), &[*output, *input])?;
                let bias = weights.get(&format!("{name}.bias"), &[*output])?;
                let matrix = |values, rows: usize, columns: usize| {
                    Tensor::<2>::from_data(TensorData::new(values, [rows, columns]), device)
                };
                Self::Linear(Box::new(BoundLinear {
                    weight: matrix(transposed(weight, *output, *input), *input, *output),
                    back: matrix(weight.to_vec(), *output, *input),
                    bias: matrix(bias.to_vec(), 1, *output),
                }))
            }
            Layer::Relu => Self::Relu,
            Layer::Relu6 => Self::Relu6,
            Layer::MaxPool(window) => Self::MaxPool(*window),
            Layer::AveragePool(window) => Self::AveragePool(*window),
            Layer::GlobalAverage => Self::GlobalAverage,
            Layer::LocalResponse {
                size,
                alpha,
                beta,
                k,
            } => {
                let channels = input[0];
                let mut band = vec![0f32; channels * channels];
                for i in 0..channels {
                    let first = i.saturating_sub((size - 1) / 2);
                    for j in first..(i + size / 2 + 1).min(channels) {
                        band[i * channels + j] = (alpha / *size as f64) as f32;
                    }
                }
                Self::LocalResponse(Box::new(BoundResponse {
                    band: Tensor::<4>::from_data(
                        TensorData::new(band, [channels, channels, 1, 1]),
                        device,
                    ),
                    beta: *beta as f32,
                    k: *k as f32,
                }))
            }
            Layer::Flatten => Self::Flatten,
        })
    }

    /// `[N, C, H, W]` to the layer's output, without keeping anything.
    pub fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        match self {
            Self::Convolution(conv) => conv.forward(x),
            Self::Linear(linear) => {
                let [n, c, h, w] = x.dims();
                let x = x.reshape([n, c * h * w]);
                let y = x.matmul(linear.weight.clone()) + linear.bias.clone();
                let [_, output] = y.dims();
                y.reshape([n, output, 1, 1])
            }
            Self::Relu => burn::tensor::activation::relu(x),
            Self::Relu6 => x.clamp(0.0, 6.0),
            Self::MaxPool(window) => max_pool2d(x, max_pool_options(window)),
            Self::AveragePool(window) => avg_pool2d(
                x,
                AvgPoolOptions {
                    kernel_size: [window.kernel; 2],
                    stride: [window.stride; 2],
                    padding: [(window.padding, window.padding); 2],
                    count_include_pad: false,
                    ceil_mode: window.ceil,
                },
            ),
            Self::GlobalAverage => {
                let [n, c, h, w] = x.dims();
                x.reshape([n, c, h * w]).mean_dim(2).reshape([n, c, 1, 1])
            }
            Self::LocalResponse(response) => {
                let s = response.denominators(x.clone());
                x * s.powf_scalar(-response.beta)
            }
            Self::Flatten => {
                let [n, c, h, w] = x.dims();
                x.reshape([n, c * h * w, 1, 1])
            }
        }
    }

    /// The same output, and what the walk back will need.
    pub fn forward_kept(&self, x: Tensor<4>) -> (Tensor<4>, Kept) {
        let [_, c, h, w] = x.dims();
        let input = [c, h, w];
        match self {
            Self::Relu | Self::Relu6 => {
                let y = self.forward(x);
                (y.clone(), Kept::Output(y))
            }
            Self::MaxPool(window) => {
                let (y, indices) = max_pool2d_with_indices(x, max_pool_options(window));
                (y, Kept::Indices(indices, input))
            }
            Self::LocalResponse(response) => {
                let s = response.denominators(x.clone());
                let y = x.clone() * s.clone().powf_scalar(-response.beta);
                (y, Kept::Response(Box::new((x, s))))
            }
            Self::Convolution(_)
            | Self::Linear(_)
            | Self::AveragePool(_)
            | Self::GlobalAverage
            | Self::Flatten => (self.forward(x), Kept::Shape(input)),
        }
    }

    /// `[N·K, …]` cotangents of the output to cotangents of the input.
    ///
    /// A rectifier's derivative where it is not differentiable is 0, as in
    /// every framework.
    pub fn backward(&self, kept: &Kept, g: Tensor<4>) -> Tensor<4> {
        let [nk, ..] = g.dims();
        match (self, kept) {
            (Self::Convolution(conv), Kept::Shape(input)) => conv.backward(g, *input),
            (Self::Linear(linear), Kept::Shape([c, h, w])) => {
                let [_, output, ..] = g.dims();
                g.reshape([nk, output])
                    .matmul(linear.back.clone())
                    .reshape([nk, *c, *h, *w])
            }
            (Self::Relu, Kept::Output(y)) => {
                let open = y.clone().greater_scalar(0.0).float();
                times_each(g, open)
            }
            (Self::Relu6, Kept::Output(y)) => {
                // On [0, 6] the product below is positive exactly inside.
                let inside = y.clone() * (-y.clone() + 6.0);
                times_each(g, inside.greater_scalar(0.0).float())
            }
            (Self::MaxPool(window), Kept::Indices(indices, [c, h, w])) => {
                let [n, _, oh, ow] = indices.dims();
                let indices = indices
                    .clone()
                    .reshape([n, 1, c * oh * ow])
                    .repeat_dim(1, nk / n)
                    .reshape([nk, *c, oh, ow]);
                max_pool2d_with_indices_backward(
                    // Only its shape is read.
                    Tensor::zeros([nk, *c, *h, *w], &g.device()),
                    [window.kernel; 2],
                    [window.stride; 2],
                    [window.padding; 2],
                    [1; 2],
                    window.ceil,
                    g,
                    indices,
                )
            }
            (Self::AveragePool(window), Kept::Shape([c, h, w])) => avg_pool2d_backward(
                Tensor::zeros([nk, *c, *h, *w], &g.device()),
                g,
                [window.kernel; 2],
                [window.stride; 2],
                [window.padding; 2],
                false,
                window.ceil,
            ),
            (Self::GlobalAverage, Kept::Shape([c, h, w])) => {
                (g / (h * w) as f32).expand([nk, *c, *h, *w])
            }
            (Self::LocalResponse(response), Kept::Response(kept)) => {
                // y_i = x_i s_i^-β, so ∂y_i/∂x_j = δ_ij s_i^-β − 2β band_ij x_i x_j s_i^-(β+1).
                let (x, s) = kept.as_ref();
                let beta = response.beta;
                let direct = times_each(g.clone(), s.clone().powf_scalar(-beta));
                let inner = times_each(g, x.clone() * s.clone().powf_scalar(-beta - 1.0));
                let spread = over_channels(inner, response.band.clone().swap_dims(0, 1));
                direct - times_each(spread, x.clone() * (2.0 * beta))
            }
            (Self::Flatten, Kept::Shape([c, h, w])) => g.reshape([nk, *c, *h, *w]),
            (layer, kept) => unreachable!("{layer:?} cannot have kept {kept:?}"),
        }
    }
}

/// A convolution's weights, and what walks back through it.
#[derive(Debug)]
pub(crate) struct BoundConvolution {
    weight: Tensor<4>,
    bias: Tensor<1>,
    options: ConvOptions<2>,
    back: Back,
}

/// The transpose of a convolution, in the form that is fastest.
#[derive(Debug)]
enum Back {
    /// Of stride 1: again a convolution, with in and out exchanged and the
    /// kernel turned by 180°. (Both fast paths of the CPU, 1×1 and depthwise,
    /// are for convolutions, not for transposed ones.)
    Convolution(Box<(Tensor<4>, ConvOptions<2>)>),
    /// Otherwise.
    Transposed { kernel: [usize; 2] },
}

impl BoundConvolution {
    fn bind(conv: &Convolution, weights: &Weights, device: &Device) -> Result<Self, WeightsError> {
        let [kh, kw] = conv.kernel;
        let shape = [conv.output, conv.input / conv.groups, kh, kw];
        let values = weights.get(&format!("{}.weight", conv.name), &shape)?;
        let bias = weights.get(&format!("{}.bias", conv.name), &[conv.output])?;
        let fits = (0..2).all(|axis| {
            let (before, after) = conv.padding[axis];
            before < conv.kernel[axis] && after < conv.kernel[axis]
        });
        let back = if conv.stride == [1, 1] && fits {
            let padding = [0, 1].map(|axis| {
                let (before, after) = conv.padding[axis];
                let reach = conv.kernel[axis] - 1;
                (reach - before, reach - after)
            });
            let weight = TensorData::new(
                exchanged_and_turned(values, conv),
                [conv.input, conv.output / conv.groups, kh, kw],
            );
            Back::Convolution(Box::new((
                Tensor::from_data(weight, device),
                ConvOptions::new_with_padding([1; 2], padding, [1; 2], conv.groups),
            )))
        } else {
            Back::Transposed {
                kernel: conv.kernel,
            }
        };
        Ok(Self {
            weight: Tensor::from_data(TensorData::new(values.to_vec(), shape), device),
            bias: Tensor::from_data(TensorData::new(bias.to_vec(), [conv.output]), device),
            options: ConvOptions::new_with_padding(conv.stride, conv.padding, [1; 2], conv.groups),
            back,
        })
    }

    fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        conv2d(
            x,
            self.weight.clone(),
            Some(self.bias.clone()),
            self.options.clone(),
        )
    }

    fn backward(&self, g: Tensor<4>, input: Shape) -> Tensor<4> {
        match &self.back {
            Back::Convolution(back) => {
                let (weight, options) = back.as_ref();
                conv2d(g, weight.clone(), None, options.clone())
            }
            Back::Transposed { kernel } => {
                let [nk, _, oh, ow] = g.dims();
                let [c, h, w] = input;
                let axis = |axis: usize, outputs: usize, inputs: usize| {
                    let span = (outputs - 1) * self.options.stride[axis] + kernel[axis];
                    let (before, _) = self.options.padding[axis];
                    // The transposed convolution takes the same padding on both
                    // sides. What it gives beyond the input belongs to the
                    // padding after it; where it gives less, no window reached.
                    let padding = if 2 * before < span { before } else { 0 };
                    let skip = before - padding;
                    let missing = (skip + inputs).saturating_sub(span - 2 * padding);
                    (padding, missing, skip..skip + inputs)
                };
                let (top, missing_h, rows) = axis(0, oh, h);
                let (left, missing_w, columns) = axis(1, ow, w);
                let x = conv_transpose2d(
                    g,
                    self.weight.clone(),
                    None,
                    ConvTransposeOptions::new(
                        self.options.stride,
                        [top, left],
                        [missing_h, missing_w],
                        [1; 2],
                        self.options.groups,
                    ),
                );
                x.slice([0..nk, 0..c, rows, columns])
            }
        }
    }
}

/// Multiplies the K cotangents of each of N pictures with that picture's
/// factor: `[N·K, C, H, W]` with `[N, C, H, W]`.
fn times_each(g: Tensor<4>, factor: Tensor<4>) -> Tensor<4> {
    let [nk, c, h, w] = g.dims();
    let [n, ..] = factor.dims();
    let size = c * h * w;
    let g = g.reshape([n, nk / n, size]) * factor.reshape([n, 1, size]);
    g.reshape([nk, c, h, w])
}

/// A matrix `[C, C, 1, 1]` times the channels of each pixel.
fn over_channels(x: Tensor<4>, matrix: Tensor<4>) -> Tensor<4> {
    conv2d(x, matrix, None, ConvOptions::new([1; 2], [0; 2], [1; 2], 1))
}

fn max_pool_options(window: &Window) -> MaxPoolOptions<2> {
    MaxPoolOptions {
        kernel_size: [window.kernel; 2],
        stride: [window.stride; 2],
        padding: [(window.padding, window.padding); 2],
        dilation: [1; 2],
        ceil_mode: window.ceil,
    }
}

/// `[rows, columns]` to `[columns, rows]`.
fn transposed(values: &[f32], rows: usize, columns: usize) -> Vec<f32> {
    (0..columns)
        .flat_map(|column| (0..rows).map(move |row| values[row * columns + column]))
        .collect()
}

/// `[out, in / groups, kh, kw]` to `[in, out / groups, kh, kw]`, within each
/// group, each kernel turned by 180°.
fn exchanged_and_turned(values: &[f32], conv: &Convolution) -> Vec<f32> {
    let window = conv.kernel[0] * conv.kernel[1];
    let (ins, outs) = (conv.input / conv.groups, conv.output / conv.groups);
    let mut turned = Vec::with_capacity(values.len());
    for group in 0..conv.groups {
        for i in 0..ins {
            for o in 0..outs {
                let start = ((group * outs + o) * ins + i) * window;
                turned.extend(values[start..start + window].iter().rev());
            }
        }
    }
    turned
}
