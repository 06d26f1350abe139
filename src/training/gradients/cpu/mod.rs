//! Gradients on the CPU: each layer forward and back for a whole batch, shared
//! out among the cores.
//!
//! Values are kept channel by channel, `[C, N, H, W]`, so that a convolution is
//! one matrix product over the pixels of many pictures, and a channel's moments
//! are those of one slice. Sums over pictures are made in a fixed order, whatever
//! the number of threads, so that a seed gives the same weights again.
//!
//! What it costs: the 1,260 lines of this folder. What it saves, of a step of
//! training (there, back and update) as the shipped weights were made, beside
//! burn 0.22's autodiff on the same CPU: LeNet, 64 pictures of 32 × 32, 154 ms
//! instead of 179; NIN, 128 of 24 × 24, 1.63 s instead of 3.03. (Processor time on
//! one thread of an AMD EPYC, least of nine steps, 28 November 2026; `tests` has
//! the measurement.)

mod batch_norm;
mod buffers;
mod convolution;
mod layers;
mod loss;
mod parts;
mod pool;
mod product;
#[cfg(test)]
mod tests;
mod values;

use super::{Batch, Gradients};
use crate::classifier::architecture::{Activation, Architecture, Layer, Shape, Value};
use crate::training::learned::Moments;
use batch_norm::Normalised;
pub(in crate::training) use buffers::Buffers;
use convolution::Geometry;
use loss::cross_entropy;
use pool::{AveragePool, MaxPool};
use values::{Values, exchange, joined, parted, sum};

/// What the way back needs of the way there.
enum Tape {
    Convolution {
        geometry: Geometry,
        x: Values,
        /// Which learned tensor is its weight.
        at: usize,
        norm: Option<Normalised>,
    },
    Linear {
        x: Values,
        at: usize,
    },
    /// A rectifier's output, and from which value on it was closed.
    Rectifier(Values, f32),
    MaxPool(MaxPool),
    AveragePool(AveragePool),
    GlobalAverage(Shape),
    Flatten(Shape),
    Add,
    /// With how many channels each has.
    Join(Vec<usize>),
}

/// A walk through the layers with a batch.
struct Walk<'a> {
    learned: &'a [Vec<f32>],
    /// The next tensor of these.
    at: usize,
    moments: Vec<Moments>,
    gradients: Vec<Vec<f32>>,
}

/// Whether every layer of a network is known here.
pub(in crate::training) fn is_possible(architecture: &Architecture) -> bool {
    let Ok(shapes) = architecture.shapes() else {
        return false;
    };
    architecture
        .layers
        .iter()
        .all(|placed| match &placed.layer {
            Layer::Convolution(conv) => conv.dilation == [1, 1],
            Layer::MaxPool(window) => window.dilation == [1, 1],
            Layer::AveragePool(window) => window.dilation == [1, 1] && !window.counts_padding,
            Layer::Add => {
                let [a, b] = [0, 1].map(|input| shapes[placed.inputs[input].0]);
                a == b
            }
            Layer::Linear { .. }
            | Layer::Activation(Activation::Relu | Activation::Relu6)
            | Layer::GlobalAverage
            | Layer::Flatten
            | Layer::Concatenate { axis: 0 } => true,
            _ => false,
        })
}

/// Loss and gradients of a batch.
pub(in crate::training) fn gradients(
    architecture: &Architecture,
    learned: &[Vec<f32>],
    batch: &Batch<'_>,
    buffers: &Buffers,
) -> Gradients {
    let mut walk = Walk {
        learned,
        at: 0,
        moments: Vec::new(),
        gradients: vec![Vec::new(); learned.len()],
    };
    let [channels, height, width] = batch.shape;
    let rows = [batch.labels.len(), channels, height * width];
    let mut x = buffers.any(batch.x.len());
    exchange(&batch.x, &mut x, rows);
    let x = Values::new(batch.shape, x);
    let (logits, tapes) = walk.forward(architecture, x);
    let (loss, right, g) = cross_entropy(&logits, batch);
    walk.backward(architecture, tapes, g);
    Gradients {
        loss,
        right,
        of: walk.gradients,
        moments: walk.moments,
    }
}

impl Walk<'_> {
    fn forward(&mut self, architecture: &Architecture, x: Values) -> (Values, Vec<Tape>) {
        // Who reads a value last takes it: what is nobody else's is changed in
        // place.
        let mut readers = vec![0; architecture.layers.len() + 1];
        for input in architecture.layers.iter().flat_map(|placed| &placed.inputs) {
            readers[input.0] += 1;
        }
        readers[architecture.logits.0] += 1;
        let mut values: Vec<Option<Values>> = vec![Some(x)];
        let mut tapes = Vec::with_capacity(architecture.layers.len());
        for placed in &architecture.layers {
            let inputs = placed.inputs.iter().map(|&Value(input)| {
                readers[input] -= 1;
                let value = if readers[input] == 0 {
                    values[input].take()
                } else {
                    values[input].clone()
                };
                value.expect("a value is there until its last reader")
            });
            let mut inputs: Vec<Values> = inputs.collect();
            let (y, tape) = match &placed.layer {
                Layer::Add => {
                    let b = inputs.swap_remove(1);
                    (sum(inputs.swap_remove(0), &b), Tape::Add)
                }
                Layer::Concatenate { .. } => {
                    let channels = inputs.iter().map(|input| input.shape[0]).collect();
                    (joined(&inputs), Tape::Join(channels))
                }
                layer => self.layer(layer, inputs.swap_remove(0)),
            };
            values.push(Some(y));
            tapes.push(tape);
        }
        let logits = values.swap_remove(architecture.logits.0);
        (logits.expect("the logits are read last"), tapes)
    }

    /// Puts the gradients of what is learned in their places.
    fn backward(&mut self, architecture: &Architecture, tapes: Vec<Tape>, g: Values) {
        let mut cotangents: Vec<Option<Values>> = vec![None; tapes.len() + 1];
        cotangents[architecture.logits.0] = Some(g);
        let placed = architecture.layers.iter().enumerate();
        for ((index, placed), tape) in placed.rev().zip(tapes.into_iter().rev()) {
            let Some(g) = cotangents[index + 1].take() else {
                continue;
            };
            let inputs = &placed.inputs;
            let parts = match tape {
                Tape::Add => vec![g.clone(), g],
                Tape::Join(channels) => parted(&g, &channels),
                // Nobody asks for the gradient of a picture.
                tape => vec![self.layer_back(tape, g, inputs[0] != Value::PICTURE)],
            };
            for (&input, part) in inputs.iter().zip(parts) {
                if input == Value::PICTURE {
                    continue;
                }
                let cotangent = &mut cotangents[input.0];
                *cotangent = Some(match cotangent.take() {
                    None => part,
                    Some(total) => sum(total, &part),
                });
            }
        }
    }
}
