//! Values in other places: nothing is computed.

use super::{Back, Level, Plain};
use crate::classifier::architecture::{Padding, Shape};

/// No place: what stands there is [`Gather::fill`].
const NOWHERE: u32 = u32::MAX;

/// Each result is one of the input's values.
#[derive(Debug)]
pub(super) struct Gather {
    places: Vec<u32>,
    fill: f32,
}

impl Gather {
    pub fn transpose(from: &[usize], order: &[usize]) -> Self {
        let mut strides = vec![1; from.len()];
        for axis in (1..from.len()).rev() {
            strides[axis - 1] = strides[axis] * from[axis];
        }
        let axes = order.iter().map(|&axis| (from[axis], strides[axis]));
        Self::along(axes)
    }

    /// Every combination of places along axes, each a size and a stride.
    fn along(axes: impl Iterator<Item = (usize, usize)>) -> Self {
        let places = axes.fold(vec![0], |places: Vec<u32>, (size, stride)| {
            let next = places
                .iter()
                .flat_map(|place| (0..size).map(move |at| place + (at * stride) as u32));
            next.collect()
        });
        Self { places, fill: 0.0 }
    }

    pub fn slice(input: Shape, axis: usize, start: usize, step: usize, length: usize) -> Self {
        let [_, h, w] = input;
        let strides = [h * w, w, 1];
        let mut axes: Vec<(usize, usize)> = input.into_iter().zip(strides).collect();
        axes[axis] = (length, strides[axis] * step);
        let mut gather = Self::along(axes.into_iter());
        let first = (start * strides[axis]) as u32;
        gather.places.iter_mut().for_each(|place| *place += first);
        gather
    }

    pub fn pad(input: Shape, before: Shape, after: Shape, with: Padding) -> Self {
        // The place along one axis, if it is one.
        let along = |axis: usize, at: usize| -> Option<usize> {
            let size = input[axis];
            let inside = at.checked_sub(before[axis]).filter(|at| *at < size);
            match with {
                _ if inside.is_some() => inside,
                Padding::Value(_) => None,
                Padding::Edge => Some(at.saturating_sub(before[axis]).min(size - 1)),
                Padding::Reflect if at < before[axis] => Some(before[axis] - at),
                Padding::Reflect => Some(2 * (size - 1) - (at - before[axis])),
            }
        };
        let outer = [0, 1, 2].map(|axis| before[axis] + input[axis] + after[axis]);
        let mut places = Vec::with_capacity(outer.iter().product());
        for channel in (0..outer[0]).map(|at| along(0, at)) {
            for row in (0..outer[1]).map(|at| along(1, at)) {
                places.extend((0..outer[2]).map(|at| match (channel, row, along(2, at)) {
                    (Some(c), Some(y), Some(x)) => ((c * input[1] + y) * input[2] + x) as u32,
                    _ => NOWHERE,
                }));
            }
        }
        let fill = match with {
            Padding::Value(value) => value,
            Padding::Reflect | Padding::Edge => 0.0,
        };
        Self { places, fill }
    }
}

impl Plain for Gather {
    fn forward(&self, inputs: &[&[f32]], y: &mut [f32], _: Level) {
        for (y, place) in y.iter_mut().zip(&self.places) {
            *y = match *place {
                NOWHERE => self.fill,
                place => inputs[0][place as usize],
            };
        }
    }

    fn backward(&self, back: &Back<'_>, to: &mut [f32]) {
        for (g, place) in back.g.iter().zip(&self.places) {
            if *place != NOWHERE {
                to[*place as usize] += g;
            }
        }
    }
}

/// Inputs one after the other along an axis that is not the first.
#[derive(Debug)]
pub(super) struct Concatenate {
    /// How many numbers of each input follow one another.
    runs: Vec<usize>,
}

impl Concatenate {
    pub fn new(from: &[Shape], axis: usize) -> Self {
        let run = |shape: &Shape| shape[axis..].iter().product();
        Self {
            runs: from.iter().map(run).collect(),
        }
    }
}

impl Plain for Concatenate {
    fn forward(&self, inputs: &[&[f32]], y: &mut [f32], _: Level) {
        let whole = self.runs.iter().sum();
        for (index, mut y) in y.chunks_exact_mut(whole).enumerate() {
            for (input, &run) in inputs.iter().zip(&self.runs) {
                let (part, rest) = y.split_at_mut(run);
                part.copy_from_slice(&input[index * run..(index + 1) * run]);
                y = rest;
            }
        }
    }

    fn backward(&self, back: &Back<'_>, to: &mut [f32]) {
        let whole: usize = self.runs.iter().sum();
        let start: usize = self.runs[..back.which].iter().sum();
        let run = self.runs[back.which];
        for (g, to) in back.g.chunks_exact(whole).zip(to.chunks_exact_mut(run)) {
            for (to, g) in to.iter_mut().zip(&g[start..start + run]) {
                *to += g;
            }
        }
    }
}
