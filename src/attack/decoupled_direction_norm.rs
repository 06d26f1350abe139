//! Decoupled direction and norm (Rony, Hafemann, Oliveira, Ben Ayed, Sabourin
//! and Granger, CVPR 2019, algorithm 1), for l2.
//!
//! The direction follows the gradient of the cross-entropy, in steps that fall
//! along half a cosine; the length is set apart from it: a share γ less after a
//! point that fools, as much more after one that does not. Each point is
//! clipped to [0, 1] and, unless told otherwise, rounded to the levels of a
//! file, so that what is found survives being saved.

use serde::{Deserialize, Serialize};

use super::line::Goal;
use super::minimum_norm::{At, Steps, Walker, falling};
use super::within::most_possible;
use super::{AttackError, Distance, Norm, Outcome, Prediction};
use super::{check_positive, picture_seed, random_direction};
use crate::classifier::Classifier;
use crate::task::Task;

pub use super::minimum_norm::Progress;

/// The settings of the paper's program.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Options {
    /// The class that the picture should become; none where any other will do.
    pub target: Option<usize>,
    /// One gradient each. At least 1.
    pub steps: usize,
    /// γ: by which share the length changes. Between 0 and 1.
    pub share: f64,
    /// The first length, in pixel units. Positive.
    pub first: f64,
    /// Levels that a value is rounded to, at least 2; none for no rounding.
    pub levels: Option<usize>,
    /// Of the direction where the gradient vanishes.
    pub seed: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            target: None,
            steps: 100,
            share: 0.05,
            first: 1.0,
            levels: Some(256),
            seed: 0,
        }
    }
}

impl Options {
    fn check(&self) -> Result<(), AttackError> {
        check_positive("the number of steps", self.steps as f64)?;
        check_positive("the first length", self.first)?;
        if !(self.share > 0.0 && self.share < 1.0) {
            return Err(AttackError::Option {
                name: "the share by which the length changes",
                expected: "between 0 and 1",
                found: self.share,
            });
        }
        match self.levels {
            Some(levels) if levels < 2 => Err(AttackError::Option {
                name: "the number of levels",
                expected: "at least 2",
                found: levels as f64,
            }),
            _ => Ok(()),
        }
    }
}

struct State<'a> {
    x: &'a [f32],
    options: &'a Options,
    /// No perturbation is longer.
    largest: f64,
    r: Vec<f32>,
    length: f64,
}

impl Walker for State<'_> {
    fn perturbation(&self) -> &[f32] {
        &self.r
    }

    fn step(&mut self, at: &At<'_>) {
        let options = self.options;
        self.follow(at);
        let change = if at.is_met() {
            -options.share
        } else {
            options.share
        };
        self.length = (self.length * (1.0 + change)).min(self.largest);
        let scale = (self.length / Norm::L2.of(&self.r).max(f64::MIN_POSITIVE)) as f32;
        let highest = options.levels.map(|levels| (levels - 1) as f32);
        for (r, x) in self.r.iter_mut().zip(self.x) {
            let value = x + scale * *r;
            let value = highest.map_or(value, |highest| {
                (value * highest).round_ties_even() / highest
            });
            *r = value.clamp(0.0, 1.0) - x;
        }
    }
}

impl State<'_> {
    /// Turns the direction: a step along the gradient, or by chance where it
    /// vanishes.
    fn follow(&mut self, at: &At<'_>) {
        let random;
        let mut direction = &at.slope.gradient;
        if direction.iter().all(|value| *value == 0.0) {
            let seed = picture_seed(self.options.seed, at.step as u64, self.x);
            random = random_direction(self.x.len(), seed);
            direction = &random;
        }
        let step = 0.01 + 0.99 * falling(at.step, self.options.steps);
        let scale = (step / Norm::L2.of(direction).max(f64::MIN_POSITIVE)) as f32;
        for (r, direction) in self.r.iter_mut().zip(direction) {
            *r += scale * direction;
        }
    }
}

/// A small perturbation in l2 that stays in [0, 1], and by default in whole
/// grey levels, for each of some pictures, planar `[C, H, W]` in pixel units.
/// They are attacked as one batch: choose how many for the device's memory.
///
/// # Errors
/// As DeepFool's; or for a picture that is not in [0, 1].
pub async fn decoupled_direction_norm(
    classifier: &dyn Classifier,
    pictures: &[impl AsRef<[f32]>],
    options: &Options,
    task: &mut Task<'_, Progress>,
) -> Result<Vec<Outcome>, AttackError> {
    options.check()?;
    let begin = |x| State {
        x,
        options,
        largest: most_possible(x, Distance::L2),
        r: vec![0.0; x.len()],
        length: options.first,
    };
    let steps = Steps {
        classifier,
        target: options.target,
        count: options.steps,
        distance: Distance::L2,
    };
    steps.take(pictures, loss, begin, task).await
}

/// Up the cross-entropy of the class to get away from, or down that of the one
/// to go to, by the logits; up to a positive factor, which keeps a classifier
/// that is very sure from giving zero.
fn loss(goal: Goal, answer: &Prediction) -> Vec<f32> {
    let (class, sign) = match goal {
        Goal::Not(own) => (own, 1.0),
        Goal::Class(target) => (target, -1.0),
    };
    let mut weights = answer.probabilities();
    weights[class] = 0.0;
    let others: f64 = weights.iter().sum();
    if others <= 0.0 {
        return vec![0.0; weights.len()];
    }
    weights[class] = -others;
    weights
        .into_iter()
        .map(|weight| (sign * weight / others) as f32)
        .collect()
}
