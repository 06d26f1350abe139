//! The smallest perturbation that can be found within a budget of gradients.
//!
//! Where the shortest perturbation ends, its direction u is that of the
//! boundary's normal n (for l∞: of the normal's signs). First, linearised steps
//! lead to the boundary, one gradient each: that of the margin to whichever
//! other class is ahead. Then, again and again, the normal where the
//! perturbation ends turns its direction by a share, `u ← (1 − a) u + a n`, and
//! false position finds the length at which the new direction meets the
//! boundary. Along sharp bends of the boundary a large share leads to and fro,
//! along the others a small one leads nowhere: so the share falls along half a
//! cosine over the budget, and u becomes a mean of the normals all around the
//! nearest point. It is not asked that each step be shorter; the shortest that
//! fooled counts.
//!
//! Fast minimum-norm steps do much the same, but with lengths that are fixed
//! beforehand and not in proportion to the perturbation, and beside the boundary
//! instead of on it. Here forward passes find it; only gradients are counted.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::deepfool::{self, deepfool};
use super::fast_minimum_norm::{falling, sum};
use super::label::predictions;
use super::line::Goal;
use super::margin::{Slope, missed_by, slopes};
use super::within::check_box;
use super::{AttackError, Norm, Outcome, Prediction, check_positive, check_target};
use crate::classifier::Classifier;
use crate::photo::{clip, round_to_8_bits};
use crate::task::{StopFlag, Task};

/// What x + r may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Range {
    /// Anything, as in DeepFool's paper.
    Unbounded,
    /// What a picture can show: within [0, 1].
    #[default]
    Shown,
    /// What a file holds: also in whole grey levels.
    Saved,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Options {
    /// l2 or l∞.
    pub norm: Norm,
    /// The class that the picture should become; none where any other will do.
    pub target: Option<usize>,
    /// At most so many. At least 1.
    pub gradients: usize,
    pub range: Range,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            norm: Norm::L2,
            target: None,
            gradients: 100,
            range: Range::Shown,
        }
    }
}

/// A perturbation that gives the goal, and the answer to it.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    pub perturbation: Vec<f32>,
    pub answer: Prediction,
    /// In the norm that the options say, in pixel units.
    pub size: f64,
}

/// Where it is, after each gradient.
#[derive(Debug, Clone, PartialEq)]
pub struct Progress {
    pub picture: usize,
    pub pictures: usize,
    /// That the present picture took.
    pub gradients: usize,
    /// The smallest so far.
    pub best: Option<Arc<Found>>,
}

/// Linearised steps to the boundary at most, and by which share each goes
/// beyond where it should end.
const FIRST_STEPS: usize = 30;
const OVERSHOOT: f64 = 0.02;

/// How exactly the boundary is met on the way, and at the end, as a share of the
/// length.
const TOLERANCE: f64 = 1e-3;
const LAST_TOLERANCE: f64 = 1e-4;

/// Points that are tried along one direction at most: on the way, and where
/// nothing is known of it or nothing follows.
const TRIALS: usize = 4;
const MANY_TRIALS: usize = 16;

/// The search on one picture.
struct Search<'a, 'c, 't> {
    classifier: &'c dyn Classifier,
    x: &'a [f32],
    goal: Goal,
    options: &'a Options,
    gradients: usize,
    steps: usize,
    best: Option<Arc<Found>>,
    enough: &'a StopFlag,
    task: &'a mut Task<'t, Progress>,
    picture: [usize; 2],
}

/// Small perturbations for each of some pictures, planar `[C, H, W]` in pixel
/// units. With [`Range::Saved`] each picture is rounded first, as it would be in
/// a file, and the perturbation leads from there.
///
/// # Errors
/// Bad options, a picture of another size, with a value that is no number or,
/// unless the range is unbounded, outside of [0, 1]; a classifier of one class;
/// or a wish to stop.
pub async fn smallest(
    classifier: &dyn Classifier,
    pictures: &[impl AsRef<[f32]>],
    options: &Options,
    task: &mut Task<'_, Progress>,
) -> Result<Vec<Outcome>, AttackError> {
    smallest_until(classifier, pictures, options, &StopFlag::default(), task).await
}

