//! The kernels: WGSL written from a shader and what is fused into it, each
//! compiled once a network.

use std::collections::HashMap;
use std::fmt::Write;

use crate::classifier::steps::Rectifier;

/// A shader, and what is fused into it. Every kernel ends in `finish`, which
/// adds, rectifies or gates a value on its way out.
#[derive(Debug, Clone, Default)]
pub(super) struct Variant {
    /// The shader's own text.
    pub shader: &'static str,
    pub constants: Vec<(&'static str, Constant)>,
    pub weights: Option<Numbers>,
    pub bias: bool,
    /// Something is added before it is rectified.
    pub addend: bool,
    pub rectifier: Option<Rectifier>,
    /// Walking back: there is no gradient where this rectifier was shut.
    pub gate: Option<Rectifier>,
    /// How many values of the forward walk are read besides x.
    pub kept: usize,
    /// Functions that the shader calls.
    pub functions: String,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Constant {
    Number(usize),
    Float(f32),
    Truth(bool),
}

/// How weights lie in their buffer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Numbers {
    /// Of 16 bits; of 32 otherwise.
    pub half: bool,
    /// In vectors of 4.
    pub vectors: bool,
}

impl Variant {
    /// How many buffers it reads beside its parameters.
    pub fn reads(&self) -> usize {
        let optional = [
            self.weights.is_some(),
            self.bias,
            self.addend,
            self.gate.is_some(),
        ];
        1 + optional.into_iter().filter(|there| *there).count() + self.kept
    }

