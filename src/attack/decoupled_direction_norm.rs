//! Decoupled direction and norm (Rony, Hafemann, Oliveira, Ben Ayed, Sabourin
//! and Granger, CVPR 2019, algorithm 1), for l2.
//!
//! The direction follows the gradient of the cross-entropy, in steps that fall
//! along half a cosine; the length is set apart from it: a share γ less after a
//! point that fools, as much more after one that does not. Each point is
//! clipped to [0, 1] and, unless told otherwise, rounded to the levels of a
//! file, so that what is found survives being saved.

use serde::{Deserialize, Serialize};

use super::fast_minimum_norm::{Best, Distance, end, falling, sum};
use super::label::predictions;
use super::line::Goal;
use super::margin::pulled_back;
use super::within::{check_box, most_possible};
use super::{AttackError, Norm, Outcome, Prediction, check_positive, check_target};
use super::{picture_seed, random_direction};
use crate::classifier::Classifier;
use crate::task::Task;

pub use super::fast_minimum_norm::Progress;

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
    largest: f64,
    r: Vec<f32>,
    length: f64,
    best: Option<Best>,
}

impl State<'_> {
    fn step(
        &mut self,
        answer: &Prediction,
        goal: Goal,
        direction: &[f32],
        step: f64,
        options: &Options,
    ) {
        let is_fooled = goal.is_met(answer.label);
        let size = Norm::L2.of(&self.r);
        if is_fooled && self.best.as_ref().is_none_or(|best| size < best.size) {
            self.best = Some(Best {
                size,
                perturbation: self.r.clone(),
                answer: answer.clone(),
            });
        }
        let scale = (step / Norm::L2.of(direction).max(f64::MIN_POSITIVE)) as f32;
        for (r, direction) in self.r.iter_mut().zip(direction) {
            *r += scale * direction;
        }
        let change = if is_fooled {
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
    check_target(classifier, options.target)?;
    check_box(pictures)?;
    let clean = predictions(classifier, pictures).await?;
    let goal = |index: usize| Goal::new(clean[index].label, options.target);
    let mut states: Vec<State<'_>> = pictures
        .iter()
        .map(|x| State {
            x: x.as_ref(),
            largest: most_possible(x.as_ref(), Distance::L2),
            r: vec![0.0; x.as_ref().len()],
            length: options.first,
            best: None,
        })
        .collect();
    let active: Vec<usize> = (0..states.len())
        .filter(|&index| !goal(index).is_met(clean[index].label))
        .collect();
    let goals: Vec<Goal> = active.iter().map(|&index| goal(index)).collect();
    for step in 0..options.steps {
        if active.is_empty() {
            break;
        }
        let first = states[0].best.as_ref();
        task.checkpoint(Progress {
            step,
            steps: options.steps,
            fooled: states.iter().filter(|state| state.best.is_some()).count(),
            pictures: pictures.len(),
            size: first.map_or(0.0, |best| best.size),
        })
        .await?;
        let points: Vec<Vec<f32>> = active
            .iter()
            .map(|&index| sum(states[index].x, &states[index].r))
            .collect();
        let slopes = pulled_back(classifier, &points, &goals, loss).await?;
        let length = 0.01 + 0.99 * falling(step, options.steps);
        for ((&index, slope), goal) in active.iter().zip(slopes).zip(&goals) {
            let state = &mut states[index];
            let mut direction = slope.gradient;
            if direction.iter().all(|value| *value == 0.0) {
                let seed = picture_seed(options.seed, step as u64, state.x);
                direction = random_direction(state.x.len(), seed);
            }
            state.step(&slope.answer, *goal, &direction, length, options);
        }
    }
    let mut outcomes = Vec::with_capacity(states.len());
    for (index, (state, clean)) in states.into_iter().zip(&clean).enumerate() {
        let steps = if active.contains(&index) {
            options.steps
        } else {
            0
        };
        outcomes.push(end(classifier, state.x, state.best, clean, steps).await?);
    }
    Ok(outcomes)
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
