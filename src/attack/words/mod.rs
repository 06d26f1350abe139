//! Words hidden in a picture: semi-random noise (Fawzi, Moosavi-Dezfooli and
//! Frossard, NIPS 2016, section 5) within the span of words scattered over it.
//!
//! Each word covers some pixels ([`Stamp`]) and may have any colour, which is
//! added to what is there: three dimensions of a subspace S a word. DeepFool
//! within S finds the colours. Where a few words do not suffice there are
//! twice as many, so long as there are any; as in [`semi_random`](super::semi_random),
//! the more dimensions, the smaller the noise.

mod layout;
mod stamp;
#[cfg(not(target_family = "wasm"))]
mod typeface;

use nalgebra::{DMatrix, DVector};
use serde::{Deserialize, Serialize};

pub use layout::{Layout, Placement};
pub use stamp::{Stamp, StampError};
#[cfg(not(target_family = "wasm"))]
pub use typeface::{Typeface, TypefaceError};

use super::deepfool;
use super::semi_random::semi_random;
use super::subspace::Subspace;
use super::{AttackError, Outcome, predictions};
use crate::classifier::Classifier;
use crate::classifier::architecture::Shape;
use crate::task::Task;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Options {
    /// Words at first. At least 1.
    pub words: usize,
    /// Whether the label must have changed also when the sum is clipped to
    /// [0, 1] and rounded to 8 bits, as it is when saved. The colours may be
    /// made up to three times stronger for that.
    pub saved: bool,
    pub deepfool: deepfool::Options,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            words: 16,
            saved: true,
            deepfool: deepfool::Options::default(),
        }
    }
}

/// Words hidden in one picture.
#[derive(Debug, Clone, PartialEq)]
pub struct Hidden {
    /// With all gradients that were taken, also with fewer words; the
    /// iterations are those with the last number of them.
    pub outcome: Outcome,
    /// How many of the stamps were used: the first ones.
    pub words: usize,
    /// What each word adds to the pixels that it covers wholly: a number a
    /// channel, in pixel units.
    pub colours: Vec<Vec<f32>>,
}

/// Where the search is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Words that are being tried.
    pub words: usize,
    pub iteration: usize,
    /// Pictures done, of all.
    pub done: usize,
    pub pictures: usize,
}

/// Hides words in each of some pictures, planar `[C, H, W]` in pixel units:
/// as many of the stamps as it takes to change the label, the first ones first.
/// Where all do not suffice, the outcome is that with all.
///
/// # Errors
/// As [`deepfool()`](deepfool::deepfool)'s; without any stamp, or when the
/// first ones lie outside the picture.
pub async fn words(
    classifier: &dyn Classifier,
    pictures: &[impl AsRef<[f32]>],
    stamps: &[Stamp],
    options: &Options,
    task: &mut Task<'_, Progress>,
) -> Result<Vec<Hidden>, AttackError> {
    if options.words == 0 {
        return Err(AttackError::Option {
            name: "the number of words",
            expected: "at least 1",
            found: 0.0,
        });
    }
    let shape = classifier.input_shape();
    let masks: Vec<Vec<f32>> = stamps.iter().map(|stamp| stamp.mask(shape)).collect();
    let mut found: Vec<Option<Hidden>> = pictures.iter().map(|_| None).collect();
    let mut gradients = vec![0; pictures.len()];
    let mut active: Vec<usize> = (0..pictures.len()).collect();
    let mut count = options.words.min(masks.len());
    while !active.is_empty() {
        let masks = &masks[..count];
        let space = Subspace::coloured(masks, shape[0])?;
        let batch: Vec<&[f32]> = active.iter().map(|&i| pictures[i].as_ref()).collect();
        let done = pictures.len() - active.len();
        let outcomes = {
            let stop = task.stop_flag();
            let mut part = Task::new(stop, |step: deepfool::Progress| {
                task.report(Progress {
                    words: count,
                    iteration: step.iteration,
                    done,
                    pictures: pictures.len(),
                });
            });
            semi_random(classifier, &batch, &[space], &options.deepfool, &mut part).await?
        };
        let mut left = Vec::new();
        for (&index, mut outcome) in active.iter().zip(outcomes) {
            gradients[index] += outcome.gradient_evaluations;
            if options.saved && outcome.fooled() && !outcome.survives_rounding {
                task.pause().await?;
                outcome = stretched(classifier, pictures[index].as_ref(), outcome).await?;
            }
            let works = outcome.fooled() && (outcome.survives_rounding || !options.saved);
            if works || count == stamps.len() {
                outcome.gradient_evaluations = gradients[index];
                found[index] = Some(Hidden {
                    words: count,
                    colours: colours(masks, &outcome.perturbation, shape),
                    outcome,
                });
            } else {
                left.push(index);
            }
        }
        active = left;
        count = (2 * count).min(stamps.len());
    }
    Ok(found.into_iter().flatten().collect())
}

/// By how much stronger the colours may be made to survive clipping and
/// rounding, before more words are tried.
const STRETCHES: [f32; 6] = [1.1, 1.25, 1.5, 2.0, 2.5, 3.0];

/// The least stretched perturbation that survives saving; as it was where none
/// does. It stays within the words, whose colours it only makes stronger.
async fn stretched(
    classifier: &dyn Classifier,
    x: &[f32],
    outcome: Outcome,
) -> Result<Outcome, AttackError> {
    for stretch in STRETCHES {
        let r: Vec<f32> = outcome.perturbation.iter().map(|r| r * stretch).collect();
        let sum: Vec<f32> = x.iter().zip(&r).map(|(x, r)| x + r).collect();
        let adversarial = predictions(classifier, &[sum]).await?.remove(0);
        let stronger = Outcome::measure(
            classifier,
            x,
            r,
            outcome.clean.clone(),
            adversarial,
            outcome.iterations,
            outcome.gradient_evaluations,
        );
        let stronger = Outcome {
            stalls: outcome.stalls,
            ..stronger.await?
        };
        if stronger.fooled() && stronger.survives_rounding {
            return Ok(stronger);
        }
    }
    Ok(outcome)
}

/// The colours of words of which the perturbation is the sum: for each channel
/// the least squares solution c of `M c = r`, with the masks as M's columns.
fn colours(masks: &[Vec<f32>], r: &[f32], [_, height, width]: Shape) -> Vec<Vec<f32>> {
    let product = |a: &[f32], b: &[f32]| -> f64 {
        let pairs = a.iter().zip(b);
        pairs.map(|(a, b)| f64::from(*a) * f64::from(*b)).sum()
    };
    let n = masks.len();
    let mut gram = DMatrix::<f64>::zeros(n, n);
    for i in 0..n {
        for j in 0..=i {
            let value = product(&masks[i], &masks[j]);
            gram[(i, j)] = value;
            gram[(j, i)] = value;
        }
    }
    // Words that cover one another wholly, or nothing, have no colour of their
    // own: of all that add up to r, the smallest.
    let largest = gram.diagonal().max();
    let inverse = gram
        .pseudo_inverse(1e-9 * largest)
        .expect("the bound is not negative");
    let mut colours = vec![Vec::new(); n];
    for plane in r.chunks_exact(height * width) {
        let right = DVector::from_iterator(n, masks.iter().map(|mask| product(mask, plane)));
        let solution = &inverse * right;
        for (colour, &value) in colours.iter_mut().zip(solution.iter()) {
            colour.push(value as f32);
        }
    }
    colours
}
