//! Caffe's functions of one number.

use super::CaffeError;
use super::graph::{kind, label};
use super::layers::{Result, refuse};
use super::messages::{BaseScaleShift, Layer as Described};
use crate::classifier::architecture::Activation;

/// Functions of one number.
pub(super) fn activations(layer: &Described) -> Result<Vec<Activation>> {
    Ok(match kind(layer) {
        "ReLU" => {
            let parameters = layer.relu_param.as_ref();
            match parameters.and_then(|it| it.negative_slope).unwrap_or(0.0) {
                0.0 => vec![Activation::Relu],
                slope => vec![Activation::LeakyRelu { slope }],
            }
        }
        "ReLU6" => vec![Activation::Relu6],
        "ELU" => {
            let alpha = layer.elu_param.as_ref().and_then(|it| it.alpha);
            let alpha = alpha.unwrap_or(1.0);
            vec![Activation::Elu { alpha }]
        }
        "Sigmoid" => vec![Activation::Sigmoid],
        "TanH" => vec![Activation::Tanh],
        "AbsVal" => vec![Activation::Absolute],
        "BNLL" => vec![Activation::Softplus],
        "Swish" => vec![Activation::Silu],
        "Clip" => {
            let Some((low, high)) = layer
                .clip_param
                .as_ref()
                .and_then(|it| Some((it.min?, it.max?)))
            else {
                return refuse(layer, "it does not say between which numbers");
            };
            vec![Activation::Clip { low, high }]
        }
        // (shift + scale x)^power
        "Power" => {
            let parameters = layer.power_param.clone().unwrap_or_default();
            let exponent = parameters.power.unwrap_or(1.0);
            let mut steps = affine(parameters.scale, parameters.shift, 1.0);
            if exponent != 1.0 {
                steps.push(Activation::Power { exponent });
            }
            steps
        }
        // base^(shift + scale x); a base of -1 is e.
        "Exp" => {
            let parameters = layer.exp_param.clone().unwrap_or_default();
            let natural = natural_logarithm(layer, &parameters)?;
            let mut steps = affine(parameters.scale, parameters.shift, natural);
            steps.push(Activation::Exponential);
            steps
        }
        "Log" => {
            let parameters = layer.log_param.clone().unwrap_or_default();
            let natural = natural_logarithm(layer, &parameters)?;
            let mut steps = affine(parameters.scale, parameters.shift, 1.0);
            steps.push(Activation::Logarithm);
            steps.extend(affine(Some(1.0 / natural), None, 1.0));
            steps
        }
        "" => {
            return Err(CaffeError::Oldest {
                layer: label(layer),
            }
            .into());
        }
        kind => {
            return Err(CaffeError::Unknown {
                layer: label(layer),
                kind: kind.chars().take(60).collect(),
            }
            .into());
        }
    })
}

/// `times (scale x + shift)`, if that is anything at all.
pub(super) fn affine(scale: Option<f32>, shift: Option<f32>, times: f32) -> Vec<Activation> {
    let (scale, shift) = (scale.unwrap_or(1.0) * times, shift.unwrap_or(0.0) * times);
    if (scale, shift) == (1.0, 0.0) {
        return Vec::new();
    }
    vec![Activation::Affine { scale, shift }]
}

fn natural_logarithm(layer: &Described, parameters: &BaseScaleShift) -> Result<f32> {
    match parameters.base.unwrap_or(-1.0) {
        -1.0 => Ok(1.0),
        base if base > 0.0 && base != 1.0 => Ok(base.ln()),
        base => refuse(layer, format!("its base is {base}")),
    }
}
