//! Functions of one number, applied to each.

use serde::{Deserialize, Serialize};
use std::f32::consts::{FRAC_1_SQRT_2, FRAC_2_SQRT_PI};

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
    /// The numbers that it goes by.
    pub(super) fn parameters(self) -> Vec<f64> {
        let numbers = match self {
            Self::LeakyRelu { slope } => vec![slope],
            Self::Elu { alpha } => vec![alpha],
            Self::Clip { low, high } => vec![low, high],
            Self::HardSigmoid { alpha, beta } => vec![alpha, beta],
            Self::Power { exponent } => vec![exponent],
            Self::Affine { scale, shift } => vec![scale, shift],
            _ => Vec::new(),
        };
        numbers.into_iter().map(f64::from).collect()
    }

    /// The function itself.
    #[inline]
    pub fn value(self, x: f32) -> f32 {
        match self {
            Self::Relu => x.max(0.0),
            Self::Relu6 => x.clamp(0.0, 6.0),
            Self::LeakyRelu { slope } => x.max(0.0) + slope * x.min(0.0),
            Self::Elu { alpha } => x.max(0.0) + alpha * x.min(0.0).exp_m1(),
            // Not `clamp`, which panics where the bounds are exchanged.
            Self::Clip { low, high } => x.max(low).min(high),
            Self::Sigmoid => sigmoid(x),
            Self::HardSigmoid { alpha, beta } => (alpha * x + beta).clamp(0.0, 1.0),
            Self::HardSwish => x * (x / 6.0 + 0.5).clamp(0.0, 1.0),
            Self::Silu => x * sigmoid(x),
            Self::Gelu => x * normal(x),
            Self::GeluTanh => 0.5 * x * (1.0 + inner(x).tanh()),
            Self::Tanh => x.tanh(),
            Self::Softplus => x.max(0.0) + (-x.abs()).exp().ln_1p(),
            Self::Erf => libm::erff(x),
            Self::Exponential => x.exp(),
            Self::Logarithm => x.ln(),
            Self::SquareRoot => x.sqrt(),
            Self::Absolute => x.abs(),
            Self::Reciprocal => x.recip(),
            Self::Power { exponent } => x.powf(exponent),
            Self::Affine { scale, shift } => scale * x + shift,
        }
    }

    /// Its derivative.
    #[inline]
    pub fn slope(self, x: f32) -> f32 {
        let within = |inside: bool| f32::from(u8::from(inside));
        match self {
            Self::Relu => within(x > 0.0),
            Self::Relu6 => within(x > 0.0 && x < 6.0),
            Self::LeakyRelu { slope } => {
                if x > 0.0 {
                    1.0
                } else {
                    slope
                }
            }
            Self::Elu { alpha } => {
                if x > 0.0 {
                    1.0
                } else {
                    alpha * x.exp()
                }
            }
            Self::Clip { low, high } => within(x > low && x < high),
            Self::Sigmoid => sigmoid(x) * sigmoid(-x),
            Self::HardSigmoid { alpha, beta } => {
                let y = alpha * x + beta;
                alpha * within(y > 0.0 && y < 1.0)
            }
            Self::HardSwish => match x {
                _ if x <= -3.0 => 0.0,
                _ if x >= 3.0 => 1.0,
                _ => x / 3.0 + 0.5,
            },
            Self::Silu => sigmoid(x) * (1.0 + x * sigmoid(-x)),
            Self::Gelu => {
                let density = (-0.5 * x * x).exp() * (FRAC_2_SQRT_PI * FRAC_1_SQRT_2 * 0.5);
                normal(x) + x * density
            }
            Self::GeluTanh => {
                let tanh = inner(x).tanh();
                let slope = SQRT_2_PI * (1.0 + 3.0 * CUBE * x * x);
                0.5 * (1.0 + tanh) + 0.5 * x * (1.0 - tanh * tanh) * slope
            }
            Self::Tanh => 1.0 - x.tanh() * x.tanh(),
            Self::Softplus => sigmoid(x),
            Self::Erf => FRAC_2_SQRT_PI * (-x * x).exp(),
            Self::Exponential => x.exp(),
            Self::Logarithm => x.recip(),
            Self::SquareRoot => 0.5 / x.sqrt(),
            Self::Absolute => {
                if x == 0.0 {
                    0.0
                } else {
                    x.signum()
                }
            }
            Self::Reciprocal => -(x * x).recip(),
            Self::Power { exponent } => exponent * x.powf(exponent - 1.0),
            Self::Affine { scale, .. } => scale,
        }
    }

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

/// √(2/π) and 0.044715 (Hendrycks and Gimpel 2016).
const SQRT_2_PI: f32 = FRAC_2_SQRT_PI * FRAC_1_SQRT_2;
const CUBE: f32 = 0.044_715;

