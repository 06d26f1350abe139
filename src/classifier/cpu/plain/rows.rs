//! A fully connected layer on each row of a value.

use std::sync::Arc;

use super::{Back, Level, Plain};
use crate::classifier::cpu::lanes::run;
use crate::classifier::cpu::product::{Matrix, Product, Sink, Source};

const UNBOUNDED: [f32; 2] = [f32::NEG_INFINITY, f32::INFINITY];

/// The rows are the product's tiles and the weights its columns: the weights,
/// which are much the larger, are read once, and nothing is turned round.
#[derive(Debug)]
pub(super) struct LinearRows {
    /// Of the output, and of the input.
    widths: [usize; 2],
    /// `[input, output]` and `[output, input]`.
    forward: Vec<f32>,
    backward: Arc<Vec<f32>>,
    bias: Arc<Vec<f32>>,
}

impl LinearRows {
    pub fn new(weight: Arc<Vec<f32>>, bias: Arc<Vec<f32>>, widths: [usize; 2]) -> Self {
        let [output, input] = widths;
        Self {
            widths,
            forward: transposed(&weight, output, input),
            backward: weight,
            bias,
        }
    }
}

impl Plain for LinearRows {
    fn forward(&self, inputs: &[&[f32]], y: &mut [f32], level: Level) {
        let [output, input] = self.widths;
        for row in y.chunks_exact_mut(output) {
            row.copy_from_slice(&self.bias);
        }
        let rows = rows_of(inputs[0], input, level);
        add_product(&rows, &self.forward, output, y, level);
    }

    fn backward(&self, back: &Back<'_>, to: &mut [f32]) {
        let [output, input] = self.widths;
        let g = rows_of(back.g, output, back.level);
        add_product(&g, &self.backward, input, to, back.level);
    }
}

/// `[rows, columns]` as the left side of a product.
pub(super) fn rows_of(values: &[f32], columns: usize, level: Level) -> Matrix {
    let at = |row, column| values[row * columns + column];
    Matrix::new(values.len() / columns, columns, level.rows(), None, at)
}

/// Adds a matrix times `[columns of it, columns]` to `[rows of it, columns]`.
pub(super) fn add_product(a: &Matrix, b: &[f32], columns: usize, c: &mut [f32], level: Level) {
    let kernel = Product {
        a,
        b: Source::Rows(b, None),
        c: Sink::Rows(c),
        pixels: columns,
        bounds: UNBOUNDED,
        add: true,
        panels: &mut Vec::new(),
    };
    run(level, kernel);
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
