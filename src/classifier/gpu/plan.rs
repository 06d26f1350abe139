//! A network laid out for a GPU: the launches of the forward walk and of the
//! walk back, and the buffers between them, for any number of pictures.
//!
//! The tree of nodes is flattened once ([`Steps`]). A sum after a layer without
//! a rectifier is made where the layer ends; walking back, cotangents of a value
//! that was used twice add up where the second one is made, and a rectifier
//! gates them there.

use std::collections::HashMap;
use std::ops::Range;

use half::f16;

use super::Unsupported;
use super::kernels::{
    AVERAGE, COPY, Constant, DEPTHWISE, Kernel, Kernels, LINEAR, NORMALISE, Numbers, POOL, PRODUCT,
    Tile, Variant,
};
use crate::classifier::architecture::{Architecture, Convolution, Layer, Shape, Window};
use crate::classifier::steps::{Kind, Rectifier, Slot, Step, Steps};
use crate::classifier::weights::{Weights, WeightsError};

/// Threads of a workgroup of the kernels that make a value a thread.
const FLAT: usize = 128;

/// WebGPU's limit on each side of a grid of workgroups.
const WIDEST: usize = 65_535;

/// How many cotangents a walk back has at least, when tiles are chosen: an
/// attack asks for several classes, or for several pictures at once.
const USUAL_COTANGENTS: usize = 8;

/// One kernel at work.
#[derive(Debug)]
pub(super) struct Launch {
    pub kernel: Kernel,
    /// Its parameters' place among those of all launches.
    pub params: Range<u64>,
    pub reads: Vec<Source>,
    /// A buffer of the walk that it belongs to.
    pub writes: usize,
    pub grid: Grid,
}

/// What a launch reads.
#[derive(Debug, Clone)]
pub(super) enum Source {
    Weights(wgpu::Buffer),
    /// A buffer of the forward walk.
    Forward(usize),
    /// A buffer of the walk back.
    Back(usize),
}

/// How many workgroups for a batch.
#[derive(Debug, Clone, Copy)]
pub(super) enum Grid {
    /// x and y, and so many z for each of the batch.
    Tiles { x: u32, y: u32, each: u32 },
    /// x, and one y for each of the batch.
    Rows { x: u32 },
}

impl Grid {
    pub fn of(self, batch: u32) -> [u32; 3] {
        match self {
            Self::Tiles { x, y, each } => [x, y, batch * each],
            Self::Rows { x } => [x, batch, 1],
        }
    }

    /// The largest batch that fits.
    fn most(self) -> usize {
        match self {
            Self::Tiles { each, .. } => WIDEST / each as usize,
            Self::Rows { .. } => WIDEST,
        }
    }
}

/// One walk: its launches in order, and its buffers.
#[derive(Debug, Default)]
pub(super) struct Walk {
    pub launches: Vec<Launch>,
    /// Of each buffer, how many numbers it has a picture (or a cotangent).
    pub sizes: Vec<usize>,
    /// Where the walk begins, and where it ends.
    pub first: usize,
    pub last: usize,
    /// How many numbers come in and go out a picture: the buffers may be larger.
    pub ends: [usize; 2],
}

impl Walk {
    /// The most at once: no buffer is of more than so many numbers.
    pub fn most(&self, numbers: usize) -> usize {
        let largest = self.sizes.iter().copied().max().unwrap_or(1);
        let fits = self.launches.iter().map(|launch| launch.grid.most());
        let fits = fits.min().unwrap_or(WIDEST);
        (numbers / largest.max(1)).clamp(1, fits)
    }

