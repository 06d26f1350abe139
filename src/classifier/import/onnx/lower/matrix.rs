//! Products of matrices.

use crate::classifier::architecture::{Layer, count};
use crate::classifier::import::ImportError;
use crate::classifier::import::onnx::call::{Call, Tensor};
use crate::classifier::import::onnx::constant::Constant;
use crate::classifier::import::onnx::net::canonical;
use crate::classifier::import::onnx::reader::Reader;
use crate::classifier::import::onnx::shape;

/// Rows and columns swapped.
fn turned(values: &[f32], rows: usize, columns: usize) -> Vec<f32> {
    let mut turned = Vec::with_capacity(values.len());
    for column in 0..columns {
        turned.extend((0..rows).map(|row| values[row * columns + column]));
    }
    turned
}

impl Reader<'_> {
    /// `x W^T + bias` along the last axis; weights `[output, input]`.
    fn linear(
        &mut self,
        call: &Call,
        x: &Tensor,
        [output, input]: [usize; 2],
        weight: Vec<f32>,
        bias: Vec<f32>,
    ) -> Result<Tensor, ImportError> {
        let name = self
            .net
            .name(call.node.inputs.get(1).map_or("", String::as_str));
        self.net
            .weight(format!("{name}.weight"), &[output, input], weight);
        self.net.weight(format!("{name}.bias"), &[output], bias);
        let mut dims = x.dims.clone();
        if let Some(last) = dims.last_mut() {
            *last = output;
        }
        if x.count() == input {
            let value = self.value(x)?;
            let layer = Layer::linear(name, input, output);
            return Ok(Tensor::made(dims, self.net.add(layer, &[value])?));
        }
        let shape = match canonical(&x.dims) {
            shape if shape[2] == input => shape,
            _ => [1, x.count() / input.max(1), input],
        };
        let value = self.view(x, shape)?;
        let layer = Layer::LinearRows {
            name,
            input,
            output,
        };
        Ok(Tensor::made(dims, self.net.add(layer, &[value])?))
    }

    pub(super) fn gemm(&mut self, call: &Call) -> Result<Tensor, ImportError> {
        let flag = |name: &str| call.int(name, 0) != 0;
        let (alpha, beta) = (call.float("alpha", 1.0), call.float("beta", 1.0));
        let mut a = call.input(0)?.clone();
        let b = call.input(1)?.clone();
        if a.dims.len() != 2 || b.dims.len() != 2 {
            return Err(call.refuse(format!("multiplies {:?} and {:?}", a.dims, b.dims)));
        }
        if flag("transA") {
            a = self.transpose(&a, &[1, 0])?;
        }
        let ([m, k], [mut l, mut n]) = ([a.dims[0], a.dims[1]], [b.dims[0], b.dims[1]]);
        if flag("transB") {
            (l, n) = (n, l);
        }
        if k != l || k * n == 0 {
            return Err(call.refuse(format!("multiplies {:?} and {:?}", a.dims, b.dims)));
        }
        let shift = call.inputs.get(2).and_then(Option::as_ref).cloned();
        let product = if let (Some(_), Some(weight)) = (a.value(), b.constant()) {
            let mut values = self.files.floats(&weight)?;
            if !flag("transB") {
                values = turned(&values, k, n);
            }
            if alpha != 1.0 {
                values.iter_mut().for_each(|value| *value *= alpha);
            }
            self.linear(call, &a, [n, k], values, vec![0.0; n])?
        } else {
            let b = if flag("transB") {
                self.transpose(&b, &[1, 0])?
            } else {
                b
            };
            let (a, b) = (self.view(&a, [1, m, k])?, self.view(&b, [1, k, n])?);
            let made = self.net.add(Layer::MatrixProduct, &[a, b])?;
            self.scaled(&Tensor::made(vec![m, n], made), alpha, 0.0)?
        };
        let Some(shift) = shift.filter(|_| beta != 0.0) else {
            return Ok(product);
        };
        if shape::broadcast(call, &product.dims, &shift.dims)? != product.dims {
            return Err(call.refuse(format!("adds a tensor of shape {:?}", shift.dims)));
        }
        match shift.constant() {
            // A bias: all of it goes into the layer.
            Some(constant) => {
                let dims = vec![
                    if constant.dims.len() == 2 {
                        constant.dims[0]
                    } else {
                        1
                    },
                    n,
                ];
                let spread = super::super::fold::spread(call, &mut self.files, &constant, &dims)?;
                let mut values = self.files.floats(&spread)?;
                values.iter_mut().for_each(|value| *value *= beta);
                if dims[0] == 1 {
                    return self.channels(&product, [m, n, 1], &vec![1.0; n], &values);
                }
                let shift = Tensor::from(Constant::floats(dims, values));
                self.joined(call, Layer::Add, &product, &shift)
            }
            None => {
                let shift = self.scaled(&shift, beta, 0.0)?;
                self.joined(call, Layer::Add, &product, &shift)
            }
        }
    }

    pub(super) fn matrix_product(&mut self, call: &Call) -> Result<Tensor, ImportError> {
        let (a, b) = (call.input(0)?.clone(), call.input(1)?.clone());
        let wrong = || {
            let why = format!("multiplies tensors of shapes {:?} and {:?}", a.dims, b.dims);
            call.refuse(why)
        };
        // A vector is a matrix of one row, or of one column.
        let rows = |dims: &[usize]| match dims {
            [k] => Some((vec![], 1, *k)),
            [before @ .., m, k] => Some((before.to_vec(), *m, *k)),
            [] => None,
        };
        let columns = |dims: &[usize]| match dims {
            [k] => Some((vec![], *k, 1)),
            [before @ .., k, n] => Some((before.to_vec(), *k, *n)),
            [] => None,
        };
        let (before_a, m, k) = rows(&a.dims).ok_or_else(wrong)?;
        let (before_b, l, n) = columns(&b.dims).ok_or_else(wrong)?;
        if k != l || k * n * m == 0 {
            return Err(wrong());
        }
        let mut dims = shape::broadcast(call, &before_a, &before_b)?;
        if a.dims.len() > 1 {
            dims.push(m);
        }
        if b.dims.len() > 1 {
            dims.push(n);
        }
        let [many_a, many_b] = [&before_a, &before_b].map(|dims| count(dims).unwrap_or(0));
        if let (Some(_), Some(weight), 1) = (a.value(), b.constant(), many_b) {
            let values = turned(&self.files.floats(&weight)?, k, n);
            let made = self.linear(call, &a, [n, k], values, vec![0.0; n])?;
            return Ok(made.viewed(dims));
        }
        if many_a != many_b && many_a != 1 && many_b != 1 {
            return Err(wrong());
        }
        if many_a == many_b
            && many_a != count(&dims[..before_a.len().max(before_b.len())]).unwrap_or(0)
        {
            return Err(wrong());
        }
        let left = self.view(&a, [many_a, m, k])?;
        let right = self.view(&b, [many_b, k, n])?;
        let made = self.net.add(Layer::MatrixProduct, &[left, right])?;
        Ok(Tensor::made(dims, made))
    }
}
