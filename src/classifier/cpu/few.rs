//! Convolutions of groups of few channels: depthwise ones, of one, foremost.
//!
//! A group's channels are copied into small padded planes first, so that the
//! inner loop knows no borders; with a stride s their columns are sorted by
//! their remainder modulo s, so that a vector's pixels lie side by side. The
//! walk back is the same sum over other taps: a pixel of the input hears from
//! the taps that reach it, which are the same for all pixels of one remainder.

mod walk;

use super::lanes::Kernel;
use super::mask::Open;
use crate::classifier::architecture::{Convolution, Shape};
use walk::Walk;

/// Pixels computed at a time, and how far a row may be read or written past its
/// end.
pub(super) const BLOCK: usize = 16;

/// The most channels of a group: with more, a product of matrices is faster.
const MOST: usize = 8;

#[derive(Debug)]
pub(super) struct FewChannels {
    groups: usize,
    /// Height and width.
    input: [usize; 2],
    output: [usize; 2],
    bias: Vec<f32>,
    plan: Plan,
    back: Plan,
}

/// A group's padded planes, and which of their values each result sums up.
#[derive(Debug)]
struct Plan {
    /// Channels of a group that are read, and that are written.
    from: usize,
    to: usize,
    /// `[channels written, channels of a group read, kh, kw]`
    weight: Vec<f32>,
    /// A channel's columns go into this many planes, by remainder.
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
    /// Of the weight among those of its result.
    weight: usize,
}

impl Plan {
    /// Of the taps of one channel those of a group's.
    #[inline(never)]
    fn of_group(mut self, filter: usize) -> Self {
        let plane = self.planes * self.rows * self.pitch;
        let from = self.from;
        for phase in self.taps.iter_mut().flatten() {
            let one = std::mem::take(&mut phase.taps);
            let all = (0..from).flat_map(|channel| {
                one.iter().map(move |tap| Tap {
                    offset: channel * plane + tap.offset,
                    weight: channel * filter + tap.weight,
                })
            });
            phase.taps = all.collect();
        }
        self
    }
}

impl FewChannels {
    pub fn is_for(conv: &Convolution) -> bool {
        let [ins, outs] = [conv.input, conv.output].map(|channels| channels / conv.groups);
        conv.groups > 1 && ins <= MOST && outs <= MOST && conv.dilation == [1, 1]
    }

    pub fn new(
        conv: &Convolution,
        input: Shape,
        output: Shape,
        weight: &[f32],
        bias: &[f32],
    ) -> Self {
        let [_, h, w] = input;
        let [_, oh, ow] = output;
        let [ins, outs] = [conv.input, conv.output].map(|channels| channels / conv.groups);
        let filter = conv.kernel[0] * conv.kernel[1];
        // Each input's filters, of the outputs of its group.
        let turned = (0..conv.input).flat_map(|channel| {
            let (group, i) = (channel / ins, channel % ins);
            (0..outs).flat_map(move |o| {
                let start = ((group * outs + o) * ins + i) * filter;
                &weight[start..start + filter]
            })
        });
        let turned = turned.copied().collect();
        Self {
            groups: conv.groups,
            input: [h, w],
            output: [oh, ow],
            bias: bias.to_vec(),
            plan: forward(conv, [h, w], [oh, ow], [ins, outs], weight.to_vec()).of_group(filter),
            back: backward(conv, [h, w], [oh, ow], [outs, ins], turned).of_group(filter),
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
            groups: self.groups,
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
            groups: self.groups,
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
fn forward(
    conv: &Convolution,
    input: [usize; 2],
    output: [usize; 2],
    [from, to]: [usize; 2],
    weight: Vec<f32>,
) -> Plan {
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
        from,
        to,
        weight,
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
fn backward(
    conv: &Convolution,
    input: [usize; 2],
    output: [usize; 2],
    [from, to]: [usize; 2],
    weight: Vec<f32>,
) -> Plan {
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
        from,
        to,
        weight,
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
