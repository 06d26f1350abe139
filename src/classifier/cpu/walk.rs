//! One picture's way through the steps, and its cotangents' way back.

use super::CpuNetwork;
use super::depthwise::BLOCK;
use super::lanes::run;
use super::mask::{Mask, Open};
use super::plan::{Back, Dense, Op, Padded, Slot, Step};
use super::product::{Product, Sink, Source};
use super::{linear, pool};

const UNBOUNDED: [f32; 2] = [f32::NEG_INFINITY, f32::INFINITY];

/// What a forward walk keeps for walks back, by slot.
#[derive(Debug, Default)]
pub struct Tape {
    /// Of the outputs of rectifiers.
    open: Vec<Option<Mask>>,
    /// The inputs of maxima.
    maxima: Vec<Option<Vec<f32>>>,
}

impl Tape {
    fn open(&self, step: &Step) -> Option<Open<'_>> {
        step.rectifier.map(|_| {
            self.open[step.output]
                .as_ref()
                .expect("the forward walk kept where its rectifiers were open")
                .open()
        })
    }

    fn maximum(&self, slot: Slot) -> &[f32] {
        self.maxima[slot]
            .as_deref()
            .expect("the forward walk kept what its maxima read")
    }
}

/// Memory to walk with, used again from step to step.
#[derive(Debug, Default)]
pub(super) struct Walker {
    free: Vec<Vec<f32>>,
    panels: Vec<f32>,
    padded: Vec<f32>,
}

impl Walker {
    /// Room for a value, and for what a depthwise row writes past its end.
    /// What is in it is anything.
    fn take(&mut self, size: usize) -> Vec<f32> {
        let size = size + BLOCK;
        let fits = |buffer: &Vec<f32>| buffer.len() >= size;
        let best = (0..self.free.len())
            .filter(|&index| fits(&self.free[index]))
            .min_by_key(|&index| self.free[index].len());
        match best {
            // Not one so large that a later value would miss it.
            Some(index) if self.free[index].len() <= 4 * size => self.free.swap_remove(index),
            _ => vec![0.0; size],
        }
    }

    fn give(&mut self, buffer: Vec<f32>) {
        self.free.push(buffer);
    }

    /// Logits of one picture. The tape is empty if nothing is kept.
    pub fn forward(
        &mut self,
        network: &CpuNetwork,
        x: &[f32],
        logits: &mut [f32],
        keep: bool,
    ) -> Tape {
        let plan = &network.plan;
        let mut values: Vec<Option<Vec<f32>>> = plan.sizes.iter().map(|_| None).collect();
        let mut open: Vec<Option<Mask>> = plan.sizes.iter().map(|_| None).collect();
        let mut picture = self.take(x.len());
        let pixels = x.len() / network.scale.len();
        for (channel, (to, x)) in picture
            .chunks_exact_mut(pixels)
            .zip(x.chunks_exact(pixels))
            .enumerate()
        {
            let (scale, shift) = (network.scale[channel], network.shift[channel]);
            for (to, x) in to.iter_mut().zip(x) {
                *to = x * scale + shift;
            }
        }
        values[0] = Some(picture);

        for (index, step) in plan.steps.iter().enumerate() {
            let size = plan.sizes[step.output];
            let mut y = self.take(size);
            let bounds = match step.rectifier {
                None => UNBOUNDED,
                Some(rectifier) => [0.0, rectifier.limit()],
            };
            let value = |slot: Slot| {
                let value = values[slot].as_deref().expect("used before its last use");
                &value[..plan.sizes[slot]]
            };
            self.step(network, step, &value, &mut y, bounds);
            if keep && let Some(rectifier) = step.rectifier {
                let mut mask = Mask::new(size, step.op.row(size));
                run(network.level, mask.of(&y[..size], rectifier.limit()));
                open[step.output] = Some(mask);
            }
            values[step.output] = Some(y);
            for slot in step.reads() {
                let last = !plan.steps[index + 1..]
                    .iter()
                    .any(|later| later.reads().any(|read| read == slot));
                if last
                    && !(keep && feeds_maximum(&plan.steps, slot))
                    && let Some(buffer) = values[slot].take()
                {
                    self.give(buffer);
                }
            }
        }
        let output = values[plan.output].as_deref().expect("the last step's");
        logits.copy_from_slice(&output[..logits.len()]);
        if let Some(logits) = values[plan.output].take() {
            self.give(logits);
        }
        if keep {
            return Tape {
                open,
                maxima: values,
            };
        }
        for buffer in values.into_iter().flatten() {
            self.give(buffer);
        }
        Tape::default()
    }

