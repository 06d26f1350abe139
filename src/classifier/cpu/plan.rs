//! A network's steps on one picture, with their weights as this processor
//! wants them.

use super::Unsupported;
use super::depthwise::Depthwise;
use super::lanes::Level;
use super::pool::{Kind, Pool};
use super::product::{Matrix, Windows};
use crate::classifier::architecture::{Convolution, Layer, Node, Shape};
use crate::classifier::steps::{self, Steps};
pub(super) use crate::classifier::steps::{Rectifier, Slot};
use crate::classifier::weights::{Weights, WeightsError};

#[derive(Debug)]
pub(super) struct Plan {
    pub steps: Vec<Step>,
    /// Of each value, how many numbers it has.
    pub sizes: Vec<usize>,
    /// The logits.
    pub output: Slot,
}

#[derive(Debug)]
pub(super) struct Step {
    pub op: Op,
    pub input: Slot,
    pub output: Slot,
    pub rectifier: Option<Rectifier>,
}

/// What a step does. Those that hold much are boxed.
#[derive(Debug)]
pub(super) enum Op {
    /// A convolution of 1×1: a matrix product with the pixels as they lie.
    Pointwise(Box<Pointwise>),
    Depthwise(Box<Depthwise>),
    /// Any other convolution.
    Dense(Box<Dense>),
    Linear {
        weight: Vec<f32>,
        bias: Vec<f32>,
    },
    Pool(Pool),
    GlobalAverage {
        channels: usize,
    },
    /// Nothing but its rectifier.
    Same,
    /// Plus another value.
    Add(Slot),
    /// The values of some slots, one after the other (the input is the first).
    Join(Vec<Slot>),
}

#[derive(Debug)]
pub(super) struct Pointwise {
    pub pixels: usize,
    pub forward: Matrix,
    pub backward: Matrix,
}

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

/// Lays steps out for this processor.
pub(super) struct Planner<'a> {
    weights: &'a Weights,
    level: Level,
}

impl Planner<'_> {
    /// The steps of a network.
    ///
    /// # Errors
    /// Weights that are missing or have another shape; a layer that has no fast
    /// form here.
    pub fn plan(
        node: &Node,
        input: Shape,
        weights: &Weights,
        level: Level,
    ) -> Result<Plan, Unsupported> {
        let flat = Steps::of(node, input).map_err(WeightsError::from)?;
        let planner = Planner { weights, level };
        let steps = flat
            .list
            .iter()
            .map(|step| {
                Ok(Step {
                    op: planner.op(step, flat.shapes[step.output])?,
                    input: step.inputs[0],
                    output: step.output,
                    rectifier: step.rectifier,
                })
            })
            .collect::<Result<_, Unsupported>>()?;
        Ok(Plan {
            steps,
            sizes: flat
                .shapes
                .iter()
                .map(|shape| shape.iter().product())
                .collect(),
            output: flat.output,
        })
    }

    fn op(&self, step: &steps::Step, output: Shape) -> Result<Op, Unsupported> {
        let layer = match step.kind {
            steps::Kind::Same => return Ok(Op::Same),
            steps::Kind::Add => return Ok(Op::Add(step.inputs[1])),
            steps::Kind::Join => return Ok(Op::Join(step.inputs[1..].to_vec())),
            steps::Kind::Layer(layer) => layer,
        };
        let [channels, h, w] = step.from;
        let pool = |kind, window| {
            Op::Pool(Pool {
                kind,
                window,
                input: [h, w],
                output: [output[1], output[2]],
            })
        };
        Ok(match layer {
            Layer::Convolution(conv) => self.convolution(conv, step.from, output)?,
            Layer::Linear {
                name,
                input,
                output,
            } => Op::Linear {
                weight: self
                    .weights
                    .get(&format!("{name}.weight"), &[*output, *input])?
                    .to_vec(),
                bias: self
                    .weights
                    .get(&format!("{name}.bias"), &[*output])?
                    .to_vec(),
            },
            Layer::MaxPool(window) => pool(Kind::Max, *window),
            Layer::AveragePool(window) => pool(Kind::Average, *window),
            Layer::GlobalAverage => Op::GlobalAverage { channels },
            Layer::LocalResponse { .. } => return Err(Unsupported::Layer),
            Layer::Relu | Layer::Relu6 | Layer::Flatten => {
                unreachable!("no step is made of these")
            }
        })
    }

    fn convolution(
        &self,
        conv: &Convolution,
        input: Shape,
        output: Shape,
    ) -> Result<Op, Unsupported> {
        let [kh, kw] = conv.kernel;
        let ins = conv.input / conv.groups;
        let weight = self.weights.get(
            &format!("{}.weight", conv.name),
            &[conv.output, ins, kh, kw],
        )?;
        let bias = self
            .weights
            .get(&format!("{}.bias", conv.name), &[conv.output])?;
        let tile = self.level.rows();
        let plain = conv.stride == [1, 1] && conv.padding == [(0, 0); 2];
        if conv.kernel == [1, 1] && plain && conv.groups == 1 {
            return Ok(Op::Pointwise(Box::new(Pointwise {
                pixels: input[1] * input[2],
                forward: Matrix::new(conv.output, conv.input, tile, Some(bias), |row, column| {
                    weight[row * conv.input + column]
                }),
                backward: Matrix::new(conv.input, conv.output, tile, None, |row, column| {
                    weight[column * conv.input + row]
                }),
            })));
        }
        if conv.groups == conv.input && conv.groups == conv.output {
            let depthwise = Depthwise::new(conv, input, output, weight, bias);
            return Ok(Op::Depthwise(Box::new(depthwise)));
        }
        Ok(Op::Dense(Box::new(dense(
            conv, input, output, weight, bias, tile,
        ))))
    }
}

