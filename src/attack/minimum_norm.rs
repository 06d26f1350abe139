//! What minimum-norm attacks of a fixed number of steps have in common.
//!
//! All pictures of a batch take their steps together, one gradient each, and of
//! each picture's points the nearest that gave the goal counts. An attack says
//! which gradient it follows, and how a picture steps.

use super::found::{Found, is_smaller};
use super::label::predictions;
use super::line::Goal;
use super::margin::{Slope, pulled_back};
use super::vectors::sum;
use super::within::check_box;
use super::{AttackError, Distance, Outcome, Prediction, check_target};
use crate::classifier::Classifier;
use crate::task::Task;

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

/// What a picture knows where it is, before its next step.
pub(super) struct At<'a> {
    pub step: usize,
    pub goal: Goal,
    pub slope: &'a Slope,
    /// The size of the smallest perturbation that gave the goal so far.
    pub best: Option<f64>,
}

impl At<'_> {
    pub fn is_met(&self) -> bool {
        self.goal.is_met(self.slope.answer.label)
    }
}

/// One picture on its way.
pub(super) trait Walker {
    /// r, where it is.
    fn perturbation(&self) -> &[f32];
    /// Takes a step from there.
    fn step(&mut self, at: &At<'_>);
}

/// What all pictures of a batch are asked to do.
pub(super) struct Steps<'a> {
    pub classifier: &'a dyn Classifier,
    pub target: Option<usize>,
    pub count: usize,
    /// What should be small.
    pub distance: Distance,
}

impl Steps<'_> {
    /// Takes the steps: along the gradients of the logits' sums with some
    /// weights, by walkers that begin at the pictures.
    pub async fn take<'x, W: Walker>(
        &self,
        pictures: &'x [impl AsRef<[f32]>],
        weights: impl Fn(Goal, &Prediction) -> Vec<f32>,
        begin: impl Fn(&'x [f32]) -> W,
        task: &mut Task<'_, Progress>,
    ) -> Result<Vec<Outcome>, AttackError> {
        let classifier = self.classifier;
        check_target(classifier, self.target)?;
        check_box(pictures)?;
        let clean = predictions(classifier, pictures).await?;
        let goal = |index: usize| Goal::new(clean[index].label, self.target);
        // Those that are the target already have nothing to change.
        let active: Vec<usize> = (0..pictures.len())
            .filter(|&index| !goal(index).is_met(clean[index].label))
            .collect();
        let goals: Vec<Goal> = active.iter().map(|&index| goal(index)).collect();
        let mut walkers: Vec<W> = active
            .iter()
            .map(|&index| begin(pictures[index].as_ref()))
            .collect();
        let mut best: Vec<Option<Found>> = vec![None; pictures.len()];
        for step in 0..self.count {
            if active.is_empty() {
                break;
            }
            task.checkpoint(Progress {
                step,
                steps: self.count,
                fooled: best.iter().flatten().count(),
                pictures: pictures.len(),
                size: best[0].as_ref().map_or(0.0, |best| best.size),
            })
            .await?;
            let points: Vec<Vec<f32>> = active
                .iter()
                .zip(&walkers)
                .map(|(&index, walker)| sum(pictures[index].as_ref(), walker.perturbation()))
                .collect();
            let slopes = pulled_back(classifier, &points, &goals, &weights).await?;
            let each = active.iter().zip(&goals).zip(&slopes).zip(&mut walkers);
            for (((&index, &goal), slope), walker) in each {
                let r = walker.perturbation();
                let size = self.distance.of(r);
                if goal.is_met(slope.answer.label) && is_smaller(size, best[index].as_ref()) {
                    best[index] = Some(Found {
                        perturbation: r.to_vec(),
                        answer: slope.answer.clone(),
                        size,
                    });
                }
                walker.step(&At {
                    step,
                    goal,
                    slope,
                    best: best[index].as_ref().map(|best| best.size),
                });
            }
        }
        let mut outcomes = Vec::with_capacity(pictures.len());
        for (index, ((x, clean), best)) in pictures.iter().zip(&clean).zip(best).enumerate() {
            let x = x.as_ref();
            let is_active = active.binary_search(&index).is_ok();
            let steps = if is_active { self.count } else { 0 };
            let (r, answer) = Found::or_nothing(best, x, clean);
            let outcome = Outcome::measure(classifier, x, r, clean.clone(), answer, steps, steps);
            outcomes.push(outcome.await?);
        }
        Ok(outcomes)
    }
}

/// From 1 at the first step towards 0, along half a cosine.
pub(super) fn falling(step: usize, steps: usize) -> f64 {
    let share = step as f64 / steps as f64;
    (1.0 + (std::f64::consts::PI * share).cos()) / 2.0
}
