//! Gradients on the CPU: each layer forward and back for a whole batch, shared
//! out among the cores.
//!
//! Values are kept channel by channel, `[C, N, H, W]`, so that a convolution is
//! one matrix product over the pixels of many pictures, and a channel's moments
//! are those of one slice. Sums over pictures are made in a fixed order, whatever
//! the number of threads, so that a seed gives the same weights again.

mod batch_norm;
mod buffers;
mod convolution;
mod parts;
mod pool;
#[cfg(test)]
mod tests;
mod winograd;

use std::sync::Arc;

use gemm::{Parallelism, gemm};
use rayon::prelude::*;

use super::{Batch, Gradients};
use crate::classifier::architecture::{Activation, Architecture, Convolution, Layer, Shape, Value};
use crate::training::learned::Moments;
use batch_norm::Normalised;
use buffers::Buffer;
pub(in crate::training) use buffers::Buffers;
use convolution::Geometry;
use pool::{AveragePool, MaxPool};

/// Values of all pictures, `[C, N, H, W]`.
#[derive(Clone)]
struct Values {
    /// Of one picture.
    shape: Shape,
    data: Arc<Buffer>,
}

impl Values {
    fn new(shape: Shape, data: Buffer) -> Self {
        let data = Arc::new(data);
        Self { shape, data }
    }

    /// Pixels of a channel in one picture.
    fn pixels(&self) -> usize {
        self.shape[1] * self.shape[2]
    }

    /// How many pictures there are.
    fn count(&self) -> usize {
        self.data.len() / self.shape.iter().product::<usize>()
    }

    /// The values to change; a copy if someone else needs them as they are.
    fn data_mut(&mut self) -> &mut [f32] {
        &mut *Arc::make_mut(&mut self.data)
    }

    /// Memory for values that are made of these.
    fn buffers(&self) -> &Buffers {
        self.data.home()
    }
}

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

/// `[A, B, C]` to `[B, A, C]`.
fn exchange(values: &[f32], out: &mut [f32], [a, b, c]: [usize; 3]) {
    for i in 0..a {
        for j in 0..b {
            out[(j * a + i) * c..][..c].copy_from_slice(&values[(i * b + j) * c..][..c]);
        }
    }
}

