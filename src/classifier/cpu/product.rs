//! The matrix product at the bottom of every convolution that is not
//! depthwise: weights times the pixels of one picture.
//!
//! `C = A · B`: A has one row an output channel, B one row an input channel (or
//! one a channel and kernel tap) and one column a pixel. C is computed in tiles
//! of a few rows and two vectors of pixels, held in registers; B's columns are
//! gathered in panels, so that a mask, a window or a stride costs once a panel
//! and nothing in the inner loop.

use super::lanes::{Kernel, Lanes, SHUT};
use super::mask::{Open, widen};

/// Floats of B that are gathered at a time: what the second cache holds beside
/// the weights.
const PANELS: usize = 48 * 1024;

/// A, packed once: `[rows / tile][columns][tile]`, the last tile filled up with
/// zeros.
#[derive(Debug)]
pub(super) struct Matrix {
    rows: usize,
    columns: usize,
    tile: usize,
    values: Vec<f32>,
    /// What the sums begin with, one a row.
    bias: Vec<f32>,
}

impl Matrix {
    /// From an element's value by row and column.
    pub fn new(
        rows: usize,
        columns: usize,
        tile: usize,
        bias: Option<&[f32]>,
        value: impl Fn(usize, usize) -> f32,
    ) -> Self {
        let tiles = rows.div_ceil(tile);
        let mut values = Vec::with_capacity(tiles * columns * tile);
        for first in (0..rows).step_by(tile) {
            for column in 0..columns {
                values.extend(
                    (first..first + tile).map(
                        |row| {
                            if row < rows { value(row, column) } else { 0.0 }
                        },
                    ),
                );
            }
        }
        let mut bias = bias.map_or_else(Vec::new, <[f32]>::to_vec);
        bias.resize(tiles * tile, 0.0);
        Self {
            rows,
            columns,
            tile,
            values,
            bias,
        }
    }
}

/// B.
pub(super) enum Source<'a> {
    /// `[columns of A, p]`, set to zero where a rectifier was not open.
    Rows(&'a [f32], Option<Open<'a>>),
    /// Element (row, pixel) is `padded[offsets[row] + start of pixel]`.
    Windows(&'a [f32], &'a Windows),
}

/// Where C goes.
pub(super) enum Sink<'a> {
    /// `[rows of A, p]`.
    Rows(&'a mut [f32]),
    /// Element (row, pixel) is added to `padded[offsets[row] + start of pixel]`.
    Windows(&'a mut [f32], &'a Windows),
}

/// How the windows of a convolution lie in a padded picture.
#[derive(Debug)]
pub(super) struct Windows {
    /// One a channel and kernel tap.
    pub offsets: Vec<usize>,
    /// Windows in a row of them, and how far it is from one to the next.
    pub across: usize,
    pub steps: [usize; 2],
}

impl Windows {
    fn start(&self, pixel: usize) -> usize {
        pixel / self.across * self.steps[0] + pixel % self.across * self.steps[1]
    }
}

/// `C = A · B + bias`, between two bounds.
pub(super) struct Product<'a> {
    pub a: &'a Matrix,
    pub b: Source<'a>,
    pub c: Sink<'a>,
    /// Columns of B and of C: pixels.
    pub pixels: usize,
    pub bounds: [f32; 2],
    /// Whether C is added to what is there.
    pub add: bool,
    pub panels: &'a mut Vec<f32>,
}

impl Kernel for Product<'_> {
    #[inline(always)]
    unsafe fn run<L: Lanes>(self) {
        debug_assert_eq!(self.a.tile, L::ROWS);
        // SAFETY: the caller's.
        unsafe {
            match L::ROWS {
                4 => self.with_rows::<L, 4>(),
                6 => self.with_rows::<L, 6>(),
                8 => self.with_rows::<L, 8>(),
                rows => unreachable!("no tile has {rows} rows"),
            }
        }
    }
}

