//! Where DeepFool leads no further, and how that place is left.
//!
//! The published steps take the classifier for affine around a point. They end
//! nowhere at an exact tie, where the step onto the boundary has no length and
//! the label stays the first of the two; around a kink, where two or more
//! linearisations send one another back and forth; and where no logit changes
//! with the picture. None of that is in the paper. Each is noticed by what
//! would otherwise go on for ever, so that a picture on which the published
//! steps lead anywhere gets exactly these.
//!
//! At a tie the step is as long as single precision needs to tell the two sides
//! apart ([`Way::resolution`], [`Way::least_change`]). Around a kink the steps go
//! by the mean of the linearisations on its sides, in which what sent them back
//! and forth cancels, and become shorter. Where that does not help either, or no
//! logit changes, the boundary is looked for along the sum of the steps, and if
//! it is not there, the overshoot doubles and the next linearisation is farther
//! out. Where there is no sum yet, a faint random direction takes its place.

use crate::attack::label::predictions;
use crate::attack::line::{Goal, Line, bisect, bracket};
use crate::attack::{AttackError, Prediction, picture_seed, random_direction};
use crate::classifier::Classifier;
use crate::task::Task;

/// The overshoot beyond which nothing is found any more: as large as it may be
/// chosen.
const LARGEST: f64 = 10.0;

/// The first overshoot that a stall is left with where none was wished for.
const USUAL: f64 = 0.02;

/// A point is one where it has been when no logit differs by more than this
/// share of the gap that the step was to close.
const SAME: f32 = 0.03;

/// Units in the last place of a logit that tell it from another.
const UNITS: f32 = 4.0;

/// The least share that a linearisation has in the mean of those at a kink, and
/// that is taken of a step.
const LEAST: f32 = 0.125;

/// By how much a step that told nothing apart is made longer the next time.
const LONGER: f32 = 4.0;
const LONGEST: f32 = 1e6;

/// The root mean square of the first random direction, in pixel units; each
/// that follows is as many times longer.
const FAINTEST: f64 = 1e-5;
const STRONGER: f64 = 8.0;
const RANDOM: usize = 6;

/// So many iterations without an end are a stall: on photographs it takes one to
/// five.
const MANY: usize = 8;

/// How exactly the boundary is met along the sum of the steps.
const TOLERANCE: f64 = 0.01;

/// One picture's way to the boundary.
pub(super) struct Way {
    /// How often the published steps led no further.
    pub stalls: usize,
    /// η as it was wished for, and as it is by now.
    wished: f64,
    overshoot: f64,
    /// The share of the last linearisation in their mean, and of each step that
    /// is taken; 1 where it counts alone and whole.
    share: f32,
    /// In resolutions: how long a step is at least; 0 where it is as published.
    reach: f32,
    /// The largest value of the picture, at least 1: what pixel values are
    /// rounded by.
    largest: f32,
    /// The logits, and the gaps to close, where it has been since it last
    /// stalled.
    past: Vec<(Vec<f32>, f32)>,
    iterations: usize,
    has_moved: bool,
    /// Random directions that were tried.
    random: usize,
}

/// One iteration, as [`Way::after`] is told of it.
pub(super) struct Step<'a> {
    /// Whether no candidate's logit changed with the picture.
    pub was_flat: bool,
    /// Whether it was made longer than the published one.
    pub was_longer: bool,
    /// The answer at the point that it led to, the gap that is left, and whether
    /// the goal is met.
    pub answer: &'a Prediction,
    pub gap: f32,
    pub is_met: bool,
}

/// What to do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    GoOn,
    /// Look along the sum of the steps first, and then from farther on.
    Along,
    /// Try a random direction first.
    Random,
    GiveUp,
}

impl Way {
    pub fn new(x: &[f32], overshoot: f64) -> Self {
        Self {
            stalls: 0,
            wished: overshoot,
            overshoot,
            share: 1.0,
            reach: 0.0,
            largest: x
                .iter()
                .fold(1.0, |largest: f32, value| largest.max(value.abs())),
            past: Vec::new(),
            iterations: 0,
            has_moved: false,
            random: 0,
        }
    }

    /// 1 + η
    pub fn stretch(&self) -> f32 {
        (1.0 + self.overshoot) as f32
    }

    /// How much of the mean of the linearisations the last one makes up, and how
    /// much of a step is taken; 1 for the published method, which goes by that
    /// one alone and takes it whole.
    pub fn share(&self) -> f32 {
        self.share
    }

    /// The least gap between two logits of this size that a step is to close.
    pub fn resolution(&self, logit: f32) -> f32 {
        self.reach * UNITS * f32::EPSILON * logit.abs()
    }

