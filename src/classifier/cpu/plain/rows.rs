//! A fully connected layer on each row of a value.

use super::{Back, Level, Plain};
use crate::classifier::cpu::lanes::run;
use crate::classifier::cpu::product::{Matrix, Product, Sink, Source};

const UNBOUNDED: [f32; 2] = [f32::NEG_INFINITY, f32::INFINITY];

#[derive(Debug)]
pub(super) struct LinearRows {
    /// Of the output, and of the input.
    widths: [usize; 2],
    forward: Matrix,
    backward: Matrix,
}

impl LinearRows {
    pub fn new(weight: &[f32], bias: &[f32], widths: [usize; 2], level: Level) -> Self {
        let [output, input] = widths;
        let tile = level.rows();
        Self {
            widths,
            forward: Matrix::new(output, input, tile, Some(bias), |row, column| {
                weight[row * input + column]
            }),
            backward: Matrix::new(input, output, tile, None, |row, column| {
                weight[column * input + row]
            }),
        }
    }
}

impl Plain for LinearRows {
    fn forward(&self, inputs: &[&[f32]], y: &mut [f32], level: Level) {
        let [output, input] = self.widths;
        let rows = inputs[0].len() / input;
        let columns = product(
            &self.forward,
            &transposed(inputs[0], rows, input),
            rows,
            level,
            output,
        );
        y.copy_from_slice(&transposed(&columns, output, rows));
    }

    fn backward(&self, back: &Back<'_>, to: &mut [f32]) {
        let [output, input] = self.widths;
        let rows = back.g.len() / output;
        let g = transposed(back.g, rows, output);
        let columns = product(&self.backward, &g, rows, back.level, input);
        for (to, g) in to.iter_mut().zip(transposed(&columns, input, rows)) {
            *to += g;
        }
    }
}

/// A matrix times columns: `[rows of it, columns]`.
pub(super) fn product(
    a: &Matrix,
    b: &[f32],
    columns: usize,
    level: Level,
    rows: usize,
) -> Vec<f32> {
    let mut c = vec![0.0; rows * columns];
    let kernel = Product {
        a,
        b: Source::Rows(b, None),
        c: Sink::Rows(&mut c),
        pixels: columns,
        bounds: UNBOUNDED,
        add: false,
        panels: &mut Vec::new(),
    };
    run(level, kernel);
    c
}

/// `[rows, columns]` to `[columns, rows]`.
pub(super) fn transposed(values: &[f32], rows: usize, columns: usize) -> Vec<f32> {
    let mut turned = vec![0.0; values.len()];
    // Some columns at a time, so that what is written stays in the cache.
    for first in (0..columns).step_by(16) {
        let last = (first + 16).min(columns);
        for row in 0..rows {
            for column in first..last {
                turned[column * rows + row] = values[row * columns + column];
            }
        }
    }
    turned
}