/// The same until somebody has `enough`: then it ends with what it has.
pub async fn smallest_until(
    classifier: &dyn Classifier,
    pictures: &[impl AsRef<[f32]>],
    options: &Options,
    enough: &StopFlag,
    task: &mut Task<'_, Progress>,
) -> Result<Vec<Outcome>, AttackError> {
    check_positive("the number of gradients", options.gradients as f64)?;
    check_target(classifier, options.target)?;
    if options.norm == Norm::L1 {
        return Err(AttackError::NotL1("the smallest noise"));
    }
    if options.range != Range::Unbounded {
        check_box(pictures)?;
    }
    let mut outcomes = Vec::with_capacity(pictures.len());
    for x in pictures {
        let mut x = x.as_ref().to_vec();
        if options.range == Range::Saved {
            round_to_8_bits(&mut x);
        }
        let clean = predictions(classifier, &[&x]).await?.remove(0);
        let mut search = Search {
            classifier,
            x: &x,
            goal: Goal::new(clean.label, options.target),
            options,
            gradients: 0,
            steps: 0,
            best: None,
            enough,
            task: &mut *task,
            picture: [outcomes.len(), pictures.len()],
        };
        if !search.goal.is_met(clean.label) {
            search.report().await?;
            search.run().await?;
        }
        let (steps, gradients, best) = (search.steps, search.gradients, search.best.take());
        let (r, answer) = best.map_or_else(
            || (vec![0.0; x.len()], clean.clone()),
            |best| (best.perturbation.clone(), best.answer.clone()),
        );
        outcomes.push(Outcome::measure(classifier, &x, r, clean, answer, steps, gradients).await?);
    }
    Ok(outcomes)
}

