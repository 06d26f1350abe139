//! Matrix products, by the library that the tensor library multiplies with.

use gemm::{Parallelism, gemm};

/// A matrix in memory.
#[derive(Clone, Copy)]
pub(super) struct View<'a> {
    values: &'a [f32],
    /// From one row to the next, and from one column to the next.
    steps: [usize; 2],
}

impl<'a> View<'a> {
    /// Whose rows begin so far apart.
    pub fn rows(values: &'a [f32], step: usize) -> Self {
        let steps = [step, 1];
        Self { values, steps }
    }

    pub fn transposed(self) -> Self {
        let [row, column] = self.steps;
        let steps = [column, row];
        Self { steps, ..self }
    }

    fn holds(&self, rows: usize, columns: usize) -> bool {
        let [row, column] = self.steps;
        rows == 0 || columns == 0 || (rows - 1) * row + (columns - 1) * column < self.values.len()
    }
}

/// `C = A B`, or `C += A B`, for A of m × k and B of k × n; C's rows follow each
/// other.
pub(super) fn product(
    size @ [m, _, n]: [usize; 3],
    a: View<'_>,
    b: View<'_>,
    c: &mut [f32],
    is_added: bool,
) {
    assert!(c.len() >= m * n);
    // SAFETY: `c` is as long as it has to be, and nobody else's.
    unsafe { product_at(size, a, b, (c.as_mut_ptr(), n), is_added) }
}

/// The same, where C is anywhere, with rows so far apart.
///
/// # Safety
/// C is there to be written, and nobody else writes to it.
pub(super) unsafe fn product_at(
    [m, k, n]: [usize; 3],
    a: View<'_>,
    b: View<'_>,
    (c, row): (*mut f32, usize),
    is_added: bool,
) {
    assert!(a.holds(m, k) && b.holds(k, n));
    // SAFETY: A and B are in their slices, C as the caller says.
    unsafe {
        gemm(
            m,
            n,
            k,
            c,
            1,
            row as isize,
            is_added,
            a.values.as_ptr(),
            a.steps[1] as isize,
            a.steps[0] as isize,
            b.values.as_ptr(),
            b.steps[1] as isize,
            b.steps[0] as isize,
            1.0,
            1.0,
            false,
            false,
            false,
            Parallelism::None,
        );
    }
}
