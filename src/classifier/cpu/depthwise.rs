//! Convolutions with one filter a channel.
//!
//! Each channel is copied into a small padded plane first, so that the inner
//! loop knows no borders; with a stride s its columns are sorted by their
//! remainder modulo s, so that a vector's pixels lie side by side. The walk
//! back is the same sum over other taps: a pixel of the input hears from the
//! taps that reach it, which are the same for all pixels of one remainder.

use super::lanes::{Kernel, Lanes, SHUT};
use super::mask::{Open, widen};
use crate::classifier::architecture::{Convolution, Shape};

/// Pixels computed at a time, and how far a row may be read or written past its
/// end.
pub(super) const BLOCK: usize = 16;

#[derive(Debug)]
pub(super) struct Depthwise {
    channels: usize,
    kernel: [usize; 2],
    /// Height and width.
    input: [usize; 2],
    output: [usize; 2],
    /// `[C, kh, kw]`
    weight: Vec<f32>,
    bias: Vec<f32>,
    plan: Plan,
    back: Plan,
}

/// A padded plane, and which of its values each result sums up.
#[derive(Debug)]
struct Plan {
    /// The picture's columns go into this many planes, by remainder.
    planes: usize,
    rows: usize,
    pitch: usize,
    /// Where the picture begins.
    origin: [usize; 2],
    /// Between two columns of the results of one remainder.
    step: usize,
    /// One for each row of results, in order.
    lines: Vec<Line>,
    /// For each remainder of the row: for each remainder of the column.
    taps: Vec<Vec<Phase>>,
}

#[derive(Debug, Clone, Copy)]
struct Line {
    /// Which of `Plan::taps`.
    phase: usize,
    start: usize,
}

/// The results of one row whose columns have one remainder.
#[derive(Debug)]
struct Phase {
    /// The first column of the results, and how many there are.
    first: usize,
    count: usize,
    taps: Vec<Tap>,
}

#[derive(Debug, Clone, Copy)]
struct Tap {
    offset: usize,
    /// Of the weight in its filter.
    weight: usize,
}

impl Depthwise {
    pub fn new(
        conv: &Convolution,
        input: Shape,
        output: Shape,
        weight: &[f32],
        bias: &[f32],
    ) -> Self {
        let [_, h, w] = input;
        let [_, oh, ow] = output;
        Self {
            channels: conv.input,
            kernel: conv.kernel,
            input: [h, w],
            output: [oh, ow],
            weight: weight.to_vec(),
            bias: bias.to_vec(),
            plan: forward(conv, [h, w], [oh, ow]),
            back: backward(conv, [h, w], [oh, ow]),
        }
    }

    /// Of one channel of the output.
    pub fn pixels(&self) -> usize {
        self.output[0] * self.output[1]
    }

    /// `[C, H, W]` to `[C, OH, OW]`, between two bounds.
    pub fn forward<'a>(
        &'a self,
        x: &'a [f32],
        y: &'a mut [f32],
        bounds: [f32; 2],
        scratch: &'a mut Vec<f32>,
    ) -> impl Kernel + 'a {
        Walk {
            depthwise: self,
            plan: &self.plan,
            from: x,
            from_size: self.input,
            open: None,
            bias: Some(&self.bias),
            to: y,
            to_size: self.output,
            bounds,
            add: false,
            scratch,
        }
    }

    /// The cotangents of the output, where a rectifier was open, to those of
    /// the input.
    pub fn backward<'a>(
        &'a self,
        g: &'a [f32],
        open: Option<Open<'a>>,
        to: &'a mut [f32],
        add: bool,
        scratch: &'a mut Vec<f32>,
    ) -> impl Kernel + 'a {
        Walk {
            depthwise: self,
            plan: &self.back,
            from: g,
            from_size: self.output,
            open,
            bias: None,
            to,
            to_size: self.input,
            bounds: [f32::NEG_INFINITY, f32::INFINITY],
            add,
            scratch,
        }
    }
}

/// `y[i] = Σ_k w[k] · x[i · s + k − before]`
fn forward(conv: &Convolution, input: [usize; 2], output: [usize; 2]) -> Plan {
    let [kh, kw] = conv.kernel;
    let [sy, sx] = conv.stride;
    let [top, left] = conv.padding.map(|(before, _)| before);
    let rows = ((output[0] - 1) * sy + kh).max(input[0] + top);
    let columns = ((output[1] - 1) * sx + kw).max(input[1] + left);
    let pitch = columns.div_ceil(sx) + BLOCK;
    let taps = (0..kh * kw)
        .map(|weight| {
            let (ky, kx) = (weight / kw, weight % kw);
            Tap {
                offset: kx % sx * rows * pitch + ky * pitch + kx / sx,
                weight,
            }
        })
        .collect();
    Plan {
        planes: sx,
        rows,
        pitch,
        origin: [top, left],
        step: 1,
        lines: (0..output[0])
            .map(|row| Line {
                phase: 0,
                start: row * sy * pitch,
            })
            .collect(),
        taps: vec![vec![Phase {
            first: 0,
            count: output[1],
            taps,
        }]],
    }
}

