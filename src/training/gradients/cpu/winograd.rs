//! Convolutions of three or five pixels a side with fewer multiplications
//! (Winograd 1980; Lavin and Gray, CVPR 2016): F(4 × 4, 3 × 3) takes a quarter
//! of them, F(2 × 2, 5 × 5) a little more than a third.
//!
//! A tile d of 6 × 6 input pixels and a filter w give m × m outputs
//! `Y = Aᵀ ((G w Gᵀ) ∘ (Bᵀ d B)) A`. In the middle is a product for each of 36
//! places, over the channels, so that for many tiles it is 36 matrix products
//! `M = U V`. The way back is the same formula's adjoint: with `M̄ = A ḡ Aᵀ`, the
//! filter's gradient is `Gᵀ (M̄ Vᵀ) G` and the tile's cotangent `B (Uᵀ M̄) Bᵀ`.

use rayon::prelude::*;

use super::parts::{Block, PARTS, Shared, summed};
use super::product::{View, product};
use super::tiles::{Matrix, PLACES, SIDE, a_transposed, b_transposed, g, sandwich, transposed};
use super::values::{Values, exchange};
use crate::classifier::architecture::Shape;

/// Floats of transformed tiles at a time, if one picture has no more.
const TRANSFORMED: usize = 1536 * 1024;

/// A convolution's numbers.
pub(super) struct Winograd {
    pub input: Shape,
    pub output: Shape,
    /// Before the picture.
    pub padding: [usize; 2],
    /// Of the square kernel: 3 or 5.
    pub kernel: usize,
}

impl Winograd {
    /// Outputs a side of a tile.
    fn outputs(&self) -> usize {
        SIDE + 1 - self.kernel
    }

    /// Tiles of a picture, by height and width.
    fn tiles(&self) -> [usize; 2] {
        let [_, height, width] = self.output;
        [height, width].map(|size| size.div_ceil(self.outputs()))
    }

    fn blocks(&self, all: usize, part: usize) -> impl Iterator<Item = Block> {
        let [down, across] = self.tiles();
        let channels = self.input[0] + self.output[0];
        let most = (TRANSFORMED / (PLACES * channels * down * across)).max(1);
        Block::of_part(all, part, most)
    }

