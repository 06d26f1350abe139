//! The layer vocabulary: what a layer takes, what it gives, which weights it has.
//!
//! Every value is a picture's `[C, H, W]`, row by row; a vector is `[C, 1, 1]`,
//! tokens are `[1, T, D]`, heads of tokens `[H, T, D]`. What has more axes than
//! three says so itself ([`Layer::Transpose`]), since a reshape costs nothing.

use super::activation::Activation;
use super::convolution::Convolution;
use super::window::Window;
use super::{Shape, WeightShape};
use serde::{Deserialize, Serialize};

/// The layer vocabulary.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Layer {
    // Of no input.
    /// The same numbers for every picture. Weight: `NAME`, of that shape.
    Constant {
        name: String,
        shape: Shape,
    },

    // Of one input.
    Convolution(Convolution),
    /// `y = W x + b` on all values as one vector. Weights: `NAME.weight`
    /// `[output, input]` and `NAME.bias` `[output]`.
    Linear {
        name: String,
        input: usize,
        output: usize,
    },
    /// The same on each row: `[A, B, input]` to `[A, B, output]`.
    LinearRows {
        name: String,
        input: usize,
        output: usize,
    },
    /// `weight · x + bias`, channel by channel: a batch norm that was not
    /// folded. Weights: `NAME.weight` and `NAME.bias`, both `[channels]`.
    ChannelAffine {
        name: String,
        channels: usize,
    },
    Activation(Activation),
    /// x where positive, else the channel's slope times x (He et al. 2015).
    /// Weight: `NAME.weight` `[channels]`.
    ParametricRelu {
        name: String,
        channels: usize,
    },
    MaxPool(Window),
    AveragePool(Window),
    /// The mean of each channel: `[C, 1, 1]`.
    GlobalAverage,
    /// The largest of each channel: `[C, 1, 1]`; of equal ones the first.
    GlobalMax,
    /// The mean over some axes, which become 1.
    Mean {
        axes: [bool; 3],
    },
    /// Local response normalisation across channels (Krizhevsky et al. 2012,
    /// section 3.3, in Caffe's scaling): `x / (k + alpha / size * sum x^2)^beta`.
    LocalResponse {
        size: usize,
        alpha: f64,
        beta: f64,
        k: f64,
    },
    /// (Ba, Kiros and Hinton 2016) over each run of `size` values, which are
    /// the last axis or the last axes: `(x - mean) / √(variance + epsilon)`
    /// times weight plus bias. Weights: `NAME.weight` and `NAME.bias`, both
    /// `[size]`.
    LayerNorm {
        name: String,
        size: usize,
        epsilon: f64,
    },
    /// Over one axis.
    Softmax {
        axis: usize,
    },
    /// `[C, H, W]` to `[C·H·W, 1, 1]`.
    Flatten,
    /// The same values in the same order under another shape.
    Reshape(Shape),
    /// The values read as `from`, of any number of axes, with axis `order[i]`
    /// of it as axis i; the result goes on as `to`.
    Transpose {
        from: Vec<usize>,
        order: Vec<usize>,
        to: Shape,
    },
    /// `length` places of an axis from `start` on, each `step` further.
    Slice {
        axis: usize,
        start: usize,
        step: usize,
        length: usize,
    },
    /// More places before and after, of each axis.
    Pad {
        before: Shape,
        after: Shape,
        with: Padding,
    },

    // Of two inputs or more. Of arithmetic, an axis of 1 is repeated along the
    // other's.
    Add,
    Subtract,
    Multiply,
    Divide,
    /// One after the other along an axis.
    Concatenate {
        axis: usize,
    },
    /// `[B, M, K]` times `[B, K, N]`; a B of 1 is repeated.
    MatrixProduct,
}

/// What stands in the places that padding adds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub enum Padding {
    Value(f32),
    /// The picture mirrored at its edge, which is not repeated.
    Reflect,
    /// The picture's edge.
    Edge,
}

impl From<Convolution> for Layer {
    fn from(convolution: Convolution) -> Self {
        Self::Convolution(convolution)
    }
}

impl From<Activation> for Layer {
    fn from(activation: Activation) -> Self {
        Self::Activation(activation)
    }
}

impl Layer {
    /// Fully connected: `y = W x + b`.
    pub fn linear(name: impl Into<String>, input: usize, output: usize) -> Self {
        Self::Linear {
            name: name.into(),
            input,
            output,
        }
    }

