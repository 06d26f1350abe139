//! The attack that began it (Szegedy et al., ICLR 2014): the smallest r for
//! which `x + r` is a picture, in [0, 1], and has a chosen label t.
//!
//! `c ‖r‖₂² + J(x + r, t)`, J the cross-entropy, is minimised by L-BFGS under
//! the box constraint; the largest c whose minimum still has the label is found
//! by doubling and bisection, and of all points on the way with that label the
//! nearest counts. The label is the likeliest other one where none is named.
//!
//! The quasi-Newton matrix comes from the crate `lbfgs`. Components that lie on
//! a bound and would leave the box stay there, and the line search goes along
//! the projected path (Bertsekas, 1982).

use burn::tensor::{Tensor, TensorData};
use lbfgs::Lbfgs;
use serde::{Deserialize, Serialize};

use super::found::{Found, is_smaller};
use super::label::{batch, predictions, read_predictions};
use super::vectors::{inner, sum};
use super::{AttackError, Norm, Outcome, check_positive, check_target};
use crate::classifier::Classifier;
use crate::task::{Task, read};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Options {
    /// The class that the picture should become; none for the likeliest other.
    pub target: Option<usize>,
    /// The first c, for r in pixel units. Positive.
    pub first: f64,
    /// Values of c that are tried at most. At least 1.
    pub searches: usize,
    /// Steps of each minimisation at most. At least 1.
    pub max_iterations: usize,
    /// Pairs of steps and gradients that are remembered. At least 1.
    pub memory: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            target: None,
            first: 1.0,
            searches: 10,
            max_iterations: 15,
            memory: 8,
        }
    }
}

/// Where it is, after each minimisation.
#[derive(Debug, Clone, PartialEq)]
pub struct Progress {
    pub picture: usize,
    pub pictures: usize,
    pub search: usize,
    pub searches: usize,
    /// ‖r‖₂ of the smallest perturbation that fools so far, in pixel units; 0 as
    /// long as there is none.
    pub size: f64,
}

/// Trials of a line search, each half as long as the one before.
const TRIALS: usize = 12;

/// The share of the first-order decrease that a step must bring (Armijo, 1966).
const DECREASE: f64 = 1e-4;

/// The smallest perturbation that L-BFGS finds for each of some pictures, planar
/// `[C, H, W]` in [0, 1]; the sum stays in that range.
///
/// # Errors
/// As DeepFool's; or for a picture with a value outside of [0, 1].
pub async fn lbfgs(
    classifier: &dyn Classifier,
    pictures: &[impl AsRef<[f32]>],
    options: &Options,
    task: &mut Task<'_, Progress>,
) -> Result<Vec<Outcome>, AttackError> {
    check_positive("the first c", options.first)?;
    check_positive("the number of searches", options.searches as f64)?;
    check_positive("the number of iterations", options.max_iterations as f64)?;
    check_positive("the memory", options.memory as f64)?;
    check_target(classifier, options.target)?;
    let mut outcomes = Vec::with_capacity(pictures.len());
    for (picture, x) in pictures.iter().enumerate() {
        let x = x.as_ref();
        if x.iter().any(|value| *value < 0.0 || *value > 1.0) {
            return Err(AttackError::OutsideBox);
        }
        let clean = predictions(classifier, &[x]).await?.remove(0);
        let target = options.target.unwrap_or_else(|| clean.top(2)[1]);
        let mut search = Search {
            classifier,
            x,
            own: clean.label,
            target,
            best: None,
            iterations: 0,
            gradients: 0,
        };
        if target != clean.label {
            let report = |search, size| Progress {
                picture,
                pictures: pictures.len(),
                search,
                searches: options.searches,
                size,
            };
            search.over_c(options, report, task).await?;
        }
        let Search {
            best,
            iterations,
            gradients,
            ..
        } = search;
        let (r, adversarial) = Found::or_nothing(best, x, &clean);
        outcomes.push(
            Outcome::measure(classifier, x, r, clean, adversarial, iterations, gradients).await?,
        );
    }
    Ok(outcomes)
}

struct Search<'a> {
    classifier: &'a dyn Classifier,
    x: &'a [f32],
    own: usize,
    target: usize,
    /// The nearest point so far that has another label than the picture's.
    best: Option<Found>,
    iterations: usize,
    gradients: usize,
}

/// J and its gradient at a point.
struct Point {
    loss: f64,
    gradient: Vec<f32>,
    hits: bool,
}

