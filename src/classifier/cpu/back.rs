//! The way back of one picture's cotangents.

use super::CpuNetwork;
use super::dense::{Back, Dense};
use super::lanes::run;
use super::linear;
use super::mask::Open;
use super::plain;
use super::plan::{Op, Slot, Step};
use super::product::{Product, Sink, Source};
use super::walk::{Tape, UNBOUNDED, Walker, merge, pad, unpad};

impl Walker {
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
        if !network.plan.varies[step.output] {
            return;
        }
        let open = tape.open(step);
        match &step.op {
            Op::Constant(_) => return,
            Op::Add | Op::Join => {
                let masked = open.map(|open| open.apply(g));
                let g = masked.as_deref().unwrap_or(g);
                let mut start = 0;
                for &slot in &step.inputs {
                    let size = sizes[slot];
                    if network.plan.varies[slot] {
                        self.pass_on(cotangents, slot, &g[start..start + size]);
                    }
                    // A sum's cotangent goes to both, a row's in parts.
                    start += if matches!(step.op, Op::Join) { size } else { 0 };
                }
                return;
            }
            Op::Plain(plain) => {
                self.plain_back(network, step, plain.as_ref(), tape, g, cotangents);
                return;
            }
            _ => {}
        }
        // Where another step has been before, this one adds.
        let input = step.inputs[0];
        let size = sizes[input];
        let (mut to, add) = match cotangents[input].take() {
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
            Op::FewChannels(few) => {
                let back = few.backward(g, open, &mut to, add, &mut self.padded);
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
            Op::Same => {
                let g = open.map_or_else(|| g.to_vec(), |open| open.apply(g));
                merge(&mut to, &g, add);
            }
            Op::Constant(_) | Op::Add | Op::Join | Op::Plain(_) => {
                unreachable!("these have been done")
            }
        }
        cotangents[input] = Some(to);
    }

    fn plain_back(
        &mut self,
        network: &CpuNetwork,
        step: &Step,
        plain: &dyn plain::Plain,
        tape: &Tape,
        g: &[f32],
        cotangents: &mut [Option<Vec<f32>>],
    ) {
        let sizes = &network.plan.sizes;
        let looks = plain.looks_at();
        let kept = |slot: &Slot| tape.value(*slot, sizes[*slot]);
        let inputs: Vec<&[f32]> = if looks.inputs {
            step.inputs.iter().map(kept).collect()
        } else {
            Vec::new()
        };
        let output = if looks.output {
            kept(&step.output)
        } else {
            &[]
        };
        for (which, &slot) in step.inputs.iter().enumerate() {
            if !network.plan.varies[slot] {
                continue;
            }
            let size = sizes[slot];
            let mut to = cotangents[slot].take().unwrap_or_else(|| {
                let mut to = self.take(size);
                to[..size].fill(0.0);
                to
            });
            let back = plain::Back {
                which,
                inputs: &inputs,
                output,
                g,
                level: network.level,
            };
            plain.backward(&back, &mut to[..size]);
            cotangents[slot] = Some(to);
        }
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
