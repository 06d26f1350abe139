//! The product of two values as matrices.

use super::rows::{product, transposed};
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
        for index in 0..self.count {
            let a = self.part(0, inputs[0], index);
            let a = Matrix::new(m, k, level.rows(), None, |row, column| a[row * k + column]);
            let c = product(&a, self.part(1, inputs[1], index), n, level, m);
            y[index * m * n..(index + 1) * m * n].copy_from_slice(&c);
        }
    }

    fn backward(&self, back: &Back<'_>, to: &mut [f32]) {
        let [[_, m, k], [_, _, n]] = self.from;
        let tile = back.level.rows();
        for index in 0..self.count {
            let g = &back.g[index * m * n..(index + 1) * m * n];
            let found = if back.which == 0 {
                // G Bᵀ
                let b = transposed(self.part(1, back.inputs[1], index), k, n);
                let g = Matrix::new(m, n, tile, None, |row, column| g[row * n + column]);
                product(&g, &b, k, back.level, m)
            } else {
                // Aᵀ G
                let a = self.part(0, back.inputs[0], index);
                let a = Matrix::new(k, m, tile, None, |row, column| a[column * k + row]);
                product(&a, g, n, back.level, k)
            };
            let to = &mut to[self.place(back.which, index)];
            for (to, found) in to.iter_mut().zip(found) {
                *to += found;
            }
        }
    }

    fn looks_at(&self) -> Looks {
        Looks::INPUTS
    }
}