impl Search<'_> {
    /// Doubles c as long as the label comes out (halves it as long as it does
    /// not), then bisects in the logarithm.
    async fn over_c(
        &mut self,
        options: &Options,
        report: impl Fn(usize, f64) -> Progress,
        task: &mut Task<'_, Progress>,
    ) -> Result<(), AttackError> {
        let mut c = options.first;
        // The largest c that worked, and the smallest that did not.
        let (mut works, mut fails) = (None::<f64>, None::<f64>);
        for search in 1..=options.searches {
            // From the nearest point that has the label, or from the picture.
            let start = match &self.best {
                Some(best) => best.perturbation.clone(),
                None => vec![0.0; self.x.len()],
            };
            if self.minimise(c, start, options, task).await? {
                works = Some(works.map_or(c, |works| works.max(c)));
            } else {
                fails = Some(fails.map_or(c, |fails| fails.min(c)));
            }
            c = match (works, fails) {
                (Some(works), Some(fails)) => (works * fails).sqrt(),
                (Some(works), None) => works * 4.0,
                (None, Some(fails)) => fails / 4.0,
                (None, None) => c,
            };
            let size = self.best.as_ref().map_or(0.0, |best| best.size);
            task.checkpoint(report(search, size)).await?;
            if matches!((works, fails), (Some(works), Some(fails)) if fails < 1.1 * works) {
                break;
            }
        }
        Ok(())
    }

    /// Whether the minimum for this c has the label.
    async fn minimise(
        &mut self,
        c: f64,
        start: Vec<f32>,
        options: &Options,
        task: &Task<'_, Progress>,
    ) -> Result<bool, AttackError> {
        let x = self.x;
        let mut r = start;
        let mut here = self.at(&r).await?;
        let mut matrix = Lbfgs::<f32>::new(x.len(), options.memory).with_sy_epsilon(1e-10);
        for iteration in 0..options.max_iterations {
            task.pause().await?;
            let gradient = with_penalty(&here.gradient, &r, c);
            matrix.update_hessian(&gradient, &r);
            let held = held(x, &r, &gradient);
            let mut direction: Vec<f32> = gradient
                .iter()
                .zip(&held)
                .map(|(g, held)| if *held { 0.0 } else { *g })
                .collect();
            let steepest = direction.clone();
            let length = Norm::L2.of(&steepest);
            if length <= 1e-9 {
                break;
            }
            matrix.apply_hessian(&mut direction);
            for (direction, held) in direction.iter_mut().zip(&held) {
                *direction = if *held { 0.0 } else { -*direction };
            }
            // Not downhill: forget what was learnt, and take the gradient.
            let mut first = 1.0;
            if iteration == 0 || inner(&direction, &gradient) >= 0.0 {
                matrix.reset();
                matrix.update_hessian(&gradient, &r);
                direction = steepest.iter().map(|g| -g).collect();
                // A first step of a hundredth of the picture's size, at most.
                first = (0.01 * Norm::L2.of(x).max(1.0) / length).min(1.0);
            }
            let value = here.loss + c * square(&r);
            let mut moved = None;
            for trial in 0..TRIALS {
                let length = (first * 0.5f64.powi(trial as i32)) as f32;
                let next: Vec<f32> = r
                    .iter()
                    .zip(&direction)
                    .zip(x)
                    .map(|((r, d), x)| (x + r + length * d).clamp(0.0, 1.0) - x)
                    .collect();
                let there = self.at(&next).await?;
                let difference: Vec<f32> = next.iter().zip(&r).map(|(a, b)| a - b).collect();
                let expected = inner(&gradient, &difference);
                if there.loss + c * square(&next) <= value + DECREASE * expected {
                    moved = Some((next, there, -expected));
                    break;
                }
            }
            let Some((next, there, decrease)) = moved else {
                break;
            };
            self.iterations += 1;
            r = next;
            here = there;
            if decrease < 1e-6 * value.abs() {
                break;
            }
        }
        Ok(here.hits)
    }

    /// The loss at x + r and its gradient; what fools there is remembered.
    async fn at(&mut self, r: &[f32]) -> Result<Point, AttackError> {
        let point = batch(self.classifier, &[sum(self.x, r)])?;
        let pass = self.classifier.forward(point).await;
        let answer = read_predictions(pass.logits()).await?.remove(0);
        // J = log Σ exp(f_j − f_t), which does not overflow.
        let logit = |class: usize| f64::from(answer.logits[class]);
        let largest = logit(answer.label);
        let sum: f64 = (0..answer.logits.len())
            .map(|class| (logit(class) - largest).exp())
            .sum();
        let loss = sum.ln() + largest - logit(self.target);
        let mut cotangent: Vec<f32> = answer.probabilities().iter().map(|p| *p as f32).collect();
        cotangent[self.target] -= 1.0;
        let shape = [1, 1, cotangent.len()];
        let data = TensorData::new(cotangent, shape);
        let cotangent = Tensor::from_data(data, self.classifier.device());
        let gradient = read(pass.pull_back(cotangent).await).await?;
        self.gradients += 1;
        let hits = answer.label == self.target;
        let is_nearer = is_smaller(Norm::L2.of(r), self.best.as_ref());
        if hits && answer.label != self.own && is_nearer {
            self.best = Some(Found::in_l2(r.to_vec(), answer));
        }
        Ok(Point {
            loss,
            gradient,
            hits,
        })
    }
}

/// ∇(c ‖r‖² + J)
fn with_penalty(gradient: &[f32], r: &[f32], c: f64) -> Vec<f32> {
    let c = (2.0 * c) as f32;
    gradient.iter().zip(r).map(|(g, r)| g + c * r).collect()
}

/// Which components lie on a bound that going downhill would cross.
fn held(x: &[f32], r: &[f32], gradient: &[f32]) -> Vec<bool> {
    x.iter()
        .zip(r)
        .zip(gradient)
        .map(|((x, r), g)| {
            let value = x + r;
            (value <= 0.0 && *g > 0.0) || (value >= 1.0 && *g < 0.0)
        })
        .collect()
}

fn square(r: &[f32]) -> f64 {
    r.iter().map(|r| f64::from(*r) * f64::from(*r)).sum()
}
