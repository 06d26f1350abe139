//! What is not worth more than a plain loop: everything but the products of
//! matrices, which a network spends its time on.

mod activation;
mod arithmetic;
mod attention;
mod channels;
mod gather;
mod normalise;
mod pool;
mod reduce;
mod rows;

use super::lanes::Level;
use crate::classifier::architecture::{Layer, Shape};
use crate::classifier::gather::Gather;
use crate::classifier::weights::{Weights, WeightsError};

/// An operation on one picture's values.
pub(super) trait Plain: std::fmt::Debug + Send + Sync {
    fn forward(&self, inputs: &[&[f32]], y: &mut [f32], level: Level);

    /// Adds to the cotangent of one of the inputs.
    fn backward(&self, back: &Back<'_>, to: &mut [f32]);

    /// What of the forward walk the walk back looks at again.
    fn looks_at(&self) -> Looks {
        Looks::NOTHING
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Looks {
    pub inputs: bool,
    pub output: bool,
}

impl Looks {
    pub const NOTHING: Self = Self {
        inputs: false,
        output: false,
    };
    pub const INPUTS: Self = Self {
        inputs: true,
        output: false,
    };
    pub const OUTPUT: Self = Self {
        inputs: false,
        output: true,
    };
}

/// What a walk back has at hand.
pub(super) struct Back<'a> {
    /// Which input's cotangent is asked for.
    pub which: usize,
    /// Empty unless they are looked at.
    pub inputs: &'a [&'a [f32]],
    /// Empty unless it is looked at.
    pub output: &'a [f32],
    /// The cotangent of the output.
    pub g: &'a [f32],
    pub level: Level,
}

/// The operation of a layer.
///
/// # Errors
/// Weights that are missing or have another shape.
///
/// # Panics
/// On a layer that has a form of its own ([`super::plan`]).
pub(super) fn of(
    layer: &Layer,
    from: &[Shape],
    to: Shape,
    weights: &Weights,
) -> Result<Box<dyn Plain>, WeightsError> {
    let input = from.first().copied().unwrap_or([0; 3]);
    Ok(match layer {
        Layer::Activation(activation) => Box::new(activation::Each(*activation)),
        Layer::ParametricRelu { name, channels } => {
            let slopes = weights.get(&format!("{name}.weight"), &[*channels])?;
            Box::new(channels::ParametricRelu(slopes.to_vec()))
        }
        Layer::ChannelAffine { name, channels } => Box::new(channels::Affine {
            scale: weights
                .get(&format!("{name}.weight"), &[*channels])?
                .to_vec(),
            shift: weights.get(&format!("{name}.bias"), &[*channels])?.to_vec(),
        }),
        Layer::MaxPool(window) => Box::new(pool::Pool::new(pool::Kind::Max, window, input, to)),
        Layer::AveragePool(window) => {
            Box::new(pool::Pool::new(pool::Kind::Average, window, input, to))
        }
        Layer::GlobalAverage => Box::new(reduce::Mean::new(input, [false, true, true])),
        Layer::Mean { axes } => Box::new(reduce::Mean::new(input, *axes)),
        Layer::GlobalMax => Box::new(reduce::GlobalMax {
            pixels: input[1] * input[2],
        }),
        Layer::LocalResponse {
            size,
            alpha,
            beta,
            k,
        } => Box::new(normalise::LocalResponse {
            channels: input[0],
            size: *size,
            share: (*alpha / *size as f64) as f32,
            beta: *beta as f32,
            k: *k as f32,
        }),
        Layer::LayerNorm {
            name,
            size,
            epsilon,
        } => Box::new(normalise::LayerNorm {
            weight: weights.get(&format!("{name}.weight"), &[*size])?.to_vec(),
            bias: weights.get(&format!("{name}.bias"), &[*size])?.to_vec(),
            epsilon: *epsilon as f32,
        }),
        Layer::Softmax { axis } => Box::new(normalise::Softmax::new(input, *axis)),
        Layer::LinearRows {
            name,
            input,
            output,
        } => {
            let weight = weights.share(&format!("{name}.weight"), &[*output, *input])?;
            let bias = weights.share(&format!("{name}.bias"), &[*output])?;
            Box::new(rows::LinearRows::new(weight, bias, [*output, *input]))
        }
        Layer::Transpose { .. } | Layer::Slice { .. } | Layer::Pad { .. } => {
            Box::new(Gather::of(layer, input).expect("these only move numbers"))
        }
        Layer::Add => arithmetic::of(arithmetic::Kind::Add, from, to),
        Layer::Subtract => arithmetic::of(arithmetic::Kind::Subtract, from, to),
        Layer::Multiply => arithmetic::of(arithmetic::Kind::Multiply, from, to),
        Layer::Divide => arithmetic::of(arithmetic::Kind::Divide, from, to),
        Layer::Concatenate { axis } => Box::new(gather::Concatenate::new(from, *axis)),
        Layer::MatrixProduct => Box::new(attention::MatrixProduct::new(from)),
        Layer::Constant { .. }
        | Layer::Convolution(_)
        | Layer::Linear { .. }
        | Layer::Flatten
        | Layer::Reshape(_) => unreachable!("{} has a form of its own", layer.kind()),
    })
}