    /// `[C, N, H, W]` to the same with the output's shape.
    pub fn forward(&self, x: &Values, weight: &[f32], bias: Option<&[f32]>) -> Values {
        let all = x.count();
        let [input, output] = [self.input[0], self.output[0]];
        let mut y = x
            .buffers()
            .any(output * all * self.output[1] * self.output[2]);
        let out = Shared::new(&mut y);
        let u = self.filters(weight);
        let back = a_transposed(self.outputs());
        (0..PARTS).into_par_iter().for_each(|part| {
            let mut room = Vec::new();
            let (mut v, mut m) = (Vec::new(), Vec::new());
            for block in self.blocks(all, part) {
                let tiles = self.transformed(x, block, &mut v, &mut room);
                m.resize(PLACES * output * tiles, 0.0);
                for place in 0..PLACES {
                    let u = View::rows(&u[place * output * input..], input);
                    let v = View::rows(&v[place * input * tiles..], tiles);
                    product(
                        [output, input, tiles],
                        u,
                        v,
                        &mut m[place * output * tiles..],
                        false,
                    );
                }
                for channel in 0..output {
                    let found = &m[channel * tiles..];
                    let y = sandwich(&back, (found, output * tiles), &mut room, tiles);
                    let bias = bias.map_or(0.0, |bias| bias[channel]);
                    self.each_output(channel, block, |row, at, count| {
                        let from = row.line(y, self.outputs(), tiles);
                        for (index, y) in from[..count].iter().enumerate() {
                            // SAFETY: a pixel of one of this block's pictures.
                            unsafe { *out.at(at + index * row.step) = y + bias };
                        }
                    });
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
        let [input, output] = [self.input[0], self.output[0]];
        let mut gx = x.buffers().any(if is_needed { x.data.len() } else { 0 });
        gx.par_chunks_mut(1 << 16).for_each(|some| some.fill(0.0));
        let out = Shared::new(&mut gx);
        let u = self.filters(weight);
        let a = transposed(&a_transposed(self.outputs()));
        let b = transposed(&b_transposed());
        let of_filters = summed(|part| {
            let mut room = Vec::new();
            let (mut v, mut m) = (Vec::new(), Vec::new());
            let mut of_filters = vec![0.0; u.len()];
            for block in self.blocks(all, part) {
                let tiles = self.transformed(x, block, &mut v, &mut room);
                self.cotangents(g, block, &a, &mut m, &mut room);
                for place in 0..PLACES {
                    let m = View::rows(&m[place * output * tiles..], tiles);
                    let v = View::rows(&v[place * input * tiles..], tiles);
                    let sums = &mut of_filters[place * output * input..];
                    product([output, tiles, input], m, v.transposed(), sums, true);
                }
                if !is_needed {
                    continue;
                }
                for place in 0..PLACES {
                    let m = View::rows(&m[place * output * tiles..], tiles);
                    let u = View::rows(&u[place * output * input..], input);
                    let v = &mut v[place * input * tiles..];
                    product([input, output, tiles], u.transposed(), m, v, false);
                }
                for channel in 0..input {
                    let found = &v[channel * tiles..];
                    let d = sandwich(&b, (found, input * tiles), &mut room, tiles);
                    self.each_input(channel, block, |row, at, (before, count)| {
                        let from = &row.line(d, SIDE, tiles)[before..before + count];
                        for (index, g) in from.iter().enumerate() {
                            // SAFETY: as above.
                            unsafe { *out.at(at + index * row.step) += g };
                        }
                    });
                }
            }
            of_filters
        });
        (Values::new(self.input, gx), self.of_weight(&of_filters))
    }

    /// U: the filters `[out, in, k, k]` as `[36, out, in]`.
    fn filters(&self, weight: &[f32]) -> Vec<f32> {
        let size = self.kernel * self.kernel;
        let count = weight.len() / size;
        let mut side_by_side = vec![0.0; weight.len()];
        exchange(weight, &mut side_by_side, [count, size, 1]);
        let g = g(self.kernel);
        sandwich(&g, (&side_by_side, count), &mut Vec::new(), count).to_vec()
    }

    /// The gradient of the weight by that of U.
    fn of_weight(&self, of_filters: &[f32]) -> Vec<f32> {
        let count = of_filters.len() / PLACES;
        let back = transposed(&g(self.kernel));
        let mut room = Vec::new();
        let side_by_side = sandwich(&back, (of_filters, count), &mut room, count);
        let mut of_weight = vec![0.0; side_by_side.len()];
        exchange(
            side_by_side,
            &mut of_weight,
            [self.kernel * self.kernel, count, 1],
        );
        of_weight
    }

    /// V: a block's tiles as `[36, in, tiles]`; and how many there are.
    fn transformed(
        &self,
        x: &Values,
        block: Block,
        v: &mut Vec<f32>,
        room: &mut Vec<f32>,
    ) -> usize {
        let [down, across] = self.tiles();
        let tiles = block.count * down * across;
        let channels = self.input[0];
        v.resize(PLACES * channels * tiles, 0.0);
        let forth = b_transposed();
        let mut d = vec![0.0; PLACES * tiles];
        for channel in 0..channels {
            // What is beyond the edges is zero, and nobody writes to it.
            self.each_input(channel, block, |row, at, (before, count)| {
                let to = &mut row.line_mut(&mut d, SIDE, tiles)[before..before + count];
                for (index, to) in to.iter_mut().enumerate() {
                    *to = x.data[at + index * row.step];
                }
            });
            let found = sandwich(&forth, (&d, tiles), room, tiles);
            for (place, values) in found.chunks_exact(tiles).enumerate() {
                v[(place * channels + channel) * tiles..][..tiles].copy_from_slice(values);
            }
        }
        tiles
    }

    /// M̄: the cotangents of a block's outputs as `[36, out, tiles]`.
    fn cotangents(
        &self,
        g: &Values,
        block: Block,
        a: &Matrix,
        m: &mut Vec<f32>,
        room: &mut Vec<f32>,
    ) {
        let [down, across] = self.tiles();
        let tiles = block.count * down * across;
        let channels = self.output[0];
        let side = self.outputs();
        m.resize(PLACES * channels * tiles, 0.0);
        let mut of_outputs = vec![0.0; side * side * tiles];
        for channel in 0..channels {
            self.each_output(channel, block, |row, at, count| {
                let to = row.line_mut(&mut of_outputs, side, tiles);
                for (index, to) in to[..count].iter_mut().enumerate() {
                    *to = g.data[at + index * row.step];
                }
            });
            let found = sandwich(a, (&of_outputs, tiles), room, tiles);
            for (place, values) in found.chunks_exact(tiles).enumerate() {
                m[(place * channels + channel) * tiles..][..tiles].copy_from_slice(values);
            }
        }
    }

    /// Visits the outputs of a channel that are in the picture, a row of tiles
    /// and a place in the tile at a time: where the first is in `[C, N, H, W]`,
    /// and how many there are.
    fn each_output(&self, channel: usize, block: Block, mut visit: impl FnMut(Row, usize, usize)) {
        let [_, height, width] = self.output;
        let side = self.outputs();
        self.each_row(side, block, |row| {
            let y = row.down * side + row.i;
            if y < height && row.j < width {
                let line = (channel * block.all + block.first + row.picture) * height + y;
                let count = (width - row.j).div_ceil(side).min(self.tiles()[1]);
                visit(row, line * width + row.j, count);
            }
        });
    }

    /// The same of a channel's inputs; before the first there may be some tiles
    /// that have none there.
    fn each_input(
        &self,
        channel: usize,
        block: Block,
        mut visit: impl FnMut(Row, usize, (usize, usize)),
    ) {
        let [_, height, width] = self.input;
        let side = self.outputs();
        self.each_row(SIDE, block, |row| {
            let y = (row.down * side + row.i).checked_sub(self.padding[0]);
            let Some(y) = y.filter(|&y| y < height) else {
                return;
            };
            let before = self.padding[1].saturating_sub(row.j).div_ceil(side);
            let end = (width + self.padding[1])
                .saturating_sub(row.j)
                .div_ceil(side)
                .min(self.tiles()[1]);
            if before < end {
                let line = (channel * block.all + block.first + row.picture) * height + y;
                let x = before * side + row.j - self.padding[1];
                visit(row, line * width + x, (before, end - before));
            }
        });
    }

    fn each_row(&self, side: usize, block: Block, mut visit: impl FnMut(Row)) {
        let [down, across] = self.tiles();
        for i in 0..side {
            for j in 0..side {
                for picture in 0..block.count {
                    for row in 0..down {
                        visit(Row {
                            i,
                            j,
                            picture,
                            down: row,
                            first: (picture * down + row) * across,
                            across,
                            step: self.outputs(),
                        });
                    }
                }
            }
        }
    }
}

/// One place in each of a row of tiles.
#[derive(Clone, Copy)]
struct Row {
    /// The place's row and column in its tile.
    i: usize,
    j: usize,
    picture: usize,
    /// The tiles' row in the picture.
    down: usize,
    /// The first of these tiles among the block's.
    first: usize,
    across: usize,
    /// Between the pixels of neighbouring tiles.
    step: usize,
}

impl Row {
    fn place(self, side: usize, tiles: usize) -> usize {
        (self.i * side + self.j) * tiles + self.first
    }

    /// These tiles' values in `[side, side, tiles]`.
    fn line(self, values: &[f32], side: usize, tiles: usize) -> &[f32] {
        &values[self.place(side, tiles)..][..self.across]
    }

    fn line_mut(self, values: &mut [f32], side: usize, tiles: usize) -> &mut [f32] {
        &mut values[self.place(side, tiles)..][..self.across]
    }
}
