//! The search on one picture.

use std::sync::Arc;

use super::direction::{open, steepness, turned, up};
use super::{Found, Options, Progress, Range, direction};
use crate::attack::deepfool::{self, deepfool};
use crate::attack::label::predictions;
use crate::attack::line::Goal;
use crate::attack::margin::{Slope, fan, missed_by, slopes};
use crate::attack::minimum_norm::falling;
use crate::attack::vectors::{inner, sum};
use crate::attack::{AttackError, Norm, Prediction};
use crate::classifier::Classifier;
use crate::photo::round_to_8_bits;
use crate::task::{StopFlag, Task};

/// Linearised steps to the boundary at most, and by which share each goes
/// beyond where it should end.
const FIRST_STEPS: usize = 30;
const OVERSHOOT: f64 = 0.02;

/// A sum of steps is also tried so many times as long: where the boundary bends
/// away, steps come ever nearer to it and need a gradient each.
const STRETCHES: [f32; 5] = [1.0, 1.05, 1.15, 1.4, 2.0];

/// Steps towards a class that lead to so many times the length of what was found
/// lead nowhere.
const FAR: f64 = 3.0;

/// How exactly the boundary is met on the way, and at the end, as a share of the
/// length.
const TOLERANCE: f64 = 1e-3;
const LAST_TOLERANCE: f64 = 1e-4;

/// Beyond which error, as a share of the length, a slope's word of where the boundary
/// is is not taken; and by which share a place goes beyond it where it is.
const DOUBT: f64 = 5e-2;
const BEYOND: f64 = 1e-3;

/// Points that are tried along one direction at most: on the way, and where
/// nothing is known of it or nothing follows.
const TRIALS: usize = 4;
const MANY_TRIALS: usize = 16;

/// Which part of the budget goes to the first boundary, before those of other
/// classes are looked at, and how many gradients at most: after those it gives
/// hardly anything. And which part of the usual share the normal begins with
/// when the best is taken up again.
const FIRST_PART: f64 = 0.6;
const FIRST_MOST: usize = 120;
const LAST_PART: f64 = 0.25;

/// By how much a sum of 32-bit floats may miss what it was clipped to.
const SLACK: f32 = 1e-6;

/// A direction that gains this share of what the normal's does is the normal's.
const PARALLEL: f64 = 1.0 - 1e-6;

pub(super) struct Search<'a, 't> {
    pub classifier: &'a dyn Classifier,
    pub x: &'a [f32],
    pub goal: Goal,
    pub options: &'a Options,
    pub enough: &'a StopFlag,
    pub task: &'a mut Task<'t, Progress>,
    pub at: Progress,
    pub steps: usize,
    /// Of DeepFool, where it was asked.
    pub stalls: usize,
}

/// Where a walk along the boundary of a class came nearest.
pub(super) struct End {
    pub aim: Goal,
    pub length: f64,
    pub perturbation: Vec<f32>,
}

/// Keeps the direction along which the boundary is nearer.
fn shorter(kept: &mut Option<(f64, Vec<f32>)>, length: f64, u: &[f32]) {
    if kept.as_ref().is_none_or(|(least, _)| length < *least) {
        *kept = Some((length, u.to_vec()));
    }
}

impl Search<'_, '_> {
    pub async fn run(&mut self, clean: &Prediction) -> Result<(), AttackError> {
        self.report().await?;
        if self.goal.is_met(clean.label) {
            return Ok(());
        }
        if let Some(start) = self.reach_boundary(self.goal).await? {
            let all = self.options.gradients;
            let until = match self.goal {
                Goal::Not(_) if clean.logits.len() > 2 => {
                    ((FIRST_PART * all as f64) as usize).min(FIRST_MOST)
                }
                _ => all,
            };
            self.along_boundary(self.goal, &start, until, 1.0).await?;
            self.try_other_classes(clean).await?;
            // What is left goes to the best.
            if let Some(best) = self.at.best.clone() {
                self.along_boundary(self.goal, &best.perturbation, all, LAST_PART)
                    .await?;
            } else if self.options.range == Range::Saved {
                self.round_outwards(&start).await?;
            }
        }
        self.shorten().await
    }

