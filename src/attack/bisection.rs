//! Shortening a perturbation along itself.

use super::line::{Goal, Line, bisect};
use super::{AttackError, Prediction};
use crate::classifier::Classifier;
use crate::task::Task;

/// The shortest multiple of a perturbation, of those between 0 and 1 that
/// bisection finds, that still gives the goal; `answer` is the one to the whole
/// perturbation, which gives it. Returns the shortened one and its answer.
pub(super) async fn shortened<P>(
    classifier: &dyn Classifier,
    x: &[f32],
    perturbation: Vec<f32>,
    answer: Prediction,
    goal: Goal,
    tolerance: f64,
    task: &Task<'_, P>,
) -> Result<(Vec<f32>, Prediction), AttackError> {
    let mut lines = [Line::new(x, &perturbation, goal).until(1.0, answer)];
    bisect(classifier, &mut lines, tolerance, task).await?;
    let [line] = lines;
    let (share, answer) = line.high.expect("it began with an end");
    let share = share as f32;
    Ok((perturbation.iter().map(|r| r * share).collect(), answer))
}
