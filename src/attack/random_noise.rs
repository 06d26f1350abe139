//! Random noise: how far to go in a direction drawn by chance until the answer
//! changes (Fawzi, Moosavi-Dezfooli and Frossard, NIPS 2016, m = 1):
//! `min |t|` with `k(x + t v) ≠ k(x)`, v uniform on the unit sphere.

use serde::{Deserialize, Serialize};

use super::label::predictions;
use super::line::{Goal, Line, bisect, bracket};
use super::{AttackError, Norm, Outcome, Prediction, picture_seed, random_direction};
use crate::classifier::Classifier;
use crate::statistics::{mean, ratio};
use crate::task::Task;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Options {
    /// Directions drawn for each picture. At least 1.
    pub draws: usize,
    /// A picture's directions follow from this and from the picture.
    pub seed: u64,
    /// The longest noise that is tried: the root of its mean square, in pixel
    /// units. Positive.
    pub largest: f64,
    /// How exactly |t| is found, as a share of it. Positive.
    pub tolerance: f64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            draws: 10,
            seed: 0,
            largest: 4.0,
            tolerance: 0.01,
        }
    }
}

/// The first noise that is tried, as a share of the longest.
const FIRST: f64 = 1.0 / 1024.0;

/// What random noise needed on one picture.
#[derive(Debug, Clone, PartialEq)]
pub struct RandomNoise {
    /// The draw that needed least, measured as every attack's outcome is; if
    /// none fooled, its perturbation is zero.
    pub smallest: Outcome,
    /// |t| of each draw, in pixel units; none where the longest did not fool.
    pub sizes: Vec<Option<f64>>,
    /// ‖x‖₂, in pixel units.
    pub picture_size: f64,
}

impl RandomNoise {
    /// The mean of |t| over the draws that fooled.
    pub fn mean_size(&self) -> Option<f64> {
        mean(self.sizes.iter().copied())
    }

    /// The mean of |t| / ‖x‖₂; none for a black picture.
    pub fn rho(&self) -> Option<f64> {
        ratio(self.mean_size()?, self.picture_size)
    }
}

/// Random noise on each of some pictures, planar `[C, H, W]` in pixel units;
/// each draw in both directions of its line. The task hears how many pictures
/// are done.
///
/// # Errors
/// As DeepFool's.
pub async fn random_noise(
    classifier: &dyn Classifier,
    pictures: &[impl AsRef<[f32]>],
    options: &Options,
    task: &mut Task<'_, usize>,
) -> Result<Vec<RandomNoise>, AttackError> {
    super::check_positive("the number of draws", options.draws as f64)?;
    super::check_positive("the longest noise", options.largest)?;
    super::check_positive("the tolerance", options.tolerance)?;
    super::check_target(classifier, None)?;
    let mut all = Vec::with_capacity(pictures.len());
    for x in pictures {
        task.checkpoint(all.len()).await?;
        all.push(on_one(classifier, x.as_ref(), options, task).await?);
    }
    Ok(all)
}

async fn on_one(
    classifier: &dyn Classifier,
    x: &[f32],
    options: &Options,
    task: &Task<'_, usize>,
) -> Result<RandomNoise, AttackError> {
    let clean = predictions(classifier, &[x]).await?.remove(0);
    let directions: Vec<[Vec<f32>; 2]> = (0..options.draws as u64)
        .map(|draw| {
            let v = random_direction(x.len(), picture_seed(options.seed, draw, x));
            let back = v.iter().map(|v| -v).collect();
            [v, back]
        })
        .collect();
    let goal = Goal::Not(clean.label);
    let mut lines: Vec<Line<'_>> = directions
        .iter()
        .flatten()
        .map(|direction| Line::new(x, direction, goal))
        .collect();
    let largest = options.largest * (x.len() as f64).sqrt();
    bracket(classifier, &mut lines, largest * FIRST, largest, task).await?;
    // Of the two ways only the one that changes first matters: the other's
    // interval begins where this one ends.
    let end = |line: &Line<'_>| line.high.as_ref().map_or(f64::INFINITY, |(high, _)| *high);
    for pair in lines.chunks_exact_mut(2) {
        let (one, other) = (end(&pair[0]), end(&pair[1]));
        if one < other {
            pair[1].high = None;
        } else if other < one {
            pair[0].high = None;
        }
    }
    bisect(classifier, &mut lines, options.tolerance, task).await?;

    let mut sizes = Vec::with_capacity(options.draws);
    let mut smallest: Option<(f64, usize)> = None;
    for (draw, pair) in lines.chunks_exact(2).enumerate() {
        let side = usize::from(end(&pair[1]) < end(&pair[0]));
        let size = end(&pair[side]);
        sizes.push(size.is_finite().then_some(size));
        if size < smallest.map_or(f64::INFINITY, |(size, _)| size) {
            smallest = Some((size, 2 * draw + side));
        }
    }
    let (perturbation, adversarial): (Vec<f32>, Prediction) = match smallest {
        Some((size, index)) => {
            let direction = &directions[index / 2][index % 2];
            let answer = lines.swap_remove(index).high.expect("it has an end").1;
            (direction.iter().map(|v| v * size as f32).collect(), answer)
        }
        None => (vec![0.0; x.len()], clean.clone()),
    };
    let smallest = Outcome::measure(classifier, x, perturbation, clean, adversarial, 1, 0);
    Ok(RandomNoise {
        smallest: smallest.await?,
        sizes,
        picture_size: Norm::L2.of(x),
    })
}
