//! Each kind of layer as a launch of its kernel, forward and back.

use super::kernels::{
    AVERAGE, COPY, Constant, DEPTHWISE, LINEAR, NORMALISE, Numbers, POOL, PRODUCT, Tile, Variant,
};
use super::layout::Layout;
use super::numbers::Held;
use super::plan::{Grid, Launch, Source, WIDEST};
use crate::classifier::architecture::{Convolution, Shape, Window};
use crate::classifier::steps::Rectifier;

/// Threads of a workgroup of the kernels that make a value a thread.
const FLAT: usize = 128;

/// How many cotangents a walk back has at least, when tiles are chosen: an
/// attack asks for several classes, or for several pictures at once.
const USUAL_COTANGENTS: usize = 8;

/// From where to where a launch goes.
#[derive(Clone)]
pub(super) struct Through {
    pub x: Source,
    /// The value of the walk that it makes.
    pub to: usize,
    pub ending: Ending,
    /// Whether it walks back.
    pub back: bool,
}

/// What is done to values on their way out of a launch.
#[derive(Clone, Default)]
pub(super) struct Ending {
    pub bias: Option<wgpu::Buffer>,
    pub addend: Option<Source>,
    pub rectifier: Option<Rectifier>,
    /// A rectifier and the value that it gave.
    pub gate: Option<(Rectifier, Source)>,
}

/// Of one picture's values, which go where: how many there are of all, and where
/// the part begins.
pub(super) struct Part {
    pub count: usize,
    pub source: (usize, usize),
    pub target: (usize, usize),
}

impl Part {
    pub fn whole(count: usize) -> Self {
        Self {
            count,
            source: (count, 0),
            target: (count, 0),
        }
    }
}

/// What some kernels read besides.
#[derive(Default)]
pub(super) struct More<'a> {
    pub weights: Option<&'a wgpu::Buffer>,
    /// Values of the forward walk.
    pub kept: Vec<Source>,
}

impl<'a> More<'a> {
    pub fn weights(weights: &'a wgpu::Buffer) -> Self {
        Self {
            weights: Some(weights),
            kept: Vec::new(),
        }
    }

    pub fn kept(kept: impl IntoIterator<Item = Source>) -> Self {
        Self {
            weights: None,
            kept: kept.into_iter().collect(),
        }
    }
}