    /// Where the budget ends at the boundary, and rounding takes back what fooled.
    async fn round_outwards(&mut self, start: &[f32]) -> Result<(), AttackError> {
        for stretch in STRETCHES {
            let longer = start.iter().map(|r| stretch * r).collect();
            let longer = self.options.range.kept(self.x, longer);
            let (_, is_met) = self.tried(&longer, self.goal).await?;
            if is_met {
                break;
            }
        }
        Ok(())
    }

    pub(super) fn goes_on(&self) -> bool {
        self.left() > 0 && !self.enough.is_stopped()
    }

    /// Gradients that may yet be taken.
    pub(super) fn left(&self) -> usize {
        self.options.gradients.saturating_sub(self.at.gradients)
    }

    pub(super) fn size(&self) -> f64 {
        let best = self.at.best.as_ref();
        best.map_or(f64::INFINITY, |best| best.size)
    }

    /// Linearised steps until the aim is met.
    pub(super) async fn reach_boundary(
        &mut self,
        aim: Goal,
    ) -> Result<Option<Vec<f32>>, AttackError> {
        let norm = self.options.norm;
        let mut r = vec![0f32; self.x.len()];
        for step in 0..FIRST_STEPS {
            if !self.goes_on() {
                return Ok(None);
            }
            let Slope { answer, gradient } = self.slope(&r, aim).await?;
            let w = match self.options.range {
                Range::Shown => open(gradient, self.x, &r),
                _ => gradient,
            };
            let Some(up) = up(&w, norm) else {
                break;
            };
            let missed = missed_by(aim, &answer).max(f64::from(f32::EPSILON));
            let length = (1.0 + OVERSHOOT) * missed / steepness(&w, norm);
            for (r, up) in r.iter_mut().zip(&up) {
                *r += (length * f64::from(*up)) as f32;
            }
            if self.options.range == Range::Shown {
                r = self.options.range.kept(self.x, r);
            }
            if norm.of(&r) > FAR * self.size() {
                return Ok(None);
            }
            // The first step alone says little of the direction.
            let stretches = if step == 0 {
                &STRETCHES[..1]
            } else {
                &STRETCHES
            };
            for stretch in stretches {
                let mut longer: Vec<f32> = r.iter().map(|r| stretch * r).collect();
                if self.options.range == Range::Shown {
                    longer = self.options.range.kept(self.x, longer);
                }
                let (_, is_met) = self.tried(&longer, aim).await?;
                if is_met {
                    return Ok(Some(longer));
                }
            }
        }
        self.by_deepfool(aim).await
    }

    /// Past ties and kinks, where linearised steps alone lead no further.
    async fn by_deepfool(&mut self, aim: Goal) -> Result<Option<Vec<f32>>, AttackError> {
        let usual = deepfool::Options::default();
        let (target, each) = match aim {
            Goal::Class(target) => (Some(target), 2),
            Goal::Not(_) => (None, usual.candidates.min(self.classifier.class_count())),
        };
        let options = deepfool::Options {
            target,
            max_iterations: self.left() / each,
            ..usual
        };
        let mut part = Task::new(self.task.stop_flag(), |_| ());
        let mut found = deepfool(self.classifier, &[self.x], &options, &mut part).await?;
        drop(part);
        let found = found.remove(0);
        self.at.gradients += found.gradient_evaluations;
        self.steps += found.iterations;
        self.stalls += found.stalls;
        if !aim.is_met(found.adversarial.label) {
            return Ok(None);
        }
        let kept = self.options.range.kept(self.x, found.perturbation.clone());
        self.tried(&kept, aim).await?;
        Ok(Some(found.perturbation))
    }

