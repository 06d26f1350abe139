//! A network's steps on one picture, with their weights as this processor
//! wants them.

use std::sync::Arc;

use super::dense::Dense;
use super::few::FewChannels;
use super::lanes::Level;
use super::plain::{self, Looks, Plain};
use super::product::Matrix;
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
    Constant(Arc<Vec<f32>>),
    /// A convolution of 1×1: a matrix product with the pixels as they lie.
    Pointwise(Box<Pointwise>),
    /// A depthwise convolution, or one of small groups.
    FewChannels(Box<FewChannels>),
    /// Any other convolution.
    Dense(Box<Dense>),
    Linear {
        weight: Arc<Vec<f32>>,
        bias: Arc<Vec<f32>>,
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
            Layer::Constant { name, shape } => Op::Constant(self.weights.share(name, shape)?),
            Layer::Convolution(conv) => self.convolution(conv, step.from[0], output)?,
            Layer::Linear {
                name,
                input,
                output,
            } => Op::Linear {
                weight: self
                    .weights
                    .share(&format!("{name}.weight"), &[*output, *input])?,
                bias: self.weights.share(&format!("{name}.bias"), &[*output])?,
            },
            layer => Op::Plain(plain::of(layer, &step.from, output, self.weights)?),
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
        if FewChannels::is_for(conv) {
            let few = FewChannels::new(conv, input, output, weight, bias);
            return Ok(Op::FewChannels(Box::new(few)));
        }
        let dense = Dense::new(conv, input, output, weight, bias, tile);
        Ok(Op::Dense(Box::new(dense)))
    }
}
