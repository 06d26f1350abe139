//! A network as a list of steps on one picture.
//!
//! The tree of nodes is flattened once: each step reads numbered values and
//! makes one. A rectifier after a convolution is not a step of its own: the
//! convolution ends with it, and walking back it is where the convolution
//! begins to read.

use super::Unsupported;
use super::depthwise::Depthwise;
use super::lanes::Level;
use super::pool::{Kind, Pool};
use super::product::{Matrix, Windows};
use crate::classifier::architecture::{Convolution, Layer, Node, Shape};
use crate::classifier::weights::{Weights, WeightsError};

/// The number of a value: 0 is the picture.
pub(super) type Slot = usize;

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

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rectifier {
    Relu,
    Relu6,
}

impl Rectifier {
    /// Above which there is no gradient.
    pub fn limit(self) -> f32 {
        match self {
            Self::Relu => f32::INFINITY,
            Self::Relu6 => 6.0,
        }
    }
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

/// Flattens a tree of nodes.
pub(super) struct Planner<'a> {
    weights: &'a Weights,
    level: Level,
    steps: Vec<Step>,
    sizes: Vec<usize>,
}

/// A value while the tree is walked.
#[derive(Clone, Copy)]
struct Value {
    slot: Slot,
    shape: Shape,
}

impl<'a> Planner<'a> {
    /// The steps of a network.
    ///
    /// # Errors
    /// Weights that are missing or have another shape; a layer that has no fast
    /// form here.
    pub fn plan(
        node: &Node,
        input: Shape,
        weights: &'a Weights,
        level: Level,
    ) -> Result<Plan, Unsupported> {
        let mut planner = Self {
            weights,
            level,
            steps: Vec::new(),
            sizes: vec![input.iter().product()],
        };
        let last = planner.node(
            node,
            Value {
                slot: 0,
                shape: input,
            },
        )?;
        Ok(Plan {
            steps: planner.steps,
            sizes: planner.sizes,
            output: last.slot,
        })
    }

    fn node(&mut self, node: &Node, x: Value) -> Result<Value, Unsupported> {
        match node {
            Node::Layer(layer) => self.layer(layer, None, x),
            Node::Sequence(nodes) => {
                let mut x = x;
                let mut nodes = nodes.iter().peekable();
                while let Some(node) = nodes.next() {
                    let Node::Layer(layer) = node else {
                        x = self.node(node, x)?;
                        continue;
                    };
                    let rectifier = match (layer, nodes.peek()) {
                        (Layer::Convolution(_) | Layer::Linear { .. }, Some(Node::Layer(next))) => {
                            rectifier(next)
                        }
                        _ => None,
                    };
                    if rectifier.is_some() {
                        nodes.next();
                    }
                    x = self.layer(layer, rectifier, x)?;
                }
                Ok(x)
            }
            Node::Shortcut(node) => {
                let y = self.node(node, x)?;
                Ok(self.step(Op::Add(x.slot), y.slot, y.shape, None))
            }
            Node::Branches(nodes) => {
                let mut parts = Vec::with_capacity(nodes.len());
                for node in nodes {
                    parts.push(self.node(node, x)?);
                }
                let Some((first, rest)) = parts.split_first() else {
                    return Ok(x);
                };
                let [_, h, w] = first.shape;
                let channels = parts.iter().map(|part| part.shape[0]).sum();
                let rest = rest.iter().map(|part| part.slot).collect();
                Ok(self.step(Op::Join(rest), first.slot, [channels, h, w], None))
            }
        }
    }

    fn step(&mut self, op: Op, input: Slot, shape: Shape, rectifier: Option<Rectifier>) -> Value {
        let slot = self.sizes.len();
        self.sizes.push(shape.iter().product());
        self.steps.push(Step {
            op,
            input,
            output: slot,
            rectifier,
        });
        Value { slot, shape }
    }

    fn layer(
        &mut self,
        layer: &Layer,
        rectifier: Option<Rectifier>,
        x: Value,
    ) -> Result<Value, Unsupported> {
        let shape = layer.output_shape(x.shape).map_err(WeightsError::from)?;
        let [channels, h, w] = x.shape;
        let pool = |kind, window| {
            Op::Pool(Pool {
                kind,
                window,
                input: [h, w],
                output: [shape[1], shape[2]],
            })
        };
        let op = match layer {
            Layer::Convolution(conv) => self.convolution(conv, x.shape, shape)?,
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
            Layer::Relu => return Ok(self.step(Op::Same, x.slot, shape, Some(Rectifier::Relu))),
            Layer::Relu6 => return Ok(self.step(Op::Same, x.slot, shape, Some(Rectifier::Relu6))),
            Layer::MaxPool(window) => pool(Kind::Max, *window),
            Layer::AveragePool(window) => pool(Kind::Average, *window),
            Layer::GlobalAverage => Op::GlobalAverage { channels },
            Layer::LocalResponse { .. } => return Err(Unsupported::Layer),
            Layer::Flatten => return Ok(Value { shape, ..x }),
        };
        Ok(self.step(op, x.slot, shape, rectifier))
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

fn rectifier(layer: &Layer) -> Option<Rectifier> {
    match layer {
        Layer::Relu => Some(Rectifier::Relu),
        Layer::Relu6 => Some(Rectifier::Relu6),
        _ => None,
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
