//! Fast minimum-norm attacks (Pintor, Roli, Brendel and Biggio, NeurIPS 2021,
//! algorithm 1).
//!
//! A step of length α along the gradient of the margin, then back into a ball
//! of radius ε about the picture, and into [0, 1]. While no point fooled, ε is
//! the distance at which the tangent plane meets the boundary; after that it
//! shrinks by a share γ at each point that fools, and grows by as much at each
//! that does not. Both α and γ fall along half a cosine. All pictures of a
//! batch take their steps together.

use serde::{Deserialize, Serialize};

use super::margin::{beyond, missed_by};
use super::minimum_norm::{At, Steps, Walker, falling};
use super::within::{into_box, most_possible, onto_ball};
use super::{AttackError, Norm, Outcome, check_positive};
use crate::classifier::Classifier;
use crate::task::Task;

pub use super::Distance;
pub use super::minimum_norm::Progress;

/// The settings of the paper's program.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Options {
    pub distance: Distance,
    /// The class that the picture should become; none where any other will do.
    pub target: Option<usize>,
    /// One gradient each. At least 1.
    pub steps: usize,
    /// α: the first step's length in l2, in pixel units. The last one's is a
    /// hundredth of it. Positive.
    pub step_size: f64,
    /// γ: by which share the ball shrinks and grows, at first and at last.
    /// Between 0 and 1.
    pub first_share: f64,
    pub last_share: f64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            distance: Distance::L2,
            target: None,
            steps: 100,
            step_size: 1.0,
            first_share: 0.05,
            last_share: 0.001,
        }
    }
}

impl Options {
    fn check(&self) -> Result<(), AttackError> {
        check_positive("the number of steps", self.steps as f64)?;
        check_positive("the step size", self.step_size)?;
        for share in [self.first_share, self.last_share] {
            if !(share > 0.0 && share < 1.0) {
                return Err(AttackError::Option {
                    name: "the share by which the ball changes",
                    expected: "between 0 and 1",
                    found: share,
                });
            }
        }
        Ok(())
    }

    /// α and γ at a step.
    fn at(&self, step: usize) -> (f64, f64) {
        let cosine = falling(step, self.steps);
        let between = |first: f64, last: f64| last + (first - last) * cosine;
        let step_size = between(self.step_size, self.step_size / 100.0);
        (step_size, between(self.first_share, self.last_share))
    }
}

struct State<'a> {
    x: &'a [f32],
    options: &'a Options,
    /// No perturbation is longer.
    largest: f64,
    r: Vec<f32>,
    epsilon: f64,
}

impl Walker for State<'_> {
    fn perturbation(&self) -> &[f32] {
        &self.r
    }

    fn step(&mut self, at: &At<'_>) {
        let of = self.options.distance;
        let (length, share) = self.options.at(at.step);
        self.epsilon = self.next_radius(at, share).min(self.largest);
        let gradient = &at.slope.gradient;
        let scale = (length / Norm::L2.of(gradient).max(1e-12)) as f32;
        for (r, gradient) in self.r.iter_mut().zip(gradient) {
            *r += scale * gradient;
        }
        onto_ball(&mut self.r, self.epsilon, of);
        into_box(self.x, &mut self.r);
    }
}

impl State<'_> {
    /// ε by what the classifier answers here.
    fn next_radius(&self, at: &At<'_>, share: f64) -> f64 {
        let (of, epsilon) = (self.options.distance, self.epsilon);
        match (of, at.is_met(), at.best) {
            (Distance::L0, true, best) => {
                let smaller = (epsilon - 1.0).min((epsilon * (1.0 - share)).floor());
                smaller.min(best.unwrap_or(f64::INFINITY)).max(0.0)
            }
            (Distance::L0, false, _) => (epsilon + 1.0).max((epsilon * (1.0 + share)).floor()),
            (_, true, best) => (epsilon * (1.0 - share)).min(best.unwrap_or(f64::INFINITY)),
            (_, false, Some(_)) => epsilon * (1.0 + share),
            (_, false, None) => {
                let answer = &at.slope.answer;
                let slope = of.dual().of(&at.slope.gradient).max(1e-12);
                // At an exact tie the ball would be empty, and stay so.
                let resolution =
                    f64::from(f32::EPSILON * answer.logits[answer.label].abs().max(1.0));
                of.of(&self.r) + missed_by(at.goal, answer).abs().max(resolution) / slope
            }
        }
    }
}

/// A small perturbation that stays in [0, 1] for each of some pictures, planar
/// `[C, H, W]` in pixel units. They are attacked as one batch: choose how many
/// for the device's memory.
///
/// # Errors
/// As DeepFool's; or for a picture that is not in [0, 1].
pub async fn fast_minimum_norm(
    classifier: &dyn Classifier,
    pictures: &[impl AsRef<[f32]>],
    options: &Options,
    task: &mut Task<'_, Progress>,
) -> Result<Vec<Outcome>, AttackError> {
    options.check()?;
    let begin = |x| State {
        x,
        options,
        largest: most_possible(x, options.distance),
        r: vec![0.0; x.len()],
        epsilon: match options.distance {
            Distance::L0 => 1.0,
            _ => f64::INFINITY,
        },
    };
    let steps = Steps {
        classifier,
        target: options.target,
        count: options.steps,
        distance: options.distance,
    };
    steps.take(pictures, beyond, begin, task).await
}
