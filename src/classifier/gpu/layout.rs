//! From the steps of a network to launches.
//!
//! The layers are steps ([`Steps`]). A sum right after one of its two layers is
//! made where that layer ends; walking back, cotangents of a value
//! that was used twice add up where the second one is made, and a rectifier
//! gates them there.

use std::collections::HashMap;

use super::kernels::Kernels;
use super::launches::{Ending, Part, Through, is_depthwise};
use super::numbers::{Held, as_rows, is_exact};
use super::plan::{Source, Walk};
use crate::classifier::architecture::{Architecture, Layer};
use crate::classifier::steps::{Kind, Rectifier, Slot, Step, Steps};
use crate::classifier::weights::{Weights, WeightsError};

/// Plans while it is made.
pub(super) struct Layout<'a> {
    pub weights: &'a Weights,
    pub device: &'a wgpu::Device,
    pub queue: &'a wgpu::Queue,
    pub kernels: Kernels,
    /// Whether this GPU computes with numbers of 16 bits.
    pub half: bool,
    pub params: Vec<u8>,
    pub alignment: usize,
    pub forward: Walk,
    pub back: Walk,
    /// The weights that walk back of each step that has some.
    pub held: HashMap<Slot, Held>,
}

/// A value of the forward walk while it is laid out.
#[derive(Default)]
struct Cotangent {
    /// What has been added up so far.
    value: Option<usize>,
    /// Steps that read the value and were not walked back through.
    open: usize,
}

impl<'a> Layout<'a> {
    pub fn of(
        architecture: &Architecture,
        steps: &Steps,
        weights: &'a Weights,
        device: &'a wgpu::Device,
        queue: &'a wgpu::Queue,
    ) -> Result<Self, WeightsError> {
        let mut layout = Self {
            weights,
            device,
            queue,
            kernels: Kernels::new(device),
            half: device.features().contains(wgpu::Features::SHADER_F16),
            params: Vec::new(),
            alignment: device.limits().min_uniform_buffer_offset_alignment as usize,
            forward: Walk::default(),
            back: Walk::default(),
            held: HashMap::new(),
        };
        layout.walks(architecture, steps)?;
        Ok(layout)
    }

    fn walks(&mut self, architecture: &Architecture, steps: &Steps) -> Result<(), WeightsError> {
        let sizes = steps.shapes.iter().map(|shape| shape.iter().product());
        self.forward.sizes = sizes.collect();
        let mut readers = vec![0; steps.shapes.len()];
        for step in &steps.list {
            for &input in &step.inputs {
                readers[input] += 1;
            }
        }

        // The picture as it comes is a value of its own where the network sees
        // it otherwise.
        let is_plain = architecture.mean.iter().all(|&mean| mean == 0.0)
            && architecture.std.iter().all(|&std| std == 1.0);
        let scales = (!is_plain).then(|| {
            let scales = architecture.std.iter().map(|std| 1.0 / std);
            let pairs = architecture.mean.iter().zip(&architecture.std);
            let shifts = pairs.map(|(mean, std)| -mean / std);
            let values: Vec<f32> = scales.chain(shifts).collect();
            self.floats(&values)
        });
        if let Some(scales) = &scales {
            self.forward.first = self.forward.sizes.len();
            self.forward.sizes.push(self.forward.sizes[0]);
            let through = Through {
                x: Source::Forward(self.forward.first),
                to: 0,
                ending: Ending::default(),
                back: false,
            };
            self.normalise(architecture.input, scales, through);
        }
        self.forward.last = steps.output;

        let mut list = steps.list.iter().peekable();
        while let Some(step) = list.next() {
            // A sum right after a layer without a rectifier is made by it.
            let sum = list.next_if(|next| {
                let others = next.inputs.iter().filter(|&&input| input != step.output);
                matches!(next.kind, Kind::Add)
                    && others.count() == 1
                    && readers[step.output] == 1
                    && step.rectifier.is_none()
                    && matches!(
                        step.kind,
                        Kind::Layer(Layer::Convolution(_) | Layer::Linear { .. })
                    )
            });
            let mut ending = Ending {
                rectifier: step.rectifier,
                ..Ending::default()
            };
            let mut output = step.output;
            if let Some(sum) = sum {
                let other = sum.inputs.iter().find(|&&input| input != step.output);
                ending.addend = other.copied().map(Source::Forward);
                ending.rectifier = sum.rectifier;
                output = sum.output;
            }
            self.step_forward(step, steps, ending, output)?;
        }

        let mut cotangents: Vec<Cotangent> = readers
            .into_iter()
            .map(|open| Cotangent { value: None, open })
            .collect();
        let rectifiers: HashMap<Slot, Rectifier> = steps
            .list
            .iter()
            .filter_map(|step| Some((step.output, step.rectifier?)))
            .collect();
        self.back.first = self.new_back(steps, steps.output);
        let mut logits = self.back.first;
        if let Some(&rectifier) = rectifiers.get(&steps.output) {
            // Logits that end in a rectifier: the cotangents begin behind it.
            let gate = Some((rectifier, Source::Forward(steps.output)));
            logits = self.new_back(steps, steps.output);
            let size = self.back.sizes[logits];
            let ending = Ending {
                gate,
                ..Ending::default()
            };
            let through = Through {
                x: Source::Back(self.back.first),
                to: logits,
                ending,
                back: true,
            };
            self.copy(Part::whole(size), through);
        }
        cotangents[steps.output].value = Some(logits);
        for step in steps.list.iter().rev() {
            let Some(g) = cotangents[step.output].value else {
                // Nothing of it reaches the logits.
                for &input in &step.inputs {
                    cotangents[input].open -= 1;
                }
                continue;
            };
            self.step_back(step, steps, g, &mut cotangents, &rectifiers)?;
        }
        let picture = cotangents[0].value.unwrap_or(self.back.first);
        self.back.last = picture;
        if let Some(scales) = &scales {
            let last = self.new_back(steps, 0);
            let through = Through {
                x: Source::Back(picture),
                to: last,
                ending: Ending::default(),
                back: true,
            };
            self.normalise(architecture.input, scales, through);
            self.back.last = last;
        }
        Ok(())
    }