    fn step<'a>(
        &mut self,
        network: &CpuNetwork,
        step: &Step,
        value: &impl Fn(Slot) -> &'a [f32],
        y: &mut [f32],
        bounds: [f32; 2],
    ) {
        let level = network.level;
        let x = value(step.input);
        let size = network.plan.sizes[step.output];
        match &step.op {
            Op::Pointwise(pointwise) => run(
                level,
                Product {
                    a: &pointwise.forward,
                    b: Source::Rows(x, None),
                    c: Sink::Rows(y),
                    pixels: pointwise.pixels,
                    bounds,
                    add: false,
                    panels: &mut self.panels,
                },
            ),
            Op::Depthwise(depthwise) => {
                run(level, depthwise.forward(x, y, bounds, &mut self.padded));
            }
            Op::Dense(dense) => {
                let (outputs, inner) = (dense.outputs * dense.pixels, &dense.padded.inner);
                let inputs = dense.padded.channels * inner[0] * inner[1];
                for (group, matrix) in dense.forward.iter().enumerate() {
                    let x = &x[group * inputs..(group + 1) * inputs];
                    pad(&dense.padded, x, None, &mut self.padded);
                    run(
                        level,
                        Product {
                            a: matrix,
                            b: Source::Windows(&self.padded, &dense.windows),
                            c: Sink::Rows(&mut y[group * outputs..(group + 1) * outputs]),
                            pixels: dense.pixels,
                            bounds,
                            add: false,
                            panels: &mut self.panels,
                        },
                    );
                }
            }
            Op::Linear { weight, bias } => run(
                level,
                linear::Forward {
                    weight,
                    bias,
                    x,
                    y: &mut y[..size],
                    bounds,
                },
            ),
            Op::Pool(pool) => pool.forward(x, y),
            Op::GlobalAverage { channels } => {
                let pixels = x.len() / channels;
                for (y, x) in y.iter_mut().zip(x.chunks_exact(pixels)) {
                    *y = x.iter().sum::<f32>() / pixels as f32;
                }
            }
            Op::Same => {
                for (y, x) in y.iter_mut().zip(x) {
                    *y = x.max(bounds[0]).min(bounds[1]);
                }
            }
            Op::Add(other) => {
                for ((y, a), b) in y.iter_mut().zip(x).zip(value(*other)) {
                    *y = a + b;
                }
            }
            Op::Join(rest) => {
                let parts = std::iter::once(x).chain(rest.iter().map(|slot| value(*slot)));
                let mut start = 0;
                for part in parts {
                    y[start..start + part.len()].copy_from_slice(part);
                    start += part.len();
                }
            }
        }
    }

    /// The cotangent of one picture's logits to that of its pixels.
    pub fn backward(
        &mut self,
        network: &CpuNetwork,
        tape: &Tape,
        cotangent: &[f32],
        gradient: &mut [f32],
    ) {
        // What a bounded loss leaves alone costs nothing.
        if cotangent.iter().all(|value| *value == 0.0) {
            gradient.fill(0.0);
            return;
        }
        let plan = &network.plan;
        let mut cotangents: Vec<Option<Vec<f32>>> = plan.sizes.iter().map(|_| None).collect();
        let mut last = self.take(cotangent.len());
        last[..cotangent.len()].copy_from_slice(cotangent);
        cotangents[plan.output] = Some(last);
        for step in plan.steps.iter().rev() {
            // A value that nobody used after all.
            let Some(g) = cotangents[step.output].take() else {
                continue;
            };
            let size = plan.sizes[step.output];
            self.step_back(network, step, tape, &g[..size], &mut cotangents);
            self.give(g);
        }
        let pixels = gradient.len() / network.scale.len();
        let Some(g) = cotangents[0].take() else {
            gradient.fill(0.0);
            return;
        };
        for (channel, (to, g)) in gradient
            .chunks_exact_mut(pixels)
            .zip(g.chunks_exact(pixels))
            .enumerate()
        {
            for (to, g) in to.iter_mut().zip(g) {
                *to = g * network.scale[channel];
            }
        }
        self.give(g);
    }

    fn step_back(
        &mut self,
        network: &CpuNetwork,
        step: &Step,
        tape: &Tape,
        g: &[f32],
        cotangents: &mut [Option<Vec<f32>>],
    ) {
        let (level, sizes) = (network.level, &network.plan.sizes);
        let open = tape.open(step);
        // Where another step has been before, this one adds.
        let size = sizes[step.input];
        let (mut to, add) = match cotangents[step.input].take() {
            Some(to) => (to, true),
            None => (self.take(size), false),
        };
        match &step.op {
            Op::Pointwise(pointwise) => run(
                level,
                Product {
                    a: &pointwise.backward,
                    b: Source::Rows(g, open),
                    c: Sink::Rows(&mut to),
                    pixels: pointwise.pixels,
                    bounds: UNBOUNDED,
                    add,
                    panels: &mut self.panels,
                },
            ),
            Op::Depthwise(depthwise) => {
                let back = depthwise.backward(g, open, &mut to, add, &mut self.padded);
                run(level, back);
            }
            Op::Dense(dense) => self.dense_back(network, dense, g, open, &mut to, add),
            Op::Linear { weight, .. } => {
                let masked = open.map(|open| open.apply(g));
                run(
                    level,
                    linear::Backward {
                        weight,
                        g: masked.as_deref().unwrap_or(g),
                        x: &mut to[..size],
                        add,
                    },
                );
            }
            Op::Pool(pool) => {
                if !add {
                    to.fill(0.0);
                }
                let x = match pool.kind {
                    pool::Kind::Max => tape.maximum(step.input),
                    pool::Kind::Average => &[],
                };
                pool.backward(x, g, &mut to[..size]);
            }
            Op::GlobalAverage { channels } => {
                let pixels = size / channels;
                for (to, g) in to.chunks_exact_mut(pixels).zip(g) {
                    let share = g / pixels as f32;
                    for to in to {
                        *to = if add { *to + share } else { share };
                    }
                }
            }
            Op::Same => {
                let g = open.map_or_else(|| g.to_vec(), |open| open.apply(g));
                merge(&mut to, &g, add);
            }
            Op::Add(other) => {
                merge(&mut to, g, add);
                cotangents[step.input] = Some(to);
                self.pass_on(cotangents, *other, g);
                return;
            }
            Op::Join(rest) => {
                merge(&mut to, &g[..size], add);
                cotangents[step.input] = Some(to);
                let mut start = size;
                for slot in rest {
                    let end = start + sizes[*slot];
                    self.pass_on(cotangents, *slot, &g[start..end]);
                    start = end;
                }
                return;
            }
        }
        cotangents[step.input] = Some(to);
    }

    fn dense_back(
        &mut self,
        network: &CpuNetwork,
        dense: &Dense,
        g: &[f32],
        open: Option<Open<'_>>,
        to: &mut [f32],
        add: bool,
    ) {
        let outputs = dense.outputs * dense.pixels;
        let inner = dense.padded.inner[0] * dense.padded.inner[1];
        let inputs = dense.padded.channels * inner;
        for group in 0..dense.forward.len() {
            let range = group * outputs..(group + 1) * outputs;
            let open = open.map(|open| open.part(range.clone()));
            let g = &g[range];
            let to = &mut to[group * inputs..(group + 1) * inputs];
            match &dense.backward {
                Back::Windows {
                    matrices,
                    windows,
                    padded,
                } => {
                    pad(padded, g, open, &mut self.padded);
                    run(
                        network.level,
                        Product {
                            a: &matrices[group],
                            b: Source::Windows(&self.padded, windows),
                            c: Sink::Rows(to),
                            pixels: inner,
                            bounds: UNBOUNDED,
                            add,
                            panels: &mut self.panels,
                        },
                    );
                }
                Back::Scatter { matrices } => {
                    self.padded.clear();
                    self.padded.resize(dense.padded.size(), 0.0);
                    run(
                        network.level,
                        Product {
                            a: &matrices[group],
                            b: Source::Rows(g, open),
                            c: Sink::Windows(&mut self.padded, &dense.windows),
                            pixels: dense.pixels,
                            bounds: UNBOUNDED,
                            add: false,
                            panels: &mut self.panels,
                        },
                    );
                    unpad(&dense.padded, &self.padded, to, add);
                }
            }
        }
    }

    /// Adds to the cotangent of a value.
    fn pass_on(&mut self, cotangents: &mut [Option<Vec<f32>>], slot: Slot, g: &[f32]) {
        let (mut to, add) = match cotangents[slot].take() {
            Some(to) => (to, true),
            None => (self.take(g.len()), false),
        };
        merge(&mut to, g, add);
        cotangents[slot] = Some(to);
    }
}

