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
use crate::classifier::architecture::Shape;
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
        check_colour(&self.colour, channels)
    }
}

fn check_colour(colour: &[f32], channels: usize) -> Result<(), AttackError> {
    if colour.len() != 1 && colour.len() != channels {
        return Err(AttackError::Option {
            name: "the count of colour values",
            expected: "1 or as many as a picture has channels",
            found: colour.len() as f64,
        });
    }
    if let Some(&value) = colour.iter().find(|value| !value.is_finite()) {
        return Err(AttackError::Option {
            name: "the patch's colour",
            expected: "a finite number",
            found: value.into(),
        });
    }
    Ok(())
}

/// A square of a picture, in pixels from its left upper corner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Patch {
    pub x: usize,
    pub y: usize,
    pub side: usize,
}

impl Patch {
    /// A picture with this patch over it, of a colour as [`Options::colour`]
    /// has it; what lies outside is cut off.
    ///
    /// # Errors
    /// When the colour does not fit the picture's channels.
    pub fn cover(&self, x: &[f32], shape: Shape, colour: &[f32]) -> Result<Vec<f32>, AttackError> {
        check_colour(colour, shape[0])?;
        Ok(self.laid_over(x, shape, colour))
    }

    fn laid_over(&self, x: &[f32], [_, height, width]: Shape, colour: &[f32]) -> Vec<f32> {
        let mut x = x.to_vec();
        let left = self.x.min(width);
        let right = self.x.saturating_add(self.side).min(width);
        for (channel, plane) in x.chunks_exact_mut(height * width).enumerate() {
            let rows = plane.chunks_exact_mut(width);
            for row in rows.skip(self.y).take(self.side) {
                row[left..right].fill(colour[channel % colour.len()]);
            }
        }
        x
    }
}

/// What was found for one picture.
#[derive(Debug, Clone, PartialEq)]
pub struct Occlusion {
    /// The perturbation is the patch's colour less the picture, inside the
    /// patch. It takes no gradient; iterations are the sides that were tried.
    pub outcome: Outcome,
    /// None when no square that was tried changes the label. [`Search::Bisection`]
    /// tries the largest, and then halves of it.
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
    /// The smallest that is known to change the label.
    pub best: Option<Patch>,
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
                best: None,
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
            let occluded = patch.laid_over(x, classifier.input_shape(), &options.colour);
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
        // A picture may have the label of the patch's bare colour: then a patch
        // over all of it changes nothing, and a smaller one may.
        while best.is_none() && fooling > 1 {
            fooling /= 2;
            best = self.at(fooling, task).await?;
        }
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
            |index| patch(index).laid_over(self.x, shape, &self.options.colour),
            task,
        );
        let found = found.await?;
        let found = found.map(|(index, answer)| (patch(index), answer));
        if let Some((patch, _)) = found {
            self.progress.best = Some(patch);
        }
        Ok(found)
    }
}

/// Where a patch begins along an edge: every stride, and flush with the end.
fn positions(length: usize, side: usize, stride: usize) -> Vec<usize> {
    let last = length - side;
    let mut all: Vec<usize> = (0..last).step_by(stride).collect();
    all.push(last);
    all
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

    #[test]
    fn of_a_patch_what_lies_outside_is_cut_off() {
        let cover = |x, y, side| {
            let patch = Patch { x, y, side };
            patch.cover(&[0.0; 9], [1, 3, 3], &[1.0]).unwrap()
        };
        assert_eq!(cover(1, 2, 1), [0., 0., 0., 0., 0., 0., 0., 1., 0.]);
        assert_eq!(cover(2, 1, 9), [0., 0., 0., 0., 0., 1., 0., 0., 1.]);
        assert_eq!(cover(3, 0, usize::MAX), [0.0; 9]);
        let colours = Patch::cover(
            &Patch {
                x: 0,
                y: 0,
                side: 1,
            },
            &[0.0; 9],
            [1, 3, 3],
            &[],
        );
        assert!(matches!(colours, Err(AttackError::Option { .. })));
    }
}
