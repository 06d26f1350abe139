//! Layers beyond those that most networks spend their time in, a kernel each,
//! forward and back.

use super::functions;
use super::kernels::{
    ARITHMETIC, CONSTANT, CONTRACT, Constant, EACH, GATHER, LARGEST, LAYER_NORM, MEAN, Numbers,
    PARAMETRIC, RESPONSE, RUNS, SOFTMAX, Variant,
};
use super::launches::{Ending, More, Through, flat};
use super::layout::{Layout, no_kernel};
use super::numbers::{Held, as_rows, is_exact};
use super::plan::Source;
use crate::classifier::architecture::{Convolution, Layer, Padding, Shape};
use crate::classifier::gather::Gather;
use crate::classifier::steps::{Slot, Step};
use crate::classifier::weights::WeightsError;

const FLOATS: Numbers = Numbers {
    half: false,
    vectors: false,
};

impl Layout<'_> {
    /// The same numbers for every picture.
    pub fn constant(&mut self, step: &Step, to: Slot) -> Result<(), WeightsError> {
        let crate::classifier::steps::Kind::Layer(Layer::Constant { name, shape }) = step.kind
        else {
            return Err(no_kernel(step));
        };
        let values = self.floats(self.weights.get(name, shape)?);
        let variant = Variant {
            shader: CONSTANT,
            weights: Some(FLOATS),
            ..Variant::default()
        };
        let count = shape.iter().product();
        let (grid, threads) = flat(count);
        let through = Through {
            // Something to be bound: it is not read.
            x: Source::Weights(values.clone()),
            to,
            ending: Ending::default(),
            back: false,
        };
        let more = More::weights(&values);
        self.launch(variant, &[count, threads], more, grid, through);
        Ok(())
    }

    /// A layer's step; walking back, to its input `which`.
    pub fn further(
        &mut self,
        layer: &Layer,
        step: &Step,
        to: Shape,
        which: Option<usize>,
        through: Through,
    ) -> Result<(), WeightsError> {
        let from = step.from[which.unwrap_or(0)];
        let input = |index: usize| Source::Forward(step.inputs[index]);
        let kept = which.map(|_| input(0));
        match layer {
            Layer::Activation(activation) => {
                let variant = Variant {
                    functions: functions::wgsl(*activation),
                    ..shader(EACH, through.back)
                };
                self.on_each(variant, &[size(from)], More::kept(kept), through);
            }
            Layer::ChannelAffine { name, channels } => {
                let scale = self.weights.get(&format!("{name}.weight"), &[*channels])?;
                let shift = self.weights.get(&format!("{name}.bias"), &[*channels])?;
                let scales = self.floats(&[scale, shift].concat());
                self.normalise(from, &scales, through);
            }
            Layer::ParametricRelu { name, channels } => {
                let slopes = self.weights.get(&format!("{name}.weight"), &[*channels])?;
                let slopes = self.floats(slopes);
                let variant = Variant {
                    weights: Some(FLOATS),
                    ..shader(PARAMETRIC, through.back)
                };
                let more = More {
                    weights: Some(&slopes),
                    kept: kept.into_iter().collect(),
                };
                let [c, h, w] = from;
                let (grid, threads) = flat(size(from));
                self.launch(variant, &[c, h * w, threads], more, grid, through);
            }
            Layer::Mean { .. } => {
                let [c, h, w] = from;
                let [oc, oh, ow] = to;
                let (grid, threads) = flat(size(if through.back { from } else { to }));
                let params = [c, h, w, oc, oh, ow, threads];
                let variant = shader(MEAN, through.back);
                self.launch(variant, &params, More::default(), grid, through);
            }
            Layer::GlobalMax => {
                let [c, h, w] = from;
                let (grid, threads) = flat(c);
                let variant = shader(LARGEST, through.back);
                let params = [c, h * w, threads];
                self.launch(variant, &params, More::kept(kept), grid, through);
            }
            Layer::LocalResponse {
                size: window,
                alpha,
                beta,
                k,
            } => {
                let mut variant = shader(RESPONSE, through.back);
                variant.constants.extend([
                    ("SIZE", Constant::Number(*window)),
                    ("SHARE", Constant::Float((alpha / *window as f64) as f32)),
                    ("BETA", Constant::Float(*beta as f32)),
                    ("K", Constant::Float(*k as f32)),
                ]);
                let [c, h, w] = from;
                let (grid, threads) = flat(size(from));
                let params = [c, h * w, threads];
                self.launch(variant, &params, More::kept(kept), grid, through);
            }
            Layer::LayerNorm {
                name,
                size: run,
                epsilon,
            } => {
                let weight = self.weights.get(&format!("{name}.weight"), &[*run])?;
                let bias = self.weights.get(&format!("{name}.bias"), &[*run])?;
                let both = self.floats(&[weight, bias].concat());
                let mut variant = Variant {
                    weights: Some(FLOATS),
                    ..shader(LAYER_NORM, through.back)
                };
                let epsilon = Constant::Float(*epsilon as f32);
                variant.constants.push(("EPSILON", epsilon));
                let runs = size(from) / run;
                let (grid, threads) = flat(runs);
                let more = More {
                    weights: Some(&both),
                    kept: kept.into_iter().collect(),
                };
                self.launch(variant, &[runs, *run, threads], more, grid, through);
            }
            Layer::Softmax { axis } => {
                let (count, stride) = (from[*axis], from[axis + 1..].iter().product());
                let runs = size(from) / count;
                let (grid, threads) = flat(runs);
                let output = which.map(|_| Source::Forward(step.output));
                let variant = shader(SOFTMAX, through.back);
                let params = [runs, count, stride, threads];
                self.launch(variant, &params, More::kept(output), grid, through);
            }
            Layer::LinearRows {
                name,
                input,
                output,
            } => {
                let rows = size(from) / input;
                let mut through = through;
                let held = self.rows_held(name, [*output, *input], step.output, &mut through)?;
                let sides = if through.back {
                    [*input, *output, rows]
                } else {
                    [*output, *input, rows]
                };
                self.rows_product(sides, &held, through);
            }
            // Its values are there several times: no gather of their cotangents.
            Layer::Pad {
                with: Padding::Edge | Padding::Reflect,
                ..
            } => return Err(no_kernel(step)),
            Layer::Transpose { .. } | Layer::Slice { .. } | Layer::Pad { .. } => {
                let gather = Gather::of(layer, from).ok_or_else(|| no_kernel(step))?;
                self.gather(&gather, size(from), through);
            }
            Layer::Concatenate { axis } => self.runs(*axis, step, which, &through),
            Layer::Add => self.arithmetic(0, step, to, which, through),
            Layer::Subtract => self.arithmetic(1, step, to, which, through),
            Layer::Multiply => self.arithmetic(2, step, to, which, through),
            Layer::Divide => self.arithmetic(3, step, to, which, through),
            Layer::MatrixProduct => self.contract(step, which, through),
            Layer::Constant { .. }
            | Layer::Convolution(_)
            | Layer::Linear { .. }
            | Layer::MaxPool(_)
            | Layer::AveragePool(_)
            | Layer::GlobalAverage
            | Layer::Flatten
            | Layer::Reshape(_) => return Err(no_kernel(step)),
        }
        Ok(())
    }

    fn on_each(&mut self, variant: Variant, params: &[usize], more: More<'_>, through: Through) {
        let (grid, threads) = flat(params[0]);
        let params = [params, &[threads]].concat();
        self.launch(variant, &params, more, grid, through);
    }

    /// The weights of a layer of rows as a product reads them; its bias goes to
    /// the launch's ending.
    fn rows_held(
        &mut self,
        name: &str,
        [output, input]: [usize; 2],
        slot: Slot,
        through: &mut Through,
    ) -> Result<Held, WeightsError> {
        if through.back {
            return Ok(self.held[&slot].clone());
        }
        let weight = self
            .weights
            .get(&format!("{name}.weight"), &[output, input])?;
        let bias = self.weights.get(&format!("{name}.bias"), &[output])?;
        through.ending.bias = Some(self.floats(bias));
        let half = self.half && is_exact(weight);
        let conv = Convolution::new(name, input, output, 1);
        let back = self.numbers(&as_rows(&conv, weight, true), half);
        self.held.insert(slot, back);
        Ok(self.numbers(&as_rows(&conv, weight, false), half))
    }

    /// Of so many values.
    fn gather(&mut self, gather: &Gather, count: usize, through: Through) {
        let results = gather.places().count();
        let (written, source) = if through.back {
            (count, results)
        } else {
            (results, count)
        };
        let mut read = vec![-1.0; written];
        for (to, place) in gather.places().enumerate() {
            if let Some(place) = place {
                let (to, from) = if through.back {
                    (place, to)
                } else {
                    (to, place)
                };
                read[to] = from as f32;
            }
        }
        let read = self.floats(&read);
        let fill = if through.back { 0.0 } else { gather.fill };
        let variant = Variant {
            shader: GATHER,
            weights: Some(FLOATS),
            constants: vec![("FILL", Constant::Float(fill))],
            ..Variant::default()
        };
        self.on_each(variant, &[written, source], More::weights(&read), through);
    }

    fn runs(&mut self, axis: usize, step: &Step, which: Option<usize>, through: &Through) {
        let run = |shape: &Shape| shape[axis..].iter().product::<usize>();
        let whole: usize = step.from.iter().map(run).sum();
        let all: usize = step.from.iter().map(|shape| size(*shape)).sum();
        let mut start = 0;
        for (index, shape) in step.from.iter().enumerate() {
            if which.is_none_or(|which| which == index) {
                let through = Through {
                    x: match which {
                        Some(_) => through.x.clone(),
                        None => Source::Forward(step.inputs[index]),
                    },
                    ..through.clone()
                };
                let params = [size(*shape), run(shape), whole, start, all];
                let variant = shader(RUNS, through.back);
                self.on_each(variant, &params, More::default(), through);
            }
            start += run(shape);
        }
    }

    fn arithmetic(
        &mut self,
        operation: usize,
        step: &Step,
        to: Shape,
        which: Option<usize>,
        through: Through,
    ) {
        let strides = |[c, h, w]: Shape| {
            let along = |size: usize, stride: usize| if size == 1 { 0 } else { stride };
            [along(c, h * w), along(h, w), along(w, 1)]
        };
        let input = |index: usize| Source::Forward(step.inputs[index]);
        let kept = match (which, operation) {
            (None, _) => vec![input(1)],
            (Some(_), 0 | 1) => vec![],
            (Some(which), 2) => vec![input(1 - which)],
            (Some(_), _) => vec![input(1), input(0)],
        };
        let mut variant = shader(ARITHMETIC, through.back);
        variant.constants.extend([
            ("OPERATION", Constant::Number(operation)),
            ("WHICH", Constant::Number(which.unwrap_or(0))),
        ]);
        let written = which.map_or(to, |which| step.from[which]);
        let [first, second] = [step.from[0], step.from[1]];
        let (grid, threads) = flat(size(written));
        let mut params = to.to_vec();
        params.extend(strides(first));
        params.extend(strides(second));
        params.extend([size(first), size(second)]);
        params.extend(written);
        params.push(threads);
        self.launch(variant, &params, More::kept(kept), grid, through);
    }

    fn contract(&mut self, step: &Step, which: Option<usize>, through: Through) {
        let [[first, m, k], [second, _, n]] = [step.from[0], step.from[1]];
        let count = first.max(second);
        // From one matrix to the next: none where one is repeated.
        let apart = |of: usize, size: usize| if of == 1 { 0 } else { size };
        let (a, b, g) = (apart(first, m * k), apart(second, k * n), m * n);
        let written = |of: usize| if of == 1 { (1, count) } else { (count, 1) };
        // Sizes, then steps along matrix, row, column, inner index and repeats.
        let (matrices, rows, columns, inner, repeats, x, other, kept) = match which {
            None => (
                count,
                m,
                n,
                k,
                1,
                [first * m * k, a, k, 0, 1, 0],
                [second * k * n, b, 0, 1, n, 0],
                1,
            ),
            // G Bᵀ
            Some(0) => {
                let (matrices, repeats) = written(first);
                (
                    matrices,
                    m,
                    k,
                    n,
                    repeats,
                    [count * g, g, n, 0, 1, g],
                    [second * k * n, b, 0, n, 1, b],
                    1,
                )
            }
            // Aᵀ G
            Some(_) => {
                let (matrices, repeats) = written(second);
                (
                    matrices,
                    k,
                    n,
                    m,
                    repeats,
                    [count * g, g, 0, 1, n, g],
                    [first * m * k, a, 1, 0, k, a],
                    0,
                )
            }
        };
        let (grid, threads) = flat(matrices * rows * columns);
        let mut params = vec![matrices, rows, columns, inner, repeats];
        params.extend(x);
        params.extend(other);
        params.push(threads);
        let variant = Variant {
            shader: CONTRACT,
            ..Variant::default()
        };
        let kept = Source::Forward(step.inputs[kept]);
        self.launch(variant, &params, More::kept([kept]), grid, through);
    }
}

fn shader(shader: &'static str, back: bool) -> Variant {
    Variant {
        shader,
        constants: vec![("TRANSPOSED", Constant::Truth(back))],
        ..Variant::default()
    }
}

fn size(shape: Shape) -> usize {
    shape.iter().product()
}
