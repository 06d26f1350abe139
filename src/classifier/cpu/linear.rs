//! A fully connected layer on one picture: its weights are read once, and that
//! is all that it costs.

use super::lanes::{Kernel, Lanes};

/// `y = W x + b`, between two bounds; W is `[outputs, inputs]`.
pub(super) struct Forward<'a> {
    pub weight: &'a [f32],
    pub bias: &'a [f32],
    pub x: &'a [f32],
    pub y: &'a mut [f32],
    pub bounds: [f32; 2],
}

impl Kernel for Forward<'_> {
    #[inline(always)]
    unsafe fn run<L: Lanes>(self) {
        let rows = self.weight.chunks_exact(self.x.len());
        for ((y, row), bias) in self.y.iter_mut().zip(rows).zip(self.bias) {
            // SAFETY: rows are as long as x.
            let sum = bias + unsafe { dot::<L>(row, self.x) };
            *y = sum.max(self.bounds[0]).min(self.bounds[1]);
        }
    }
}

/// # Safety
/// `a` and `b` are of one length.
#[inline(always)]
unsafe fn dot<L: Lanes>(a: &[f32], b: &[f32]) -> f32 {
    let step = 4 * L::WIDTH;
    let whole = a.len() - a.len() % step;
    // SAFETY: the vectors lie within both.
    unsafe {
        let mut sums = [L::splat(0.0); 4];
        for start in (0..whole).step_by(step) {
            for (n, sum) in sums.iter_mut().enumerate() {
                let at = start + n * L::WIDTH;
                *sum = L::mul_add(
                    L::load(a.as_ptr().add(at)),
                    L::load(b.as_ptr().add(at)),
                    *sum,
                );
            }
        }
        let sum = L::add(L::add(sums[0], sums[1]), L::add(sums[2], sums[3]));
        let mut lanes = [0f32; 16];
        L::store(lanes.as_mut_ptr(), sum);
        let rest = a[whole..].iter().zip(&b[whole..]).map(|(a, b)| a * b);
        lanes.iter().copied().chain(rest).sum()
    }
}

/// `x = Wᵀ g`: the rows of the classes that are asked for, mostly one or two.
pub(super) struct Backward<'a> {
    pub weight: &'a [f32],
    pub g: &'a [f32],
    pub x: &'a mut [f32],
    pub add: bool,
}

impl Kernel for Backward<'_> {
    #[inline(always)]
    unsafe fn run<L: Lanes>(self) {
        if !self.add {
            self.x.fill(0.0);
        }
        let rows = self.weight.chunks_exact(self.x.len());
        for (g, row) in self.g.iter().zip(rows) {
            if *g == 0.0 {
                continue;
            }
            for (x, w) in self.x.iter_mut().zip(row) {
                *x += g * w;
            }
        }
    }
}