    fn new_back(&mut self, steps: &Steps, slot: Slot) -> usize {
        self.back.sizes.push(steps.shapes[slot].iter().product());
        self.back.sizes.len() - 1
    }

    fn step_forward(
        &mut self,
        step: &Step,
        steps: &Steps,
        ending: Ending,
        output: Slot,
    ) -> Result<(), WeightsError> {
        let to = steps.shapes[step.output];
        let (Some(&input), Some(&from)) = (step.inputs.first(), step.from.first()) else {
            return self.constant(step, output);
        };
        let x = Source::Forward(input);
        let size = self.forward.sizes[output];
        let mut through = Through {
            x,
            to: output,
            ending,
            back: false,
        };
        match step.kind {
            Kind::Same => self.copy(Part::whole(size), through),
            Kind::Add => {
                through.ending.addend = Some(Source::Forward(step.inputs[1]));
                self.copy(Part::whole(size), through);
            }
            Kind::Join => {
                let mut start = 0;
                for &input in &step.inputs {
                    let count = self.forward.sizes[input];
                    let part = Part {
                        count,
                        source: (count, 0),
                        target: (size, start),
                    };
                    let x = Source::Forward(input);
                    self.copy(
                        part,
                        Through {
                            x,
                            ..through.clone()
                        },
                    );
                    start += count;
                }
            }
            Kind::Layer(Layer::Convolution(conv)) => {
                let [_, oh, ow] = to;
                let weight = self.weights.get(
                    &format!("{}.weight", conv.name),
                    &[
                        conv.output,
                        conv.input / conv.groups,
                        conv.kernel[0],
                        conv.kernel[1],
                    ],
                )?;
                let bias = self
                    .weights
                    .get(&format!("{}.bias", conv.name), &[conv.output])?;
                through.ending.bias = Some(self.floats(bias));
                let half = self.half && is_exact(weight);
                if is_depthwise(conv) {
                    let held = self.numbers(weight, half);
                    self.depthwise(conv, [from, to], &held, through);
                    self.held.insert(step.output, held);
                } else {
                    let held = self.numbers(&as_rows(conv, weight, false), half);
                    self.product(conv, from, [oh, ow], &held, through);
                    let held = self.numbers(&as_rows(conv, weight, true), half);
                    self.held.insert(step.output, held);
                }
            }
            Kind::Layer(Layer::Linear {
                name,
                input,
                output: rows,
            }) => {
                let weight = self
                    .weights
                    .get(&format!("{name}.weight"), &[*rows, *input])?;
                let bias = self.weights.get(&format!("{name}.bias"), &[*rows])?;
                through.ending.bias = Some(self.floats(bias));
                let half = self.half && is_exact(weight);
                let held = self.numbers(weight, half);
                self.linear([*rows, *input], &held, through);
                let turned: Vec<f32> = (0..*input)
                    .flat_map(|column| (0..*rows).map(move |row| weight[row * input + column]))
                    .collect();
                let held = self.numbers(&turned, half);
                self.held.insert(step.output, held);
            }
            Kind::Layer(Layer::MaxPool(window)) => {
                self.pool(window, true, [from, to], None, through);
            }
            Kind::Layer(Layer::AveragePool(window)) => {
                self.pool(window, false, [from, to], None, through);
            }
            Kind::Layer(Layer::GlobalAverage) => {
                self.average(from, through);
            }
            Kind::Layer(layer) => self.further(layer, step, to, None, through)?,
        }
        Ok(())
    }

