//! The smallest square patch that changes the label.
//!
//! A patch of one colour is laid over the picture wherever a grid has a point.
//! This says how far an answer hangs on one part of a picture, in pixels of it;
//! it takes no gradient.
//!
//! What is found depends on the grid, and a larger patch need not fool wherever
//! a smaller one does. [`Search::Ascending`] therefore tries every side from
//! one pixel on, and its answer is the smallest there is on the grid.
//! [`Search::Bisection`] takes a tenth of the time; of its answer it is sure
//! that a patch of this side fools, and that one of a pixel less does so
//! nowhere on its grid.

use serde::{Deserialize, Serialize};

use super::search::{TRIALS, clean, first_fooled};
use super::{AttackError, Outcome, Prediction};
use crate::classifier::Classifier;
use crate::task::Task;

/// In which order sides are tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Search {
    #[default]
    Bisection,
    Ascending,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Options {
    /// Pixels from one position to the next, along rows and columns; the last
    /// position is always at the edge. At least 1.
    pub stride: usize,
    /// The patch's, in pixel units: one number for all channels, or one each.
    pub colour: Vec<f32>,
    pub search: Search,
    /// Patches tried at a time; changes the memory it takes, not the answer.
    pub batch: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            stride: 16,
            colour: vec![0.5],
            search: Search::default(),
            batch: TRIALS,
        }
    }
}

impl Options {
    fn check(&self, channels: usize) -> Result<(), AttackError> {
        let refused = |name, expected, found| {
            Err(AttackError::Option {
                name,
                expected,
                found,
            })
        };
        if self.stride == 0 {
            return refused("the stride", "at least 1", 0.0);
        }
        if self.colour.len() != 1 && self.colour.len() != channels {
            let expected = "1 or as many as a picture has channels";
            return refused(
                "the count of colour values",
                expected,
                self.colour.len() as f64,
            );
        }
        if let Some(&value) = self.colour.iter().find(|value| !value.is_finite()) {
            return refused("the patch's colour", "a finite number", value.into());
        }
        Ok(())
    }

    fn colour(&self, channel: usize) -> f32 {
        self.colour[channel % self.colour.len()]
    }
}

/// A square of a picture, in pixels from its left upper corner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Patch {
    pub x: usize,
    pub y: usize,
    pub side: usize,
}

/// What was found for one picture.
#[derive(Debug, Clone, PartialEq)]
pub struct Occlusion {
    /// The perturbation is the patch's colour less the picture, inside the
    /// patch. It takes no gradient; iterations are the sides that were tried.
    pub outcome: Outcome,
    /// None when not even the largest square changes the label.
    pub patch: Option<Patch>,
}

/// Where the search is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Pictures done, of all.
    pub done: usize,
    pub pictures: usize,
    /// The side that is being tried.
    pub side: usize,
}

/// The smallest patch that changes the label of each of some pictures, planar
/// `[C, H, W]` in pixel units.
///
/// # Errors
/// Bad options, a picture of another size or with a value that is no number, a
/// classifier of one class, or a wish to stop.
pub async fn occlusion(
    classifier: &dyn Classifier,
    pictures: &[impl AsRef<[f32]>],
    options: &Options,
    task: &mut Task<'_, Progress>,
) -> Result<Vec<Occlusion>, AttackError> {
    options.check(classifier.input_shape()[0])?;
    let answers = clean(classifier, pictures).await?;
    let mut found = Vec::with_capacity(pictures.len());
    for (picture, clean) in pictures.iter().zip(answers) {
        let x = picture.as_ref();
        let mut trials = Trials {
            classifier,
            x,
            label: clean.label,
            options,
            tried: 0,
            progress: Progress {
                done: found.len(),
                pictures: pictures.len(),
                side: 0,
            },
        };
        let best = match options.search {
            Search::Bisection => trials.bisect(task).await?,
            Search::Ascending => trials.ascend(task).await?,
        };
        let sides = trials.tried;
        let (patch, adversarial) = match best {
            Some((patch, answer)) => (Some(patch), answer),
            None => (None, clean.clone()),
        };
        let mut r = vec![0.0; x.len()];
        if let Some(patch) = patch {
            let occluded = cover(classifier.input_shape(), x, patch, options);
            for ((r, occluded), x) in r.iter_mut().zip(occluded).zip(x) {
                *r = occluded - x;
            }
        }
        let outcome = Outcome::measure(classifier, x, r, clean, adversarial, sides, 0);
        found.push(Occlusion {
            outcome: outcome.await?,
            patch,
        });
    }
    Ok(found)
}