fn inner(x: f32) -> f32 {
    SQRT_2_PI * (x + CUBE * x * x * x)
}

#[inline]
fn sigmoid(x: f32) -> f32 {
    (1.0 + exp(-x)).recip()
}

/// e^x within four units in the last place, between e^-87 and e^88, of a few
/// operations, where a library's takes care of much else; written once, as it is
/// asked for in many places. (The polynomial is Cephes'.)
#[inline(never)]
pub(crate) fn exp(x: f32) -> f32 {
    // Added to a small number, it leaves its nearest whole one in the last bits.
    const WHOLE: f32 = 12_582_912.0;
    // ln 2 in two parts, of which the first has few digits.
    const LN_2: [f32; 2] = [0.693_359_4, -2.121_944_4e-4];
    let x = x.clamp(-87.0, 88.0);
    let shifted = x * std::f32::consts::LOG2_E + WHOLE;
    let n = shifted - WHOLE;
    let r = x - n * LN_2[0] - n * LN_2[1];
    let mut sum = 1.987_569_1e-4;
    for factor in [
        1.398_199_9e-3,
        8.333_452e-3,
        4.166_579_6e-2,
        0.166_666_66,
        0.5,
    ] {
        sum = sum * r + factor;
    }
    let power = f32::from_bits(shifted.to_bits().wrapping_add(127) << 23);
    (sum * r * r + r + 1.0) * power
}

/// The normal distribution.
fn normal(x: f32) -> f32 {
    0.5 * libm::erfcf(-x * FRAC_1_SQRT_2)
}

/// One of each kind, for tests.
#[cfg(test)]
pub(crate) const EACH: [Activation; 21] = [
    Activation::Relu,
    Activation::Relu6,
    Activation::LeakyRelu { slope: 0.1 },
    Activation::Elu { alpha: 0.7 },
    Activation::Clip {
        low: -0.3,
        high: 0.6,
    },
    Activation::Sigmoid,
    Activation::HardSigmoid {
        alpha: 0.4,
        beta: 0.5,
    },
    Activation::HardSwish,
    Activation::Silu,
    Activation::Gelu,
    Activation::GeluTanh,
    Activation::Tanh,
    Activation::Softplus,
    Activation::Erf,
    Activation::Exponential,
    Activation::Logarithm,
    Activation::SquareRoot,
    Activation::Absolute,
    Activation::Reciprocal,
    Activation::Power { exponent: 2.5 },
    Activation::Affine {
        scale: -2.0,
        shift: 1.0,
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slopes_are_those_of_finite_differences() {
        for activation in EACH {
            for x in [-7.3f32, -2.1, -0.4, 0.3, 1.1, 2.7, 6.9] {
                let h = 1e-2;
                let [before, after] = [x - h, x + h].map(|x| f64::from(activation.value(x)));
                if !before.is_finite() || !after.is_finite() {
                    // A root or a logarithm of what has none.
                    continue;
                }
                let expected = (after - before) / f64::from((x + h) - (x - h));
                let found = f64::from(activation.slope(x));
                assert!(
                    (found - expected).abs() <= 2e-3 * expected.abs().max(1.0),
                    "{activation:?} at {x}: {found}, {expected}"
                );
            }
        }
    }

    #[test]
    fn our_exponential_is_the_librarys() {
        for step in -8700..8800 {
            let x = step as f32 / 100.0 + 1e-3;
            let expected = f64::from(x).exp();
            let off = (f64::from(exp(x)) / expected - 1.0).abs();
            assert!(off < 5e-7, "e^{x}: {} {expected}", exp(x));
        }
        assert_eq!(exp(0.0), 1.0);
        assert!(exp(f32::NAN).is_nan());
        assert!(exp(f32::NEG_INFINITY) < 2e-38 && exp(f32::INFINITY).is_finite());
    }

    #[test]
    fn far_out_nothing_is_lost() {
        for x in [-200.0f32, 200.0] {
            for activation in [
                Activation::Sigmoid,
                Activation::Silu,
                Activation::Gelu,
                Activation::GeluTanh,
                Activation::Softplus,
                Activation::Tanh,
            ] {
                assert!(activation.value(x).is_finite(), "{activation:?} {x}");
                assert!(activation.slope(x).is_finite(), "{activation:?} {x}");
            }
        }
        assert_eq!(Activation::Gelu.value(-200.0), 0.0);
        assert_eq!(Activation::Silu.value(200.0), 200.0);
    }

    #[test]
    fn known_values() {
        let close = |found: f32, expected: f32| assert!((found - expected).abs() < 1e-6);
        close(Activation::Gelu.value(1.0), 0.841_344_7);
        close(Activation::GeluTanh.value(1.0), 0.841_191_9);
        close(Activation::HardSwish.value(1.0), 2.0 / 3.0);
        close(Activation::Softplus.value(0.0), 2f32.ln());
    }
}