    /// The least change that a step is to make to the value that it changes
    /// most.
    pub fn least_change(&self) -> f32 {
        self.reach * f32::EPSILON * self.largest
    }

    /// Begins at the picture itself.
    pub fn begin(&mut self, clean: &Prediction, gap: f32) {
        self.past.push((clean.logits.clone(), gap));
        self.reach = f32::from(u8::from(gap == 0.0));
    }

    /// Takes note of an iteration.
    pub fn after(&mut self, step: &Step<'_>) -> Next {
        if step.was_flat && !self.has_moved && !step.is_met {
            self.stalls += 1;
            self.random += 1;
            return if self.random > RANDOM {
                Next::GiveUp
            } else {
                Next::Random
            };
        }
        self.has_moved = true;
        self.iterations += 1;
        self.stalls += usize::from(step.was_longer);
        if step.is_met {
            return Next::GoOn;
        }
        let logits = step.answer.logits.iter();
        let size = logits.fold(0f32, |size, logit| size.max(logit.abs()));
        let is_back = self.has_been_at(step.answer);
        let is_lost = is_back && step.gap <= UNITS * f32::EPSILON * size;
        if !step.was_flat && (step.gap == 0.0 || is_lost) {
            self.reach = (LONGER * self.reach).clamp(1.0, LONGEST);
            return Next::GoOn;
        }
        self.reach = 0.0;
        if !step.was_flat && !is_back {
            self.past.push((step.answer.logits.clone(), step.gap));
            return Next::GoOn;
        }
        self.stalls += 1;
        self.past.clear();
        if !step.was_flat && self.share > LEAST {
            self.share /= 2.0;
            return Next::GoOn;
        }
        self.overshoot = (2.0 * self.overshoot).max(USUAL);
        if self.overshoot > LARGEST {
            Next::GiveUp
        } else {
            Next::Along
        }
    }

    fn has_been_at(&self, answer: &Prediction) -> bool {
        self.past.iter().any(|(logits, gap)| {
            let mut pairs = logits.iter().zip(&answer.logits);
            pairs.all(|(a, b)| (a - b).abs() <= SAME * gap)
        })
    }
}

impl Way {
    /// Whether it ended where the steps lead no further, and not by few of them
    /// being allowed.
    pub fn ends_in_a_stall(&self) -> bool {
        self.has_moved && (self.stalls > 0 || self.iterations >= MANY)
    }

    /// Whether any step was taken.
    pub fn has_moved(&self) -> bool {
        self.has_moved
    }

    /// Whether it left the published steps at a kink.
    pub fn has_turned(&self) -> bool {
        self.share < 1.0 || self.overshoot > self.wished
    }

    /// Along the sum of the steps r of one picture x: the least multiple that
    /// meets the goal, stretched as far beyond the boundary as was wished for,
    /// and the answer to it. `end` is the answer at the present stretch where
    /// that meets the goal.
    pub async fn along<P>(
        &self,
        classifier: &dyn Classifier,
        x: &[f32],
        r: &[f32],
        goal: Goal,
        end: Option<Prediction>,
        task: &Task<'_, P>,
    ) -> Result<Option<(f32, Prediction)>, AttackError> {
        let line = Line::new(x, r, goal);
        let longest = if end.is_some() {
            self.overshoot
        } else {
            LARGEST
        };
        let longest = 1.0 + longest;
        let mut lines = [match end {
            Some(answer) => line.until(longest, answer),
            None => line,
        }];
        bracket(classifier, &mut lines, 1.0 + self.wished, longest, task).await?;
        bisect(classifier, &mut lines, TOLERANCE, task).await?;
        let [line] = lines;
        let Some((least, answer)) = line.high.clone() else {
            return Ok(None);
        };
        let beyond = least * (1.0 + self.wished);
        if beyond <= longest {
            let there = predictions(classifier, &[line.point(beyond)])
                .await?
                .remove(0);
            if goal.is_met(there.label) {
                return Ok(Some((beyond as f32, there)));
            }
        }
        Ok(Some((least as f32, answer)))
    }
}

/// A random direction of the length that the next try has, the same for the
/// same picture.
pub(super) fn random(way: &Way, x: &[f32]) -> Vec<f32> {
    let tries = way.random as u64;
    let length = FAINTEST * STRONGER.powf(tries as f64 - 1.0) * (x.len() as f64).sqrt();
    let mut direction = random_direction(x.len(), picture_seed(0, tries, x));
    for value in &mut direction {
        *value *= length as f32;
    }
    direction
}
