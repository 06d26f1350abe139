//! Along the boundary to its nearest point.
//!
//! Where the shortest perturbation ends, it is parallel to the boundary's
//! normal. From a perturbation r that ends on the boundary, with the normal w
//! there, the part of r that is not parallel to w is taken away (as in
//! SuperDeepFool's projection), or a share of it, and the result is made longer
//! or shorter until it ends on the boundary again; if it is shorter than r, it
//! takes r's place. One gradient and a few forward passes a step.

use super::AttackError;
use super::false_position::{FalsePosition, Reach};
use super::found::Found;
use super::label::predictions;
use super::line::Goal;
use super::margin::{missed_by, normal, sides};
use super::vectors::{inner, sum};
use crate::classifier::Classifier;
use crate::task::Task;

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

/// Turned a little, a direction ends near the same length.
const REACH: Reach = Reach {
    longer: [1.1, 1.1],
    shorter: [0.9, 0.9],
};

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
    mut end: Found,
    steps: usize,
    task: &mut Task<'_, P>,
    mut report: impl FnMut(usize, f64) -> P,
) -> Result<(Found, Cost), AttackError> {
    let mut cost = Cost::default();
    let mut share = 1.0;
    let mut idle = 0;
    while cost.steps < steps && idle < 2 {
        let size = end.size;
        task.checkpoint(report(cost.steps, size)).await?;
        let (inside, outside) = sides(goal, &end.answer);
        let w = normal(classifier, x, &end.perturbation, outside, inside).await?;
        cost.gradients += 1;
        cost.steps += 1;
        let along = inner(&end.perturbation, &w) / inner(&w, &w);
        if !along.is_finite() {
            break;
        }
        let mut gain = 0.0;
        while share >= LEAST {
            let part = share as f32;
            let direction: Vec<f32> = end
                .perturbation
                .iter()
                .zip(&w)
                .map(|(r, w)| r + part * (along as f32 * w - r))
                .collect();
            let found = meet(classifier, x, &direction, goal, task).await?;
            let shorter = found.filter(|found| found.size < size);
            if let Some(found) = shorter {
                gain = 1.0 - found.size / size;
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

/// The multiple of a direction that ends just beyond the boundary, near 1.
async fn meet<P>(
    classifier: &dyn Classifier,
    x: &[f32],
    direction: &[f32],
    goal: Goal,
    task: &Task<'_, P>,
) -> Result<Option<Found>, AttackError> {
    let mut ray = FalsePosition::new(1.0, TOLERANCE, REACH);
    let mut end = None;
    for _ in 0..TRIALS {
        task.pause().await?;
        let scale = ray.place() as f32;
        let r: Vec<f32> = direction.iter().map(|d| d * scale).collect();
        let answer = predictions(classifier, &[sum(x, &r)]).await?.remove(0);
        let is_met = goal.is_met(answer.label);
        let goes_on = ray.note(missed_by(goal, &answer), is_met);
        if is_met {
            end = Some(Found::in_l2(r, answer));
        }
        if !goes_on {
            break;
        }
    }
    Ok(end)
}
