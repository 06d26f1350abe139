//! A convolution of a whole batch as matrix products, and the gradients of its
//! input and of its weight.

use rayon::prelude::*;

use super::buffers::Buffer;
use super::parts::{Block, PARTS, Shared, summed};
use super::product::{View, product, product_at};
use super::values::Values;
use crate::classifier::architecture::{Convolution, Layer, Shape};

/// Floats of windows that are gathered at a time, if one picture has no more.
const GATHERED: usize = 512 * 1024;

/// A convolution's numbers.
#[derive(Debug, Clone)]
pub(super) struct Geometry {
    input: Shape,
    output: Shape,
    kernel: [usize; 2],
    stride: [usize; 2],
    /// Before the picture.
    padding: [usize; 2],
    groups: usize,
}

impl Geometry {
    pub fn new(conv: &Convolution, input: Shape) -> Self {
        let output = Layer::Convolution(conv.clone()).output_shape(&[input]);
        Self {
            input,
            output: output.expect("the architecture fits together"),
            kernel: conv.kernel,
            stride: conv.stride,
            padding: conv.padding.map(|(before, _)| before),
            groups: conv.groups,
        }
    }

    /// Rows of gathered windows: an input channel of a group and a kernel tap each.
    fn rows(&self) -> usize {
        self.input[0] / self.groups * self.kernel[0] * self.kernel[1]
    }

    fn input_pixels(&self) -> usize {
        self.input[1] * self.input[2]
    }

    fn output_pixels(&self) -> usize {
        self.output[1] * self.output[2]
    }

    /// Whether the windows are the pixels.
    fn is_pointwise(&self) -> bool {
        let Self { kernel, stride, .. } = self;
        *kernel == [1, 1] && *stride == [1, 1] && self.input_pixels() == self.output_pixels()
    }

    /// The pictures of a part, some at a time.
    fn blocks(&self, all: usize, part: usize) -> impl Iterator<Item = Block> {
        let most = (GATHERED / (self.rows() * self.output_pixels())).max(1);
        Block::of_part(all, part, most)
    }

    /// `[C, N, H, W]` to the same with the output's shape. Weight: `[out, in /
    /// groups, kh, kw]`.
    pub fn forward(&self, x: &Values, weight: &[f32], bias: Option<&[f32]>) -> Values {
        let all = x.count();
        let pixels = self.output_pixels();
        let mut y = x.buffers().any(self.output[0] * all * pixels);
        if let Some(bias) = bias {
            for (channel, bias) in y.chunks_exact_mut(all * pixels).zip(bias) {
                channel.fill(*bias);
            }
        }
        let out = Shared::new(&mut y);
        let k = self.rows();
        let each = self.output[0] / self.groups;
        (0..PARTS).into_par_iter().for_each(|part| {
            let mut gathered = self.room(x);
            for block in self.blocks(all, part) {
                let columns = block.count * pixels;
                for group in 0..self.groups {
                    let source = self.source(&x.data, group, block, &mut gathered);
                    let to = out.at(group * each * all * pixels + block.first * pixels);
                    // SAFETY: `to` and what follows it by rows are this block's
                    // pixels of this group's channels.
                    unsafe {
                        product_at(
                            [each, k, columns],
                            View::rows(&weight[group * each * k..], k),
                            source,
                            (to, all * pixels),
                            bias.is_some(),
                        );
                    }
                }
            }
        });
        Values::new(self.output, y)
    }

    /// The cotangents of the input (empty where they are not needed), and the
    /// gradient of the weight.
    pub fn backward(
        &self,
        x: &Values,
        weight: &[f32],
        g: &Values,
        is_needed: bool,
    ) -> (Values, Vec<f32>) {
        let all = x.count();
        let pixels = self.output_pixels();
        let mut gx = x.buffers().any(if is_needed { x.data.len() } else { 0 });
        if !self.is_pointwise() {
            // What follows adds up.
            let channels = gx.par_chunks_mut(all * self.input_pixels());
            channels.for_each(|channel| channel.fill(0.0));
        }
        let out = Shared::new(&mut gx);
        let k = self.rows();
        let each = self.output[0] / self.groups;
        let of_weight = summed(|part| {
            let mut of_weight = vec![0.0; weight.len()];
            let mut gathered = self.room(x);
            for block in self.blocks(all, part) {
                let columns = block.count * pixels;
                for group in 0..self.groups {
                    let source = self.source(&x.data, group, block, &mut gathered);
                    let from = &g.data[group * each * all * pixels + block.first * pixels..];
                    let of_group = &mut of_weight[group * each * k..][..each * k];
                    let g = View::rows(from, all * pixels);
                    product([each, columns, k], g, source.transposed(), of_group, true);
                    if !is_needed {
                        continue;
                    }
                    let (to, row) = if self.is_pointwise() {
                        let channels = group * self.input[0] / self.groups;
                        (
                            out.at((channels * all + block.first) * pixels),
                            all * pixels,
                        )
                    } else {
                        (gathered.as_mut_ptr(), columns)
                    };
                    let weight = View::rows(&weight[group * each * k..], k).transposed();
                    // SAFETY: what is written is this block's.
                    unsafe {
                        product_at([k, each, columns], weight, g, (to, row), false);
                    }
                    if !self.is_pointwise() {
                        self.scatter(&gathered, group, block, out);
                    }
                }
            }
            of_weight
        });
        (Values::new(self.input, gx), of_weight)
    }