    /// The whole module. Bindings: 0 the parameters, 1 where the batch is in the
    /// walk back, then what is read in the order of the fields, then what is
    /// written.
    fn wgsl(&self) -> String {
        let mut text = String::new();
        if self.weights.is_some_and(|numbers| numbers.half) {
            text.push_str("enable f16;\n");
        }
        for (name, value) in &self.constants {
            let _ = match value {
                Constant::Number(value) => writeln!(text, "const {name}: u32 = {value}u;"),
                Constant::Float(value) => writeln!(text, "const {name}: f32 = {value:?};"),
                Constant::Truth(value) => writeln!(text, "const {name}: bool = {value};"),
            };
        }
        text.push_str(
            "struct Walk {\n    first: u32,\n    repeat: u32,\n}\n\
             @group(0) @binding(0) var<uniform> params: Params;\n\
             @group(0) @binding(1) var<uniform> walk: Walk;\n",
        );
        let mut binding = 2;
        let mut buffer = |text: &mut String, name: &str, kind: &str, access: &str| {
            let _ = writeln!(
                text,
                "@group(0) @binding({binding}) var<storage, {access}> {name}: array<{kind}>;"
            );
            binding += 1;
        };
        buffer(&mut text, "x", "f32", "read");
        if let Some(numbers) = self.weights {
            let kind = match (numbers.vectors, numbers.half) {
                (false, false) => "f32",
                (false, true) => "f16",
                (true, false) => "vec4<f32>",
                (true, true) => "vec4<f16>",
            };
            buffer(&mut text, "weights", kind, "read");
        }
        if self.bias {
            buffer(&mut text, "bias", "f32", "read");
        }
        if self.addend {
            buffer(&mut text, "addend", "f32", "read");
        }
        if self.gate.is_some() {
            buffer(&mut text, "gate", "f32", "read");
        }
        for name in KEPT.iter().take(self.kept) {
            buffer(&mut text, name, "f32", "read");
        }
        buffer(&mut text, "out", "f32", "read_write");

        let bias = if self.bias { "bias[channel]" } else { "0.0" };
        let _ = writeln!(
            text,
            "fn bias_of(channel: u32) -> f32 {{\n    return {bias};\n}}"
        );
        text.push_str(
            "fn finish(batch: u32, size: u32, at: u32, sum: f32) {\n    var value = sum;\n",
        );
        if self.addend {
            text.push_str("    value += addend[batch * size + at];\n");
        }
        match self.rectifier {
            Some(Rectifier::Relu) => text.push_str("    value = max(value, 0.0);\n"),
            Some(Rectifier::Relu6) => text.push_str("    value = clamp(value, 0.0, 6.0);\n"),
            None => {}
        }
        if let Some(gate) = self.gate {
            let below = match gate {
                Rectifier::Relu => String::new(),
                Rectifier::Relu6 => format!(" && passed < {:?}", gate.limit()),
            };
            let _ = writeln!(
                text,
                "    let passed = gate[(walk.first + batch) / walk.repeat * size + at];\n    \
                 if (!(passed > 0.0{below})) {{\n        value = 0.0;\n    }}"
            );
        }
        text.push_str("    out[batch * size + at] = value;\n}\n");
        for (index, function) in ["read_again", "read_also"].into_iter().enumerate() {
            let value = match KEPT.get(index) {
                Some(name) if index < self.kept => format!("{name}[at]"),
                _ => "0.0".to_owned(),
            };
            let _ = writeln!(
                text,
                "fn {function}(at: u32) -> f32 {{\n    return {value};\n}}"
            );
        }
        text.push_str(&self.functions);
        text.push_str(self.shader);
        text
    }
}

pub(super) const PRODUCT: &str = include_str!("shaders/product.wgsl");
pub(super) const DEPTHWISE: &str = include_str!("shaders/depthwise.wgsl");
pub(super) const LINEAR: &str = include_str!("shaders/linear.wgsl");
pub(super) const POOL: &str = include_str!("shaders/pool.wgsl");
pub(super) const AVERAGE: &str = include_str!("shaders/average.wgsl");
pub(super) const COPY: &str = include_str!("shaders/copy.wgsl");
pub(super) const NORMALISE: &str = include_str!("shaders/normalise.wgsl");
pub(super) const ARITHMETIC: &str = include_str!("shaders/arithmetic.wgsl");
pub(super) const CONSTANT: &str = include_str!("shaders/constant.wgsl");
pub(super) const CONTRACT: &str = include_str!("shaders/contract.wgsl");
pub(super) const EACH: &str = include_str!("shaders/each.wgsl");
pub(super) const GATHER: &str = include_str!("shaders/gather.wgsl");
pub(super) const LARGEST: &str = include_str!("shaders/largest.wgsl");
pub(super) const LAYER_NORM: &str = include_str!("shaders/layer_norm.wgsl");
pub(super) const MEAN: &str = include_str!("shaders/mean.wgsl");
pub(super) const PARAMETRIC: &str = include_str!("shaders/parametric.wgsl");
pub(super) const RESPONSE: &str = include_str!("shaders/response.wgsl");
pub(super) const RUNS: &str = include_str!("shaders/runs.wgsl");
pub(super) const SOFTMAX: &str = include_str!("shaders/softmax.wgsl");

/// What values of the forward walk are called that are read besides x.
const KEPT: [&str; 2] = ["kept", "kept_too"];

/// A compiled kernel and the shape of its bindings.
#[derive(Debug, Clone)]
pub(super) struct Kernel {
    pub pipeline: wgpu::ComputePipeline,
    pub layout: wgpu::BindGroupLayout,
}

/// Compiles kernels, each once.
pub(super) struct Kernels {
    device: wgpu::Device,
    made: HashMap<String, Kernel>,
    layouts: HashMap<usize, (wgpu::BindGroupLayout, wgpu::PipelineLayout)>,
}

impl Kernels {
    pub fn new(device: &wgpu::Device) -> Self {
        Self {
            device: device.clone(),
            made: HashMap::new(),
            layouts: HashMap::new(),
        }
    }