    /// What to call it in a message: its weights' name, else what it does.
    pub fn label(&self) -> &str {
        match self {
            Self::Constant { name, .. }
            | Self::Linear { name, .. }
            | Self::LinearRows { name, .. }
            | Self::ChannelAffine { name, .. }
            | Self::ParametricRelu { name, .. }
            | Self::LayerNorm { name, .. } => name,
            Self::Convolution(conv) => &conv.name,
            _ => self.kind(),
        }
    }

    /// What it does, in a word or two.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Constant { .. } => "constant",
            Self::Convolution(_) => "convolution",
            Self::Linear { .. } => "fully connected layer",
            Self::LinearRows { .. } => "layer of rows",
            Self::ChannelAffine { .. } => "batch norm",
            Self::Activation(activation) => activation.name(),
            Self::ParametricRelu { .. } => "parametric ReLU",
            Self::MaxPool(_) => "max pooling",
            Self::AveragePool(_) => "average pooling",
            Self::GlobalAverage => "global average",
            Self::GlobalMax => "global maximum",
            Self::Mean { .. } => "mean",
            Self::LocalResponse { .. } => "local response normalisation",
            Self::LayerNorm { .. } => "layer norm",
            Self::Softmax { .. } => "softmax",
            Self::Flatten => "flatten",
            Self::Reshape(_) => "reshape",
            Self::Transpose { .. } => "transpose",
            Self::Slice { .. } => "slice",
            Self::Pad { .. } => "padding",
            Self::Add => "sum",
            Self::Subtract => "difference",
            Self::Multiply => "product",
            Self::Divide => "quotient",
            Self::Concatenate { .. } => "concatenation",
            Self::MatrixProduct => "matrix product",
        }
    }

    /// Its own numbers, which are no weights and no sizes.
    pub(super) fn parameters(&self) -> Vec<f64> {
        match self {
            Self::Convolution(conv) => conv.batch_norm.iter().map(|it| it.epsilon).collect(),
            Self::Activation(activation) => activation.parameters(),
            Self::LocalResponse { alpha, beta, k, .. } => vec![*alpha, *beta, *k],
            Self::LayerNorm { epsilon, .. } => vec![*epsilon],
            Self::Pad {
                with: Padding::Value(value),
                ..
            } => vec![f64::from(*value)],
            _ => Vec::new(),
        }
    }

    /// Names and shapes of this layer's weights.
    pub fn weights(&self) -> Vec<WeightShape> {
        let of = |name: String, shape: &[usize]| WeightShape {
            name,
            shape: shape.to_vec(),
        };
        let pair = |name: &str, weight: &[usize], bias: usize| {
            vec![
                of(format!("{name}.weight"), weight),
                of(format!("{name}.bias"), &[bias]),
            ]
        };
        match self {
            Self::Constant { name, shape } => vec![of(name.clone(), shape)],
            Self::Convolution(conv) => {
                let [kh, kw] = conv.kernel;
                let shape = [conv.output, conv.input / conv.groups.max(1), kh, kw];
                pair(&conv.name, &shape, conv.output)
            }
            Self::Linear {
                name,
                input,
                output,
            }
            | Self::LinearRows {
                name,
                input,
                output,
            } => pair(name, &[*output, *input], *output),
            Self::ChannelAffine { name, channels } => pair(name, &[*channels], *channels),
            Self::ParametricRelu { name, channels } => {
                vec![of(format!("{name}.weight"), &[*channels])]
            }
            Self::LayerNorm { name, size, .. } => pair(name, &[*size], *size),
            _ => Vec::new(),
        }
    }

    /// Multiplications and additions that one forward pass costs, counted
    /// together as one. Only products of matrices count.
    pub(super) fn multiply_adds(&self, inputs: &[Shape], output: Shape) -> u64 {
        let [c, h, w] = output.map(|size| size as u64);
        match self {
            Self::Convolution(conv) => {
                let taps = conv.kernel[0] * conv.kernel[1] * conv.input / conv.groups;
                c * h * w * taps as u64
            }
            Self::Linear { input, .. } => c * *input as u64,
            Self::LinearRows { input, .. } => c * h * w * *input as u64,
            Self::MatrixProduct => c * h * w * inputs[0][2] as u64,
            _ => 0,
        }
    }
}