    /// From a perturbation that ends at the boundary to smaller ones, until so
    /// many gradients were taken or its direction is the normal's. The first
    /// share is `part` of the usual. The shortest on the way, if any met the aim.
    ///
    /// The slope at one place says where the turned direction should meet the
    /// boundary. As long as that is nearly right, nothing but gradients is asked for;
    /// where it is not, points along the direction are tried.
    pub(super) async fn along_boundary(
        &mut self,
        aim: Goal,
        start: &[f32],
        until: usize,
        part: f64,
    ) -> Result<Option<End>, AttackError> {
        if self.at.gradients >= until {
            return Ok(None);
        }
        let Options { norm, range, .. } = *self.options;
        let Some(mut u) = direction::of(start, norm) else {
            return Ok(None);
        };
        let size = norm.of(start);
        let guess = match range {
            // Below half a level nothing changes.
            Range::Saved => (2.0 * size).max(0.5 / 255.0 / Norm::Linf.of(&u)),
            _ => size,
        };
        let met = self.meet(&u, guess, TOLERANCE, MANY_TRIALS, aim).await?;
        let mut length = met.unwrap_or(guess);
        let mut shortest = met.map(|length| (length, u.clone()));
        // Along which direction the boundary seems to be nearest.
        let mut nearest = shortest.clone();
        // By which share of the length it was not where a slope had it.
        let mut error = f64::INFINITY;
        let first = self.at.gradients;
        while self.goes_on() && self.at.gradients < until {
            let part = part * falling(self.at.gradients - first, until - first);
            let r = self.placed(&u, length);
            let slope = self.slope(&r, aim).await?;
            let w = &slope.gradient;
            if error <= DOUBT {
                let crossing = self.crossing(&slope, &r, &u, length, aim);
                error = (crossing / length - 1.0).abs();
                shorter(&mut nearest, crossing, &u);
            }
            let is_parallel = inner(&u, w) >= PARALLEL * steepness(w, norm);
            if is_parallel && range != Range::Saved {
                break;
            }
            let Some(next) = turned(&u, w, self.share(part), norm) else {
                break;
            };
            u = next;
            let guess = match range {
                Range::Saved => length,
                _ => self.crossing(&slope, &r, &u, length, aim),
            };
            if error <= DOUBT {
                length = guess * (1.0 + BEYOND);
                continue;
            }
            let met = self.meet(&u, guess, TOLERANCE, TRIALS, aim).await?;
            length = met.unwrap_or(1.1 * guess);
            if let Some(met) = met {
                // Rounding moves it by more than a slope can say.
                if range != Range::Saved {
                    error = (met / guess - 1.0).abs();
                }
                shorter(&mut shortest, met, &u);
                shorter(&mut nearest, met, &u);
            }
        }
        if let Some((guess, u)) = nearest
            && shortest.as_ref().is_none_or(|(least, _)| guess < *least)
            && let Some(met) = self.meet(&u, guess, TOLERANCE, MANY_TRIALS, aim).await?
        {
            shorter(&mut shortest, met, &u);
        }
        Ok(shortest.map(|(length, u)| End {
            aim,
            length,
            perturbation: self.placed(&u, length),
        }))
    }

    /// By which share the normal turns the direction, where `part` of the way is
    /// left.
    fn share(&self, part: f64) -> f64 {
        let [first, last] = match (self.options.norm, self.options.range) {
            (Norm::Linf, _) => [1.0, 0.05],
            (_, Range::Saved) => [0.4, 0.03],
            _ => [0.4, 0.02],
        };
        last + (first - last) * part
    }

