//! The product of two values as matrices.

use super::rows::{add_product, rows_of, transposed};
use super::{Back, Level, Looks, Plain};
use crate::classifier::architecture::Shape;
use crate::classifier::cpu::product::Matrix;

/// `[B, M, K]` times `[B, K, N]`; a B of 1 is repeated.
#[derive(Debug)]
pub(super) struct MatrixProduct {
    from: [Shape; 2],
    /// How many there are.
    count: usize,
}

impl MatrixProduct {
    pub fn new(from: &[Shape]) -> Self {
        Self {
            from: [from[0], from[1]],
            count: from[0][0].max(from[1][0]),
        }
    }

    /// The matrix of an input that a product has.
    fn part<'a>(&self, which: usize, of: &'a [f32], index: usize) -> &'a [f32] {
        &of[self.place(which, index)]
    }

    fn place(&self, which: usize, index: usize) -> std::ops::Range<usize> {
        let [count, rows, columns] = self.from[which];
        let index = if count == 1 { 0 } else { index };
        index * rows * columns..(index + 1) * rows * columns
    }
}

impl Plain for MatrixProduct {
    fn forward(&self, inputs: &[&[f32]], y: &mut [f32], level: Level) {
        let [[_, m, k], [_, _, n]] = self.from;
        y.fill(0.0);
        for index in 0..self.count {
            let a = rows_of(self.part(0, inputs[0], index), k, level);
            let y = &mut y[index * m * n..(index + 1) * m * n];
            add_product(&a, self.part(1, inputs[1], index), n, y, level);
        }
    }

    fn backward(&self, back: &Back<'_>, to: &mut [f32]) {
        let [[_, m, k], [_, _, n]] = self.from;
        let level = back.level;
        for index in 0..self.count {
            let g = &back.g[index * m * n..(index + 1) * m * n];
            let to = &mut to[self.place(back.which, index)];
            if back.which == 0 {
                // G Bᵀ
                let b = transposed(self.part(1, back.inputs[1], index), k, n);
                add_product(&rows_of(g, n, level), &b, k, to, level);
            } else {
                // Aᵀ G
                let a = self.part(0, back.inputs[0], index);
                let a = Matrix::new(k, m, level.rows(), None, |row, column| a[column * k + row]);
                add_product(&a, g, n, to, level);
            }
        }
    }

    fn looks_at(&self) -> Looks {
        Looks::INPUTS
    }
}