/// The mean of `−Σ t log p` with the target t, for how many the label's logit is
/// the highest, and the gradient with respect to the logits.
fn cross_entropy(logits: &Values, batch: &Batch<'_>) -> (f64, usize, Values) {
    let [classes, ..] = logits.shape;
    let n = batch.labels.len();
    let spread = batch.smoothing / classes as f32;
    let (mut loss, mut right) = (0.0, 0);
    let mut g = logits.buffers().any(logits.data.len());
    for (picture, &label) in batch.labels.iter().enumerate() {
        let logit = |class: usize| logits.data[class * n + picture];
        let highest = (0..classes).map(logit).fold(f32::NEG_INFINITY, f32::max);
        let total: f32 = (0..classes)
            .map(|class| (logit(class) - highest).exp())
            .sum();
        right += usize::from((0..classes).find(|&class| logit(class) == highest) == Some(label));
        for class in 0..classes {
            let own = f32::from(u8::from(class == label));
            let target = (1.0 - batch.smoothing) * own + spread;
            if target > 0.0 {
                loss += f64::from(target * (total.ln() + highest - logit(class)));
            }
            let p = (logit(class) - highest).exp() / total;
            g[class * n + picture] = (p - target) / n as f32;
        }
    }
    (loss / n as f64, right, Values::new(logits.shape, g))
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

    fn layer(&mut self, layer: &Layer, x: Values) -> (Values, Tape) {
        let shape = x.shape;
        let [c, h, w] = shape;
        match layer {
            Layer::Convolution(conv) => self.convolution(conv, x),
            Layer::Linear { output, .. } => {
                let at = self.at;
                self.at += 2;
                let y = linear(&x, &self.learned[at], &self.learned[at + 1], *output);
                (y, Tape::Linear { x, at })
            }
            Layer::Activation(Activation::Relu) => rectified(x, f32::INFINITY),
            Layer::Activation(Activation::Relu6) => rectified(x, 6.0),
            Layer::MaxPool(window) => {
                let (y, pool) = MaxPool::forward(&x, *window);
                (y, Tape::MaxPool(pool))
            }
            Layer::AveragePool(window) => {
                let (y, pool) = AveragePool::forward(&x, *window);
                (y, Tape::AveragePool(pool))
            }
            Layer::GlobalAverage => {
                let mut y = x.buffers().any(c * x.count());
                let planes = x.data.par_chunks_exact(h * w).zip(y.par_iter_mut());
                planes.for_each(|(plane, y)| *y = plane.iter().sum::<f32>() / (h * w) as f32);
                (Values::new([c, 1, 1], y), Tape::GlobalAverage(shape))
            }
            Layer::Flatten => {
                let n = x.count();
                let mut y = x.buffers().any(x.data.len());
                let channels = y.par_chunks_exact_mut(n * h * w);
                channels
                    .zip(x.data.par_chunks_exact(n * h * w))
                    .for_each(|(y, x)| exchange(x, y, [n, h * w, 1]));
                (Values::new([c * h * w, 1, 1], y), Tape::Flatten(shape))
            }
            _ => unreachable!("`is_possible` is asked beforehand"),
        }
    }

    fn convolution(&mut self, conv: &Convolution, x: Values) -> (Values, Tape) {
        let at = self.at;
        let geometry = Geometry::new(conv, x.shape);
        let weight = &self.learned[at];
        let Some(norm) = &conv.batch_norm else {
            self.at += 2;
            let y = geometry.forward(&x, weight, Some(&self.learned[at + 1]));
            let norm = None;
            return (
                y,
                Tape::Convolution {
                    geometry,
                    x,
                    at,
                    norm,
                },
            );
        };
        self.at += 3;
        let input = geometry.forward(&x, weight, None);
        let (norm, moments) = Normalised::new(input, norm.epsilon);
        self.moments.push(moments);
        let y = norm.forward(&self.learned[at + 1], &self.learned[at + 2]);
        let norm = Some(norm);
        (
            y,
            Tape::Convolution {
                geometry,
                x,
                at,
                norm,
            },
        )
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

    /// Cotangents of the output to those of the input, which are empty where
    /// nobody needs them.
    fn layer_back(&mut self, tape: Tape, mut g: Values, is_needed: bool) -> Values {
        match tape {
            Tape::Convolution {
                geometry,
                x,
                at,
                norm,
            } => {
                if let Some(norm) = norm {
                    let (input, scale, shift) = norm.backward(g, &self.learned[at + 1]);
                    self.gradients[at + 1] = scale;
                    self.gradients[at + 2] = shift;
                    g = input;
                } else {
                    let pixels = x.count() * g.pixels();
                    let channels = g.data.par_chunks_exact(pixels);
                    self.gradients[at + 1] = channels.map(|of| of.iter().sum()).collect();
                }
                let weight = &self.learned[at];
                let (input, of_weight) = geometry.backward(&x, weight, &g, is_needed);
                self.gradients[at] = of_weight;
                input
            }
            Tape::Linear { x, at } => {
                let n = x.count();
                let rows = g.data.chunks_exact(n);
                self.gradients[at + 1] = rows.map(|of| of.iter().sum()).collect();
                let (input, output) = (x.shape.iter().product(), g.shape[0]);
                let mut of_weight = vec![0.0; output * input];
                let (rows, columns) = (Side::rows(&g.data, n), Side::columns(&x.data, n));
                product([output, n, input], rows, columns, &mut of_weight);
                self.gradients[at] = of_weight;
                let mut gx = g.buffers().any(input * n);
                let weight = Side::columns(&self.learned[at], input);
                product([input, output, n], weight, Side::rows(&g.data, n), &mut gx);
                Values::new(x.shape, gx)
            }
            Tape::Rectifier(y, limit) => {
                let values = g.data_mut().par_iter_mut().zip(y.data.par_iter());
                values.with_min_len(1 << 14).for_each(|(g, &y)| {
                    if !(y > 0.0 && y < limit) {
                        *g = 0.0;
                    }
                });
                g
            }
            Tape::MaxPool(pool) => pool.backward(&g),
            Tape::AveragePool(pool) => pool.backward(&g),
            Tape::GlobalAverage(shape) => {
                let [_, h, w] = shape;
                let mut x = g.buffers().any(g.data.len() * h * w);
                let planes = x.par_chunks_exact_mut(h * w).zip(g.data.par_iter());
                planes.for_each(|(plane, g)| plane.fill(g / (h * w) as f32));
                Values::new(shape, x)
            }
            Tape::Flatten(shape) => {
                let [_, h, w] = shape;
                let n = g.count();
                let mut x = g.buffers().any(g.data.len());
                let channels = x.par_chunks_exact_mut(n * h * w);
                channels
                    .zip(g.data.par_chunks_exact(n * h * w))
                    .for_each(|(x, g)| exchange(g, x, [h * w, n, 1]));
                Values::new(shape, x)
            }
            Tape::Add | Tape::Join(_) => unreachable!("these have several inputs"),
        }
    }
}

fn sum(mut a: Values, b: &Values) -> Values {
    for (a, b) in a.data_mut().iter_mut().zip(b.data.iter()) {
        *a += b;
    }
    a
}

/// Values' channels, one after the other.
fn joined(parts: &[Values]) -> Values {
    let channels = parts.iter().map(|y| y.shape[0]).sum();
    let [_, h, w] = parts[0].shape;
    let mut y = parts[0]
        .buffers()
        .any(parts.iter().map(|y| y.data.len()).sum());
    let mut start = 0;
    for part in parts {
        y[start..start + part.data.len()].copy_from_slice(&part.data);
        start += part.data.len();
    }
    Values::new([channels, h, w], y)
}

/// The same taken apart.
fn parted(g: &Values, channels: &[usize]) -> Vec<Values> {
    let [_, h, w] = g.shape;
    let channel = g.count() * h * w;
    let mut start = 0;
    let part = |&channels: &usize| {
        let mut part = g.buffers().any(channels * channel);
        part.copy_from_slice(&g.data[start * channel..][..channels * channel]);
        start += channels;
        Values::new([channels, h, w], part)
    };
    channels.iter().map(part).collect()
}

fn rectified(mut x: Values, limit: f32) -> (Values, Tape) {
    let values = x.data_mut().par_iter_mut();
    values
        .with_min_len(1 << 14)
        .for_each(|x| *x = x.clamp(0.0, limit));
    (x.clone(), Tape::Rectifier(x, limit))
}

fn linear(x: &Values, weight: &[f32], bias: &[f32], output: usize) -> Values {
    let n = x.count();
    let input = x.shape.iter().product();
    let size = [output, input, n];
    let mut y = x.buffers().any(output * n);
    product(
        size,
        Side::rows(weight, input),
        Side::rows(&x.data, n),
        &mut y,
    );
    for (row, bias) in y.chunks_exact_mut(n).zip(bias) {
        row.iter_mut().for_each(|y| *y += bias);
    }
    Values::new([output, 1, 1], y)
}

/// A factor of a matrix product.
struct Side<'a> {
    values: &'a [f32],
    /// From one row to the next, and from one column to the next.
    steps: [usize; 2],
}

impl<'a> Side<'a> {
    /// Whose rows follow each other, of a length.
    fn rows(values: &'a [f32], length: usize) -> Self {
        let steps = [length, 1];
        Self { values, steps }
    }

    /// Whose columns follow each other, of a length.
    fn columns(values: &'a [f32], length: usize) -> Self {
        let steps = [1, length];
        Self { values, steps }
    }
}

/// `A B` for A of m × k and B of k × n, row by row.
fn product([m, k, n]: [usize; 3], a: Side<'_>, b: Side<'_>, c: &mut [f32]) {
    assert!(a.values.len() == m * k && b.values.len() == k * n && c.len() == m * n);
    // SAFETY: the slices are as long as the sizes and steps need.
    unsafe {
        gemm(
            m,
            n,
            k,
            c.as_mut_ptr(),
            1,
            n as isize,
            false,
            a.values.as_ptr(),
            a.steps[1] as isize,
            a.steps[0] as isize,
            b.values.as_ptr(),
            b.steps[1] as isize,
            b.steps[0] as isize,
            0.0,
            1.0,
            false,
            false,
            false,
            Parallelism::None,
        );
    }
}