    /// At which length a direction meets the boundary, by what is known at r.
    fn crossing(&self, slope: &Slope, r: &[f32], u: &[f32], length: f64, aim: Goal) -> f64 {
        let w = &slope.gradient;
        let there = self.placed(u, length);
        let gain = match self.options.range {
            Range::Unbounded => inner(w, u),
            _ => inner(&open(w.clone(), self.x, &there), u),
        };
        let missed = missed_by(aim, &slope.answer) + inner(w, r) - inner(w, &there);
        let crossing = length + missed / gain;
        match crossing.is_finite() && gain > 0.0 {
            true => crossing.clamp(0.7 * length, 1.3 * length),
            false => length,
        }
    }

    /// In the end the best is shortened along itself.
    async fn shorten(&mut self) -> Result<(), AttackError> {
        let Options { norm, range, .. } = *self.options;
        if let Some(best) = self.at.best.clone()
            && let Some(u) = direction::of(&best.perturbation, norm)
            && range != Range::Saved
        {
            let guess = (1.0 - LAST_TOLERANCE) * best.size;
            self.meet(&u, guess, LAST_TOLERANCE, MANY_TRIALS, self.goal)
                .await?;
        }
        self.report().await
    }

    /// The perturbation of some length along a direction, as far as the range
    /// lets it be.
    pub(super) fn placed(&self, u: &[f32], length: f64) -> Vec<f32> {
        let length = length as f32;
        let r = u.iter().map(|u| length * u).collect();
        self.options.range.kept(self.x, r)
    }

    /// x + r as the classifier sees it: what a file holds to the last bit, where r
    /// is in whole levels.
    fn point(&self, r: &[f32]) -> Vec<f32> {
        let mut point = sum(self.x, r);
        if self.options.range == Range::Saved && self.is_saved(r) {
            round_to_8_bits(&mut point);
        }
        point
    }

    /// Whether rounding leaves r as it is.
    fn is_saved(&self, r: &[f32]) -> bool {
        r == Range::Saved.kept(self.x, r.to_vec())
    }

    /// One gradient: the slope at x + r.
    pub(super) async fn slope(&mut self, r: &[f32], aim: Goal) -> Result<Slope, AttackError> {
        self.at.gradients += 1;
        self.steps += 1;
        let found = slopes(self.classifier, &[self.point(r)], &[aim]).await?;
        let slope = found.into_iter().next().expect("a slope a point");
        self.note(r, &slope.answer);
        self.report().await?;
        Ok(slope)
    }

    /// As many gradients as aims: the slopes at x + r.
    pub(super) async fn fan(
        &mut self,
        r: &[f32],
        aims: &[Goal],
    ) -> Result<Vec<Slope>, AttackError> {
        self.at.gradients += aims.len();
        self.steps += aims.len();
        let found = fan(self.classifier, &self.point(r), aims).await?;
        self.report().await?;
        Ok(found)
    }

    /// By how much x + r misses the aim, and whether it meets it.
    pub(super) async fn tried(&mut self, r: &[f32], aim: Goal) -> Result<(f64, bool), AttackError> {
        self.task.pause().await?;
        let answer = predictions(self.classifier, &[self.point(r)])
            .await?
            .remove(0);
        self.note(r, &answer);
        Ok((missed_by(aim, &answer), aim.is_met(answer.label)))
    }

    /// Keeps the smallest that gives the goal and lies within the range.
    fn note(&mut self, r: &[f32], answer: &Prediction) {
        let Options { norm, range, .. } = *self.options;
        let size = norm.of(r);
        let is_kept = || match range {
            Range::Unbounded => true,
            Range::Shown => {
                let mut points = self.x.iter().zip(r).map(|(x, r)| x + r);
                points.all(|point| (-SLACK..=1.0 + SLACK).contains(&point))
            }
            Range::Saved => self.is_saved(r),
        };
        if self.goal.is_met(answer.label) && size < self.size() && is_kept() {
            self.at.best = Some(Arc::new(Found {
                perturbation: r.to_vec(),
                answer: answer.clone(),
                size,
            }));
        }
    }

    async fn report(&mut self) -> Result<(), AttackError> {
        Ok(self.task.checkpoint(self.at.clone()).await?)
    }
}
