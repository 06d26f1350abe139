//! The smallest shift, turn and change of size that change the label.
//!
//! After Manitest (Fawzi and Frossard, BMVC 2015), which measures a
//! transformation by the length of the shortest path to it; that is expensive,
//! and we measure by what a person sees: how far the picture's points move,
//! `d(T)² = mean over pixels p of ‖T(p) − p‖²`, in pixels. For
//! `T(p) = s R(θ) (p − c) + c + t` about the picture's centre c this is
//! `‖t‖² + ρ² (s² + 1 − 2 s cos θ)` with ρ² the mean of ‖p − c‖²: for small
//! ones the Euclidean length of `(t, ρ θ, ρ ln s)`.
//!
//! The search is direct, without gradients: in those coordinates first along
//! the axes and the diagonals, at growing distances; then from the direction
//! that fooled first it moves to neighbouring ones, as long as one fools at a
//! smaller distance. So what it finds fools, and is an upper bound on the
//! smallest.

mod search;
mod similarity;

use serde::{Deserialize, Serialize};

use super::search::{TRIALS, clean};
use super::{AttackError, Outcome};
use crate::classifier::Classifier;
use crate::task::Task;
use search::Trials;

pub use similarity::{Beyond, Transformation};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Options {
    /// Which of the three there may be; at least one.
    pub translation: bool,
    pub rotation: bool,
    pub scaling: bool,
    pub beyond: Beyond,
    /// How far to look, as a share of the picture's short side. Above 0, at
    /// most 0.35, where a change of size still moves points ever farther.
    pub farthest: f64,
    /// The distance is found to this share of itself. Above 0, below 1.
    pub precision: f64,
    /// Transformations tried at a time; changes the memory it takes, not the
    /// answer.
    pub batch: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            translation: true,
            rotation: true,
            scaling: true,
            beyond: Beyond::default(),
            farthest: 0.25,
            precision: 0.02,
            batch: TRIALS,
        }
    }
}

impl Options {
    fn check(&self) -> Result<(), AttackError> {
        let refused = |name, expected, found| {
            Err(AttackError::Option {
                name,
                expected,
                found,
            })
        };
        if !(self.translation || self.rotation || self.scaling) {
            return refused("the number of kinds of transformation", "at least 1", 0.0);
        }
        if !(self.farthest > 0.0 && self.farthest <= 0.35) {
            let expected = "above 0 and at most 0.35 of the short side";
            return refused("the farthest distance", expected, self.farthest);
        }
        if !(self.precision > 0.0 && self.precision < 1.0) {
            return refused("the precision", "above 0 and below 1", self.precision);
        }
        Ok(())
    }

    /// Of the coordinates (t_x, t_y, ρ θ, ρ ln s), which are free.
    fn free(&self) -> Vec<usize> {
        let allowed = [
            self.translation,
            self.translation,
            self.rotation,
            self.scaling,
        ];
        (0..4).filter(|&axis| allowed[axis]).collect()
    }
}

/// What was found for one picture.
#[derive(Debug, Clone, PartialEq)]
pub struct Moved {
    /// The perturbation is the transformed picture less the picture. It takes
    /// no gradient; iterations are rounds of trials.
    pub outcome: Outcome,
    /// None when no transformation within reach changes the label.
    pub transformation: Option<Transformation>,
    /// d(T), in pixels; 0 where there is none.
    pub distance: f64,
}

/// Where the search is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Progress {
    /// Pictures done, of all.
    pub done: usize,
    pub pictures: usize,
    /// The distance that is being tried, in pixels.
    pub distance: f64,
    /// The smallest that is known to change the label.
    pub best: Option<Transformation>,
}

/// The smallest transformation that the search finds to change the label of
/// each of some pictures, planar `[C, H, W]` in pixel units.
///
/// # Errors
/// Bad options, a picture of another size or with a value that is no number, a
/// classifier of one class, or a wish to stop.
pub async fn transformation(
    classifier: &dyn Classifier,
    pictures: &[impl AsRef<[f32]>],
    options: &Options,
    task: &mut Task<'_, Progress>,
) -> Result<Vec<Moved>, AttackError> {
    options.check()?;
    let shape = classifier.input_shape();
    let answers = clean(classifier, pictures).await?;
    let mut found = Vec::with_capacity(pictures.len());
    for (picture, clean) in pictures.iter().zip(answers) {
        let x = picture.as_ref();
        let mut trials = Trials {
            classifier,
            x,
            label: clean.label,
            options,
            rounds: 0,
            progress: Progress {
                done: found.len(),
                pictures: pictures.len(),
                distance: 0.0,
                best: None,
            },
        };
        let best = trials.search(task).await?;
        let rounds = trials.rounds;
        let mut r = vec![0.0; x.len()];
        let (transformation, adversarial) = match best {
            Some((transformation, answer)) => {
                let moved = transformation.apply(x, shape, options.beyond);
                for ((r, moved), x) in r.iter_mut().zip(moved).zip(x) {
                    *r = moved - x;
                }
                (Some(transformation), answer)
            }
            None => (None, clean.clone()),
        };
        let outcome = Outcome::measure(classifier, x, r, clean, adversarial, rounds, 0);
        found.push(Moved {
            outcome: outcome.await?,
            distance: transformation.map_or(0.0, |t| t.distance(shape[1], shape[2])),
            transformation,
        });
    }
    Ok(found)
}
