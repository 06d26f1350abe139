//! Convolutions by windows into padded pictures: a matrix product.

use super::product::{Matrix, Windows};
use crate::classifier::architecture::{Convolution, Shape};

/// A convolution by windows into padded pictures, group by group.
#[derive(Debug)]
pub(super) struct Dense {
    pub forward: Vec<Matrix>,
    pub windows: Windows,
    pub padded: Padded,
    /// Outputs of one group, and their pixels.
    pub outputs: usize,
    pub pixels: usize,
    pub backward: Back,
}

#[derive(Debug)]
pub(super) enum Back {
    /// Of stride 1: windows into the padded cotangents, with the kernel turned.
    Windows {
        matrices: Vec<Matrix>,
        windows: Windows,
        padded: Padded,
    },
    /// Otherwise: each output's cotangent goes back to its window.
    Scatter { matrices: Vec<Matrix> },
}

/// The channels of one group of a picture, with zeros around them.
#[derive(Debug)]
pub(super) struct Padded {
    pub channels: usize,
    /// Height and width, without and with the zeros.
    pub inner: [usize; 2],
    pub outer: [usize; 2],
    /// Where the picture begins.
    pub origin: [usize; 2],
}

impl Padded {
    pub fn size(&self) -> usize {
        self.channels * self.outer[0] * self.outer[1]
    }
}

impl Dense {
    pub fn new(
        conv: &Convolution,
        input: Shape,
        output: Shape,
        weight: &[f32],
        bias: &[f32],
        tile: usize,
    ) -> Self {
        let (ins, outs) = (conv.input / conv.groups, conv.output / conv.groups);
        let [kh, kw] = conv.kernel;
        let window = kh * kw;
        let before = conv.padding.map(|(before, _)| before);
        let span = conv.span();
        // A last window may end before the picture does, or beyond it.
        let outer = [0, 1].map(|axis| {
            let reach = (output[axis + 1] - 1) * conv.stride[axis] + span[axis];
            reach.max(input[axis + 1] + before[axis])
        });
        let padded = Padded {
            channels: ins,
            inner: [input[1], input[2]],
            outer,
            origin: before,
        };
        let windows = windows_of(ins, conv, outer, conv.stride, output[2]);
        // `weight[(group · outs + o) · ins + i][tap]`
        let at = |group: usize, o: usize, i: usize, tap: usize| {
            weight[((group * outs + o) * ins + i) * window + tap]
        };
        let groups = 0..conv.groups;
        let forward = groups
            .clone()
            .map(|group| {
                let bias = &bias[group * outs..(group + 1) * outs];
                Matrix::new(outs, ins * window, tile, Some(bias), |row, column| {
                    at(group, row, column / window, column % window)
                })
            })
            .collect();
        let turns = conv.stride == [1, 1] && (0..2).all(|axis| before[axis] < span[axis]);
        let backward = if turns {
            let origin = [0, 1].map(|axis| span[axis] - 1 - before[axis]);
            let outer = [0, 1].map(|axis| {
                let reach = input[axis + 1] + span[axis] - 1;
                reach.max(output[axis + 1] + origin[axis])
            });
            Back::Windows {
                matrices: groups
                    .map(|group| {
                        Matrix::new(ins, outs * window, tile, None, |row, column| {
                            let tap = window - 1 - column % window;
                            at(group, column / window, row, tap)
                        })
                    })
                    .collect(),
                windows: windows_of(outs, conv, outer, [1, 1], input[2]),
                padded: Padded {
                    channels: outs,
                    inner: [output[1], output[2]],
                    outer,
                    origin,
                },
            }
        } else {
            Back::Scatter {
                matrices: groups
                    .map(|group| {
                        Matrix::new(ins * window, outs, tile, None, |row, column| {
                            at(group, column, row / window, row % window)
                        })
                    })
                    .collect(),
            }
        };
        Self {
            forward,
            windows,
            padded,
            outputs: outs,
            pixels: output[1] * output[2],
            backward,
        }
    }
}

/// Where the windows of a convolution begin, and which of the picture's values
/// each has.
fn windows_of(
    channels: usize,
    conv: &Convolution,
    outer: [usize; 2],
    stride: [usize; 2],
    across: usize,
) -> Windows {
    let (kernel, dilation) = (conv.kernel, conv.dilation);
    let [height, width] = outer;
    let mut offsets = Vec::with_capacity(channels * kernel[0] * kernel[1]);
    for channel in 0..channels {
        for y in 0..kernel[0] {
            for x in 0..kernel[1] {
                offsets.push((channel * height + y * dilation[0]) * width + x * dilation[1]);
            }
        }
    }
    Windows {
        offsets,
        across,
        steps: [stride[0] * width, stride[1]],
    }
}
