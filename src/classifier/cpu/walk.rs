//! One picture's way through the steps.

use super::CpuNetwork;
use super::dense::Padded;
use super::few::BLOCK;
use super::lanes::run;
use super::linear;
use super::mask::{Mask, Open};
use super::plan::{Op, Slot, Step};
use super::product::{Product, Sink, Source};

pub(super) const UNBOUNDED: [f32; 2] = [f32::NEG_INFINITY, f32::INFINITY];

/// What a forward walk keeps for walks back, by slot.
#[derive(Debug, Default)]
pub struct Tape {
    /// Of the outputs of rectifiers.
    open: Vec<Option<Mask>>,
    /// What is looked at again.
    values: Vec<Option<Vec<f32>>>,
}

impl Tape {
    pub(super) fn open(&self, step: &Step) -> Option<Open<'_>> {
        step.rectifier.map(|_| {
            self.open[step.output]
                .as_ref()
                .expect("the forward walk kept where its rectifiers were open")
                .open()
        })
    }

    pub(super) fn value(&self, slot: Slot, size: usize) -> &[f32] {
        let value = self.values[slot].as_deref();
        &value.expect("the forward walk kept what is looked at again")[..size]
    }
}

/// Memory to walk with, used again from step to step.
#[derive(Debug, Default)]
pub(super) struct Walker {
    free: Vec<Vec<f32>>,
    pub(super) panels: Vec<f32>,
    pub(super) padded: Vec<f32>,
}

impl Walker {
    /// Room for a value, and for what a depthwise row writes past its end.
    /// What is in it is anything.
    pub(super) fn take(&mut self, size: usize) -> Vec<f32> {
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

    pub(super) fn give(&mut self, buffer: Vec<f32>) {
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

        for step in &plan.steps {
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
            for &slot in &step.ends {
                if !(keep && plan.kept[slot])
                    && let Some(buffer) = values[slot].take()
                {
                    self.give(buffer);
                }
            }
        }
        let output = values[plan.output].as_deref().expect("the last step's");
        logits.copy_from_slice(&output[..logits.len()]);
        if keep {
            if !plan.kept[plan.output]
                && let Some(logits) = values[plan.output].take()
            {
                self.give(logits);
            }
            return Tape { open, values };
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
        let size = network.plan.sizes[step.output];
        let x = step.inputs.first().map_or(&[][..], |slot| value(*slot));
        match &step.op {
            Op::Constant(values) => y[..size].copy_from_slice(values),
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
            Op::FewChannels(few) => {
                run(level, few.forward(x, y, bounds, &mut self.padded));
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
            Op::Same => {
                for (y, x) in y.iter_mut().zip(x) {
                    *y = x.max(bounds[0]).min(bounds[1]);
                }
            }
            Op::Add => {
                for ((y, a), b) in y.iter_mut().zip(x).zip(value(step.inputs[1])) {
                    *y = (a + b).max(bounds[0]).min(bounds[1]);
                }
            }
            Op::Join => {
                let mut start = 0;
                for part in step.inputs.iter().map(|slot| value(*slot)) {
                    y[start..start + part.len()].copy_from_slice(part);
                    start += part.len();
                }
            }
            Op::Plain(plain) => {
                let inputs: Vec<&[f32]> = step.inputs.iter().map(|slot| value(*slot)).collect();
                plain.forward(&inputs, &mut y[..size], level);
            }
        }
    }
}

impl Op {
    /// How many of its results lie in a row that is read at a time: a channel's,
    /// where it has channels.
    fn row(&self, size: usize) -> usize {
        match self {
            Self::Pointwise(pointwise) => pointwise.pixels,
            Self::FewChannels(few) => few.pixels(),
            Self::Dense(dense) => dense.pixels,
            _ => size,
        }
    }
}

pub(super) fn merge(to: &mut [f32], g: &[f32], add: bool) {
    if add {
        for (to, g) in to.iter_mut().zip(g) {
            *to += g;
        }
    } else {
        to[..g.len()].copy_from_slice(g);
    }
}

/// Puts zeros around a picture.
pub(super) fn pad(padded: &Padded, x: &[f32], open: Option<Open<'_>>, to: &mut Vec<f32>) {
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
pub(super) fn unpad(padded: &Padded, from: &[f32], to: &mut [f32], add: bool) {
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