    /// For the windows of a block.
    fn room(&self, x: &Values) -> Buffer {
        let blocks = (0..PARTS).flat_map(|part| self.blocks(x.count(), part));
        let most = blocks.map(|block| block.count).max().unwrap_or(0);
        let windows = self.rows() * most * self.output_pixels();
        x.buffers()
            .any(if self.is_pointwise() { 0 } else { windows })
    }

    /// The windows of a block, a row an input channel and tap.
    fn source<'a>(
        &self,
        x: &'a [f32],
        group: usize,
        block: Block,
        gathered: &'a mut [f32],
    ) -> View<'a> {
        let pixels = self.input_pixels();
        let channels = self.input[0] / self.groups;
        let first = (group * channels * block.all + block.first) * pixels;
        if self.is_pointwise() {
            return View::rows(&x[first..], block.all * pixels);
        }
        let row = block.count * self.output_pixels();
        self.each_line(block, |tap, line| {
            let to = &mut gathered[tap.row * row + line.to..][..self.output[2]];
            match line.from {
                None => to.fill(0.0),
                Some(from) => {
                    let from = first + tap.channel * block.all * pixels + from;
                    let (before, inside) = line.inside;
                    to[..before].fill(0.0);
                    to[before + inside..].fill(0.0);
                    let to = &mut to[before..before + inside];
                    if self.stride[1] == 1 {
                        to.copy_from_slice(&x[from..from + inside]);
                    } else {
                        let from = x[from..].iter().step_by(self.stride[1]);
                        to.iter_mut().zip(from).for_each(|(to, from)| *to = *from);
                    }
                }
            }
        });
        View::rows(gathered, row)
    }

    /// Adds the cotangents of gathered windows to those of the pixels they show.
    fn scatter(&self, gathered: &[f32], group: usize, block: Block, out: Shared) {
        let pixels = self.input_pixels();
        let channels = self.input[0] / self.groups;
        let first = (group * channels * block.all + block.first) * pixels;
        let row = block.count * self.output_pixels();
        self.each_line(block, |tap, line| {
            let Some(from) = line.from else { return };
            let (before, inside) = line.inside;
            let g = &gathered[tap.row * row + line.to + before..][..inside];
            let at = first + tap.channel * block.all * pixels + from;
            for (index, g) in g.iter().enumerate() {
                // SAFETY: a pixel of one of this block's pictures.
                unsafe { *out.at(at + index * self.stride[1]) += g };
            }
        });
    }

    /// Visits each line of output pixels of each picture of a block, for each
    /// tap of the kernel and channel.
    fn each_line(&self, block: Block, mut visit: impl FnMut(Tap, Line)) {
        let [_, height, width] = self.input;
        let [_, oh, ow] = self.output;
        let [kh, kw] = self.kernel;
        for channel in 0..self.input[0] / self.groups {
            for ky in 0..kh {
                for kx in 0..kw {
                    let row = (channel * kh + ky) * kw + kx;
                    let tap = Tap { row, channel };
                    let (before, inside) = self.inside(kx, width, ow);
                    for picture in 0..block.count {
                        for oy in 0..oh {
                            let y = (oy * self.stride[0] + ky).checked_sub(self.padding[0]);
                            let y = y.filter(|&y| y < height && inside > 0);
                            let x = (before * self.stride[1] + kx).wrapping_sub(self.padding[1]);
                            visit(
                                tap,
                                Line {
                                    to: (picture * oh + oy) * ow,
                                    from: y.map(|y| (picture * height + y) * width + x),
                                    inside: (before, inside),
                                },
                            );
                        }
                    }
                }
            }
        }
    }

    /// How many pixels of a line of the output see padding before the picture
    /// through a tap, and how many the picture.
    fn inside(&self, kx: usize, width: usize, ow: usize) -> (usize, usize) {
        let stride = self.stride[1];
        let before = self.padding[1].saturating_sub(kx).div_ceil(stride).min(ow);
        let reach = (width + self.padding[1]).saturating_sub(kx);
        let end = reach.div_ceil(stride).min(ow);
        (before, end.saturating_sub(before))
    }
}

#[derive(Clone, Copy)]
struct Tap {
    /// Of the gathered windows.
    row: usize,
    channel: usize,
}

struct Line {
    /// Where its first pixel is, in a row of gathered windows.
    to: usize,
    /// The input pixel that its first inside pixel sees, from the block's first;
    /// none where it sees none.
    from: Option<usize>,
    /// See [`Geometry::inside`].
    inside: (usize, usize),
}
