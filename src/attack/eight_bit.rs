//! The smallest change that survives being saved.
//!
//! DeepFool's perturbations are far below one grey level, so rounding to 256
//! levels takes nearly all of them back. Here every candidate is clipped and
//! rounded before the classifier sees it. Along a direction w, the picture
//! rounded at `x + s w` is, for each s, the change in whole levels that gains
//! most of `w · r` for its l2 norm: first the strongest pixels move by one
//! level, then more of them, then some by two. The least s that fools is found
//! by doubling and bisection; the boundary's normal there is the next direction.

use serde::{Deserialize, Serialize};

use super::line::{Goal, Line, Saving, bisect, bracket};
use super::margin::normal;
use super::super_deepfool::{self, super_deepfool};
use super::{AttackError, Norm, Outcome, Prediction, check_positive};
use crate::classifier::Classifier;
use crate::photo::{clip, round_to_8_bits};
use crate::task::Task;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Options {
    /// Of the first direction.
    pub direction: super_deepfool::Options,
    /// Directions that are tried. At least 1.
    pub rounds: usize,
    /// How exactly the length is found, as a share of it. Positive.
    pub tolerance: f64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            direction: super_deepfool::Options::default(),
            rounds: 5,
            tolerance: 1e-3,
        }
    }
}

/// The first multiple that is tried moves the strongest pixel by this many
/// levels, and the last by that many.
const LEVELS: [f64; 2] = [0.5, 255.0];

/// Where it is.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Progress {
    /// Pictures that are done.
    pub done: usize,
    /// SuperDeepFool's steps to the first direction of the present one, so far.
    pub steps: usize,
    /// Directions that were tried for it.
    pub rounds: usize,
    /// ‖r‖₂ of the smallest change that fools from a file so far, in pixel
    /// units; 0 before the first.
    pub size: f64,
}

/// A change in whole grey levels for each of some pictures, planar `[C, H, W]`
/// in pixel units; each picture is rounded first, as it would be in a file. The
/// outcome's perturbation leads from the rounded picture to the file's:
/// [`pixels`] gives the latter. Where none was found it is not fooled.
///
/// # Errors
/// As SuperDeepFool's.
pub async fn eight_bit(
    classifier: &dyn Classifier,
    pictures: &[impl AsRef<[f32]>],
    options: &Options,
    task: &mut Task<'_, Progress>,
) -> Result<Vec<Outcome>, AttackError> {
    check_positive("the number of directions", options.rounds as f64)?;
    check_positive("the tolerance", options.tolerance)?;
    let mut outcomes = Vec::with_capacity(pictures.len());
    for x in pictures {
        let mut at = Progress {
            done: outcomes.len(),
            ..Progress::default()
        };
        task.checkpoint(at).await?;
        let mut x = x.as_ref().to_vec();
        clip(&mut x);
        round_to_8_bits(&mut x);
        outcomes.push(on_one(classifier, &x, options, &mut at, task).await?);
    }
    Ok(outcomes)
}

/// The picture to save, planar in whole 255ths, from the picture that was
/// attacked.
pub fn pixels(x: &[f32], outcome: &Outcome) -> Vec<f32> {
    let mut x = x.to_vec();
    clip(&mut x);
    round_to_8_bits(&mut x);
    let sum = x.iter().zip(&outcome.perturbation);
    let mut pixels: Vec<f32> = sum.map(|(x, r)| x + r).collect();
    clip(&mut pixels);
    round_to_8_bits(&mut pixels);
    pixels
}

async fn on_one(
    classifier: &dyn Classifier,
    x: &[f32],
    options: &Options,
    at: &mut Progress,
    task: &mut Task<'_, Progress>,
) -> Result<Outcome, AttackError> {
    let mut part = Task::new(task.stop_flag(), |step: super_deepfool::Progress| {
        at.steps = step.round + step.walked;
        task.report(*at);
    });
    let exact = super_deepfool(classifier, &[x], &options.direction, &mut part).await?;
    drop(part);
    let exact = &exact[0];
    let clean = exact.clean.clone();
    let goal = Goal::new(clean.label, options.direction.deepfool.target);
    let (mut iterations, mut gradients) = (exact.iterations, exact.gradient_evaluations);
    let mut best: Option<(f64, Vec<f32>, Prediction)> = None;
    let mut direction = exact.perturbation.clone();
    for _ in 0..options.rounds {
        let Some((r, answer)) = along(classifier, x, &direction, goal, options, task).await? else {
            break;
        };
        iterations += 1;
        let size = Norm::L2.of(&r);
        if best.as_ref().is_some_and(|(best, ..)| size >= *best) {
            break;
        }
        direction = normal(classifier, x, &r, clean.label, answer.label).await?;
        gradients += 1;
        best = Some((size, r, answer));
        at.rounds += 1;
        at.size = size;
        task.report(*at);
    }
    let (r, adversarial) =
        best.map_or_else(|| (vec![0.0; x.len()], clean.clone()), |(_, r, a)| (r, a));
    let outcome = Outcome::measure(classifier, x, r, clean, adversarial, iterations, gradients);
    Ok(Outcome {
        stalls: exact.stalls,
        ..outcome.await?
    })
}

/// The least change in whole levels along a direction that gives the goal.
async fn along(
    classifier: &dyn Classifier,
    x: &[f32],
    direction: &[f32],
    goal: Goal,
    options: &Options,
    task: &Task<'_, Progress>,
) -> Result<Option<(Vec<f32>, Prediction)>, AttackError> {
    let strongest = Norm::Linf.of(direction) * 255.0;
    if strongest <= 0.0 {
        return Ok(None);
    }
    let mut lines = [Line::new(x, direction, goal).saved(Saving::EightBit)];
    let [first, largest] = LEVELS.map(|levels| levels / strongest);
    bracket(classifier, &mut lines, first, largest, task).await?;
    bisect(classifier, &mut lines, options.tolerance, task).await?;
    let [line] = lines;
    Ok(line.high.as_ref().map(|(multiple, answer)| {
        let point = line.point(*multiple);
        let r = point.iter().zip(x).map(|(point, x)| point - x).collect();
        (r, answer.clone())
    }))
}
