//! Where a rectifier was open: what a walk back needs of its output.
//!
//! A bit a value, a thirty-second of the value itself: the tapes of many pictures
//! are kept at a time, and a browser gives a page little memory.

use super::lanes::{Kernel, Lanes, OPEN, SHUT};

/// The bytes of a mask whose bits are one byte's: a bit's byte is [`OPEN`] if it is
/// set.
const WIDE: [[u8; 8]; 256] = {
    let mut wide = [[SHUT; 8]; 256];
    let mut byte = 0;
    while byte < 256 {
        let mut bit = 0;
        while bit < 8 {
            if byte >> bit & 1 == 1 {
                wide[byte][bit] = OPEN;
            }
            bit += 1;
        }
        byte += 1;
    }
    wide
};

/// The bits of `[rows, row]`, each row beginning with a byte of its own.
#[derive(Debug)]
pub(super) struct Mask {
    row: usize,
    bits: Vec<u8>,
}

impl Mask {
    /// A mask of nothing yet, for `size` values in rows of `row`.
    pub fn new(size: usize, row: usize) -> Self {
        debug_assert!(size.is_multiple_of(row));
        Self {
            row,
            bits: vec![0; size / row * row.div_ceil(8)],
        }
    }

    /// Finds out where `0 < y < limit`.
    pub fn of<'a>(&'a mut self, y: &'a [f32], limit: f32) -> impl Kernel + 'a {
        Fill {
            mask: self,
            y,
            limit,
        }
    }

    pub fn open(&self) -> Open<'_> {
        Open {
            row: self.row,
            bits: &self.bits,
        }
    }
}

/// A mask, or some rows of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Open<'a> {
    row: usize,
    bits: &'a [u8],
}

impl<'a> Open<'a> {
    /// The rows with some values, which begin and end with a row.
    pub fn part(self, values: std::ops::Range<usize>) -> Self {
        debug_assert!(values.start.is_multiple_of(self.row) && values.end.is_multiple_of(self.row));
        let pitch = self.row.div_ceil(8);
        let [from, to] = [values.start, values.end].map(|value| value / self.row * pitch);
        Self {
            row: self.row,
            bits: &self.bits[from..to],
        }
    }

    /// How many values there are.
    pub fn size(self) -> usize {
        self.bits.len() / self.row.div_ceil(8) * self.row
    }

    /// The bits of a row from a value on whose place in it divides by 8.
    #[inline(always)]
    pub fn bits(self, row: usize, from: usize) -> &'a [u8] {
        let pitch = self.row.div_ceil(8);
        &self.bits[row * pitch + from / 8..(row + 1) * pitch]
    }

    /// `g` where it was open, else 0.
    pub fn apply(self, g: &[f32]) -> Vec<f32> {
        let rows = g.chunks_exact(self.row).enumerate();
        rows.flat_map(|(row, g)| {
            let bits = self.bits(row, 0);
            g.iter().enumerate().map(move |(at, g)| {
                if bits[at / 8] >> (at % 8) & 1 == 1 {
                    *g
                } else {
                    0.0
                }
            })
        })
        .collect()
    }
}

/// A byte a bit, eight for each byte of bits.
#[inline(always)]
pub(super) fn widen(bits: &[u8], to: &mut [u8]) {
    for (bits, to) in bits.iter().zip(to.chunks_exact_mut(8)) {
        to.copy_from_slice(&WIDE[usize::from(*bits)]);
    }
}

struct Fill<'a> {
    mask: &'a mut Mask,
    y: &'a [f32],
    limit: f32,
}

impl Kernel for Fill<'_> {
    #[inline(always)]
    unsafe fn run<L: Lanes>(self) {
        let row = self.mask.row;
        let whole = row - row % 16;
        let pitch = row.div_ceil(8);
        let rows = self.y.chunks_exact(row);
        for (y, bits) in rows.zip(self.mask.bits.chunks_exact_mut(pitch)) {
            // Sixteen values are some vectors of any width, and two bytes.
            for (y, bits) in y[..whole].chunks_exact(16).zip(bits.chunks_exact_mut(2)) {
                let mut found = 0;
                for at in (0..16).step_by(L::WIDTH) {
                    // SAFETY: a vector lies at each of these places.
                    unsafe {
                        let y = L::load(y.as_ptr().add(at));
                        found |= L::open_bits(y, L::splat(self.limit)) << at;
                    }
                }
                bits.copy_from_slice(&(found as u16).to_le_bytes());
            }
            for (y, bits) in y[whole..].chunks(8).zip(&mut bits[whole / 8..]) {
                *bits = y.iter().enumerate().fold(0, |bits, (bit, y)| {
                    bits | u8::from(*y > 0.0 && *y < self.limit) << bit
                });
            }
        }
    }
}
