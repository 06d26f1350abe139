//! The sum itself: planes are filled, and rows of results summed up.

use super::{BLOCK, Plan, Tap};
use crate::classifier::cpu::lanes::{Kernel, Lanes, SHUT};
use crate::classifier::cpu::mask::{Open, widen};

/// One of the two walks, over all groups.
pub(super) struct Walk<'a> {
    pub groups: usize,
    pub plan: &'a Plan,
    pub from: &'a [f32],
    pub from_size: [usize; 2],
    pub open: Option<Open<'a>>,
    pub bias: Option<&'a [f32]>,
    pub to: &'a mut [f32],
    pub to_size: [usize; 2],
    pub bounds: [f32; 2],
    pub add: bool,
    pub scratch: &'a mut Vec<f32>,
}

impl Kernel for Walk<'_> {
    #[inline(always)]
    unsafe fn run<L: Lanes>(self) {
        let plan = self.plan;
        let [from_h, from_w] = self.from_size;
        let [to_h, to_w] = self.to_size;
        let filters = plan.weight.len() / (self.groups * plan.to);
        assert!(self.from.len() >= self.groups * plan.from * from_h * from_w);
        assert!(self.to.len() >= self.groups * plan.to * to_h * to_w);
        // A row is written where it belongs if what is written past its end is
        // written again, rightly, by the next.
        let direct = !self.add && plan.step == 1;
        let planes = plan.planes * plan.rows * plan.pitch;
        let line = to_w + BLOCK;
        // A block that begins at the last tap of the last row ends beyond it.
        let space = plan.from * planes + 2 * BLOCK + plan.pitch;
        self.scratch.clear();
        self.scratch.resize(space + line, 0.0);
        let (padded, line) = self.scratch.split_at_mut(space);
        let mask = &mut vec![SHUT; (from_h * from_w).next_multiple_of(8)];
        for channel in 0..self.groups * plan.to {
            if channel % plan.to == 0 {
                let group = channel / plan.to;
                let planes = padded.chunks_exact_mut(planes).take(plan.from);
                for (from, padded) in (group * plan.from..).zip(planes) {
                    let open = self.open.map(|open| {
                        widen(open.bits(from, 0), mask);
                        mask.as_slice()
                    });
                    let from = &self.from[from * from_h * from_w..(from + 1) * from_h * from_w];
                    // SAFETY: the planes were made for a picture of this size.
                    unsafe { fill::<L>(plan, padded, from, from_w, open) };
                }
            }
            let weight = &plan.weight[channel * filters..(channel + 1) * filters];
            let bias = self.bias.map_or(0.0, |bias| bias[channel]);
            for (row, at) in plan.lines.iter().enumerate() {
                let to = (channel * to_h + row) * to_w;
                for phase in &plan.taps[at.phase] {
                    let direct = direct && to + phase.count + BLOCK <= self.to.len();
                    let row = if direct {
                        &mut self.to[to..]
                    } else {
                        &mut *line
                    };
                    let from = &padded[at.start..];
                    let sum = Sum {
                        taps: &phase.taps,
                        weight,
                        bias,
                        bounds: self.bounds,
                    };
                    let mut x = 0;
                    while x < phase.count {
                        // SAFETY: a plane is BLOCK wider than its picture, and
                        // so is the row that is written.
                        unsafe {
                            match (phase.count - x > BLOCK / 2, L::WIDTH) {
                                (true, 4) => sum.block::<L, 4>(from, row, x),
                                (true, 8) | (false, 4) => sum.block::<L, 2>(from, row, x),
                                _ => sum.block::<L, 1>(from, row, x),
                            }
                        }
                        x += if phase.count - x > BLOCK / 2 {
                            BLOCK
                        } else {
                            BLOCK / 2
                        };
                    }
                    if !direct {
                        let row = self.to[to..to + to_w].iter_mut();
                        let row = row.skip(phase.first).step_by(plan.step);
                        for (to, value) in row.zip(&line[..phase.count]) {
                            *to = if self.add { *to + value } else { *value };
                        }
                    }
                }
            }
        }
    }
}

/// Copies a picture to where its plan wants it.
///
/// # Safety
/// The processor has L's instructions.
#[inline(always)]
unsafe fn fill<L: Lanes>(
    plan: &Plan,
    padded: &mut [f32],
    from: &[f32],
    width: usize,
    open: Option<&[u8]>,
) {
    let plane = plan.rows * plan.pitch;
    let [top, left] = plan.origin;
    for (row, from) in from.chunks_exact(width).enumerate() {
        let start = (top + row) * plan.pitch;
        if plan.planes > 1 {
            for (x, value) in from.iter().enumerate() {
                let x = x + left;
                padded[x % plan.planes * plane + start + x / plan.planes] = *value;
            }
            continue;
        }
        let to = &mut padded[start + left..start + left + width];
        let Some(open) = open else {
            to.copy_from_slice(from);
            continue;
        };
        let open = &open[row * width..(row + 1) * width];
        let whole = width - width % L::WIDTH;
        for x in (0..whole).step_by(L::WIDTH) {
            // SAFETY: a vector lies at x in all three.
            unsafe {
                let g = L::load(from.as_ptr().add(x));
                L::store(
                    to.as_mut_ptr().add(x),
                    L::where_open(g, open.as_ptr().add(x)),
                );
            }
        }
        for x in whole..width {
            to[x] = if open[x] == SHUT { 0.0 } else { from[x] };
        }
    }
}

/// What one block of results is made of.
struct Sum<'a> {
    taps: &'a [Tap],
    weight: &'a [f32],
    bias: f32,
    bounds: [f32; 2],
}

impl Sum<'_> {
    /// N vectors of results from column x on.
    ///
    /// # Safety
    /// The vectors lie within `row`, and within `from` at every tap.
    #[inline(always)]
    unsafe fn block<L: Lanes, const N: usize>(&self, from: &[f32], row: &mut [f32], x: usize) {
        debug_assert!(x + N * L::WIDTH <= row.len());
        // SAFETY: the caller's.
        unsafe {
            let mut sums = [L::splat(self.bias); N];
            for tap in self.taps {
                debug_assert!(tap.offset + x + N * L::WIDTH <= from.len());
                let w = L::splat(*self.weight.get_unchecked(tap.weight));
                let from = from.as_ptr().add(tap.offset + x);
                for (n, sum) in sums.iter_mut().enumerate() {
                    *sum = L::mul_add(w, L::load(from.add(n * L::WIDTH)), *sum);
                }
            }
            let (low, high) = (L::splat(self.bounds[0]), L::splat(self.bounds[1]));
            for (n, sum) in sums.into_iter().enumerate() {
                let to = row.as_mut_ptr().add(x + n * L::WIDTH);
                L::store(to, L::min(L::max(sum, low), high));
            }
        }
    }
}