impl Search<'_, '_, '_> {
    async fn run(&mut self) -> Result<(), AttackError> {
        let Some(start) = self.to_boundary().await? else {
            return Ok(());
        };
        let Some((mut u, mut length)) = self.first_direction(&start).await? else {
            return Ok(());
        };
        let first = self.gradients;
        while self.goes_on() {
            let left = self.options.gradients - first;
            let a = self.share(falling(self.gradients - first, left));
            let r = self.placed(&u, length);
            let slope = self.slope(&r).await?;
            let Some(turned) = turned(&u, &slope.gradient, a, self.options.norm) else {
                break;
            };
            let guess = self.guess(&slope, &r, &turned, length);
            u = turned;
            let met = self.meet(&u, guess, TOLERANCE, TRIALS).await?;
            length = met.unwrap_or(1.1 * guess);
        }
        self.shorten().await
    }

    fn goes_on(&self) -> bool {
        self.gradients < self.options.gradients && !self.enough.is_stopped()
    }

    /// The share of the normal, from where the share `left` of the budget is.
    fn share(&self, left: f64) -> f64 {
        let [first, last] = match (self.options.norm, self.options.range) {
            (Norm::Linf, _) => [1.0, 0.05],
            (_, Range::Saved) => [0.4, 0.03],
            _ => [0.4, 0.02],
        };
        last + (first - last) * left
    }

    /// Linearised steps until the goal is met.
    async fn to_boundary(&mut self) -> Result<Option<Vec<f32>>, AttackError> {
        let mut r = vec![0f32; self.x.len()];
        for _ in 0..FIRST_STEPS {
            if !self.goes_on() {
                return Ok(None);
            }
            let slope = self.slope(&r).await?;
            if self.goal.is_met(slope.answer.label) {
                return Ok(Some(r));
            }
            let w = &slope.gradient;
            let missed = missed_by(self.goal, &slope.answer).max(f64::from(f32::EPSILON));
            let dual = match self.options.norm {
                Norm::Linf => Norm::L1.of(w),
                _ => Norm::L2.of(w),
            };
            if dual <= 0.0 {
                break;
            }
            let step = (1.0 + OVERSHOOT) * missed / dual;
            for (r, w) in r.iter_mut().zip(w) {
                *r += match self.options.norm {
                    Norm::Linf => step as f32 * sign(*w),
                    _ => (step * f64::from(*w) / dual) as f32,
                };
            }
            if self.options.range == Range::Shown {
                super::within::into_box(self.x, &mut r);
            }
            if self.answer(&r).await?.is_some() {
                return Ok(Some(r));
            }
        }
        self.by_deepfool().await
    }

    /// Past ties and kinks, where linearised steps alone lead no further.
    async fn by_deepfool(&mut self) -> Result<Option<Vec<f32>>, AttackError> {
        let usual = deepfool::Options::default();
        let each = match self.options.target {
            Some(_) => 2,
            None => usual.candidates.min(self.classifier.class_count()),
        };
        let options = deepfool::Options {
            target: self.options.target,
            max_iterations: (self.options.gradients - self.gradients) / each,
            ..usual
        };
        let mut part = Task::new(self.task.stop_flag(), |_| ());
        let found = deepfool(self.classifier, &[self.x], &options, &mut part).await?;
        self.gradients += found[0].gradient_evaluations;
        let is_met = self.goal.is_met(found[0].adversarial.label);
        let r = &found[0].perturbation;
        if is_met {
            self.answer(&self.ranged(r.clone())).await?;
        }
        Ok(is_met.then(|| r.clone()))
    }

    /// The direction of a perturbation, one long, and where it meets the boundary.
    async fn first_direction(
        &mut self,
        start: &[f32],
    ) -> Result<Option<(Vec<f32>, f64)>, AttackError> {
        let size = self.options.norm.of(start);
        if size <= 0.0 {
            return Ok(None);
        }
        let u: Vec<f32> = start
            .iter()
            .map(|r| (f64::from(*r) / size) as f32)
            .collect();
        let guess = match self.options.range {
            // Below half a level nothing changes.
            Range::Saved => (2.0 * size).max(0.5 / 255.0 / Norm::Linf.of(&u)),
            _ => size,
        };
        let met = self.meet(&u, guess, TOLERANCE, MANY_TRIALS).await?;
        Ok(Some((u, met.unwrap_or(guess))))
    }

    /// How long the turned direction has to be, by what is known at r.
    fn guess(&self, slope: &Slope, r: &[f32], turned: &[f32], length: f64) -> f64 {
        if self.options.range == Range::Saved {
            return length;
        }
        let w = &slope.gradient;
        let missed = missed_by(self.goal, &slope.answer);
        let guess = (missed + inner(w, r)) / inner(w, turned);
        match guess.is_finite() && guess > 0.0 {
            true => guess.clamp(0.7 * length, 1.3 * length),
            false => length,
        }
    }

    /// The multiple of a direction that ends just beyond the boundary, by false
    /// position (the Illinois rule: an end that stays counts half).
    async fn meet(
        &mut self,
        u: &[f32],
        guess: f64,
        tolerance: f64,
        trials: usize,
    ) -> Result<Option<f64>, AttackError> {
        let (mut near, mut far): (Option<(f64, f64)>, Option<(f64, f64)>) = (None, None);
        let (mut longer, mut shorter) = (1.06f64, 0.95f64);
        let mut place = guess;
        let mut last_was_far = None;
        for _ in 0..trials {
            let r = self.placed(u, place);
            let (missed, is_far) = self.tried(r).await?;
            if is_far {
                far = Some((place, missed.min(-f64::MIN_POSITIVE)));
            } else {
                near = Some((place, missed.max(f64::MIN_POSITIVE)));
            }
            if last_was_far == Some(is_far)
                && let Some((_, missed)) = if is_far { &mut near } else { &mut far }
            {
                *missed /= 2.0;
            }
            last_was_far = Some(is_far);
            place = match (near, far) {
                (Some((low, above)), Some((high, below))) => {
                    if high - low <= tolerance * high {
                        break;
                    }
                    let crossing = low + (high - low) * above / (above - below);
                    // A little beyond, so that it may end there.
                    (crossing + 0.5 * tolerance * high).min(f64::midpoint(crossing, high))
                }
                (None, _) => {
                    shorter *= shorter;
                    place * shorter.max(0.5)
                }
                (_, None) => {
                    longer *= longer;
                    place * longer.min(2.0)
                }
            };
        }
        Ok(far.map(|(place, _)| place))
    }

    /// In the end the best is shortened along itself.
    async fn shorten(&mut self) -> Result<(), AttackError> {
        let Some(best) = self.best.clone() else {
            return Ok(());
        };
        if best.size > 0.0 && self.options.range != Range::Saved {
            let u: Vec<f32> = best
                .perturbation
                .iter()
                .map(|r| (f64::from(*r) / best.size) as f32)
                .collect();
            let guess = (1.0 - LAST_TOLERANCE) * best.size;
            self.meet(&u, guess, LAST_TOLERANCE, MANY_TRIALS).await?;
        }
        self.report().await
    }

    /// The perturbation of some length along a direction, as far as the range
    /// lets it be.
    fn placed(&self, u: &[f32], length: f64) -> Vec<f32> {
        let length = length as f32;
        self.ranged(u.iter().map(|u| length * u).collect())
    }

    fn ranged(&self, r: Vec<f32>) -> Vec<f32> {
        if self.options.range == Range::Unbounded {
            return r;
        }
        let mut point = sum(self.x, &r);
        clip(&mut point);
        if self.options.range == Range::Saved {
            round_to_8_bits(&mut point);
        }
        point
            .iter()
            .zip(self.x)
            .map(|(point, x)| point - x)
            .collect()
    }

    /// One gradient: the slope at x + r.
    async fn slope(&mut self, r: &[f32]) -> Result<Slope, AttackError> {
        self.gradients += 1;
        self.steps += 1;
        let slope = slopes(self.classifier, &[sum(self.x, r)], &[self.goal])
            .await?
            .remove(0);
        self.note(r, &slope.answer);
        self.report().await?;
        Ok(slope)
    }

    /// The answer to x + r where it gives the goal.
    async fn answer(&mut self, r: &[f32]) -> Result<Option<Prediction>, AttackError> {
        let answer = predictions(self.classifier, &[sum(self.x, r)])
            .await?
            .remove(0);
        self.note(r, &answer);
        Ok(self.goal.is_met(answer.label).then_some(answer))
    }

    /// By how much x + r misses the goal, and whether it gives it.
    async fn tried(&mut self, r: Vec<f32>) -> Result<(f64, bool), AttackError> {
        self.task.pause().await?;
        let answer = predictions(self.classifier, &[sum(self.x, &r)])
            .await?
            .remove(0);
        self.note(&r, &answer);
        Ok((
            missed_by(self.goal, &answer),
            self.goal.is_met(answer.label),
        ))
    }

    fn note(&mut self, r: &[f32], answer: &Prediction) {
        if !self.goal.is_met(answer.label) {
            return;
        }
        if self.options.range == Range::Saved && !is_near(&self.ranged(r.to_vec()), r) {
            return;
        }
        let size = self.options.norm.of(r);
        if self.best.as_ref().is_none_or(|best| size < best.size) {
            self.best = Some(Arc::new(Found {
                perturbation: r.to_vec(),
                answer: answer.clone(),
                size,
            }));
        }
    }

    async fn report(&mut self) -> Result<(), AttackError> {
        let progress = Progress {
            picture: self.picture[0],
            pictures: self.picture[1],
            gradients: self.gradients,
            best: self.best.clone(),
        };
        Ok(self.task.checkpoint(progress).await?)
    }
}

