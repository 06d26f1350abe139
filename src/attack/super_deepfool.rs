//! SuperDeepFool (Abdollahpoorrostam, Abroshan and Moosavi-Dezfooli, 2024):
//! DeepFool to the boundary, then the projection of the perturbation onto the
//! boundary's normal there, again and again.
//!
//! DeepFool's steps end at a boundary, but not at its nearest point. With w the
//! normal where DeepFool ended, the nearest point of the boundary's tangent
//! plane is `x + r (r·w / ‖w‖²) w`; where the boundary is curved this falls
//! short of it, and DeepFool goes on from there. It ends when the projection
//! itself has another label.
//!
//! After that the perturbation is shortened further along the boundary (not in
//! that paper): on EfficientNet-Lite0 the projections alone take some 7 % off
//! DeepFool's median.

use serde::{Deserialize, Serialize};

use super::bisection::shortened;
use super::deepfool::{self, deepfool};
use super::found::{Found, is_smaller};
use super::label::predictions;
use super::line::Goal;
use super::margin::normal;
use super::vectors::{inner, sum};
use super::walk::to_nearest;
use super::{AttackError, Norm, Outcome, Prediction, check_positive, check_target};
use crate::classifier::Classifier;
use crate::task::Task;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Options {
    /// Of the DeepFool between two projections; its norm is l2.
    pub deepfool: deepfool::Options,
    /// Projections at most. At least 1.
    pub max_rounds: usize,
    /// Steps along the boundary at most; 0 for the published method.
    pub boundary_steps: usize,
    /// Whether the result is shortened along itself to the boundary.
    pub bisect: bool,
    /// How exactly, as a share of its length. Positive.
    pub tolerance: f64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            deepfool: deepfool::Options::default(),
            max_rounds: 20,
            boundary_steps: 40,
            bisect: true,
            tolerance: 1e-3,
        }
    }
}

/// Where it is, after each projection and each step along the boundary.
#[derive(Debug, Clone, PartialEq)]
pub struct Progress {
    pub picture: usize,
    pub pictures: usize,
    pub round: usize,
    /// Steps along the boundary.
    pub walked: usize,
    /// ‖r‖₂ of the shortest perturbation that fools so far, in pixel units.
    pub size: f64,
}

/// Perturbations that are shorter than DeepFool's in l2, for each of some
/// pictures, planar `[C, H, W]` in pixel units. The shortest that was met on the
/// way counts.
///
/// # Errors
/// As DeepFool's; or where its norm is not l2.
pub async fn super_deepfool(
    classifier: &dyn Classifier,
    pictures: &[impl AsRef<[f32]>],
    options: &Options,
    task: &mut Task<'_, Progress>,
) -> Result<Vec<Outcome>, AttackError> {
    check_positive("the number of projections", options.max_rounds as f64)?;
    check_positive("the tolerance", options.tolerance)?;
    check_target(classifier, options.deepfool.target)?;
    if options.deepfool.norm != Norm::L2 {
        return Err(AttackError::OnlyL2("SuperDeepFool"));
    }
    let mut outcomes = Vec::with_capacity(pictures.len());
    for (picture, x) in pictures.iter().enumerate() {
        let mut report = Progress {
            picture,
            pictures: pictures.len(),
            round: 0,
            walked: 0,
            size: 0.0,
        };
        outcomes.push(on_one(classifier, x.as_ref(), options, &mut report, task).await?);
    }
    Ok(outcomes)
}

async fn on_one(
    classifier: &dyn Classifier,
    x: &[f32],
    options: &Options,
    report: &mut Progress,
    task: &mut Task<'_, Progress>,
) -> Result<Outcome, AttackError> {
    let clean = predictions(classifier, &[x]).await?.remove(0);
    let goal = Goal::new(clean.label, options.deepfool.target);
    let mut best: Option<Found> = None;
    let mut r = vec![0f32; x.len()];
    let (mut iterations, mut gradients, mut stalls) = (0, 0, 0);
    while !goal.is_met(clean.label) && report.round < options.max_rounds {
        // From where the last projection fell short of the boundary.
        let start = sum(x, &r);
        let mut part = Task::new(task.stop_flag(), |_| ());
        let to_boundary = deepfool(classifier, &[&start], &options.deepfool, &mut part).await?;
        drop(part);
        let step = &to_boundary[0];
        iterations += step.iterations;
        gradients += step.gradient_evaluations;
        stalls += step.stalls;
        if !goal.is_met(step.adversarial.label) {
            break;
        }
        for (r, step) in r.iter_mut().zip(&step.perturbation) {
            *r += step;
        }
        keep_shorter(&mut best, &r, &step.adversarial);

        let w = normal(classifier, x, &r, clean.label, step.adversarial.label).await?;
        gradients += 1;
        let share = inner(&r, &w) / inner(&w, &w);
        if !share.is_finite() {
            break;
        }
        r = w.iter().map(|w| (share * f64::from(*w)) as f32).collect();
        let answer = predictions(classifier, &[sum(x, &r)]).await?.remove(0);
        let is_met = goal.is_met(answer.label);
        if is_met {
            keep_shorter(&mut best, &r, &answer);
        }
        report.round += 1;
        report.size = best.as_ref().map_or(0.0, |best| best.size);
        task.checkpoint(report.clone()).await?;
        // Another class than the one that is wished for, when there is a wish:
        // DeepFool would begin on its wrong side.
        if is_met || answer.label != clean.label {
            break;
        }
    }
    if let Some(found) = best {
        let steps = options.boundary_steps;
        let on_the_way = |walked, size| Progress {
            walked,
            size,
            ..report.clone()
        };
        let (end, cost) = to_nearest(classifier, x, goal, found, steps, task, on_the_way).await?;
        iterations += cost.steps;
        gradients += cost.gradients;
        best = Some(end);
    }
    let is_bisected = options.bisect && best.is_some();
    let (mut r, mut adversarial) = Found::or_nothing(best, x, &clean);
    if is_bisected {
        let tolerance = options.tolerance;
        (r, adversarial) = shortened(classifier, x, r, adversarial, goal, tolerance, task).await?;
    }
    let outcome = Outcome::measure(classifier, x, r, clean, adversarial, iterations, gradients);
    Ok(Outcome {
        stalls,
        ..outcome.await?
    })
}

fn keep_shorter(best: &mut Option<Found>, r: &[f32], answer: &Prediction) {
    if is_smaller(Norm::L2.of(r), best.as_ref()) {
        *best = Some(Found::in_l2(r.to_vec(), answer.clone()));
    }
}