    /// Lets values that are never needed at once share a buffer. `lasting` are
    /// those that are needed after the walk; `number` says which of the walk's
    /// own values a source is. Returns the new number of each value.
    fn share(&mut self, lasting: &[usize], number: fn(&Source) -> Option<usize>) -> Vec<usize> {
        let mut last_use: Vec<usize> = vec![0; self.sizes.len()];
        for (time, launch) in self.launches.iter().enumerate() {
            for value in launch.reads.iter().filter_map(number) {
                last_use[value] = time;
            }
        }
        for &value in lasting.iter().chain([&self.last]) {
            last_use[value] = usize::MAX;
        }
        self.ends = [self.first, self.last].map(|value| self.sizes[value]);
        let mut buffers = Buffers::default();
        let mut place: Vec<Option<usize>> = vec![None; self.sizes.len()];
        place[self.first] = Some(buffers.take(self.sizes[self.first]));
        for (time, launch) in self.launches.iter().enumerate() {
            if place[launch.writes].is_none() {
                place[launch.writes] = Some(buffers.take(self.sizes[launch.writes]));
            }
            let mut ended: Vec<usize> = launch.reads.iter().filter_map(number).collect();
            ended.sort_unstable();
            ended.dedup();
            let ended = ended.into_iter().filter(|&value| last_use[value] == time);
            buffers.free.extend(ended.filter_map(|value| place[value]));
        }
        // What nothing reads or writes was flattened away.
        let place: Vec<usize> = place.into_iter().map(|at| at.unwrap_or(0)).collect();
        self.sizes = buffers.sizes;
        for launch in &mut self.launches {
            launch.writes = place[launch.writes];
        }
        self.first = place[self.first];
        self.last = place[self.last];
        place
    }
}

/// Buffers that are handed out and come back.
#[derive(Default)]
struct Buffers {
    sizes: Vec<usize>,
    free: Vec<usize>,
}

impl Buffers {
    fn take(&mut self, size: usize) -> usize {
        // The smallest that is large enough, or the largest, which then grows.
        let best = (0..self.free.len()).min_by_key(|&at| {
            let has = self.sizes[self.free[at]];
            (has < size, if has < size { usize::MAX - has } else { has })
        });
        let buffer = match best {
            Some(at) => self.free.swap_remove(at),
            None => {
                self.sizes.push(0);
                self.sizes.len() - 1
            }
        };
        self.sizes[buffer] = self.sizes[buffer].max(size);
        buffer
    }
}

fn forward_value(source: &Source) -> Option<usize> {
    match source {
        Source::Forward(value) => Some(*value),
        _ => None,
    }
}

fn back_value(source: &Source) -> Option<usize> {
    match source {
        Source::Back(value) => Some(*value),
        _ => None,
    }
}

/// Both walks.
#[derive(Debug)]
pub(super) struct Plan {
    pub forward: Walk,
    pub back: Walk,
    /// The parameters of all launches.
    pub params: wgpu::Buffer,
}

impl Plan {
    /// # Errors
    /// Weights that are missing or have another shape; a layer that has no fast
    /// form here.
    pub fn new(
        architecture: &Architecture,
        weights: &Weights,
        device: &wgpu::Device,
        queue: &wgpu::Queue,
    ) -> Result<Self, Unsupported> {
        let steps =
            Steps::of(&architecture.body, architecture.input).map_err(WeightsError::from)?;
        let mut layout = Layout {
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
        layout.walks(architecture, &steps)?;
        let Layout {
            mut forward,
            mut back,
            params,
            ..
        } = layout;
        let read_again: Vec<usize> = back
            .launches
            .iter()
            .flat_map(|launch| launch.reads.iter().filter_map(forward_value))
            .collect();
        let forward_places = forward.share(&read_again, forward_value);
        let back_places = back.share(&[], back_value);
        for launch in forward.launches.iter_mut().chain(&mut back.launches) {
            for read in &mut launch.reads {
                match read {
                    Source::Forward(value) => *value = forward_places[*value],
                    Source::Back(value) => *value = back_places[*value],
                    Source::Weights(_) => {}
                }
            }
        }
        Ok(Self {
            forward,
            back,
            params: filled(device, queue, &params, wgpu::BufferUsages::UNIFORM),
        })
    }
}

/// Plans while it is made.
struct Layout<'a> {
    weights: &'a Weights,
    device: &'a wgpu::Device,
    queue: &'a wgpu::Queue,
    kernels: Kernels,
    /// Whether this GPU computes with numbers of 16 bits.
    half: bool,
    params: Vec<u8>,
    alignment: usize,
    forward: Walk,
    back: Walk,
    /// The weights that walk back of each step that has some.
    held: HashMap<Slot, Held>,
}

/// A step's weights on the GPU, for the way back.
struct Held {
    weights: wgpu::Buffer,
    half: bool,
}

/// A value of the forward walk while it is laid out.
#[derive(Default)]
struct Cotangent {
    /// What has been added up so far.
    value: Option<usize>,
    /// Steps that read the value and were not walked back through.
    open: usize,
}

