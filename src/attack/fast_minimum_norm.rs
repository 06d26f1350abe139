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

use super::label::predictions;
use super::line::Goal;
use super::margin::{missed_by, slopes};
use super::within::{check_box, into_box, most_possible, onto_ball};
use super::{AttackError, Norm, Outcome, Prediction, check_positive, check_target};
use crate::classifier::Classifier;
use crate::task::Task;

/// What should be small.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Distance {
    /// How many values change.
    L0,
    L1,
    #[default]
    L2,
    Linf,
}

impl Distance {
    pub fn of(self, v: &[f32]) -> f64 {
        match self {
            Self::L0 => v.iter().filter(|value| **value != 0.0).count() as f64,
            Self::L1 => Norm::L1.of(v),
            Self::L2 => Norm::L2.of(v),
            Self::Linf => Norm::Linf.of(v),
        }
    }

    /// The norm in which a gradient says how far the boundary is.
    fn dual(self) -> Norm {
        match self {
            Self::L0 | Self::L1 => Norm::Linf,
            Self::L2 => Norm::L2,
            Self::Linf => Norm::L1,
        }
    }
}

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

/// From 1 at the first step towards 0, along half a cosine.
pub(super) fn falling(step: usize, steps: usize) -> f64 {
    let share = step as f64 / steps as f64;
    (1.0 + (std::f64::consts::PI * share).cos()) / 2.0
}

/// Where it is, after each step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Progress {
    pub step: usize,
    pub steps: usize,
    /// Of the pictures, how many were fooled by now.
    pub fooled: usize,
    pub pictures: usize,
    /// Of the first picture's smallest perturbation so far, in pixel units; 0
    /// before there is one.
    pub size: f64,
}

/// The smallest perturbation of one picture so far.
pub(super) struct Best {
    pub size: f64,
    pub perturbation: Vec<f32>,
    pub answer: Prediction,
}

struct State<'a> {
    x: &'a [f32],
    /// No perturbation is longer.
    largest: f64,
    r: Vec<f32>,
    epsilon: f64,
    best: Option<Best>,
}

impl State<'_> {
    /// Takes note of the answer at the present point, and changes the ball.
    fn note(
        &mut self,
        answer: &Prediction,
        goal: Goal,
        gradient: &[f32],
        share: f64,
        of: Distance,
    ) {
        let size = of.of(&self.r);
        let is_fooled = goal.is_met(answer.label);
        if is_fooled && self.best.as_ref().is_none_or(|best| size < best.size) {
            self.best = Some(Best {
                size,
                perturbation: self.r.clone(),
                answer: answer.clone(),
            });
        }
        let best = self.best.as_ref().map(|best| best.size);
        let epsilon = self.epsilon;
        self.epsilon = match (of, is_fooled, best) {
            (Distance::L0, true, _) => {
                let smaller = (epsilon - 1.0).min((epsilon * (1.0 - share)).floor());
                smaller.min(best.unwrap_or(f64::INFINITY)).max(0.0)
            }
            (Distance::L0, false, _) => (epsilon + 1.0).max((epsilon * (1.0 + share)).floor()),
            (_, true, best) => (epsilon * (1.0 - share)).min(best.unwrap_or(f64::INFINITY)),
            (_, false, Some(_)) => epsilon * (1.0 + share),
            (_, false, None) => {
                let slope = of.dual().of(gradient).max(1e-12);
                // At an exact tie the ball would be empty, and stay so.
                let resolution =
                    f64::from(f32::EPSILON * answer.logits[answer.label].abs().max(1.0));
                size + missed_by(goal, answer).abs().max(resolution) / slope
            }
        }
        .min(self.largest);
    }

    fn step(&mut self, gradient: &[f32], length: f64, of: Distance) {
        let scale = (length / Norm::L2.of(gradient).max(1e-12)) as f32;
        for (r, gradient) in self.r.iter_mut().zip(gradient) {
            *r += scale * gradient;
        }
        onto_ball(&mut self.r, self.epsilon, of);
        into_box(self.x, &mut self.r);
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
    check_target(classifier, options.target)?;
    check_box(pictures)?;
    let clean = predictions(classifier, pictures).await?;
    let goal = |index: usize| Goal::new(clean[index].label, options.target);
    let mut states: Vec<State<'_>> = pictures
        .iter()
        .map(|x| State {
            x: x.as_ref(),
            largest: most_possible(x.as_ref(), options.distance),
            r: vec![0.0; x.as_ref().len()],
            epsilon: match options.distance {
                Distance::L0 => 1.0,
                _ => f64::INFINITY,
            },
            best: None,
        })
        .collect();
    // Those that are the target already have nothing to change.
    let active: Vec<usize> = (0..states.len())
        .filter(|&index| !goal(index).is_met(clean[index].label))
        .collect();
    let goals: Vec<Goal> = active.iter().map(|&index| goal(index)).collect();
    for step in 0..options.steps {
        if active.is_empty() {
            break;
        }
        let fooled = states.iter().filter(|state| state.best.is_some()).count();
        let first = states[0].best.as_ref();
        task.checkpoint(Progress {
            step,
            steps: options.steps,
            fooled,
            pictures: pictures.len(),
            size: first.map_or(0.0, |best| best.size),
        })
        .await?;
        let points: Vec<Vec<f32>> = active
            .iter()
            .map(|&index| sum(states[index].x, &states[index].r))
            .collect();
        let slopes = slopes(classifier, &points, &goals).await?;
        let (length, share) = options.at(step);
        for ((&index, slope), goal) in active.iter().zip(&slopes).zip(&goals) {
            let state = &mut states[index];
            state.note(
                &slope.answer,
                *goal,
                &slope.gradient,
                share,
                options.distance,
            );
            state.step(&slope.gradient, length, options.distance);
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

/// What a picture's steps led to, one gradient each.
pub(super) async fn end(
    classifier: &dyn Classifier,
    x: &[f32],
    best: Option<Best>,
    clean: &Prediction,
    steps: usize,
) -> Result<Outcome, AttackError> {
    let (r, answer) = match best {
        Some(best) => (best.perturbation, best.answer),
        None => (vec![0.0; x.len()], clean.clone()),
    };
    Outcome::measure(classifier, x, r, clean.clone(), answer, steps, steps).await
}

pub(super) fn sum(x: &[f32], r: &[f32]) -> Vec<f32> {
    x.iter().zip(r).map(|(x, r)| x + r).collect()
}
