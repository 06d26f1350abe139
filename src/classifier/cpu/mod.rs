//! The CPU's own walk through a network, forward and back: the fast path.
//!
//! One picture at a time, so that a layer's values are still in the cache when
//! the next one reads them; convolutions with their bias, rectifier and, walking
//! back, the rectifier's mask in one pass; on all cores where there are threads.
//! What it computes is what [`super::layer`] says, which stays the one
//! definition: for GPUs, for training, and to test this against.

mod back;
mod dense;
mod few;
pub(crate) mod lanes;
mod linear;
mod mask;
mod plain;
mod plan;
mod product;
#[cfg(test)]
mod tests;
mod walk;

use super::architecture::{Architecture, Shape};
use super::weights::{Weights, WeightsError};
use lanes::Level;
use plan::{Plan, Planner};
pub(super) use walk::Tape;
use walk::Walker;

/// A network with its weights laid out for this processor.
#[derive(Debug)]
pub(super) struct CpuNetwork {
    input: Shape,
    classes: usize,
    /// The first step sees `x · scale + shift`, channel by channel.
    scale: Vec<f32>,
    shift: Vec<f32>,
    plan: Plan,
    level: Level,
}

impl CpuNetwork {
    /// # Errors
    /// Weights that are missing or have another shape; layers that do not fit.
    pub fn new(architecture: &Architecture, weights: &Weights) -> Result<Self, WeightsError> {
        Self::at_level(architecture, weights, Level::best())
    }

    fn at_level(
        architecture: &Architecture,
        weights: &Weights,
        level: Level,
    ) -> Result<Self, WeightsError> {
        let classes = architecture.classes()?;
        let plan = Planner::plan(architecture, weights, level)?;
        let (mean, std) = (&architecture.mean, &architecture.std);
        Ok(Self {
            input: architecture.input,
            classes,
            scale: std.iter().map(|std| 1.0 / std).collect(),
            shift: mean
                .iter()
                .zip(std)
                .map(|(mean, std)| -mean / std)
                .collect(),
            plan,
            level,
        })
    }

    /// `[N, C, H, W]` to `[N, classes]`.
    pub fn logits(&self, x: &[f32]) -> Vec<f32> {
        let size = self.input.iter().product();
        let mut logits = vec![0.0; x.len() / size * self.classes];
        let jobs = x
            .chunks_exact(size)
            .zip(logits.chunks_exact_mut(self.classes));
        on_all_cores(jobs.collect(), |walker, (x, logits)| {
            walker.forward(self, x, logits, false);
        });
        logits
    }

    /// The same, with what is needed to walk back: a tape a picture.
    pub fn forward(&self, x: &[f32]) -> (Vec<f32>, Vec<Tape>) {
        let size = self.input.iter().product();
        let n = x.len() / size;
        let mut logits = vec![0.0; n * self.classes];
        let mut tapes: Vec<Tape> = (0..n).map(|_| Tape::default()).collect();
        let jobs = x
            .chunks_exact(size)
            .zip(logits.chunks_exact_mut(self.classes))
            .zip(&mut tapes);
        on_all_cores(jobs.collect(), |walker, ((x, logits), tape)| {
            *tape = walker.forward(self, x, logits, true);
        });
        (logits, tapes)
    }

    /// Cotangents `[N, K, classes]` of the logits to `[N, K, C, H, W]`.
    pub fn pull_back(&self, tapes: &[Tape], cotangents: &[f32]) -> Vec<f32> {
        let size: usize = self.input.iter().product();
        let count = cotangents.len() / self.classes;
        let each = count / tapes.len().max(1);
        let mut gradients = vec![0.0; count * size];
        let jobs = cotangents
            .chunks_exact(self.classes)
            .zip(gradients.chunks_exact_mut(size))
            .enumerate();
        on_all_cores(jobs.collect(), |walker, (index, (cotangent, gradient))| {
            walker.backward(self, &tapes[index / each], cotangent, gradient);
        });
        gradients
    }
}

/// Does some jobs, each core with a walker of its own, which it keeps: memory
/// given back to the system and taken again costs more than what a small layer
/// computes in it, and the more so the more cores do it at once.
#[cfg(not(target_family = "wasm"))]
fn on_all_cores<T: Send>(jobs: Vec<T>, one: impl Fn(&mut Walker, T) + Sync) {
    use rayon::iter::{IntoParallelIterator, ParallelIterator};
    use std::cell::RefCell;
    thread_local! {
        static WALKER: RefCell<Walker> = RefCell::default();
    }
    // A job shares no work of its own, so a core never begins one within another.
    jobs.into_par_iter()
        .for_each(|job| WALKER.with_borrow_mut(|walker| one(walker, job)));
}

#[cfg(target_family = "wasm")]
fn on_all_cores<T>(jobs: Vec<T>, one: impl Fn(&mut Walker, T)) {
    let mut walker = Walker::default();
    for job in jobs {
        one(&mut walker, job);
    }
}