impl Product<'_> {
    #[inline(always)]
    unsafe fn with_rows<L: Lanes, const R: usize>(mut self) {
        let across = 2 * L::WIDTH;
        let k = self.a.columns;
        match &self.b {
            Source::Rows(x, open) => {
                assert!(x.len() >= k * self.pixels);
                assert!(open.is_none_or(|open| open.size() >= k * self.pixels));
            }
            Source::Windows(_, windows) => assert_eq!(windows.offsets.len(), k),
        }
        match &self.c {
            Sink::Rows(c) => assert!(c.len() >= self.a.rows * self.pixels),
            Sink::Windows(_, windows) => assert_eq!(windows.offsets.len(), self.a.rows),
        }
        let group = (PANELS / (k * across)).clamp(1, 64);
        if self.panels.len() < group * k * across {
            self.panels.resize(group * k * across, 0.0);
        }
        let mut first = 0;
        while first < self.pixels {
            let last = self.pixels.min(first + group * across);
            for (index, start) in (first..last).step_by(across).enumerate() {
                let width = across.min(last - start);
                let panel = index * k * across..(index + 1) * k * across;
                // SAFETY: the lengths were checked above.
                unsafe { self.gather::<L>(start, width, panel.start) };
            }
            for tile in 0..self.a.rows.div_ceil(R) {
                let row = tile * R;
                let a = &self.a.values[row * k..(row + R) * k];
                let bias = &self.a.bias[row..row + R];
                for (index, start) in (first..last).step_by(across).enumerate() {
                    let b = &self.panels[index * k * across..(index + 1) * k * across];
                    // SAFETY: a has k tiles of R rows, b has k rows of two vectors.
                    let sums = unsafe { tile_of::<L, R>(k, a.as_ptr(), b.as_ptr(), bias) };
                    let width = across.min(last - start);
                    unsafe { self.put::<L, R>(row, start, width, &sums) };
                }
            }
            first = last;
        }
    }

    /// Brings some columns of B together, filled up with zeros.
    #[inline(always)]
    unsafe fn gather<L: Lanes>(&mut self, start: usize, width: usize, panel: usize) {
        let across = 2 * L::WIDTH;
        let k = self.a.columns;
        let panel = &mut self.panels[panel..panel + k * across];
        match &self.b {
            Source::Rows(x, open) => {
                let full = width == across;
                for (row, to) in panel.chunks_exact_mut(across).enumerate() {
                    let from = row * self.pixels + start;
                    match open {
                        // SAFETY: `across` floats lie at each pointer.
                        None if full => unsafe {
                            let from = x.as_ptr().add(from);
                            L::store(to.as_mut_ptr(), L::load(from));
                            let (to, from) = (to.as_mut_ptr().add(L::WIDTH), from.add(L::WIDTH));
                            L::store(to, L::load(from));
                        },
                        Some(open) if full => unsafe {
                            let mut mask = [SHUT; 32];
                            widen(&open.bits(row, start)[..across / 8], &mut mask);
                            for half in [0, L::WIDTH] {
                                let g = L::load(x.as_ptr().add(from + half));
                                let g = L::where_open(g, mask.as_ptr().add(half));
                                L::store(to.as_mut_ptr().add(half), g);
                            }
                        },
                        None => {
                            to[..width].copy_from_slice(&x[from..from + width]);
                            to[width..].fill(0.0);
                        }
                        Some(open) => {
                            let mut mask = [SHUT; 32];
                            widen(open.bits(row, start), &mut mask);
                            for ((to, g), mask) in to.iter_mut().zip(&x[from..]).zip(&mask[..width])
                            {
                                *to = if *mask == SHUT { 0.0 } else { *g };
                            }
                            to[width..].fill(0.0);
                        }
                    }
                }
            }
            Source::Windows(padded, windows) => {
                let mut starts = [0; 32];
                for (column, at) in starts[..across].iter_mut().enumerate() {
                    // Columns beyond the last repeat it; nobody looks at them.
                    *at = windows.start(start + column.min(width - 1));
                }
                for (to, offset) in panel.chunks_exact_mut(across).zip(&windows.offsets) {
                    for (to, at) in to.iter_mut().zip(&starts) {
                        *to = padded[at + offset];
                    }
                }
            }
        }
    }

    /// Brings a tile of sums to where it belongs.
    #[inline(always)]
    unsafe fn put<L: Lanes, const R: usize>(
        &mut self,
        row: usize,
        start: usize,
        width: usize,
        sums: &[[L::V; 2]; R],
    ) {
        let rows = R.min(self.a.rows - row);
        match &mut self.c {
            // SAFETY: C has all these rows, each with `width` floats from `start`.
            Sink::Rows(c) => unsafe {
                let (low, high) = (L::splat(self.bounds[0]), L::splat(self.bounds[1]));
                let full = width == 2 * L::WIDTH;
                let mut rest = [0f32; 32];
                for (r, sums) in sums.iter().enumerate().take(rows) {
                    let to = c.as_mut_ptr().add((row + r) * self.pixels + start);
                    let at = if full { to } else { rest.as_mut_ptr() };
                    if !full && self.add {
                        std::ptr::copy_nonoverlapping(to, at, width);
                    }
                    for (half, sum) in sums.iter().enumerate() {
                        let at = at.add(half * L::WIDTH);
                        let mut v = *sum;
                        if self.add {
                            v = L::add(v, L::load(at));
                        }
                        L::store(at, L::min(L::max(v, low), high));
                    }
                    if !full {
                        std::ptr::copy_nonoverlapping(at, to, width);
                    }
                }
            },
            Sink::Windows(padded, windows) => {
                let mut values = [0f32; 32];
                for (r, sums) in sums.iter().enumerate().take(rows) {
                    // SAFETY: `values` holds two vectors of the widest kind.
                    unsafe {
                        L::store(values.as_mut_ptr(), sums[0]);
                        L::store(values.as_mut_ptr().add(L::WIDTH), sums[1]);
                    }
                    let offset = windows.offsets[row + r];
                    for (column, value) in values[..width].iter().enumerate() {
                        padded[windows.start(start + column) + offset] += value;
                    }
                }
            }
        }
    }
}

/// R rows and two vectors of columns of the product, over all k.
///
/// # Safety
/// `a` points to k · R floats, `b` to k pairs of vectors.
#[inline(always)]
unsafe fn tile_of<L: Lanes, const R: usize>(
    k: usize,
    mut a: *const f32,
    mut b: *const f32,
    bias: &[f32],
) -> [[L::V; 2]; R] {
    // SAFETY: the caller's.
    unsafe {
        let mut sums: [[L::V; 2]; R] = std::array::from_fn(|r| [L::splat(bias[r]); 2]);
        for _ in 0..k {
            let (b0, b1) = (L::load(b), L::load(b.add(L::WIDTH)));
            for (r, sums) in sums.iter_mut().enumerate() {
                let w = L::splat(*a.add(r));
                sums[0] = L::mul_add(w, b0, sums[0]);
                sums[1] = L::mul_add(w, b1, sums[1]);
            }
            a = a.add(R);
            b = b.add(2 * L::WIDTH);
        }
        sums
    }
}
