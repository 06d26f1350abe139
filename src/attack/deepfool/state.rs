//! One picture on its way to the boundary.

use super::Options;
use super::stall::{Next, Step, Way};
use crate::attack::line::Goal;
use crate::attack::{AttackError, Prediction};
use crate::classifier::Classifier;
use crate::task::Task;

/// Farther than any boundary, in pixel units. Not infinite: shaders know no such
/// number, and may take it for any other.
pub(super) const NOWHERE: f32 = 1e30;

/// One picture's state.
pub(super) struct State {
    pub clean: Prediction,
    pub goal: Goal,
    /// Its own class first.
    pub candidates: Vec<usize>,
    /// The answer at the present point.
    pub present: Prediction,
    pub iterations: usize,
    pub way: Way,
    /// Of each candidate but its own class: whether its logit differed as much
    /// everywhere near, at the last linearisation.
    is_flat: Vec<bool>,
    /// The multiple of the sum of its steps that fools, where it was looked for.
    pub found: Option<f32>,
    /// There is nowhere to go.
    pub stuck: bool,
}

impl State {
    /// At the picture x itself.
    pub fn new(x: &[f32], clean: Prediction, options: &Options) -> Self {
        let candidates = match options.target {
            Some(target) => vec![clean.label, target],
            None => clean.top(options.candidates),
        };
        let mut state = Self {
            goal: Goal::new(clean.label, options.target),
            is_flat: vec![false; candidates.len() - 1],
            candidates,
            present: clean.clone(),
            clean,
            iterations: 0,
            way: Way::new(x, options.overshoot),
            found: None,
            stuck: false,
        };
        let gap = state.smallest_gap();
        state.way.begin(&state.clean, gap);
        state
    }

    pub fn is_done(&self, max_iterations: usize) -> bool {
        self.stuck || self.is_fooled() || self.iterations >= max_iterations
    }

    pub fn is_fooled(&self) -> bool {
        self.goal.is_met(self.present.label)
    }

    /// |f_k − f_0| of each candidate at the present point.
    fn gaps(&self) -> impl Iterator<Item = f32> {
        self.pairs().map(|(other, own)| (other - own).abs())
    }

    /// The gaps that the next step is to close: at least what tells two logits
    /// apart.
    pub fn gaps_to_close(&self) -> impl Iterator<Item = f32> {
        let least = |(other, own): (f32, f32)| self.way.resolution(other.abs().max(own.abs()));
        self.gaps()
            .zip(self.pairs().map(least))
            .map(|(gap, least)| gap.max(least))
    }

    /// f_k of each candidate, and f_0.
    fn pairs(&self) -> impl Iterator<Item = (f32, f32)> {
        let own = self.present.logits[self.from()];
        let others = self.candidates[1..].iter();
        others.map(move |&other| (self.present.logits[other], own))
    }

    /// Of the candidates whose logits change with the picture.
    fn smallest_gap(&self) -> f32 {
        let gaps = self.gaps().zip(&self.is_flat);
        let gaps = gaps.filter(|(_, is_flat)| !**is_flat);
        gaps.fold(f32::INFINITY, |smallest, (gap, _)| smallest.min(gap))
    }

    /// Takes note of an iteration: how far the candidates' boundaries were, and
    /// the answer at the point that it led to.
    pub fn note(&mut self, distances: &[f32], was_longer: bool, present: Prediction) -> Next {
        let nearest = argmin(distances);
        let was_flat = distances[nearest] >= NOWHERE;
        let was_tied = self.gaps().nth(nearest) < self.gaps_to_close().nth(nearest);
        self.is_flat = distances.iter().map(|at| *at >= NOWHERE).collect();
        self.present = present;
        let step = Step {
            was_flat,
            was_longer: !was_flat && (was_longer || was_tied),
            answer: &self.present,
            gap: self.smallest_gap(),
            is_met: self.is_fooled(),
        };
        self.way.after(&step)
    }

    /// The class to get away from: the picture's own or, on the way to a chosen
    /// one, whichever it is by now.
    pub fn from(&self) -> usize {
        match self.goal {
            Goal::Not(own) => own,
            Goal::Class(_) => self.present.label,
        }
    }
}

/// What one picture's steps led to.
pub(super) struct Ended {
    pub perturbation: Vec<f32>,
    pub answer: Prediction,
    pub stalls: usize,
}

impl State {
    /// From the sum of the steps, not stretched. Where they stalled, the
    /// boundary is looked for along the sum.
    pub async fn end<P>(
        &self,
        classifier: &dyn Classifier,
        x: &[f32],
        sum: &[f32],
        task: &Task<'_, P>,
    ) -> Result<Ended, AttackError> {
        let mut stalls = self.way.stalls;
        let mut stretch = self.found.unwrap_or(self.way.stretch());
        let mut answer = self.present.clone();
        let is_open = if self.is_fooled() {
            self.found.is_none() && self.way.has_turned()
        } else {
            self.way.ends_in_a_stall()
        };
        if is_open {
            let end = self.is_fooled().then(|| answer.clone());
            let found = self.way.along(classifier, x, sum, self.goal, end, task);
            if let Some((multiple, there)) = found.await? {
                stalls = stalls.max(1);
                (stretch, answer) = (multiple, there);
            }
        }
        let stretch = if self.iterations == 0 { 0.0 } else { stretch };
        Ok(Ended {
            perturbation: sum.iter().map(|r| r * stretch).collect(),
            answer,
            stalls,
        })
    }
}

/// The index of the smallest value; of equal ones the first.
fn argmin(values: &[f32]) -> usize {
    let smaller = |&a: &usize, &b: &usize| values[a].total_cmp(&values[b]);
    (0..values.len()).min_by(smaller).unwrap_or(0)
}
