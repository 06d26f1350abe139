//! Sums, products and powers, with numpy's broadcasting.

use crate::classifier::architecture::{Activation, Layer, Shape};
use crate::classifier::import::ImportError;
use crate::classifier::import::onnx::call::{Call, Tensor};
use crate::classifier::import::onnx::constant::Constant;
use crate::classifier::import::onnx::fold;
use crate::classifier::import::onnx::net::canonical;
use crate::classifier::import::onnx::reader::Reader;
use crate::classifier::import::onnx::shape;

/// The axes from (first, how many) along which a fixed tensor varies, where it
/// does not make the other one larger; none where they are not next to one
/// another.
pub fn run_of(x: &[usize], fixed: &[usize]) -> Option<(usize, usize)> {
    let extra = fixed.len().saturating_sub(x.len());
    if fixed[..extra].iter().any(|&size| size != 1) {
        return None;
    }
    let fixed = &fixed[extra..];
    let missing = x.len() - fixed.len();
    let varies = |axis: &usize| *axis >= missing && fixed[axis - missing] != 1;
    let first = (0..x.len()).find(varies)?;
    let last = (0..x.len()).rev().find(varies)?;
    let same = (first..=last).all(|axis| axis >= missing && fixed[axis - missing] == x[axis]);
    same.then_some((first, last + 1 - first))
}

/// The shapes under which two tensors are joined number by number; none where
/// three axes do not do.
fn together(a: &[usize], b: &[usize]) -> Option<(Shape, Shape)> {
    let rank = a.len().max(b.len());
    let aligned = |dims: &[usize]| {
        let mut all = vec![1; rank - dims.len()];
        all.extend(dims);
        all
    };
    let (a, b) = (aligned(a), aligned(b));
    // 0: as they are; 1: the first is repeated; 2: the second is.
    let kind = |axis: usize| match (a[axis], b[axis]) {
        (x, y) if x == y => 0,
        (1, _) => 1,
        _ => 2,
    };
    let mut groups: Vec<(usize, usize, usize)> = Vec::new();
    let mut leading = Vec::new();
    for axis in 0..rank {
        if a[axis] == 1 && b[axis] == 1 {
            continue;
        }
        if axis + 2 < rank {
            leading.push(kind(axis));
        }
        match groups.last_mut() {
            Some((last, x, y)) if *last == kind(axis) => {
                *x *= a[axis];
                *y *= b[axis];
            }
            _ => groups.push((kind(axis), a[axis], b[axis])),
        }
    }
    leading.dedup();
    if rank >= 3 && leading.len() <= 1 {
        return Some((canonical(&a), canonical(&b)));
    }
    if groups.len() > 3 {
        return None;
    }
    let mut shapes = ([1; 3], [1; 3]);
    for (axis, (_, x, y)) in groups.into_iter().enumerate() {
        shapes.0[axis] = x;
        shapes.1[axis] = y;
    }
    Some(shapes)
}

