//! Functions of one number.

use super::clip;
use crate::classifier::architecture::{Activation, Layer};
use crate::classifier::import::ImportError;
use crate::classifier::import::onnx::call::{Call, Tensor};
use crate::classifier::import::onnx::net::along;
use crate::classifier::import::onnx::reader::Reader;

impl Reader<'_> {
    pub(super) fn activation(&mut self, call: &Call) -> Result<Tensor, ImportError> {
        let x = call.input(0)?.clone();
        let alpha = |default| call.float("alpha", default);
        let activation = match call.operator() {
            "Relu" => Activation::Relu,
            "LeakyRelu" => Activation::LeakyRelu { slope: alpha(0.01) },
            "Elu" => Activation::Elu { alpha: alpha(1.0) },
            "Sigmoid" => Activation::Sigmoid,
            "HardSigmoid" => Activation::HardSigmoid {
                alpha: alpha(0.2),
                beta: call.float("beta", 0.5),
            },
            "HardSwish" => Activation::HardSwish,
            "Gelu" if call.string("approximate") == "tanh" => Activation::GeluTanh,
            "Gelu" => Activation::Gelu,
            "Tanh" => Activation::Tanh,
            "Softplus" => Activation::Softplus,
            "Erf" => Activation::Erf,
            "Exp" => Activation::Exponential,
            "Log" => Activation::Logarithm,
            "Sqrt" => Activation::SquareRoot,
            "Abs" => Activation::Absolute,
            "Reciprocal" => Activation::Reciprocal,
            "Neg" => return self.scaled(&x, -1.0, 0.0),
            "Selu" => {
                // The defaults of the paper, as ONNX rounds them.
                let (alpha, gamma) = (alpha(1.673_263_2), call.float("gamma", 1.050_701));
                let elu = self.then(&x, Activation::Elu { alpha })?;
                return self.scaled(&elu, gamma, 0.0);
            }
            "Celu" => {
                let alpha = alpha(1.0);
                let small = self.scaled(&x, 1.0 / alpha, 0.0)?;
                let elu = self.then(&small, Activation::Elu { alpha: 1.0 })?;
                return self.scaled(&elu, alpha, 0.0);
            }
            "Softsign" => {
                let size = self.then(&x, Activation::Absolute)?;
                let below = self.scaled(&size, 1.0, 1.0)?;
                return self.joined(call, Layer::Divide, &x, &below);
            }
            "Mish" => {
                let soft = self.then(&x, Activation::Softplus)?;
                let tanh = self.then(&soft, Activation::Tanh)?;
                return self.joined(call, Layer::Multiply, &x, &tanh);
            }
            _ => return Err(call.refuse("depends on the picture, where it is not known here")),
        };
        self.then(&x, activation)
    }

    /// `scale · x + shift`, as one layer with one before it that does the like.
    pub(super) fn scaled(
        &mut self,
        x: &Tensor,
        scale: f32,
        shift: f32,
    ) -> Result<Tensor, ImportError> {
        let before = x.value().filter(|_| x.own);
        let before = before.and_then(|value| self.net.activation(value));
        if let Some((Activation::Affine { scale: s, shift: t }, input)) = before {
            let (scale, shift) = (scale * s, scale * t + shift);
            let input = Tensor {
                own: false,
                ..Tensor::made(x.dims.clone(), input)
            };
            return self.scaled(&input, scale, shift);
        }
        if scale == 1.0 && shift == 0.0 {
            return Ok(x.clone());
        }
        self.then(x, Activation::Affine { scale, shift })
    }

    /// Clip, and the smaller or larger of a tensor and a number.
    pub(super) fn clip(&mut self, call: &Call) -> Result<Tensor, ImportError> {
        let mut bounds = [call.float("min", f32::MIN), call.float("max", f32::MAX)];
        for (index, bound) in bounds.iter_mut().enumerate() {
            if call.has(index + 1) {
                *bound = self.number(call, index + 1)?;
            }
        }
        self.then(call.input(0)?, clip(call, bounds[0], bounds[1])?)
    }

    /// A constant input of one number.
    pub(super) fn number(&mut self, call: &Call, index: usize) -> Result<f32, ImportError> {
        match call.floats(&mut self.files, index)?.as_slice() {
            [number] => Ok(*number),
            numbers => {
                let count = numbers.len();
                Err(call.refuse(format!("has an input {} of {count} numbers", index + 1)))
            }
        }
    }

    /// A rectifier with slopes.
    pub(super) fn parametric(&mut self, call: &Call) -> Result<Tensor, ImportError> {
        let x = call.input(0)?.clone();
        let slope = call.input(1)?.clone();
        if let Some(slope) = slope.constant() {
            let slopes = self.files.floats(&slope)?;
            if let [slope] = slopes[..] {
                return self.then(&x, Activation::LeakyRelu { slope });
            }
            if let Some((axis, 1)) = super::arithmetic::run_of(&x.dims, &slope.dims) {
                let (shape, axis) = along(&x.dims, axis);
                if axis == 0 {
                    let name = self.net.name("");
                    let channels = slopes.len();
                    self.net
                        .weight(format!("{name}.weight"), &[channels], slopes);
                    let value = self.view(&x, shape)?;
                    let layer = Layer::ParametricRelu { name, channels };
                    let made = self.net.add(layer, &[value])?;
                    return Ok(Tensor::made(x.dims, made));
                }
            }
        }
        let mut x = x;
        x.own = false;
        let mut above = self.then(&x, Activation::Relu)?;
        above.own = false;
        let below = self.joined(call, Layer::Subtract, &x, &above)?;
        let below = self.joined(call, Layer::Multiply, &below, &slope)?;
        self.joined(call, Layer::Add, &above, &below)
    }
}
