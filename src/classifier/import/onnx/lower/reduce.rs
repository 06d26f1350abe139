//! Means, sums and maxima over axes.

use crate::classifier::architecture::{Activation, Layer, Value};
use crate::classifier::import::ImportError;
use crate::classifier::import::onnx::call::{Call, Tensor};
use crate::classifier::import::onnx::net::canonical;
use crate::classifier::import::onnx::reader::Reader;
use crate::classifier::import::onnx::shape;

/// Runs of axes that are all reduced or all kept, without those of size 1.
fn runs(dims: &[usize], axes: &[bool]) -> Vec<(bool, usize)> {
    let mut runs: Vec<(bool, usize)> = Vec::new();
    for (&size, &reduced) in dims.iter().zip(axes).filter(|(size, _)| **size != 1) {
        match runs.last_mut() {
            Some((last, length)) if *last == reduced => *length *= size,
            _ => runs.push((reduced, size)),
        }
    }
    runs
}

/// How many numbers are reduced to one.
fn count(dims: &[usize], axes: &[bool]) -> usize {
    let sizes = dims.iter().zip(axes).filter(|(_, reduced)| **reduced);
    sizes.map(|(size, _)| size).product()
}

/// The same, read again by later layers.
pub(super) fn shared(tensor: &Tensor) -> Tensor {
    Tensor {
        own: false,
        ..tensor.clone()
    }
}

impl Reader<'_> {
    pub(super) fn reduce(&mut self, call: &Call) -> Result<Tensor, ImportError> {
        let mut x = call.input(0)?.clone();
        let rank = x.dims.len();
        let axes = shape::reduced_axes(call, &mut self.files, rank)?;
        let nothing = axes.is_none();
        let axes = axes.unwrap_or_else(|| vec![false; rank]);
        let dims = match nothing {
            true => x.dims.clone(),
            false => shape::reduced(call, &x.dims, &axes),
        };
        let count = count(&x.dims, &axes);
        let operator = call.operator();
        if operator == "ReduceLogSumExp" {
            return Ok(self.log_sum_exp(call, &x, &axes)?.viewed(dims));
        }
        if operator == "ReduceMin" {
            x = self.scaled(&x, -1.0, 0.0)?;
        }
        let before = match operator {
            "ReduceL1" => Some(Activation::Absolute),
            "ReduceL2" | "ReduceSumSquare" => Some(Activation::Power { exponent: 2.0 }),
            "ReduceProd" => {
                return Err(call.refuse("depends on the picture, where it is not known here"));
            }
            _ => None,
        };
        if let Some(before) = before {
            x = self.then(&x, before)?;
        }
        let value = match operator {
            "ReduceMax" | "ReduceMin" => self.largest(call, &x, &axes)?,
            _ => self.mean(&x, &axes)?,
        };
        let made = Tensor::made(dims, value);
        let after = match operator {
            "ReduceMin" => return self.scaled(&made, -1.0, 0.0),
            "ReduceMean" | "ReduceMax" => return Ok(made),
            "ReduceL2" => Activation::SquareRoot,
            "ReduceLogSum" => Activation::Logarithm,
            _ => return self.scaled(&made, count as f32, 0.0),
        };
        let sum = self.scaled(&made, count as f32, 0.0)?;
        self.then(&sum, after)
    }

    /// log Σ eˣ over some axes, which become 1. The largest is taken off before and put
    /// back after: no power overflows, and one of them is 1.
    pub(super) fn log_sum_exp(
        &mut self,
        call: &Call,
        x: &Tensor,
        axes: &[bool],
    ) -> Result<Tensor, ImportError> {
        let x = shared(x);
        let dims = x.dims.iter().zip(axes);
        let dims = dims.map(|(&size, &gone)| if gone { 1 } else { size });
        let dims: Vec<usize> = dims.collect();
        let largest = self.largest(call, &x, axes)?;
        let largest = shared(&Tensor::made(dims.clone(), largest));
        let below = self.joined(call, Layer::Subtract, &x, &largest)?;
        let powers = self.then(&below, Activation::Exponential)?;
        let mean = self.mean(&powers, axes)?;
        let sum = self.scaled(&Tensor::made(dims, mean), count(&x.dims, axes) as f32, 0.0)?;
        let log = self.then(&sum, Activation::Logarithm)?;
        self.joined(call, Layer::Add, &log, &largest)
    }

    fn mean(&mut self, x: &Tensor, axes: &[bool]) -> Result<Value, ImportError> {
        let rank = axes.len();
        // As the axes lie anyway, where those before the last two agree.
        let mut leading: Vec<bool> = Vec::new();
        let before = x.dims.iter().zip(axes).take(rank.saturating_sub(2));
        leading.extend(
            before
                .filter(|(size, _)| **size != 1)
                .map(|(_, mean)| *mean),
        );
        leading.dedup();
        if rank >= 3 && leading.len() <= 1 {
            let first = leading.first().copied().unwrap_or(false);
            let axes = [first, axes[rank - 2], axes[rank - 1]];
            let value = self.view(x, canonical(&x.dims))?;
            return match axes {
                [false, false, false] => Ok(value),
                [false, true, true] => self.net.add(Layer::GlobalAverage, &[value]),
                axes => self.net.add(Layer::Mean { axes }, &[value]),
            };
        }
        // Else one run after the other, the last first.
        let mut runs = runs(&x.dims, axes);
        let mut value = self.value(x)?;
        while let Some(at) = runs.iter().rposition(|(reduced, _)| *reduced) {
            let product = |runs: &[(bool, usize)]| runs.iter().map(|(_, size)| size).product();
            let shape = [product(&runs[..at]), runs[at].1, product(&runs[at + 1..])];
            value = self.net.view(value, shape)?;
            let axes = [false, true, false];
            value = self.net.add(Layer::Mean { axes }, &[value])?;
            runs.remove(at);
        }
        Ok(value)
    }

    /// The largest over some axes, which are moved to the end for it.
    fn largest(&mut self, call: &Call, x: &Tensor, axes: &[bool]) -> Result<Value, ImportError> {
        let kept = (0..axes.len()).filter(|&axis| !axes[axis]);
        let gone = (0..axes.len()).filter(|&axis| axes[axis]);
        let order: Vec<usize> = kept.chain(gone.clone()).collect();
        let size: usize = gone.map(|axis| x.dims[axis]).product();
        if size == 0 {
            return Err(call.refuse("takes the largest of no numbers"));
        }
        if size == 1 {
            return self.value(x);
        }
        let moved = self.transpose(x, &order)?;
        let value = self.view(&moved, [x.count() / size, size, 1])?;
        self.net.add(Layer::GlobalMax, &[value])
    }
}
