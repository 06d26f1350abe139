//! Values in other places: nothing is computed.

use super::{Back, Level, Plain};
use crate::classifier::architecture::Shape;
use crate::classifier::gather::Gather;

impl Plain for Gather {
    fn forward(&self, inputs: &[&[f32]], y: &mut [f32], _: Level) {
        for (y, place) in y.iter_mut().zip(self.places()) {
            *y = place.map_or(self.fill, |place| inputs[0][place]);
        }
    }

    fn backward(&self, back: &Back<'_>, to: &mut [f32]) {
        for (g, place) in back.g.iter().zip(self.places()) {
            if let Some(place) = place {
                to[place] += g;
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
