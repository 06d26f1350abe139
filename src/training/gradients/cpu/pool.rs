//! Pooling for a whole batch, and the way back.

use rayon::prelude::*;

use super::values::Values;
use crate::classifier::architecture::{Layer, Shape, Window};

/// Where each maximum came from, as a pixel of its plane.
pub(super) struct MaxPool {
    input: Shape,
    output: Shape,
    from: Vec<u32>,
}

impl MaxPool {
    pub fn forward(x: &Values, window: Window) -> (Values, Self) {
        let output = shape_after(&Layer::MaxPool(window), x.shape);
        let [_, height, width] = x.shape;
        let [_, oh, ow] = output;
        let planes = x.data.len() / (height * width);
        let mut y = x.buffers().any(planes * oh * ow);
        let mut from = vec![0u32; y.len()];
        y.par_chunks_exact_mut(oh * ow)
            .zip(from.par_chunks_exact_mut(oh * ow))
            .zip(x.data.par_chunks_exact(height * width))
            .for_each(|((y, from), x)| {
                for i in 0..oh {
                    let rows = span(i, 0, height, &window);
                    for j in 0..ow {
                        let columns = span(j, 1, width, &window);
                        let mut best = (f32::NEG_INFINITY, rows.start * width + columns.start);
                        for row in rows.clone() {
                            let start = row * width + columns.start;
                            let line = &x[start..start + columns.len()];
                            for (index, &value) in line.iter().enumerate() {
                                if value > best.0 {
                                    best = (value, start + index);
                                }
                            }
                        }
                        y[i * ow + j] = best.0;
                        from[i * ow + j] = best.1 as u32;
                    }
                }
            });
        let input = x.shape;
        let pool = Self {
            input,
            output,
            from,
        };
        (Values::new(output, y), pool)
    }

    pub fn backward(self, g: &Values) -> Values {
        let [_, height, width] = self.input;
        let [_, oh, ow] = self.output;
        let mut x = g
            .buffers()
            .any(self.from.len() / (oh * ow) * height * width);
        x.par_chunks_exact_mut(height * width)
            .zip(self.from.par_chunks_exact(oh * ow))
            .zip(g.data.par_chunks_exact(oh * ow))
            .for_each(|((x, from), g)| {
                x.fill(0.0);
                for (&from, g) in from.iter().zip(g) {
                    x[from as usize] += g;
                }
            });
        Values::new(self.input, x)
    }
}

/// Means over windows; padding does not count.
pub(super) struct AveragePool {
    input: Shape,
    output: Shape,
    window: Window,
}

impl AveragePool {
    pub fn forward(x: &Values, window: Window) -> (Values, Self) {
        let output = shape_after(&Layer::AveragePool(window), x.shape);
        let pool = Self {
            input: x.shape,
            output,
            window,
        };
        let [_, height, width] = x.shape;
        let [_, oh, ow] = output;
        let planes = x.data.len() / (height * width);
        let mut y = x.buffers().any(planes * oh * ow);
        y.par_chunks_exact_mut(oh * ow)
            .zip(x.data.par_chunks_exact(height * width))
            .for_each(|(y, x)| {
                y.fill(0.0);
                pool.each(|to, from, share| {
                    y[to] += from.map(|at| x[at]).sum::<f32>() * share;
                });
            });
        (Values::new(output, y), pool)
    }

    pub fn backward(self, g: &Values) -> Values {
        let [_, height, width] = self.input;
        let [_, oh, ow] = self.output;
        let mut x = g.buffers().any(g.data.len() / (oh * ow) * height * width);
        x.par_chunks_exact_mut(height * width)
            .zip(g.data.par_chunks_exact(oh * ow))
            .for_each(|(x, g)| {
                x.fill(0.0);
                self.each(|to, from, share| {
                    from.for_each(|at| x[at] += g[to] * share);
                });
            });
        Values::new(self.input, x)
    }

    /// For each pixel of the output, row by row, those of the input in one row
    /// of its window, and each one's share of the mean.
    fn each(&self, mut visit: impl FnMut(usize, std::ops::Range<usize>, f32)) {
        let [_, height, width] = self.input;
        let [_, oh, ow] = self.output;
        for i in 0..oh {
            let rows = span(i, 0, height, &self.window);
            for j in 0..ow {
                let columns = span(j, 1, width, &self.window);
                let share = 1.0 / (rows.len() * columns.len()) as f32;
                for row in rows.clone() {
                    let start = row * width;
                    visit(
                        i * ow + j,
                        start + columns.start..start + columns.end,
                        share,
                    );
                }
            }
        }
    }
}

/// The pixels along one axis under a window that are inside.
fn span(index: usize, axis: usize, size: usize, window: &Window) -> std::ops::Range<usize> {
    let (before, _) = window.padding[axis];
    let start = index * window.stride[axis];
    let end = start + window.kernel[axis];
    start.saturating_sub(before)..end.saturating_sub(before).min(size)
}

fn shape_after(layer: &Layer, input: Shape) -> Shape {
    let output = layer.output_shape(&[input]);
    output.expect("the architecture fits together")
}