impl Reader<'_> {
    /// Two tensors joined number by number.
    pub(super) fn joined(
        &mut self,
        call: &Call,
        layer: Layer,
        a: &Tensor,
        b: &Tensor,
    ) -> Result<Tensor, ImportError> {
        let dims = shape::broadcast(call, &a.dims, &b.dims)?;
        let whole: usize = dims.iter().product();
        let alike = a.count() == whole && b.count() == whole;
        let values = if let (Some(x), Some(y), true) = (a.value(), b.value(), alike) {
            (x, self.net.view(y, self.net.shape(x))?)
        } else {
            let repeated = |this: &mut Self, x: &Tensor| match x.constant() {
                Some(x) => fold::spread(call, &mut this.files, &x, &dims).map(Tensor::from),
                None => Ok(x.clone()),
            };
            let (a, b, shapes) = match together(&a.dims, &b.dims) {
                Some(shapes) => (a.clone(), b.clone(), Some(shapes)),
                None => {
                    let (a, b) = (repeated(self, a)?, repeated(self, b)?);
                    let shapes = together(&a.dims, &b.dims);
                    (a, b, shapes)
                }
            };
            let Some((left, right)) = shapes else {
                return Err(call.refuse(format!(
                    "joins tensors of shapes {:?} and {:?}, more axes than are known here",
                    a.dims, b.dims
                )));
            };
            (self.view(&a, left)?, self.view(&b, right)?)
        };
        let made = self.net.add(layer, &[values.0, values.1])?;
        Ok(Tensor::made(dims, made))
    }

    pub(super) fn arithmetic(&mut self, call: &Call) -> Result<Tensor, ImportError> {
        let operator = match call.operator() {
            "Sum" | "Mean" => "Add",
            operator => operator,
        };
        let mut all = call.input(0)?.clone();
        for index in 1..call.inputs.len() {
            let next = call.input(index)?.clone();
            all = self.pair(call, operator, &all, &next)?;
        }
        if call.operator() == "Mean" {
            return self.scaled(&all, 1.0 / call.inputs.len() as f32, 0.0);
        }
        Ok(all)
    }

    pub(super) fn pair(
        &mut self,
        call: &Call,
        operator: &str,
        a: &Tensor,
        b: &Tensor,
    ) -> Result<Tensor, ImportError> {
        match (a.value(), b.value(), operator) {
            (Some(_), Some(_), "Mul") => {
                if let Some(known) = self.gated(a, b)? {
                    return Ok(known);
                }
            }
            (Some(_), None, _) => {
                if let Some(made) = self.with_fixed(call, operator, a, b)? {
                    return Ok(made);
                }
            }
            (None, Some(_), "Add" | "Mul") => return self.pair(call, operator, b, a),
            (None, Some(_), "Sub") => {
                let minus = self.scaled(b, -1.0, 0.0)?;
                return self.pair(call, "Add", &minus, a);
            }
            (None, Some(_), "Div") if a.count() == 1 => {
                let one_over = self.then(b, Activation::Reciprocal)?;
                return self.pair(call, "Mul", &one_over, a);
            }
            _ => {}
        }
        let layer = match operator {
            "Add" => Layer::Add,
            "Sub" => Layer::Subtract,
            "Mul" => Layer::Multiply,
            _ => Layer::Divide,
        };
        self.joined(call, layer, a, b)
    }

    /// A value and a fixed tensor that does not make it larger: a number, or one
    /// a channel.
    fn with_fixed(
        &mut self,
        call: &Call,
        operator: &str,
        x: &Tensor,
        fixed: &Tensor,
    ) -> Result<Option<Tensor>, ImportError> {
        let Some(constant) = fixed.constant() else {
            return Ok(None);
        };
        let dims = shape::broadcast(call, &x.dims, &fixed.dims)?;
        let parts = |value: f32| match operator {
            "Add" => (1.0, value),
            "Sub" => (1.0, -value),
            "Mul" => (value, 0.0),
            _ => (1.0 / value, 0.0),
        };
        if constant.count() == 1 {
            let (scale, shift) = parts(self.files.floats(&constant)?[0]);
            return Ok(Some(self.scaled(x, scale, shift)?.viewed(dims)));
        }
        let Some((first, length)) = run_of(&x.dims, &fixed.dims) else {
            return Ok(None);
        };
        let before: usize = x.dims[..first].iter().product();
        let after: usize = x.dims[first + length..].iter().product();
        // One number for each number of the value is a constant, not channels;
        // unless a layer takes it into its bias.
        let values = self.files.floats(&constant)?;
        let (scale, shift): (Vec<f32>, Vec<f32>) = values.into_iter().map(parts).unzip();
        let run = [before, scale.len(), after];
        if before * after == 1 && !x.own {
            return Ok(None);
        }
        let made = self.channels(x, run, &scale, &shift)?;
        Ok(Some(made.viewed(dims)))
    }

    /// `scale · x + shift` with numbers that differ along the middle of three
    /// axes.
    pub(super) fn channels(
        &mut self,
        x: &Tensor,
        run: [usize; 3],
        scale: &[f32],
        shift: &[f32],
    ) -> Result<Tensor, ImportError> {
        let [before, channels, after] = run;
        if let Some(value) = x.value().filter(|_| x.own) {
            let first = before == 1 && self.net.absorb(value, false, scale, shift);
            if first || (after == 1 && self.net.absorb(value, true, scale, shift)) {
                return Ok(x.clone());
            }
        }
        if before == 1 {
            let shape = match x.value().map(|value| self.net.shape(value)) {
                Some(shape) if shape[0] == channels => shape,
                _ => [channels, after, 1],
            };
            let value = self.view(x, shape)?;
            let name = self.net.name("");
            self.net
                .weight(format!("{name}.weight"), &[channels], scale.to_vec());
            self.net
                .weight(format!("{name}.bias"), &[channels], shift.to_vec());
            let made = self
                .net
                .add(Layer::ChannelAffine { name, channels }, &[value])?;
            return Ok(Tensor::made(x.dims.clone(), made));
        }
        let (shape, small) = if after == 1 {
            (canonical(&x.dims), [1, 1, channels])
        } else {
            (run, [1, channels, 1])
        };
        let (shape, small) = match shape[2] == channels || after != 1 {
            true => (shape, small),
            false => ([1, before, channels], [1, 1, channels]),
        };
        let mut value = self.view(x, shape)?;
        if scale.iter().any(|&scale| scale != 1.0) {
            let scale = self.net.constant(small, scale.to_vec())?;
            value = self.net.add(Layer::Multiply, &[value, scale])?;
        }
        if shift.iter().any(|&shift| shift != 0.0) {
            let shift = self.net.constant(small, shift.to_vec())?;
            value = self.net.add(Layer::Add, &[value, shift])?;
        }
        Ok(Tensor {
            own: false,
            ..Tensor::made(x.dims.clone(), value)
        })
    }

    /// Products that are an activation written out: x · sigmoid(x) and its like,
    /// and x · (1 + erf(x / √2)).
    fn gated(&mut self, a: &Tensor, b: &Tensor) -> Result<Option<Tensor>, ImportError> {
        if a.dims != b.dims {
            return Ok(None);
        }
        for (x, gate) in [(a, b), (b, a)] {
            let (Some(value), Some(gate)) = (x.value(), gate.value()) else {
                return Ok(None);
            };
            let Some((activation, of)) = self.net.activation(gate) else {
                continue;
            };
            let of_value = of == value;
            let half = self.net.activation(value);
            let known = match activation {
                Activation::Sigmoid if of_value => Activation::Silu,
                Activation::HardSigmoid { alpha, beta }
                    if of_value && (alpha - 1.0 / 6.0).abs() < 1e-6 && beta == 0.5 =>
                {
                    Activation::HardSwish
                }
                Activation::Affine { scale, shift } if scale == shift => {
                    let Some((Activation::Erf, small)) = self.net.activation(of) else {
                        continue;
                    };
                    let root = std::f32::consts::FRAC_1_SQRT_2;
                    let (input, factor) = match self.net.activation(small) {
                        Some((
                            Activation::Affine {
                                scale: s,
                                shift: 0.0,
                            },
                            input,
                        )) if (s - root).abs() < 1e-5 => {
                            if input == value {
                                (input, 2.0 * scale)
                            } else if let Some((
                                Activation::Affine {
                                    scale: h,
                                    shift: 0.0,
                                },
                                same,
                            )) = half
                                && same == input
                            {
                                (input, 2.0 * scale * h)
                            } else {
                                continue;
                            }
                        }
                        _ => continue,
                    };
                    let input = Tensor {
                        own: false,
                        ..Tensor::made(x.dims.clone(), input)
                    };
                    let gelu = self.then(&input, Activation::Gelu)?;
                    return self.scaled(&gelu, factor, 0.0).map(Some);
                }
                _ => continue,
            };
            let input = Tensor::made(x.dims.clone(), value);
            return self.then(&input, known).map(Some);
        }
        Ok(None)
    }

    pub(super) fn power(&mut self, call: &Call) -> Result<Tensor, ImportError> {
        let x = call.input(0)?.clone();
        let exponents = call.constant(1)?;
        let dims = shape::broadcast(call, &x.dims, &exponents.dims)?;
        let exponents: Constant = exponents;
        let exponents = self.files.floats(&exponents)?;
        let Some(&exponent) = exponents.first() else {
            return Err(call.refuse("has no exponent"));
        };
        if exponents.iter().any(|&other| other != exponent) {
            return Err(call.refuse("has different exponents, which is not known here"));
        }
        if dims.iter().product::<usize>() != x.count() {
            return Err(call.refuse("makes its input larger, which is not known here"));
        }
        let activation = match exponent {
            0.5 => Activation::SquareRoot,
            1.0 => return Ok(x.viewed(dims)),
            -1.0 => Activation::Reciprocal,
            exponent => Activation::Power { exponent },
        };
        Ok(self.then(&x, activation)?.viewed(dims))
    }
}
