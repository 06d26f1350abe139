//! Along the boundary to its nearest point.
//!
//! Where the shortest perturbation ends, it is parallel to the boundary's
//! normal. From a perturbation r that ends on the boundary, with the normal w
//! there, the part of r that is not parallel to w is taken away (as in
//! SuperDeepFool's projection), or a share of it, and the result is made longer
//! or shorter until it ends on the boundary again; if it is shorter than r, it
//! takes r's place. One gradient and a few forward passes a step.

use super::label::predictions;
use super::line::Goal;
use super::margin::{missed_by, normal, sides};
use super::{AttackError, Norm, Prediction};
use crate::classifier::Classifier;
use crate::task::Task;

/// A perturbation that gives the goal, and the answer to it.
pub(super) struct End {
    pub r: Vec<f32>,
    pub answer: Prediction,
}

/// Steps that were taken.
#[derive(Default)]
pub(super) struct Cost {
    pub steps: usize,
    pub gradients: usize,
}

/// How exactly the boundary is met, as a share of the length.
const TOLERANCE: f64 = 1e-3;

/// Points that are tried along one direction at most.
const TRIALS: usize = 8;

/// The least share of the sideways part that is still tried.
const LEAST: f64 = 0.05;

/// Two steps in a row that gain less than this share end it.
const GAIN: f64 = 1e-3;

/// Shortens a perturbation by at most `steps` steps. Before each, the task hears
/// what `report` makes of the number of steps so far and of ‖r‖₂.
pub(super) async fn to_nearest<P>(
    classifier: &dyn Classifier,
    x: &[f32],
    goal: Goal,
    mut end: End,
    steps: usize,
    task: &mut Task<'_, P>,
    mut report: impl FnMut(usize, f64) -> P,
) -> Result<(End, Cost), AttackError> {
    let mut cost = Cost::default();
    let mut share = 1.0;
    let mut idle = 0;
    while cost.steps < steps && idle < 2 {
        let size = Norm::L2.of(&end.r);
        task.checkpoint(report(cost.steps, size)).await?;
        let (inside, outside) = sides(goal, &end.answer);
        let w = normal(classifier, x, &end.r, outside, inside).await?;
        cost.gradients += 1;
        cost.steps += 1;
        let along = inner(&end.r, &w) / inner(&w, &w);
        if !along.is_finite() {
            break;
        }
        let mut gain = 0.0;
        while share >= LEAST {
            let part = share as f32;
            let direction: Vec<f32> = end
                .r
                .iter()
                .zip(&w)
                .map(|(r, w)| r + part * (along as f32 * w - r))
                .collect();
            let found = meet(classifier, x, &direction, goal, task).await?;
            let shorter = found.filter(|found| Norm::L2.of(&found.r) < size);
            if let Some(found) = shorter {
                gain = 1.0 - Norm::L2.of(&found.r) / size;
                end = found;
                share = f64::min(1.0, 1.5 * share);
                break;
            }
            share /= 2.0;
        }
        if share < LEAST {
            break;
        }
        idle = if gain < GAIN { idle + 1 } else { 0 };
    }
    Ok((end, cost))
}

/// The multiple of a direction that ends just beyond the boundary, near 1, by
/// false position (the Illinois rule: an end that stays counts half).
async fn meet<P>(
    classifier: &dyn Classifier,
    x: &[f32],
    direction: &[f32],
    goal: Goal,
    task: &Task<'_, P>,
) -> Result<Option<End>, AttackError> {
    // Multiples, and by how much the goal is missed there.
    let mut near: Option<(f64, f64)> = None;
    let mut far: Option<(f64, f64)> = None;
    let mut end = None;
    let mut place = 1.0;
    let mut last_was_far = None;
    for _ in 0..TRIALS {
        task.pause().await?;
        let scale = place as f32;
        let r: Vec<f32> = direction.iter().map(|d| d * scale).collect();
        let point: Vec<f32> = x.iter().zip(&r).map(|(x, r)| x + r).collect();
        let answer = predictions(classifier, &[point]).await?.remove(0);
        let missed = missed_by(goal, &answer);
        let is_far = goal.is_met(answer.label);
        if is_far {
            far = Some((place, missed.min(-f64::MIN_POSITIVE)));
            end = Some(End { r, answer });
        } else {
            near = Some((place, missed.max(f64::MIN_POSITIVE)));
        }
        if last_was_far == Some(is_far) {
            let other = if is_far { &mut near } else { &mut far };
            if let Some((_, missed)) = other {
                *missed /= 2.0;
            }
        }
        last_was_far = Some(is_far);
        place = match (near, far) {
            (Some((low, above)), Some((high, below))) => {
                if high - low <= TOLERANCE * high {
                    break;
                }
                // A little beyond, so that it may end there.
                let crossing = low + (high - low) * above / (above - below);
                (crossing + 0.5 * TOLERANCE * high).min(f64::midpoint(crossing, high))
            }
            (None, Some((high, _))) => 0.9 * high,
            (Some((low, _)), None) => 1.1 * low,
            (None, None) => unreachable!("each place is on one side"),
        };
    }
    Ok(end)
}

fn inner(a: &[f32], b: &[f32]) -> f64 {
    let products = a.iter().zip(b);
    products.map(|(a, b)| f64::from(*a) * f64::from(*b)).sum()
}