/// What is done to values on their way out of a launch.
#[derive(Default)]
struct Ending {
    bias: Option<wgpu::Buffer>,
    addend: Option<Source>,
    rectifier: Option<Rectifier>,
    /// A rectifier and the value that it gave.
    gate: Option<(Rectifier, Source)>,
}

impl Layout<'_> {
    fn walks(&mut self, architecture: &Architecture, steps: &Steps) -> Result<(), Unsupported> {
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
            let picture = Source::Forward(self.forward.first);
            self.normalise(architecture.input, scales, false, picture, 0);
        }
        self.forward.last = steps.output;

        let mut list = steps.list.iter().peekable();
        while let Some(step) = list.next() {
            // A sum right after a layer without a rectifier is made by it.
            let sum = list.next_if(|next| {
                matches!(next.kind, Kind::Add)
                    && next.inputs[0] == step.output
                    && next.inputs[1] != step.output
                    && readers[step.output] == 1
                    && step.rectifier.is_none()
                    && matches!(
                        step.kind,
                        Kind::Layer(Layer::Convolution(_) | Layer::Linear { .. })
                    )
            });
            let (addend, output) = match sum {
                Some(sum) => (Some(Source::Forward(sum.inputs[1])), sum.output),
                None => (None, step.output),
            };
            self.step_forward(step, steps, addend, output)?;
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
            let copy = Part::whole(size);
            self.copy(Source::Back(self.back.first), logits, copy, ending, true);
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
            self.normalise(
                architecture.input,
                scales,
                true,
                Source::Back(picture),
                last,
            );
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
        addend: Option<Source>,
        output: Slot,
    ) -> Result<(), Unsupported> {
        let to = steps.shapes[step.output];
        let x = Source::Forward(step.inputs[0]);
        let size = self.forward.sizes[output];
        let ending = Ending {
            addend,
            rectifier: step.rectifier,
            ..Ending::default()
        };
        match step.kind {
            Kind::Same => self.copy(x, output, Part::whole(size), ending, false),
            Kind::Add => {
                let addend = Some(Source::Forward(step.inputs[1]));
                let ending = Ending { addend, ..ending };
                self.copy(x, output, Part::whole(size), ending, false);
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
                    let ending = Ending {
                        rectifier: step.rectifier,
                        ..Ending::default()
                    };
                    self.copy(Source::Forward(input), output, part, ending, false);
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
                let ending = Ending {
                    bias: Some(self.floats(bias)),
                    ..ending
                };
                let half = self.half && is_exact(weight);
                if is_depthwise(conv) {
                    let weights = self.numbers(weight, half);
                    self.depthwise(
                        conv, step.from, to, false, &weights, half, x, output, ending,
                    );
                    self.held.insert(step.output, Held { weights, half });
                } else {
                    let weights = self.numbers(&as_rows(conv, weight, false), half);
                    self.product(
                        conv,
                        step.from,
                        [oh, ow],
                        false,
                        &weights,
                        half,
                        x,
                        output,
                        ending,
                    );
                    let weights = self.numbers(&as_rows(conv, weight, true), half);
                    self.held.insert(step.output, Held { weights, half });
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
                let ending = Ending {
                    bias: Some(self.floats(bias)),
                    ..ending
                };
                let half = self.half && is_exact(weight);
                let weights = self.numbers(weight, half);
                self.linear([*rows, *input], &weights, half, x, output, ending, false);
                let turned: Vec<f32> = (0..*input)
                    .flat_map(|column| (0..*rows).map(move |row| weight[row * input + column]))
                    .collect();
                let weights = self.numbers(&turned, half);
                self.held.insert(step.output, Held { weights, half });
            }
            Kind::Layer(Layer::MaxPool(window)) => {
                self.pool(window, true, step.from, to, None, x, output, ending);
            }
            Kind::Layer(Layer::AveragePool(window)) => {
                self.pool(window, false, step.from, to, None, x, output, ending);
            }
            Kind::Layer(Layer::GlobalAverage) => {
                self.average(step.from, false, x, output, ending);
            }
            Kind::Layer(Layer::LocalResponse { .. }) => return Err(Unsupported::Layer),
            Kind::Layer(Layer::Relu | Layer::Relu6 | Layer::Flatten) => {
                unreachable!("no step is made of these")
            }
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
    ) -> Result<(), Unsupported> {
        let to = steps.shapes[step.output];
        let mut start = 0;
        for &input in &step.inputs {
            let cotangent = &mut cotangents[input];
            cotangent.open -= 1;
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
            let ending = Ending {
                addend,
                gate,
                ..Ending::default()
            };
            let x = Source::Back(g);
            let size = self.back.sizes[made];
            match step.kind {
                Kind::Add | Kind::Same => self.copy(x, made, Part::whole(size), ending, true),
                Kind::Join => {
                    let part = Part {
                        count: size,
                        source: (self.back.sizes[g], start),
                        target: (size, 0),
                    };
                    self.copy(x, made, part, ending, true);
                    start += size;
                }
                Kind::Layer(Layer::Convolution(conv)) => {
                    let Held { weights, half } = &self.held[&step.output];
                    let (weights, half) = (weights.clone(), *half);
                    if is_depthwise(conv) {
                        self.depthwise(conv, to, step.from, true, &weights, half, x, made, ending);
                    } else {
                        let [_, h, w] = step.from;
                        self.product(conv, to, [h, w], true, &weights, half, x, made, ending);
                    }
                }
                Kind::Layer(Layer::Linear { input, output, .. }) => {
                    let Held { weights, half } = &self.held[&step.output];
                    let (weights, half) = (weights.clone(), *half);
                    self.linear([*input, *output], &weights, half, x, made, ending, true);
                }
                Kind::Layer(Layer::MaxPool(window)) => {
                    let kept = Some(Source::Forward(input));
                    self.pool(window, true, step.from, to, Some(kept), x, made, ending);
                }
                Kind::Layer(Layer::AveragePool(window)) => {
                    self.pool(window, false, step.from, to, Some(None), x, made, ending);
                }
                Kind::Layer(Layer::GlobalAverage) => {
                    self.average(step.from, true, x, made, ending);
                }
                Kind::Layer(_) => return Err(Unsupported::Layer),
            }
        }
        Ok(())
    }

    // ---- launches

    /// `read` is the picture that is read, `across` height and width of the one
    /// that is written.
    #[allow(clippy::too_many_arguments)]
    fn product(
        &mut self,
        conv: &Convolution,
        read: Shape,
        across: [usize; 2],
        back: bool,
        weights: &wgpu::Buffer,
        half: bool,
        x: Source,
        writes: usize,
        ending: Ending,
    ) {
        let (ins, outs) = (conv.input / conv.groups, conv.output / conv.groups);
        let (channels, rows) = if back { (outs, ins) } else { (ins, outs) };
        let [kh, kw] = conv.kernel;
        let columns = across[0] * across[1];
        let count = if back { USUAL_COTANGENTS } else { 1 };
        let tile = Tile::of(rows, columns, count * conv.groups);
        let is_pointwise = conv.kernel == [1, 1] && conv.stride == [1, 1] && no_padding(conv);
        let mut constants = window_constants(conv, back);
        constants.extend(tile.constants());
        constants.push(("WINDOW", Constant::Number(if is_pointwise { 1 } else { 2 })));
        let variant = Variant {
            shader: PRODUCT,
            constants,
            weights: Some(Numbers {
                half,
                vectors: true,
            }),
            ..Variant::default()
        };
        let params = [
            rows,
            channels * kh * kw,
            columns,
            conv.groups,
            channels,
            read[1],
            read[2],
            across[1],
            conv.padding[0].0,
            conv.padding[1].0,
        ];
        let grid = Grid::Tiles {
            x: columns.div_ceil(tile.columns) as u32,
            y: rows.div_ceil(tile.rows) as u32,
            each: conv.groups as u32,
        };
        self.launch(
            variant,
            &params,
            x,
            Some(weights),
            None,
            writes,
            ending,
            grid,
            back,
        );
    }

    #[allow(clippy::too_many_arguments)]
    fn depthwise(
        &mut self,
        conv: &Convolution,
        read: Shape,
        written: Shape,
        back: bool,
        weights: &wgpu::Buffer,
        half: bool,
        x: Source,
        writes: usize,
        ending: Ending,
    ) {
        let variant = Variant {
            shader: DEPTHWISE,
            constants: window_constants(conv, back),
            weights: Some(Numbers {
                half,
                vectors: false,
            }),
            ..Variant::default()
        };
        let (grid, threads) = flat(written.iter().product());
        let params = [
            conv.input,
            read[1],
            read[2],
            written[1],
            written[2],
            conv.padding[0].0,
            conv.padding[1].0,
            threads,
        ];
        self.launch(
            variant,
            &params,
            x,
            Some(weights),
            None,
            writes,
            ending,
            grid,
            back,
        );
    }

    #[allow(clippy::too_many_arguments)]
    fn linear(
        &mut self,
        [rows, inner]: [usize; 2],
        weights: &wgpu::Buffer,
        half: bool,
        x: Source,
        writes: usize,
        ending: Ending,
        back: bool,
    ) {
        let variant = Variant {
            shader: LINEAR,
            weights: Some(Numbers {
                half,
                vectors: false,
            }),
            ..Variant::default()
        };
        let grid = Grid::Rows { x: rows as u32 };
        let params = [rows, inner];
        self.launch(
            variant,
            &params,
            x,
            Some(weights),
            None,
            writes,
            ending,
            grid,
            back,
        );
    }

    /// `back` is there walking back, and holds what a maximum looks at again.
    #[allow(clippy::too_many_arguments)]
    fn pool(
        &mut self,
        window: &Window,
        maximum: bool,
        before: Shape,
        after: Shape,
        back: Option<Option<Source>>,
        x: Source,
        writes: usize,
        ending: Ending,
    ) {
        let is_back = back.is_some();
        let kept = back.flatten();
        let variant = Variant {
            shader: POOL,
            constants: vec![
                ("KERNEL", Constant::Number(window.kernel)),
                ("STRIDE", Constant::Number(window.stride)),
                ("MAXIMUM", Constant::Truth(maximum)),
                ("TRANSPOSED", Constant::Truth(is_back)),
            ],
            kept: kept.is_some(),
            ..Variant::default()
        };
        let written = if is_back { before } else { after };
        let (grid, threads) = flat(written.iter().product());
        let params = [
            before[0],
            before[1],
            before[2],
            after[1],
            after[2],
            window.padding,
            threads,
        ];
        self.launch(
            variant, &params, x, None, kept, writes, ending, grid, is_back,
        );
    }

    fn average(&mut self, [c, h, w]: Shape, back: bool, x: Source, writes: usize, ending: Ending) {
        let variant = Variant {
            shader: AVERAGE,
            constants: vec![("TRANSPOSED", Constant::Truth(back))],
            ..Variant::default()
        };
        let (grid, threads) = flat(if back { c * h * w } else { c });
        let params = [c, h * w, threads];
        self.launch(variant, &params, x, None, None, writes, ending, grid, back);
    }

    fn copy(&mut self, x: Source, writes: usize, part: Part, ending: Ending, back: bool) {
        let variant = Variant {
            shader: COPY,
            ..Variant::default()
        };
        let (grid, threads) = flat(part.count);
        let params = [
            part.count,
            part.source.0,
            part.source.1,
            part.target.0,
            part.target.1,
            threads,
        ];
        self.launch(variant, &params, x, None, None, writes, ending, grid, back);
    }

    fn normalise(
        &mut self,
        [c, h, w]: Shape,
        scales: &wgpu::Buffer,
        back: bool,
        x: Source,
        writes: usize,
    ) {
        let variant = Variant {
            shader: NORMALISE,
            constants: vec![("TRANSPOSED", Constant::Truth(back))],
            weights: Some(Numbers {
                half: false,
                vectors: false,
            }),
            ..Variant::default()
        };
        let (grid, threads) = flat(c * h * w);
        let params = [c, h * w, threads];
        let ending = Ending::default();
        self.launch(
            variant,
            &params,
            x,
            Some(scales),
            None,
            writes,
            ending,
            grid,
            back,
        );
    }

    #[allow(clippy::too_many_arguments)]
    fn launch(
        &mut self,
        mut variant: Variant,
        params: &[usize],
        x: Source,
        weights: Option<&wgpu::Buffer>,
        kept: Option<Source>,
        writes: usize,
        ending: Ending,
        grid: Grid,
        back: bool,
    ) {
        let Ending {
            bias,
            addend,
            rectifier,
            gate,
        } = ending;
        variant.bias = bias.is_some();
        variant.addend = addend.is_some();
        variant.rectifier = rectifier;
        variant.gate = gate.as_ref().map(|(rectifier, _)| *rectifier);
        let mut reads = vec![x];
        reads.extend(weights.cloned().map(Source::Weights));
        reads.extend(bias.map(Source::Weights));
        reads.extend(addend);
        reads.extend(gate.map(|(_, value)| value));
        reads.extend(kept);
        debug_assert_eq!(reads.len(), variant.reads());

        let start = self.params.len().next_multiple_of(self.alignment);
        self.params.resize(start, 0);
        for &value in params {
            self.params.extend((value as u32).to_le_bytes());
        }
        // A uniform structure has whole vectors.
        let end = self.params.len().next_multiple_of(16);
        self.params.resize(end, 0);
        let walk = if back {
            &mut self.back
        } else {
            &mut self.forward
        };
        walk.launches.push(Launch {
            kernel: self.kernels.kernel(&variant),
            params: start as u64..end as u64,
            reads,
            writes,
            grid,
        });
    }

    // ---- weights

    fn floats(&self, values: &[f32]) -> wgpu::Buffer {
        self.numbers(values, false)
    }

    fn numbers(&self, values: &[f32], half: bool) -> wgpu::Buffer {
        let bytes: Vec<u8> = if half {
            let halves = values.iter().map(|&value| f16::from_f32(value));
            halves.flat_map(f16::to_le_bytes).collect()
        } else {
            values
                .iter()
                .flat_map(|value| value.to_le_bytes())
                .collect()
        };
        filled(self.device, self.queue, &bytes, wgpu::BufferUsages::STORAGE)
    }
}

/// Of one picture's values, which go where: how many there are of all, and where
/// the part begins.
struct Part {
    count: usize,
    source: (usize, usize),
    target: (usize, usize),
}

impl Part {
    fn whole(count: usize) -> Self {
        Self {
            count,
            source: (count, 0),
            target: (count, 0),
        }
    }
}

/// A grid of a thread for each value, and how many threads those are.
fn flat(count: usize) -> (Grid, usize) {
    let groups = count.div_ceil(FLAT).min(WIDEST);
    (Grid::Rows { x: groups as u32 }, groups * FLAT)
}

fn filled(
    device: &wgpu::Device,
    queue: &wgpu::Queue,
    bytes: &[u8],
    usage: wgpu::BufferUsages,
) -> wgpu::Buffer {
    let size = bytes.len().next_multiple_of(16).max(16);
    let buffer = device.create_buffer(&wgpu::BufferDescriptor {
        label: None,
        size: size as u64,
        usage: usage | wgpu::BufferUsages::COPY_DST,
        mapped_at_creation: false,
    });
    let mut bytes = bytes.to_vec();
    bytes.resize(size, 0);
    queue.write_buffer(&buffer, 0, &bytes);
    buffer
}

/// Whether weights of 16 bits are the same weights, as those that are shipped
/// are.
fn is_exact(values: &[f32]) -> bool {
    values
        .iter()
        .all(|&value| f16::from_f32(value).to_f32() == value)
}

fn is_depthwise(conv: &Convolution) -> bool {
    conv.groups == conv.input && conv.groups == conv.output
}

fn no_padding(conv: &Convolution) -> bool {
    conv.padding == [(0, 0); 2]
}

fn window_constants(conv: &Convolution, back: bool) -> Vec<(&'static str, Constant)> {
    vec![
        ("KERNEL_HEIGHT", Constant::Number(conv.kernel[0])),
        ("KERNEL_WIDTH", Constant::Number(conv.kernel[1])),
        ("STRIDE_Y", Constant::Number(conv.stride[0])),
        ("STRIDE_X", Constant::Number(conv.stride[1])),
        ("TRANSPOSED", Constant::Truth(back)),
    ]
}

/// `[out, in / groups, kh, kw]` as `[group][inner][rows]`, rows filled up to
/// whole vectors of 4: forward, the rows are outputs and the inner index is
/// (input, place); back, inputs and (output, place).
fn as_rows(conv: &Convolution, weight: &[f32], back: bool) -> Vec<f32> {
    let (ins, outs) = (conv.input / conv.groups, conv.output / conv.groups);
    let places = conv.kernel[0] * conv.kernel[1];
    let (rows, across) = if back { (ins, outs) } else { (outs, ins) };
    let padded = rows.next_multiple_of(4);
    let mut laid = Vec::with_capacity(conv.groups * across * places * padded);
    for group in 0..conv.groups {
        for other in 0..across {
            for place in 0..places {
                for row in 0..padded {
                    let (output, input) = if back { (other, row) } else { (row, other) };
                    laid.push(if row < rows {
                        weight[((group * outs + output) * ins + input) * places + place]
                    } else {
                        0.0
                    });
                }
            }
        }
    }
    laid
}