impl Step {
    /// The values that it reads.
    fn reads(&self) -> impl Iterator<Item = Slot> + '_ {
        let more: &[Slot] = match &self.op {
            Op::Add(other) => std::slice::from_ref(other),
            Op::Join(rest) => rest,
            _ => &[],
        };
        std::iter::once(self.input).chain(more.iter().copied())
    }
}

impl Op {
    /// How many of its results lie in a row that is read at a time: a channel's,
    /// where it has channels.
    fn row(&self, size: usize) -> usize {
        match self {
            Self::Pointwise(pointwise) => pointwise.pixels,
            Self::Depthwise(depthwise) => depthwise.pixels(),
            Self::Dense(dense) => dense.pixels,
            _ => size,
        }
    }
}

/// Whether the walk back reads a value, to see where its maxima were.
fn feeds_maximum(steps: &[Step], slot: Slot) -> bool {
    steps.iter().any(|step| {
        let maximum = matches!(&step.op, Op::Pool(pool) if pool.kind == pool::Kind::Max);
        maximum && step.input == slot
    })
}

fn merge(to: &mut [f32], g: &[f32], add: bool) {
    if add {
        for (to, g) in to.iter_mut().zip(g) {
            *to += g;
        }
    } else {
        to[..g.len()].copy_from_slice(g);
    }
}

/// Puts zeros around a picture.
fn pad(padded: &Padded, x: &[f32], open: Option<Open<'_>>, to: &mut Vec<f32>) {
    let masked = open.map(|open| open.apply(x));
    let x = masked.as_deref().unwrap_or(x);
    let [height, width] = padded.inner;
    to.clear();
    to.resize(padded.size(), 0.0);
    for (row, x) in x.chunks_exact(width).enumerate() {
        let start = padded.row(row / height, row % height);
        to[start..start + width].copy_from_slice(x);
    }
}

/// Takes them away again.
fn unpad(padded: &Padded, from: &[f32], to: &mut [f32], add: bool) {
    let [height, width] = padded.inner;
    for (row, to) in to.chunks_exact_mut(width).enumerate() {
        let start = padded.row(row / height, row % height);
        merge(to, &from[start..start + width], add);
    }
}

impl Padded {
    /// Where a row of the picture begins.
    fn row(&self, channel: usize, row: usize) -> usize {
        (channel * self.outer[0] + self.origin[0] + row) * self.outer[1] + self.origin[1]
    }
}