/// A direction turned towards the normal by a share, one long in its norm; none
/// where there is no normal.
fn turned(u: &[f32], w: &[f32], share: f64, norm: Norm) -> Option<Vec<f32>> {
    let unit = match norm {
        // So that a typical value is one.
        Norm::Linf => Norm::L1.of(w) / w.len() as f64,
        _ => Norm::L2.of(w),
    };
    if unit <= 0.0 || !unit.is_finite() {
        return None;
    }
    let part = share / unit;
    let both = u.iter().zip(w);
    let mut turned: Vec<f32> = match norm {
        Norm::Linf => both
            .map(|(u, w)| (f64::from(*u) + part * f64::from(*w)).clamp(-1.0, 1.0) as f32)
            .collect(),
        _ => both
            .map(|(u, w)| ((1.0 - share) * f64::from(*u) + part * f64::from(*w)) as f32)
            .collect(),
    };
    let size = norm.of(&turned);
    if size <= 0.0 {
        return None;
    }
    let scale = (1.0 / size) as f32;
    turned.iter_mut().for_each(|value| *value *= scale);
    Some(turned)
}

/// The sign; zero has none.
fn sign(value: f32) -> f32 {
    if value == 0.0 { 0.0 } else { value.signum() }
}

/// Whether no value differs by more than what is lost in sums.
fn is_near(a: &[f32], b: &[f32]) -> bool {
    a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-5)
}

fn inner(a: &[f32], b: &[f32]) -> f64 {
    let products = a.iter().zip(b);
    products.map(|(a, b)| f64::from(*a) * f64::from(*b)).sum()
}