/// One picture's search.
struct Trials<'a> {
    classifier: &'a dyn Classifier,
    x: &'a [f32],
    label: usize,
    options: &'a Options,
    tried: usize,
    progress: Progress,
}

type Fooling = Option<(Patch, Prediction)>;

impl Trials<'_> {
    fn largest(&self) -> usize {
        let [_, height, width] = self.classifier.input_shape();
        height.min(width)
    }

    async fn bisect(&mut self, task: &mut Task<'_, Progress>) -> Result<Fooling, AttackError> {
        let mut fooling = self.largest();
        let mut best = self.at(fooling, task).await?;
        if best.is_none() {
            return Ok(None);
        }
        let mut fails = 0;
        while fooling - fails > 1 {
            let side = usize::midpoint(fails, fooling);
            match self.at(side, task).await? {
                None => fails = side,
                found => (best, fooling) = (found, side),
            }
        }
        Ok(best)
    }

    async fn ascend(&mut self, task: &mut Task<'_, Progress>) -> Result<Fooling, AttackError> {
        for side in 1..=self.largest() {
            let found = self.at(side, task).await?;
            if found.is_some() {
                return Ok(found);
            }
        }
        Ok(None)
    }

    /// The first patch of this side, in reading order, that changes the label.
    async fn at(
        &mut self,
        side: usize,
        task: &mut Task<'_, Progress>,
    ) -> Result<Fooling, AttackError> {
        self.progress.side = side;
        task.checkpoint(self.progress).await?;
        self.tried += 1;
        let shape = self.classifier.input_shape();
        let [_, height, width] = shape;
        let columns = positions(width, side, self.options.stride);
        let rows = positions(height, side, self.options.stride);
        let patch = |index: usize| Patch {
            x: columns[index % columns.len()],
            y: rows[index / columns.len()],
            side,
        };
        let found = first_fooled(
            self.classifier,
            self.label,
            rows.len() * columns.len(),
            self.options.batch,
            |index| cover(shape, self.x, patch(index), self.options),
            task,
        );
        let found = found.await?;
        Ok(found.map(|(index, answer)| (patch(index), answer)))
    }
}

/// Where a patch begins along an edge: every stride, and flush with the end.
fn positions(length: usize, side: usize, stride: usize) -> Vec<usize> {
    let last = length - side;
    let mut all: Vec<usize> = (0..last).step_by(stride).collect();
    all.push(last);
    all
}

/// The picture with a patch over it.
fn cover(shape: [usize; 3], x: &[f32], patch: Patch, options: &Options) -> Vec<f32> {
    let [_, height, width] = shape;
    let mut x = x.to_vec();
    for (channel, plane) in x.chunks_exact_mut(height * width).enumerate() {
        let rows = plane.chunks_exact_mut(width);
        for row in rows.skip(patch.y).take(patch.side) {
            row[patch.x..patch.x + patch.side].fill(options.colour(channel));
        }
    }
    x
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_reach_both_edges_and_leave_no_stride_out() {
        assert_eq!(positions(10, 4, 3), [0, 3, 6]);
        assert_eq!(positions(10, 3, 3), [0, 3, 6, 7]);
        assert_eq!(positions(10, 10, 3), [0]);
        assert_eq!(positions(10, 9, 16), [0, 1]);
    }
}
