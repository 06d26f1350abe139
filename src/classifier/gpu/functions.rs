//! Functions of one number in WGSL, and their slopes.

use crate::classifier::architecture::Activation;

/// `function(v)` and `slope(v)` of an activation.
pub(super) fn wgsl(activation: Activation) -> String {
    let (value, slope) = of(activation);
    format!(
        "{HELPERS}fn function(v: f32) -> f32 {{\n    return {value};\n}}\n\
         fn slope(v: f32) -> f32 {{\n    return {slope};\n}}\n"
    )
}

fn of(activation: Activation) -> (String, String) {
    let pair = |value: &str, slope: &str| (value.to_owned(), slope.to_owned());
    match activation {
        Activation::Relu => pair("max(v, 0.0)", "select(0.0, 1.0, v > 0.0)"),
        Activation::Relu6 => pair("clamp(v, 0.0, 6.0)", "select(0.0, 1.0, v > 0.0 && v < 6.0)"),
        Activation::LeakyRelu { slope } => (
            format!("max(v, 0.0) + {slope:?} * min(v, 0.0)"),
            format!("select({slope:?}, 1.0, v > 0.0)"),
        ),
        Activation::Elu { alpha } => (
            format!("max(v, 0.0) + {alpha:?} * (exp(min(v, 0.0)) - 1.0)"),
            format!("select({alpha:?} * exp(min(v, 0.0)), 1.0, v > 0.0)"),
        ),
        Activation::Clip { low, high } => (
            format!("min(max(v, {low:?}), {high:?})"),
            format!("select(0.0, 1.0, v > {low:?} && v < {high:?})"),
        ),
        Activation::Sigmoid => pair("sigmoid(v)", "sigmoid(v) * sigmoid(-v)"),
        Activation::HardSigmoid { alpha, beta } => {
            let line = format!("({alpha:?} * v + {beta:?})");
            (
                format!("clamp({line}, 0.0, 1.0)"),
                format!("select(0.0, {alpha:?}, {line} > 0.0 && {line} < 1.0)"),
            )
        }
        Activation::HardSwish => pair(
            "v * clamp(v / 6.0 + 0.5, 0.0, 1.0)",
            "select(select(v / 3.0 + 0.5, 1.0, v >= 3.0), 0.0, v <= -3.0)",
        ),
        Activation::Silu => pair("v * sigmoid(v)", "sigmoid(v) * (1.0 + v * sigmoid(-v))"),
        Activation::Gelu => pair(
            "v * 0.5 * (1.0 + erf(v * 0.70710678))",
            "0.5 * (1.0 + erf(v * 0.70710678)) + v * 0.39894228 * exp(-0.5 * v * v)",
        ),
        Activation::GeluTanh => pair(
            "0.5 * v * (1.0 + bounded_tanh(0.7978846 * (v + 0.044715 * v * v * v)))",
            "gelu_slope(v, bounded_tanh(0.7978846 * (v + 0.044715 * v * v * v)))",
        ),
        Activation::Tanh => pair("bounded_tanh(v)", "1.0 - bounded_tanh(v) * bounded_tanh(v)"),
        Activation::Softplus => pair("max(v, 0.0) + log(1.0 + exp(-abs(v)))", "sigmoid(v)"),
        Activation::Erf => pair("erf(v)", "1.1283792 * exp(-v * v)"),
        Activation::Exponential => pair("exp(v)", "exp(v)"),
        Activation::Logarithm => pair("log(v)", "1.0 / v"),
        Activation::SquareRoot => pair("sqrt(v)", "0.5 / sqrt(v)"),
        Activation::Absolute => pair("abs(v)", "sign(v)"),
        Activation::Reciprocal => pair("1.0 / v", "-1.0 / (v * v)"),
        Activation::Power { exponent } => (
            format!("power(v, {exponent:?})"),
            format!("{exponent:?} * power(v, {:?})", exponent - 1.0),
        ),
        Activation::Affine { scale, shift } => {
            (format!("{scale:?} * v + {shift:?}"), format!("{scale:?}"))
        }
    }
}

/// `erf` is Abramowitz and Stegun's 7.1.26, right to 1.5e-7; WGSL's `tanh` may
/// overflow far out, and its `pow` knows no negative base.
const HELPERS: &str = "\
fn sigmoid(v: f32) -> f32 {
    return 1.0 / (1.0 + exp(clamp(-v, -80.0, 80.0)));
}
fn erf(v: f32) -> f32 {
    let t = 1.0 / (1.0 + 0.3275911 * abs(v));
    let sum = ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t
        + 0.254829592) * t;
    return sign(v) * (1.0 - sum * exp(-v * v));
}
fn bounded_tanh(v: f32) -> f32 {
    return tanh(clamp(v, -10.0, 10.0));
}
fn gelu_slope(v: f32, t: f32) -> f32 {
    return 0.5 * (1.0 + t) + 0.5 * v * (1.0 - t * t) * 0.7978846 * (1.0 + 0.134145 * v * v);
}
fn power(v: f32, exponent: f32) -> f32 {
    let size = pow(abs(v), exponent);
    let odd = floor(exponent) == exponent && abs(exponent) % 2.0 == 1.0;
    return select(size, -size, v < 0.0 && odd);
}
";