impl Layout<'_> {
    /// `read` is the picture that is read, `across` height and width of the one
    /// that is written.
    pub fn product(
        &mut self,
        conv: &Convolution,
        read: Shape,
        across: [usize; 2],
        weights: &Held,
        through: Through,
    ) {
        let back = through.back;
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
                half: weights.half,
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
            More::weights(&weights.weights),
            grid,
            through,
        );
    }

    /// A matrix times each row of a value: `[rows, inner]` to `[rows, outputs]`.
    pub fn rows_product(
        &mut self,
        [outputs, inner, rows]: [usize; 3],
        weights: &Held,
        through: Through,
    ) {
        let count = if through.back { USUAL_COTANGENTS } else { 1 };
        let tile = Tile::of(outputs, rows, count);
        let mut constants = window_constants(&Convolution::new("", 1, 1, 1), false);
        constants.extend(tile.constants());
        constants.push(("WINDOW", Constant::Number(0)));
        let variant = Variant {
            shader: PRODUCT,
            constants,
            weights: Some(Numbers {
                half: weights.half,
                vectors: true,
            }),
            ..Variant::default()
        };
        // Its picture is one row of values high.
        let params = [outputs, inner, rows, 1, inner, 1, rows, rows, 0, 0];
        let grid = Grid::Tiles {
            x: rows.div_ceil(tile.columns) as u32,
            y: outputs.div_ceil(tile.rows) as u32,
            each: 1,
        };
        let more = More::weights(&weights.weights);
        self.launch(variant, &params, more, grid, through);
    }

    pub fn depthwise(
        &mut self,
        conv: &Convolution,
        [read, written]: [Shape; 2],
        weights: &Held,
        through: Through,
    ) {
        let variant = Variant {
            shader: DEPTHWISE,
            constants: window_constants(conv, through.back),
            weights: Some(Numbers {
                half: weights.half,
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
            More::weights(&weights.weights),
            grid,
            through,
        );
    }

    pub fn linear(&mut self, [rows, inner]: [usize; 2], weights: &Held, through: Through) {
        let variant = Variant {
            shader: LINEAR,
            weights: Some(Numbers {
                half: weights.half,
                vectors: false,
            }),
            ..Variant::default()
        };
        let grid = Grid::Rows { x: rows as u32 };
        let params = [rows, inner];
        self.launch(
            variant,
            &params,
            More::weights(&weights.weights),
            grid,
            through,
        );
    }

    /// `kept` is what a maximum looks at again walking back.
    pub fn pool(
        &mut self,
        window: &Window,
        maximum: bool,
        [before, after]: [Shape; 2],
        kept: Option<Source>,
        through: Through,
    ) {
        let number = Constant::Number;
        let variant = Variant {
            shader: POOL,
            constants: vec![
                ("KERNEL_HEIGHT", number(window.kernel[0])),
                ("KERNEL_WIDTH", number(window.kernel[1])),
                ("STRIDE_Y", number(window.stride[0])),
                ("STRIDE_X", number(window.stride[1])),
                ("DILATION_Y", number(window.dilation[0])),
                ("DILATION_X", number(window.dilation[1])),
                ("MAXIMUM", Constant::Truth(maximum)),
                ("COUNTS_PADDING", Constant::Truth(window.counts_padding)),
                ("TRANSPOSED", Constant::Truth(through.back)),
            ],
            ..Variant::default()
        };
        let written = if through.back { before } else { after };
        let (grid, threads) = flat(written.iter().product());
        let [(top, bottom), (left, right)] = window.padding;
        let params = [
            before[0], before[1], before[2], after[1], after[2], top, left, bottom, right, threads,
        ];
        self.launch(variant, &params, More::kept(kept), grid, through);
    }

    pub fn average(&mut self, [c, h, w]: Shape, through: Through) {
        let variant = Variant {
            shader: AVERAGE,
            constants: vec![("TRANSPOSED", Constant::Truth(through.back))],
            ..Variant::default()
        };
        let (grid, threads) = flat(if through.back { c * h * w } else { c });
        let params = [c, h * w, threads];
        self.launch(variant, &params, More::default(), grid, through);
    }

    pub fn copy(&mut self, part: Part, through: Through) {
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
        self.launch(variant, &params, More::default(), grid, through);
    }

    pub fn normalise(&mut self, [c, h, w]: Shape, scales: &wgpu::Buffer, through: Through) {
        let variant = Variant {
            shader: NORMALISE,
            constants: vec![("TRANSPOSED", Constant::Truth(through.back))],
            weights: Some(Numbers {
                half: false,
                vectors: false,
            }),
            ..Variant::default()
        };
        let (grid, threads) = flat(c * h * w);
        let params = [c, h * w, threads];
        self.launch(variant, &params, More::weights(scales), grid, through);
    }

    pub fn launch(
        &mut self,
        mut variant: Variant,
        params: &[usize],
        More { weights, kept }: More<'_>,
        grid: Grid,
        through: Through,
    ) {
        let Through {
            x,
            to: writes,
            back,
            ending:
                Ending {
                    bias,
                    addend,
                    rectifier,
                    gate,
                },
        } = through;
        variant.bias = bias.is_some();
        variant.addend = addend.is_some();
        variant.rectifier = rectifier;
        variant.kept = kept.len();
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
}

/// A grid of a thread for each value, and how many threads those are.
pub(super) fn flat(count: usize) -> (Grid, usize) {
    let groups = count.div_ceil(FLAT).min(WIDEST);
    (Grid::Rows { x: groups as u32 }, groups * FLAT)
}

pub(super) fn is_depthwise(conv: &Convolution) -> bool {
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
        ("DILATION_Y", Constant::Number(conv.dilation[0])),
        ("DILATION_X", Constant::Number(conv.dilation[1])),
        ("TRANSPOSED", Constant::Truth(back)),
    ]
}
