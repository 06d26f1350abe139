//! Normalisation: batch norm, layer norm and its like, softmax.

use super::TRAINING;
use super::reduce::shared;
use crate::classifier::architecture::Layer;
use crate::classifier::import::ImportError;
use crate::classifier::import::onnx::call::{Call, Tensor};
use crate::classifier::import::onnx::fold;
use crate::classifier::import::onnx::net::{along, canonical};
use crate::classifier::import::onnx::reader::Reader;
use std::ops::Range;

impl Reader<'_> {
    pub(super) fn batch_norm(&mut self, call: &Call) -> Result<Tensor, ImportError> {
        if call.int("training_mode", 0) != 0 {
            return Err(call.refuse(TRAINING));
        }
        if call.int("spatial", 1) == 0 {
            return Err(call.refuse("has numbers for each pixel, which is not known here"));
        }
        call.only_one_output(|name| self.reads(name))?;
        let x = call.input(0)?.clone();
        let [n, channels, rest @ ..] = &x.dims[..] else {
            return Err(call.refuse(format!("works on a tensor of shape {:?}", x.dims)));
        };
        let run = [*n, *channels, rest.iter().product()];
        let mut numbers = Vec::new();
        for index in 1..5 {
            let values = call.floats(&mut self.files, index)?;
            if values.len() != *channels {
                let found = values.len();
                return Err(call.refuse(format!("has {found} numbers for {channels} channels")));
            }
            numbers.push(values);
        }
        let epsilon = f64::from(call.float("epsilon", 1e-5));
        let mut scale = Vec::with_capacity(*channels);
        let mut shift = Vec::with_capacity(*channels);
        let channel = |channel: usize| {
            let at = |index: usize| f64::from(numbers[index][channel]);
            let each = at(0) / (at(3) + epsilon).sqrt();
            (each as f32, (at(1) - at(2) * each) as f32)
        };
        for (each, moved) in (0..*channels).map(channel) {
            scale.push(each);
            shift.push(moved);
        }
        self.channels(&x, run, &scale, &shift)
    }

    pub(super) fn layer_norm(&mut self, call: &Call) -> Result<Tensor, ImportError> {
        call.only_one_output(|name| self.reads(name))?;
        let x = call.input(0)?.clone();
        let axis = call.axis(call.int("axis", -1), x.dims.len())?;
        let run = x.dims[axis..].to_vec();
        let size: usize = run.iter().product();
        let scale = fold::spread(call, &mut self.files, &call.constant(1)?, &run)?;
        let weight = self.files.floats(&scale)?;
        let bias = if call.has(2) {
            let bias = fold::spread(call, &mut self.files, &call.constant(2)?, &run)?;
            self.files.floats(&bias)?
        } else {
            vec![0.0; size]
        };
        self.runs(call, &x, size, weight, bias)
    }

    /// Layer norm over runs of so many numbers.
    fn runs(
        &mut self,
        call: &Call,
        x: &Tensor,
        size: usize,
        weight: Vec<f32>,
        bias: Vec<f32>,
    ) -> Result<Tensor, ImportError> {
        let [a, b, c] = canonical(&x.dims);
        let shape = if [c, b * c, a * b * c].contains(&size) {
            [a, b, c]
        } else {
            [1, x.count().checked_div(size).unwrap_or(0), size]
        };
        let name = self
            .net
            .name(call.node.inputs.get(1).map_or("", String::as_str));
        self.net.weight(format!("{name}.weight"), &[size], weight);
        self.net.weight(format!("{name}.bias"), &[size], bias);
        let value = self.view(x, shape)?;
        let layer = Layer::LayerNorm {
            name,
            size,
            epsilon: f64::from(call.float("epsilon", 1e-5)),
        };
        let made = self.net.add(layer, &[value])?;
        Ok(Tensor::made(x.dims.clone(), made))
    }

    /// Instance and group normalisation: layer norm over groups of channels,
    /// then a factor and a summand a channel.
    pub(super) fn group_norm(&mut self, call: &Call) -> Result<Tensor, ImportError> {
        let x = call.input(0)?.clone();
        let [n, channels, rest @ ..] = &x.dims[..] else {
            return Err(call.refuse(format!("works on a tensor of shape {:?}", x.dims)));
        };
        let pixels: usize = rest.iter().product();
        let groups = match call.operator() {
            "GroupNormalization" => usize::try_from(call.int("num_groups", 0)).unwrap_or(0),
            _ => *channels,
        };
        if groups == 0 || !channels.is_multiple_of(groups) {
            return Err(call.refuse(format!("has {groups} groups of {channels} channels")));
        }
        let size = channels / groups * pixels;
        let mut numbers = Vec::new();
        for index in 1..3 {
            let values = call.floats(&mut self.files, index)?;
            // Before opset 21, one a group.
            numbers.push(match values.len() {
                count if count == *channels => values,
                count if count == groups => {
                    let each = channels / groups;
                    (0..*channels)
                        .map(|channel| values[channel / each])
                        .collect()
                }
                count => {
                    return Err(call.refuse(format!("has {count} numbers for {channels} channels")));
                }
            });
        }
        let run = [*n, *channels, pixels];
        let flat = x.viewed(vec![1, n * groups, size]);
        self.files.spend(2 * size)?;
        let normal = self.runs(call, &flat, size, vec![1.0; size], vec![0.0; size])?;
        self.channels(
            &normal.viewed(x.dims.clone()),
            run,
            &numbers[0],
            &numbers[1],
        )
    }

    pub(super) fn softmax(&mut self, call: &Call, ending: bool) -> Result<Tensor, ImportError> {
        let x = call.input(0)?.clone();
        let over = softmax_axes(call, x.dims.len())?;
        let product = |dims: &[usize]| dims.iter().product::<usize>();
        let size = product(&x.dims[over.clone()]);
        let (shape, axis) = match over.len() {
            1 => along(&x.dims, over.start),
            _ => match product(&x.dims[..over.start]) {
                1 => ([size, 1, 1], 0),
                rows => ([1, rows, size], 2),
            },
        };
        if ending && size == x.count() {
            self.notes.push(format!(
                "The file ends in a softmax ({}), which is left out: attacks need the numbers \
                 before it.",
                super::super::call::label(call.node)
            ));
            return Ok(x);
        }
        if call.operator() == "LogSoftmax" {
            let axes: Vec<bool> = (0..x.dims.len()).map(|axis| over.contains(&axis)).collect();
            return self.log_softmax(call, &x, &axes);
        }
        let value = self.view(&x, shape)?;
        let made = self.net.add(Layer::Softmax { axis }, &[value])?;
        Ok(Tensor::made(x.dims, made))
    }

    /// x − log Σ eˣ, where the logarithm of a softmax would be that of nothing for
    /// all that is far below the largest.
    fn log_softmax(
        &mut self,
        call: &Call,
        x: &Tensor,
        axes: &[bool],
    ) -> Result<Tensor, ImportError> {
        let sum = self.log_sum_exp(call, x, axes)?;
        self.joined(call, Layer::Subtract, &shared(x), &sum)
    }
}

/// The axes that a softmax is over: one, and before opset 13, where the tensor is a
/// matrix of the axes before and after, all from it on.
fn softmax_axes(call: &Call, rank: usize) -> Result<Range<usize>, ImportError> {
    if call.opset >= 13 {
        let at = call.axis(call.int("axis", -1), rank)?;
        return Ok(at..at + 1);
    }
    let axis = call.int("axis", 1);
    match axis == rank as i64 {
        true => Ok(rank..rank),
        false => Ok(call.axis(axis, rank)?..rank),
    }
}