/// `x[j] = Σ w[k] · g[(j + before − k) / s]` over the taps k for which that is
/// a whole number.
fn backward(conv: &Convolution, input: [usize; 2], output: [usize; 2]) -> Plan {
    let before = conv.padding.map(|(before, _)| before);
    let (kernel, stride) = (conv.kernel, conv.stride);
    // How far to the front a tap can reach, in steps of the stride, and how
    // many outputs a row has to pretend to have.
    let reach = [0, 1].map(|axis| (kernel[axis] - 1) / stride[axis]);
    let last = [0, 1].map(|axis| (input[axis] - 1 + before[axis]) / stride[axis]);
    let rows = reach[0] + (last[0] + 1).max(output[0]);
    let pitch = reach[1] + (last[1] + 1).max(output[1]) + BLOCK;
    let taps = (0..stride[0])
        .map(|py| {
            (0..stride[1])
                .filter_map(|px| {
                    // j + before = s · q + remainder
                    let q = before[1].saturating_sub(px).div_ceil(stride[1]);
                    let first = (q * stride[1] + px).checked_sub(before[1])?;
                    let count = input[1].checked_sub(first)?.div_ceil(stride[1]);
                    let mut taps = Vec::new();
                    for ky in (py..kernel[0]).step_by(stride[0]) {
                        for kx in (px..kernel[1]).step_by(stride[1]) {
                            let up = reach[0] - (ky - py) / stride[0];
                            let back = reach[1] - (kx - px) / stride[1];
                            taps.push(Tap {
                                offset: up * pitch + back + q,
                                weight: ky * kernel[1] + kx,
                            });
                        }
                    }
                    Some(Phase { first, count, taps })
                })
                .collect()
        })
        .collect();
    Plan {
        planes: 1,
        rows,
        pitch,
        origin: reach,
        step: stride[1],
        lines: (0..input[0])
            .map(|row| Line {
                phase: (row + before[0]) % stride[0],
                start: (row + before[0]) / stride[0] * pitch,
            })
            .collect(),
        taps,
    }
}

/// One of the two walks, over all channels.
struct Walk<'a> {
    depthwise: &'a Depthwise,
    plan: &'a Plan,
    from: &'a [f32],
    from_size: [usize; 2],
    open: Option<Open<'a>>,
    bias: Option<&'a [f32]>,
    to: &'a mut [f32],
    to_size: [usize; 2],
    bounds: [f32; 2],
    add: bool,
    scratch: &'a mut Vec<f32>,
}

impl Kernel for Walk<'_> {
    #[inline(always)]
    unsafe fn run<L: Lanes>(self) {
        let plan = self.plan;
        let [from_h, from_w] = self.from_size;
        let [to_h, to_w] = self.to_size;
        let channels = self.depthwise.channels;
        let filter = self.depthwise.kernel[0] * self.depthwise.kernel[1];
        assert!(self.from.len() >= channels * from_h * from_w);
        assert!(self.to.len() >= channels * to_h * to_w);
        // A row is written where it belongs if what is written past its end is
        // written again, rightly, by the next.
        let direct = !self.add && plan.step == 1;
        let plane = plan.rows * plan.pitch;
        let line = to_w + BLOCK;
        // A block that begins at the last tap of the last row ends beyond it.
        let space = plan.planes * plane + 2 * BLOCK + plan.pitch;
        self.scratch.clear();
        self.scratch.resize(space + line, 0.0);
        let (padded, line) = self.scratch.split_at_mut(space);
        let mask = &mut vec![SHUT; (from_h * from_w).next_multiple_of(8)];
        for channel in 0..channels {
            let from = channel * from_h * from_w..(channel + 1) * from_h * from_w;
            let open = self.open.map(|open| {
                widen(open.bits(channel, 0), mask);
                mask.as_slice()
            });
            // SAFETY: the plane was made for a picture of this size.
            unsafe { fill::<L>(plan, padded, &self.from[from], from_w, open) };
            let weight = &self.depthwise.weight[channel * filter..(channel + 1) * filter];
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
