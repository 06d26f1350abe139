//! A network's steps on one picture, with their weights as this processor
//! wants them.

use super::depthwise::Depthwise;
use super::lanes::Level;
use super::plain::{self, Looks, Plain};
use super::product::{Matrix, Windows};
use crate::classifier::architecture::{Architecture, Convolution, Layer, Shape};
use crate::classifier::steps::{self, Steps};
pub(super) use crate::classifier::steps::{Rectifier, Slot};
use crate::classifier::weights::{Weights, WeightsError};

#[derive(Debug)]
pub(super) struct Plan {
    pub steps: Vec<Step>,
    /// Of each value, how many numbers it has.
    pub sizes: Vec<usize>,
    /// Which values the walk back looks at again.
    pub kept: Vec<bool>,
    /// Which depend on the picture.
    pub varies: Vec<bool>,
    /// The logits.
    pub output: Slot,
}

#[derive(Debug)]
pub(super) struct Step {
    pub op: Op,
    pub inputs: Vec<Slot>,
    pub output: Slot,
    pub rectifier: Option<Rectifier>,
    /// The values that no later step reads.
    pub ends: Vec<Slot>,
}

/// What a step does. Those that hold much are boxed.
#[derive(Debug)]
pub(super) enum Op {
    /// The same numbers for every picture.
    Constant(Vec<f32>),
    /// A convolution of 1×1: a matrix product with the pixels as they lie.
    Pointwise(Box<Pointwise>),
    Depthwise(Box<Depthwise>),
    /// Any other convolution.
    Dense(Box<Dense>),
    Linear {
        weight: Vec<f32>,
        bias: Vec<f32>,
    },
    /// Nothing but its rectifier.
    Same,
    /// The sum of two values of one size.
    Add,
    /// Values one after the other.
    Join,
    Plain(Box<dyn Plain>),
}

impl Op {
    fn looks_at(&self) -> Looks {
        match self {
            Self::Plain(plain) => plain.looks_at(),
            _ => Looks::NOTHING,
        }
    }
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
    /// Weights that are missing or have another shape; layers that do not fit.
    pub fn plan(
        architecture: &Architecture,
        weights: &Weights,
        level: Level,
    ) -> Result<Plan, WeightsError> {
        let flat = Steps::of(architecture)?;
        let planner = Planner { weights, level };
        let mut last_read = vec![None; flat.shapes.len()];
        for (time, step) in flat.list.iter().enumerate() {
            for &input in &step.inputs {
                last_read[input] = Some(time);
            }
        }
        last_read[flat.output] = None;
        let mut kept = vec![false; flat.shapes.len()];
        let mut steps = Vec::with_capacity(flat.list.len());
        for (time, step) in flat.list.iter().enumerate() {
            let op = planner.op(step, flat.shapes[step.output])?;
            let looks = op.looks_at();
            for &input in &step.inputs {
                kept[input] |= looks.inputs;
            }
            kept[step.output] |= looks.output;
            let mut ends = step.inputs.clone();
            ends.retain(|&input| last_read[input] == Some(time));
            steps.push(Step {
                op,
                inputs: step.inputs.clone(),
                output: step.output,
                rectifier: step.rectifier,
                ends,
            });
        }
        let shapes = flat.shapes.iter();
        Ok(Plan {
            steps,
            sizes: shapes.map(|shape| shape.iter().product()).collect(),
            kept,
            varies: flat.varies,
            output: flat.output,
        })
    }

    fn op(&self, step: &steps::Step, output: Shape) -> Result<Op, WeightsError> {
        let layer = match step.kind {
            steps::Kind::Same => return Ok(Op::Same),
            steps::Kind::Add => return Ok(Op::Add),
            steps::Kind::Join => return Ok(Op::Join),
            steps::Kind::Layer(layer) => layer,
        };
        Ok(match layer {
            Layer::Constant { name, shape } => {
                Op::Constant(self.weights.get(name, shape)?.to_vec())
            }
            Layer::Convolution(conv) => self.convolution(conv, step.from[0], output)?,
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
            layer => Op::Plain(plain::of(
                layer,
                &step.from,
                output,
                self.weights,
                self.level,
            )?),
        })
    }

    fn convolution(
        &self,
        conv: &Convolution,
        input: Shape,
        output: Shape,
    ) -> Result<Op, WeightsError> {
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
        let is_depthwise = conv.groups == conv.input && conv.groups == conv.output;
        if is_depthwise && conv.dilation == [1, 1] {
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
    let windows = windows(ins, conv, outer, conv.stride, output[2]);
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
            windows: self::windows(outs, conv, outer, [1, 1], input[2]),
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
