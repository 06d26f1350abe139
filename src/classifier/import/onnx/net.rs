//! The network as it grows, layer by layer.

use super::error::plain;
use crate::classifier::architecture::{
    Activation, Architecture, Layer, Placed, Shape, Value, count,
};
use crate::classifier::import::ImportError;
use crate::classifier::weights::Weights;
use std::collections::{BTreeMap, BTreeSet};

/// Layers, the shape of each value, and the weights so far.
pub struct Net {
    input: Shape,
    layers: Vec<Placed>,
    shapes: Vec<Shape>,
    views: BTreeMap<(Value, Shape), Value>,
    weights: BTreeMap<String, (Vec<usize>, Vec<f32>)>,
    names: BTreeSet<String>,
    /// The node that is being read.
    pub node: String,
}

impl Net {
    pub fn new(input: Shape) -> Self {
        Self {
            input,
            layers: Vec::new(),
            shapes: vec![input],
            views: BTreeMap::new(),
            weights: BTreeMap::new(),
            names: BTreeSet::new(),
            node: String::new(),
        }
    }

    pub fn shape(&self, value: Value) -> Shape {
        self.shapes[value.0]
    }

    /// Adds a layer, whose output is known to be possible.
    pub fn add(&mut self, layer: impl Into<Layer>, inputs: &[Value]) -> Result<Value, ImportError> {
        let layer = layer.into();
        let shapes: Vec<Shape> = inputs.iter().map(|value| self.shape(*value)).collect();
        let node = Some(self.node.as_str()).filter(|node| !node.is_empty());
        let shape = layer.output_shape(&shapes);
        self.shapes.push(shape.map_err(|error| error.of(node))?);
        self.layers.push(Placed {
            layer,
            inputs: inputs.to_vec(),
            name: (!self.node.is_empty()).then(|| plain(&self.node)),
        });
        Ok(Value(self.layers.len()))
    }

    /// The same numbers under another shape.
    pub fn view(&mut self, value: Value, shape: Shape) -> Result<Value, ImportError> {
        if self.shape(value) == shape {
            return Ok(value);
        }
        if let Some(view) = self.views.get(&(value, shape)) {
            return Ok(*view);
        }
        let view = self.add(Layer::Reshape(shape), &[value])?;
        self.views.insert((value, shape), view);
        Ok(view)
    }

    /// A name for a layer's weights that no other layer has, after the tensor
    /// that they come from, else after the node.
    pub fn name(&mut self, tensor: &str) -> String {
        let stem = tensor.strip_suffix(".weight").unwrap_or("");
        let stem = if stem.is_empty() { &self.node } else { stem };
        let stem = if stem.is_empty() { "layer" } else { stem };
        let stem = plain(stem);
        let mut name = stem.clone();
        let mut number = 2;
        while !self.names.insert(name.clone()) {
            name = format!("{stem}.{number}");
            number += 1;
        }
        name
    }

    pub fn weight(&mut self, name: String, shape: &[usize], values: Vec<f32>) {
        self.weights.insert(name, (shape.to_vec(), values));
    }

    pub fn constant(&mut self, shape: Shape, values: Vec<f32>) -> Result<Value, ImportError> {
        let name = self.name("");
        self.weight(name.clone(), &shape, values);
        self.add(Layer::Constant { name, shape }, &[])
    }

    /// The layer that makes a value, and what it reads.
    pub fn maker(&self, value: Value) -> Option<&Placed> {
        self.layers.get(value.0.checked_sub(1)?)
    }

    /// The activation that makes a value, and what of.
    pub fn activation(&self, value: Value) -> Option<(Activation, Value)> {
        match self.maker(value)? {
            Placed {
                layer: Layer::Activation(activation),
                inputs,
                ..
            } => Some((*activation, inputs[0])),
            _ => None,
        }
    }

    /// Multiplies what a layer makes, channel by channel, and adds to it, in its
    /// weights. False where the layer that makes the value is none that can:
    /// nothing has happened then. `last`: the channels are the last axis.
    pub fn absorb(&mut self, value: Value, last: bool, scale: &[f32], shift: &[f32]) -> bool {
        let Some(placed) = self.maker(value) else {
            return false;
        };
        let name = match &placed.layer {
            Layer::Convolution(conv) if !last && conv.output == scale.len() => &conv.name,
            Layer::ChannelAffine { name, channels } if !last && *channels == scale.len() => name,
            Layer::Linear { name, output, .. } if *output == scale.len() => name,
            Layer::LinearRows { name, output, .. } if last && *output == scale.len() => name,
            _ => return false,
        };
        let (weight, bias) = (format!("{name}.weight"), format!("{name}.bias"));
        if let Some((_, weight)) = self.weights.get_mut(&weight) {
            let each = weight.len() / scale.len();
            for (row, scale) in weight.chunks_exact_mut(each.max(1)).zip(scale) {
                row.iter_mut().for_each(|weight| *weight *= scale);
            }
        }
        if let Some((_, bias)) = self.weights.get_mut(&bias) {
            for ((bias, scale), shift) in bias.iter_mut().zip(scale).zip(shift) {
                *bias = *bias * scale + shift;
            }
        }
        true
    }

    /// The network without what its logits do not need.
    pub fn finish(mut self, logits: Value) -> Result<(Architecture, Weights), ImportError> {
        let mut needed = vec![false; self.layers.len() + 1];
        needed[logits.0] = true;
        for (index, placed) in self.layers.iter().enumerate().rev() {
            if needed[index + 1] {
                placed
                    .inputs
                    .iter()
                    .for_each(|input| needed[input.0] = true);
            }
        }
        let mut places = vec![Value::PICTURE; needed.len()];
        let mut layers = Vec::new();
        for (index, mut placed) in self.layers.into_iter().enumerate() {
            if needed[index + 1] {
                placed
                    .inputs
                    .iter_mut()
                    .for_each(|input| *input = places[input.0]);
                layers.push(placed);
                places[index + 1] = Value(layers.len());
            }
        }
        let architecture = Architecture {
            input: self.input,
            mean: vec![0.0; self.input[0]],
            std: vec![1.0; self.input[0]],
            layers,
            logits: places[logits.0],
        };
        let mut weights = Weights::new();
        for weight in architecture.weights() {
            if let Some((shape, values)) = self.weights.remove(&weight.name) {
                weights.insert(weight.name, &shape, values)?;
            }
        }
        weights.check(&architecture)?;
        Ok((architecture, weights))
    }
}

/// How the axes of an ONNX tensor lie in a value: the last two as they are, all
/// before them as one; a vector's on the first axis.
pub fn canonical(dims: &[usize]) -> Shape {
    match dims {
        [] => [1, 1, 1],
        [d] | [1, d] => [*d, 1, 1],
        [n, d] => [1, *n, *d],
        [before @ .., a, b] => [count(before).unwrap_or(0), *a, *b],
    }
}

/// A shape in which an axis of a tensor is one by itself, and which one.
pub fn along(dims: &[usize], axis: usize) -> (Shape, usize) {
    let product = |dims: &[usize]| count(dims).unwrap_or(0);
    let (before, after) = (product(&dims[..axis]), product(&dims[axis + 1..]));
    let rank = dims.len();
    match rank - axis {
        1 if rank >= 3 => (canonical(dims), 2),
        2 if rank >= 3 => (canonical(dims), 1),
        3 if before == 1 => (canonical(dims), 0),
        _ if before == 1 && after == 1 => ([dims[axis], 1, 1], 0),
        _ if before == 1 => ([dims[axis], after, 1], 0),
        _ => ([before, dims[axis], after], 1),
    }
}