fn dense(
    conv: &Convolution,
    input: Shape,
    output: Shape,
    weight: &[f32],
    bias: &[f32],
    tile: usize,
) -> Dense {
    let (ins, outs) = (conv.input / conv.groups, conv.output / conv.groups);
    let [kh, kw] = conv.kernel;
    let window = kh * kw;
    let before = conv.padding.map(|(before, _)| before);
    // A last window may end before the picture does, or beyond it.
    let outer = [0, 1].map(|axis| {
        let reach = (output[axis + 1] - 1) * conv.stride[axis] + conv.kernel[axis];
        reach.max(input[axis + 1] + before[axis])
    });
    let padded = Padded {
        channels: ins,
        inner: [input[1], input[2]],
        outer,
        origin: before,
    };
    let windows = windows(ins, conv.kernel, outer, conv.stride, output[2]);
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
    let turns = conv.stride == [1, 1] && (0..2).all(|axis| before[axis] < conv.kernel[axis]);
    let backward = if turns {
        let origin = [0, 1].map(|axis| conv.kernel[axis] - 1 - before[axis]);
        let outer = [0, 1].map(|axis| {
            let reach = input[axis + 1] + conv.kernel[axis] - 1;
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
            windows: self::windows(outs, conv.kernel, outer, [1, 1], input[2]),
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
    Dense {
        forward,
        windows,
        padded,
        outputs: outs,
        pixels: output[1] * output[2],
        backward,
    }
}

fn windows(
    channels: usize,
    kernel: [usize; 2],
    outer: [usize; 2],
    stride: [usize; 2],
    across: usize,
) -> Windows {
    let [height, width] = outer;
    let mut offsets = Vec::with_capacity(channels * kernel[0] * kernel[1]);
    for channel in 0..channels {
        for y in 0..kernel[0] {
            for x in 0..kernel[1] {
                offsets.push((channel * height + y) * width + x);
            }
        }
    }
    Windows {
        offsets,
        across,
        steps: [stride[0] * width, stride[1]],
    }
}
