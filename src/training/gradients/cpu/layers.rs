//! Layers of one input: there, and back.

use rayon::prelude::*;

use super::batch_norm::Normalised;
use super::convolution::Geometry;
use super::pool::{AveragePool, MaxPool};
use super::product::{View, product};
use super::values::{Values, exchange};
use super::{Tape, Walk};
use crate::classifier::architecture::{Activation, Convolution, Layer};

impl Walk<'_> {
    pub(super) fn layer(&mut self, layer: &Layer, x: Values) -> (Values, Tape) {
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

    /// Cotangents of the output to those of the input, which are empty where
    /// nobody needs them.
    pub(super) fn layer_back(&mut self, tape: Tape, mut g: Values, is_needed: bool) -> Values {
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
                let (g_rows, x_rows) = (View::rows(&g.data, n), View::rows(&x.data, n));
                let size = [output, n, input];
                product(size, g_rows, x_rows.transposed(), &mut of_weight, false);
                self.gradients[at] = of_weight;
                let mut gx = g.buffers().any(input * n);
                let weight = View::rows(&self.learned[at], input).transposed();
                product([input, output, n], weight, g_rows, &mut gx, false);
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
        View::rows(weight, input),
        View::rows(&x.data, n),
        &mut y,
        false,
    );
    for (row, bias) in y.chunks_exact_mut(n).zip(bias) {
        row.iter_mut().for_each(|y| *y += bias);
    }
    Values::new([output, 1, 1], y)
}
