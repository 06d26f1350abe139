//! Functions of one number, applied to each.

use serde::{Deserialize, Serialize};

/// A function of one number, applied to each of a layer's inputs.
///
/// Where one has no derivative it is taken as 0 at the corner of a rectifier or
/// clip, as in every framework.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub enum Activation {
    /// max(x, 0)
    Relu,
    /// min(max(x, 0), 6)
    Relu6,
    /// x where positive, else slope · x
    LeakyRelu {
        slope: f32,
    },
    /// x where positive, else alpha (e^x - 1)
    Elu {
        alpha: f32,
    },
    /// min(max(x, low), high)
    Clip {
        low: f32,
        high: f32,
    },
    /// 1 / (1 + e^-x)
    Sigmoid,
    /// min(max(alpha x + beta, 0), 1)
    HardSigmoid {
        alpha: f32,
        beta: f32,
    },
    /// x min(max(x / 6 + 1/2, 0), 1)
    HardSwish,
    /// x / (1 + e^-x), or swish
    Silu,
    /// x Φ(x), with the normal distribution Φ
    Gelu,
    /// Its approximation by tanh: x / 2 (1 + tanh(√(2/π) (x + 0.044715 x³)))
    GeluTanh,
    Tanh,
    /// ln(1 + e^x)
    Softplus,
    Erf,
    Exponential,
    Logarithm,
    SquareRoot,
    Absolute,
    Reciprocal,
    /// x^exponent
    Power {
        exponent: f32,
    },
    /// scale · x + shift
    Affine {
        scale: f32,
        shift: f32,
    },
}

impl Activation {
    /// Its name as the frameworks have it, for a message.
    pub fn name(self) -> &'static str {
        match self {
            Self::Relu => "ReLU",
            Self::Relu6 => "ReLU6",
            Self::LeakyRelu { .. } => "leaky ReLU",
            Self::Elu { .. } => "ELU",
            Self::Clip { .. } => "clip",
            Self::Sigmoid => "sigmoid",
            Self::HardSigmoid { .. } => "hard sigmoid",
            Self::HardSwish => "hard swish",
            Self::Silu => "SiLU",
            Self::Gelu => "GELU",
            Self::GeluTanh => "GELU by tanh",
            Self::Tanh => "tanh",
            Self::Softplus => "softplus",
            Self::Erf => "erf",
            Self::Exponential => "exp",
            Self::Logarithm => "log",
            Self::SquareRoot => "square root",
            Self::Absolute => "absolute value",
            Self::Reciprocal => "reciprocal",
            Self::Power { .. } => "power",
            Self::Affine { .. } => "scale and shift",
        }
    }
}