    /// From the cotangents of a step's output, behind its rectifier, to those of
    /// its inputs.
    fn step_back(
        &mut self,
        step: &Step,
        steps: &Steps,
        g: usize,
        cotangents: &mut [Cotangent],
        rectifiers: &HashMap<Slot, Rectifier>,
    ) -> Result<(), WeightsError> {
        let to = steps.shapes[step.output];
        let mut start = 0;
        for (which, (&input, &from)) in step.inputs.iter().zip(&step.from).enumerate() {
            let cotangent = &mut cotangents[input];
            cotangent.open -= 1;
            if !steps.varies[input] {
                start += self.forward.sizes[input];
                continue;
            }
            // All steps that read the value have been walked back through.
            let gate = match rectifiers.get(&input) {
                Some(&rectifier) if cotangent.open == 0 => {
                    Some((rectifier, Source::Forward(input)))
                }
                _ => None,
            };
            let addend = cotangent.value.map(Source::Back);
            if matches!(step.kind, Kind::Add | Kind::Same) && addend.is_none() && gate.is_none() {
                // The same cotangents: they need not be copied.
                cotangent.value = Some(g);
                continue;
            }
            let made = self.new_back(steps, input);
            cotangents[input].value = Some(made);
            let through = Through {
                x: Source::Back(g),
                to: made,
                ending: Ending {
                    addend,
                    gate,
                    ..Ending::default()
                },
                back: true,
            };
            let size = self.back.sizes[made];
            match step.kind {
                Kind::Add | Kind::Same => self.copy(Part::whole(size), through),
                Kind::Join => {
                    let part = Part {
                        count: size,
                        source: (self.back.sizes[g], start),
                        target: (size, 0),
                    };
                    self.copy(part, through);
                    start += size;
                }
                Kind::Layer(Layer::Convolution(conv)) => {
                    let held = self.held[&step.output].clone();
                    if is_depthwise(conv) {
                        self.depthwise(conv, [to, from], &held, through);
                    } else {
                        let [_, h, w] = from;
                        self.product(conv, to, [h, w], &held, through);
                    }
                }
                Kind::Layer(Layer::Linear { input, output, .. }) => {
                    let held = self.held[&step.output].clone();
                    self.linear([*input, *output], &held, through);
                }
                Kind::Layer(Layer::MaxPool(window)) => {
                    let kept = Some(Source::Forward(input));
                    self.pool(window, true, [from, to], kept, through);
                }
                Kind::Layer(Layer::AveragePool(window)) => {
                    self.pool(window, false, [from, to], None, through);
                }
                Kind::Layer(Layer::GlobalAverage) => {
                    self.average(from, through);
                }
                Kind::Layer(layer) => self.further(layer, step, to, Some(which), through)?,
            }
        }
        Ok(())
    }
}

pub(super) fn no_kernel(step: &Step) -> WeightsError {
    WeightsError::NoKernel {
        layer: match step.kind {
            Kind::Layer(layer) if layer.kind() != step.label => {
                format!("{} ({})", layer.kind(), step.label)
            }
            _ => step.label.to_owned(),
        },
    }
}