    pub fn kernel(&mut self, variant: &Variant) -> Kernel {
        let wgsl = variant.wgsl();
        if let Some(kernel) = self.made.get(&wgsl) {
            return kernel.clone();
        }
        let (layout, pipeline_layout) = self.layout(variant.reads());
        let module = self
            .device
            .create_shader_module(wgpu::ShaderModuleDescriptor {
                label: None,
                source: wgpu::ShaderSource::Wgsl(wgsl.as_str().into()),
            });
        let pipeline = self
            .device
            .create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
                label: None,
                layout: Some(&pipeline_layout),
                module: &module,
                entry_point: Some("main"),
                compilation_options: wgpu::PipelineCompilationOptions {
                    // Nothing is read from workgroup memory before it is written.
                    zero_initialize_workgroup_memory: false,
                    ..Default::default()
                },
                cache: None,
            });
        let kernel = Kernel { pipeline, layout };
        self.made.insert(wgsl, kernel.clone());
        kernel
    }

    fn layout(&mut self, reads: usize) -> (wgpu::BindGroupLayout, wgpu::PipelineLayout) {
        let device = &self.device;
        let made = self.layouts.entry(reads).or_insert_with(|| {
            let entry = |binding: usize, ty| wgpu::BindGroupLayoutEntry {
                binding: binding as u32,
                visibility: wgpu::ShaderStages::COMPUTE,
                ty: wgpu::BindingType::Buffer {
                    ty,
                    has_dynamic_offset: false,
                    min_binding_size: None,
                },
                count: None,
            };
            let storage = |read_only| wgpu::BufferBindingType::Storage { read_only };
            let mut entries = vec![
                entry(0, wgpu::BufferBindingType::Uniform),
                entry(1, wgpu::BufferBindingType::Uniform),
            ];
            entries.extend((0..reads).map(|read| entry(2 + read, storage(true))));
            entries.push(entry(2 + reads, storage(false)));
            let layout = device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
                label: None,
                entries: &entries,
            });
            let pipeline = device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
                label: None,
                bind_group_layouts: &[Some(&layout)],
                immediate_size: 0,
            });
            (layout, pipeline)
        });
        made.clone()
    }
}

/// The tiles that a product may be made in, and how dear a multiplication is in
/// each beside the first: small ones read more for each.
const TILES: [(Tile, f64); 5] = [
    (Tile::new(64, 64, 16, 1), 1.0),
    (Tile::new(32, 64, 16, 1), 1.15),
    (Tile::new(32, 32, 16, 1), 1.3),
    (Tile::new(16, 64, 16, 1), 1.4),
    (Tile::new(16, 16, 32, 8), 1.8),
];

/// Threads that a GPU has at work at once, of a small one and of a large one
/// something between.
const BUSY: f64 = 8192.0;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Tile {
    pub rows: usize,
    pub columns: usize,
    depth: usize,
    slices: usize,
}

impl Tile {
    const fn new(rows: usize, columns: usize, depth: usize, slices: usize) -> Self {
        Self {
            rows,
            columns,
            depth,
            slices,
        }
    }

    fn threads(self) -> usize {
        self.rows / 4 * (self.columns / 4) * self.slices
    }

    /// For a product of so many rows and columns, so many at once: the one with
    /// the least to compute, edges included, that still keeps a GPU busy.
    pub fn of(rows: usize, columns: usize, count: usize) -> Self {
        let cost = |tile: Self, dear: f64| {
            let tiles = rows.div_ceil(tile.rows) * columns.div_ceil(tile.columns);
            let threads = (tiles * count * tile.threads()) as f64;
            let work = (tiles * tile.rows * tile.columns) as f64;
            work * dear * (BUSY / threads).max(1.0)
        };
        let best = TILES
            .into_iter()
            .min_by(|(a, dear_a), (b, dear_b)| cost(*a, *dear_a).total_cmp(&cost(*b, *dear_b)));
        best.expect("there are tiles").0
    }

    pub fn constants(self) -> [(&'static str, Constant); 5] {
        let cells = self.rows / 4 * (self.columns / 4);
        [
            ("TILE_ROWS", Constant::Number(self.rows)),
            ("TILE_COLUMNS", Constant::Number(self.columns)),
            ("DEPTH", Constant::Number(self.depth)),
            ("SLICES", Constant::Number(self.slices)),
            // An array cannot be empty.
            (
                "PARTIALS",
                Constant::Number(((self.slices - 1) * cells * 4).max(1)),
            ),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_pixels_are_made_in_small_tiles_and_many_in_large_ones() {
        assert_eq!(Tile::of(1152, 12544, 8), Tile::new(64, 64, 16, 1));
        assert_eq!(Tile::of(320, 49, 1), Tile::new(16, 16, 32, 8));
        assert_eq!(Tile::of(3, 50176, 9), Tile::new(16, 64, 16, 1));
    }
}
