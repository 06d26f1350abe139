//! Weights as a GPU reads them.

use half::f16;

use super::layout::Layout;
use crate::classifier::architecture::Convolution;

/// Weights on the GPU.
#[derive(Clone)]
pub(super) struct Held {
    pub weights: wgpu::Buffer,
    /// Whether they are numbers of 16 bits.
    pub half: bool,
}

impl Layout<'_> {
    pub fn floats(&self, values: &[f32]) -> wgpu::Buffer {
        self.numbers(values, false).weights
    }

    pub fn numbers(&self, values: &[f32], half: bool) -> Held {
        let bytes: Vec<u8> = if half {
            let halves = values.iter().map(|&value| f16::from_f32(value));
            halves.flat_map(f16::to_le_bytes).collect()
        } else {
            values
                .iter()
                .flat_map(|value| value.to_le_bytes())
                .collect()
        };
        Held {
            weights: filled(self.device, self.queue, &bytes, wgpu::BufferUsages::STORAGE),
            half,
        }
    }
}

pub(super) fn filled(
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
pub(super) fn is_exact(values: &[f32]) -> bool {
    values
        .iter()
        .all(|&value| f16::from_f32(value).to_f32() == value)
}

/// `[out, in / groups, kh, kw]` as `[group][inner][rows]`, rows filled up to
/// whole vectors of 4: forward, the rows are outputs and the inner index is
/// (input, place); back, inputs and (output, place).
pub(super) fn as_rows(conv: &Convolution, weight: &[f32], back: bool) -> Vec<f32> {
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
