//! Many numbers to one.

use super::{Back, Level, Looks, Plain};
use crate::classifier::architecture::Shape;

/// The mean over some axes.
#[derive(Debug)]
pub(super) struct Mean {
    input: Shape,
    /// How far apart two neighbours lie in the result: 0 along an axis of means.
    strides: Shape,
    count: usize,
}

impl Mean {
    pub fn new(input: Shape, axes: [bool; 3]) -> Self {
        let size = |axis: usize| if axes[axis] { 1 } else { input[axis] };
        let stride = |axis: usize, stride: usize| if axes[axis] { 0 } else { stride };
        let means = (0..3).filter(|&axis| axes[axis]);
        Self {
            input,
            strides: [
                stride(0, size(1) * size(2)),
                stride(1, size(2)),
                stride(2, 1),
            ],
            count: means.map(|axis| input[axis]).product(),
        }
    }

    /// For each row of the input: where it begins, and where in the result.
    fn rows(&self, mut visit: impl FnMut(usize, usize)) {
        let [c, h, w] = self.input;
        for channel in 0..c {
            for row in 0..h {
                visit(
                    (channel * h + row) * w,
                    channel * self.strides[0] + row * self.strides[1],
                );
            }
        }
    }
}

impl Plain for Mean {
    fn forward(&self, inputs: &[&[f32]], y: &mut [f32], _: Level) {
        let [.., w] = self.input;
        y.fill(0.0);
        self.rows(|from, to| {
            let row = &inputs[0][from..from + w];
            if self.strides[2] == 0 {
                y[to] += row.iter().sum::<f32>();
            } else {
                for (y, x) in y[to..to + w].iter_mut().zip(row) {
                    *y += x;
                }
            }
        });
        for y in y {
            *y /= self.count as f32;
        }
    }

    fn backward(&self, back: &Back<'_>, to: &mut [f32]) {
        let [.., w] = self.input;
        self.rows(|into, from| {
            for (at, to) in to[into..into + w].iter_mut().enumerate() {
                *to += back.g[from + at * self.strides[2]] / self.count as f32;
            }
        });
    }
}

/// The largest of each channel; of equal ones the first.
#[derive(Debug)]
pub(super) struct GlobalMax {
    pub pixels: usize,
}

impl Plain for GlobalMax {
    fn forward(&self, inputs: &[&[f32]], y: &mut [f32], _: Level) {
        for (y, x) in y.iter_mut().zip(inputs[0].chunks_exact(self.pixels)) {
            *y = x.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        }
    }

    fn backward(&self, back: &Back<'_>, to: &mut [f32]) {
        let channels = back.inputs[0].chunks_exact(self.pixels);
        for ((x, to), g) in channels.zip(to.chunks_exact_mut(self.pixels)).zip(back.g) {
            let first = (1..x.len()).fold(0, |most, at| if x[at] > x[most] { at } else { most });
            to[first] += g;
        }
    }

    fn looks_at(&self) -> Looks {
        Looks::INPUTS
    }
}
